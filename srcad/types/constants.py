"""What is known of tests and small integers before the program runs: enough to choose a branch."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from srcad.types.lattice import (
    BOOL,
    Array,
    DictOf,
    Dim,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    Sym,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.layouts import int_type, is_count, product_dims, sum_dims

__all__ = ["known_result", "known_truth"]

_INTEGER: Final[frozenset[Callable[..., Any]]] = frozenset(
    {vars(operator)[name] for name in ("add", "sub", "mul", "floordiv", "mod")}
)
_DIVISIONS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {vars(operator)["floordiv"], vars(operator)["mod"]}
)
_COMPARISONS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne}
)


def _bool(value: bool) -> Scalar:
    return Scalar(BOOL.dtype, True, value)


def known_truth(t: Type) -> bool | None:
    """Whether a value of type ``t`` is surely true or surely false; ``None`` where that is open."""
    match t:
        case Scalar(_, _, known) if isinstance(known, int):
            return bool(known)
        case Static(None | str() | bytes() as value):
            return bool(value)
        case TupleOf(items) | FixedList(items) | DictOf(items):
            return bool(items)
        case _:
            return None


def known_result(fn: object, types: tuple[Type, ...]) -> Type | None:
    """The type, with its value, of a call whose value is already known; ``None`` for all others."""
    match types:
        case (a, b):
            if fn is operator.is_ or fn is operator.is_not:
                same = _identical(a, b)
                return None if same is None else _bool(same if fn is operator.is_ else not same)
            if fn is isinstance:
                return _isinstance(a, b)
            if isinstance(a, Scalar) and isinstance(b, Scalar):
                return _integers(fn, a, b)
            if fn is operator.add and isinstance(a, Static) and isinstance(b, Static):
                return _joined_texts(a.value, b.value)
            if fn is operator.eq or fn is operator.ne:
                return _equality(a, b, wanted=fn is operator.eq)
            return None
        case (a,) if fn is operator.not_:
            truth = known_truth(a)
            return None if truth is None else _bool(not truth)
        case (Scalar() as a,) if fn is str and a.weak and a.dtype.kind == "i":
            return Static(str(a.known)) if isinstance(a.known, int) else None
        case _:
            return None


def _joined_texts(a: object, b: object) -> Static | None:
    return Static(a + b) if isinstance(a, str) and isinstance(b, str) else None


def _integers(fn: object, a: Scalar, b: Scalar) -> Type | None:
    if not (a.weak and b.weak and a.dtype.kind == b.dtype.kind == "i"):
        return None
    x, y = a.known, b.known
    if isinstance(x, Sym) and isinstance(y, int) and fn is operator.sub and y >= 0:
        return Scalar(a.dtype, True, Sym(x.id, x.minus + y))
    if not (isinstance(x, int) and isinstance(y, int)):
        return _extent(fn, (x, y))
    for compare in _COMPARISONS:
        if fn is compare:
            return _bool(compare(x, y))
    for compute in _INTEGER:
        if fn is compute and not (y == 0 and compute in _DIVISIONS):
            return Scalar(a.dtype, True, compute(x, y))
    return None


def _extent(fn: object, operands: tuple[Dim, Dim]) -> Type | None:
    """The type of a sum or product of ints that are extents."""
    if not all(map(is_count, operands)):
        return None
    if fn is operator.add:
        return int_type(sum_dims(operands))
    return int_type(product_dims(operands)) if fn is operator.mul else None


def _equality(a: Type, b: Type, *, wanted: bool) -> Type | None:
    match a, b:
        case Static(), Static():
            return _bool(bool((a.value == b.value) == wanted))
        case (Static(None | str()), Scalar()) | (Scalar(), Static(None | str())):
            return _bool(not wanted)
        case _:
            return None


def _identical(a: Type, b: Type) -> bool | None:
    match a, b:
        case Static(x), Static(y):
            return x is y
        case (Unknown(), _) | (_, Unknown()):
            return None
        case (Static(None), _) | (_, Static(None)):
            return False
        case _:
            return None


def _isinstance(t: Type, cls: Type) -> Type | None:
    classes = _classes(cls)
    if classes is None:
        return None
    if isinstance(t, ListOf):  # or a tuple, ``(*xs, y)``: only when it runs is that known
        either = {issubclass(kind, classes) for kind in (list, tuple)}
        return _bool(either.pop()) if len(either) == 1 else None
    kind = _class_of(t)
    return None if kind is None else _bool(issubclass(kind, classes))


def _classes(t: Type) -> tuple[type, ...] | None:
    match t:
        case Static(value) if isinstance(value, type):
            return (value,)
        case TupleOf(items):
            found = [_classes(i) for i in items]
            return None if None in found else tuple(c for f in found if f is not None for c in f)
        case _:
            return None


def _class_of(t: Type) -> type | None:
    match t:
        case Scalar(dtype, weak):
            weak_types = {"b": bool, "i": int, "f": float, "c": complex}
            return weak_types.get(dtype.kind) if weak else dtype.type
        case Array():
            return np.ndarray
        case TupleOf():
            return tuple
        case FixedList():
            return list
        case DictOf():
            return dict
        case Record(cls, _):
            return cls
        case Static(value):
            return type(value)
        case _:
            return None
