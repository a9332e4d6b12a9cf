"""Defaults, and what a partial was given: a call of the derivative reads those of now."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from srcad import grad, hessian, hvp, jacfwd, jvp, vjp


def test_of_keywords_replaced_in_their_dict() -> None:
    def f(x, *, k=2.0):
        return k * x * x

    df = grad(f)
    assert df(1.0) == pytest.approx(4.0)
    f.__kwdefaults__["k"] = 5.0
    assert df(1.0) == pytest.approx(10.0)
    f.__kwdefaults__ = {"k": 7.0}
    assert df(1.0) == pytest.approx(14.0)
    f.__kwdefaults__["k"] = 8.0
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((8.0, 16.0))
    f.__kwdefaults__["k"] = 9.0
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((9.0, 18.0))
    value, pullback = vjp(f, 1.0)
    assert (value, *pullback(1.0)) == pytest.approx((9.0, 18.0))


def test_arrays() -> None:
    one = np.ones(3)

    def f(x, v=one, *, w=one):
        return x * np.dot(v, w)

    df = grad(f)
    assert df(1.0) == pytest.approx(3.0)
    f.__defaults__ = (np.arange(3.0) + 1,)
    assert df(1.0) == pytest.approx(6.0)
    f.__kwdefaults__ = {"w": np.full(3, 2.0)}
    assert df(1.0) == pytest.approx(12.0)
    f.__kwdefaults__["w"] = np.full(3, 3.0)
    assert df(1.0) == pytest.approx(18.0)


def scaled(x, k=2.0, n=1):
    for _ in range(n):
        x = x * k
    return x


class Model:
    act = partial(scaled, k=3.0)


GIVEN = partial(scaled, k=3.0)


@pytest.mark.parametrize(
    ("f", "given"),
    [
        (GIVEN, GIVEN),
        (lambda x: GIVEN(x), GIVEN),
        (lambda x: Model.act(x), Model.act),
        (lambda x: partial(GIVEN)(x), GIVEN),
    ],
    ids=["itself", "global", "attribute", "nested"],
)
def test_what_a_partial_was_given(f, given) -> None:
    df = grad(f)
    given.keywords.update(k=3.0, n=1)
    assert [df(1.0), df(1.0)] == pytest.approx([3.0, 3.0])
    given.keywords["k"] = 4.0
    assert [df(1.0), df(1.0)] == pytest.approx([4.0, 4.0])
    given.keywords["n"] = 2
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((16.0, 16.0))
    assert [df(1.0), df(1.0)] == pytest.approx([16.0, 16.0])


def applied(x, g):
    return g(x) ** 2


def test_what_a_partial_among_the_arguments_was_given() -> None:
    gradient, act = grad(applied), partial(scaled, k=3.0)
    assert gradient(2.0, act) == 36.0
    act.keywords["k"] = 1.0
    assert gradient(2.0, act) == 4.0
    assert gradient(2.0, partial(scaled, k=3.0)) == 36.0
    assert grad(applied)(2.0, act) == 4.0


def cubed(x, k=2.0):
    return np.sum(x**3) * k


def test_second_derivatives_follow_defaults_that_are_replaced(monkeypatch) -> None:
    x = np.array([0.5, -1.5])
    ones = np.ones(2)
    of_gradient = jacfwd(grad(cubed))
    for k in (2.0, 3.0):
        monkeypatch.setattr(cubed, "__defaults__", (k,))
        np.testing.assert_allclose(hvp(cubed, (x,), (ones,)), 6 * k * x)
        np.testing.assert_allclose(of_gradient(x) @ ones, 6 * k * x)


doubled = partial(cubed, k=2.0)
gradient_of_doubled = grad(doubled)
held = {"gradient": gradient_of_doubled}


def sum_of_gradients(x):
    return np.sum(gradient_of_doubled(x)) + np.sum(held["gradient"](x))


def test_second_derivatives_follow_the_keywords_of_a_partial() -> None:
    x = np.array([0.5, -1.5])
    ones = np.ones(2)
    outer = grad(sum_of_gradients)
    for k in (2.0, 3.0):
        doubled.keywords["k"] = k
        np.testing.assert_allclose(hvp(doubled, (x,), (ones,)), 6 * k * x)
        np.testing.assert_allclose(hessian(doubled)(x) @ ones, 6 * k * x)
        np.testing.assert_allclose(outer(x), 12 * k * x)


class Power:
    def __call__(self, x):
        return np.sum(x**2)


power = Power()
gradient_of_power = grad(power)


def sum_of_powers(x):
    return np.sum(gradient_of_power(x))


def test_the_call_of_a_class_is_replaced(monkeypatch) -> None:
    x = np.array([0.5, -1.5])
    outer, second = grad(sum_of_powers), hessian(power)
    np.testing.assert_allclose(gradient_of_power(x), 2 * x)
    np.testing.assert_allclose(outer(x), [2.0, 2.0])
    np.testing.assert_allclose(second(x), 2 * np.eye(2))
    monkeypatch.setattr(Power, "__call__", lambda self, x: np.sum(x**3))
    np.testing.assert_allclose(gradient_of_power(x), 3 * x**2)
    np.testing.assert_allclose(outer(x), 6 * x)
    np.testing.assert_allclose(second(x), np.diag(6 * x))
