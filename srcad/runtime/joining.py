"""The transposes of joining, splitting and laying out arrays."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from srcad.runtime.arrays import parts_like, unbroadcast

__all__ = [
    "cuts",
    "diag_bar",
    "diff_bar",
    "inverse_axes",
    "join_like",
    "opposite",
    "pad_bar",
    "padded_places",
    "repeat_bar",
    "sorted_as",
    "split_like",
    "take_bar",
    "tile_bar",
    "trace_bar",
    "unpack_like",
    "unsort",
    "unstack",
]


def cuts(xs: Any, axis: int) -> list[int]:
    """Where ``np.split`` has to cut to undo the concatenation of ``xs``.

    Examples
    --------
    >>> cuts([np.zeros((2, 1)), np.zeros((3, 1)), np.zeros((1, 1))], 0)
    [2, 5]
    """
    ends: list[int] = []
    for x in xs[:-1]:
        ends.append((ends[-1] if ends else 0) + np.shape(x)[axis])
    return ends


def split_like(t: Any, xs: Any, axis: int | None) -> Any:
    """The parts of ``t``, cut along ``axis``, that have the shapes and dtypes of ``xs``.

    Examples
    --------
    >>> [p.tolist() for p in split_like(np.arange(3.0), [np.zeros(1), np.zeros((2, 1))], 0)]
    [[0.0], [[1.0], [2.0]]]
    """
    k = 0 if axis is None else axis
    others = int(np.prod([n for i, n in enumerate(np.shape(t)) if i != k % np.ndim(t)], dtype=int))
    out: list[Any] = []
    at = 0
    for x in xs:
        n = np.size(x) // others if others else 0
        part = np.take(t, range(at, at + n), axis=k)
        out.append(unpack_like(np.reshape(part, np.shape(x))[()], x))
        at += n
    return parts_like(out, xs)


def join_like(xs: Any, like: Any, axis: int | None) -> Any:
    """``xs`` laid end to end along ``axis``, each first given the other axes of ``like``.

    Examples
    --------
    >>> join_like([np.zeros(1), np.ones((2, 1))], np.zeros(3), 0).tolist()
    [0.0, 1.0, 1.0]
    """
    k = (0 if axis is None else axis) % np.ndim(like)
    shape = tuple(-1 if i == k else n for i, n in enumerate(np.shape(like)))
    return np.concatenate([np.reshape(x, shape) for x in xs], axis=k)


def unstack(t: Any, axis: int) -> list[Any]:
    """The slices of ``t`` along ``axis``: the transpose of ``np.stack``.

    Examples
    --------
    >>> [p.tolist() for p in unstack(np.array([[1.0, 2.0], [3.0, 4.0]]), 1)]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    return list(np.moveaxis(t, axis, 0))


def unpack_like(t: Any, x: Any) -> Any:
    """``t``, an array, as nested lists in the form of ``x``: the transpose of ``np.array``.

    Examples
    --------
    >>> [float(v) for v in unpack_like(np.array([1.0, 2.0]), [0.0, 0.0])]
    [1.0, 2.0]
    """
    if not isinstance(x, tuple | list):
        return unbroadcast(t, x)
    items = cast("list[Any]", x)
    return [unpack_like(t[i], v) for i, v in enumerate(items)]


def repeat_bar(t: Any, like: Any, repeats: Any, axis: int | None) -> Any:
    """The sum of the copies that ``np.repeat`` made.

    Examples
    --------
    >>> repeat_bar(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(2), 2, None).tolist()
    [3.0, 7.0]
    """
    whole = np.zeros(np.shape(like) or (1,), dtype=np.result_type(t))  # a number has one item
    rows = np.reshape(whole, (-1,)) if axis is None else np.moveaxis(whole, axis, 0)
    n = rows.shape[0]
    np.add.at(
        rows, np.repeat(np.arange(n), repeats), t if axis is None else np.moveaxis(t, axis, 0)
    )
    return np.reshape(whole, np.shape(like))


def tile_bar(t: Any, like: Any, reps: Any) -> Any:
    """The sum of the copies that ``np.tile`` made.

    Examples
    --------
    >>> tile_bar(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(2), 2).tolist()
    [4.0, 6.0]
    """
    counts: tuple[int, ...] = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = max(len(counts), np.ndim(like))
    counts = (1,) * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - np.ndim(like)) + np.shape(like)
    pairs = [n for pair in zip(counts, shape, strict=True) for n in pair]
    return np.reshape(
        np.sum(np.reshape(t, pairs), axis=tuple(range(0, 2 * ndim, 2))), np.shape(like)
    )


