"""A derivative is made once, though what it reads is a new object at each look."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad import grad, pipeline
from srcad.construction import normal
from srcad.errors import UnsupportedSyntaxError


def added_at(x: Any) -> Any:
    total = np.zeros(2)
    np.add.at(total, [0, 1, 0], x)
    return np.sum(total * total)


def added_in_logarithms(x: Any) -> Any:
    return np.logaddexp.reduce(x)


def _sum_of_powers(self: Any, x: Any, power: int) -> Any:
    return self.scale * np.sum(x**power)


class Powers:
    scale = 2.0
    squares = functools.partialmethod(_sum_of_powers, power=2)


powers = Powers()


def method_with_an_argument_given(x: Any) -> Any:
    return powers.squares(x)


@pytest.mark.parametrize("fn", [added_at, added_in_logarithms, method_with_an_argument_given])
def test_made_once(fn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    generate = pipeline.generate

    def counted(request: Any) -> Any:
        made.append(request)
        return generate(request)

    monkeypatch.setattr(pipeline, "generate", counted)
    gradient = grad(fn)
    for _ in range(3):
        gradient(np.array([1.0, 2.0, 3.0]))
    assert len(made) == 1


def test_another_argument_given_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([1.0, 2.0, 3.0])
    gradient = grad(method_with_an_argument_given)
    assert np.array_equal(gradient(x), 4 * x)
    monkeypatch.setattr(Powers, "squares", functools.partialmethod(_sum_of_powers, power=3))
    assert np.array_equal(gradient(x), 6 * x * x)


def weighed_by_what_is_refused(n: int) -> Any:
    try:
        return float(n)
    finally:
        pass


def test_a_refusal_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Any) -> Any:
        return sum(weighed_by_what_is_refused(k) * x for k in range(3))

    lowered: list[object] = []
    lower = normal.lower

    def counted(fn: Any) -> Any:
        lowered.append(fn)
        return lower(fn)

    monkeypatch.setattr(normal, "lower", counted)
    assert grad(f)(1.5) == 3.0
    assert lowered.count(weighed_by_what_is_refused) == 1
    for _ in range(2):
        with pytest.raises(UnsupportedSyntaxError, match="a `try` statement cannot be"):
            grad(weighed_by_what_is_refused)(1.5)
    assert lowered.count(weighed_by_what_is_refused) == 1
