"""Which variables may still be read, at each point of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Final

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
from srcad.ir.walk import COMPOUND, bound, inside, mentioned, statements, used

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


def liveness(fn: Function, reads: Callable[[Stmt], Sequence[Var]] = used) -> Liveness:
    """The variables alive before and after each statement of ``fn``, in surface or normal form.

    Parameters
    ----------
    fn : Function
        Any function.
    reads : callable, optional
        What a statement itself does with variables, if not reading them is asked for.

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
    flow = _Flow(fn.body, reads)
    flow.block(fn.body, 0, 0, _Exits(0, 0))
    return Liveness(flow.bits, tuple(flow.before), tuple(flow.after), tuple(flow.at_binding))


@dataclass(frozen=True, slots=True)
class _Exits:
    """What is alive where ``break`` and ``continue`` lead to."""

    after_break: int
    after_continue: int


_LEADING_ELSEWHERE: Final[frozenset[type]] = COMPOUND | {Return, Raise, Break, Continue}


class _Flow:
    """The backward sweep; loops are swept until nothing changes.

    Statements go by their numbers in textual order: those inside one follow it, block by block.
    """

    def __init__(self, body: Block, reads: Callable[[Stmt], Sequence[Var]]) -> None:
        numbered = statements(body)
        variables = dict.fromkeys(chain.from_iterable(map(mentioned, body)))
        self.bits = {var: 1 << k for k, var in enumerate(variables)}
        self._reads = [self._mask(reads(stmt)) for stmt in numbered]
        self._binds = [self._mask(bound(stmt)) for stmt in numbered]
        count = len(numbered)
        self.before, self.after, self.at_binding = [0] * count, [0] * count, [0] * count

    def _mask(self, variables: Iterable[Var]) -> int:
        return reduce(int.__or__, map(self.bits.__getitem__, variables), 0)

    def block(self, block: Block, first: int, alive: int, exits: _Exits) -> int:
        """What is alive before ``block``, whose numbers begin with ``first``, by what is after."""
        last = first + _size(block)
        for stmt in reversed(block):
            leads_elsewhere = type(stmt) in _LEADING_ELSEWHERE
            last -= 1 + len(inside(stmt)) if leads_elsewhere else 1
            self.after[last] = self.at_binding[last] = alive
            if leads_elsewhere:
                alive = self._statement(stmt, last, alive, exits)
            else:
                alive = (alive & ~self._binds[last]) | self._reads[last]
            self.before[last] = alive
        return alive

    def _statement(self, stmt: Stmt, number: int, alive: int, exits: _Exits) -> int:
        reads, binds, first = self._reads[number], self._binds[number], number + 1
        match stmt:
            case If(_, then, orelse):
                otherwise = self.block(orelse, first + _size(then), alive, exits)
                return self.block(then, first, alive, exits) | otherwise | reads
            case For(_, _, body, orelse):
                ended = self.block(orelse, first + _size(body), alive, exits)
                turn = ended
                while True:
                    inside = self.block(body, first, turn, _Exits(alive, turn))
                    self.at_binding[number] = inside
                    if (more := turn | (inside & ~binds)) == turn:
                        return turn | reads
                    turn = more
            case While(header, _, body, orelse):
                of_body = first + _size(header)
                ended = self.block(orelse, of_body + _size(body), alive, exits)
                turn = 0
                while True:
                    inside = self.block(body, of_body, turn, _Exits(alive, turn))
                    tested = inside | ended | reads
                    if (more := turn | self.block(header, first, tested, exits)) == turn:
                        return turn
                    turn = more
            case Return() | Raise():
                return reads
            case Break():
                return exits.after_break
            case Continue():
                return exits.after_continue
            case _:
                return (alive & ~binds) | reads


def _size(block: Block) -> int:
    """How many statements there are in ``block`` at any depth."""
    return len(block) + sum([len(inside(s)) for s in block if type(s) in COMPOUND])
