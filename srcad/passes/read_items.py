"""``x[i] += f(x)``: Python reads ``x[i]`` first, and ``f`` may change it.

The item that was read stands in the update (``AugAssign.old``) until it is known which calls change
something: those have been written out by then. Where nothing does, the update is one in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.effects import calls_in, is_mutator, mutated
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Function, Stmt, Store, Var
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_blocks
from srcad.ir.walk import mention_counts, statements
from srcad.types.lattice import FixedList, ListOf, Type
from srcad.types.operands import expression_type

__all__ = ["settled_items"]


def settled_items(fn: Function, types: Mapping[Var, Type]) -> tuple[Function, Mapping[Var, Type]]:
    """``fn`` in which no update names the item that was read, and the types of what is new.

    Accepts and returns normal IR, in which calls that change their arguments are written out.
    """
    updates = [s for s in statements(fn) if isinstance(s, AugAssign) and s.old is not None]
    if not updates:
        return fn, types
    marked = {s.old for s in updates}
    names = Names(p.var.name for p in fn.params)
    names.reserve(v.name for v in occurrences(fn.body))
    names.reserve(c.name for c in fn.captures)
    counts = mention_counts(fn.body)
    known = dict(types)

    def is_list(var: Var) -> bool:
        return isinstance(types.get(var), ListOf | FixedList)

    lists_apart = all(isinstance(s.obj, Var) and not is_list(s.obj) for s in updates)

    def changes(stmt: Stmt) -> bool:
        if any(map(is_mutator, calls_in(stmt))):
            # A stack that is popped is none of the lists whose items are updated.
            return not lists_apart or any(not is_list(v) for v in mutated(stmt))
        return isinstance(stmt, Store | AugAssign)

    def block(old: Block) -> Block:
        out: list[Stmt | None] = []
        read: dict[Var, int] = {}  # the items read in this block, by where nothing changed since
        for stmt in old:
            match stmt:
                case AugAssign(obj, index, op, value, old=Var() as item) if index is not None:
                    if item in read and counts[item] == 2:
                        out[read[item]] = None
                        out.append(replace(stmt, old=None))
                    else:
                        new = names.fresh("t")
                        total = Call(op, (item, value))
                        known[new] = expression_type(total, known)
                        origin = None
                        if stmt.origin is not None:
                            origin = replace(stmt.origin, comment="", above=())
                        out.append(Assign(new, total, origin))
                        out.append(Store(obj, index, new, stmt.origin))
                    read.clear()
                    continue
                case Assign(Var() as item, _) if item in marked:
                    read[item] = len(out)
                case _ if any(changes(s) for s in statements((stmt,))):
                    read.clear()
                case _:
                    pass
            out.append(map_blocks(stmt, block))
        return tuple(s for s in out if s is not None)

    return replace(fn, body=block(fn.body)), known
