"""The transposes of `srcad.runtime`: linear each, and transposed what they came from."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from srcad import runtime
from srcad.rules.declare import constant, coupled, joint_linear, linear
from srcad.rules.samples import array, of
from srcad.types.containers import item_type
from srcad.types.lattice import (
    INT,
    UNKNOWN,
    Array,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    join,
)
from srcad.types.layouts import dims_of, getitem_type
from srcad.types.of_value import type_of
from srcad.types.shapes import axes_of, dtype_of, known_value, shape_of

__all__ = ["like"]


def like(x: Type) -> Type:
    """The type of a cotangent of ``x``, which has its dtype and shape."""
    dtype = dtype_of(x)
    match x:
        case Array(_, shape):
            return Array(dtype, shape)
        case Scalar(weak=False):
            return Scalar(dtype, False)
        case _:
            raise LookupError("a number's cotangent may be of any precision")


def _cast(t: Type, x: Type) -> Type:
    match x:
        case Array(dtype):
            return Array(dtype, shape_of(t))
        case Scalar(dtype, weak=False):
            return Scalar(dtype, False)
        case _:
            raise LookupError("a number or container stays what it is")


def _sum(a: Type, b: Type) -> Type:
    if isinstance(a, (ListOf, FixedList)) and isinstance(b, (ListOf, FixedList)):
        x, y = item_type(a, INT), item_type(b, INT)
        if isinstance(x, Scalar) and isinstance(y, Scalar):
            return ListOf(join(x, y))
    if a != b:
        raise LookupError("what is of two types may be broadcast, or of any length")
    return a


def _array(t: Type, like: Type) -> Array:
    """An array of the dtype of ``t`` and the shape of ``like``."""
    return Array(dtype_of(t), shape_of(like))


def _longer(t: Type, axis: Type) -> Array:
    shape = shape_of(t)
    (k,) = axes_of(axis, len(shape))
    return Array(dtype_of(t), tuple(None if i == k else d for i, d in enumerate(shape)))


# --- joining and laying out ----------------------------------------------------------------------


def _in_form(t: Type, x: Type) -> Type:
    """What has the form of ``x``, of the numbers in ``t``."""
    match x:
        case Array() | Scalar(weak=False):
            return like(x)
        case Scalar() if dtype_of(t).kind == "f":
            return Scalar(dtype_of(t), False)
        case TupleOf(items) | FixedList(items):
            return FixedList(tuple(_in_form(t, item) for item in items))
        case ListOf(item) if item is not None:
            return ListOf(_in_form(t, item))
        case _:
            return UNKNOWN


linear(
    runtime.split_like,
    "t, xs, axis -> ys",
    t="join_like(g, t, axis)",
    result=lambda t, xs, axis: _in_form(t, xs),
    samples=lambda: (
        of(array(5), [array(2), array(3)], 0, wrt=("t",)),
        of(array(3, 3), (array(2, 3), array(3)), 0, wrt=("t",)),
        of(array(3, 3), (array(3, 2), array(3)), 1, wrt=("t",)),
    ),
)
joint_linear(
    runtime.join_like,
    "xs, like, axis -> y",
    xs="split_like(g, xs, axis)",
    result=lambda xs, like, axis: _array(like, like),
    samples=lambda: (of([array(2, 3), array(3)], array(3, 3), 0),),
)


def _slices(t: Type, axis: Type) -> Type:
    shape = shape_of(t)
    (k,) = axes_of(axis, len(shape))
    left = shape[:k] + shape[k + 1 :]
    item = Array(dtype_of(t), left) if left else Scalar(dtype_of(t), False)
    count = shape[k]
    return FixedList((item,) * count) if isinstance(count, int) else ListOf(item)


linear(
    runtime.unstack,
    "t, axis -> ys",
    t="np.stack(g, axis)",
    shares=("t",),
    result=_slices,
    samples=lambda: (of(array(2, 3), 0), of(array(2, 3), -1)),
)
linear(
    runtime.unpack_like,
    "t, x -> ys",
    t="np.array(g)",
    shares=("t",),
    result=_in_form,
    samples=lambda: (of(array(2), [0.5, 1.5], wrt=("t",)),),
)


def _addends(t: Type, xs: Type) -> Type:
    """What the items of the list ``xs``, whose sum has the cotangent ``t``, have for cotangents."""
    if not isinstance(xs, (ListOf, FixedList)):
        raise LookupError("a tuple or an array")
    match item_type(xs, INT), t:
        case (Scalar(weak=True), Scalar(dtype, weak)) if dtype.kind == "f":
            return ListOf(Scalar(dtype, weak))
        case item, _:
            return ListOf(like(item))


linear(
    runtime.sum_bars,
    "t, xs -> ys",
    t="unbroadcast(sum(g), t)",
    result=_addends,
    shares=("t",),
    samples=lambda: (of(0.5, [1.0, 2.0], wrt=("t",)),),
)
linear(
    runtime.repeat_bar,
    "t, like, repeats, axis -> y",
    t="np.repeat(g, repeats, axis)",
    result=lambda t, like, repeats, axis: _array(t, like),
    samples=lambda: (of(array(6), array(3), 2, None, wrt=("t",)),),
)
linear(
    runtime.tile_bar,
    "t, like, reps -> y",
    t="np.tile(g, reps)",
    result=lambda t, like, reps: _array(t, like),
    samples=lambda: (of(array(6), array(3), 2, wrt=("t",)),),
)
linear(
    runtime.pad_bar,
    "t, like, pad_width -> y",
    t="np.pad(g, pad_width)",
    shares=("t",),
    result=lambda t, like, pad_width: _array(t, like),
    samples=lambda: (of(array(5), array(2), (1, 2), wrt=("t",)),),
)
linear(
    runtime.diag_bar,
    "t, like, k -> y",
    t="np.diagonal(g, k)",
    result=lambda t, like, k: _array(t, like),
    samples=lambda: (of(array(2), array(2, 3), 1, wrt=("t",)),),
)
linear(
    runtime.diff_bar,
    "t, axis -> y",
    t="np.diff(g, 1, axis)",
    result=_longer,
    samples=lambda: (of(array(3), -1), of(array(2, 3), 0), of(array(0), 0)),
)
linear(
    runtime.trace_bar,
    "t, like, offset -> y",
    t="np.trace(g, offset)",
    result=lambda t, like, offset: _array(like, like),
    samples=lambda: (of(np.float64(1.5), array(2, 3), 1, wrt=("t",)),),
)
linear(
    runtime.take_bar,
    "t, like, indices, axis -> y",
    t="np.take(g, indices, axis)",
    result=lambda t, like, indices, axis: _array(like, like),
    samples=lambda: (of(array(2), array(4), np.array([1, 1]), None, wrt=("t",)),),
)
linear(
    runtime.unsort,
    "t, x, axis -> y",
    t="sorted_as(g, x, axis)",
    result=lambda t, x, axis: _array(t, x),
    samples=lambda: (of(array(4), array(4, seed=2), -1, wrt=("t",)),),
)
linear(
    runtime.sorted_as,
    "t, x, axis -> y",
    t="unsort(g, x, axis)",
    result=lambda t, x, axis: _array(t, x),
    samples=lambda: (of(array(4), array(4, seed=2), -1, wrt=("t",)),),
)
constant(runtime.cuts, "xs, axis -> y", samples=lambda: (of([array(2), array(3)], 0),))
constant(runtime.opposite, "shift -> y", samples=lambda: (of(2), of((1, 2))))
constant(
    runtime.inverse_axes,
    "axes -> y",
    result=lambda axes: type_of(runtime.inverse_axes(known_value(axes))),
    samples=lambda: (of((1, 2, 0)), of((-1, 0, 1))),
)

# --- items and trees -----------------------------------------------------------------------------

linear(
    runtime.stored_bar,
    "x, i -> y",
    x="placed(g, i, x)",
    result=getitem_type,
    shares=("x",),
    samples=lambda: (
        of(array(4), slice(1, 3)),
        of(array(4), np.array([0, 0, 2])),
        of(array(2, 3), (0, 1)),
    ),
)
linear(
    runtime.placed,
    "t, i, like -> y",
    t="stored_bar(g, i)",
    result=lambda t, i, like: _array(like, like),
    samples=lambda: (
        of(array(2), slice(1, 3), array(4), wrt=("t",)),
        of(array(3), np.array([0, 0, 2]), array(4), wrt=("t",)),
    ),
)
linear(
    runtime.as_like,
    "t, x -> y",
    t="as_like(g, t)",
    result=_cast,
    shares=("t",),
    samples=lambda: (
        of(array(3), array(3), wrt=("t",)),
        of(array(3) + 1j, array(3), wrt=("t",)),
        of([array(2), 0.5], [array(2), 1.5], wrt=("t",)),
        of(0.5, np.float64(1.0), wrt=("t",)),
    ),
)
coupled(
    runtime.add_trees,
    "a, b -> c",
    cotangents={"a": "g", "b": "g"},
    tangents={"a": "g", "b": "g"},
    result=_sum,
    samples=lambda: (of(array(3), array(3, seed=1)), of([0.5, array(2)], [1.5, array(2, seed=1)])),
)


def _zero_of(x: Type) -> Type:
    match x:
        case Array(dtype, shape) if dtype.kind in "iub":
            return Array(np.dtype(float), shape)
        case Scalar(dtype) if dtype.kind in "iub":
            return type_of(0.0)
        case _:
            return _zeros(x)


def _is_plain(t: Type | None) -> TypeGuard[Array | Scalar]:
    return isinstance(t, (Array, Scalar)) and t.dtype.kind in "fc"


def _zeros(x: Type) -> Type:
    match x:
        case Array(dtype, shape) if dtype.kind in "fc":
            return Array(dtype, shape)
        case Scalar(dtype, weak) if dtype.kind in "fc":
            return Scalar(dtype, weak)
        case Array() | Scalar() | Static():
            return Static(None)
        case Record(cls, fields):
            return Record(cls, tuple((name, _zeros(t)) for name, t in fields))
        case ListOf() | FixedList() if _is_plain(item := item_type(x, INT)):
            return ListOf(_zeros(item))  # items are stored there, of any number
        case _:
            raise LookupError("what it is made of may change: a sweep writes into such containers")


constant(
    runtime.zeros_like_tree,
    "x -> y",
    result=_zeros,
    samples=lambda: (of(array(2)), of((1.0, [2.0]))),
)
constant(
    runtime.zeros_of_item,
    "xs, i, like -> y",
    samples=lambda: (of([array(2), array(3)], 1, array(4)), of({}, "a", 1.5)),
)
constant(
    runtime.zero_of,
    "x -> y",
    result=_zero_of,
    samples=lambda: (of(array(2)), of((1.0, [2.0]))),
)

linear(
    runtime.copied_tree,
    "x -> y",
    x="g",
    result=lambda x: x,
    samples=lambda: (of(array(2)), of((1.5, [array(2)]))),
)

# --- reductions ----------------------------------------------------------------------------------

linear(
    runtime.reversed_cumsum,
    "t, shape, axis -> y",
    t="np.cumsum(g, axis)",
    result=lambda t, shape, axis: Array(dtype_of(t), dims_of(shape)),
    samples=lambda: (of(array(4), (4,), None), of(array(2, 3), (2, 3), 1)),
)
_PRODUCTS = (
    "from_rows(put_back(products_of_others(leave_out(as_rows(x, axis), 1), -1)"
    " * np.expand_dims(as_rows(g, axis), -1)), np.shape(x), axis)"
)
coupled(
    runtime.products_of_others,
    "x, axis -> y",
    cotangents={"x": _PRODUCTS},
    tangents={"x": _PRODUCTS},
    result=lambda x, axis: _array(x, x),
    samples=lambda: (of(array(4), None), of(array(2, 3), 1), of(array(2, 3, 2), (0, 2))),
)
linear(
    runtime.as_rows,
    "t, axis -> y",
    t="from_rows(g, np.shape(t), axis)",
    shares=("t",),
    samples=lambda: (of(array(2, 3, 4), (0, 1)), of(array(2, 3), -1), of(array(2, 3), None)),
)
linear(
    runtime.from_rows,
    "t, shape, axis -> y",
    t="as_rows(g, axis)",
    shares=("t",),
    result=lambda t, shape, axis: Array(dtype_of(t), dims_of(shape)),
    samples=lambda: (of(array(4, 6), (2, 3, 4), (0, 1)), of(array(6), (2, 3), None)),
)
coupled(
    runtime.leave_out,
    "t, fill -> y",
    cotangents={"t": "put_back(g)"},
    tangents={"t": "leave_out(g, 0)"},
    samples=lambda: (of(array(3), 1), of(array(2, 3), 0)),
)
linear(
    runtime.put_back,
    "t -> y",
    t="leave_out(g, 0)",
    samples=lambda: (of(array(3, 3)), of(array(2, 3, 3))),
)
_P = "norm_power(ord)"
_IN_Y = f"(1 - {_P}) * over(np.reshape(np.real(np.sum(g * z, axis=axis)), np.shape(y)), y)"
_IN_Y_DOT = f"(1 - {_P}) * z * norm_spread(over(g, y), x, axis)"
coupled(
    runtime.norm_slope,
    "x, y, ord, axis -> z",
    cotangents={"x": "np.conj(g * norm_curve(x, y, ord, axis))", "y": _IN_Y},
    tangents={"x": "np.conj(g) * norm_curve(x, y, ord, axis)", "y": _IN_Y_DOT},
    real={"x": "g * norm_curve(x, y, ord, axis)"},
    real_tangents={"x": "g * norm_curve(x, y, ord, axis)"},
    result=lambda x, y, ord, axis: _array(x, x),
    samples=lambda: (
        of(array(3), np.float64(2.5), None, None),
        of(array(2, 3), array(2, low=3.0, high=4.0), 3, 1),
        of(array(2, 3), array(2, 1, low=3.0, high=4.0), None, 1),
        of(array(3) + 1j * array(3, seed=1), np.float64(3.5), None, None),
    ),
)
coupled(
    runtime.norm_curve,
    "x, y, ord, axis -> z",
    cotangents={"x": f"g * ({_P} - 2) * np.real(over(z, x))", "y": _IN_Y},
    tangents={"x": f"g * ({_P} - 2) * np.real(over(z, x))", "y": _IN_Y_DOT},
    result=lambda x, y, ord, axis: _array(x, x),
    samples=lambda: (
        of(array(3), np.float64(2.5), 3, None),
        of(array(2, 3), array(2, low=3.0, high=4.0), 4, 1),
    ),
)
linear(
    runtime.norm_spread,
    "y, x, axis -> z",
    y="np.reshape(np.sum(g, axis=axis), np.shape(y))",
    shares=("y",),
    result=lambda y, x, axis: _array(y, x),
    samples=lambda: (
        of(np.float64(2.5), array(3), None, wrt=("y",)),
        of(array(2), array(2, 3), 1, wrt=("y",)),
        of(array(2, 1), array(2, 3), 1, wrt=("y",)),
    ),
)
constant(runtime.norm_power, "ord -> p", samples=lambda: (of(None), of(3)))
coupled(
    runtime.lower_half,
    "M -> H",
    cotangents={"M": "lower_half(g)"},
    tangents={"M": "lower_half(g)"},
    result=lambda M: _array(M, M),
    samples=lambda: (of(array(3, 3)),),
)
linear(
    runtime.mirrored,
    "t -> y",
    t="lower_half(g + np.swapaxes(g, -1, -2))",
    result=lambda t: _array(t, t),
    samples=lambda: (of(array(3, 3)), of(array(2, 3, 3))),
)
linear(
    runtime.solve_bar_A,
    "t, x -> A_bar",
    t="-np.matmul(g, x)",
    x="-np.matmul(np.swapaxes(g, -1, -2), t)",
    result=lambda t, x: Array(
        np.result_type(dtype_of(t), dtype_of(x)),
        shape_of(t) + shape_of(x)[-1:]
        if len(shape_of(x)) == 1
        else (*shape_of(t)[:-1], shape_of(x)[-2]),
    ),
    samples=lambda: (of(array(3), array(3, seed=1)), of(array(3, 2), array(3, 2, seed=1))),
)
