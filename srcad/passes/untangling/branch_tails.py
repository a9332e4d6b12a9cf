"""What follows a branch that chooses an array moves into the branch, ``v = a[:2] if c else a[2:]``.

In each side it is then plain which array a change in place reaches.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from srcad.ir.nodes import Block, Function, If, Return, Var
from srcad.ir.places import definitions, exposed, occurrences, places
from srcad.ir.rebuild import copied, renamed
from srcad.ir.walk import bound, mention_counts, statements
from srcad.passes.untangling.blocks import binds_inside, with_block
from srcad.passes.untangling.known import Known, reached, targets

__all__ = ["with_tails_in_branches"]

_MOST_BRANCHES: Final = 4
_MOST_STATEMENTS: Final = 40
"""What is written twice is no longer than that."""


def with_tails_in_branches(fn: Function, known: Known) -> Function:
    """See the module."""
    for _ in range(_MOST_BRANCHES):
        moved = _tail_moved(fn, known)
        if moved is None:
            break
        fn = moved
    return fn


def _tail_moved(fn: Function, known: Known) -> Function | None:
    """That for the first branch that chooses an array, if there is one."""
    found = known.links(fn)
    defs = definitions(fn.body)
    chosen = {
        k.target
        for k in found
        if k.kind in ("view", "maybe", "copy")
        and len(defs[k.target]) > 1
        and known.is_array(k.target)
    }
    after = targets(found)
    where = places(fn.body)
    for stmt in statements(fn):
        if not isinstance(stmt, If):
            continue
        here = {v for s in (*stmt.then, *stmt.orelse) for v in bound(s)} & chosen
        for var in sorted(here, key=lambda v: v.name):
            place = where[id(stmt)]
            family = reached(var, after)
            moved = _moved(fn, known, place.block, place.index, stmt, var, family)
            if moved is not None:
                return replace(fn, body=with_block(fn.body, place.block, moved))
    return None


def _moved(
    fn: Function,
    known: Known,
    block: Block,
    at: int,
    stmt: If,
    var: Var,
    family: AbstractSet[Var],
) -> Block | None:
    rest = block[at + 1 :]
    last = max((i for i, s in enumerate(rest) if family & occurrences((s,))), default=-1)
    tail, left = rest[: last + 1], rest[last + 1 :]
    if not tail or any(isinstance(s, Return) for s in tail):
        return None
    if len(statements(tail)) > _MOST_STATEMENTS:
        return None
    everywhere = mention_counts(fn.body)
    inside = mention_counts((stmt, *tail))
    before = block[:at]
    if everywhere[var] != inside[var]:
        # Before the branch there may be a first choice, which one side leaves as it is.
        first = next((s for s in before if var in occurrences((s,))), None)
        chosen = first is not None and var in bound(first) and not binds_inside(before, var)
        if not chosen or everywhere[var] != inside[var] + mention_counts(before)[var]:
            return None
    in_tail = mention_counts(tail)
    local = {v for v, n in in_tail.items() if everywhere[v] == n} - exposed(tail)

    def side(branch: Block) -> Block:
        own = {v: known.another(v) for v in sorted(local, key=lambda v: v.name)}
        if any(var in bound(s) for s in branch):
            own[var] = known.another(var)
        return copied(renamed((*branch, *tail), own))

    if binds_inside((*stmt.then, *stmt.orelse), var):
        return None
    for branch in (stmt.then, stmt.orelse):
        if any(var in bound(s) for s in branch) and var in exposed(branch):
            return None  # the old one is read first
    made = replace(stmt, then=side(stmt.then), orelse=side(stmt.orelse))
    return (*before, made, *left)
