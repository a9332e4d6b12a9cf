"""Functions of `numpy.linalg` in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "cross_along",
    "diagonal",
    "diagonal_of_axes",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matvec",
    "multi_dot",
    "norm_of_matrix",
    "outer",
    "qr",
    "svd",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "trace",
    "trace_of_axes",
    "vecdot",
    "vecdot_of_arrays",
    "vecmat",
    "vector_norm",
]


def qr(a: Any, mode: str) -> Any:
    if mode == "r":
        return np.linalg.qr(a)[1]
    raise UnknownFunctionError(
        f"srcad has no derivative of np.linalg.qr for mode='{mode}'",
        why="columns that no column of the matrix belongs to are any of many",
        instead="leave them out: `np.linalg.qr(a)`",
    )


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        return np.linalg.svdvals(a)
    if full_matrices and np.size(a, -2) != np.size(a, -1):
        raise UnknownFunctionError(
            "srcad has no derivative of all singular vectors of a matrix that is not square",
            why="those that no singular value belongs to are any of many",
            instead="leave them out: `np.linalg.svd(a, full_matrices=False)`",
        )
    return np.linalg.svd(a, full_matrices=False)


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    m, n = np.shape(a)
    cut = max(m, n) * np.finfo(np.asarray(a).dtype).eps if rcond is None else rcond
    x = np.linalg.pinv(a, cut) @ b
    s = np.linalg.svdvals(a)
    rank = int(np.sum(s > cut * s[0]))
    if rank == n and m > n:
        return x, np.sum(np.reshape((b - a @ x) ** 2, (m, -1)), axis=0), rank, s
    return x, np.zeros(0), rank, s


def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    if upper:
        return np.swapaxes(np.linalg.cholesky(np.swapaxes(a, -1, -2)), -1, -2)
    return np.linalg.cholesky(a)


def cond(x: Any, p: Any = None) -> Any:
    if p is None or p == 2 or p == -2:
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(np.linalg.inv(x), ord=p)


def cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return cross_along(x1, x2, axis=axis)


def cross_along(a: Any, b: Any, *, axis: int = -1) -> Any:
    y = np.cross(np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1))
    return np.moveaxis(y, -1, axis)


def diagonal(x: Any, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


def matmul(x1: Any, x2: Any) -> Any:
    return np.matmul(x1, x2)


def matvec(x1: Any, x2: Any) -> Any:
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


def vecmat(x1: Any, x2: Any) -> Any:
    return np.matmul(np.expand_dims(np.conj(x1), -2), x2)[..., 0, :]


def diagonal_of_axes(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.diagonal(np.moveaxis(a, (axis1, axis2), (0, 1)), offset)


def trace_of_axes(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.sum(diagonal_of_axes(a, offset, axis1, axis2), axis=-1)


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    if ord is None or ord == "fro":
        return np.linalg.norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        y = np.sum(np.linalg.svdvals(x), axis=-1)
    elif ord == 2:
        y = np.max(np.linalg.svdvals(x), axis=-1)
    elif ord == -2:
        y = np.min(np.linalg.svdvals(x), axis=-1)
    else:
        sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        y = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    return np.expand_dims(y, (-2, -1)) if keepdims else y


def norm_of_matrix(x: Any, ord: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None:
        return matrix_norm(x, ord=ord, keepdims=keepdims)
    y = matrix_norm(np.moveaxis(x, axis, (-2, -1)), ord=ord)
    return np.expand_dims(y, axis) if keepdims else y


def tensorinv(a: Any, ind: int = 2) -> Any:
    rows, columns = np.shape(a)[:ind], np.shape(a)[ind:]
    square = np.reshape(a, (math.prod(rows), math.prod(columns)))
    return np.reshape(np.linalg.inv(square), columns + rows)


def tensorsolve(a: Any, b: Any) -> Any:
    shape = np.shape(a)[np.ndim(b) :]
    return np.reshape(np.linalg.solve(np.reshape(a, (np.size(b), -1)), np.ravel(b)), shape)


def multi_dot(arrays: Any) -> Any:
    y = arrays[0]
    for x in arrays[1:]:
        y = np.dot(y, x)
    return y


def outer(x1: Any, x2: Any) -> Any:
    return np.outer(x1, x2)


def tensordot(x1: Any, x2: Any, *, axes: Any = 2) -> Any:
    return np.tensordot(x1, x2, axes=axes)


def trace(x: Any, *, offset: int = 0) -> Any:
    return np.sum(np.diagonal(x, offset, -2, -1), axis=-1)


def vecdot(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return np.sum(np.conj(x1) * x2, axis=axis)


def vecdot_of_arrays(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return vecdot(x1, x2, axis=axis)


def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    if axis is None:
        y = np.linalg.norm(np.ravel(x), ord)
        return np.reshape(y, (1,) * np.ndim(x)) if keepdims else y
    if isinstance(axis, tuple):
        rows = np.moveaxis(x, axis, tuple(range(len(axis))))
        y = np.linalg.norm(np.reshape(rows, (-1, *np.shape(rows)[len(axis) :])), ord, axis=0)
        return np.expand_dims(y, axis) if keepdims else y
    return np.linalg.norm(x, ord, axis=axis, keepdims=keepdims)