def pad_bar(t: Any, like: Any, pad_width: Any) -> Any:
    """The part of ``t`` that is no padding.

    Examples
    --------
    >>> pad_bar(np.arange(5.0), np.zeros(2), (1, 2)).tolist()
    [1.0, 2.0]
    """
    widths = np.broadcast_to(np.asarray(pad_width), (np.ndim(like), 2))
    return np.asarray(t)[
        tuple(slice(int(w), int(w) + n) for (w, _), n in zip(widths, np.shape(like), strict=True))
    ]


def padded_places(n: int, widths: Any, mode: str) -> Any:
    """The places of ``n`` items of which the items are that `np.pad` makes of them.

    Examples
    --------
    >>> padded_places(3, (1, 2), "edge").tolist()
    [0, 0, 1, 2, 2, 2]
    """
    pad: Any = np.pad
    return pad(np.arange(n), widths, mode)


def diag_bar(t: Any, like: Any, k: int) -> Any:
    """Zeros like ``like``, with ``t`` on diagonal ``k`` of the first two axes.

    Examples
    --------
    >>> diag_bar(np.array([1.0, 2.0]), np.zeros((2, 3)), 1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]
    """
    if np.ndim(like) == 1:
        return np.diag(t, k)
    out = np.zeros_like(like)
    n = np.shape(t)[-1]
    out[np.arange(n) + max(-k, 0), np.arange(n) + max(k, 0)] = np.moveaxis(t, -1, 0)
    return out


def trace_bar(t: Any, like: Any, offset: int) -> Any:
    """Zeros like ``like``, with ``t`` all along the diagonal ``offset`` of the first two axes.

    Examples
    --------
    >>> trace_bar(2.0, np.zeros((2, 2)), 0).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    n, m = np.shape(like)[:2]
    eye = np.eye(n, m, offset, dtype=np.result_type(like))
    return np.reshape(eye, (n, m) + (1,) * np.ndim(t)) * t


def unsort(t: Any, x: Any, axis: int | None) -> Any:
    """``t``, which belongs to ``np.sort(x, axis)``, put back where ``x`` had its elements.

    Examples
    --------
    >>> unsort(np.array([1.0, 2.0, 3.0]), np.array([5.0, 4.0, 6.0]), -1).tolist()
    [2.0, 1.0, 3.0]
    """
    if axis is None:
        return np.reshape(unsort(t, np.ravel(x), -1), np.shape(x))
    out = np.zeros_like(t)
    np.put_along_axis(out, np.argsort(x, axis), t, axis)
    return out


def opposite(shift: Any) -> Any:
    """The shift, or shifts, that undo ``shift``.

    Examples
    --------
    >>> opposite(2), opposite((1, -1))
    (-2, (-1, 1))
    """
    if not isinstance(shift, tuple | list):
        return -shift
    shifts = cast("list[int]", shift)
    return tuple(-n for n in shifts)


def inverse_axes(axes: Any) -> Any:
    """The permutation that undoes the transposition by ``axes``.

    Examples
    --------
    >>> inverse_axes((1, 2, 0))
    (2, 0, 1)
    """
    if np.ndim(axes) == 0:
        return axes  # ``None``, or the one axis of a vector
    order = [a % len(axes) for a in axes]
    return tuple(order.index(k) for k in range(len(order)))


def sorted_as(t: Any, x: Any, axis: int | None) -> Any:
    """``t`` rearranged as ``np.sort`` rearranges ``x``.

    Examples
    --------
    >>> sorted_as(np.array([1.0, 2.0, 3.0]), np.array([5.0, 4.0, 6.0]), -1).tolist()
    [2.0, 1.0, 3.0]
    """
    if axis is None:
        return sorted_as(np.ravel(t), np.ravel(x), -1)
    return np.take_along_axis(t, np.argsort(x, axis), axis)


def take_bar(t: Any, like: Any, indices: Any, axis: int | None) -> Any:
    """Zeros like ``like``, with ``t`` added where ``np.take`` took from.

    Examples
    --------
    >>> take_bar(np.array([1.0, 2.0]), np.zeros(3), np.array([2, 2]), None).tolist()
    [0.0, 0.0, 3.0]
    """
    out, indices = np.zeros_like(like), np.asarray(indices)
    if axis is None or np.ndim(like) == 0:
        np.add.at(out.reshape(-1), indices, t)
        return out
    k = axis % np.ndim(like)
    many = tuple(range(k, k + np.ndim(indices)))
    np.add.at(np.moveaxis(out, k, 0), indices, np.moveaxis(t, many, tuple(range(len(many)))))
    return out


def diff_bar(t: Any, axis: int) -> Any:
    """The transpose of ``np.diff``: minus the differences of ``t`` between two zeros.

    Examples
    --------
    >>> diff_bar(np.array([1.0, 3.0]), -1).tolist()
    [-1.0, -2.0, 3.0]
    """
    shape = list(np.shape(t))
    shape[axis] = 1
    edge = np.zeros(shape, dtype=np.result_type(t))
    return -np.diff(np.concatenate([edge, t, edge], axis), axis=axis)
