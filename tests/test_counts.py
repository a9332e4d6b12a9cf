"""Ints that say how long arrays are: what they tell the types of a call, and for which calls."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from srcad import grad, jacfwd, jvp, value_and_grad, vjp
from srcad.construction.counts import counting_parameters
from srcad.derivatives.abstract import types_of
from srcad.errors import OutputError
from srcad.types.lattice import Scalar, Sym
from tests.differences import directional


def paths(start, rate, n, turns):
    x, total = np.full(n, start), np.zeros(n)
    for _ in range(turns):
        x = x * np.exp(rate * np.arange(n))
        total = total + x
    return np.sum(total * total)


def spread(x, n):
    return np.sum((np.zeros(n) + x * x) ** 2)


def table(x, rows, columns=3):
    shape = (rows, columns)
    return np.sum(np.ones(shape) * x)


def beside(value, count):
    return np.sum(table(x=value, rows=count) * np.linspace(0.0, value, num=7))


def drawn(x, n, seed):
    rng = np.random.default_rng(seed)
    return np.sum(x * rng.standard_normal((n, 2))) + x**2


def folded(x, rows, turns):
    grid = x.reshape(rows, -1)
    for _ in range(turns):
        grid = grid * grid
    return np.sum(grid)


def longer(x, n):
    m = int(n) + 1
    return np.sum(np.ones(m) * x)


def down(x, n):
    return x if n == 0 else np.sum(np.ones(n)) * down(x, n - 1)


@pytest.mark.parametrize(
    ("fn", "places"),
    [
        (paths, {2}),
        (spread, {1}),
        (table, {1, 2}),
        (beside, {1}),
        (drawn, {1}),
        (folded, {1}),
        (longer, {1}),
        (down, {1}),
    ],
)
def test_which_parameters_count(fn, places):
    assert counting_parameters(fn) == places


def test_a_function_that_cannot_be_read_counts_by_none():
    namespace: dict[str, object] = {}
    exec("def f(n):\n    return n", namespace)
    assert counting_parameters(namespace["f"]) == frozenset()


@pytest.mark.parametrize(
    ("n", "known"),
    [(4, Sym(0)), (5, Sym(1)), (0, Sym(1)), (1, 1), (-1, None), (True, None), (4.0, None)],
)
def test_an_int_is_an_extent_in_the_types(n, known):
    x, t, other = types_of((np.ones(4), n, n), counting=(1,))
    assert x.shape == (Sym(0),)
    assert isinstance(t, Scalar)
    assert t.known == known
    assert other.known is None


def test_a_numpy_int_is_one_too():
    _, t = types_of((np.ones(4), np.int32(4)), counting=(1,))
    assert t == Scalar(np.dtype(np.int32), False, Sym(0))


SPREAD = [
    (m, n)
    for n in (1, 5, 0, 2, np.int64(5), np.int8(1), 4)
    for m in (5, 1, 2)
    if n == m or 1 in (m, n)
]


@pytest.mark.parametrize("order", [1, -1])
def test_one_derivative_for_calls_of_all_extents(order, rng):
    df, both, jac = grad(spread), value_and_grad(spread), jacfwd(spread)
    for m, n in SPREAD[::order]:
        x = rng.uniform(0.5, 1.5, m)
        wanted = 4 * x**3 * (n if m == 1 else 1)
        for _ in range(3):
            assert np.allclose(df(x, n), wanted)
            assert np.allclose(both(x, n)[1], wanted)
        assert np.allclose(jac(x, n), wanted)


def test_shapes_that_do_not_fit_fail_as_in_the_function():
    df = grad(spread)
    x = np.ones(5)
    for _ in range(3):
        assert np.allclose(df(x, 5), 4.0)
    with pytest.raises(ValueError, match="broadcast"):
        df(x, 4)
    with pytest.raises(ValueError, match="negative"):
        df(x, -5)
    for wrong in (5.0, True):
        with pytest.raises(TypeError):
            df(x, wrong)


def test_calls_of_other_extents_share_a_text():
    df = grad(spread)
    same = df.source_for(np.ones(5), 5)
    assert same == df.source_for(np.ones(7), 7) == df.source_for(np.ones(0), 0)
    assert "unbroadcast" not in same
    assert df.source_for(np.ones(5), 4) == df.source_for(np.ones(7), 3)


def test_an_int_that_only_counts_turns_makes_no_other_text():
    made = {grad(paths).source_for(1.0, 0.5, 3, turns) for turns in (0, 1, 2, 3)}
    assert len(made) == 1


def test_tangents_pullbacks_and_second_derivatives(rng):
    for n in (0, 1, 2, 5):
        f = partial(paths, rate=0.1, n=n, turns=2)
        wanted = directional(f, (1.2,), (1.0,))
        first = pytest.approx(wanted.value, rel=1e-8, abs=1e-9)
        assert jvp(f, (1.2,), (1.0,))[1] == first
        _, pullback = vjp(f, 1.2)
        assert pullback(1.0)[0] == first
        assert pullback(2.0)[0] == pytest.approx(2 * wanted.value, rel=1e-8, abs=1e-9)
        # The value is quadratic in the start.
        assert grad(grad(paths))(1.2, 0.1, n, 2) == pytest.approx(wanted.value / 1.2, rel=1e-8)


def test_a_recursion_makes_no_text_for_each_depth():
    df = grad(down)
    for n in (3, 1, 12, 0):
        assert df(2.0, n) == pytest.approx(float(np.prod(np.arange(1.0, n + 1))))


def test_the_refusal_tells_extents_that_come_from_ints():
    with pytest.raises(OutputError, match=r"of shape \(4, 7\)"):
        grad(lambda x, n: np.ones((4, n)) * x)(1.0, 7)


class Walk:
    def __init__(self, scale):
        self.scale = scale

    @grad
    def slope(self, x, n):
        return np.sum(np.full(n, x * x)) * self.scale


def test_methods():
    for scale in (3.0, 2.0):
        walk = Walk(scale)
        for n in (2, 1, 5, 0, 5, 5, 2, 2, 5):
            assert walk.slope(1.5, n) == pytest.approx(3.0 * n * scale)


def steps(x, n):
    path = np.zeros(int(n) + 1)
    path[0] = x
    for i in range(n):
        path[i + 1] = path[i] * x
    moves = path[1:] - path[:n]
    return np.sum(moves * np.ones(n)) + np.sum(np.ones(n * (n + 1)) * x)


def test_one_more_than_a_count():
    df = grad(steps)
    assert "unbroadcast" not in df.source_for(1.5, 4)
    for n in (4, 0, 1, 2):
        # The moves sum up to x ** (n + 1) - x.
        assert df(1.5, n) == pytest.approx((n + 1) * 1.5**n - 1 + n * (n + 1))


def wandering(x, n, turns):
    rng = np.random.default_rng(0)
    y, total = np.full((n, 2), x * x), 0.0
    for _ in range(turns):
        y = y + rng.standard_normal((n, 2))
        total = total + np.mean(y)
    n = n + 2
    for _ in range(turns):
        total = total + np.mean(np.full(n, x) + rng.standard_normal(n))
    return total


def test_nothing_is_kept_for_a_shape_that_ints_tell():
    df = grad(wandering)
    assert ".append(" not in df.source_for(1.5, 3, 2)
    for n in (3, 1, 2, np.int64(4)):
        for turns in (0, 1, 3):
            assert df(1.5, n, turns) == pytest.approx(turns * (2 * 1.5 + 1))
            assert grad(df)(1.5, n, turns) == pytest.approx(2.0 * turns)
            _, pullback = vjp(partial(wandering, n=n, turns=turns), 1.5)
            assert pullback(1.0) == pullback(1.0) == pytest.approx((turns * (2 * 1.5 + 1),))
