"""The transposes and slopes of reductions."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from srcad.errors import UnknownFunctionError
from srcad.runtime.arrays import parts_like, unbroadcast, unreduce
from srcad.runtime.slopes import over, tie_share

__all__ = [
    "as_rows",
    "from_rows",
    "leave_out",
    "norm_curve",
    "norm_power",
    "norm_slope",
    "norm_spread",
    "places_of_quantile",
    "products_of_others",
    "put_back",
    "reversed_cumsum",
    "sum_bars",
]


def places_of_quantile(n: int, q: Any, method: Any) -> Any:
    """Where a quantile of ``n`` items is among them, if they are in order.

    Examples
    --------
    >>> places_of_quantile(5, 0.3, "hazen").item(), places_of_quantile(5, 0.3, "lower").item()
    (1.0, 1.0)
    """
    return np.quantile(np.arange(1.0 * n), q, method=method)


def reversed_cumsum(t: Any, shape: tuple[int, ...], axis: int | None) -> Any:
    """The sum of each element of ``t`` and all after it: the transpose of ``np.cumsum``.

    Examples
    --------
    >>> reversed_cumsum(np.array([1.0, 2.0, 3.0]), (3,), None).tolist()
    [6.0, 5.0, 3.0]
    """
    if axis is None:
        return np.reshape(np.cumsum(t[::-1])[::-1], shape)
    # Of a number NumPy makes an array of one.
    return np.reshape(np.flip(np.cumsum(np.flip(t, axis), axis), axis), shape)


def sum_bars(t: Any, xs: Any) -> Any:
    """The cotangent of each item of ``xs``, whose sum has the cotangent ``t``.

    Examples
    --------
    >>> sum_bars(2.0, [1.0, 3.0])
    [2.0, 2.0]
    """
    return parts_like([unbroadcast(t, x) for x in xs], xs)


def as_rows(t: Any, axis: Any) -> Any:
    """``t`` with the axes that ``axis`` names as one last axis.

    Examples
    --------
    >>> as_rows(np.zeros((2, 3, 4)), (0, 1)).shape
    (4, 6)
    """
    gone = _reduced_axes(np.ndim(t), axis)
    kept = [k for k in range(np.ndim(t)) if k not in gone]
    moved = np.transpose(t, (*kept, *gone))
    return np.reshape(moved, (*moved.shape[: len(kept)], -1)) if len(gone) != 1 else moved


def from_rows(t: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The array of the given shape whose `as_rows` is ``t``.

    Examples
    --------
    >>> from_rows(np.zeros((4, 6)), (2, 3, 4), (0, 1)).shape
    (2, 3, 4)
    """
    gone = _reduced_axes(len(shape), axis)
    order = [*(k for k in range(len(shape)) if k not in gone), *gone]
    return np.transpose(np.reshape(t, [shape[k] for k in order]), np.argsort(order))


def _reduced_axes(ndim: int, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    axes = cast("tuple[int, ...]", axis if isinstance(axis, tuple) else (axis,))
    return tuple(a % ndim for a in axes)


def products_of_others(x: Any, axis: Any) -> Any:
    """For each element, the product of all others along ``axis``: right where some are zero, too.

    Examples
    --------
    >>> products_of_others(np.array([2.0, 0.0, 3.0]), None).tolist()
    [0.0, 6.0, 0.0]
    """
    if np.ndim(x) == 0:
        return np.ones_like(x)
    rows = as_rows(x, axis)
    ones = np.ones_like(rows[..., :1])
    before = np.cumprod(np.concatenate([ones, rows[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, rows[..., :0:-1]], -1), -1)[..., ::-1]
    return from_rows(before * after, np.shape(x), axis)


def leave_out(t: Any, fill: float) -> Any:
    """A row of copies of each row of ``t``; each copy has another element replaced by ``fill``.

    Examples
    --------
    >>> leave_out(np.array([2.0, 3.0]), 1.0).tolist()
    [[1.0, 3.0], [2.0, 1.0]]
    """
    copies = np.repeat(t[..., None, :], t.shape[-1], axis=-2)
    n = range(t.shape[-1])
    copies[..., n, n] = fill
    return copies


def put_back(t: Any) -> Any:
    """The sum of the copies that `leave_out` made, without the elements that it replaced.

    Examples
    --------
    >>> put_back(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [3.0, 2.0]
    """
    return np.sum(t, axis=-2) - np.diagonal(t, axis1=-2, axis2=-1)


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
    UnknownFunctionError
        For a matrix norm other than Frobenius'.

    Examples
    --------
    >>> norm_slope(np.array([3.0, 4.0]), 5.0, None, None).tolist()
    [0.6, 0.8]
    """
    is_matrix = np.size(axis) == 2 or (axis is None and np.ndim(x) == 2)
    if (ord not in (None, "fro") and is_matrix) or ord == 0:
        raise UnknownFunctionError(
            f"np.linalg.norm has no derivative here for ord={ord!r}" + " of a matrix" * is_matrix,
            instead="`np.count_nonzero(x)`, which is constant"
            if ord == 0
            else "the norm of vectors (give an axis), or the Frobenius norm",
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
    """How `norm_slope` changes with ``x`` where ``y`` is held.

    Examples
    --------
    >>> norm_curve(np.array([3.0, 4.0]), 5.0, None, None).tolist()
    [0.2, 0.2]
    """
    p = norm_power(ord)
    if np.iscomplexobj(x) and p != 2:
        raise UnknownFunctionError(
            "srcad has no second derivative of a p-norm of complex numbers", instead="ord=2"
        )
    if p == 1:
        return np.zeros_like(x)
    whole = norm_spread(y, x, axis)
    return (p - 1) * over(over(np.abs(x), whole) ** (p - 2), whole)
