"""What an expression reads and writes besides variables: whether it may be evaluated later."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from srcad.analysis.effects import is_mutator, is_pure
from srcad.ir.nodes import Attr, AugAssign, Call, Const, Expr, Ref, Star, Stmt, Store, Var
from srcad.ir.walk import expressions, parts
from srcad.kinds import among
from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    ListOf,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
)

__all__ = ["ALL", "ARRAYS", "LISTS", "NOTHING", "WORLD", "Effect", "Effects", "evaluation_order"]

NOTHING, ARRAYS, LISTS, WORLD = 0, 1, 2, 4
"""The kinds of state that an expression may read or write, as bits; ``WORLD`` is all outside."""

ALL = ARRAYS | LISTS | WORLD


@dataclass(frozen=True, slots=True)
class Effect:
    """Masks of the kinds of state that are read and written."""

    reads: int = NOTHING
    writes: int = NOTHING

    def __or__(self, other: Effect) -> Effect:
        return _EFFECTS[self.reads | other.reads][self.writes | other.writes]

    def blocks(self, other: Effect) -> bool:
        """Whether the two may not change places."""
        return bool(self.writes & (other.reads | other.writes) or self.reads & other.writes)


_KINDS = range(ALL + 1)
_EFFECTS = tuple(tuple(Effect(reads, writes) for writes in _KINDS) for reads in _KINDS)
_NO_EFFECT = Effect()
_READING = tuple(Effect(memory) for memory in _KINDS)
_STACK = Effect(LISTS, LISTS)
_ANY = Effect(ALL, ALL)


def evaluation_order(expr: Expr) -> tuple[Expr, ...]:
    """The parts of ``expr`` as its printed text evaluates them: ``k in d`` looks at ``k`` first."""
    if isinstance(expr, Call) and isinstance(expr.fn, Ref):
        if expr.fn.value is operator.contains:
            return expr.args[::-1]
        return (*expr.args, *(v for _, v in expr.kwargs))
    return parts(expr)


# The stubs leave the types of these methods open.
_list: Any = list


class Effects:
    """Judges expressions and statements by the types of their variables."""

    def __init__(self, types: Mapping[Var, Type]) -> None:
        self._types = types
        self._known: dict[Var, int] = {}

    def of(self, expr: Expr) -> Effect:
        """What evaluating ``expr`` reads and writes."""
        if isinstance(expr, (Var, Const, Ref)):
            return _NO_EFFECT
        if isinstance(expr, Call):
            return self._call(expr)
        match expr:
            case Attr(value, _) | Star(value):
                return self.of(value) | Effect(self._memory(value))
            case _:
                effect = _NO_EFFECT
                for part in parts(expr):
                    effect |= self.of(part)
                return effect

    def of_statement(self, stmt: Stmt) -> Effect:
        """What a simple statement writes by itself, its expressions aside."""
        match stmt:
            case Store():
                return Effect(NOTHING, self._memory(stmt.obj))
            case AugAssign():
                memory = self._memory(stmt.obj)
                return Effect(memory, memory)
            case _:
                return _NO_EFFECT

    def of_expressions(self, stmt: Stmt) -> Effect:
        """What the expressions of ``stmt`` read and write, before it does anything itself."""
        effect = _NO_EFFECT
        for expr in expressions(stmt):
            effect |= self.of(expr)
        return effect

    def _call(self, call: Call) -> Effect:
        effect = self.of(call.fn)
        operands = (*call.args, *(v for _, v in call.kwargs)) if call.kwargs else call.args
        for part in operands:
            if not isinstance(part, (Var, Const, Ref)):
                effect |= self.of(part)
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is _list.pop or fn is _list.append:
            return effect | _STACK
        memory = NOTHING
        for part in operands:
            memory |= self._memory(part)
        if is_pure(call):
            # A shape cannot change while an array lives; the length of a list can.
            return (
                effect if _is_shape(call, fn) and not memory & LISTS else effect | _READING[memory]
            )
        if is_mutator(call):
            return effect | Effect(memory, memory)
        return _ANY

    def _memory(self, expr: Expr) -> int:
        """The kinds of mutable objects that the value of ``expr`` may be or hold."""
        if isinstance(expr, Var):
            known = self._known.get(expr)
            if known is None:
                known = self._known[expr] = _memory_of(self._types.get(expr))
            return known
        match expr:
            case Const():
                return NOTHING
            case Ref(_, value):
                return NOTHING if isinstance(value, _IMMUTABLE) else ALL
            case _:
                memory = NOTHING
                for part in parts(expr):
                    memory |= self._memory(part)
                return memory


_IMMUTABLE = (
    type,
    BuiltinFunctionType,
    FunctionType,
    ModuleType,
    np.ufunc,
    np.dtype,
    np.generic,
    int,
    float,
    complex,
    str,
    bytes,
    type(None),
)


def _memory_of(t: Type | None) -> int:
    match t:
        case Scalar() | Static() | SliceOf():
            return NOTHING
        case Array():
            return ARRAYS
        case TupleOf(items):
            memory = NOTHING
            for item in items:
                memory |= _memory_of(item)
            return memory
        case ListOf() | FixedList() | DictOf():
            return ARRAYS | LISTS
        case _:
            return ALL


_OF_SHAPES: frozenset[object] = frozenset(
    {np.shape, np.ndim, np.size, len, np.zeros_like, np.empty_like}
)


def _is_shape(call: Call, fn: object) -> bool:
    if call.spell in ("@shape", "@ndim", "@size", "@dtype"):
        return True
    if fn is getattr and len(call.args) == 2 and isinstance(call.args[1], Const):
        return call.args[1].value in ("shape", "ndim", "size", "dtype")
    return among(fn, _OF_SHAPES)
