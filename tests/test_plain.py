"""The Python that stands for NumPy functions computes what they compute."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

from srcad import grad
from srcad.plain import (
    PADDED_BY_ITEMS,
    largest_so_far,
    logaddexp_reduce,
    norm_of_matrix,
    original,
    plain_function,
    smallest_so_far,
)

A = np.array([[0.3, -1.2, 0.8, 2.1], [1.5, 0.1, -0.7, 0.4], [-0.2, 0.9, 1.1, -1.6]])
T = np.stack([A[:2], A[1:] ** 2, A[::2] * 1.7])
V = np.array([0.5, 1.5, 1.0])
X = np.array([0.0, 0.1, 0.5, 2.0])
EACH_AXIS = [(A, {"axis": axis, "keepdims": k}) for axis in (None, 0, -1) for k in (False, True)]

HOLES = np.where(A > 1.2, np.nan, A)

CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    *(
        (np.convolve, (a, v, mode), {})
        for a, v in (
            (A[0], V),
            (V, A[0]),
            (A[0], A[1]),
            (V[:1], A[0]),
            (V, 2.0),
            (np.array(3.0), V),
        )
        for mode in ("full", "same", "valid")
    ),
    *((fn, (a,), options) for fn in (np.median, np.ptp, np.average) for a, options in EACH_AXIS),
    *((np.quantile, (a, 0.3), options) for a, options in EACH_AXIS),
    *((np.cumprod, (A,), {"axis": axis}) for axis in (None, 0, -1)),
    (np.percentile, (A, 100), {}),
    *(
        (fn, (T, [[5, 50.0], [60, 95]] if fn is np.percentile else [0.1, 0.5], axis), options)
        for fn in (np.percentile, np.quantile)
        for axis in (None, 1, (0, 2), (-1, 0))
        for options in ({}, {"keepdims": True})
    ),
    *(
        (np.median, (T, axis), options)
        for axis in ((0, 1), (1,))
        for options in ({}, {"keepdims": True})
    ),
    *(
        (np.meshgrid, (V, X, A[:1])[:n], {"indexing": indexing})
        for n in (1, 2, 3)
        for indexing in ("xy", "ij")
    ),
    (np.average, (A, 0, V), {}),
    (np.average, (A, 0, V), {"keepdims": True}),
    (np.average, (A,), {"weights": A**2, "axis": 1}),
    (np.average, (T, (0, 2)), {"weights": T[:, 0] ** 2}),
    (np.cov, (A,), {}),
    (np.cov, (A[0],), {}),
    (np.cov, (A[:1],), {}),
    (np.corrcoef, (A[:1],), {}),
    (np.cov, (A,), {"rowvar": False, "bias": True}),
    (np.cov, (A, A**2), {"rowvar": False, "ddof": 0}),
    (np.cov, (A[0], A[1]), {}),
    (np.corrcoef, (A,), {}),
    (np.corrcoef, (A[0], A[1]), {}),
    (np.corrcoef, (A[0],), {}),
    (np.gradient, (A[0],), {}),
    (np.gradient, (A[0], X), {}),
    (np.gradient, (A, 0.3), {"axis": 0}),
    (np.gradient, (A,), {}),
    (np.gradient, (A,), {"axis": (0,)}),
    (np.gradient, (A, 0.5), {"axis": (-1,)}),
    (np.gradient, (A, V.cumsum(), 0.3), {}),
    (np.gradient, (T, 0.1, 0.3), {"axis": (2, 0)}),
    (np.gradient, (T,), {}),
    (np.interp, (np.array([-1.0, 0.0, 0.05, 0.1, 1.7, 2.0, 3.0]), X, A[0]), {}),
    (np.interp, (0.3, X, A[0]), {}),
    (np.interp, (X, np.array([0.5]), np.array([2.0])), {}),
    (np.kron, (A, V[:, None]), {}),
    (np.kron, (V, A[0]), {}),
    (np.kron, (V, A), {}),
    (np.kron, (T, V), {}),
    (np.kron, (2.0, A), {}),
    *((np.linalg.matrix_power, (A[:, :3], n), {}) for n in (0, 1, 3, -2)),
    (np.linalg.svd, (A,), {"compute_uv": False}),
    (np.linalg.cond, (A,), {}),
    (np.vecdot, (A, X), {}),
    (np.vecdot, (A + 1j, A), {"axis": 0}),
    (np.linalg.multi_dot, ([A, A.T, V],), {}),
    *(
        (getattr(np.linalg, name), args, options)
        for name, args, options in (
            ("cross", (A[:, :3], V), {}),
            ("diagonal", (T,), {"offset": 1}),
            ("matmul", (A, X), {}),
            ("matrix_norm", (T,), {"keepdims": True}),
            ("outer", (V, X), {}),
            ("tensordot", (A, T), {"axes": ((0,), (0,))}),
            ("trace", (T,), {"offset": -1}),
            ("vecdot", (A, X + 1j), {}),
            ("vector_norm", (A,), {}),
            ("vector_norm", (A,), {"axis": 1, "ord": 3}),
        )
        if hasattr(np.linalg, name)
    ),
    *((np.apply_along_axis, (f, k, T), {}) for f in (np.sum, np.cumsum) for k in (0, 1, -1)),
    *((np.atleast_3d, (x,), {}) for x in (2.0, V, A, T)),
    *((np.block, (x,), {}) for x in (V, [V, X, 2.0], [[A, A], [X, X]], [[V, X]], [[1.0, V]])),
    *((np.correlate, args, {}) for args in ((X, V), (V, X), (X, V, "full"), (V, X, "same"))),
    *((np.correlate, (V + 1j, X * 2j, mode), {}) for mode in ("full", "valid")),
    (np.diagflat, (A, 1), {}),
    (np.diff, (T, 2), {"axis": 1}),
    (np.diff, (A,), {"prepend": 0.5, "append": A[:, :1], "axis": 1}),
    (np.diff, (A,), {"prepend": A[:2], "append": 1.0, "axis": 0}),
    *((np.dstack, ([x, x],), {}) for x in (V, A, T)),
    (np.ediff1d, (A,), {}),
    (np.geomspace, (0.5, 3.0, 5), {}),
    (np.geomspace, (V, 2 * V, 4), {"endpoint": False}),
    (np.logspace, (0.5, 1.5, 5), {"base": 2.0}),
    *((fn, (x,), {}) for fn in (np.maximum.accumulate, np.minimum.accumulate) for x in (X, T)),
    (np.maximum.accumulate, (T, 1), {}),
    (np.polyder, (X, 2), {}),
    (np.polyfit, (X, A[0], 2), {}),
    (np.polyfit, (X, A.T, 1), {}),
    (np.unwrap, (3 * A.ravel(),), {}),
    (np.unwrap, (9 * A,), {"axis": 0, "period": 4.0}),
    *((np.pad, (A, 2, mode), {}) for mode in PADDED_BY_ITEMS),
    (np.pad, (A, ((1, 0), (2, 3)), "wrap"), {}),
    *((np.linalg.matrix_power, (T[..., :2], n), {}) for n in (0, 3, -1)),
    (np.polyval, (V, X), {}),
    (np.polyval, (V, [1, 2.0]), {}),
    (np.select, ([X < 0.05, X < 0.3, X < 0.2], [X, -X, 2 * X], 7.0), {}),
    (np.select, ([X < 0.05], [X]), {}),
    (np.lib.stride_tricks.sliding_window_view, (V, 2), {}),
    (np.lib.stride_tricks.sliding_window_view, (A, (2, 3)), {}),
    (np.lib.stride_tricks.sliding_window_view, (A, 3, -1), {}),
    (np.vander, (V,), {}),
    (np.vander, (V, 2), {"increasing": True}),
    *(
        (fn, (a,), options | more)
        for fn in (np.sum, np.prod, np.max, np.min)
        for a, options in EACH_AXIS
        for more in ({"initial": 0.4}, {"initial": 0.4, "where": a > 0})
    ),
    *((np.mean, (a,), options | {"where": a > -1}) for a, options in EACH_AXIS),
    *((fn, (A[:, :0],), {"axis": 1, "initial": 0.4}) for fn in (np.sum, np.max, np.min)),
    (np.sum, (T, (0, 2)), {"where": A[0] > 0}),
    (np.max, (T, (0, 2)), {"initial": -5.0, "where": T < 0}),
    *(
        (fn, (HOLES,), options)
        for fn in (np.nanmax, np.nanmin, np.nansum, np.nanmean, np.nanstd, np.nanvar, np.nanprod)
        for _, options in EACH_AXIS
    ),
    (np.nanstd, (HOLES, 1), {"ddof": 1}),
    (np.linalg.qr, (A.T,), {"mode": "r"}),
    *((np.nancumsum, (HOLES,), {"axis": axis}) for axis in (None, 0, -1)),
    *((fn, (HOLES,), {}) for fn in (np.nanmedian, np.unique, np.modf)),
    *((np.nanquantile, (HOLES, q), {}) for q in (0.3, [0.1, 0.9])),
    *((np.nanpercentile, (HOLES, q), {}) for q in (30, [10, 90])),
    (np.insert, (A[0], 1, 5.0), {}),
    (np.insert, (A[0], -1, V), {}),
    (np.insert, (A[0], [3, 0, 0], V), {}),
    (np.insert, (A[0], np.array([True, False, True, False]), V[:2]), {}),
    (np.insert, (A[0], slice(0, 3, 2), 1.0), {}),
    (np.insert, (A, [1, 5], 7.0), {}),
    (np.insert, (A, 1, 7.0), {"axis": 1}),
    (np.insert, (A, 1, V), {"axis": 1}),
    (np.insert, (A, 1, A[:, :2].T), {"axis": 1}),
    (np.insert, (A, [1, 3], A[:, :2]), {"axis": 1}),
    (np.insert, (A, [1, 3], A[:1]), {"axis": 0}),
    (np.insert, (A, 0, A[0]), {"axis": -2}),
    (np.insert, (T, 1, T[:, 0]), {"axis": 1}),
    (np.insert, (T, [0, 2], T[:, :1]), {"axis": 1}),
    *((np.choose, (i, [A[0], X, 1.0]), {}) for i in ([0, 1, 2, 1], 2)),
    (np.choose, (np.array([[True], [False]]), [A[0], X]), {}),
    *((np.ediff1d, (A, *ends), {}) for ends in ((), (1.0,), (None, [1.0, 2.0]), (V, 2.0))),
    (np.interp, ([-1.0, 0.3, 3.0], X, A[0]), {"left": 7.0}),
    (np.interp, (3.0, X, A[0]), {"right": 7.0}),
    (np.interp, (np.array([-1.0, 3.0]), X, A[0], 1.0, 2.0), {}),
    (np.polyfit, (X, A[0], 2), {"w": X + 1}),
    (np.polyfit, (X, A.T, 1), {"w": X + 1}),
    (np.polyint, (V,), {}),
    *((np.resize, (A, shape), {}) for shape in ((2, 3), (5, 4), 3)),
    *((np.rollaxis, (T, axis, at), {}) for axis in (0, 1, -1) for at in (0, 1, 2, 3, -1)),
    *((fn, (1.75, *rest), {}) for fn, rest in ((math.modf, ()), (math.ldexp, (3,)))),
    *(
        (fn, (a, q, axis), {"method": method, "keepdims": axis == 0})
        for fn, q in ((np.quantile, [0.1, 0.37, 0.9]), (np.percentile, 37))
        for a, axis in ((A, None), (A, 0), (T, (0, 2)))
        for method in (
            "lower higher nearest midpoint hazen weibull median_unbiased normal_unbiased"
            " inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf"
        ).split()
    ),
    *(
        (np.linalg.cond, (a, p), {})
        for a in (A[:, :3], T[:, :, 1:3])
        for p in (None, 1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")
        if a.ndim == 2 or p not in ("fro", "nuc")
    ),
    *(
        (np.linalg.matrix_norm, (T,), {"ord": p, "keepdims": k})
        for p in (1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")
        for k in (False, True)
    ),
    *(
        (np.linalg.norm, (a, p, axes, k), {})
        for a, axes in ((A, None), (T, (0, 2)), (T, (2, -2)))
        for p in (1, -2, "nuc", np.inf)
        for k in (False, True)
    ),
    *(
        (np.linalg.vector_norm, (T,), {"axis": axis, "keepdims": k, "ord": p})
        for axis in (None, 1, (0, 2))
        for p in (2, 1, 3, np.inf)
        for k in (False, True)
    ),
    (np.linalg.tensorsolve, (np.eye(6).reshape(2, 3, 6) + 0.1, A[:2, :3]), {}),
    (np.linalg.tensorinv, ((np.eye(6) + 0.1).reshape(6, 2, 3),), {"ind": 1}),
    (np.linalg.cholesky, (np.cov(A[:, :3]) + np.triu(A[:, :3]) + 2 * np.eye(3),), {"upper": True}),
    *((np.cross, (T[:, :, :3], T[:, :, 1:]), {"axis": axis}) for axis in (0, 2, -3)),
    *((fn, (T, k, 2, 0), {}) for fn in (np.diagonal, np.trace) for k in (0, 1)),
    *(
        (fn, (A,), {"axis": axis, "include_initial": True})
        for fn in (np.cumulative_sum, np.cumulative_prod)
        for axis in (0, -1)
    ),
    (np.cumulative_sum, (V,), {"include_initial": True}),
    *(
        (fn, (A, axis), {"mean": np.mean(A, axis, keepdims=True), "ddof": 1, "keepdims": k})
        for fn in (np.var, np.std)
        for axis in (None, 0, -1)
        for k in (False, True)
    ),
    *((fn, (A, 0), {"correction": 1}) for fn in (np.var, np.std)),
    *((fn, p, {}) for fn in (np.polyadd, np.polysub, np.polymul) for p in ((V, X), (X, V), (V, 2))),
    *((np.polynomial.polynomial.polyval, (x, c), {}) for x in (0.3, V) for c in (V, A, X)),
    *((math.hypot, x, {}) for x in ((), (-1.2,))),
    (math.dist, (V, [0.3, -1.2, 0.8]), {}),
    (np.delete, (A, 1), {}),
    (np.delete, (A, [0, -1], 1), {}),
    (np.delete, (A, slice(1, 3), 0), {}),
    (np.pad, (A, ((1, 0), (2, 3))), {"constant_values": 1.5}),
    *((logsumexp, (a,), options | {"b": a + 3.0}) for a, options in EACH_AXIS),
    (logsumexp, (T, (0, 2), X > 0.0), {"keepdims": True}),
    (logsumexp, (900 * A, None, A > 0.2), {}),
    (logsumexp, (-900 * A, 1), {"b": np.where(A > 0.0, A, 0.0)}),
    (logsumexp, (A, 0, 0.0 * A), {}),
    (logsumexp, (np.where(A > 0.0, A, -np.inf),), {"b": 2.0}),
    (logsumexp, (2.0,), {"b": 3}),
    *((np.partition, (A, 2), {"axis": axis}) for axis in (-1, 0, None)),
    (np.partition, (np.sin(np.arange(300.0)), 50), {}),
    *((np.rot90, (A, k), {}) for k in (-1, 0, 1, 2, 3)),
    (np.rot90, (T, 1, (2, 0)), {}),
    (np.take_along_axis, (V, np.array([2, 0])), {"axis": 0}),
    *((np.take_along_axis, (A, np.argsort(A, axis)), {"axis": axis}) for axis in (0, 1, -1)),
    (np.take_along_axis, (A, np.array([5, 5])), {"axis": None}),
    (np.take_along_axis, (A, np.array([[1], [0], [3]]), 1), {}),
    (np.take_along_axis, (A, np.array([[1]]), 1), {}),
    (np.take_along_axis, (T, T[:, :1].argmax(axis=2)[..., None], 2), {}),
    (np.trapezoid, (A,), {"axis": 0}),
    (np.trapezoid, (A, X), {}),
    (np.trapezoid, (A, A.cumsum(axis=0)), {"axis": 0}),
]


_OTHERS = {
    np.linalg.norm: norm_of_matrix,
    np.maximum.accumulate: largest_so_far,
    np.minimum.accumulate: smallest_so_far,
}


@pytest.mark.parametrize(("fn", "args", "kwargs"), CALLS)
def test_it_computes_the_same(fn: Any, args: Any, kwargs: Any) -> None:
    plain = plain_function(fn) or _OTHERS[fn]
    assert original(plain) == fn
    found, wanted = plain(*args, **kwargs), fn(*args, **kwargs)
    assert np.shape(found) == np.shape(wanted)
    assert isinstance(found, np.ndarray) == isinstance(wanted, np.ndarray)  # can it be changed?
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("fn", "x", "at"),
    [(np.hsplit, V, 3), (np.hsplit, A, 2), (np.vsplit, A, [1]), (np.dsplit, T, 2)],
)
def test_parts(fn: Any, x: Any, at: Any) -> None:
    for found, wanted in zip(plain_function(fn)(x, at), fn(x, at), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_arrays_of_one_shape() -> None:
    found = plain_function(np.broadcast_arrays)(A, X, 2.0)
    for mine, own in zip(found, np.broadcast_arrays(A, X, 2.0), strict=True):
        np.testing.assert_array_equal(mine, own)


def test_a_median_of_what_is_not_a_number_is_none() -> None:
    found = plain_function(np.median)(np.array([[np.nan, 1.0, 2.0], [3.0, 1.0, 2.0]]), 1)
    np.testing.assert_array_equal(found, [np.nan, 2.0])


@pytest.mark.parametrize(
    "x",
    [[-np.inf, -np.inf], [np.inf, 1.0], [np.inf, -np.inf], [np.inf, np.inf], [np.nan, 1.0]],
)
def test_sums_of_infinite_logarithms(x: list[float]) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_array_equal(logaddexp_reduce(np.array(x)), np.logaddexp.reduce(x))


def test_numpys_own_is_called_where_nothing_is_differentiated() -> None:
    def f(x):
        return np.sum(x) * np.interp(0.3, X, A[0])

    text = grad(f).source_for(V)
    assert "np.interp(0.3, X, A[0])" in text
    assert "plain" not in text


def test_interp_takes_half_the_slope_on_the_outer_knots() -> None:
    def curve(x):
        return np.interp(x, [0.0, 1.0, 2.0], [0.0, 3.0, 5.0])

    assert [grad(curve)(x) for x in (-1.0, 0.0, 0.5, 2.0, 3.0)] == [0.0, 1.5, 3.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (A.T, X),
        (A.T, np.stack([X, X**2], axis=1)),
        (A, V),
        (A[:, :3], V),
        (np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]), V),
        (A.T.astype(np.float32), X.astype(np.float32)),
    ],
)
def test_least_squares(a: Any, b: Any) -> None:
    found, wanted = plain_function(np.linalg.lstsq)(a, b), np.linalg.lstsq(a, b, rcond=None)
    assert found[2] == wanted[2]
    for mine, own in zip(found, wanted, strict=True):
        assert np.shape(mine) == np.shape(own)
        np.testing.assert_allclose(mine, own, rtol=2e-5 if a.dtype == "f" else 1e-12, atol=1e-6)
