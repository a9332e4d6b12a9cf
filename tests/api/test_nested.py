"""srcad's own functions called inside a differentiated function."""

from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad import grad, hessian, hvp, jacfwd, jacrev, jvp, value_and_grad, vjp
from srcad.errors import ArgumentError, SrcadError

X = np.array([0.3, 0.5, 0.7])
V = np.array([1.0, 2.0, -1.0])
W = np.array([0.2, -0.4, 0.6])


def cube(x):
    return np.sum(x * x * x)


def swirl(x):
    return x * x * np.sum(x)


def weighted(x, y):
    return np.sin(x) * y


def with_jvp(x):
    return jvp(cube, (x,), (V,))[1]


def with_jvp_unpacked(x):
    y, y_dot = srcad.jvp(swirl, (x,), (x * V,))
    return np.sum(y * y_dot)


def with_jvp_of_two(x):
    y, y_dot = jvp(weighted, (x, V), (V, x))
    return np.sum(y_dot) + np.sum(y)


def with_jvp_of_tuples(x):
    primals = (x, V)
    return np.sum(jvp(weighted, primals, [V, x])[1])


def with_value_and_grad(x):
    value, slope = value_and_grad(cube)(x)
    return value + np.sum(slope * slope)


def with_grad(x):
    return np.sum(grad(cube)(x) * V)


def with_grad_of_second(x):
    slope = grad(with_weights, argnums=1)
    return np.sum(slope(V, x) * V)


def with_weights(v, x):
    return np.sum(v * np.exp(x))


def with_keyword(x):
    return np.sum(grad(with_weights, argnums=1)(V, x=x) * V)


def with_vjp_value(x):
    return np.sum(vjp(swirl, x)[0] * V)


def with_vjp(x):
    return np.sum(vjp(swirl, x)[1](V)[0] * V)


def with_pullback_twice(x):
    y, pullback = vjp(swirl, x)
    a = pullback(V)
    (b,) = pullback(y)
    return np.sum(a[0] * V) + np.sum(b * b)


def with_vjp_of_two(x):
    y, pullback = vjp(weighted, x, V)
    x_bar, v_bar = pullback(y)
    return np.sum(x_bar * v_bar)


def powers(x):
    return np.sum(x**3), x * 2


def with_vjp_and_aux(x):
    y, pullback, aux = vjp(powers, x, has_aux=True)
    (slope,) = pullback(1.0)
    return np.sum(slope * aux) * y


def with_jvp_and_aux(x):
    y, y_dot, aux = jvp(powers, (x,), (x * V,), has_aux=True)
    return np.sum(y_dot * aux) * y


def with_hvp(x):
    return np.sum(hvp(cube, (x,), (V,)) * x)


def with_jacfwd(x):
    return np.sum(jacfwd(swirl)(x) * np.outer(V, V))


def with_jacrev(x):
    return np.sum(jacrev(swirl)(x) * np.outer(V, V))


def with_hessian(x):
    return np.sum(hessian(cube)(x) * np.outer(V, V))


def in_a_loop(x):
    y = x
    for _ in range(3):
        y = y + 0.1 * jvp(swirl, (y,), (x,))[1]
    return np.sum(y)


def nested_twice(x):
    return np.sum(grad(with_jvp)(x) * V)


def jvp_of_jvp(x):
    return jvp(with_jvp, (x,), (V,))[1]


ALL = [
    with_jvp,
    with_jvp_unpacked,
    with_jvp_of_two,
    with_jvp_of_tuples,
    with_value_and_grad,
    with_grad,
    with_grad_of_second,
    with_keyword,
    with_vjp_value,
    with_vjp,
    with_pullback_twice,
    with_vjp_of_two,
    with_vjp_and_aux,
    with_jvp_and_aux,
    with_hvp,
    with_jacfwd,
    with_jacrev,
    with_hessian,
    in_a_loop,
    nested_twice,
    jvp_of_jvp,
]


def slope(f, x, direction, h=1e-3):
    """The directional derivative of ``f`` by five-point differences."""
    at = lambda t: f(x + t * direction)
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
def test_reverse_and_forward_over_what_is_inside(f):
    wanted = slope(f, X, W)
    assert np.sum(grad(f)(X) * W) == pytest.approx(wanted, rel=1e-8)
    assert jvp(f, (X,), (W,))[1] == pytest.approx(wanted, rel=1e-8)


def test_the_values_in_closed_form():
    # cube''' is 6 in each direction.
    assert np.allclose(grad(with_jvp)(X), 6 * X * V, rtol=1e-14)
    assert np.allclose(grad(jvp_of_jvp)(X), 6 * V * V, rtol=1e-14)
    assert np.allclose(grad(with_hessian)(X), 6 * V * V, rtol=1e-14)


