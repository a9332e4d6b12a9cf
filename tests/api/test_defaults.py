"""Defaults, and what a partial was given: a call of the derivative reads those of now."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from srcad import grad, jvp, vjp


def test_of_keywords_replaced_in_their_dict() -> None:
    def f(x, *, k=2.0):
        return k * x * x

    df = grad(f)
    assert df(1.0) == pytest.approx(4.0)
    f.__kwdefaults__["k"] = 5.0
    assert df(1.0) == pytest.approx(10.0)
    f.__kwdefaults__ = {"k": 7.0}
    assert df(1.0) == pytest.approx(14.0)
    f.__kwdefaults__["k"] = 8.0
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((8.0, 16.0))
    f.__kwdefaults__["k"] = 9.0
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((9.0, 18.0))
    value, pullback = vjp(f, 1.0)
    assert (value, *pullback(1.0)) == pytest.approx((9.0, 18.0))


def test_arrays() -> None:
    one = np.ones(3)

    def f(x, v=one, *, w=one):
        return x * np.dot(v, w)

    df = grad(f)
    assert df(1.0) == pytest.approx(3.0)
    f.__defaults__ = (np.arange(3.0) + 1,)
    assert df(1.0) == pytest.approx(6.0)
    f.__kwdefaults__ = {"w": np.full(3, 2.0)}
    assert df(1.0) == pytest.approx(12.0)
    f.__kwdefaults__["w"] = np.full(3, 3.0)
    assert df(1.0) == pytest.approx(18.0)


def scaled(x, k=2.0, n=1):
    for _ in range(n):
        x = x * k
    return x


class Model:
    act = partial(scaled, k=3.0)


GIVEN = partial(scaled, k=3.0)


@pytest.mark.parametrize(
    ("f", "given"),
    [
        (GIVEN, GIVEN),
        (lambda x: GIVEN(x), GIVEN),
        (lambda x: Model.act(x), Model.act),
        (lambda x: partial(GIVEN)(x), GIVEN),
    ],
    ids=["itself", "global", "attribute", "nested"],
)
def test_what_a_partial_was_given(f, given) -> None:
    df = grad(f)
    given.keywords.update(k=3.0, n=1)
    assert [df(1.0), df(1.0)] == pytest.approx([3.0, 3.0])
    given.keywords["k"] = 4.0
    assert [df(1.0), df(1.0)] == pytest.approx([4.0, 4.0])
    given.keywords["n"] = 2
    assert jvp(f, (1.0,), (1.0,)) == pytest.approx((16.0, 16.0))
    assert [df(1.0), df(1.0)] == pytest.approx([16.0, 16.0])


def applied(x, g):
    return g(x) ** 2


def test_what_a_partial_among_the_arguments_was_given() -> None:
    gradient, act = grad(applied), partial(scaled, k=3.0)
    assert gradient(2.0, act) == 36.0
    act.keywords["k"] = 1.0
    assert gradient(2.0, act) == 4.0
    assert gradient(2.0, partial(scaled, k=3.0)) == 36.0
    assert grad(applied)(2.0, act) == 4.0
