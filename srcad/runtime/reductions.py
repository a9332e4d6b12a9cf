"""The transposes and slopes of reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.arrays import unbroadcast, unreduce
from srcad.runtime.slopes import over, tie_share

__all__ = [
    "norm_curve",
    "norm_power",
    "norm_slope",
    "norm_spread",
    "prod_hessian",
    "products_of_others",
    "reversed_cumsum",
    "sum_bars",
]


def reversed_cumsum(t: Any, shape: tuple[int, ...], axis: int | None) -> Any:
    """The sum of each element of ``t`` and all after it: the transpose of ``np.cumsum``.

    Examples
    --------
    >>> reversed_cumsum(np.array([1.0, 2.0, 3.0]), (3,), None).tolist()
    [6.0, 5.0, 3.0]
    """
    if axis is None:
        return np.reshape(np.cumsum(t[::-1])[::-1], shape)
    return np.flip(np.cumsum(np.flip(t, axis), axis), axis)


def sum_bars(t: Any, xs: Any) -> Any:
    """The cotangent of each item of ``xs``, whose sum has the cotangent ``t``.

    Examples
    --------
    >>> sum_bars(2.0, [1.0, 3.0])
    [2.0, 2.0]
    """
    return [unbroadcast(t, x) for x in xs]


def _rows(x: Any, axis: Any) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """``x`` with the axes that are reduced as one last axis; and what `_unrows` needs."""
    ndim = np.ndim(x)
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = tuple(a % ndim for a in axes)
    moved = np.moveaxis(x, gone, tuple(range(ndim - len(gone), ndim)))
    kept = moved.shape[: ndim - len(gone)]
    return np.reshape(moved, (*kept, int(np.prod(moved.shape[len(kept) :])))), moved.shape, gone


def _unrows(rows: Any, shape: tuple[int, ...], gone: tuple[int, ...]) -> Any:
    ndim = len(shape)
    return np.moveaxis(np.reshape(rows, shape), tuple(range(ndim - len(gone), ndim)), gone)


def _others(rows: Any) -> Any:
    ones = np.ones_like(rows[..., :1])
    before = np.cumprod(np.concatenate([ones, rows[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, rows[..., :0:-1]], -1), -1)[..., ::-1]
    return before * after


def products_of_others(x: Any, axis: Any) -> Any:
    """For each element, the product of all others along ``axis``: right where some are zero, too.

    Examples
    --------
    >>> products_of_others(np.array([2.0, 0.0, 3.0]), None).tolist()
    [0.0, 6.0, 0.0]
    """
    if np.ndim(x) == 0:
        return np.ones_like(x)
    rows, shape, gone = _rows(x, axis)
    return _unrows(_others(rows), shape, gone)


def prod_hessian(t: Any, x: Any, axis: Any) -> Any:
    """The second derivative of ``np.prod`` times ``t``.

    Examples
    --------
    >>> prod_hessian(np.array([1.0, 0.0, 0.0]), np.array([2.0, 3.0, 5.0]), None).tolist()
    [0.0, 5.0, 3.0]
    """
    if np.ndim(x) == 0:
        return np.zeros_like(x)
    rows, shape, gone = _rows(x, axis)
    t_rows = _rows(t, axis)[0]
    out = np.zeros_like(rows)
    for i in range(rows.shape[-1]):
        without = rows.copy()
        without[..., i] = 1
        pairs = _others(without)
        pairs[..., i] = 0
        out += t_rows[..., i : i + 1] * pairs
    return _unrows(out, shape, gone)


def norm_power(ord: Any) -> Any:
    """The exponent ``p`` of a vector norm; 1 for the norms of slope 0 or 1.

    Examples
    --------
    >>> norm_power(None), norm_power(3), norm_power(np.inf)
    (2, 3, 1)
    """
    if ord is None or ord == "fro":
        return 2
    return 1 if ord in (np.inf, -np.inf) else ord


def norm_spread(y: Any, x: Any, axis: Any) -> Any:
    """``y``, a norm of ``x`` over ``axis``, broadcast back to the shape of ``x``.

    Examples
    --------
    >>> norm_spread(np.array([1.0, 2.0]), np.zeros((2, 2)), 1).tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    return unreduce(y, np.shape(x), axis, axis is None or np.ndim(y) == np.ndim(x))


def norm_slope(x: Any, y: Any, ord: Any, axis: Any) -> Any:
    """The slope of the vector norm ``y`` of ``x``; 0 where the norm is 0.

    Raises
    ------
    NotImplementedError
        For a matrix norm other than Frobenius'.

    Examples
    --------
    >>> norm_slope(np.array([3.0, 4.0]), 5.0, None, None).tolist()
    [0.6, 0.8]
    """
    is_matrix = isinstance(axis, tuple) and len(axis) == 2 or (axis is None and np.ndim(x) == 2)
    if ord not in (None, "fro") and is_matrix or ord == 0:
        raise NotImplementedError(
            f"np.linalg.norm has no derivative here for ord={ord!r} of a matrix: "
            "srcad knows the norms of vectors (give an axis) and the Frobenius norm"
        )
    whole = norm_spread(y, x, axis)
    if ord is None or ord == "fro" or ord == 2:
        return over(np.conj(x), whole)
    sign = np.conj(np.sign(x))
    if ord == 1:
        return sign
    if ord in (np.inf, -np.inf):
        return sign * tie_share(np.abs(x), y, axis, np.ndim(y) == np.ndim(x))
    return sign * over(np.abs(x), whole) ** (ord - 1)


def norm_curve(x: Any, y: Any, ord: Any, axis: Any) -> Any:
    """How `norm_slope` of a real ``x`` changes with ``x`` where ``y`` is held.

    Examples
    --------
    >>> norm_curve(np.array([3.0, 4.0]), 5.0, None, None).tolist()
    [0.2, 0.2]
    """
    if np.iscomplexobj(x):
        raise NotImplementedError("second derivatives of a norm of complex numbers along an axis")
    p = norm_power(ord)
    if p == 1:
        return np.zeros_like(x)
    whole = norm_spread(y, x, axis)
    return (p - 1) * over(over(np.abs(x), whole) ** (p - 2), whole)
