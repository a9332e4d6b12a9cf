"""How long an object keeps its name, and whether it is still changed once it has a second one."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from srcad.ir.nodes import For, Function, Stmt, Var, While
from srcad.ir.places import Defs, Place, definitions, exposed, following, occurrences, places
from srcad.ir.walk import blocks, bound, statements, used

__all__ = ["Outline", "keeps_its_name", "outline_of", "stays_with", "untouched_after"]


@dataclass(frozen=True, slots=True)
class Outline:
    """A function with where its statements stand, what binds each variable, its parameters."""

    fn: Function
    places: Mapping[int, Place]
    defs: Defs
    params: frozenset[Var]

    @property
    def variables(self) -> set[Var]:
        return occurrences(self.fn.body) | self.params


def outline_of(fn: Function) -> Outline:
    """The outline of ``fn``."""
    params = frozenset(p.var for p in fn.params)
    return Outline(fn, places(fn.body), definitions(fn.body), params)


def untouched_after(
    outline: Outline, stmt: Stmt, group: AbstractSet[Var], mutations: AbstractSet[int]
) -> bool:
    """Whether none of ``mutations``, of the memory of ``group``, can run after ``stmt``."""
    if isinstance(stmt, For) and any(id(s) in mutations for s in statements(stmt.body)):
        return False
    for rest, loop in following(outline.places[id(stmt)]):
        if any(id(s) in mutations for s in statements(rest)):
            return False
        if loop is None:
            continue
        body = loop.body if isinstance(loop, (For, While)) else ()
        inside = {id(s) for s in statements(body)}
        local = all(
            v not in outline.params and all(id(d) in inside for d in outline.defs.get(v, ()))
            for v in group
        )
        if local and not (exposed(body) & group):
            # Each turn of this loop makes the array anew.
            return True
        if any(id(s) in mutations for s in statements(body)):
            return False
    return True


def stays_with(outline: Outline, index: Var, views: frozenset[Var], stmt: Stmt) -> bool:
    """Whether ``index`` is what it was when ``stmt`` made a view by it, wherever that is used.

    ``views`` are that view and all that are made of it.
    """
    made = outline.defs.get(index, ())
    if index in outline.params and not made:
        return True
    if len(made) == 1 and index not in outline.params:
        first, second = outline.places[id(made[0])], outline.places[id(stmt)]
        if not isinstance(made[0], For) and not _is_in_loop(first):
            return True
        between = second.block[first.index + 1 : second.index]
        if first.block is second.block and first.index < second.index:
            # They are bound together, turn by turn.
            return not any(blocks(s) for s in between) and not views & occurrences(between)
    return keeps_its_name(outline, index, views, stmt)


def _is_in_loop(place: Place | None) -> bool:
    while place is not None:
        if isinstance(place.owner, (For, While)):
            return True
        place = place.outer
    return False


def keeps_its_name(outline: Outline, parent: Var, views: frozenset[Var], stmt: Stmt) -> bool:
    """Whether ``parent`` is bound anew only after the last use of ``views``.

    ``stmt`` makes the first of them; the others are views of it, or of each other.
    """
    place = outline.places[id(stmt)]
    rest = place.block[place.index + 1 :]
    uses = [i for i, s in enumerate(rest) if views & occurrences((s,))]
    inside = {id(s) for s in statements(rest)} | {id(stmt)}
    all_uses = all(
        id(s) in inside
        for s in statements(outline.fn)
        if not views.isdisjoint((*bound(s), *used(s)))
    )
    binding = {id(d) for d in outline.defs.get(parent, ())}
    last = max(uses, default=-1)
    # What one branch or one turn of a loop does, another may come after.
    return all_uses and not any(
        id(s) in binding
        for i, outer in enumerate(rest)
        if i < last or (i == last and blocks(outer))
        for s in statements((outer,))
    )
