"""Symbolic shapes: what broadcasting, reduction and matrix products do to abstract types.

Each function raises `LookupError` where it cannot tell. Dtypes are found by probing: the function
itself is called on tiny stand-ins, so NumPy's promotion rules are never restated here.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np

from srcad.types.lattice import Array, Dim, Scalar, Static, TupleOf, Type
from srcad.types.of_value import type_of

__all__ = [
    "axes_of",
    "broadcast",
    "dtype_of",
    "elementwise_type",
    "is_known",
    "is_some_axis",
    "known_int",
    "known_value",
    "made",
    "matmul_type",
    "probe",
    "reduced_type",
    "shape_of",
]


# --- probing -------------------------------------------------------------------------------------

_PYTHON: dict[str, tuple[object, ...]] = {
    "b": (True,),
    "i": (1, 2, 0),
    "u": (1, 2, 0),
    "f": (1.0, 0.5, 2.0, 0.0),
    "c": (1j,),
}


@lru_cache(maxsize=4096)
def probe(fn: Callable[..., object], *operands: Scalar | Array) -> Type:
    """The type of ``fn`` applied to tiny stand-ins for ``operands`` (arrays have one element).

    Raises
    ------
    LookupError
        If ``fn`` accepts none of the stand-ins.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for turn in range(4):
            try:
                return type_of(fn(*(_stand_in(t, turn) for t in operands)))
            except (ValueError, ArithmeticError):
                continue  # outside the function's domain: try another number
            except Exception as error:
                raise LookupError(f"{fn} refuses {operands}") from error
    raise LookupError(f"{fn} refuses {operands}")


def _stand_in(t: Scalar | Array, turn: int) -> Any:
    values = _PYTHON[t.dtype.kind]
    value = values[turn % len(values)]
    match t:
        case Array():
            return np.full((1,) if t.ndim else (), value, dtype=t.dtype)
        case Scalar(weak=True):
            return value
        case Scalar():
            return t.dtype.type(value)


def numbers(types: Sequence[Type]) -> list[Scalar | Array]:
    """``types``, if all are numbers or arrays; what is known of their values is left out."""
    plain: list[Scalar | Array] = []
    for t in types:
        match t:
            case Scalar():
                plain.append(t if t.known is None else Scalar(t.dtype, t.weak))
            case Array():
                plain.append(t)
            case _:
                raise LookupError(f"{t} is no number")
    return plain


def dtype_of(t: Type) -> np.dtype[Any]:
    """The dtype of a number or array."""
    if isinstance(t, (Scalar, Array)):
        return t.dtype
    raise LookupError(f"{t} is no number")


def shape_of(t: Type) -> tuple[Dim, ...]:
    """The shape of a number or array."""
    match t:
        case Scalar():
            return ()
        case Array():
            return t.shape
        case _:
            raise LookupError(f"the shape of {t} is not known")


def made(result: Type, shape: tuple[Dim, ...]) -> Type:
    """``result`` of a probe, given the shape of the real thing."""
    match result:
        case Array():
            return Array(result.dtype, shape)
        case Scalar() if shape:
            return Array(result.dtype, shape)
        case Scalar():
            return Scalar(result.dtype, result.weak)
        case _:
            raise LookupError("not a number")


# --- broadcasting --------------------------------------------------------------------------------


