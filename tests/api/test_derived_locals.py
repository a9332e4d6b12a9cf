"""Derivatives of functions that a differentiated function defines inside itself."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import (
    check_grads,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from srcad.errors import ArgumentError, UnsupportedSyntaxError

X = np.array([0.5, -1.5])


def confused(x):
    return x * grad(lambda t: x + t)(1.0)


def chosen_arguments(x):
    def inner(y, z):
        return x * y * y * z

    total = grad(inner, argnums=1)(x, 2.0) + grad(inner, argnums=-1)(x, x)
    return total + sum(grad(inner, (0, 1))(x, x)) + grad(inner, argnums="z")(x, z=x)


def twice(x):
    return grad(grad(lambda y: x * y**3))(x)


def with_value(x):
    value, slope = value_and_grad(lambda y: np.sum(x * y * y))(x)
    return value + np.sum(slope * x)


def of_vectors(x):
    return np.sum(jacrev(lambda y: x * y * y)(x)) + np.sum(jacfwd(lambda y: x * y)(x))


def of_hessian(x):
    return np.sum(hessian(lambda y: np.sum(x * y**3))(x))


def with_aux(x):
    slope, aux = grad(lambda y: (x * y * y, y), has_aux=True)(x)
    return slope * aux


def calling_each_other(x):
    def a(y):
        return y * x

    def b(y):
        return a(y) * y

    return grad(b)(x)


def bound_anew(x):
    a = x

    def f(y):
        return a * y * y

    first = grad(f)(x)
    a = x * x
    return first + grad(f)(x)


def newton(f, slope, x):
    for _ in range(6):
        x = x - f(x) / slope(x)
    return x


def root(a):
    def residual(t):
        return t * t - a

    return newton(residual, lambda t: grad(residual)(t), 1.5)


def without_variables_around(x):
    def cube(y):
        return y * y * y

    slope = grad(cube)
    pushed = jvp(cube, (x,), (1.0,))[1]
    pulled = vjp(cube, x)[1](1.0)[0]
    return slope(x) + pushed + pulled + hvp(cube, (x,), (1.0,))


CASES = [
    (confused, 3.0, 1.0),
    (chosen_arguments, 2.0, 72.0),
    (twice, 2.0, 24.0),
    (with_value, X, 9 * X * X),
    (of_vectors, X, 4 * X + 1),
    (of_hessian, X, 12 * X),
    (with_aux, 2.0, 24.0),
    (calling_each_other, 2.0, 8.0),
    (bound_anew, 2.0, 32.0),
    (root, 2.0, 0.5 / 2.0**0.5),
    (without_variables_around, 2.0, 42.0),
]


@pytest.mark.parametrize(("f", "x", "expected"), CASES)
def test_derivative(f, x, expected):
    np.testing.assert_allclose(grad(f)(x), expected, rtol=1e-10)
    check_grads(f, (x,), order=2 if f is not root else 1)


def kept(x):
    slope = grad(lambda y: x * y)
    return slope(x)


def handed_on(x):
    return newton(lambda y: x * y, grad(lambda y: x * y), x)


def of_an_open_option(x, n):
    return grad(lambda y, z: x * y * z, argnums=n)(x, x)


def pushed(x):
    return jvp(lambda y: x * y, (x,), (1.0,))[1]


def with_a_computed_default(x):
    return grad(lambda y, k=x: k * y * y)(x)


@pytest.mark.parametrize(
    ("f", "args", "words"),
    [
        (kept, (2.0,), "can only be called"),
        (handed_on, (2.0,), "can only be called"),
        (of_an_open_option, (2.0, 1), "can only be called"),
        (pushed, (2.0,), "cannot be given to `jvp`"),
        (with_a_computed_default, (2.0,), "cannot be given to `grad`"),
    ],
)
def test_refused(f, args, words):
    with pytest.raises(UnsupportedSyntaxError, match=words):
        grad(f)(*args)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: grad(lambda y: x * y, argnums="x")(x),
        lambda x: grad(lambda y: x * y, argnums=-2)(x),
        lambda x: grad(lambda y: x * y, argnums=(0, 1))(x),
    ],
)
def test_variables_around_are_no_arguments(f):
    with pytest.raises(ArgumentError, match="does not fit"):
        grad(f)(2.0)
