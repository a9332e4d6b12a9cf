"""Updates as values: ``x += e`` as ``x_1 = x + e``, so that the passes can see through the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, AugAssign, Call, Function, Stmt, Var
from srcad.ir.places import occurrences
from srcad.ir.rebuild import renamed
from srcad.ir.walk import bound, statements
from srcad.optimise.inplace import owned_arrays
from srcad.types.lattice import Type

__all__ = ["updates_as_values"]


def updates_as_values(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """Give each sum into an array a name of its own, where no loop or branch is around it.

    Accepts and returns normal IR. `in_place` makes updates of what is still a sum afterwards.
    """
    updates = {x for s in fn.body if (x := _updated(s)) is not None}
    if not updates:
        return fn, types
    if memory is None:
        memory = memory_of(fn, types)
    made = Counter(v for s in statements(fn.body) for v in bound(s))
    known = {v for s in fn.body if isinstance(s, Assign) for v in bound(s) if made[v] == 1}
    chosen = owned_arrays(fn, types, memory, updates & known)
    if not chosen:
        return fn, types
    names = Names(p.var.name for p in fn.params)
    names.reserve(v.name for v in occurrences(fn.body))
    now: dict[Var, Var] = {}
    more: dict[Var, Type] = dict(types)
    out: list[Stmt] = []
    for old in fn.body:
        (stmt,) = renamed((old,), now) if now else (old,)
        x = _updated(old)
        if x in chosen and isinstance(stmt, AugAssign):
            new = names.fresh(x)
            out.append(Assign(new, Call(stmt.op, (stmt.obj, stmt.value)), stmt.origin))
            now[x], more[new] = new, types[x]
        else:
            out.append(stmt)
    return replace(fn, body=tuple(out)), more


def _updated(stmt: Stmt) -> Var | None:
    """The array that ``stmt`` changes as a whole."""
    match stmt:
        case AugAssign(Var() as x, None):
            return x
        case _:
            return None
