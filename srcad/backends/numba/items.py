"""Vectors that are not computed yet, and loops over their items."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from srcad.backends.numba.draft import Draft
from srcad.ir.nodes import Assign, Call, Const, Expr, Function, Origin, Ref, Stmt, Var
from srcad.ir.walk import bound, statements, used
from srcad.types.lattice import Array, Dim

__all__ = [
    "AUGMENTS",
    "OPS",
    "Arrays",
    "Item",
    "Loop",
    "Made",
    "Sum",
    "View",
    "are_independent",
    "arrays_of",
    "fresh_arrays",
    "is_cheap",
    "is_harmless",
    "vars_in",
    "vars_of",
    "views_of",
]

# Their signatures are partly unknown to type checkers.
op: Any = operator

OPS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        op.add,
        op.sub,
        op.mul,
        op.truediv,
        op.neg,
        *(np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.tanh),
        *(np.sinh, np.cosh, np.arctan, np.abs, np.log1p, np.expm1),
    }
)
_CHEAP: Final[frozenset[Callable[..., Any]]] = frozenset({op.add, op.sub, op.mul, op.neg})
_FRESH: Final[frozenset[Callable[..., Any]]] = frozenset(
    {np.copy, np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like, *OPS}
)
_HARMLESS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {op.getitem, len, max, min, abs, np.sum, np.dot, np.mean}
)
AUGMENTS: Final = (op.add, op.sub, op.mul)


@dataclass(frozen=True, slots=True)
class View:
    """``array[first : len(array) - short]``."""

    array: Var
    first: int
    short: int


@dataclass(frozen=True, slots=True)
class Made:
    """What an elementwise call gives, not computed yet; its operands are numbers, views, others."""

    fn: Ref
    args: tuple[Item, ...]
    spell: str = ""


Item = View | Made | Var | Const


@dataclass(frozen=True, slots=True)
class Sum:
    """``target += item``, where ``item`` does not read the array of ``target``."""

    target: View
    item: Item
    origin: Origin | None


@dataclass(slots=True)
class Loop:
    """A loop being written: ``for index in range(first, len(array) - short)``."""

    over: View
    dim: Dim
    index: Var
    origin: Origin | None
    body: list[Stmt] = field(default_factory=list[Stmt])
    reads: set[tuple[Var, int]] = field(default_factory=set[tuple[Var, int]])
    writes: set[tuple[Var, int]] = field(default_factory=set[tuple[Var, int]])
    numbers: dict[Var, Var] = field(default_factory=dict[Var, Var])
    sums: list[Sum] = field(default_factory=list[Sum])


class Arrays:
    """What is known of a function's arrays, and how often each variable is still to be read."""

    def __init__(self, fn: Function, draft: Draft) -> None:
        self.draft = draft
        # How often each variable is still to be read.
        self.left = Counter(v for stmt in statements(fn) for v in used(stmt))
        self._fresh = fresh_arrays(fn)
        self._steady = self._fresh | {p.var for p in fn.params}
        for stmt in statements(fn):
            self._steady -= {v for v in bound(stmt) if v not in self._fresh}

    def made(self, var: Var) -> None:
        """Note a new array."""
        self._fresh.add(var)
        self._steady.add(var)

    def may_write(self, var: Expr) -> bool:
        """Whether ``var`` is an array that nothing else shares memory with."""
        return isinstance(var, Var) and var in self._fresh and self.dim(var) is not None

    def may_read(self, var: Var) -> bool:
        """Whether ``var`` is an array that is no view of one that is written."""
        return var in self._steady and self.dim(var) is not None

    def dim(self, var: Var) -> Dim:
        """The extent of a one-dimensional array of `float64`, if that is known."""
        match self.draft.types.get(var):
            case Array(dtype, (dim,)) if dtype == np.float64:
                return dim
            case _:
                return None


def fresh_arrays(fn: Function) -> set[Var]:
    """The variables whose every definition makes a new array that has no other name."""
    params = {p.var for p in fn.params}
    found: set[Var] = set()
    other: set[Var] = set(params)
    for stmt in statements(fn):
        match stmt:
            case Assign(Var() as var, Call(Ref(_, f))) if f in _FRESH:
                found.add(var)
            case Assign(_, Var() as source):
                other |= {source, *bound(stmt)}
            case _:
                other.update(bound(stmt))
    return found - other


def are_independent(loop: Loop, reads: set[tuple[Var, int]], writes: set[tuple[Var, int]]) -> bool:
    """Whether no turn of ``loop`` touches what another turn writes."""
    written = {*loop.writes, *writes}
    everything = written | loop.reads | reads
    return all(v != w or k == m for v, k in written for w, m in everything)


def views_of(item: Item) -> list[View]:
    if isinstance(item, View):
        return [item]
    return [v for a in item.args for v in views_of(a)] if isinstance(item, Made) else []


def vars_in(item: Item) -> list[Var]:
    if isinstance(item, Var):
        return [item]
    return [v for a in item.args for v in vars_in(a)] if isinstance(item, Made) else []


def vars_of(item: Item) -> set[Var]:
    return set(vars_in(item))


def arrays_of(item: Item) -> set[Var]:
    return {v.array for v in views_of(item)}


def is_cheap(item: Item) -> bool:
    """Whether computing ``item`` again costs no more than keeping it."""
    match item:
        case Made(fn, args):
            simple = all(isinstance(a, Var | Const) for a in args)
            return fn.value in _CHEAP and simple
        case _:
            return True


def is_harmless(stmt: Stmt) -> bool:
    """Whether ``stmt`` surely writes to no array."""
    if not isinstance(stmt, Assign):
        return False
    match stmt.value:
        case Call(Ref(_, f), _, ()):
            return f in _FRESH or f in _HARMLESS
        case Call():
            return False
        case _:
            return True
