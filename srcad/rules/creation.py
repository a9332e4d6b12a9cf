"""New arrays: mostly constants, but `np.full` and `np.linspace` are linear in their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcad.rules.declare import constant, coupled, linear
from srcad.rules.samples import array, of
from srcad.types.lattice import Array, Dim, Scalar, Static, Type
from srcad.types.layouts import dims_of
from srcad.types.shapes import broadcast, dtype_of, known_value, shape_of

__all__: list[str] = []


def dtype_for(dtype: Type, default: Any) -> np.dtype[Any]:
    """The dtype that a ``dtype=`` operand names."""
    value = known_value(dtype)
    if value is None:
        return np.dtype(default)
    try:
        return np.dtype(value)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]
    except TypeError as error:
        raise LookupError("no dtype") from error


def _new(shape: Type, dtype: Type) -> Type:
    return Array(dtype_for(dtype, float), dims_of(shape))


def _like(x: Type, dtype: Type) -> Type:
    return Array(dtype_for(dtype, dtype_of(x)), shape_of(x))


for _fn in (np.zeros, np.ones, np.empty):
    constant(
        _fn,
        "shape, dtype=None -> y",
        result=_new,
        samples=lambda: (of(3), of((2, 3)), of((2, 1), np.float32), of([2, 2], dtype=int), of(())),
    )
for _fn in (np.zeros_like, np.ones_like, np.empty_like):
    constant(
        _fn,
        "x, dtype=None -> y",
        result=_like,
        samples=lambda: (of(array(2, 3)), of(array(2), float), of(1.5)),
    )


def _eye(n: Type, m: Type, k: Type, dtype: Type) -> Type:
    del k
    rows = dims_of(n)
    return Array(dtype_for(dtype, float), rows + (rows if m == Static(None) else dims_of(m)))


constant(
    np.eye,
    "n, m=None, k=0, dtype=None -> y",
    result=_eye,
    samples=lambda: (of(3), of(2, 3), of(2, 3, 1, np.float32)),
)
constant(
    np.identity,
    "n, dtype=None -> y",
    result=lambda n, dtype: Array(dtype_for(dtype, float), dims_of(n) * 2),
    samples=lambda: (of(3),),
)


def _arange(start: Type, stop: Type, step: Type, dtype: Type) -> Type:
    given = [t for t in (start, stop, step) if t != Static(None)]
    found = dtype_for(dtype, np.result_type(*map(dtype_of, given)))
    shape: tuple[Dim, ...] = (None,)
    if len(given) == 1 and dtype_of(start).kind in "iu":
        shape = dims_of(start)
    else:
        try:
            known = [known_value(t) for t in given]
        except LookupError:
            known = []
        if known and all(isinstance(k, int) for k in known):
            shape = (len(range(*known)),)  # type: ignore[arg-type]  # all are ints
    return Array(found, shape)


def _begins_at_zero(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """The cotangent of ``start`` where it is known whether it is not the end, as in `arange(n)`."""
    del real
    if "stop" not in known:
        return {}
    return {"start": "0.0" if known["stop"] is None else "np.sum(g)"}


# The end decides how many numbers there are, and the numbers move with the start and the step.
_COUNTED = "np.arange(np.size(y), dtype=np.result_type(y))"
coupled(
    np.arange,
    "start, stop=None, step=None, dtype=None -> y",
    cotangents={"start": "np.sum(g) * (stop is not None)", "step": f"np.dot(g, {_COUNTED})"},
    tangents={
        "start": "np.full(np.shape(y), g * (stop is not None))",
        "step": f"g * {_COUNTED}",
    },
    at_constant=_begins_at_zero,
    result=_arange,
    samples=lambda: (
        of(3),
        of(1, 4),
        of(1, 9, 2),
        of(0.1, 1.0, 0.25),
        of(2.5),
        of(2.5, step=0.6),
        of(3, dtype=float),
    ),
)
linear(
    np.full,
    "shape, fill_value, dtype=None -> y",
    fill_value="unbroadcast(g, fill_value)",
    at_rank={(0,): {"fill_value": "np.sum(g)"}},
    result=lambda shape, fill_value, dtype: Array(
        dtype_for(dtype, dtype_of(fill_value)), dims_of(shape)
    ),
    samples=lambda: (of(3, 1.5), of((2, 3), array(3)), of(2, 1.5, dtype=float)),
)
linear(
    np.full_like,
    "x, fill_value, dtype=None -> y",
    fill_value="unbroadcast(g, fill_value)",
    result=lambda x, fill_value, dtype: _like(x, dtype),
    samples=lambda: (of(array(2, 3), 1.5),),
)


def _linspace(start: Type, stop: Type, num: Type, endpoint: Type) -> Type:
    del endpoint
    shape = broadcast(shape_of(start), shape_of(stop))
    dtype = np.result_type(dtype_of(start), dtype_of(stop), float)
    if any(dtype_of(t) == np.float32 for t in (start, stop)):
        raise LookupError("np.linspace of float32 depends on what else is given")
    return Array(dtype, dims_of(num)[:1] + shape)


linear(
    np.linspace,
    "start, stop, num=50, endpoint=True -> y",
    start="unbroadcast(np.tensordot(np.linspace(1, 0, num, endpoint), g, 1), start)",
    stop="unbroadcast(np.tensordot(np.linspace(0, 1, num, endpoint), g, 1), stop)",
    at_rank={
        (0, 0): {
            "start": "np.dot(np.linspace(1, 0, num, endpoint), g)",
            "stop": "np.dot(np.linspace(0, 1, num, endpoint), g)",
        }
    },
    tangents={
        "start": "np.linspace(g, np.zeros_like(stop), num, endpoint)",
        "stop": "np.linspace(np.zeros_like(start), g, num, endpoint)",
    },
    result=_linspace,
    samples=lambda: (of(0.5, 2.0, 4), of(array(3), 2.0, 5), of(0.5, 2.0, 4, endpoint=False)),
)


def _triangle(x: Type, k: Type) -> Type:
    del k
    shape = shape_of(x)
    return Array(dtype_of(x), shape if len(shape) > 1 else shape * 2)


for _fn in (np.tril, np.triu):
    linear(
        _fn,
        "x, k=0 -> y",
        x=f"unbroadcast(np.{_fn.__name__}(g, k), x)",  # a vector becomes the rows of a matrix
        at_rank={(n,): {"x": f"np.{_fn.__name__}(g, k)"} for n in (2, 3)},
        result=_triangle,
        samples=lambda: (
            *(of(array(3, 3)), of(array(2, 3), 1), of(array(2, 3, 3), -1)),
            *(of(array(3)), of(array(1), 1)),
        ),
    )


def _diag(x: Type, k: Type) -> Type:
    shape = shape_of(x)
    if len(shape) == 1:
        n = shape[0]
        offset = known_value(k)
        if not isinstance(offset, int):
            raise LookupError("the offset is not known")
        side = n + abs(offset) if isinstance(n, int) else n if offset == 0 else None
        return Array(dtype_of(x), (side, side))
    return Array(dtype_of(x), (_diagonal_extent(shape, k),))


def _diagonal_extent(shape: tuple[Dim, ...], k: Type) -> Dim:
    if len(shape) < 2:
        raise LookupError("a diagonal takes two axes")
    n, m = shape[:2]
    return n if n == m and known_value(k) == 0 else None


linear(
    np.diag,
    "x, k=0 -> y",
    x="diag_bar(g, x, k)",
    at_rank={(1,): {"x": "np.diag(g, k)"}},
    result=_diag,
    shares=("x",),
    samples=lambda: (of(array(3)), of(array(2), 1), of(array(2, 3)), of(array(3, 3), -1)),
)
linear(
    np.diagonal,
    "x, offset=0 -> y",
    x="diag_bar(g, x, offset)",
    result=lambda x, offset: Array(
        dtype_of(x), (*shape_of(x)[2:], _diagonal_extent(shape_of(x), offset))
    ),
    shares=("x",),
    samples=lambda: (of(array(3, 3)), of(array(2, 3), 1), of(array(3, 4, 2), -1)),
)
linear(
    np.trace,
    "x, offset=0 -> y",
    x="trace_bar(g, x, offset)",
    result=lambda x, offset: (
        Array(dtype_of(x), shape_of(x)[2:]) if len(shape_of(x)) > 2 else Scalar(dtype_of(x), False)
    ),
    samples=lambda: (of(array(3, 3)), of(array(2, 3), 1), of(array(3, 3, 2))),
)
