"""Which variables may still be read, at each point of a function."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from srcad.ir.nodes import (
    Block,
    Break,
    Continue,
    For,
    Function,
    If,
    Raise,
    Return,
    Stmt,
    Var,
    While,
)
from srcad.ir.walk import blocks, bound, mentioned, statements, used

__all__ = ["Liveness", "liveness"]


@dataclass(frozen=True, slots=True)
class Liveness:
    """The variables alive around each statement, numbered as `ir.walk.statements` yields them.

    Sets are bit masks; ``members`` spells one out.

    Parameters
    ----------
    bits : mapping of Var to int
        The bit that stands for each variable of the function.
    before, after : tuple of int
        What is alive before a statement begins and after it is done, those of its blocks included.
    at_binding : tuple of int
        What is alive just after the statement has bound its variables: for a `For`, where its body
        begins; for all others the same as ``after``.
    """

    bits: Mapping[Var, int]
    before: tuple[int, ...]
    after: tuple[int, ...]
    at_binding: tuple[int, ...]

    def members(self, mask: int) -> frozenset[Var]:
        """The variables that ``mask`` stands for."""
        return frozenset(v for v, bit in self.bits.items() if mask & bit)


def liveness(fn: Function) -> Liveness:
    """The variables alive before and after each statement of ``fn``, in surface or normal form.

    Parameters
    ----------
    fn : Function
        Any function.

    Returns
    -------
    Liveness
        Masks in the order of `ir.walk.statements`.

    Examples
    --------
    >>> from srcad.ir.nodes import Assign, Param, Source
    >>> x, y = Var("x"), Var("y")
    >>> fn = Function("f", (Param(x),), (Assign(y, x), Return(y)), Source("f.py", 1, "f"))
    >>> facts = liveness(fn)
    >>> [v.name for v in facts.members(facts.after[0])]
    ['y']
    """
    flow = _Flow(fn.body)
    flow.block(flow.number(fn.body), 0, _Exits(0, 0))
    return Liveness(flow.bits, tuple(flow.before), tuple(flow.after), tuple(flow.at_binding))


@dataclass(frozen=True, slots=True)
class _Exits:
    """What is alive where ``break`` and ``continue`` lead to."""

    after_break: int
    after_continue: int


class _Item(NamedTuple):
    """A statement with its number, the masks of what it reads and binds, and its blocks."""

    stmt: Stmt
    number: int
    reads: int
    binds: int
    blocks: tuple[tuple[_Item, ...], ...]


class _Flow:
    """The backward sweep; loops are swept until nothing changes."""

    def __init__(self, body: Block) -> None:
        variables = dict.fromkeys(v for stmt in body for v in mentioned(stmt))
        self.bits = {var: 1 << k for k, var in enumerate(variables)}
        count = len(statements(body))
        self.before, self.after, self.at_binding = [0] * count, [0] * count, [0] * count
        self._numbers = itertools.count()

    def number(self, block: Block) -> tuple[_Item, ...]:
        return tuple(map(self._item, block))

    def _item(self, stmt: Stmt) -> _Item:
        number = next(self._numbers)
        reads, binds = self._mask(used(stmt)), self._mask(bound(stmt))
        return _Item(stmt, number, reads, binds, tuple(map(self.number, blocks(stmt))))

    def _mask(self, variables: Iterable[Var]) -> int:
        mask = 0
        for var in variables:
            mask |= self.bits[var]
        return mask

    def block(self, items: tuple[_Item, ...], alive: int, exits: _Exits) -> int:
        """What is alive before ``items``, if ``alive`` is after them."""
        for item in reversed(items):
            self.after[item.number] = self.at_binding[item.number] = alive
            alive = self._statement(item, alive, exits)
            self.before[item.number] = alive
        return alive

    def _statement(self, item: _Item, alive: int, exits: _Exits) -> int:
        match item.stmt:
            case If():
                then, orelse = item.blocks
                after = alive
                alive = self.block(then, after, exits) | self.block(orelse, after, exits)
                return alive | item.reads
            case For():
                body, orelse = item.blocks
                ended = self.block(orelse, alive, exits)
                turn = ended
                while True:
                    inside = self.block(body, turn, _Exits(alive, turn))
                    self.at_binding[item.number] = inside
                    if (more := turn | (inside & ~item.binds)) == turn:
                        return turn | item.reads
                    turn = more
            case While():
                header, body, orelse = item.blocks
                ended = self.block(orelse, alive, exits)
                turn = 0
                while True:
                    inside = self.block(body, turn, _Exits(alive, turn))
                    tested = inside | ended | item.reads
                    if (more := turn | self.block(header, tested, exits)) == turn:
                        return turn
                    turn = more
            case Return() | Raise():
                return item.reads
            case Break():
                return exits.after_break
            case Continue():
                return exits.after_continue
            case _:
                return (alive & ~item.binds) | item.reads
