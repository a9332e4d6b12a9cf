"""Symbolic shapes of what rearranges arrays: reshaping, transposition, joining, indexing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcad.types.lattice import (
    Array,
    Derived,
    Dim,
    FixedList,
    ListOf,
    Scalar,
    SliceOf,
    Static,
    Sym,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.shapes import broadcast, dtype_of, shape_of

__all__ = [
    "as_index",
    "dims_of",
    "divided",
    "getitem_type",
    "int_type",
    "is_count",
    "items_of",
    "joined_dtype",
    "product_dims",
    "sliced",
    "sum_dims",
]


def dims_of(shape: Type) -> tuple[Dim, ...]:
    """The extents that an operand such as the ``shape`` of ``np.zeros`` asks for."""
    match shape:
        case Scalar():
            return (_dim(shape),)
        case TupleOf(items) | FixedList(items):
            # Each item is an extent, whatever is known of it: there are as many axes as items.
            return tuple(None if isinstance(t, Unknown) else _dim(t) for t in items)
        case _:
            raise LookupError(f"{shape} is no shape that is known")


def _dim(t: Type) -> Dim:
    match t:
        case Scalar(known=int() | Sym() | Derived() as known) if not isinstance(known, bool):
            return known
        case Scalar():
            return None
        case _:
            raise LookupError(f"{t} is no extent")


def items_of(t: Type) -> tuple[Type, ...]:
    """The types of the items of a tuple or list of known length."""
    match t:
        case TupleOf(items) | FixedList(items):
            return items
        case _:
            raise LookupError(f"the items of {t} are not known")


def joined_dtype(items: tuple[Type, ...]) -> np.dtype[Any]:
    """The dtype of ``items`` in one array."""
    if not items:
        raise LookupError("there are no items")
    return np.result_type(*map(dtype_of, items))


def sum_dims(dims: tuple[Dim, ...]) -> Dim:
    """The extent of things of extents ``dims``, end to end.

    Examples
    --------
    >>> sum_dims((2, Sym(0))) == Sym(0, -2)
    True
    """
    others = [d for d in dims if not isinstance(d, int)]
    more = sum(d for d in dims if isinstance(d, int))
    match others:
        case []:
            return more
        case [Sym(id, minus) as d] if is_count(d) or not more:
            return Sym(id, minus - more)
        case _:
            return dims[0] if len(dims) == 1 else _derived("sum", dims)


def product_dims(dims: tuple[Dim, ...]) -> Dim:
    """The number of elements of an array of extents ``dims``."""
    total = 1
    for d in dims:
        if not isinstance(d, int):
            others = [e for e in dims if e != 1]
            return others[0] if len(others) == 1 else _derived("product", others)
        total *= d
    return total


def _derived(how: str, dims: Sequence[Dim]) -> Dim:
    """What follows from ``dims``, in whatever order; ``None`` if one of them is not known."""
    return None if None in dims else Derived(how, tuple(sorted(dims, key=repr)))


def divided(dim: Dim, parts: int) -> Dim:
    """The extent of each of ``parts`` equal parts of what is ``dim`` long."""
    if isinstance(dim, int):
        return dim // parts if parts and dim % parts == 0 else None
    return None if dim is None else Derived("part", (dim, parts))


def is_count(dim: Dim) -> bool:
    """Whether an int of which ``dim`` is known is surely that extent.

    What is less than an extent by some number stands for a negative int, but for zero as an extent;
    so two of them may differ.
    """
    match dim:
        case int():
            return dim >= 0 and not isinstance(dim, bool)
        case Sym(_, minus):
            return minus <= 0
        case _:
            return dim is not None


def int_type(dim: Dim) -> Scalar:
    """The type of an int that is the extent ``dim``."""
    return Scalar(np.dtype(np.int64), True, dim)


# --- indexing ------------------------------------------------------------------------------------


def getitem_type(x: Type, i: Type) -> Type:
    """The type of ``x[i]`` for an array, or for a number of NumPy's, which has no axes.

    Examples
    --------
    >>> x = Array(np.dtype(float), (Sym(0), Sym(1)))
    >>> one = Scalar(np.dtype(np.int64), True, 1)
    >>> none = Static(None)
    >>> getitem_type(x, SliceOf(one, none, none)) == Array(np.dtype(float), (Sym(0, 1), Sym(1)))
    True
    """
    if isinstance(x, Scalar) and not x.weak:
        x = Array(x.dtype, ())
    if not isinstance(x, Array):
        raise LookupError(f"an item of {x}")
    parts = list(i.items) if isinstance(i, TupleOf) else [i]
    taken = sum(map(_consumes, parts))
    if taken > x.ndim:
        raise LookupError("too many indices")
    is_full = any(_is_ellipsis(p) for p in parts)
    if not is_full:
        parts.append(Static(Ellipsis))
    shape: list[Dim] = []
    advanced: list[tuple[Dim, ...]] = []
    where: int | None = None  # in the result; None until an array index is met
    is_apart = False
    last = -1
    axis = 0
    has_array = any(
        isinstance(p, (Array, FixedList, ListOf)) and shape_of(as_index(p)) for p in parts
    )
    for k, part in enumerate(parts):
        match part:
            case Static(None):
                shape.append(1)
            case Static() if _is_ellipsis(part):
                rest = x.ndim - taken
                shape.extend(x.shape[axis : axis + rest])
                axis += rest
            case SliceOf():
                shape.append(sliced(x.shape[axis], part))
                axis += 1
            case Scalar(dtype) if dtype.kind in "iu" and not has_array:
                axis += 1
            case Scalar() | Array() | FixedList() | ListOf():
                advanced.append(_advanced(as_index(part)))
                is_apart = is_apart or (last >= 0 and last != k - 1)
                where = len(shape) if where is None else where
                last = k
                axis += _consumes(part)
            case _:
                raise LookupError(f"an index {part}")
    if where is not None:
        at = 0 if is_apart else where
        shape[at:at] = broadcast(*advanced)
    if shape or is_full:
        return Array(x.dtype, tuple(shape))
    return Scalar(x.dtype, False)


def _is_ellipsis(part: Type) -> bool:
    return isinstance(part, Static) and part.value is Ellipsis


def as_index(part: Type) -> Type:
    """The type of an index, where a list of numbers stands for the array that NumPy makes of it."""
    if isinstance(part, FixedList):
        if not all(isinstance(p, Scalar) for p in part.items):
            raise LookupError("an index of nested lists")
        return Array(joined_dtype(part.items), (len(part.items),))
    if isinstance(part, ListOf) and isinstance(part.item, Scalar):
        return Array(part.item.dtype, (None,))
    return part


def _consumes(part: Type) -> int:
    match part:
        case Static():
            return 0
        case Array(dtype, shape) if dtype.kind == "b":
            return len(shape)
        case _:
            return 1


def _advanced(part: Type) -> tuple[Dim, ...]:
    match dtype_of(part).kind:
        case "b" if isinstance(part, Array) and part.ndim:
            return (None,)
        case "i" | "u":
            return shape_of(part)
        case _:
            raise LookupError(f"an index {part}")


def sliced(dim: Dim, cut: SliceOf) -> Dim:
    """The extent of what the slice ``cut`` takes of an axis that is ``dim`` long.

    Examples
    --------
    >>> one, two, none = *(Scalar(np.dtype(np.int64), True, n) for n in (1, 2)), Static(None)
    >>> sliced(Sym(0), SliceOf(none, two, none)) == sliced(Sym(0), SliceOf(none, two, one))
    True
    """
    parts: list[Dim] = []
    for t in (cut.start, cut.stop, cut.step):
        match t:
            case Static(None):
                parts.append(None)
            case Scalar(known=int() | Sym() | Derived() as known):
                parts.append(known)
            case _:
                return None
    start, stop, step = parts
    if isinstance(dim, int) and all(p is None or isinstance(p, int) for p in parts):
        return None if step == 0 else len(range(*slice(start, stop, step).indices(dim)))
    if start is None and stop is None and step in (None, 1, -1):
        return dim
    if not isinstance(dim, Sym) or step not in (None, 1):
        return _cut(dim, parts)
    if isinstance(stop, Sym) and stop.id == dim.id:
        # Up to n - 1 only: n - 2 is negative where n is 1, and Python counts that from the end.
        more = stop.minus - dim.minus
        if not is_count(stop) and (more not in (0, 1) or (more == 1 and dim.minus)):
            return None
        stop = None if more <= 0 else -more
    front = 0 if start is None else start
    if isinstance(front, int) and front >= 0 and (stop is None or isinstance(stop, int)):
        if stop is None:
            return Sym(dim.id, dim.minus + front)
        if stop < 0:
            return Sym(dim.id, dim.minus + front - stop)
    return _cut(dim, parts)


def _cut(dim: Dim, parts: Sequence[Dim]) -> Dim:
    """The extent of what a slice of ``parts`` takes of ``dim``, by name only.

    ``less`` is all but so many, ``some`` at most so many of those behind so many: what is cut from
    the front and what is cut from the back may have one extent.
    """
    start, stop, step = parts
    # An int that is less than an extent by some number may be negative, where no extent is.
    if dim is None or any(isinstance(p, Sym) and not is_count(p) for p in parts):
        return None
    step = 1 if step is None else step
    start = 0 if start is None and isinstance(step, int) and step > 0 else start
    if step == 1 and isinstance(start, int) and (stop is None or isinstance(stop, int)):
        if stop is not None and stop <= start and (start < 0) == (stop < 0):
            return 0
        if start >= 0 and (stop is None or stop < 0):
            return Derived("less", (dim, start - (stop or 0)))
        if start < 0 and (stop is None or stop < 0):
            return Derived("some", (dim, -(stop or 0), (stop or 0) - start))
        if start >= 0 and stop is not None:
            return Derived("some", (dim, start, stop - start))
    return Derived("cut", (dim, start, stop, step))
