"""Derivatives of the user's making."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import custom_jvp, custom_vjp, grad, jvp, rule, stop_gradient
from srcad.errors import ArgumentError


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
