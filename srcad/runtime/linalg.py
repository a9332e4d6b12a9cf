"""Slopes and transposes in linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError

__all__ = ["cholesky_half", "mirrored", "slogdet_bar", "slogdet_dot", "solve_bar_A"]


def solve_bar_A(t: Any, x: Any) -> Any:
    """Minus the outer product of the columns of ``t`` and ``x``, summed over columns.

    Examples
    --------
    >>> solve_bar_A(np.array([1.0, 2.0]), np.array([3.0, 4.0])).tolist()
    [[-3.0, -4.0], [-6.0, -8.0]]
    """
    if np.ndim(x) == 1 or np.ndim(t) == 1:
        return -t[..., :, None] * x[..., None, :]
    return -np.matmul(t, np.swapaxes(x, -1, -2))


def cholesky_half(M: Any) -> Any:
    """The lower triangle of ``M`` with half its diagonal.

    Examples
    --------
    >>> cholesky_half(np.array([[2.0, 1.0], [3.0, 4.0]])).tolist()
    [[1.0, 0.0], [3.0, 2.0]]
    """
    if np.iscomplexobj(M):
        raise UnknownFunctionError(
            "srcad has no derivative of the Cholesky factor of a complex matrix",
            instead="factor a real matrix",
        )
    return np.tril(M) - 0.5 * M * np.eye(np.shape(M)[-1], dtype=np.result_type(M))


def slogdet_bar(t: Any, A: Any) -> Any:
    """The cotangent ``t`` of the ``logabsdet`` of ``A``, if that is real.

    Examples
    --------
    >>> slogdet_bar(0.5, np.eye(2))
    0.5
    """
    if np.iscomplexobj(A):
        raise UnknownFunctionError(
            "srcad has no derivative of `np.linalg.slogdet` of a complex matrix",
            why="the phase of the determinant has a derivative too",
            instead="d = np.linalg.det(A), and np.log(np.abs(d)) and d / np.abs(d) of it",
        )
    return t


def slogdet_dot(d: Any, t: Any) -> Any:
    """The tangent of ``d``, a result of `np.linalg.slogdet`, whose ``logabsdet`` has the tangent t.

    Examples
    --------
    >>> float(slogdet_dot(np.linalg.slogdet(np.eye(2)), 0.5).logabsdet)
    0.5
    """
    slogdet_bar(t, d[0])
    return type(d)(np.zeros_like(d[0])[()], t)


def mirrored(M: Any) -> Any:
    """The symmetric matrix with the lower triangle of ``M``.

    Examples
    --------
    >>> mirrored(np.array([[2.0, 1.0], [3.0, 4.0]])).tolist()
    [[2.0, 3.0], [3.0, 4.0]]
    """
    return np.tril(M) + np.swapaxes(np.tril(M, -1), -1, -2)
