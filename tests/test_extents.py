"""Extents that a function names itself: what they say of a call's arguments."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad, jvp
from srcad.construction.extents import named_extents
from srcad.derivatives.abstract import types_of
from srcad.types.lattice import Sym

WEIGHTS = np.array([1.0, 2.0, 3.0])


def distance(x, n):
    start = np.zeros(2)
    for _ in range(n):
        start = start + x
    return np.sum(start * start)


def weighted(x):
    return np.sum(WEIGHTS * x * x)


def partly(x):
    k = 2
    made = np.ones((len(x), k))
    return np.sum(made * x[:, None])


def through(x):
    return weighted(x) + np.sum(x * np.array([[1.0, 0.0, 2.0, 5.0]]))


def packed(x):
    rate = np.array([x[0] * x[1], -x[0], 1.0, 2.0])
    return np.sum(np.stack([rate, 2 * rate, rate]))


def gated(h, W):
    gate, new = np.split(np.ones(3) * h @ W, 2)
    return np.sum(gate * new * h)


def plain(x):
    return 2 * np.sum(x**3) / len(x)


@pytest.mark.parametrize(
    ("fn", "extents"),
    [
        (distance, {2}),
        (weighted, {3}),
        (partly, {2}),
        (through, {3, 4}),
        (packed, {3, 4}),
        (gated, {3, 6}),
        (plain, set()),
    ],
)
def test_what_a_function_names(fn, extents):
    assert named_extents(fn) == extents


def test_a_function_that_cannot_be_read_names_none():
    namespace: dict[str, object] = {}
    exec("def f(x):\n    return x", namespace)
    assert named_extents(namespace["f"]) == frozenset()


def test_a_named_extent_is_a_number_in_the_types():
    x, y = np.ones((2, 5)), np.ones((5, 3))
    a, b = types_of((x, y), lambda: frozenset({2, 7}))
    assert a.shape == (2, Sym(1))
    assert b.shape == (Sym(1), Sym(2))
    assert [t.shape for t in types_of((x, y))] == [(Sym(0), Sym(1)), (Sym(1), Sym(2))]


@pytest.mark.parametrize("order", [(2, 1), (1, 2)])
def test_each_extent_gets_a_gradient_of_its_own(order):
    df = grad(distance)
    for n in order:
        x = np.arange(1.0, n + 1)
        # One number is added to both items of `start`, two are added to one each.
        wanted = 2 * 9 * x * (2 if n == 1 else 1)
        assert np.allclose(df(x, 3), wanted)
        assert df.source_for(x, 3) == grad(distance).source_for(x, 3)
    assert "unbroadcast" not in df.source_for(np.ones(2), 3)


def test_shapes_that_do_not_fit_fail_as_in_the_function():
    df = grad(weighted)
    assert np.allclose(df(np.ones(3)), 2 * WEIGHTS)
    assert np.allclose(df(np.ones((4, 3))), np.tile(2 * WEIGHTS, (4, 1)))
    assert np.allclose(df(np.ones((3, 1))), np.full((3, 1), 12.0))
    for x in (np.ones(4), np.ones((3, 2))):
        with pytest.raises(ValueError, match="broadcast"):
            df(x)


def test_the_global_array_may_be_replaced_by_a_longer_one(monkeypatch):
    df = grad(weighted)
    assert np.allclose(df(np.ones(3)), 2 * WEIGHTS)
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]]))
    assert np.allclose(df(np.ones(3)), [12.0, 14.0, 16.0])
    assert np.allclose(df(np.ones(1)), [42.0])


def test_tangents_and_second_derivatives():
    x, v = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    y, y_dot = jvp(lambda x: distance(x, 3), (x,), (v,))
    assert np.allclose((y, y_dot), (9 * (x @ x), 18 * (x @ v)))
    second = grad(lambda x: np.sum(grad(distance)(x, 3) * v))(x)
    assert np.allclose(second, 18 * v)
