"""Programs that once had a wrong derivative, or none."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True, order=1)
def iterated_array_is_rebound(y):
    s = 1.0
    for yi in y:
        s = s * yi
        y = y * s
    return s * y[0]
