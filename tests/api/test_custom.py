"""Derivatives of the user's making."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from srcad import custom_jvp, custom_vjp, grad, jvp, rule, stop_gradient, value_and_grad, vjp
from srcad.errors import ArgumentError, UnknownFunctionError


@custom_vjp
def tripled(x):
    return x * x


def tripled_forward(x):
    return x * x, (x,)


def tripled_backward(saved, y_bar):
    (x,) = saved
    return (3.0 * x * y_bar,)


tripled.defvjp(tripled_forward, tripled_backward)


def through_custom(x):
    return tripled(x) * 2.0


def stopped(x):
    return x * stop_gradient(x)


def test_custom_vjp_is_used():
    # The true derivative is 4 x; the user's says 6 x.
    assert grad(through_custom)(2.0) == pytest.approx(12.0)


def test_custom_vjp_of_the_function_itself():
    assert grad(tripled)(2.0) == pytest.approx(6.0)


def test_halves_for_some_arguments():
    @custom_vjp
    def f(x, n, y):
        return x * n * y

    g = custom_vjp(f.fun, nondiff_argnums=(1,))
    g.defvjp(lambda x, n, y: (x * n * y, (x, y)), lambda n, saved, z: (n * z, saved[0] * z))
    forward, backward = g.halves((0,))
    value, saved = forward(2.0, 3, 5.0)
    assert value == 30.0
    assert backward(saved, 10.0) == 30.0
    assert g.halves((0, 2))[1](saved, 10.0) == (30.0, 20.0)
    with pytest.raises(ArgumentError, match="for its argument 1, one of nondiff_argnums"):
        g.halves((1,))


def test_one_array_as_two_cotangents():
    @custom_vjp
    def plus(x, y):
        return x + y

    plus.defvjp(lambda x, y: (x + y, None), lambda saved, g: (g, g))

    def loss(a, b):
        c, d = 2.0 * a, 2.0 * b
        others = np.sum(c * c) + np.sum(d * d * d)
        total = plus(c, d)
        return np.sum(total * total) + others

    a, b = np.array([1.0, 2.0]), np.array([3.0, -1.0])
    a_bar, b_bar = grad(loss, argnums=(0, 1))(a, b)
    np.testing.assert_allclose(a_bar, 8 * (a + b) + 8 * a)
    np.testing.assert_allclose(b_bar, 8 * (a + b) + 24 * b * b)


def test_a_cotangent_that_the_rule_holds_stays_as_it_is():
    slope = np.array([5.0, 7.0])

    @custom_vjp
    def sloped(x):
        return slope * x

    sloped.defvjp(lambda x: (slope * x, slope), lambda saved, g: (saved,))

    def loss(x):
        y = 2.0 * x
        others = np.sum(y * y)
        return np.sum(sloped(y)) + others

    np.testing.assert_allclose(grad(loss)(np.ones(2)), 2 * slope + 8)
    assert slope.tolist() == [5.0, 7.0]


def test_stop_gradient():
    assert grad(stopped)(3.0) == pytest.approx(3.0)
    assert jvp(stopped, (3.0,), (2.0,))[1] == pytest.approx(6.0)
    x = {"a": np.ones(2)}
    assert stop_gradient(x) is x


def test_custom_objects_are_called_like_their_functions():
    assert tripled(3.0) == 9.0
    assert (tripled.fwd, tripled.bwd) == (tripled_forward, tripled_backward)
    assert (tripled.__name__, tripled.__wrapped__) == ("tripled", tripled.fun)

    @custom_jvp
    def f(x, y=1.0):
        return x * y

    @f.defjvp
    def f_jvp(primals, tangents):
        return primals[0], tangents[0]

    assert (f(3.0, y=2.0), f.jvp) == (6.0, f_jvp)
    f.defjvps(lambda x_dot, value, x, y: x_dot * y, None)
    assert (f.jvp, len(f.jvps)) == (None, 2)


def softplus(x):
    return np.log1p(np.exp(x))


def uses_softplus(x):
    return 2.0 * softplus(x)


def test_rule():
    rule(softplus, "x -> y", x="g * 10")
    # The rule is taken before the source.
    assert grad(uses_softplus)(0.0) == pytest.approx(20.0)


# --- custom_jvp ----------------------------------------------------------------------------------


@custom_jvp
def wave(x, y):
    return np.sin(x) * y


@wave.defjvp
def wave_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    # Ten times the slope in x, to tell it from the function's own.
    return np.sin(x) * y, 10.0 * x_dot * np.cos(x) * y + y_dot * np.sin(x)


@custom_jvp
def square_times(x, y):
    return x * x * y


square_times.defjvps(lambda x_dot, value, x, y: 3.0 * x * x_dot * y, None)


@custom_jvp
def undefined(x):
    return x


def of_wave(x, y):
    return np.sum(wave(2.0 * x, y))


def of_square(x):
    return np.sum(square_times(x, x))


def of_undefined(x):
    return undefined(x) * 1.0


def fixed_power(n, x):
    return x**n


power = custom_jvp(fixed_power, nondiff_argnums=(0,))


@power.defjvp
def power_jvp(n, primals, tangents):
    (x,) = primals
    (x_dot,) = tangents
    return x**n, 100.0 * n * x_dot


def of_power(x):
    return power(3, x) * 2.0


A, B = np.array([0.3, 0.5]), np.array([2.0, 3.0])


def test_custom_jvp_in_both_modes():
    x_bar, y_bar = grad(of_wave, argnums=(0, 1))(A, B)
    assert np.allclose(x_bar, 20 * np.cos(2 * A) * B)
    assert np.allclose(y_bar, np.sin(2 * A))
    wanted = np.sum(20 * np.cos(2 * A) * B * B + np.sin(2 * A) * A)
    assert jvp(of_wave, (A, B), (B, A))[1] == pytest.approx(wanted)


def test_custom_jvp_given_by_argument():
    assert np.allclose(grad(of_square)(A), 3 * A * A)
    assert jvp(of_square, (A,), (B,))[1] == pytest.approx(np.sum(3 * A * A * B))


def test_custom_jvp_of_the_function_itself_and_twice():
    assert grad(wave)(0.3, 2.0) == pytest.approx(20 * np.cos(0.3))
    assert grad(grad(wave))(0.3, 2.0) == pytest.approx(-20 * np.sin(0.3))


def test_custom_jvp_with_nondiff_argnums():
    assert grad(of_power)(1.5) == pytest.approx(600.0)
    assert jvp(of_power, (1.5,), (2.0,))[1] == pytest.approx(1200.0)


def test_custom_jvp_without_a_rule_is_refused():
    for call in (lambda: grad(of_undefined)(1.0), lambda: jvp(of_undefined, (1.0,), (1.0,))):
        with pytest.raises(ArgumentError, match="has no derivative yet"):
            call()


def test_custom_vjp_in_forward_mode_is_refused():
    with pytest.raises(ArgumentError, match="forward mode cannot") as caught:
        jvp(through_custom, (2.0,), (1.0,))
    assert caught.value.qualname == "through_custom"
    assert "custom_jvp" in caught.value.instead


# --- coupled rules -------------------------------------------------------------------------------


def _foreign_hypot(x, y):
    return (x * x + y * y) ** 0.5


foreign = np.frompyfunc(_foreign_hypot, 2, 1)


def of_foreign(x, y):
    return foreign(x, 2.0 * y)


def test_an_unknown_function_points_to_rule():
    unknown = np.frompyfunc(_foreign_hypot, 2, 1)

    def calls_unknown(x):
        return unknown(x, 1.0)

    with pytest.raises(UnknownFunctionError) as caught:
        grad(calls_unknown)(1.0)
    assert "srcad.rule" in str(caught.value)


def test_a_coupled_rule_in_both_modes():
    rule(
        foreign,
        "x, y -> z",
        kind="coupled",
        tangents={"x": "g * x / z", "y": "g * y / z"},
        x="g * x / z",
        y="g * y / z",
    )
    x_bar, y_bar = value_and_grad(of_foreign, argnums=(0, 1))(3.0, 2.0)[1]
    assert (x_bar, y_bar) == (pytest.approx(0.6), pytest.approx(1.6))
    assert jvp(of_foreign, (3.0, 2.0), (1.0, 10.0))[1] == pytest.approx(16.6)


def test_tangents_that_do_not_fit_are_refused():
    for options in (
        {"kind": "coupled", "x": "g"},
        {"kind": "coupled", "tangents": {"x": "g"}},
        {"kind": "linear", "tangents": {"x": "g"}, "x": "g"},
    ):
        with pytest.raises(ArgumentError, match="tangents"):
            rule(np.frompyfunc(abs, 1, 1), "x -> y", **options)


def test_a_default_with_a_star_in_it_is_no_end_of_the_positional_arguments() -> None:
    @custom_vjp
    def scaled(x, mode="*", *, by=2.0):
        return x * by

    scaled.defvjp(lambda x, mode, by: (x * by, by), lambda by, g: (g * by, None, g))
    assert grad(lambda x: scaled(x, by=3.0))(1.0) == 3.0
    assert grad(scaled)(1.0) == 2.0


# --- numbers -------------------------------------------------------------------------------------


@custom_vjp
def times(x, y):
    return x * y


times.defvjp(lambda x, y: (x * y, (x, y)), lambda s, g: (np.array(g * s[1]), np.array(g * s[0])))


def both_products(x):
    s = math.prod(x) + math.prod(x[1:])
    return times(s, s * x[0])


def test_a_cotangent_without_axes_is_a_number() -> None:
    assert grad(both_products)(np.array([2.0, 3.0, 5.0])).tolist() == [4725.0, 2700.0, 1620.0]


@custom_vjp
def held_back(x):
    return x * x


def held_back_forward(x):
    return x * x, x


def held_back_backward(x, y_bar):
    return (0.5 * y_bar * x,)


held_back.defvjp(held_back_forward, held_back_backward)


def test_it_pickles_and_copies_as_a_function_does():
    assert pickle.loads(pickle.dumps(held_back)) is held_back
    assert copy.copy(held_back) is copy.deepcopy(held_back) is held_back
    for again in (pickle.loads(pickle.dumps(grad(held_back))), copy.deepcopy(grad(held_back))):
        assert again(3.0) == 1.5


@custom_vjp
def told_again(x):
    return np.sin(x)


def calls_what_is_told_again(x):
    return np.sum(told_again(x))


@custom_jvp
def moved_again(x):
    return np.sin(x)


def test_a_derivative_that_is_said_anew():
    x = np.array([0.3, -0.4])
    derivative = None
    for k in (2.0, 5.0):
        told_again.defvjp(lambda x: (np.sin(x), x), lambda x, g, k=k: (k * g,))
        derivative = derivative or grad(calls_what_is_told_again)
        np.testing.assert_allclose(derivative(x), [k, k])
        np.testing.assert_allclose(vjp(told_again, x)[1](np.ones(2))[0], [k, k])
        moved_again.defjvp(lambda primals, tangents, k=k: (np.sin(primals[0]), k * tangents[0]))
        np.testing.assert_allclose(jvp(moved_again, (x,), (x,))[1], k * x)
    moved_again.defjvps(lambda t, y, x: 7.0 * t)
    np.testing.assert_allclose(jvp(moved_again, (x,), (x,))[1], 7.0 * x)
