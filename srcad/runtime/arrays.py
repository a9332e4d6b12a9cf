"""Shapes and places: what undoes broadcasting, reduction and indexing."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from srcad.kinds import SEQUENCE
from srcad.runtime.operands import joined_containers

__all__ = [
    "add_at",
    "broadcast_like",
    "parts_like",
    "placed",
    "scatter",
    "strided_like",
    "unbroadcast",
    "unreduce",
]


def unbroadcast(g: Any, like: Any) -> Any:
    """Sum ``g`` down to the shape of ``like``; take its real part if that is real.

    Parameters
    ----------
    g : scalar or ndarray
        The cotangent of a broadcast result.
    like : scalar or ndarray
        The operand whose cotangent is wanted.

    Returns
    -------
    scalar or ndarray
        Of the shape of ``like``, and of its dtype if that is an array: ``g`` or part of it, or new.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1))).tolist()
    [[3.0], [3.0]]
    """
    if isinstance(g, SEQUENCE):
        raise joined_containers()
    shape = np.shape(like)
    if np.shape(g) != shape:
        extra = np.ndim(g) - len(shape)
        if extra < 0:  # what is stored may have leading axes of extent 1 that its place has not
            g, extra = np.reshape(g, (1,) * -extra + np.shape(g)), 0
        axes = tuple(range(extra)) + tuple(
            i + extra
            for i, n in enumerate(shape)
            if n == 1 and np.shape(g)[i + extra : i + extra + 1] != (1,)
        )
        summed = np.sum(g, axis=axes)
        if np.size(summed) == np.prod(shape):
            g = np.reshape(summed, shape)
        else:  # along some axes what was summed stands for all
            kept = np.sum(g, axis=axes, keepdims=True)
            g = np.broadcast_to(np.reshape(kept, np.shape(kept)[extra:]), shape).copy()
    return _as_kind(g, like)


def broadcast_like(x: Any, like: Any) -> Any:
    """``x`` broadcast to the shape of ``like``, in its dtype if that is an array: read-only.

    Examples
    --------
    >>> broadcast_like(1.0, np.zeros(2)).tolist()
    [1.0, 1.0]
    """
    if isinstance(x, SEQUENCE):
        raise joined_containers()
    shape = np.shape(like)
    return _as_kind(x if np.shape(x) == shape else np.broadcast_to(x, shape), like)


def strided_like(x: Any, like: Any) -> Any:
    """A copy of the array ``x`` that is laid out in memory as ``like`` is, gaps included.

    NumPy decides by the strides of an array whether it can be reshaped without a copy.

    Examples
    --------
    >>> x = np.zeros((2, 6))[:, ::-2]
    >>> strided_like(x, x).strides == x.strides, np.copy(x).strides == x.strides
    (True, False)
    """
    made = np.empty_like(like, dtype=x.dtype)
    if made.strides != like.strides and like.size and x.itemsize == like.itemsize:
        low, high = np.lib.array_utils.byte_bounds(like)
        memory = np.empty(high - low, np.uint8)
        start = like.__array_interface__["data"][0] - low
        made = np.ndarray(like.shape, x.dtype, memory, start, like.strides)
    made[...] = x
    return made


def parts_like(parts: list[Any], xs: Any) -> Any:
    """``parts`` as an array, if ``xs``, for whose items they stand, is one.

    Examples
    --------
    >>> parts_like([0.5, 1.5], np.zeros(2))
    array([0.5, 1.5])
    """
    return np.reshape(parts, np.shape(xs)) if _is_array(xs) else parts


def _as_kind(g: Any, like: Any) -> Any:
    if _is_array(g) and g.ndim == 0 and not _is_array(like):
        g = g[()]  # an array without axes could be changed in place
    if np.iscomplexobj(g) and not np.iscomplexobj(like):
        g = np.real(g)
    dtype = _dtype(like)
    if dtype is None or dtype.kind not in "fc" or _dtype(g) == dtype:
        return g
    return dtype.type(g) if _dtype(g) is None else g.astype(dtype)


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def _dtype(x: Any) -> Any:
    return getattr(x, "dtype", None)


def unreduce(g: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """Broadcast ``g``, a reduction over ``axis``, back to ``shape``: a read-only view.

    Examples
    --------
    >>> unreduce(np.array([1.0, 2.0]), (2, 3), 1, False).tolist()
    [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    """
    if axis is not None and not keepdims and shape:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, shape)


def _is_basic(i: Any) -> bool:
    parts = cast("tuple[Any, ...]", i if isinstance(i, tuple) else (i,))
    return all(
        p is None
        or p is Ellipsis
        or (isinstance(p, slice | int | np.integer) and not isinstance(p, bool))
        for p in parts
    )


def add_at(x_bar: Any, i: Any, g: Any) -> None:
    """Add ``g`` to ``x_bar[i]`` in place; what ``i`` names more than once is added to as often.

    Examples
    --------
    >>> x_bar = np.zeros(3)
    >>> add_at(x_bar, np.array([0, 0, 2]), np.array([1.0, 2.0, 3.0]))
    >>> x_bar.tolist()
    [3.0, 0.0, 3.0]
    """
    if isinstance(x_bar, dict | list) or _is_basic(i):
        x_bar[i] += g
    else:
        np.add.at(x_bar, i, g)


def scatter(g: Any, i: Any, like: Any) -> Any:
    """Zeros like ``like``, with ``g`` added at ``i``: the transpose of ``like[i]``.

    Examples
    --------
    >>> scatter(2.0, 1, np.ones(3)).tolist()
    [0.0, 2.0, 0.0]
    """
    y = np.zeros_like(like)
    add_at(y, i, g)
    return y


def placed(t: Any, i: Any, like: Any) -> Any:
    """Zeros like ``like``, with ``t`` stored at ``i``: of a place named twice, the last one counts.

    Examples
    --------
    >>> placed(np.array([1.0, 2.0]), [1, 1], np.zeros(3)).tolist()
    [0.0, 2.0, 0.0]
    """
    y = np.zeros_like(like)
    y[i] = t
    return y
