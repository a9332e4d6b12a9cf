"""Changes of the items of a list or dict, as new lists and dicts.

``xs[i] = v`` becomes ``xs = with_item(xs, i, v)``, and ``xs[i] += v``, ``d.update(e)``,
``s.add(v)`` and what `srcad.passes.list_changes` knows likewise, where nobody can tell the
difference: each list, dict or set that ``xs`` is was made in the function by a display, a
comprehension, a copy, a slice or of lists that are joined, and it has no other name. Which these
are, `srcad.passes.alone` knows. What this cannot be said of stays as it is, and is refused once its
type is known.

Accepts and returns normal IR with webs apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Do,
    Function,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import CHECK_APART, CHECK_NUMBER, GETITEM, OR, SET, WITH_ITEM
from srcad.ir.walk import bound, statements, used
from srcad.passes.alone import OF_SETS, Containers, changed, changed_set, only_reads
from srcad.passes.list_changes import as_new_list, changed_list

__all__ = ["replaced_items"]


def replaced_items(fn: Function) -> Function:
    """See the module."""
    wanted = {v for s in statements(fn) if (v := changed(s)) is not None}
    known = Containers(fn)
    lists = {v for s in statements(fn) if (v := changed_list(s)) is not None}
    sets = {v for s in statements(fn) if (v := changed_set(s)) is not None}
    chosen = {
        v
        for v in known.alone(wanted)
        if (v not in lists or known.is_list(v)) and (v not in sets or known.is_set(v))
    }
    if not chosen:
        return fn
    taken = {v.name for v in occurrences(fn.body)}
    names = Names(taken | {p.var.name for p in fn.params} | {c.name for c in fn.captures})
    return replace(fn, body=_rewritten(fn.body, chosen, names))


def _rewritten(block: Block, chosen: set[Var], names: Names) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        origin = stmt.origin
        match stmt:
            case Store(Var() as obj, index, value) if obj in chosen:
                out.append(Assign(obj, Call(WITH_ITEM, (obj, index, value), origin=origin), origin))
            case AugAssign(Var() as obj, (Const() | Var() | Tuple()) as index, op, value) if (
                obj in chosen
            ):
                old, new = stmt.old, names.fresh("t")
                if old is None:
                    old = names.fresh("t")
                    out.append(Assign(old, Call(GETITEM, (obj, index), origin=origin), origin))
                total = Call(op, (old, value), origin=origin)
                made = Call(WITH_ITEM, (obj, index, new), origin=origin)
                out.append(Do(Call(CHECK_NUMBER, (old,), origin=origin), origin))
                out.append(Assign(new, total, origin))
                out.append(Assign(obj, made, origin))
            case AugAssign(Var() as obj, None, op, value) if op == OR and obj in chosen:
                out.append(Assign(obj, Call(OR, (obj, value), origin=origin), origin))
            case Do(Call(Attr(Var() as obj, "update"), args, kwargs)) if obj in chosen:
                more = (
                    *args,
                    Dict(tuple(Const(k) for k, _ in kwargs), tuple(v for _, v in kwargs)),
                )
                for entries in more:
                    if entries != Dict((), ()):
                        made = Call(OR, (obj, entries), origin=origin)
                        out.append(Assign(obj, made, origin))
            case Do(Call(Attr(Var() as obj, name), args)) if changed_set(stmt) in chosen:
                one = names.fresh("t")
                out.append(Assign(one, Call(SET, (Tuple(args),), origin=origin), origin))
                changed = Call(OF_SETS[name], (obj, one), origin=origin)
                out.append(Assign(obj, changed, origin))
            case _ if changed_list(stmt) in chosen:
                out.extend(as_new_list(stmt, names))
            case _:
                out.append(map_blocks(stmt, lambda b: _rewritten(b, chosen, names)))
                # What is called might hand the list or dict out again: types will tell.
                out.extend(_checks(stmt, chosen))
    return tuple(out)


def _checks(stmt: Stmt, chosen: set[Var]) -> Iterator[Stmt]:
    match stmt:
        case Assign(_, Call() as call) if not only_reads(call):
            read = [v for v in used(stmt) if v in chosen]
            for var in dict.fromkeys(read):
                for target in bound(stmt):
                    yield Do(Call(CHECK_APART, (target, var), origin=stmt.origin), stmt.origin)
        case _:
            return
