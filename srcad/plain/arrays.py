"""NumPy's functions of arrays, and draws of random numbers, in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Their arguments may be numbers, arrays or lists, of which type checkers know no arithmetic.

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.custom import stop_gradient
from srcad.runtime import convolved, padded_places, places_of_quantile

__all__ = [
    "average",
    "convolve",
    "corrcoef",
    "cov",
    "cumprod",
    "delete",
    "exponential",
    "gradient",
    "interp",
    "kron",
    "logaddexp_reduce",
    "lognormal",
    "matrix_power",
    "median",
    "meshgrid",
    "normal",
    "pad",
    "padded_by",
    "partition",
    "percentile",
    "polyval",
    "ptp",
    "quantile",
    "rot90",
    "select",
    "sliding_window_view",
    "slope",
    "slopes",
    "take_along_axis",
    "trapezoid",
    "uniform",
    "vander",
    "vector",
]


def average(a: Any, axis: Any = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    if weights is None:
        return np.mean(a, axis=axis, keepdims=keepdims)
    a, weights = np.asarray(a), np.asarray(weights)
    if np.ndim(weights) != np.ndim(a):
        last = tuple(range(-len(axis), 0)) if isinstance(axis, tuple) else -1
        total = np.tensordot(np.moveaxis(a, axis, last), weights, np.ndim(weights))
        total = total / np.sum(weights)
        return np.expand_dims(total, axis) if keepdims else total
    return np.sum(a * weights, axis=axis, keepdims=keepdims) / np.sum(
        weights, axis=axis, keepdims=keepdims
    )


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = vector(a), vector(v)
    full = convolved(a, v)
    longer, shorter = max(len(a), len(v)), min(len(a), len(v))
    if mode == "same":
        start = (shorter - 1) // 2
        return full[start : start + longer]
    if mode == "valid":
        return full[shorter - 1 : longer]
    return full


def vector(a: Any) -> Any:
    return np.asarray(a) if np.ndim(a) > 0 else np.reshape(a, 1)


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    fewer = (0 if bias else 1) if ddof is None else ddof
    if y is None and np.ndim(m) < 2:
        return np.asarray(np.var(m, ddof=fewer))
    rows = m if rowvar or np.ndim(m) < 2 else np.transpose(m)
    if y is not None:
        others = y if rowvar or np.ndim(y) < 2 else np.transpose(y)
        rows = np.concatenate((np.atleast_2d(rows), np.atleast_2d(others)))
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    c = centred @ centred.T / (np.size(rows, 1) - fewer)
    return np.squeeze(c) if y is None else c  # of one row it is a number


def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    if y is None and np.ndim(x) < 2:
        return np.var(x) / np.var(x)
    c = cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    scale = np.sqrt(np.diag(c))
    return c / np.outer(scale, scale)


def cumprod(a: Any, axis: Any = None) -> Any:
    rows = np.ravel(a) if axis is None else np.moveaxis(a, axis, 0)
    y = np.array(rows)
    for i in range(1, len(rows)):
        y[i] = y[i - 1] * rows[i]
    return y if axis is None else np.moveaxis(y, 0, axis)


def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.ravel(arr)[np.delete(np.arange(np.size(arr)), obj)]
    return np.take(arr, np.delete(np.arange(np.size(arr, axis)), obj), axis=axis)


def gradient(f: Any, *spacing: Any, axis: Any = None) -> Any:
    first = spacing[0] if spacing else 1.0
    if isinstance(axis, int) or np.ndim(f) < 2:
        return slope(f, first, axis)
    if axis is None and np.ndim(f) == 2:
        return slope(f, first, 0), slope(f, spacing[1] if len(spacing) > 1 else first, 1)
    axes = tuple(range(np.ndim(f))) if axis is None else axis
    if len(axes) == 1:
        return slope(f, first, axes[0])
    return slopes(f, spacing if len(spacing) > 1 else (first,) * len(axes), axes)


def slopes(f: Any, steps: Any, axes: Any) -> Any:
    first = slope(f, steps[0], axes[0])
    return (first, *slopes(f, steps[1:], axes[1:])) if len(axes) > 1 else (first,)


def slope(f: Any, spacing: Any, axis: Any) -> Any:
    y = np.asarray(f) if axis is None else np.moveaxis(f, axis, -1)
    if np.ndim(spacing) > 0:
        h = np.diff(spacing)
        before, after = h[:-1], h[1:]
        inner = y[..., 2:] * (before / (after * (before + after)))
        inner = inner - y[..., :-2] * (after / (before * (before + after)))
        inner = inner + y[..., 1:-1] * ((after - before) / (before * after))
        first = (y[..., 1:2] - y[..., :1]) / h[0]
        last = (y[..., -1:] - y[..., -2:-1]) / h[-1]
    else:
        inner = (y[..., 2:] - y[..., :-2]) / (2 * spacing)
        first = (y[..., 1:2] - y[..., :1]) / spacing
        last = (y[..., -1:] - y[..., -2:-1]) / spacing
    slopes = np.concatenate((first, inner, last), axis=-1)
    return slopes if axis is None else np.moveaxis(slopes, -1, axis)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    xp, fp = np.asarray(xp), np.asarray(fp)
    if left is not None or right is not None:
        y = np.interp(x, xp, fp)
        y = y if left is None else np.where(np.asarray(x) < xp[0], left, y)[()]
        return y if right is None else np.where(np.asarray(x) > xp[-1], right, y)[()]
    if len(xp) == 1:
        return fp[0] + 0.0 * np.asarray(x)
    i = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
    step = xp[i + 1] - xp[i]
    return fp[i] + (np.clip(x, xp[0], xp[-1]) - xp[i]) / step * (fp[i + 1] - fp[i])


def kron(a: Any, b: Any) -> Any:
    if np.ndim(a) == 1 and np.ndim(b) == 1:
        return np.ravel(np.outer(a, b))
    if np.ndim(a) == 2 and np.ndim(b) == 2:
        a, b = np.asarray(a), np.asarray(b)
        blocks = a[:, None, :, None] * b[None, :, None, :]
        return np.reshape(blocks, (np.size(a, 0) * np.size(b, 0), np.size(a, 1) * np.size(b, 1)))
    rank = max(np.ndim(a), np.ndim(b))
    rows = (1,) * (rank - np.ndim(a)) + np.shape(a)
    columns = (1,) * (rank - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(a, [n for extent in rows for n in (extent, 1)])
    blocks = blocks * np.reshape(b, [n for extent in columns for n in (1, extent)])
    return np.reshape(blocks, [m * n for m, n in zip(rows, columns, strict=True)])


def logaddexp_reduce(array: Any, axis: Any = 0, *, keepdims: bool = False) -> Any:
    # The result does not depend on `top`; of infinities the sum needs no other scale.
    top = stop_gradient(np.max(array, axis=axis, keepdims=True))
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.sum(np.exp(array - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def matrix_power(a: Any, n: int) -> Any:
    a = np.asarray(a)
    if n == 0:
        return np.zeros_like(a) + np.eye(np.size(a, -1))
    base = np.linalg.inv(a) if n < 0 else a
    y = base
    for _ in range(abs(n) - 1):
        y = y @ base
    return y


def median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return quantile(a, 0.5, axis, keepdims=keepdims)


def percentile(
    a: Any, q: Any, axis: Any = None, *, method: Any = "linear", keepdims: bool = False
) -> Any:
    part = np.asarray(q) / 100 if np.ndim(q) > 0 else q / 100
    return quantile(a, part, axis, method=method, keepdims=keepdims)


def pad(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0) -> Any:
    if mode == "constant":
        return padded_by(array, pad_width, constant_values)
    widths = np.broadcast_to(pad_width, (np.ndim(array), 2))
    y = np.take(array, padded_places(np.size(array, 0), widths[0], mode), axis=0)
    for axis in range(1, np.ndim(array)):
        y = np.take(y, padded_places(np.size(array, axis), widths[axis], mode), axis=axis)
    return y


def padded_by(array: Any, pad_width: Any, value: Any) -> Any:
    inside = np.pad(np.ones(np.shape(array), dtype=bool), pad_width)
    return np.where(inside, np.pad(array, pad_width), value)


def partition(a: Any, kth: Any, axis: int = -1) -> Any:
    # Where NumPy has put the items: `np.argpartition` may put them elsewhere.
    ranks = np.argsort(np.argsort(np.partition(stop_gradient(a), kth, axis=axis), axis), axis)
    items = np.take_along_axis(np.argsort(a, axis), ranks, axis)
    return np.take_along_axis(a, items, axis)


def polyval(p: Any, x: Any) -> Any:
    x = np.asarray(x) if np.ndim(x) > 0 else x
    y = 0.0 * x
    for c in p:
        y = y * x + c
    return y


# What a generator draws by a location and a scale, it makes of standard numbers.


def normal(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
    shape = np.shape(loc + scale) if size is None else size
    return loc + scale * rng.standard_normal(shape)


def lognormal(rng: Any, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
    return np.exp(normal(rng, mean, sigma, size))


def uniform(rng: Any, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    shape = np.shape(low + high) if size is None else size
    return low + (high - low) * rng.random(shape)


def exponential(rng: Any, scale: Any = 1.0, size: Any = None) -> Any:
    shape = np.shape(scale) if size is None else size
    return scale * rng.standard_exponential(shape)


def meshgrid(x: Any, y: Any = None, z: Any = None, *, indexing: str = "xy") -> Any:
    if y is None:
        return (np.array(np.ravel(x)),)
    first, second = (y, x) if indexing == "xy" else (x, y)
    u, v = np.ravel(first)[:, None], np.ravel(second)
    m, n = np.size(u), np.size(v)
    if z is None:
        rows, columns = np.tile(u, (1, n)), np.tile(v, (m, 1))
        return (columns, rows) if indexing == "xy" else (rows, columns)
    w = np.ravel(z)
    rows, columns = np.tile(u[..., None], (1, n, w.size)), np.tile(v[:, None], (m, 1, w.size))
    layers = np.tile(w, (m, n, 1))
    return (columns, rows, layers) if indexing == "xy" else (rows, columns, layers)


def ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def quantile(
    a: Any, q: Any, axis: Any = None, *, method: Any = "linear", keepdims: bool = False
) -> Any:
    if axis is None:
        rows = np.ravel(a)
    elif isinstance(axis, tuple):
        rows = np.moveaxis(a, axis, tuple(range(len(axis))))
        rows = np.reshape(rows, (-1, *np.shape(rows)[len(axis) :]))
    else:
        rows = np.moveaxis(a, axis, 0)
    rows = np.sort(rows, 0)
    if method == "linear":
        at = (np.asarray(q) if np.ndim(q) > 0 else q) * (len(rows) - 1)
    else:
        at = places_of_quantile(len(rows), q, method)
    if np.ndim(q) > 0:
        low, high = np.floor(at).astype(int), np.ceil(at).astype(int)
        part = np.reshape(at - low, np.shape(q) + (1,) * (np.ndim(rows) - 1))
    else:
        low, high = int(np.floor(at)), int(np.ceil(at))
        part = at - low
    y = rows[low] + part * (rows[high] - rows[low])
    y = np.where(np.isnan(rows[-1]), np.nan, y)[()]  # which is where sorting puts them
    if not keepdims:
        return y
    if axis is not None and np.ndim(q) == 0:
        return np.expand_dims(y, axis)
    return np.reshape(y, np.shape(q) + np.shape(np.max(a, axis=axis, keepdims=True)))


def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    first, second = axes
    if k % 4 == 0:
        return m[:]
    if k % 4 == 1:
        return np.swapaxes(np.flip(m, second), first, second)
    if k % 4 == 2:
        return np.flip(np.flip(m, first), second)
    return np.flip(np.swapaxes(m, first, second), second)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    y = np.where(condlist[-1], choicelist[-1], default)
    for i in range(len(condlist) - 2, -1, -1):
        y = np.where(condlist[i], choicelist[i], y)
    return y


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    if np.ndim(window_shape) > 0:
        return _windows_of_axes(x, window_shape, range(np.ndim(x)) if axis is None else axis)
    if axis is not None:
        return _windows(x, window_shape, axis % np.ndim(x))
    if np.ndim(x) == 1:
        return _windows(x, window_shape, 0)
    return _windows_of_axes(x, (window_shape,), range(np.ndim(x)))


def _windows_of_axes(x: Any, extents: Any, axes: Any) -> Any:
    y = x
    for extent, each in zip(extents, (axes,) if np.ndim(axes) == 0 else axes, strict=True):
        y = _windows(y, extent, each % np.ndim(x))
    return y


def _windows(x: Any, extent: Any, axis: Any) -> Any:
    items = np.arange(np.size(x, axis) - extent + 1)[:, None] + np.arange(extent)
    return np.moveaxis(np.take(x, items, axis=axis), axis + 1, -1)


def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None or np.ndim(arr) == 1:
        return np.ravel(arr)[indices]
    if np.ndim(arr) == 2:
        if axis % 2 == 1:
            return arr[np.arange(np.size(arr, 0))[:, None], indices]
        return arr[indices, np.arange(np.size(arr, 1))]
    items = np.reshape(np.arange(np.size(arr)), np.shape(arr))
    return np.ravel(arr)[np.take_along_axis(items, indices, axis)]


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    rows = np.moveaxis(np.asarray(y), axis, -1)
    if x is None:
        return dx * np.sum(rows[..., 1:] + rows[..., :-1], axis=-1) / 2
    at = np.asarray(x) if np.ndim(x) == 1 else np.moveaxis(x, axis, -1)
    return np.sum(np.diff(at) * (rows[..., 1:] + rows[..., :-1]), axis=-1) / 2


def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    n = len(x) if N is None else N
    powers = np.arange(n) if increasing else np.arange(n - 1, -1, -1)
    return np.asarray(x)[:, None] ** powers
