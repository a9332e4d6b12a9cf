"""Functions of `scipy.special` in other words. SciPy itself is not imported."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Their arguments may be numbers, arrays or lists, of which type checkers know no arithmetic.

from __future__ import annotations

from typing import Any

import numpy as np

from srcad.custom import stop_gradient

__all__ = ["logsumexp"]


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    if b is None:
        b = 1.0
    elif np.ndim(b) > 0:
        b = np.asarray(b)
    a = np.asarray(a) + 0.0 * b
    # The result does not depend on `top`, the largest that counts.
    top = stop_gradient(np.max(np.where(b == 0, -np.inf, a), axis=axis, keepdims=True))
    top = np.where(np.isfinite(top), top, 0.0)
    # What does not count may be larger, and its exponential infinite.
    above = np.where(b == 0, np.minimum(a - top, 80.0), a - top)
    total = np.sum(b * np.exp(above), axis=axis, keepdims=True)
    is_empty = total == 0  # the logarithm of which is -inf, and so it stays
    log_total = np.where(is_empty, -np.inf, np.log(np.where(is_empty, 1.0, total))) + top
    return log_total if keepdims else np.squeeze(log_total, axis=axis)[()]