class Quadratic:
    def __init__(self, c):
        self.c = c

    def value(self, x):
        return self.c * np.sum(x * x * x)


QUADRATIC = Quadratic(2.0)
method = QUADRATIC.value


def of_a_method(x):
    return jvp(method, (x,), (V,))[1]


def test_jvp_of_a_method():
    assert np.allclose(grad(of_a_method)(X), 12 * X * V)


# --- refusals ------------------------------------------------------------------------------------


def unknown_function(f, x):
    return jvp(f, (x,), (x,))[1]


def unequal(x):
    return jvp(cube, (x,), (x, x))[1]


def of_an_int(x):
    return x * jvp(cube, (2,), (1.0,))[1]


def of_another_rank(x):
    return jvp(cube, (x,), (1.0,))[1]


def nothing(x):
    return jvp(cube, (), ())[0] * x


def two_cotangents(x):
    return np.sum(vjp(swirl, x)[1](V, V)[0])


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (unequal, "1 primals and 2 tangents"),
        (of_an_int, "primal 0 is not made of floats"),
        (of_another_rank, "the tangent is not like its value"),
        (nothing, "there are no primals"),
        (two_cotangents, "takes one cotangent"),
    ],
)
def test_refused_at_the_call(f, words):
    with pytest.raises(ArgumentError, match=words) as caught:
        grad(f)(X)
    assert caught.value.qualname == f.__qualname__
    assert caught.value.line == f.__code__.co_firstlineno + 1
    assert caught.value.instead


def test_a_function_that_is_only_known_at_run_time_is_refused():
    with pytest.raises(SrcadError):
        _ = grad(unknown_function, argnums=1).source


def cubed(x):
    return x * x * x


def pulled_by(x, y_bar):
    return np.sum(vjp(cubed, x)[1](y_bar)[0])


def pushed_by(x, v):
    return np.sum(jvp(cubed, (x,), (v,))[1])


def pulled_by_parts(x, y_bar):
    return vjp(with_parts, x)[1](y_bar)[0]


def with_parts(x):
    return {"square": x * x, "itself": [x]}


@pytest.mark.parametrize("f", [pulled_by, pushed_by])
@pytest.mark.parametrize(
    "other", [1.0, np.ones(1), np.ones((3, 3)), np.ones(3, int), np.ones(3, np.float32), [1.0] * 3]
)
def test_what_is_not_like_its_value_is_refused_inside_too(f, other):
    with pytest.raises(SrcadError, match=r"is not like its value"):
        grad(f)(X, other)
    with pytest.raises(SrcadError, match=r"is not like its value"):
        jvp(lambda x: f(x, other), (X,), (V,))


@pytest.mark.parametrize("f", [pulled_by, pushed_by])
def test_what_is_like_its_value_is_taken_inside(f):
    np.testing.assert_allclose(grad(f)(X, V), 6 * X * V)
    np.testing.assert_allclose(grad(f)(X, np.array([1.0, 2.0, -1.0])), 6 * X * V)
    assert grad(f)(2.0, 1.0) == 12.0
    with pytest.raises(SrcadError, match=r"is not like its value"):
        grad(f)(2.0, 1)


def test_parts_of_a_cotangent():
    assert grad(pulled_by_parts)(3.0, {"itself": [5.0], "square": 2.0}) == 4.0
    for y_bar in ({"square": 2.0}, {"square": 2.0, "itself": [1.0, 2.0]}, [2.0, [5.0]], 1.0):
        with pytest.raises(SrcadError, match=r"is not like its value"):
            grad(pulled_by_parts)(3.0, y_bar)


def pullback_of_cubed(x):
    return vjp(cubed, x)[1]


KEPT = pullback_of_cubed(X)


def by_the_cotangent(y_bar):
    return np.sum(pullback_of_cubed(X)(y_bar)[0])


def test_a_pullback_that_a_call_returns_may_be_called():
    np.testing.assert_allclose(grad(by_the_cotangent)(V), 3 * X * X)
    assert grad(lambda t: t * np.sum(KEPT(V)[0]))(2.0) == np.sum(3 * X * X * V)


def test_a_pullback_from_outside_is_not_differentiated():
    with pytest.raises(SrcadError, match="no derivative for `KEPT`"):
        grad(lambda y_bar: np.sum(KEPT(y_bar)[0]))(V)
    with pytest.raises(SrcadError, match="was given <pullback of cubed>, which is no function"):
        jacrev(KEPT)
    with pytest.raises(AttributeError, match="a pullback has no attribute 'primal_1'"):
        KEPT.primal_1
