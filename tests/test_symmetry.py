"""Derivatives of gradients: those made by symmetry, and those that must not be."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import (
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    rule,
    value_and_grad,
)
from srcad import vjp as pulled
from srcad.construction.symmetry import gradient_of

X = np.array([0.3, 0.5, 0.7])
V = np.array([1.0, -2.0, 0.5])
STEP = 1e-3


def slope(f, at, along):
    """The five-point difference of ``f`` along a direction."""
    a, b, c, d = (f(at + k * STEP * along) for k in (-2, -1, 1, 2))
    return (a - 8 * b + 8 * c - d) / (12 * STEP)


def in_place(x):
    u = x.copy()
    for i in range(1, len(u)):
        u[i] = np.sin(u[i - 1]) * u[i]
    return np.sum(u**3)


def scaled(a, x):
    u = a * x
    u[1:] *= u[:-1]
    return np.sum(u * u)


def with_aux(x):
    u = x.copy()
    u[1:] = u[1:] * u[:-1]
    return np.sum(u**3), {"u": u}


def exact_gradient(f, x):
    return np.array([slope(f, x, e) for e in np.eye(len(x))])


def test_the_tangent_of_a_gradient():
    g, g_dot = jvp(grad(in_place), (X,), (V,))
    assert np.allclose(g, exact_gradient(in_place, X), rtol=1e-9)
    assert np.allclose(g_dot, slope(grad(in_place), X, V), rtol=1e-9)


def test_the_tangent_of_a_value_and_its_gradient():
    (value, g), (value_dot, g_dot) = jvp(value_and_grad(in_place), (X,), (V,))
    assert np.isclose(value, in_place(X), rtol=1e-14)
    assert np.isclose(value_dot, slope(in_place, X, V), rtol=1e-9)
    assert np.allclose(g, exact_gradient(in_place, X), rtol=1e-9)
    assert np.allclose(g_dot, slope(grad(in_place), X, V), rtol=1e-9)


@pytest.mark.parametrize("argnums", [0, 1, (0, 1), (1, 0)])
@pytest.mark.parametrize("wanted", [(0,), (1,), (0, 1)])
def test_gradients_by_some_arguments_in_directions_of_some(argnums, wanted):
    primals = (1.3, X)
    directions = (0.7, V)

    def along(*chosen):
        full = list(primals)
        for at, x in zip(wanted, chosen, strict=True):
            full[at] = x
        return grad(scaled, argnums=argnums)(*full)

    def moved(t):
        found = along(*(primals[i] + t * directions[i] for i in wanted))
        return np.concatenate(
            [np.ravel(g) for g in (found if argnums in ((0, 1), (1, 0)) else [found])]
        )

    def fixed(a, x):
        return grad(scaled, argnums=argnums)(a, x)

    def by_first(a):
        return fixed(a, X)

    def by_second(x):
        return fixed(1.3, x)

    f = {(0,): by_first, (1,): by_second, (0, 1): fixed}[wanted]
    _, g_dot = jvp(f, tuple(primals[i] for i in wanted), tuple(directions[i] for i in wanted))
    flat = np.concatenate([np.ravel(g) for g in (g_dot if isinstance(g_dot, tuple) else [g_dot])])
    assert np.allclose(flat, slope(moved, 0.0, 1.0), rtol=1e-9)


def test_a_gradient_pulled_back():
    def total(a, x):
        value, (a_bar, x_bar) = value_and_grad(scaled, argnums=(0, 1))(a, x)
        return value * a_bar + np.sum(x_bar * V)

    a_bar, x_bar = grad(total, argnums=(0, 1))(1.3, X)
    assert np.isclose(a_bar, slope(lambda a: total(a, X), 1.3, 1.0), rtol=1e-9)
    assert np.allclose(x_bar, exact_gradient(lambda x: total(1.3, x), X), rtol=1e-9)


def test_a_pullback_differentiated_by_point_and_cotangent():
    def image(x):
        u = x.copy()
        u[1:] *= u[:-1]
        return u, np.sum(u) * u[0]

    def total(x, w):
        _, pullback = pulled(image, x)
        (x_bar,) = pullback((w, w[0]))
        return np.sum(x_bar * V)

    x_bar, w_bar = grad(total, argnums=(0, 1))(X, V)
    assert np.allclose(x_bar, exact_gradient(lambda x: total(x, V), X), rtol=1e-9)
    assert np.allclose(w_bar, exact_gradient(lambda w: total(X, w), V), rtol=1e-9)


def test_the_tangent_of_a_gradient_with_aux():
    (g, aux), (g_dot, aux_dot) = jvp(grad(with_aux, has_aux=True), (X,), (V,))
    alone = grad(lambda x: with_aux(x)[0])
    assert np.allclose(g, exact_gradient(lambda x: with_aux(x)[0], X), rtol=1e-9)
    assert np.allclose(g_dot, slope(alone, X, V), rtol=1e-9)
    assert np.array_equal(aux["u"], with_aux(X)[1]["u"])
    assert np.allclose(aux_dot["u"], slope(lambda x: with_aux(x)[1]["u"], X, V), rtol=1e-9)


def test_a_hessian_of_an_in_place_program_is_exact_and_symmetric():
    found = hessian(in_place)(X)
    exact = np.array([slope(grad(in_place), X, e) for e in np.eye(3)])
    assert np.allclose(found, exact, rtol=1e-8, atol=1e-10)
    assert np.allclose(found, found.T, rtol=1e-13)
    for other in (jacrev(grad(in_place)), jacfwd(jacrev(in_place)), jacrev(jacfwd(in_place))):
        assert np.allclose(other(X), exact, rtol=1e-8, atol=1e-10)


def test_orders_up_to_the_fifth_of_a_power():
    def power(t):
        u = np.zeros(2)
        u[0] = t
        for _ in range(4):
            u[1] = u[0] * t
            u[0] = u[1]
        return u[0]

    f, factor, left = power, 1.0, 5
    for _ in range(5):
        f, factor, left = grad(f), factor * left, left - 1
        assert np.isclose(f(1.2), factor * 1.2**left, rtol=1e-12)


def test_complex_arguments():
    z = np.array([1.0 + 2.0j, 0.5 - 1.0j])
    w = np.array([0.3 - 0.2j, 0.1j])

    def quartic(z):
        return np.sum(np.abs(z) ** 4)

    _, g_dot = jvp(grad(quartic), (z,), (w,))
    assert np.allclose(g_dot, slope(grad(quartic), z, w), rtol=1e-9)

    def total(z):
        return np.sum(np.real(grad(quartic)(z) * w))

    found = grad(total)(z)
    units = np.eye(2)
    exact = [slope(total, z, e) - 1j * slope(total, z, 1j * e) for e in units]
    assert np.allclose(found, exact, rtol=1e-9)


def test_single_precision_stays():
    x = X.astype(np.float32)
    assert hvp(in_place, (x,), (x,)).dtype == np.float32
    assert hessian(in_place)(x).dtype == np.float32


def test_numba():
    found = hvp(in_place, (X,), (V,), backend="numba")
    assert np.allclose(found, slope(grad(in_place), X, V), rtol=1e-9)


# --- derivatives that need not be true -----------------------------------------------------------


@custom_jvp
def skewed(x, y):
    return x * y


@skewed.defjvp
def skewed_jvp(primals, tangents):
    # Not the derivative: the part of y is left out, so that its own is not symmetric.
    x, y = primals
    x_dot, _ = tangents
    return x * y, y * x_dot


@custom_vjp
def doubled(x):
    return x * x


doubled.defvjp(lambda x: (x * x, x), lambda x, y_bar: (4 * x * y_bar,))


def product(x, y):
    return skewed(x, y)


def test_a_custom_derivative_is_differentiated_as_it_is_written():
    # The gradient is (y, 0) by the user's rule. Its Jacobian has one entry, and is not symmetric.
    g, g_dot = jvp(grad(product, argnums=(0, 1)), (2.0, 3.0), (0.0, 1.0))
    assert g == (3.0, 0.0)
    assert g_dot == (1.0, 0.0)

    def first(x, y):
        return grad(product)(x, y)

    assert grad(first, argnums=(0, 1))(2.0, 3.0) == (0.0, 1.0)


def test_a_custom_vjp_is_differentiated_twice():
    def f(x):
        return doubled(x)

    assert grad(f)(3.0) == 12.0
    assert grad(grad(f))(3.0) == 4.0


def _half_product(x, y):
    return x * y


def test_a_rule_of_several_arguments_is_differentiated_as_it_is_written():
    rule(_half_product, "x, y -> z", x="g * y", y="g * 0.0")

    def f(x, y):
        return _half_product(x, y)

    _, g_dot = jvp(grad(f, argnums=(0, 1)), (2.0, 3.0), (0.0, 1.0))
    assert g_dot == (1.0, 0.0)


def test_which_gradients_are_known_to_be_symmetric():
    from srcad.types.lattice import FLOAT

    assert gradient_of(grad(lambda x: x * x).function_for((FLOAT,))) is not None
    assert gradient_of(grad(lambda x: doubled(x)).function_for((FLOAT,))) is None
