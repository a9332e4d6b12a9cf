"""Copies of arrays that the function made itself and hands on: the array itself does as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.owned import is_float_array, is_new
from srcad.ir.naming import is_users
from srcad.ir.nodes import Assign, Block, For, Function, Stmt, Var, While
from srcad.ir.rebuild import map_block, map_blocks
from srcad.ir.walk import assigned_call, blocks, bound, statements
from srcad.optimise.available import Merges
from srcad.optimise.copies import copied_array
from srcad.types.lattice import UNKNOWN, Type

__all__ = ["handed_on"]


def handed_on(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Write ``b = a`` for ``b = a.copy()`` where nobody can tell the array from its copy.

    Accepts and returns normal IR. The array must be one that the function makes, a new one for each
    copy, and neither may be changed in place. The user's own copies stay.
    """
    copies = {id(s): pair for s in statements(fn) if (pair := _copied(s)) is not None}
    if not copies:
        return fn
    placed = _placed(fn.body, _Place(None, ()))
    made = _made(fn, placed, types, {array for _, array in copies.values()})
    merges = Merges(memory if memory is not None else memory_of(fn, types))
    needless: dict[int, Assign] = {}
    asked: set[Var] = set()
    for stmt, here in placed:
        if id(stmt) not in copies:
            continue
        target, array = copies[id(stmt)]
        there = made.get(array)
        if there is None or not there.comes_with(here) or array in asked:
            continue
        if merges.allow(target, array):
            asked.add(array)
            needless[id(stmt)] = Assign(target, array, stmt.origin)
    return replace(fn, body=_replaced(fn.body, needless)) if needless else fn


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands: the innermost loop, if there is one, and the blocks around it."""

    loop: Stmt | None
    path: tuple[tuple[int, int], ...]

    def comes_with(self, other: _Place) -> bool:
        """Whether what stands here runs once in each turn in which ``other`` runs."""
        return self.loop is other.loop and other.path[: len(self.path)] == self.path


def _placed(block: Block, here: _Place) -> list[tuple[Stmt, _Place]]:
    found: list[tuple[Stmt, _Place]] = []
    for i, stmt in enumerate(block):
        found.append((stmt, here))
        loop = stmt if isinstance(stmt, (For, While)) else here.loop
        for k, inner in enumerate(blocks(stmt)):
            found += _placed(inner, _Place(loop, (*here.path, (i, k))))
    return found


def _copied(stmt: Stmt) -> tuple[Var, Var] | None:
    return None if (both := copied_array(stmt)) is None or is_users(both[0]) else both


def _made(
    fn: Function,
    placed: Iterable[tuple[Stmt, _Place]],
    types: Mapping[Var, Type],
    asked: Set[Var],
) -> dict[Var, _Place]:
    """The arrays among ``asked`` that have one definition, which makes a new array."""
    found: dict[Var, _Place] = {}
    others = {p.var for p in fn.params}
    for stmt, here in placed:
        if asked.isdisjoint(bound(stmt)):
            continue
        one = assigned_call(stmt)
        if (
            one is not None
            and one[0] not in found
            and is_float_array(types.get(one[0], UNKNOWN))
            and is_new(one[1], types)
        ):
            found[one[0]] = here
        else:
            others.update(bound(stmt))
    return {v: where for v, where in found.items() if v not in others}


def _replaced(block: Block, new: Mapping[int, Assign]) -> Block:
    def visit(stmt: Stmt) -> Stmt:
        if (found := new.get(id(stmt))) is not None:
            return found
        return map_blocks(stmt, lambda inner: map_block(inner, visit))

    return map_block(block, visit)
