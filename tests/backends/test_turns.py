"""Loops of independent turns, joined with their reverse and run as plain Python."""

from __future__ import annotations

import linecache
import math

import numpy as np
import pytest

from srcad.backends.numba.compile import Compiled
from srcad.derivatives.abstract import types_of
from srcad.pipeline import Request, generate
from tests.differences import directional, inner, random_like
from tests.trees import copied


def check(fn, n: int, rng, *, with_value: bool = False) -> str:
    """Compare the lowered gradient with differences; return its text."""
    args = (rng.uniform(0.3, 0.9, n), rng.uniform(0.5, 1.5, n), 0.7)
    request = Request(fn, types_of(args), (0, 1, 2), "grad", backend="numba", with_value=with_value)
    made = generate(request)
    assert isinstance(made.call, Compiled)
    call = made.call.__wrapped__
    found = call(*copied(args))
    if with_value:
        assert found[0] == pytest.approx(fn(*copied(args)), rel=1e-13)
        found = found[1]
    direction = random_like(args, rng)
    wanted = directional(lambda *z: fn(*copied(z)), args, direction)
    assert inner(found, direction) == pytest.approx(
        wanted.value, rel=1e-9, abs=1e-12 + 10 * wanted.error
    )
    return "".join(linecache.getlines(call.__code__.co_filename))


def terms(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        x = xs[k]
        s = np.sin(c * x)
        e = np.exp(s * ws[k])
        total += e * s * x
    return total


def test_independent_turns_are_joined(rng) -> None:
    text = check(terms, 5, rng)
    assert "saved" not in text
    assert text.count("for ") == 1
    assert text.count("np.exp") == 1


def test_a_value_summed_up_keeps_the_forward_loop(rng) -> None:
    text = check(terms, 5, rng, with_value=True)
    assert text.count("for ") == 2


def carried(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        s = np.sin(c * xs[k])
        c = np.cos(c) + s * ws[k]
        total += s * c
    return total


def last_is_read(xs, ws, c):
    total = 0.0
    s = 1.0
    for k in range(len(xs)):
        s = np.sin(c * xs[k])
        total += np.exp(s) * s * ws[k]
    return total * s


def turn_before_is_read(xs, ws, c):
    total = 0.0
    s = 1.0
    for k in range(len(xs)):
        total += np.exp(s) * ws[k]
        s = np.sin(c * xs[k])
    return total


def last_turn_is_read(xs, ws, c):
    total = 0.0
    k = 0
    for k in range(len(xs)):
        total += np.exp(np.sin(c * xs[k]))
    return total * ws[0] * k


def twice(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        s = np.sin(c * xs[k])
        total += s * np.exp(s)
    for k in range(len(xs)):
        s = np.cos(c * ws[k])
        total += total * s * np.exp(s)
    return total


def overwritten_after(xs, ws, c):
    xs = xs.copy()
    total = 0.0
    for k in range(len(xs)):
        s = np.sin(c * xs[k])
        total += s * np.exp(s)
    for k in range(len(xs)):
        xs[k] = xs[k] * ws[k] * c
    return total + np.sum(xs * xs)


def made_before(xs, ws, c):
    ys = np.sin(xs)
    total = 0.0
    for k in range(len(xs)):
        s = np.exp(ys[k] * c)
        total += s * np.exp(s) * ws[k]
    ys[0] = c
    return total * np.sum(ys)


def rebound_after(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        s = np.exp(c * xs[k])
        total += s * np.sin(s) * ws[k]
    c = c * total
    return c * total


def names_again(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        x = xs[k]
        x = np.sin(x * c)
        y = x
        x = np.exp(y) * ws[k]
        total += x * y * math.sin(c)
    return total


def with_a_branch(xs, ws, c):
    total = 0.0
    for k in range(len(xs)):
        s = np.sin(c * xs[k])
        if s > 0.4:
            s = np.exp(s)
        total += s * s * ws[k]
    return total


def of_rows(xs, ws, c):
    total = 0.0
    for k in range(1, len(xs)):
        d = math.sqrt((xs[k] - xs[k - 1]) ** 2 + c * c)
        e = math.exp(-d)
        total += e * ws[k] / d
    return total


@pytest.mark.parametrize(
    "fn",
    [
        *(terms, carried, last_is_read, turn_before_is_read, last_turn_is_read, twice),
        *(overwritten_after, made_before, rebound_after, names_again, with_a_branch, of_rows),
    ],
    ids=lambda fn: fn.__name__,
)
def test_program(fn, rng) -> None:
    check(fn, 4, rng)
    check(fn, 1, rng)


@pytest.mark.parametrize("fn", [terms, of_rows, rebound_after])
def test_no_turns(fn, rng) -> None:
    check(fn, 0, rng)
