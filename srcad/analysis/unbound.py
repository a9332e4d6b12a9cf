"""Variables that may have no value yet where the backward sweep makes zeros like them.

``if c: b = ...`` and later ``if c: use(b)``: where ``c`` is false, ``b`` has no value at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from srcad.analysis.storage import Storage
from srcad.ir.nodes import Block, Break, For, Function, If, Raise, Return, Stmt, Var, While
from srcad.ir.places import exposed
from srcad.ir.walk import blocks, bound, may_break

__all__ = ["Unsure", "unsure_variables"]


@dataclass(frozen=True, slots=True)
class Unsure:
    """Which variables may have no value when the reverse of a statement begins.

    Parameters
    ----------
    variables
        Those that the function may read before it binds them.
    before, inside
        By the ``id`` of a statement with blocks: what surely has a value by the time that the
        reverse of it begins, and that of its block, if it is a loop.
    """

    variables: frozenset[Var]
    before: Mapping[int, frozenset[Var]]
    inside: Mapping[int, frozenset[Var]]

    def at(self, var: Var, stmt: Stmt, *, inside: bool = False) -> bool:
        """Whether ``var`` may have no value there."""
        known = self.inside if inside else self.before
        return var in self.variables and var not in known[id(stmt)]


def unsure_variables(fn: Function, leaving: Set[int], storage: Storage) -> Unsure:
    """The variables of ``fn``, normal IR, that may have no value.

    ``leaving``: the ``id`` of the branches that end a turn of which nothing is reversed. Where a
    view may have no value, neither may the array that it is of, whose adjoint stands for both.
    """
    open_ = exposed(fn.body)
    found = frozenset((*open_, *map(storage.root, open_))) - {p.var for p in fn.params}
    before: dict[int, frozenset[Var]] = {}
    inside: dict[int, frozenset[Var]] = {}
    if found:
        _walk(fn.body, frozenset(), leaving, before, inside)
    return Unsure(found, before, inside)


def _walk(
    block: Block,
    known: frozenset[Var],
    leaving: Set[int],
    before: dict[int, frozenset[Var]],
    inside: dict[int, frozenset[Var]],
) -> frozenset[Var]:
    # The reverse of a block begins when all of it has run.
    known |= _binds(block, leaving)
    for stmt in block:
        if not (inner := blocks(stmt)):
            continue
        before[id(stmt)] = known
        own = known | set(bound(stmt))
        ends = [_walk(b, own, leaving, before, inside) for b in inner]
        inside[id(stmt)] = ends[1 if isinstance(stmt, While) else 0]
    return known


def _binds(block: Block, leaving: Set[int]) -> frozenset[Var]:
    """What ``block`` binds, whichever way it takes."""
    found: set[Var] = set()
    for stmt in block:
        match stmt:
            case If(_, then, orelse):
                if may_break((stmt,)) and id(stmt) not in leaving:
                    break
                first, *others = [_binds(b, leaving) for b in (then, orelse) if not _leaves(b)] or [
                    frozenset[Var]()
                ]
                found |= first.intersection(*others)
            case For():
                pass
            case While(header):
                found |= _binds(header, leaving)
            case _:
                found.update(bound(stmt))
    return frozenset(found)


def _leaves(block: Block) -> bool:
    return bool(block) and isinstance(block[-1], Raise | Return | Break)
