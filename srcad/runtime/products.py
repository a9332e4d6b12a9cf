"""The transposes of products of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.arrays import unbroadcast

__all__ = [
    "convolved",
    "correlated",
    "dot_bar_a",
    "dot_bar_b",
    "inner_bar",
    "inner_bar_b",
    "matmul_bar_a",
    "matmul_bar_b",
    "tensordot_bar_a",
    "tensordot_bar_b",
]


def convolved(a: Any, v: Any) -> Any:
    """The whole convolution of two vectors.

    Examples
    --------
    >>> convolved(np.array([1.0, 2.0]), np.array([1.0, -1.0, 3.0])).tolist()
    [1.0, 1.0, 1.0, 6.0]
    """
    return np.convolve(a, v)


def correlated(t: Any, v: Any) -> Any:
    """The cotangent of ``a`` in ``convolved(a, v)``: the sums of ``t[i + j] * v[j]``.

    Examples
    --------
    >>> correlated(np.array([1.0, 2.0, 4.0]), np.array([1.0, 10.0])).tolist()
    [21.0, 42.0]
    """
    return np.convolve(t, v[::-1], "valid")


def matmul_bar_a(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``a`` in ``a @ b``, for any ranks; of ``a`` only the shape matters.

    Examples
    --------
    >>> matmul_bar_a(np.array([1.0, 2.0]), np.zeros((2, 3)), np.array([1.0, 0.0, 2.0])).tolist()
    [[1.0, 0.0, 2.0], [2.0, 0.0, 4.0]]
    """
    b = np.asarray(b)  # it may be a list
    if np.ndim(b) == 1:
        a_bar = t * b if np.ndim(a) == 1 else t[..., None] * b
    elif np.ndim(a) == 1:
        a_bar = np.matmul(b, t[..., None])[..., 0]
    else:
        a_bar = np.matmul(t, np.swapaxes(b, -1, -2))
    return unbroadcast(a_bar, a)


def matmul_bar_b(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``b`` in ``a @ b``, for any ranks; of ``b`` only the shape matters.

    Examples
    --------
    >>> matmul_bar_b(np.array([1.0, 2.0]), np.array([[1.0, 0.0], [0.0, 3.0]]), np.zeros(2)).tolist()
    [1.0, 6.0]
    """
    a = np.asarray(a)
    if np.ndim(a) == 1:
        b_bar = t * a if np.ndim(b) == 1 else a[:, None] * t[..., None, :]
    elif np.ndim(b) == 1:
        b_bar = np.matmul(np.swapaxes(a, -1, -2), t[..., None])[..., 0]
    else:
        b_bar = np.matmul(np.swapaxes(a, -1, -2), t)
    return unbroadcast(b_bar, b)


def dot_bar_a(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``a`` in ``np.dot(a, b)``, for any ranks; of ``a`` only the shape matters.

    Examples
    --------
    >>> dot_bar_a(2.0, np.zeros(2), np.array([1.0, 3.0])).tolist()
    [2.0, 6.0]
    """
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(t * b, a)
    n = np.ndim(b)
    axes = tuple(k for k in range(n) if k != max(n - 2, 0))
    return unbroadcast(np.tensordot(t, b, (tuple(range(np.ndim(a) - 1, np.ndim(t))), axes)), a)


def dot_bar_b(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``b`` in ``np.dot(a, b)``, for any ranks; of ``b`` only the shape matters.

    Examples
    --------
    >>> dot_bar_b(2.0, np.array([1.0, 3.0]), np.zeros(2)).tolist()
    [2.0, 6.0]
    """
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(a * t, b)
    outer = tuple(range(np.ndim(a) - 1))
    b_bar = np.tensordot(a, t, (outer, outer))
    return unbroadcast(np.moveaxis(b_bar, 0, max(np.ndim(b) - 2, 0)), b)


def inner_bar(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``a`` in ``np.inner(a, b)``.

    Examples
    --------
    >>> inner_bar(2.0, np.zeros(2), np.array([1.0, 3.0])).tolist()
    [2.0, 6.0]
    """
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(t * b, a)
    axes = tuple(range(np.ndim(a) - 1, np.ndim(t))), tuple(range(np.ndim(b) - 1))
    return unbroadcast(np.tensordot(t, b, axes), a)


def inner_bar_b(t: Any, a: Any, b: Any) -> Any:
    """The cotangent of ``b`` in ``np.inner(a, b)``.

    Examples
    --------
    >>> inner_bar_b(2.0, np.array([1.0, 3.0]), np.zeros(2)).tolist()
    [2.0, 6.0]
    """
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(a * t, b)
    outer = tuple(range(np.ndim(a) - 1))
    return unbroadcast(np.tensordot(t, a, (outer, outer)), b)


def _axes(a: Any, b: Any, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, int):
        return tuple(range(np.ndim(a) - axes, np.ndim(a))), tuple(range(axes))
    first, second = ((x,) if isinstance(x, int) else tuple(x) for x in axes)
    return tuple(k % np.ndim(a) for k in first), tuple(k % np.ndim(b) for k in second)


def tensordot_bar_a(t: Any, a: Any, b: Any, axes: Any) -> Any:
    """The cotangent of ``a`` in ``np.tensordot(a, b, axes)``.

    Examples
    --------
    >>> tensordot_bar_a(2.0, np.zeros(2), np.array([1.0, 3.0]), 1).tolist()
    [2.0, 6.0]
    """
    gone_a, gone_b = _axes(a, b, axes)
    kept_a = [k for k in range(np.ndim(a)) if k not in gone_a]
    kept_b = [k for k in range(np.ndim(b)) if k not in gone_b]
    a_bar = np.tensordot(t, b, (tuple(range(len(kept_a), np.ndim(t))), tuple(kept_b)))
    # What is left of b stands in b's order: the order of a's axes has to be that of their partners.
    partners = [i for _, i in sorted(zip(gone_b, gone_a, strict=True))]
    return unbroadcast(np.transpose(a_bar, np.argsort([*kept_a, *partners])), a)


def tensordot_bar_b(t: Any, a: Any, b: Any, axes: Any) -> Any:
    """The cotangent of ``b`` in ``np.tensordot(a, b, axes)``.

    Examples
    --------
    >>> tensordot_bar_b(2.0, np.array([1.0, 3.0]), np.zeros(2), 1).tolist()
    [2.0, 6.0]
    """
    gone_a, gone_b = _axes(a, b, axes)
    kept_a = [k for k in range(np.ndim(a)) if k not in gone_a]
    kept_b = [k for k in range(np.ndim(b)) if k not in gone_b]
    b_bar = np.tensordot(a, t, (tuple(kept_a), tuple(range(len(kept_a)))))
    partners = [i for _, i in sorted(zip(gone_a, gone_b, strict=True))]
    return unbroadcast(np.transpose(b_bar, np.argsort([*partners, *kept_b])), b)
