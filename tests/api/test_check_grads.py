"""Where `check_grads` points when it refuses: always at the function that the caller gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad import check_grads
from srcad.errors import ArgumentError, GradientCheckError, OutputError, SrcadError

X = np.array([1.0, 2.0])


def kinked(x, *, k=1.0):
    return np.abs(x - k)


def nothing(x):
    x + 1


def whole(x):
    return int(x)


def product(x, y):
    return x * y


def without_rule(x):
    return np.real(np.linalg.eig(x)[0])


@pytest.mark.parametrize(
    ("call", "cls", "at"),
    [
        (lambda: check_grads(kinked, (1.0,), order=2), GradientCheckError, kinked),
        (lambda: check_grads(kinked, (2.0,), 2, kwargs={"k": 2.0}), GradientCheckError, kinked),
        (lambda: check_grads(nothing, (1.0,)), OutputError, nothing),
        (lambda: check_grads(whole, (1.0,), kwargs={}), OutputError, whole),
        (lambda: check_grads(product, ([1, 2], 2.0)), ArgumentError, product),
        (lambda: check_grads(product, (1.0,), kwargs={"z": 2.0}), ArgumentError, product),
        (lambda: check_grads(without_rule, (np.eye(2),), order=2), SrcadError, without_rule),
    ],
)
def test_it_points_at_the_function(
    call: Callable[[], None], cls: type[SrcadError], at: Any
) -> None:
    with pytest.raises(cls) as caught:
        call()
    assert caught.value.filename == __file__
    assert caught.value.qualname == at.__qualname__
    assert caught.value.line is not None
    assert caught.value.line - at.__code__.co_firstlineno in (0, 1)


def test_what_is_none_has_no_part_in_it() -> None:
    check_grads(lambda p: {"square": p[0] ** 2, "rest": p[1]}, ((X, None),), order=2)


def test_one_mode() -> None:
    check_grads(product, (1.5, 2.5), modes="rev")
    with pytest.raises(ArgumentError, match="there is no mode 'reverse'"):
        check_grads(product, (1.5, 2.5), modes="reverse")


def test_arguments_that_are_no_tuple() -> None:
    with pytest.raises(ArgumentError, match=r"args must be a tuple, not a ndarray"):
        check_grads(np.sum, np.ones(3))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ArgumentError, match=r"order=1\.5"):
        check_grads(product, (1.5, 2.5), order=1.5)  # pyright: ignore[reportArgumentType]
