"""What is unpacked by ``**``: dicts from outside, and those that no call can take."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from srcad import grad
from srcad.errors import ArgumentError


def weighed(x: Any, *more: float, k: float = 1.0, **others: float) -> Any:
    return np.sum(x * x) * (k + sum(more) + sum(others.values()))


OPTIONS: dict[Any, float] = {"k": 2.0}
TAKEN = {"a": 1.0}
NUMBERED: Any = {3: 1.0}
WATCHED = MappingProxyType(OPTIONS)
X = np.array([1.0, -0.5])


def test_a_dict_from_outside_is_read_in_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    gradient = grad(lambda x: weighed(x, *(0.5,), **OPTIONS))
    assert np.array_equal(gradient(X), 2 * X * 2.5)
    monkeypatch.setitem(OPTIONS, "k", 3.0)
    assert np.array_equal(gradient(X), 2 * X * 3.5)
    monkeypatch.setitem(OPTIONS, "other", 4.0)
    assert np.array_equal(gradient(X), 2 * X * 7.5)
    monkeypatch.delitem(OPTIONS, "k")
    assert np.array_equal(gradient(X), 2 * X * 5.5)


def test_an_empty_dict_from_outside() -> None:
    nothing: dict[str, float] = {}
    assert np.array_equal(grad(lambda x: weighed(x, **nothing))(X), 2 * X)


def key_that_is_a_number(x: Any) -> Any:
    return weighed(x, **NUMBERED)


def key_of_two_words(x: Any) -> Any:
    return weighed(x, **{"a b": 1.0})


def given_twice(x: Any) -> Any:
    return weighed(x, a=2.0, **TAKEN)


def keys_unknown(x: Any) -> Any:
    return weighed(x, **WATCHED)


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (key_that_is_a_number, "the key 3 of what is unpacked by `**` is no name"),
        (key_of_two_words, "the key 'a b' of what is unpacked by `**` is no name"),
        (given_twice, "a call is given the keyword `a` twice"),
        (keys_unknown, "`weighed` is called with `**`, and srcad cannot tell with which names"),
    ],
)
def test_what_no_call_can_take(fn: Callable[..., Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        grad(fn)(X)
    assert caught.value.message == message
    assert caught.value.line == fn.__code__.co_firstlineno + 1
    assert caught.value.why
    assert caught.value.instead


def named_like_srcads_own(self, args, kwargs, fun):
    return self * args * kwargs * fun


def test_parameters_with_the_names_of_srcads_own():
    named = {"self": 1.0, "args": 2.0, "kwargs": 3.0, "fun": 4.0}
    assert grad(named_like_srcads_own)(**named) == 24.0
    assert "def named_like_srcads_own_grad" in grad(named_like_srcads_own).source_for(**named)
