"""What Numba cannot compile is refused at the user's line, in words for whoever wrote that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad

X = np.array([0.7, 1.2, 0.4, 0.9])


@dataclass
class Spring:
    stiffness: float


SPRING = Spring(2.0)


def in_the_middle(x):
    return np.median(x)


def through_an_object(x):
    y = x @ x
    return SPRING.stiffness * y


def object_made_inside(x):
    spring = Spring(x[0])
    return spring.stiffness * x[1]


def two_precisions(x):
    y = x.astype(np.float32)
    for _ in range(2):
        y = y * x
    return np.sum(y)


def by_a_list(x):
    places = [0, 2]
    return np.sum(x[places] ** 2)


def reshaped_and_changed(x):
    y = np.outer(x, x)
    z = y.reshape(-1)
    z[0] = x[1]
    return np.sum(y * y)


def largest_of_rows(x):
    y = np.outer(x, x)
    return np.sum(np.max(y, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("f", "line", "why"),
    [
        (
            in_the_middle,
            1,
            "it has no `sort` for an array of 1 axis and 0, at `rows_1 = np.sort(rows, 0)`, a line"
            " of the derivative",
        ),
        (through_an_object, 1, "it does not know `SPRING`, a `Spring`"),
        (object_made_inside, 1, "it makes no objects of the class `Spring`"),
        (
            two_precisions,
            2,
            "`y` is a float32 array of 1 axis in one place and an array of 1 axis in another, and"
            " it wants one type",
        ),
        (by_a_list, 2, "it does not index an array of 1 axis by a list"),
        (
            reshaped_and_changed,
            2,
            "the derivative needs `check_view`, which is Python that it does not compile, at"
            " `check_view(z, y)`",
        ),
        (
            largest_of_rows,
            2,
            "it has no `max` for an array of 2 axes and `axis=1` and `keepdims=True`",
        ),
    ],
)
def test_reasons(f: Callable[..., Any], line: int, why: str) -> None:
    with pytest.raises(SrcadError) as caught:
        grad(f, backend="numba")(X)
    error = caught.value
    assert error.message == f"Numba cannot compile the derivative `{f.__name__}_grad`"
    assert error.why == why
    assert error.line == f.__code__.co_firstlineno + line
    assert error.instead == "backend='numpy', which runs all that NumPy does"


def test_where_the_compiler_breaks_off() -> None:
    def spread(x):
        a, (b, c) = x[0], (x[1:3], x[1:])
        return a * np.sum(np.broadcast_to(np.sum(b) * np.sum(c), np.shape(a)))

    with pytest.raises(SrcadError) as caught:
        grad(spread, backend="numba")(X)
    assert caught.value.why.startswith(("its compiler breaks off at `", "it has no `"))
    assert caught.value.line == spread.__code__.co_firstlineno + 2


def test_spellings_that_numba_lacks() -> None:
    def spelled(x):
        total = 0.0
        for i, (a, b) in enumerate(zip(x, x[::-1], strict=True), start=1):
            total += i * a * b
        rows = np.outer(x, x)
        rows = rows / np.sum(rows, axis=1, keepdims=True)
        return (
            total
            + np.sum(abs(x) ** 3)
            + np.sum(rows**2)
            + x[0] / np.sum(x, axis=0, keepdims=True)[0]
        )

    np.testing.assert_allclose(grad(spelled, backend="numba")(X), grad(spelled)(X), rtol=1e-13)


@pytest.mark.parametrize("dtype", [">f8", np.float16, np.longdouble])
def test_dtypes_that_numba_lacks(dtype: Any) -> None:
    def summed(x):
        total = 0.0
        for i in range(len(x)):
            total += x[i] * x[i]
        return total

    x = X.astype(dtype)
    with pytest.raises(SrcadError) as caught:
        grad(summed, backend="numba")(x)
    assert caught.value.why == f"it takes no arrays of dtype {x.dtype}"