def broadcast(*shapes: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape that ``shapes`` broadcast to.

    Examples
    --------
    >>> from srcad.types.lattice import Sym
    >>> broadcast((Sym(0), 1), (Sym(1),)) == (Sym(0), Sym(1))
    True
    """
    if len(distinct := {s for s in shapes if s}) <= 1:
        return distinct.pop() if distinct else ()
    ndim = max(map(len, shapes), default=0)
    padded = [(1,) * (ndim - len(s)) + s for s in shapes]
    return tuple(_common(column) for column in zip(*padded, strict=True))


def _common(dims: tuple[Dim, ...]) -> Dim:
    others = {d for d in dims if d != 1}
    if not others:
        return 1
    if len(others) == 1:
        return others.pop()
    literal = {d for d in others if isinstance(d, int)}
    return literal.pop() if len(literal) == 1 else None


@lru_cache(maxsize=4096)
def elementwise_type(fn: Callable[..., object], *types: Type) -> Type:
    """The type of an elementwise function of numbers and arrays.

    Examples
    --------
    >>> from srcad.types.lattice import Sym
    >>> x = Array(np.dtype(np.float32), (Sym(0), 1))
    >>> y = Array(np.dtype(np.float32), (Sym(1),))
    >>> elementwise_type(np.add, x, y) == Array(np.dtype(np.float32), (Sym(0), Sym(1)))
    True
    """
    operands = numbers(types)
    shapes = [shape_of(t) for t in operands]
    if fn in _MATH and any(shapes):
        raise LookupError(f"{fn} takes numbers only")
    stand_ins = [t if isinstance(t, Scalar) else _array(t.dtype, t.ndim > 0) for t in operands]
    return made(probe(fn, *stand_ins), broadcast(*shapes))


@cache
def _array(dtype: np.dtype[Any], has_axes: bool) -> Array:
    return Array(dtype, (None,) if has_axes else ())


_MATH = frozenset(fn for fn in vars(math).values() if callable(fn)) | {float, int, complex}

# --- static operands -----------------------------------------------------------------------------


def known_value(t: Type) -> object:
    """The value of an operand that must be known, such as an axis.

    Raises
    ------
    LookupError
        If it is not known.
    """
    match t:
        case Static(value):
            return value
        case Scalar(known=int() | bool() as known):
            return known
        case TupleOf(items):
            return tuple(known_value(item) for item in items)
        case _:
            raise LookupError(f"the value of {t} is not known")


def is_known(t: Type) -> bool:
    """Whether `known_value` tells the value.

    Examples
    --------
    >>> is_known(Static(None)), is_known(Scalar(np.dtype(np.int64)))
    (True, False)
    """
    try:
        known_value(t)
    except LookupError:
        return False
    return True


def known_int(t: Type) -> int:
    """`known_value` of an int."""
    value = known_value(t)
    if isinstance(value, int):
        return value
    raise LookupError(f"{value!r} is no int")


def axes_of(axis: Type, ndim: int) -> tuple[int, ...]:
    """The axes, counted from the front, that ``axis`` (``None``, an int or a tuple) names."""
    value = known_value(axis)
    if value is None:
        return tuple(range(ndim))
    listed = cast("tuple[object, ...]", value if isinstance(value, tuple) else (value,))
    axes: list[int] = []
    for a in listed:
        if not isinstance(a, int) or not -ndim <= a < ndim:
            raise LookupError(f"axis {a!r} of {ndim}")
        axes.append(a % ndim)
    return tuple(axes)


def is_some_axis(axis: Type) -> bool:
    """Whether ``axis`` is one, and it is not known which."""
    return isinstance(axis, Scalar) and axis.dtype.kind in "iu" and not isinstance(axis.known, int)


# --- reductions and products ---------------------------------------------------------------------


def reduced_type(
    fn: Callable[..., object], x: Type, axis: Type, keepdims: Type | None = None
) -> Type:
    """The type of a reduction over ``axis``."""
    shape = shape_of(x)
    axes = axes_of(axis, len(shape))
    keep = keepdims is not None and bool(known_value(keepdims))
    dtype = dtype_of(probe(fn, Array(dtype_of(x), (None,))))
    if keep:
        # NumPy keeps a 0-d array only where there was an array to keep the axes of.
        kept = tuple(1 if i in axes else d for i, d in enumerate(shape))
        return Array(dtype, kept) if kept else Scalar(dtype, False)
    left = tuple(d for i, d in enumerate(shape) if i not in axes)
    return Array(dtype, left) if left else Scalar(dtype, False)


def matmul_type(a: Type, b: Type, fn: Callable[..., object] = np.matmul) -> Type:
    """The type of ``a @ b``."""
    m, n = shape_of(a), shape_of(b)
    if not m or not n:
        raise LookupError("matmul takes arrays")
    dtype = dtype_of(probe(fn, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,))))
    batch = broadcast(m[:-2], n[:-2])
    shape = batch + m[-2:-1] + (n[-1:] if len(n) > 1 else ())
    return Array(dtype, shape) if shape else Scalar(dtype, False)
