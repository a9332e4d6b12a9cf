"""In-place updates of a row view in a loop: the adjoint of a view is the view of the adjoint."""

from __future__ import annotations

import numpy as np


def row_updates(a, s):
    b = a.copy()
    for i in range(1, len(b)):
        row = b[i]
        row += s * b[i - 1]
    return np.sum(b * b)


def row_updates_grad(a, s):
    b = a.copy()
    for i in range(1, len(b)):
        row = b[i]
        row += s * b[i - 1]
    b_bar = 2 * b
    s_bar = 0.0
    for i in reversed(range(1, len(b))):
        row_bar = b_bar[i]
        b_bar[i - 1] += s * row_bar
        s_bar += np.sum(row_bar * b[i - 1])
    return b_bar, s_bar


ARGNUMS = (0, 1)
HELPERS = ()
WRITTEN = (row_updates_grad,)


def arguments(rng):
    return rng.standard_normal((4, 3)), 0.6
