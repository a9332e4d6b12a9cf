"""Items, slices and gathers; sorting."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcad.rules.declare import coupled, linear
from srcad.rules.samples import array, of
from srcad.types.lattice import Array, Scalar, Static, Type
from srcad.types.layouts import as_index, getitem_type, product_dims
from srcad.types.shapes import axes_of, dtype_of, is_some_axis, made, shape_of

__all__: list[str] = []

# Their signatures are partly unknown to type checkers.
op: Any = operator

linear(
    op.getitem,
    "x, i -> y",
    x="scatter(g, i, x)",
    into={"x": "x_bar[i] += g"},
    result=getitem_type,
    shares=("x",),
    samples=lambda: (
        of(array(4), 1),
        of(array(4), -1),
        of(array(4), slice(1, -1)),
        of(array(6), slice(None, None, 2)),
        of(array(6), slice(None, None, -1)),
        of(array(4), slice(-2, None)),
        of(array(2, 3), 0),
        of(array(2, 3), (0, 1)),
        of(array(2, 3), (slice(None), 1)),
        of(array(2, 3), (slice(1, None), slice(None, -1))),
        of(array(3), (None, slice(None))),
        of(array(2, 3), (Ellipsis, 0)),
        of(array(3), (1, Ellipsis)),
        of(array(4), np.array([0, 0, 2])),
        of(array(4, 3), np.array([[0, 1], [3, 3]])),
        of(array(4, 3), (np.array([0, 1]), np.array([2, 2]))),
        of(array(4, 3, 2), (np.array([0, 1]), slice(None), np.array([1, 1]))),
        of(array(2, 4, 3), (slice(None), np.array([0, 1, 1]), slice(None))),
        of(array(2, 4, 3), (0, slice(None), np.array([1, 1]))),
        of(array(4), np.array([True, False, True, True])),
        of(array(2, 3), array(2, 3) > 0),
        of(array(4), [0, 2, 2]),
    ),
)


def _taken(x: Type, indices: Type, axis: Type) -> Type:
    shape, many = shape_of(x), shape_of(as_index(indices))
    if axis == Static(None):
        return made(Scalar(dtype_of(x), False), many)
    if is_some_axis(axis):
        return made(Scalar(dtype_of(x), False), (None,) * (len(shape) - 1 + len(many)))
    (k,) = axes_of(axis, len(shape))
    return made(Scalar(dtype_of(x), False), shape[:k] + many + shape[k + 1 :])


linear(
    np.take,
    "x, indices, axis=None -> y",
    x="take_bar(g, x, indices, axis)",
    result=_taken,
    samples=lambda: (
        of(array(4), np.array([0, 0, 2])),
        of(array(4, 3), np.array([2, 0]), 1),
        of(array(4, 3), 1, 0),
        of(array(2, 3), np.array([5, 5])),
        of(array(4), [3, 0, 0]),
    ),
)


def _counted(x: Type, weights: Type, minlength: Type) -> Type:
    del minlength  # there are more where an item of ``x`` is larger
    shape_of(as_index(x))
    if weights == Static(None):
        return Array(np.dtype(np.intp), (None,))
    dtype_of(weights)
    return Array(np.dtype(np.float64), (None,))


linear(
    np.bincount,
    "x, weights=None, minlength=0 -> y",
    weights="unbroadcast(g[x], weights)",
    result=_counted,
    samples=lambda: (
        of(np.array([0, 2, 2, 1]), array(4)),
        of(np.array([0, 2, 2]), weights=array(3), minlength=5),
        of(np.array([0, 2, 2])),
    ),
)


def _sorted(x: Type, axis: Type) -> Type:
    shape = shape_of(x)
    if axis == Static(None):
        return Array(dtype_of(x), (product_dims(shape),))
    axes_of(axis, len(shape))
    return Array(dtype_of(x), shape)


coupled(
    np.sort,
    "x, axis=-1 -> y",
    cotangents={"x": "unsort(g, x, axis)"},
    tangents={"x": "sorted_as(g, x, axis)"},
    result=_sorted,
    samples=lambda: (of(array(5)), of(array(2, 3), 0), of(array(2, 3), None)),
)
