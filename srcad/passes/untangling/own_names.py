"""What is made anew and changed gets a name of its own until its changes are done.

In ``q = step(q); q /= norm(q); history.append(q)`` the name ``q`` is one array in each turn, and
the list holds those of all turns. Under a name that ends where the changes end, ``new = step(q);
new /= norm(new); q = new``, no change reaches what the list holds; `srcad.passes.untangle` makes
the last a copy where that is sound.

Accepts and returns normal IR.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from srcad.analysis.effects import has_memory
from srcad.analysis.writes import accumulates_at
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Return, Stmt, Store, Var
from srcad.ir.rebuild import map_blocks, renamed
from srcad.ir.walk import bound, may_break, statements
from srcad.types.lattice import UNKNOWN, Type

__all__ = ["with_own_names"]


def with_own_names(
    block: Block, types: Mapping[Var, Type], another: Callable[[Var, Call], Var]
) -> Block:
    """``block`` in which what is made and then changed has a name of its own until then.

    ``another`` makes it from the name that the call now has.
    """
    todo, done = block, list[Stmt]()
    while todo:
        stmt, rest = todo[0], todo[1:]
        match stmt:
            case Assign(Var() as var, Call() as call) if has_memory(types.get(var, UNKNOWN)):
                if filled := _filled(var, rest):
                    own = another(var, call)
                    stmt = Assign(own, call, stmt.origin)
                    named = Assign(var, own, filled[-1].origin)
                    rest = (*renamed(filled, {var: own}), named, *rest[len(filled) :])
            case _:
                pass
        done.append(map_blocks(stmt, lambda b: with_own_names(b, types, another)))
        todo = rest
    return tuple(done)


def _filled(var: Var, rest: Block) -> Block:
    """What follows the making of ``var``, as far as it changes it and nothing binds it anew."""
    end = 0
    for i, stmt in enumerate(rest):
        inside = statements((stmt,))
        if may_break((stmt,)) or any(isinstance(s, Return) or var in bound(s) for s in inside):
            break
        if any(_changes(s, var) for s in inside):
            end = i + 1
    return rest[:end]


def _changes(stmt: Stmt, var: Var) -> bool:
    match stmt:
        case Store(obj) | AugAssign(obj):
            return obj == var
        case _:
            at = accumulates_at(stmt)
            return at is not None and at[1] == var
