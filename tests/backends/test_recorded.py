"""Recorded values in place of sines and exponentials computed again, run as plain Python."""

from __future__ import annotations

import linecache
import math

import numpy as np
import pytest

from srcad.backends.numba.compile import Compiled
from srcad.derivatives.abstract import types_of
from srcad.pipeline import Request, generate
from tests.differences import directional, inner, random_like


def check(fn, x: float, n: int, rng) -> str:
    """Compare the lowered gradient with differences; return its backward sweep."""
    made = generate(Request(fn, types_of((x, n)), (0,), "grad", backend="numba"))
    assert isinstance(made.call, Compiled)
    call = made.call.__wrapped__
    direction = random_like((x,), rng)
    wanted = directional(lambda z: fn(z, n), (x,), direction)
    assert inner((call(x, n),), direction) == pytest.approx(
        wanted.value, rel=1e-9, abs=1e-12 + 10 * wanted.error
    )
    return "".join(linecache.getlines(call.__code__.co_filename)).split("# backward")[1]


def both(x, n):
    total = 0.0
    for _ in range(n):
        c = np.cos(x)
        s = np.sin(x)
        total = total * s + c * c
        x = x * c + s
    return total * x


def test_a_recorded_sine_is_read(rng) -> None:
    backward = check(both, 0.7, 3, rng)
    assert "s = s_saved[" in backward
    assert "np.sin" not in backward
    assert "np.cos" not in backward


def moved_on(x, n):
    total = 0.0
    for _ in range(n):
        s = np.sin(x)
        total = total * s
        x = x + 0.25 * s
        c = np.cos(x)
        total = total + c * x
    return total * x


def changed_after(x, n):
    total = 1.0
    for _ in range(n):
        s = np.sin(x)
        s = s * x
        total = total * s + np.cos(x)
        x = x * np.cos(total)
    return total


def in_a_branch(x, n):
    total = 1.0
    for k in range(n):
        s = np.sin(x)
        if k % 2:
            s = np.exp(x)
        total = total * s
        x = np.cos(x) * s
    return total + x


def of_another_turn(x, n):
    total = 1.0
    s = 0.5
    for _ in range(n):
        total = total * s * np.cos(x)
        s = np.sin(x)
        x = x * total + s * s
    return total + x


def nested(x, n):
    total = 1.0
    for _ in range(n):
        for _ in range(2):
            c = np.cos(x)
            s = np.sin(x)
            total = total * s * c
            x = x * s + c
        x = np.sin(x)
    return total + x


def with_math(x, n):
    total = 1.0
    while total < 1 + n:
        e = math.exp(0.25 * x)
        c = math.cos(x)
        x = x + 0.1 * c
        total = total * e + c * c + math.sin(x) ** 2
    return total * x


@pytest.mark.parametrize(
    "fn", [moved_on, changed_after, in_a_branch, of_another_turn, nested, with_math]
)
@pytest.mark.parametrize("n", [0, 1, 4])
def test_no_other_value_is_taken_for_it(fn, n: int, rng) -> None:
    check(fn, 0.7, n, rng)
