"""Elementwise choices: maximum, minimum, clipping, where, and other functions with kinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from srcad.rules.declare import elementwise
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.types.lattice import Static, Type
from srcad.types.shapes import elementwise_type

__all__: list[str] = []

# By comparisons, of which infinities that are equal are no worry, as they are of `x - y`.
_ABOVE = "0.5 * (g * ({0} > {1}) + g * ({0} >= {1}))"
_BELOW = "0.5 * (g * ({0} < {1}) + g * ({0} <= {1}))"
# What is not a number takes no part.
_ABOVE_OR_SOLE = "0.5 * (g * (np.isnan({1}) | ({0} > {1})) + g * (np.isnan({1}) | ({0} >= {1})))"
_BELOW_OR_SOLE = "0.5 * (g * (np.isnan({1}) | ({0} < {1})) + g * (np.isnan({1}) | ({0} <= {1})))"


def _from_a_number(texts: str) -> Callable[[Mapping[str, object], bool], Mapping[str, str]]:
    """The texts where an operand is a known number: one pass less, and no infinity to fear."""

    def found(constants: Mapping[str, object], real: bool) -> Mapping[str, str]:
        del real
        for mine, other in (("x", "y"), ("y", "x")):
            number = constants.get(other)
            if isinstance(number, int | float) and math.isfinite(number):
                return {mine: texts.format(mine, other)}
        return {}

    return found


elementwise(
    np.maximum,
    "x, y -> z",
    x=_ABOVE.format("x", "y"),
    y=_ABOVE.format("y", "x"),
    at_constant=_from_a_number("g * np.heaviside({0} - {1}, 0.5)"),
)
elementwise(
    np.minimum,
    "x, y -> z",
    x=_BELOW.format("x", "y"),
    y=_BELOW.format("y", "x"),
    at_constant=_from_a_number("g * np.heaviside({1} - {0}, 0.5)"),
)
elementwise(
    np.fmax,
    "x, y -> z",
    x=_ABOVE_OR_SOLE.format("x", "y"),
    y=_ABOVE_OR_SOLE.format("y", "x"),
)
elementwise(
    np.fmin,
    "x, y -> z",
    x=_BELOW_OR_SOLE.format("x", "y"),
    y=_BELOW_OR_SOLE.format("y", "x"),
)


def _where() -> Iterator[Sample]:
    yield of(np.array([True, False, True]), array(3), array(3, seed=1))
    yield of(np.array([True, False, True]), array(2, 3), 0.5)
    yield of(array(2, 3) > 0, array(3), array(2, 1, seed=1))
    yield of(array(3) > 0, array(3) + 1j, array(3, seed=4))


def _clip() -> Iterator[Sample]:
    yield of(array(5), -1.0, 1.0)
    yield of(array(5), None, 0.5)
    yield of(array(2, 3), array(3, low=-1.0, high=-0.5), 0.5)
    yield of(0.3, -1.0, 1.0)
    yield of(array(5), array(5, low=0.5, high=1.0), array(5, seed=2, low=-1.0, high=0.4))


elementwise(
    np.where, "c, x, y -> z", x="np.where(c, g, 0.0)", y="np.where(c, 0.0, g)", samples=_where
)


def _clip_type(a: Type, a_min: Type, a_max: Type) -> Type:
    return elementwise_type(np.clip, a, *(a if t == Static(None) else t for t in (a_min, a_max)))


elementwise(
    np.clip,
    "a, a_min=None, a_max=None -> y",
    a="g * clip_slope(a, a_min, a_max)",
    a_min="g * (np.heaviside(a_min - a, 0.5) * clip_slope(a_min, None, a_max))",
    a_max="g * high_slope(a, a_min, a_max)",
    result=_clip_type,
    samples=_clip,
)
elementwise(
    np.copysign,
    "x, y -> z",
    x="g * np.copysign(np.sign(x), x * y)",
    domain=((-2.0, 2.0), (-1.0, 1.5)),
    samples=lambda: (of(array(4), array(4, seed=2), wrt=("x",)), of(-0.7, 0.4, wrt=("x",))),
)
elementwise(
    np.heaviside,
    "x, y -> z",
    y="np.where(x == 0, g, 0.0)",
    samples=lambda: (
        of(array(4), array(4, seed=2)),
        of(np.array([0.0, -1.5, 0.0]), array(2, 1, seed=2), wrt=("y",)),
        of(0.0, 0.5, wrt=("y",)),
    ),
)
elementwise(
    np.nan_to_num,
    "x, *, nan=0.0, posinf=None, neginf=None -> y",
    x="np.where(np.isfinite(x), g, 0.0)",
    result=lambda x, nan, posinf, neginf: elementwise_type(np.nan_to_num, x),
    samples=lambda: (of(array(3)), of(0.7)),
)
