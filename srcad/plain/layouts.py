"""NumPy's functions that join, split, repeat and compare neighbours, in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.custom import stop_gradient

__all__ = [
    "apply_along_axis",
    "atleast_3d",
    "block",
    "broadcast_arrays",
    "choose",
    "correlate",
    "diagflat",
    "diff",
    "dsplit",
    "dstack",
    "ediff1d",
    "geomspace",
    "hsplit",
    "insert",
    "largest_so_far",
    "logspace",
    "polyder",
    "polyfit",
    "polyint",
    "resize",
    "rollaxis",
    "smallest_so_far",
    "unique",
    "unstack",
    "unwrap",
    "vsplit",
]


def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    outer = np.shape(rows)[:-1]
    made = np.stack([func1d(row, *args) for row in np.reshape(rows, (-1, np.size(arr, axis)))])
    if np.ndim(made) == 1:
        return np.reshape(made, outer)
    return np.moveaxis(np.reshape(made, (*outer, -1)), -1, axis)


def atleast_3d(x: Any) -> Any:
    if np.ndim(x) == 0:
        return np.reshape(x, (1, 1, 1))
    if np.ndim(x) == 1:
        return np.expand_dims(x, (0, 2))
    return np.expand_dims(x, 2) if np.ndim(x) == 2 else x


def block(arrays: Any) -> Any:
    if not isinstance(arrays, list):
        return np.array(arrays)
    if not isinstance(arrays[0], list):
        return np.concatenate([np.atleast_1d(part) for part in arrays], axis=-1)
    rows = [np.concatenate([np.atleast_2d(part) for part in row], axis=-1) for row in arrays]
    return np.concatenate(rows, axis=-2)


def broadcast_arrays(*args: Any) -> Any:
    shape = np.broadcast_shapes(*[np.shape(x) for x in args])
    return tuple([np.broadcast_to(x, shape) for x in args])


def choose(a: Any, choices: Any) -> Any:
    y = np.where(np.asarray(a) == 0, choices[0], np.nan)
    for i in range(1, len(choices)):
        y = np.where(np.asarray(a) == i, choices[i], y)
    return y


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    return np.convolve(a, np.conj(np.flip(v)), mode)


def diagflat(v: Any, k: int = 0) -> Any:
    return np.diag(np.ravel(v), k)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = np.asarray(a)
    if prepend is not None:
        first = np.zeros_like(np.take(a, [0], axis)) + prepend if np.ndim(prepend) == 0 else prepend
        a = np.concatenate((first, a), axis=axis)
    if append is not None:
        last = np.zeros_like(np.take(a, [0], axis)) + append if np.ndim(append) == 0 else append
        a = np.concatenate((a, last), axis=axis)
    for _ in range(n):
        a = np.diff(a, axis=axis)
    return a


def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=2)


def dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(x) for x in tup], axis=2)


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    steps = np.diff(np.ravel(ary))
    if to_begin is not None:
        steps = np.concatenate((np.ravel(to_begin), steps))
    return steps if to_end is None else np.concatenate((steps, np.ravel(to_end)))


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    return start * np.exp(np.linspace(0.0, np.log(stop / start), num, endpoint))


def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=0 if np.ndim(ary) == 1 else 1)


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    rows = np.ravel(arr) if axis is None else np.moveaxis(arr, axis, 0)
    n, extents = len(rows), np.shape(rows)[1:]
    if np.ndim(obj) == 0:
        # The values are rows already, as in NumPy: those of one place are not moved to the axis.
        count = np.size(values, 0) if np.ndim(values) == np.ndim(rows) else 1
        new = np.broadcast_to(values, (count, *extents))
    elif axis is None or np.ndim(values) == 0:
        new = np.broadcast_to(values, (len(np.insert(np.arange(n), obj, 0)) - n, *extents))
    else:
        count = len(np.insert(np.arange(n), obj, 0)) - n
        shape = [count if k == axis % np.ndim(arr) else d for k, d in enumerate(np.shape(arr))]
        new = np.moveaxis(np.broadcast_to(values, shape), axis, 0)
    places = np.insert(np.arange(n), obj, np.arange(n, n + len(new)))
    y = np.take(np.concatenate((rows, new)), places, axis=0)
    return y if axis is None else np.moveaxis(y, 0, axis)


def largest_so_far(array: Any, axis: int = 0) -> Any:
    rows = np.moveaxis(array, axis, 0)
    y = np.array(rows)
    for i in range(1, len(rows)):
        y[i] = np.maximum(y[i - 1], rows[i])
    return np.moveaxis(y, 0, axis)


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0) -> Any:
    return base ** np.linspace(start, stop, num, endpoint)


def polyder(p: Any, m: int = 1) -> Any:
    p = np.asarray(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyfit(x: Any, y: Any, deg: int, *, w: Any = None) -> Any:
    powers = np.vander(x, deg + 1)
    if w is not None:
        powers = powers * np.expand_dims(w, 1)
        y = y * (w if np.ndim(y) == 1 else np.expand_dims(w, 1))
    sizes = np.sqrt(np.sum(powers * powers, axis=0))
    found = np.linalg.lstsq(powers / sizes, y, rcond=len(x) * np.finfo(float).eps)[0]
    return found / (sizes if np.ndim(y) == 1 else np.expand_dims(sizes, 1))


def polyint(p: Any) -> Any:
    return np.append(np.asarray(p) / np.arange(len(p), 0, -1), 0.0)


def resize(a: Any, new_shape: Any) -> Any:
    items = np.ravel(a)
    return np.reshape(items[np.resize(np.arange(len(items)), new_shape)], new_shape)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    rank = np.ndim(a)
    axis, start = axis % rank, start + rank if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def smallest_so_far(array: Any, axis: int = 0) -> Any:
    rows = np.moveaxis(array, axis, 0)
    y = np.array(rows)
    for i in range(1, len(rows)):
        y[i] = np.minimum(y[i - 1], rows[i])
    return np.moveaxis(y, 0, axis)


def unique(ar: Any) -> Any:
    return np.ravel(ar)[np.unique(stop_gradient(ar), return_index=True)[1]]


def unstack(x: Any, *, axis: int = 0) -> Any:
    return tuple([row for row in np.moveaxis(x, axis, 0)])


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    fixed = stop_gradient(p)
    return p + (np.unwrap(fixed, discont, axis, period=period) - fixed)


def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=0)
