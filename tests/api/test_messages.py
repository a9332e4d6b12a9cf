"""What refusals say: the name that the user wrote, and a way out that fits it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad, jvp

X = np.array([1.0, 2.0])
rng = np.random.default_rng(0)


class Model:
    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)


model = Model()


def message_of(call: Callable[[], Any]) -> SrcadError:
    with pytest.raises(SrcadError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("fn", "path"),
    [
        (np.sum, "np.sum"),
        (np.add, "np.add"),
        (np.linalg.norm, "np.linalg.norm"),
        (sum, "sum"),
        (math.sin, "math.sin"),
        (X.sum, "x.sum"),
    ],
)
def test_a_function_that_is_not_written_in_python(fn: Callable[..., Any], path: str) -> None:
    error = message_of(lambda: grad(fn))
    assert error.message == f"grad was given `{path}`, which is not written in Python"
    assert error.instead == f"write a def or lambda around it: grad(lambda x: {path}(x))"


def test_a_classmethod_below_the_decorator() -> None:
    def area(cls, r):
        return 3.0 * r * r

    error = message_of(lambda: grad(classmethod(area)))
    assert error.message == (
        "grad was given a classmethod, which can be called only through its class"
    )
    assert error.instead == "put `@classmethod` first, and `@grad` below it"
    assert error.line == area.__code__.co_firstlineno


class Circle:
    scale = 3.0

    @classmethod
    @grad
    def area(cls, r):
        return cls.scale * r * r

    @grad
    @staticmethod
    def length(r):
        return 6.0 * r


def test_the_order_that_works() -> None:
    assert Circle.area(2.0) == Circle().area(2.0) == 12.0
    assert Circle.length(2.0) == Circle().length(2.0) == 6.0


def drawn_from_a_global(x):
    return np.sum(rng.normal(x))


def drawn_from_an_attribute(x):
    return np.sum(model.rng.normal(x))


def drawn_from_numpy(x):
    return np.sum(np.random.normal(x))


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (drawn_from_a_global, "rng.normal"),
        (drawn_from_an_attribute, "model.rng.normal"),
        (drawn_from_numpy, "np.random.normal"),
    ],
)
def test_a_function_without_a_rule_has_the_name_that_the_user_wrote(f: Any, name: str) -> None:
    assert message_of(lambda: grad(f)(X)).message == f"srcad has no derivative for `{name}`"


def drawn_from_a_generator_made_here(x):
    r = np.random.default_rng(0)
    return np.sum(r.normal(size=2) * x)


def filled(x):
    x.fill(1.0)
    return np.sum(x)


def misspelt(x):
    return np.sum(x.clipp(0.0, 1.0))


@pytest.mark.parametrize(
    ("f", "name", "instead"),
    [
        (drawn_from_a_generator_made_here, "normal", "random numbers are drawn outside"),
        (filled, "fill", "`x[...] = values`"),
        (misspelt, "clipp", "call a NumPy function that does the same"),
    ],
)
def test_a_method_that_is_not_known(f: Any, name: str, instead: str) -> None:
    error = message_of(lambda: grad(f)(X))
    assert error.message == f"srcad does not know the method `{name}`"
    assert instead in error.instead
    assert "np.ndarray" not in str(error)


def product_into(x):
    total = np.zeros(2)
    np.dot(np.eye(2), x, out=total)
    return np.sum(total)


def running_sum_into(x):
    total = np.zeros(2)
    np.cumsum(x, 0, None, total)
    return np.sum(total)


def copied_into(x):
    np.copyto(x, 2 * x)
    return np.sum(x)


@pytest.mark.parametrize(
    ("f", "instead"),
    [
        (product_into, "assign the result: `total[...] = np.dot(...)`"),
        (running_sum_into, "assign the result: `u[...] = np.cumsum(...)`"),
        (copied_into, "assign to items: `u[...] = values`, `u[mask] = values`"),
    ],
)
def test_an_operation_in_place_that_has_no_rule(f: Any, instead: str) -> None:
    for call in (lambda: grad(f)(X), lambda: jvp(f, (X,), (X,))):
        error = message_of(call)
        assert error.message == "srcad does not know how to undo this in-place operation"
        assert error.instead == instead
