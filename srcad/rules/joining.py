"""Joining, stacking and splitting arrays; arrays made of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from srcad.rules.declare import joint_linear, linear
from srcad.rules.samples import array, of
from srcad.types.lattice import (
    Array,
    Dim,
    FixedList,
    ListOf,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
)
from srcad.types.layouts import divided, items_of, joined_dtype, product_dims, sliced, sum_dims
from srcad.types.shapes import axes_of, broadcast, dtype_of, known_int, known_value, shape_of

__all__: list[str] = []


def _stretch(xs: Type) -> tuple[tuple[Type, ...], bool]:
    """The types of the items; of a list that grew only one, as all are of one rank or fail."""
    if isinstance(xs, ListOf) and xs.item is not None:
        return (_as_array(xs.item),), True
    return tuple(map(_as_array, items_of(xs))), False


def _as_array(t: Type) -> Type:
    """The type of the array that NumPy makes of a list of numbers among others."""
    return Array(*_packed(t)) if isinstance(t, (ListOf, FixedList, TupleOf)) else t


def _end_to_end(
    items: tuple[Type, ...], shapes: list[tuple[Dim, ...]], axis: int, grew: bool = False
) -> Type:
    first = shapes[0]
    if any(len(s) != len(first) for s in shapes):
        raise LookupError("they cannot be joined, if their types are what they seem to be")
    k = axis % len(first)
    whole = None if grew else sum_dims(tuple(s[k] for s in shapes))
    # All agree along the other axes, so a literal extent of one is that of all.
    agreed = [
        next((d for d in column if isinstance(d, int)), column[0])
        for column in zip(*shapes, strict=True)
    ]
    return Array(joined_dtype(items), tuple(whole if i == k else d for i, d in enumerate(agreed)))


def _concatenated(xs: Type, axis: Type) -> Type:
    items, grew = _stretch(xs)
    if axis == Static(None):
        return Array(joined_dtype(items), (None,))
    shapes = [shape_of(t) for t in items]
    (k,) = axes_of(axis, len(shapes[0]))
    return _end_to_end(items, shapes, k, grew)


joint_linear(
    np.concatenate,
    "xs, axis=0 -> y",
    xs="split_like(g, xs, axis)",
    result=_concatenated,
    samples=lambda: (
        of([array(2), array(3)]),
        of((array(2, 3), array(1, 3), array(2, 3, seed=1))),
        of((array(2, 3), array(2, 1)), 1),
        of([array(2, 3), array(2, 1)], axis=-1),
        of([array(2, 3), array(2), 0.5], axis=None),
        of([[0.5], array(2), (1.0, 2.0)]),
    ),
)


def _stacked(xs: Type, axis: Type) -> Type:
    items, grew = _stretch(xs)
    count = None if grew else len(items)
    shape = broadcast(*(shape_of(t) for t in items))
    (k,) = axes_of(axis, len(shape) + 1)
    return Array(joined_dtype(items), (*shape[:k], count, *shape[k:]))


joint_linear(
    np.stack,
    "xs, axis=0 -> y",
    xs="unstack(g, axis)",
    result=_stacked,
    samples=lambda: (
        of([array(3), array(3, seed=1)]),
        of([array(2, 3), array(2, 3, seed=1), array(2, 3, seed=2)], 1),
        of((array(3), array(3, seed=1)), axis=-1),
    ),
)


def _appended(x: Type, values: Type, axis: Type) -> Type:
    items = _as_array(x), _as_array(values)
    if axis != Static(None):
        return _concatenated(TupleOf(items), axis)
    return _end_to_end(items, [(product_dims(shape_of(t)),) for t in items], 0)


def _v(xs: Type) -> Type:
    items, grew = _stretch(xs)
    return _end_to_end(items, [(1,) * (2 - len(s)) + s for s in map(shape_of, items)], 0, grew)


def _h(xs: Type) -> Type:
    items, grew = _stretch(xs)
    shapes = [shape_of(t) or (1,) for t in items]
    return _end_to_end(items, shapes, 0 if len(shapes[0]) == 1 else 1, grew)


def _columns(xs: Type) -> Type:
    items, grew = _stretch(xs)
    shapes = [s if len(s) == 2 else (*(s or (1,)), 1) for s in map(shape_of, items)]
    return _end_to_end(items, shapes, 1, grew)


joint_linear(
    np.vstack,
    "xs -> y",
    xs="split_like(g, xs, 0)",
    result=_v,
    samples=lambda: (of([array(3), array(3, seed=1)]), of((array(2, 3), array(3)))),
)
joint_linear(
    np.hstack,
    "xs -> y",
    xs="split_like(g, xs, min(np.ndim(g) - 1, 1))",
    result=_h,
    samples=lambda: (of([array(3), array(2)]), of((array(2, 3), array(2, 1)))),
)
joint_linear(
    np.column_stack,
    "xs -> y",
    xs="split_like(g, xs, 1)",
    result=_columns,
    samples=lambda: (of([array(3), array(3, seed=1)]), of((array(3, 2), array(3)))),
)


linear(
    np.append,
    "x, values, axis=None -> y",
    x="split_like(g, [x, values], axis)[0]",
    values="split_like(g, [x, values], axis)[1]",
    tangents={
        "x": "np.append(g, np.zeros_like(values), axis)",
        "values": "np.append(np.zeros_like(x), g, axis)",
    },
    result=_appended,
    samples=lambda: (of(array(3), array(2)), of(array(2, 3), array(1, 3), 0), of(array(2), 1.5)),
)


# --- splitting -----------------------------------------------------------------------------------


def _split(fn: Callable[..., Any], x: Type, parts: Type, axis: Type) -> Type:
    shape = shape_of(x)
    (k,) = axes_of(axis, len(shape))
    n = shape[k]
    if isinstance(parts, Scalar) and parts.dtype.kind == "i" and parts.known is None:
        each = tuple(None if i == k else d for i, d in enumerate(shape))
        return ListOf(Array(dtype_of(x), each))
    if isinstance(parts, FixedList | TupleOf):
        ends = (Static(None), *parts.items, Static(None))
        extents = [sliced(n, SliceOf(*cut, Static(None))) for cut in pairwise(ends)]
    else:
        # Only `np.split` insists on parts of one length.
        each = divided(n, known_int(parts)) if fn is np.split or isinstance(n, int) else None
        extents = [each] * known_int(parts)
    return FixedList(
        tuple(
            Array(dtype_of(x), tuple(each if i == k else d for i, d in enumerate(shape)))
            for each in extents
        )
    )


for _fn in (np.split, np.array_split):
    linear(
        _fn,
        "x, parts, axis=0 -> ys",
        x="np.concatenate(g, axis)",
        result=partial(_split, _fn),
        shares=("x",),
        samples=lambda: (of(array(6), 3), of(array(2, 6), [1, 3], 1), of(array(4, 2), 2)),
    )


# --- arrays of numbers ---------------------------------------------------------------------------


def _packed(x: Type) -> tuple[np.dtype[Any], tuple[Dim, ...]]:
    match x:
        case Scalar() | Array():
            return dtype_of(x), shape_of(x)
        case ListOf(item) if item is not None:
            dtype, shape = _packed(item)
            return dtype, (None, *shape)
        case _:
            parts = [_packed(item) for item in items_of(x)]
            if not parts:
                raise LookupError("an array of nothing")
            dtype = np.result_type(*(d for d, _ in parts))
            return dtype, (len(parts), *broadcast(*(s for _, s in parts)))


def _array(x: Type, dtype: Type) -> Array:
    found, shape = _packed(x)
    if dtype != Static(None):
        try:
            found = np.dtype(known_value(dtype))  # pyright: ignore[reportArgumentType, reportCallIssue]
        except TypeError as error:
            raise LookupError("no dtype") from error
    return Array(found, shape)


def _with_an_axis(x: Type, dtype: Type) -> Type:
    made = _array(x, dtype)
    return made if shape_of(made) else replace(made, shape=(1,))


for _fn, _result, _shares in (
    (np.array, _array, ()),
    (np.asarray, _array, ("x",)),
    (np.ascontiguousarray, _with_an_axis, ("x",)),
):
    linear(
        _fn,
        "x, dtype=None -> y",
        x="unpack_like(g, x)",
        result=_result,
        shares=_shares,
        samples=lambda: (
            of([1.0, 2.5]),
            of(array(2, 3)),
            of([[1.0, 2.0], [0.5, 0.25]]),
            of((array(3), array(3, seed=1))),
            of([1.0, 2.5], dtype=float),
        ),
    )


def _listed(x: Type) -> Type:
    number = Scalar(np.dtype(dtype_of(x).type(0).item().__class__))
    found: Type = number
    for _ in shape_of(x):
        found = ListOf(found)
    return found


linear(
    np.ndarray.tolist,
    "x -> ys",
    x="np.reshape(np.array(g, np.result_type(x)), np.shape(x))",
    result=_listed,
    samples=lambda: (of(array(3)), of(array(2, 3))),
)
