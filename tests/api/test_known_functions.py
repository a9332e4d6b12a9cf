"""What is not written in Python, but has a rule, is differentiated under its own name."""

from __future__ import annotations

import cmath
import math
import operator
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad, hessian, jacfwd, jacrev, jvp, rule, value_and_grad, vjp
from tests.differences import directional

X = np.array([0.3, -1.2, 2.0])


@pytest.mark.parametrize(
    ("fn", "x", "slope"),
    [
        (np.tanh, 0.4, 1 - math.tanh(0.4) ** 2),
        (math.sin, 0.4, math.cos(0.4)),
        (abs, -2.0, -1.0),
        (np.floor, 1.3, 0.0),
        (operator.neg, 1.3, -1.0),
    ],
)
def test_of_a_number(fn: Callable[..., Any], x: float, slope: float) -> None:
    assert grad(fn)(x) == pytest.approx(slope, rel=1e-15)
    assert jvp(fn, (x,), (2.0,))[1] == pytest.approx(2 * slope, rel=1e-15)


@pytest.mark.parametrize(
    "fn",
    [
        np.sum,
        np.prod,
        np.linalg.norm,
        np.ptp,
        np.median,
        partial(np.linalg.norm, ord=1),
        partial(np.average, weights=np.array([0.2, 0.5, 0.3])),
        partial(np.dot, X[::-1]),
    ],
)
def test_of_an_array(fn: Callable[..., Any]) -> None:
    v = np.array([0.5, 0.2, -0.4])
    wanted = directional(fn, (X,), (v,))
    assert np.dot(grad(fn)(X), v) == pytest.approx(float(wanted.value), rel=1e-9)


def test_several_arguments_and_keywords() -> None:
    x_bar, y_bar = grad(np.dot, argnums=(0, 1))(X, 2 * X)
    np.testing.assert_array_equal(x_bar, 2 * X)
    np.testing.assert_array_equal(y_bar, X)
    assert grad(pow)(2.0, 3.0) == 12.0
    assert grad(max, argnums=(0, 1))(2.0, 3.0) == (0.0, 1.0)
    assert jacrev(np.sum)(np.ones((2, 3)), axis=0).shape == (3, 2, 3)


def test_arguments_that_have_to_be_literals_are_left_out() -> None:
    np.testing.assert_array_equal(grad(eigenvalue)(np.diag([1.0, 2.0])), np.diag([1.0, 0.0]))
    image = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(jvp(np.fft.fftn, (image,), (image,))[1], np.fft.fftn(image))
    rows = jvp(partial(np.fft.fftn, axes=(1,)), (image,), (image,))[1]
    np.testing.assert_allclose(rows, np.fft.fft(image))


def eigenvalue(a: Any) -> Any:
    return np.sum(jvp(np.linalg.eigvalsh, (a,), (a,))[0][:1])


def test_at_every_order() -> None:
    np.testing.assert_allclose(jacfwd(np.sin)(X), np.diag(np.cos(X)), rtol=1e-15)
    np.testing.assert_allclose(hessian(np.linalg.norm)(np.array([3.0, 4.0]))[0, 0], 16 / 125)
    assert grad(grad(math.sin))(0.3) == pytest.approx(-math.sin(0.3), rel=1e-15)
    assert vjp(np.linalg.inv, 2 * np.eye(2))[1](np.eye(2))[0][0, 0] == -0.25
    assert value_and_grad(np.prod)(np.array([2.0, 3.0]))[1].tolist() == [3.0, 2.0]


def speed(x: float) -> float:
    return grad(math.sin)(x) * jvp(np.exp, (x,), (1.0,))[1]


def test_within_a_function() -> None:
    wanted = (math.cos(0.3) - math.sin(0.3)) * math.exp(0.3)
    assert grad(speed)(0.3) == pytest.approx(wanted, rel=1e-14)


def test_the_text_names_it_as_one_would() -> None:
    assert "np.tanh(x)" in grad(np.tanh).source
    assert pickle.loads(pickle.dumps(grad(np.tanh)))(0.0) == 1.0


def told(x: float) -> float:
    return 3.0 * x


def test_a_rule_of_the_users_is_kept_to() -> None:
    rule(cmath.phase, "x -> y", x="g * 14.0")
    rule(told, "x -> y", x="g * 100.0")
    assert grad(cmath.phase)(3.0) == 14.0
    assert grad(told)(1.0) == jvp(told, (1.0,), (1.0,))[1] == grad(lambda x: told(x))(1.0) == 100.0


def test_the_call_is_checked_as_any() -> None:
    with pytest.raises(SrcadError, match="an array of shape"):
        grad(np.tanh)(X)
    with pytest.raises(SrcadError, match="does not fit `tanh`"):
        grad(np.tanh)(X, X)
