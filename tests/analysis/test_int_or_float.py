"""Arrays made of numbers that are ints at one time and floats at another."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad
from srcad.errors import MutationError
from tests.differences import directional


def of_the_larger(x, n):
    buf = np.full(3, max(n, x))
    buf[0] = x
    return np.sum(buf * buf)


def of_one_or_the_other(x, n):
    v = n if n > 2 else x
    pair = np.array([v, 2 * v])
    pair[0] = x * x
    return np.sum(pair)


def of_a_sum_that_may_be_empty(x, n):
    total = 0
    for _ in range(n):
        total = total + x
    buf = np.full(2, total) * 2
    buf[1] += x
    return np.sum(buf)


def of_items_of_two_kinds(x, n):
    s = 0.0
    for v in [n, 2.0]:
        buf = np.full(2, v)
        buf[0] = x
        s = s + np.sum(buf) * x
    return s


def of_what_was_appended(x, n):
    larger = []
    for k in range(n):
        larger.append(max(k, x))
    s = 0.0
    for v in larger:
        buf = np.full(2, v)
        buf[0] = x
        s = s + np.sum(buf) * x
    return s


@pytest.mark.parametrize(
    "f",
    [
        of_the_larger,
        of_one_or_the_other,
        of_a_sum_that_may_be_empty,
        of_items_of_two_kinds,
        of_what_was_appended,
    ],
)
def test_refused_where_floats_are_stored(f) -> None:
    with pytest.raises(
        MutationError, match="an array that may hold ints is given floats"
    ) as caught:
        grad(f)(1.5, 3)
    assert "Instead: make it of floats, `np.full(n, float(v))`" in str(caught.value)


def made_of_floats(x, n):
    buf = np.full(3, float(max(n, x)))
    buf[0] = x
    return np.sum(buf * buf)


def among_floats(x, n):
    pair = np.array([max(n, x), 0.5])
    pair[1] = x * x
    return np.sum(pair * pair)


def only_read(x, n):
    total = 0
    for k in range(n):
        total = total + x * k
    pair = np.array([total, total])
    out = np.zeros(2)
    out[0] = x * pair[1]
    return np.sum(out * pair)


def counted(x, n):
    counts = np.array([n, max(n, 2)])
    counts[0] += 1
    return np.sum(counts * x)


@pytest.mark.parametrize("f", [made_of_floats, among_floats, only_read, counted])
@pytest.mark.parametrize("n", [1, 3])
def test_right_where_nothing_is_cut_off(f, n: int) -> None:
    wanted = directional(lambda x: f(x, n), (1.37,), (1.0,)).value
    assert grad(f)(1.37, n) == pytest.approx(wanted, rel=1e-8)


def powers_down(x, n):
    buf = np.full(3, 2**-n)
    buf[0] = x
    return np.sum(buf * buf)


def test_a_power_of_ints_may_be_a_float() -> None:
    with pytest.raises(MutationError, match="`buf` is changed in place"):
        grad(powers_down)(1.5, 2)
