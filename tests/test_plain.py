"""The Python that stands for NumPy functions computes what they compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcad import grad
from srcad.plain import PADDED_BY_ITEMS, original, plain_function

A = np.array([[0.3, -1.2, 0.8, 2.1], [1.5, 0.1, -0.7, 0.4], [-0.2, 0.9, 1.1, -1.6]])
V = np.array([0.5, 1.5, 1.0])
X = np.array([0.0, 0.1, 0.5, 2.0])
EACH_AXIS = [(A, {"axis": axis, "keepdims": k}) for axis in (None, 0, -1) for k in (False, True)]

CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    *(
        (np.convolve, (a, v, mode), {})
        for a, v in ((A[0], V), (V, A[0]), (A[0], A[1]), (V[:1], A[0]))
        for mode in ("full", "same", "valid")
    ),
    *((fn, (a,), options) for fn in (np.median, np.ptp, np.average) for a, options in EACH_AXIS),
    *((np.quantile, (a, 0.3), options) for a, options in EACH_AXIS),
    *((np.cumprod, (A,), {"axis": axis}) for axis in (None, 0, -1)),
    (np.percentile, (A, 100), {}),
    (np.average, (A, 0, V), {}),
    (np.average, (A, 0, V), {"keepdims": True}),
    (np.average, (A,), {"weights": A**2, "axis": 1}),
    (np.cov, (A,), {}),
    (np.cov, (A[0],), {}),
    (np.cov, (A,), {"rowvar": False, "bias": True}),
    (np.corrcoef, (A,), {}),
    (np.gradient, (A[0],), {}),
    (np.gradient, (A[0], X), {}),
    (np.gradient, (A, 0.3), {"axis": 0}),
    (np.interp, (np.array([-1.0, 0.0, 0.05, 0.1, 1.7, 2.0, 3.0]), X, A[0]), {}),
    (np.interp, (0.3, X, A[0]), {}),
    (np.interp, (X, np.array([0.5]), np.array([2.0])), {}),
    (np.kron, (A, V[:, None]), {}),
    (np.kron, (V, A[0]), {}),
    *((np.linalg.matrix_power, (A[:, :3], n), {}) for n in (0, 1, 3, -2)),
    *((np.pad, (A, 2, mode), {}) for mode in PADDED_BY_ITEMS),
    (np.pad, (A, ((1, 0), (2, 3)), "wrap"), {}),
    (np.polyval, (V, X), {}),
    (np.select, ([X < 0.05, X < 0.3, X < 0.2], [X, -X, 2 * X], 7.0), {}),
    (np.select, ([X < 0.05], [X]), {}),
    (np.lib.stride_tricks.sliding_window_view, (V, 2), {}),
    (np.lib.stride_tricks.sliding_window_view, (A, (2, 3)), {}),
    (np.lib.stride_tricks.sliding_window_view, (A, 3, -1), {}),
    (np.vander, (V,), {}),
    (np.vander, (V, 2), {"increasing": True}),
    (np.trapezoid, (A,), {"axis": 0}),
    (np.trapezoid, (A, X), {}),
    (np.trapezoid, (A, A.cumsum(axis=0)), {"axis": 0}),
]


@pytest.mark.parametrize(("fn", "args", "kwargs"), CALLS)
def test_it_computes_the_same(fn: Any, args: Any, kwargs: Any) -> None:
    plain = plain_function(fn)
    assert plain is not None
    assert original(plain) is fn
    found, wanted = plain(*args, **kwargs), fn(*args, **kwargs)
    assert np.shape(found) == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("fn", "args", "why"),
    [
        (np.percentile, (A, [5, 95]), "one percentile at a time"),
        (np.quantile, (A, np.array([0.2, 0.8])), "one quantile, and one axis"),
        (np.median, (A, (0, 1)), "one quantile, and one axis"),
        (np.kron, (V, A), "two vectors or two matrices"),
        (np.linalg.matrix_power, (np.stack([A[:, :3]] * 2), 2), "one matrix at a time"),
    ],
)
def test_what_it_does_not_do_it_says(fn: Any, args: Any, why: str) -> None:
    plain = plain_function(fn)
    assert plain is not None
    with pytest.raises(ValueError, match=why):
        plain(*args)


def test_numpys_own_is_called_where_nothing_is_differentiated() -> None:
    def f(x):
        return np.sum(x) * np.interp(0.3, X, A[0])

    text = grad(f).source_for(V)
    assert "np.interp(0.3, X, A[0])" in text
    assert "plain" not in text
