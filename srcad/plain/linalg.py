"""Functions of `numpy.linalg` in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError

__all__ = ["lstsq", "svd"]


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
