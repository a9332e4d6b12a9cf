"""Adjoints of some functions of vectors and matrices, told to Numba in its own way."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad import runtime

__all__ = ["clip_slope", "diff_bar", "products_of_others", "reversed_cumsum", "trace_bar"]

Choice = Callable[..., Any] | None


def _types() -> Any:
    return importlib.import_module("numba").types


def _axes(t: Any) -> int:
    """How many axes an array has; -1 of what is none."""
    return t.ndim if isinstance(t, _types().Array) else -1


def products_of_others(x: Any, axis: Any) -> Choice:
    """Of vectors."""
    return _products if _axes(x) == 1 else None


def _products(x: Any, axis: Any) -> Any:
    out = np.ones_like(x)
    before = out[:0].sum() + 1
    for i in range(len(x)):
        out[i] = before
        before = before * x[i]
    after = out[:0].sum() + 1
    for i in range(len(x) - 1, -1, -1):
        out[i] *= after
        after = after * x[i]
    return out


def reversed_cumsum(t: Any, shape: Any, axis: Any) -> Choice:
    """Of vectors."""
    is_vector = _axes(t) == 1 and isinstance(shape, _types().UniTuple) and shape.count == 1
    return _sums_from_the_end if is_vector else None


def _sums_from_the_end(t: Any, shape: Any, axis: Any) -> Any:
    out = t.copy()
    for i in range(len(out) - 2, -1, -1):
        out[i] += out[i + 1]
    return out


def diff_bar(t: Any, axis: Any) -> Choice:
    """Of vectors."""
    return _steps_back if _axes(t) == 1 else None


def _steps_back(t: Any, axis: Any) -> Any:
    out = np.zeros(len(t) + 1, t.dtype)
    for i in range(len(t)):
        out[i] -= t[i]
        out[i + 1] += t[i]
    return out


def trace_bar(t: Any, like: Any, offset: Any) -> Choice:
    """Of matrices."""
    is_known = _axes(like) == 2 and isinstance(t, _types().Number)
    return _on_diagonal if is_known else None


def _on_diagonal(t: Any, like: Any, offset: Any) -> Any:
    out = np.zeros(like.shape, like.dtype)
    row, column = max(-offset, 0), max(offset, 0)
    for i in range(min(like.shape[0] - row, like.shape[1] - column)):
        out[row + i, column + i] = t
    return out


def clip_slope(x: Any, low: Any, high: Any) -> Choice:
    """Of numbers and arrays between numbers."""
    bounds = _types().Number | _types().NoneType
    if not (isinstance(low, bounds) and isinstance(high, bounds)):
        return None
    if isinstance(x, _types().Array):
        return _slopes_inside
    return _slope_inside if isinstance(x, _types().Number) else None


def _slope_inside(x: Any, low: Any, high: Any) -> Any:
    y = 1.0
    if low is not None:
        over = x - low
        y = 0.0 if over < 0 else (1.0 if over > 0 else 0.5 + over)
    if high is not None:
        under = high - x
        y *= 0.0 if under < 0 else (1.0 if under > 0 else 0.5 + under)
    return y


def _slopes_inside(x: Any, low: Any, high: Any) -> Any:
    y = np.empty(x.shape, x.dtype)
    for at in np.ndindex(x.shape):
        y[at] = runtime.clip_slope(x[at], low, high)
    return y
