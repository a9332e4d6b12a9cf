"""Rules of functions that take any number of arguments, ``*xs``."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad, hvp, jvp, rule
from srcad.errors import UnknownFunctionError

X = np.array([0.3, 0.5, 0.7])


def total(*xs):
    return sum(xs)


def weighted(w, *xs):
    return w * sum(xs)


rule(total, "*xs -> y", kind="linear", xs="[g] * len(xs)")
rule(
    weighted,
    "w, *xs -> y",
    kind="coupled",
    w="g * sum(xs)",
    xs="[g * w] * len(xs)",
    tangents={"w": "g * sum(xs)", "xs": "w * sum(g)"},
)


def of_three(x):
    return total(x[0], x[1], x[2] ** 2) * x[0]


def of_a_weight_and_two(x):
    return weighted(x[0], x[1], x[2] ** 2) * x[0]


def of_what_is_unpacked(x):
    return weighted(x[0], *[x[1], x[2] ** 2]) * x[0]


def of_a_weight_alone(x):
    return weighted(x[0]) * x[0] + total() + x[1]


SUM = X[0] + X[1] + X[2] ** 2
REST = X[1] + X[2] ** 2


@pytest.mark.parametrize(
    ("f", "gradient", "curvature"),
    [
        (of_three, [SUM + X[0], X[0], 2 * X[0] * X[2]], [3 + 2 * X[2], 1, 2 * X[2] + 2 * X[0]]),
        *(
            (
                f,
                [2 * X[0] * REST, X[0] ** 2, 2 * X[2] * X[0] ** 2],
                [
                    2 * REST + 2 * X[0] * (1 + 2 * X[2]),
                    2 * X[0],
                    4 * X[0] * X[2] + 2 * X[0] ** 2,
                ],
            )
            for f in (of_a_weight_and_two, of_what_is_unpacked)
        ),
        (of_a_weight_alone, [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]),
    ],
)
def test_any_number_of_operands(f, gradient, curvature):
    ones = np.ones(3)
    assert grad(f)(X) == pytest.approx(gradient)
    value, slope = jvp(f, (X,), (ones,))
    assert value == pytest.approx(f(X))
    assert slope == pytest.approx(sum(gradient))
    assert hvp(f, (X,), (ones,)) == pytest.approx(curvature)


def test_they_are_given_by_position():
    def by_name(x):
        return weighted(x[0], xs=x[1])

    with pytest.raises(UnknownFunctionError) as caught:
        grad(by_name)(X)
    assert caught.value.why == "weighted takes `xs` by position only"
