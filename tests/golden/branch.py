"""The adjoint of a branch is the branch on the same condition."""

from __future__ import annotations

import math


def branch(x, y):
    if x < y:
        z = x * math.sin(y)
    else:
        z = x * x
    return z * y


def branch_grad(x, y):
    if x < y:
        z = x * math.sin(y)
    else:
        z = x * x
    z_bar = y
    y_bar = z
    if x < y:
        x_bar = z_bar * math.sin(y)
        y_bar += z_bar * x * math.cos(y)
    else:
        x_bar = 2 * z_bar * x
    return x_bar, y_bar


ARGNUMS = (0, 1)
HELPERS = ()
WRITTEN = (branch_grad,)


def arguments(rng):
    return 0.4, 1.3
