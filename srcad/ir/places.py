"""Where things stand: which block holds a statement, what runs after it, what is local."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from srcad.ir.nodes import Assign, Block, Break, For, If, Raise, Return, Stmt, Var, While
from srcad.ir.walk import blocks, bound, mentioned, statements, used

__all__ = [
    "Defs",
    "Place",
    "definitions",
    "exposed",
    "following",
    "mentions",
    "occurrences",
    "places",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A statement's position: its block, its index there, and the statement that owns the block."""

    block: Block
    index: int
    owner: Stmt | None
    outer: Place | None


Defs = Mapping[Var, tuple[Stmt, ...]]
"""The statements that bind each variable."""


def places(body: Block) -> dict[int, Place]:
    """The `Place` of every statement, by the statement's ``id``."""
    found: dict[int, Place] = {}
    _find_places(body, None, None, found)
    return found


def _find_places(
    block: Block, owner: Stmt | None, outer: Place | None, found: dict[int, Place]
) -> None:
    for i, stmt in enumerate(block):
        place = found[id(stmt)] = Place(block, i, owner, outer)
        for inner in blocks(stmt):
            _find_places(inner, stmt, place, found)


def definitions(body: Block) -> dict[Var, tuple[Stmt, ...]]:
    """For each variable the statements that bind it, in textual order."""
    found: dict[Var, list[Stmt]] = {}
    for stmt in statements(body):
        for var in bound(stmt):
            found.setdefault(var, []).append(stmt)
    return {var: tuple(stmts) for var, stmts in found.items()}


def mentions(body: Block) -> dict[Var, set[int]]:
    """By variable, the statements that read or bind it, in the order of their first mention."""
    found: dict[Var, set[int]] = {}
    for stmt in statements(body):
        for var in (*bound(stmt), *used(stmt)):
            found.setdefault(var, set()).add(id(stmt))
    return found


def occurrences(stmts: Block) -> set[Var]:
    """Every variable that ``stmts`` read or bind, at any depth."""
    return {v for s in stmts for v in mentioned(s)}


def exposed(block: Block) -> set[Var]:
    """The variables that ``block`` may read before it surely binds them."""
    return _Exposed().run(block, set())[0]


class _Exposed:
    def run(self, block: Block, sure: set[Var]) -> tuple[set[Var], set[Var] | None]:
        """The exposed variables, and those bound at the end (``None``: it is not reached)."""
        out: set[Var] = set()
        here: set[Var] | None = set(sure)
        for stmt in block:
            if here is None:
                break
            if not isinstance(stmt, While):
                out.update(v for v in used(stmt) if v not in here)
            match stmt:
                case Assign():
                    here.update(bound(stmt))
                case If(_, then, orelse):
                    a_out, a = self.run(then, here)
                    b_out, b = self.run(orelse, here)
                    out |= a_out | b_out
                    here = b if a is None else a if b is None else a & b
                case For(_, _, body):
                    inner, _ = self.run(body, here | set(bound(stmt)))
                    out |= inner
                case While(header, _, body):
                    head, after = self.run(header, here)
                    out |= head
                    after = here if after is None else after
                    out.update(v for v in used(stmt) if v not in after)
                    inner, _ = self.run(body, after)
                    out |= inner
                    here = after
                case Break() | Return() | Raise():
                    here = None
                case _:
                    here.update(bound(stmt))
        return out, here


def following(place: Place) -> Iterator[tuple[Block, Stmt | None]]:
    """The statements that may run after ``place``, from the inside out.

    Yields the rest of each enclosing block together with the loop that repeats that block, if one
    does.
    """
    here: Place | None = place
    while here is not None:
        loop = here.owner if isinstance(here.owner, (For, While)) else None
        yield here.block[here.index + 1 :], loop
        here = here.outer
