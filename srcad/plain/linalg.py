"""Functions of `numpy.linalg` in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError

__all__ = [
    "cond",
    "cross",
    "diagonal",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_transpose",
    "matvec",
    "multi_dot",
    "outer",
    "qr",
    "svd",
    "tensordot",
    "trace",
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


def cond(x: Any) -> Any:
    s = np.linalg.svdvals(x)
    return s[..., 0] / s[..., -1]


def cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    return np.cross(x1, x2, axis=axis)


def diagonal(x: Any, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


def matmul(x1: Any, x2: Any) -> Any:
    return np.matmul(x1, x2)


def matvec(x1: Any, x2: Any) -> Any:
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


def vecmat(x1: Any, x2: Any) -> Any:
    return np.matmul(np.expand_dims(np.conj(x1), -2), x2)[..., 0, :]


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


def matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


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


def vector_norm(x: Any, *, axis: Any = None, ord: Any = 2) -> Any:
    return np.linalg.norm(np.ravel(x) if axis is None else x, ord, axis=axis)
