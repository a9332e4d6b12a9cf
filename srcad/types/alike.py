"""Whether the type of a tangent or cotangent is that of its value."""

from __future__ import annotations

from collections.abc import Iterable

from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    same_shape,
)

__all__ = ["are_alike"]


def are_alike(x: Type | None, other: Type | None) -> bool | None:
    """Whether a value of type ``other`` can be the tangent or cotangent of one of type ``x``.

    Returns
    -------
    bool or None
        ``None`` where only a call can tell.

    Examples
    --------
    >>> from srcad.types.lattice import FLOAT, INT
    >>> are_alike(FLOAT, FLOAT), are_alike(FLOAT, INT), are_alike(FLOAT, None)
    (True, False, None)
    """
    match x, other:
        case (Array(), Array()):
            return _arrays_are(x, other)
        case (Scalar(), Scalar()):
            return other.dtype.kind in "fc"
        case (Array() as array, Scalar() as number) | (Scalar() as number, Array() as array):
            return array.ndim == 0 and number.dtype.kind in "fc" and array.dtype.kind in "fc"
        case (TupleOf(), TupleOf()) | (FixedList(), FixedList()):
            return len(x.items) == len(other.items) and _all(zip(x.items, other.items, strict=True))
        case (DictOf(), DictOf()):
            first, second = dict(x.items), dict(other.items)
            return first.keys() == second.keys() and _all((t, second[k]) for k, t in x.items)
        case (Record(), Record()) if x.cls is other.cls:
            return _all((a[1], b[1]) for a, b in zip(x.fields, other.fields, strict=True))
        case (Static(None), Static(None)):
            return True
        case (Array() | Scalar(), TupleOf() | FixedList() | DictOf() | Record() | Static()):
            return False
        case (TupleOf() | FixedList() | DictOf() | Record(), Array() | Scalar() | Static()):
            return False
        case _:
            return None


def _arrays_are(x: Array, other: Array) -> bool | None:
    if x.dtype != other.dtype or x.ndim != other.ndim:
        return False
    pairs = zip(x.shape, other.shape, strict=True)
    if any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in pairs):
        return False
    return same_shape(x, other) or None


def _all(pairs: Iterable[tuple[Type, Type]]) -> bool | None:
    found = [are_alike(a, b) for a, b in pairs]
    if False in found:
        return False
    return None if None in found else True
