"""Derivatives of a user's own that are not what they have to be."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad import custom_jvp, custom_vjp, grad, jvp, rule
from srcad.errors import ArgumentError, OutputError

X = np.array([1.0, 2.0])


def by_cotangents(fwd: Callable[..., Any], bwd: Callable[..., Any]) -> Callable[[Any], Any]:
    @custom_vjp
    def square(x):
        return x * x

    square.defvjp(fwd, bwd)
    return lambda x: np.sum(square(x))


def saved_x(x):
    return x * x, x


def slope(x, y_bar):
    return (2 * x * y_bar,)


@pytest.mark.parametrize(
    ("fwd", "bwd", "message", "instead"),
    [
        (
            saved_x,
            lambda x, y_bar: 2 * x * y_bar,
            "`<lambda>` returned an array of shape (2,), not a tuple of one cotangent",
            "return `(x_bar,)`; zeros, `np.zeros_like(x)`, for none",
        ),
        (
            saved_x,
            lambda x, y_bar: (2 * x * y_bar, None),
            "`<lambda>` returned a tuple of length 2, not a tuple of one cotangent",
            "return `(x_bar,)`; zeros, `np.zeros_like(x)`, for none",
        ),
        (
            saved_x,
            lambda x, y_bar: (None,),
            "`<lambda>` returned a tuple of length 1 that begins with None, not a tuple of one"
            " cotangent",
            "return `(x_bar,)`; zeros, `np.zeros_like(x)`, for none",
        ),
        (
            lambda x: x * x,
            slope,
            "`<lambda>` returned an array of shape (2,), not a pair of a value and what is saved",
            "return two, `return y, saved`; `None` if none is",
        ),
        (
            saved_x,
            lambda x, y_bar: (np.ones(3),),
            "the derivative by an argument of shape (2,) has shape (3,)",
            "give each cotangent, and each tangent, the shape of its value",
        ),
    ],
)
def test_what_the_parts_of_a_custom_vjp_return(
    fwd: Callable[..., Any], bwd: Callable[..., Any], message: str, instead: str
) -> None:
    with pytest.raises(OutputError) as caught:
        grad(by_cotangents(fwd, bwd))(X)
    assert caught.value.message == message
    assert caught.value.instead == instead


def test_ways_out() -> None:
    np.testing.assert_array_equal(grad(by_cotangents(saved_x, slope))(X), 2 * X)

    def without_any(x):
        return x * x, None

    def of_nothing(_, y_bar):
        return (np.zeros_like(y_bar),)

    np.testing.assert_array_equal(grad(by_cotangents(without_any, of_nothing))(X), [0.0, 0.0])


def test_cotangents_of_several_arguments() -> None:
    @custom_vjp
    def product(x, y):
        return x * y

    product.defvjp(lambda x, y: (x * y, (x, y)), lambda s, g: (g * s[1],))
    with pytest.raises(OutputError) as caught:
        grad(product, argnums=(0, 1))(2.0, 3.0)
    assert caught.value.message == (
        "`<lambda>` returned a tuple of length 1, not a tuple of 2 cotangents"
    )


def test_what_the_rule_of_a_custom_jvp_returns() -> None:
    @custom_jvp
    def square(x):
        return x * x

    @square.defjvp
    def tangent(primals, tangents):
        return 2 * primals[0] * tangents[0]

    with pytest.raises(OutputError) as caught:
        jvp(square, (X,), (X,))
    error = caught.value
    assert error.message == (
        "`tangent` returned an array of shape (2,), not a pair of a value and its tangent"
    )
    assert error.instead == "return two, `return y, y_dot`"
    assert error.filename == __file__


@pytest.mark.parametrize(
    ("fn", "signature", "texts", "message"),
    [
        (3, "x -> y", {}, "rule needs a function, not 3"),
        (
            functools.partial(math.pow, 2.0),
            "x -> y",
            {},
            "rule: a `partial` object has no name",
        ),
        (math.gamma, "x => y", {}, "rule: 'x => y' is no signature"),
        (math.gamma, "x", {}, "rule: 'x' is no signature"),
        (
            math.gamma,
            "x -> y",
            {"z": "g"},
            "rule: 'x -> y' has no parameter `z`, and a derivative by it is given",
        ),
        (
            math.gamma,
            "x -> y",
            {"x": "g *"},
            "rule: the derivative by `x` is no expression: 'g *' (invalid syntax)",
        ),
        (
            math.gamma,
            "x -> y",
            {"x": "g * psi(x)"},
            "rule: the derivative by `x` reads `psi`, which nobody knows",
        ),
    ],
)
def test_rules_that_say_nothing(fn: Any, signature: str, texts: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        rule(fn, signature, **texts)
    assert caught.value.message == message
    assert caught.value.instead
