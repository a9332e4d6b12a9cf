"""The user's own derivatives may not change what they are given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from srcad import custom_jvp, custom_vjp, grad, jvp, value_and_grad, vjp
from srcad.errors import MutationError

X = np.array([1.0, -2.0, 3.0])


def doubled_in_place(saved: Any, g: Any) -> Any:
    g *= 2
    return (g,)


def saved_in_place(saved: Any, g: Any) -> Any:
    saved["x"] += 1.0
    return (2 * g,)


def tangent_in_place(primals: Any, tangents: Any) -> Any:
    ((x,), (d,)) = primals, tangents
    d *= 2
    return 2 * x, d


def primal_in_place(x: Any) -> Any:
    x *= 2
    return x, None


def by_vjp(forward: Callable[..., Any], backward: Callable[..., Any]) -> Any:
    double = custom_vjp(lambda x: 2 * x)
    double.defvjp(forward, backward)
    return double


def by_jvp(rule: Callable[..., Any]) -> Any:
    double = custom_jvp(lambda x: 2 * x)
    double.defjvp(rule)
    return double


def used_twice(double: Any, x: Any) -> Any:
    return np.sum((double(x) + x) * (1.0 + 0.0 * x))


@pytest.mark.parametrize(
    ("double", "culprit", "statement"),
    [
        (by_vjp(lambda x: (2 * x, x), doubled_in_place), doubled_in_place, "g *= 2"),
        (by_vjp(lambda x: (2 * x, {"x": x}), saved_in_place), saved_in_place, 'saved["x"] += 1.0'),
        (by_vjp(primal_in_place, lambda _, g: (2 * g,)), primal_in_place, "x *= 2"),
    ],
)
def test_a_change_is_refused_at_its_line(double: Any, culprit: Any, statement: str) -> None:
    x = X.copy()
    with pytest.raises(MutationError) as caught:
        grad(partial(used_twice, double))(x)
    assert caught.value.message == f"`{culprit.__name__}` changes an array that it is given"
    assert f"    {statement}\n    ^" in str(caught.value)
    assert "Instead: change a copy" in str(caught.value)
    np.testing.assert_array_equal(x, X)


def test_of_a_tangent() -> None:
    x, v = X.copy(), np.ones(3)
    with pytest.raises(MutationError, match="`tangent_in_place` changes"):
        jvp(by_jvp(tangent_in_place), (x,), (v,))
    np.testing.assert_array_equal((x, v), (X, np.ones(3)))


def test_what_is_handed_through_can_be_written_to() -> None:
    same = by_vjp(lambda x: (x, None), lambda _, g: (g[::-1][::-1],))
    value, slope = value_and_grad(lambda x: np.sum(same(x) * X))(X.copy())
    slope *= 0.5
    np.testing.assert_array_equal(slope, 0.5 * X)
    assert value == 14.0
    y, pullback = vjp(same, X.copy())
    y += 1.0
    g = np.ones(3)
    (x_bar,) = pullback(g)
    x_bar += 1.0
    np.testing.assert_array_equal(g, np.ones(3))


def test_a_copy_may_be_changed() -> None:
    def backward(saved: Any, g: Any) -> Any:
        g = g.copy()
        g *= 2
        return (g,)

    double = by_vjp(lambda x: (2 * x, x), backward)
    np.testing.assert_array_equal(grad(partial(used_twice, double))(X), 3 * np.ones(3))


def test_other_errors_pass() -> None:
    def backward(saved: Any, g: Any) -> Any:
        raise ValueError("no such slope")

    with pytest.raises(ValueError, match="no such slope"):
        grad(partial(used_twice, by_vjp(lambda x: (2 * x, x), backward)))(X)


class Pair(list[Any]):
    def __init__(self, first: Any, second: Any) -> None:
        super().__init__([first, second])


def test_containers_of_other_classes_are_handed_on_as_they_are() -> None:
    square = by_vjp(lambda x: (x * x, Pair(x, 2.0)), lambda kept, g: (kept[1] * g * kept[0],))
    np.testing.assert_array_equal(grad(lambda x: np.sum(square(x)))(X), 2 * X)
    np.testing.assert_array_equal(vjp(square, X)[1](np.ones(3))[0], 2 * X)
