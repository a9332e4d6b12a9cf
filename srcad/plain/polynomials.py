"""Functions of NumPy's for polynomials in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["polyadd", "polymul", "polysub", "power_series", "without_zeros"]


def polyadd(a1: Any, a2: Any) -> Any:
    a, b = np.atleast_1d(a1), np.atleast_1d(a2)
    m, n = len(a), len(b)
    return np.pad(a, (max(n - m, 0), 0)) + np.pad(b, (max(m - n, 0), 0))


def polysub(a1: Any, a2: Any) -> Any:
    return polyadd(a1, np.negative(a2))


def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(without_zeros(a1), without_zeros(a2))


def without_zeros(a: Any) -> Any:
    a = np.atleast_1d(a)
    places = np.flatnonzero(a)
    return a[places[0] :] if len(places) > 0 else a[:1]


def power_series(x: Any, c: Any, tensor: bool = True) -> Any:
    x = np.asarray(x) if np.ndim(x) > 0 else x
    c = np.asarray(c)
    if tensor and np.ndim(x) > 0 and np.ndim(c) > 1:
        c = np.reshape(c, np.shape(c) + (1,) * np.ndim(x))
    y = c[-1] + 0.0 * x
    for i in range(len(c) - 2, -1, -1):
        y = c[i] + y * x
    return y
