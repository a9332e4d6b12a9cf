"""Sums, means, products, extrema, norms and running sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcad.rules.declare import coupled, linear
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.types.lattice import Array, Type
from srcad.types.layouts import product_dims
from srcad.types.shapes import axes_of, dtype_of, probe, reduced_type, shape_of

__all__: list[str] = []

AtConstant = Callable[[Mapping[str, object], bool], Mapping[str, str]]


def _reduced(fn: Callable[..., Any]) -> Callable[..., Type]:
    def result(x: Type, axis: Type, keepdims: Type, ddof: Type | None = None) -> Type:
        del ddof
        return reduced_type(fn, x, axis, keepdims)

    return result


def _samples(**more: Any) -> Callable[[], tuple[Sample, ...]]:
    return lambda: (
        of(array(4), **more),
        of(array(2, 3), **more),
        of(array(2, 3), axis=0, **more),
        of(array(2, 3), axis=-1, **more),
        of(array(2, 3), axis=1, keepdims=True, **more),
        of(array(2, 3), keepdims=True, **more),
        of(array(2, 3, 4), axis=(0, 2), **more),
    )


def _spread(t: str) -> AtConstant:
    """The cotangent where it is known which axes went: plain NumPy broadcasts ``t`` back."""

    def at_constant(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
        del real
        axis = known.get("axis", "")
        if axis is None or known.get("keepdims") is True:
            return {"x": f"np.broadcast_to({t}, np.shape(x))"}
        if known.get("keepdims") is False and isinstance(axis, int):
            return {"x": f"np.broadcast_to(np.expand_dims({t}, axis), np.shape(x))"}
        return {}

    return at_constant


def _times(t: str, slope: str) -> AtConstant:
    """The cotangent ``t * slope`` where it is known which axes went: broadcasting does the rest."""

    def at_constant(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
        del real
        axis, keepdims = known.get("axis", ""), known.get("keepdims")
        if axis is None or keepdims is True:
            return {"x": f"{t} * {slope}"}
        if isinstance(axis, int) and keepdims is False:
            return {"x": f"np.expand_dims({t}, axis) * {slope}"}
        return {}

    return at_constant


def _mean_known(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    axis = known.get("axis", "")
    if axis is None:
        return _spread("g / np.size(x)")(known, real)
    if isinstance(axis, int):
        return _spread("g / np.size(x, axis)")(known, real)
    return {}


linear(
    np.sum,
    "x, axis=None, *, keepdims=False -> y",
    x="unreduce(g, np.shape(x), axis, keepdims)",
    at_rank={(0,): {"x": "g"}},
    at_constant=_spread("g"),
    result=_reduced(np.sum),
    samples=lambda: (*_samples()(), of(1.5)),
)
linear(
    np.mean,
    "x, axis=None, *, keepdims=False -> y",
    x="unreduce(g * (np.size(y) / max(np.size(x), 1)), np.shape(x), axis, keepdims)",
    at_rank={(0,): {"x": "g"}},
    at_constant=_mean_known,
    result=_reduced(np.mean),
    samples=lambda: (*_samples()(), of(1.5)),
)
for _fn in (np.max, np.amax, np.min, np.amin):
    coupled(
        _fn,
        "x, axis=None, *, keepdims=False -> y",
        cotangents={
            "x": "unreduce(g, np.shape(x), axis, keepdims) * tie_share(x, y, axis, keepdims)"
        },
        at_constant=_times("g", "tie_share(x, y, axis, keepdims)"),
        tangents={"x": "np.sum(g * tie_share(x, y, axis, keepdims), axis=axis, keepdims=keepdims)"},
        result=_reduced(_fn),
        samples=_samples(),
    )
coupled(
    np.prod,
    "x, axis=None, *, keepdims=False -> y",
    cotangents={"x": "unreduce(g, np.shape(x), axis, keepdims) * products_of_others(x, axis)"},
    tangents={"x": "np.sum(g * products_of_others(x, axis), axis=axis, keepdims=keepdims)"},
    at_constant=_times("g", "products_of_others(x, axis)"),
    result=_reduced(np.prod),
    samples=lambda: (*_samples()(), of(array(3) * np.array([1.0, 0.0, 1.0]))),
)
_Z = array(3) + 1j * array(3, seed=1)
_COUNT = "(max(np.size(x), 1) / max(np.size(y), 1) - ddof)"  # of no elements, no division by zero
_CENTRED = "(x - np.mean(x, axis=axis, keepdims=True))"


def _about_mean(scaled: str) -> AtConstant:
    """The cotangent of `np.var` or `np.std` over all elements, or along one axis."""

    def at_constant(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
        axis = known.get("axis", "")
        keepdims = known.get("keepdims")
        if not isinstance(keepdims, bool) or not (axis is None or isinstance(axis, int)):
            return {}
        size = "np.size(x)" if axis is None else "np.size(x, axis)"
        count = size if known.get("ddof") == 0 else f"({size} - ddof)"
        centred = "x - np.mean(x)" if axis is None else _CENTRED
        if axis == 0 and not keepdims:  # by the mean that a layer takes too: it needs no axis more
            centred = "x - np.mean(x, axis=axis)"
        g = (
            scaled.format(count)
            if axis is None or keepdims
            else f"np.expand_dims({scaled.format(count)}, axis)"
        )
        return {"x": f"{g} * ({centred})" if real else f"{g} * np.conj({centred})"}

    return at_constant


_STD_DOT = f"over(np.sum(g * {{}}, axis=axis, keepdims=keepdims), y * {_COUNT})"
coupled(
    np.var,
    "x, axis=None, *, ddof=0, keepdims=False -> y",
    cotangents={
        "x": f"unreduce(2 * g / {_COUNT}, np.shape(x), axis, keepdims) * np.conj({_CENTRED})",
    },
    tangents={
        "x": f"2 * np.sum(np.real(g * np.conj({_CENTRED})), axis=axis, keepdims=keepdims)"
        f" / {_COUNT}",
    },
    real={"x": f"unreduce(2 * g / {_COUNT}, np.shape(x), axis, keepdims) * {_CENTRED}"},
    real_tangents={"x": f"2 * np.sum(g * {_CENTRED}, axis=axis, keepdims=keepdims) / {_COUNT}"},
    at_constant=_about_mean("2 * g / {}"),
    result=_reduced(np.var),
    samples=lambda: (*_samples()(), *_samples(ddof=1)(), of(_Z)),
)
coupled(
    np.std,
    "x, axis=None, *, ddof=0, keepdims=False -> y",
    cotangents={
        "x": f"unreduce(over(g, y * {_COUNT}), np.shape(x), axis, keepdims) * np.conj({_CENTRED})",
    },
    tangents={"x": f"np.real({_STD_DOT.format(f'np.conj({_CENTRED})')})"},
    real={"x": f"unreduce(over(g, y * {_COUNT}), np.shape(x), axis, keepdims) * {_CENTRED}"},
    real_tangents={"x": _STD_DOT.format(_CENTRED)},
    at_constant=_about_mean("over(g, y * {})"),
    result=_reduced(np.std),
    samples=lambda: (*_samples()(), *_samples(ddof=1)(), of(_Z)),
)


def _running(x: Type, axis: Type) -> Type:
    shape = shape_of(x)
    dtype = dtype_of(probe(np.cumsum, Array(dtype_of(x), (None,))))
    if axis_is_none(axis) or not shape:
        return Array(dtype, (product_dims(shape),))
    axes_of(axis, len(shape))
    return Array(dtype, shape)


def axis_is_none(axis: Type) -> bool:
    from srcad.types.lattice import Static

    return axis == Static(None)


linear(
    np.cumsum,
    "x, axis=None -> y",
    x="reversed_cumsum(g, np.shape(x), axis)",
    result=_running,
    samples=lambda: (
        of(array(4)),
        of(array(2, 3)),
        of(array(2, 3), 0),
        of(array(2, 3), axis=-1),
        of(1.5, 0),
    ),
)


def _norm_type(x: Type, ord: Type, axis: Type, keepdims: Type) -> Type:
    return reduced_type(np.linalg.norm, x, axis, keepdims)


def _norm_known(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    if known.get("ord", "") is not None:
        return {}
    return _times("over(g, y)", "x" if real else "np.conj(x)")(known, real)


coupled(
    np.linalg.norm,
    "x, ord=None, axis=None, keepdims=False -> y",
    cotangents={"x": "unreduce(g, np.shape(x), axis, keepdims) * norm_slope(x, y, ord, axis)"},
    tangents={
        "x": "np.real(np.sum(g * norm_slope(x, y, ord, axis), axis=axis, keepdims=keepdims))"
    },
    real_tangents={"x": "np.sum(g * norm_slope(x, y, ord, axis), axis=axis, keepdims=keepdims)"},
    at_constant=_norm_known,
    result=_norm_type,
    samples=lambda: (
        *_samples()()[:2],
        of(array(2, 3), axis=0),
        of(array(2, 3), axis=-1, keepdims=True),
        of(array(4), 1),
        of(array(4), 2),
        of(array(4), 3),
        of(array(4), np.inf),
        of(array(2, 3), "fro"),
        of(array(2, 3), 1, axis=1),
        of(array(2, 3), np.inf, axis=0),
        of(array(3) + 1j * array(3, seed=1)),
    ),
)
