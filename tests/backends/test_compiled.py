"""Functions that Numba compiled: differentiated as the plain ones, and called as they are."""

from __future__ import annotations

import gc
import math
from types import SimpleNamespace
from typing import Any

import numba as nb
import numpy as np
import pytest
from numba import njit, prange

from srcad import SrcadError, grad, hessian, jvp, value_and_grad
from srcad.compiled import compiled_of, plain_behind
from srcad.errors import UnknownFunctionError

X = np.array([0.4, -0.7, 1.2])


@njit
def squares(x):
    total = 0.0
    for i in range(x.size):
        total += x[i] ** 2
    return total


@njit
def wave(x):
    return math.sin(squares(x))


@njit
def power(n, x):
    return 1.0 if n == 0 else x * power(n - 1, x)


@njit
def weights(n):
    made = np.zeros(n)
    for i in range(n):
        made[i] = i * i
    return made


@njit(parallel=True)
def cubes(x):
    total = 0.0
    for i in prange(x.shape[0]):
        total += x[i] ** 3
    return total


def cubes_by_module(x):
    total = 0.0
    for i in nb.prange(len(x)):
        total += x[i] ** 3
    return total


@nb.vectorize
def product(a, b):
    return a * b


class Model:
    def __init__(self) -> None:
        self.measure = squares

    def loss(self, x):
        return 2.0 * self.measure(x)


library = SimpleNamespace(squares=squares)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_compiled_helpers(backend: str) -> None:
    value, slope = value_and_grad(wave, backend=backend)(X)
    assert value == pytest.approx(math.sin(X @ X), rel=1e-14)
    np.testing.assert_allclose(slope, 2 * X * math.cos(X @ X), rtol=1e-14)


def test_higher_orders_and_tangents() -> None:
    s, c = math.sin(X @ X), math.cos(X @ X)
    np.testing.assert_allclose(hessian(wave)(X), 2 * c * np.eye(3) - 4 * s * np.outer(X, X))
    assert jvp(wave, (X,), (np.ones(3),))[1] == pytest.approx(2 * c * X.sum(), rel=1e-14)


def test_recursion() -> None:
    assert grad(power, argnums=1)(5, 0.7) == pytest.approx(5 * 0.7**4, rel=1e-14)


def test_helpers_that_are_attributes_or_given_to_others() -> None:
    def applied(f, x):
        return f(x)

    for loss in (
        Model().loss,
        lambda x: library.squares(x) * 2.0,
        lambda x: 2 * applied(squares, x),
    ):
        np.testing.assert_allclose(grad(loss)(X), 4 * X, rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("fn", [cubes, cubes_by_module])
def test_prange_is_range(fn: Any, backend: str) -> None:
    derivative = grad(fn, backend=backend)
    np.testing.assert_allclose(derivative(X), 3 * X**2, rtol=1e-14)
    assert "prange" not in derivative.source
    assert "_saved" not in derivative.source


def test_what_is_not_differentiated_is_called_compiled() -> None:
    def weighted(x):
        return np.sum(weights(3) * x)

    before = len(weights.signatures)
    derivative = grad(weighted)
    np.testing.assert_array_equal(derivative(X), [0.0, 1.0, 4.0])
    assert "weights(3)" in derivative.source
    assert len(weights.signatures) == before + 1


def lengths(texts):
    return np.array([float(len(t)) for t in texts])


compiled_lengths = njit(lengths)


def test_a_plain_function_stays_plain_beside_its_compiled_form() -> None:
    def by_compiled(x):
        return np.sum(compiled_lengths(("a", "bb", "ccc")) * x)

    def by_plain(x):
        return np.sum(lengths({"a": 0, "bb": 1, "ccc": 2}) * x)  # a dict, which Numba refuses

    np.testing.assert_array_equal(grad(by_compiled)(X), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(grad(by_plain)(X), [1.0, 2.0, 3.0])


def test_a_compiled_function_replaced_by_another() -> None:
    measure = squares

    def through(x):
        return measure(x)

    derivative = grad(through)
    np.testing.assert_allclose(derivative(X), 2 * X)
    measure = cubes
    np.testing.assert_allclose(derivative(X), 3 * X**2)


def test_ufuncs_are_refused_at_the_users_line() -> None:
    def multiplied(x):
        return np.sum(product(x, x))

    with pytest.raises(UnknownFunctionError) as caught:
        grad(multiplied)(X)
    error = caught.value
    assert error.line == multiplied.__code__.co_firstlineno + 1
    assert error.message == "srcad has no derivative for `product`"
    assert error.instead == (
        "write it as a function of arrays, or of numbers, and compile it with `njit`"
    )


def test_numpys_vectorize_is_refused_at_the_users_line() -> None:
    square = np.vectorize(lambda a: a * a)

    def squared(x):
        return np.sum(square(x))

    with pytest.raises(SrcadError) as caught:
        grad(squared)(X)
    assert caught.value.line == squared.__code__.co_firstlineno + 1
    assert caught.value.instead == (
        "call the function of numbers itself: `np.array([square.pyfunc(v) for v in x])`"
    )

    def item_by_item(x):
        return np.sum(np.array([square.pyfunc(v) for v in x]))

    np.testing.assert_allclose(grad(item_by_item)(X), 2 * X)


def test_nothing_is_kept_alive() -> None:
    def plain(x):
        return x

    compiled = njit(plain)
    assert plain_behind(compiled, "compiled") is plain
    assert compiled_of(plain, "compiled") is compiled
    assert compiled_of(plain, "plain") is None
    del compiled
    gc.collect()
    assert compiled_of(plain, "compiled") is None
