"""A function in the form that the reverse transform turns round, with the facts about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from srcad.analysis.moments import Moments, at
from srcad.analysis.storage import Storage
from srcad.ir.names import Names
from srcad.ir.nodes import Block, Expr, Function, Ref, Stmt, Var
from srcad.ir.walk import variables
from srcad.notes import notes_of
from srcad.transform.slots import Path
from srcad.transform.terms import Term
from srcad.types.lattice import UNKNOWN, Type

__all__ = ["CallHalves", "Halves", "Preparation", "Prepared"]


@dataclass(frozen=True, slots=True)
class CallHalves:
    """The halves of an active call: ``forward(*args) -> (y, saved)``, ``backward(saved, y_bar)``.

    ``operands`` are those that ``backward`` returns the cotangents of, in order.
    """

    forward: Ref
    backward: Ref
    saved: Var
    result: Var
    operands: tuple[Expr, ...]

    @property
    def absent(self) -> tuple[frozenset[Path], ...]:
        """Of the cotangent of each operand, the parts that ``backward`` leaves out: zeros."""
        return notes_of(self.backward.value).absent or (frozenset[Path](),) * len(self.operands)


Halves = Callable[[Ref, tuple[Type, ...], tuple[int, ...]], tuple[Ref, Ref]]
"""Makes the two halves of a Python function for argument types and active arguments."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The function, its variables' types, the terms and calls of its active statements.

    ``trips`` are the counters of turns, by loop. ``leaving`` are the branches by which a loop is
    left before anything that has a reverse: what is counted are the turns that go on after them.
    ``items`` are the lists that keep what a loop runs over that can be run over only once.
    ``moments`` are better types for single statements. ``fitting`` are the stores of what surely
    has the shape of its place.
    ``parts`` are what is unpacked from each variable. ``lasting``: time may pass between the
    sweeps, in which the user may change objects.
    """

    fn: Function
    types: Mapping[Var, Type]
    active: frozenset[Var]
    terms: Mapping[int, tuple[Term, ...]]
    calls: Mapping[int, CallHalves]
    trips: Mapping[int, Var]
    leaving: frozenset[int]
    items: Mapping[int, Var]
    parts: Mapping[Var, frozenset[Var]]
    preamble: Block
    names: Names
    storage: Storage
    moments: Moments
    fitting: frozenset[int]
    lasting: bool = False

    def types_at(self, stmt: Stmt) -> Mapping[Var, Type]:
        """The types of the variables while ``stmt`` runs."""
        return at(self.types, self.moments, stmt)


@dataclass(slots=True)
class Preparation:
    """A `Prepared` in the making: see there."""

    fn: Function
    types: dict[Var, Type]
    active: set[Var]
    storage: Storage
    names: Names
    halves: Halves
    mentions: Mapping[Var, int]
    moments: dict[int, Mapping[Var, Type]]
    terms: dict[int, tuple[Term, ...]] = field(default_factory=dict[int, tuple[Term, ...]])
    calls: dict[int, CallHalves] = field(default_factory=dict[int, CallHalves])
    trips: dict[int, Var] = field(default_factory=dict[int, Var])
    leaving: set[int] = field(default_factory=set[int])
    items: dict[int, Var] = field(default_factory=dict[int, Var])
    fitting: set[int] = field(default_factory=set[int])

    def types_at(self, stmt: Stmt) -> Mapping[Var, Type]:
        """The types of the variables while ``stmt`` runs."""
        return at(self.types, self.moments, stmt)

    def fresh(self, like: str | Var, t: Type) -> Var:
        """A new variable of type ``t``."""
        var = self.names.fresh(like)
        self.types[var] = t
        return var

    def another(self, var: Var) -> Var:
        """A new variable for a value of ``var``: of its type, and active if it is."""
        new = self.fresh(var, self.types.get(var, UNKNOWN))
        if var in self.active:
            self.active.add(new)
        return new

    def is_active(self, expr: Expr) -> bool:
        """Whether an active variable is in ``expr``."""
        return any(v in self.active for v in variables(expr))
