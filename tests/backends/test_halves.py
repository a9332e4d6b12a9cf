"""What one half of a derivative gives the other through Python, both compiled by Numba."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import vjp
from tests.differences import directional, inner, random_like


def over_a_named_run(x):
    run = range(1, 3)
    total = 0.0
    for i in run:
        total += x[i] * x[0] * i
    return total


def test_a_run_of_ints_is_made_again(rng) -> None:
    """A ``range`` cannot leave what Numba compiles."""
    x = np.array([0.3, 0.7, -0.4])
    y, pullback = vjp(over_a_named_run, x, backend="numba")
    assert y == pytest.approx(over_a_named_run(x))
    direction = random_like((x,), rng)
    wanted = directional(over_a_named_run, (x,), direction)
    assert inner(pullback(1.0), direction) == pytest.approx(wanted.value, rel=1e-9)
