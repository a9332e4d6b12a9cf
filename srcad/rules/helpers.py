"""The functions of `srcad.runtime`, which stand in the expressions of other rules."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from srcad import runtime
from srcad.rules.declare import constant, elementwise, linear
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.types.lattice import Array, Scalar, Static, Type
from srcad.types.layouts import dims_of
from srcad.types.shapes import dtype_of, elementwise_type, made, shape_of

__all__: list[str] = []

# Their signatures are partly unknown to type checkers.
op: Any = operator


def _kept(t: Type, like: Type) -> Type:
    shape = shape_of(like)
    dtype = dtype_of(like)
    match t, like:
        case Scalar(weak=True), Scalar(weak=True):
            return Scalar(np.dtype(float) if dtype.kind != "c" else dtype_of(t))
        case _ if dtype.kind not in "fc":
            raise LookupError("the cotangent of an integer")
        case _, Scalar(weak=False):
            return Scalar(dtype, False)
        case _, Array():
            return Array(dtype, shape)
        case _:
            raise LookupError("a number's cotangent may be of any precision")


def _copied(x: Type, like: Type) -> Type:
    del like
    return Array(dtype_of(x), shape_of(x))


def _between(x: Type, low: Type, high: Type) -> Type:
    for bound in (low, high):
        if bound != Static(None):
            x = elementwise_type(np.subtract, x, bound)
    return x


def _unbroadcast_samples() -> Iterator[Sample]:
    yield of(array(2, 3), array(3), wrt=("t",))
    yield of(array(2, 3), array(2, 1), wrt=("t",))
    yield of(array(2, 3), 1.5, wrt=("t",))
    yield of(array(2, 3), array(2, 3), wrt=("t",))
    yield of(array(3) + 1j * array(3, seed=1), array(3), wrt=("t",))


def _broadcast_samples() -> Iterator[Sample]:
    yield of(array(3), array(2, 3), wrt=("t",))
    yield of(0.7, array(2, 3), wrt=("t",))
    yield of(array(2, 1), array(2, 3), wrt=("t",))


linear(
    runtime.unbroadcast,
    "t, like -> y",
    t="broadcast_like(g, t)",
    result=_kept,
    shares=("t",),
    samples=_unbroadcast_samples,
)
linear(
    runtime.broadcast_like,
    "t, like -> y",
    t="unbroadcast(g, t)",
    result=_kept,
    shares=("t",),
    samples=_broadcast_samples,
)
linear(
    runtime.strided_like,
    "x, like -> y",
    x="g",
    result=_copied,
    samples=lambda: (of(array(2, 3), array(2, 3), wrt=("x",)),),
)


def _unreduced(t: Type, shape: Type, axis: Type, keepdims: Type) -> Type:
    del axis, keepdims
    return Array(dtype_of(t), dims_of(shape))


linear(
    runtime.unreduce,
    "t, shape, axis, keepdims -> y",
    t="np.reshape(np.sum(g, axis=axis, keepdims=keepdims), np.shape(t))",
    result=_unreduced,
    shares=("t",),
    samples=lambda: (
        of(array(2), (2, 3), 1, False),
        of(array(2, 1), (2, 3), 1, True),
        of(np.float64(0.5), (2, 3), None, False),
        of(array(3), (2, 3, 4), (0, 2), False),
    ),
)
linear(
    runtime.scatter,
    "t, i, like -> y",
    t="g[i]",
    result=lambda t, i, like: made(like, shape_of(like)),
    samples=lambda: (
        of(array(2), slice(1, None), array(3), wrt=("t",)),
        of(array(2, 3), np.array([0, 0]), array(4, 3), wrt=("t",)),
        of(0.3, (1, 2), array(2, 3), wrt=("t",)),
    ),
)
elementwise(
    runtime.power_slope,
    "x, n, order=1 -> y",
    x="g * power_slope(x, n, order + 1)",
    n="g * (falling(n, order, 1) * x ** (n - order) + y * safe_log(x))",
    result=lambda x, n, order: elementwise_type(op.pow, x, n),
    domain=((0.2, 2.0), (1.5, 2.5)),
    kinds="sadc",
)
elementwise(
    runtime.falling,
    "n, order, times=0 -> y",
    n="g * falling(n, order, times + 1)",
    result=lambda n, order, times: elementwise_type(op.pos, n),
    samples=lambda: (of(1.7, 2), of(array(3), 1), of(array(3), 3, 1)),
)
elementwise(runtime.safe_log, "x -> y", x="over(g, x)", domain=(0.2, 2.0), kinds="sac")
elementwise(
    runtime.over,
    "x, y -> z",
    x="over(g, y)",
    y="-over(g * z, y)",
    domain=((-2.0, 2.0), (0.5, 2.0)),
    kinds="sadc",
)
elementwise(
    runtime.quotient,
    "x, y -> z",
    x="quotient(g, y)",
    y="-quotient(g * z, y)",
    domain=((-2.0, 2.0), (0.5, 2.0)),
    kinds="sadc",
)
elementwise(runtime.exp_share, "x, total -> y", x="g * y", total="-(g * y)", kinds="sad")
elementwise(runtime.normal_hazard, "x -> y", x="g * y * hazard_excess(x)")
elementwise(runtime.hazard_excess, "x -> y", x="g * (normal_hazard(x) * y - 1)")
elementwise(runtime.trigamma, "x -> y", x="-2 * g * special.zeta(3, x)", domain=(0.3, 3.0))
elementwise(runtime.logistic_tail, "x -> y", x="-(g * y * (1 - y))", kinds="sa")
elementwise(
    runtime.sinc_slope,
    "x -> y",
    x="-(g * (np.pi * np.sin(np.pi * x) + 2 * y) / x)",
    domain=(0.3, 1.4),
)
constant(
    runtime.larger,
    "x, y -> z",
    result=lambda x, y: Scalar(np.dtype(float)),
    samples=lambda: (of(1.0, 2.0),),
)
constant(
    runtime.tie_share,
    "x, y, axis, keepdims -> z",
    result=lambda x, y, axis, keepdims: made(x, shape_of(x)),
    samples=lambda: (of(array(3), 0.5, None, False),),
)
constant(
    runtime.clip_slope,
    "x, low, high -> y",
    result=_between,
    samples=lambda: (of(array(3), -1.0, 1.0),),
)
constant(
    runtime.high_slope,
    "x, low, high -> y",
    result=_between,
    samples=lambda: (of(array(3), -1.0, 1.0),),
)
constant(runtime.check_view, "view, of -> y", samples=lambda: (of(array(0), array(3)),))
constant(runtime.check_number, "item -> y", samples=lambda: (of(1.5),))
constant(
    runtime.check_alike,
    "x, other, role -> y",
    samples=lambda: (of(array(3), array(3), "tangent", wrt=()),),
)
constant(runtime.check_plain, "x -> y", samples=lambda: (of(1.5),))
constant(runtime.check_real, "value, name -> y", samples=lambda: (of(1.5, "f", wrt=()),))
constant(runtime.check_pair, "value, name -> y", samples=lambda: (of((1.5, 2.5), "f", wrt=()),))
