"""Slopes and transposes in linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError

__all__ = [
    "both_ways",
    "eigh_pair",
    "lower_half",
    "mirrored",
    "of_real_matrix",
    "over_gaps",
    "qr_pair",
    "skewed",
    "slogdet_bar",
    "slogdet_dot",
    "solve_bar_A",
    "svd_triple",
]


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


def lower_half(M: Any) -> Any:
    """The lower triangle of ``M`` with half its diagonal.

    Examples
    --------
    >>> lower_half(np.array([[2.0, 1.0], [3.0, 4.0]])).tolist()
    [[1.0, 0.0], [3.0, 2.0]]
    """
    if np.iscomplexobj(M):
        raise UnknownFunctionError(
            "srcad has no derivative of the factors of a complex matrix",
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


def both_ways(M: Any) -> Any:
    """``M`` and its transpose, added.

    Examples
    --------
    >>> both_ways(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[2.0, 5.0], [5.0, 8.0]]
    """
    return M + np.swapaxes(M, -1, -2)


def over_gaps(M: Any, w: Any) -> Any:
    """``M[i, j] / (w[j] - w[i])``, and 0 on the diagonal and wherever ``M`` is.

    Where eigenvalues are equal, their eigenvectors have no derivative: it is infinite if anything
    asks for it.

    Examples
    --------
    >>> over_gaps(np.ones((2, 2)), np.array([1.0, 3.0])).tolist()
    [[0.0, 0.5], [-0.5, 0.0]]
    """
    gaps = w[..., None, :] - w[..., :, None]
    wanted = (M != 0) & ~np.eye(np.shape(w)[-1], dtype=bool)
    with np.errstate(divide="ignore"):
        return np.divide(M, gaps, out=np.zeros(np.shape(gaps), np.result_type(M, w)), where=wanted)


def eigh_pair(parts: Any) -> Any:
    """Eigenvalues and eigenvectors as `numpy.linalg.eigh` returns them.

    Examples
    --------
    >>> eigh_pair((np.ones(1), np.eye(1))).eigenvalues.tolist()
    [1.0]
    """
    return type(np.linalg.eigh(np.eye(1)))(*parts)


def of_real_matrix(t: Any, A: Any) -> Any:
    """``t``, which belongs to a factorisation or a pseudoinverse of ``A``, if that is real.

    Examples
    --------
    >>> of_real_matrix(0.5, np.eye(2))
    0.5
    """
    if np.iscomplexobj(A):
        raise UnknownFunctionError(
            "srcad has no derivative of the singular values, factors or pseudoinverse of a complex"
            " matrix",
            instead="take those of a real matrix: `np.block([[a.real, -a.imag], [a.imag, a.real]])`"
            " has each singular value of `a` twice",
        )
    return t


def qr_pair(parts: Any) -> Any:
    """Orthonormal columns and an upper triangle as `numpy.linalg.qr` returns them.

    Examples
    --------
    >>> qr_pair((np.eye(1), np.ones((1, 1)))).R.tolist()
    [[1.0]]
    """
    return type(np.linalg.qr(np.eye(1)))(*parts)


def skewed(M: Any) -> Any:
    """``M`` less its transpose.

    Examples
    --------
    >>> skewed(np.array([[1.0, 2.0], [5.0, 4.0]])).tolist()
    [[0.0, -3.0], [3.0, 0.0]]
    """
    return M - np.swapaxes(M, -1, -2)


def svd_triple(parts: Any) -> Any:
    """Singular vectors and values as `numpy.linalg.svd` returns them.

    Examples
    --------
    >>> svd_triple((np.eye(1), np.ones(1), np.eye(1))).S.tolist()
    [1.0]
    """
    return type(np.linalg.svd(np.eye(1)))(*parts)
