"""Reductions in other words: from a value on, of items that are chosen, or leaving out ``nan``.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
    "deviation",
    "largest",
    "mean",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "product",
    "smallest",
    "total",
    "variance",
]


def total(
    a: Any, axis: Any = None, *, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Any:
    items = a if where is None else np.where(where, a, 0)
    y = np.sum(items, axis=axis, keepdims=keepdims)
    return y if initial is None else initial + y


def product(
    a: Any, axis: Any = None, *, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Any:
    items = a if where is None else np.where(where, a, 1)
    y = np.prod(items, axis=axis, keepdims=keepdims)
    return y if initial is None else initial * y


def mean(a: Any, axis: Any = None, *, keepdims: bool = False, where: Any) -> Any:
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    return np.sum(np.where(where, a, 0), axis=axis, keepdims=keepdims) / count


def largest(
    a: Any, axis: Any = None, *, keepdims: bool = False, initial: Any, where: Any = None
) -> Any:
    if np.size(a) == 0:
        return initial + np.sum(a, axis=axis, keepdims=keepdims)  # of no items, it is 0
    items = a if where is None else np.where(where, a, -np.inf)
    return np.maximum(np.max(items, axis=axis, keepdims=keepdims), initial)


def smallest(
    a: Any, axis: Any = None, *, keepdims: bool = False, initial: Any, where: Any = None
) -> Any:
    if np.size(a) == 0:
        return initial + np.sum(a, axis=axis, keepdims=keepdims)  # of no items, it is 0
    items = a if where is None else np.where(where, a, np.inf)
    return np.minimum(np.min(items, axis=axis, keepdims=keepdims), initial)


def nansum(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims)


def nanmean(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    count = np.sum(~np.isnan(a), axis=axis, keepdims=keepdims)
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims) / count


def nanmax(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    y = np.max(np.where(np.isnan(a), -np.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), np.nan, y)[()]


def nanmin(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    y = np.min(np.where(np.isnan(a), np.inf, a), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=keepdims), np.nan, y)[()]


def nanprod(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.prod(np.where(np.isnan(a), 1, a), axis=axis, keepdims=keepdims)


def nancumsum(a: Any, axis: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis)


def nanmedian(a: Any) -> Any:
    return nanquantile(a, 0.5)


def nanpercentile(a: Any, q: Any) -> Any:
    return nanquantile(a, np.asarray(q) / 100 if np.ndim(q) > 0 else q / 100)


def nanquantile(a: Any, q: Any) -> Any:
    items = np.ravel(a)
    return np.quantile(items[~np.isnan(items)], q)


def cumulative_sum(x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    y = np.cumsum(x, axis=axis)
    if not include_initial:
        return y
    along = 0 if axis is None else axis
    return np.concatenate((np.zeros_like(np.sum(y, axis=along, keepdims=True)), y), along)


def cumulative_prod(x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    y = np.cumprod(x, axis=axis)
    if not include_initial:
        return y
    along = 0 if axis is None else axis
    return np.concatenate((np.ones_like(np.sum(y, axis=along, keepdims=True)), y), along)


def variance(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: bool = False,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    fewer = ddof if correction is None else correction
    if mean is None:
        return np.var(a, axis, ddof=fewer, keepdims=keepdims)
    away = a - mean
    total = np.sum(away * away, axis=axis, keepdims=keepdims)
    return total / (np.size(a) / np.size(total) - fewer)


def deviation(
    a: Any,
    axis: Any = None,
    *,
    ddof: Any = 0,
    keepdims: bool = False,
    mean: Any = None,
    correction: Any = None,
) -> Any:
    fewer = ddof if correction is None else correction
    if mean is None:
        return np.std(a, axis, ddof=fewer, keepdims=keepdims)
    # The norm has a derivative where all items are equal, as `np.std` has.
    if axis is None:
        length = np.linalg.norm(np.ravel(a - mean))
        length = np.reshape(length, (1,) * np.ndim(a)) if keepdims else length
    else:
        length = np.linalg.norm(a - mean, axis=axis, keepdims=keepdims)
    return length / np.sqrt(np.size(a) / np.size(length) - fewer)


def nanvar(a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: bool = False) -> Any:
    count = np.sum(~np.isnan(a), axis=axis, keepdims=keepdims)
    away = np.where(np.isnan(a), 0, a - nanmean(a, axis, keepdims=True))
    return np.sum(away * away, axis=axis, keepdims=keepdims) / (count - ddof)


def nanstd(a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: bool = False) -> Any:
    count = np.sum(~np.isnan(a), axis=axis, keepdims=keepdims)
    away = np.where(np.isnan(a), 0, a - nanmean(a, axis, keepdims=True))
    # The norm has a derivative where all items are equal, as `np.std` has.
    return np.linalg.norm(away, axis=axis, keepdims=keepdims) / np.sqrt(count - ddof)
