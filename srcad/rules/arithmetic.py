"""Arithmetic: the operators, and the NumPy functions that do the same."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from srcad.rules.declare import elementwise

__all__: list[str] = []

# Their signatures are partly unknown to type checkers.
op: Any = operator

elementwise(op.add, "x, y -> z", x="g", y="g", aliases=(np.add,), kinds="sadc")
elementwise(op.sub, "x, y -> z", x="g", y="-g", aliases=(np.subtract,), kinds="sadc")
elementwise(op.mul, "x, y -> z", x="g * y", y="g * x", aliases=(np.multiply,), kinds="sadc")


def _quotient(constants: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """What ``1 / y`` becomes: of its value alone, which a division would not need ``y`` for."""
    del real
    match constants.get("x"):
        case 1:
            return {"y": "-(g * z * z)"}
        case -1:
            return {"y": "g * z * z"}
        case _:
            return {}


elementwise(
    op.truediv,
    "x, y -> z",
    x="g / y",
    y="-(g / y * z)",
    at_constant=_quotient,
    aliases=(np.divide,),
    domain=((-2.0, 2.0), (0.5, 2.0)),
    kinds="sadc",
)
elementwise(op.neg, "x -> y", x="-g", aliases=(np.negative,), kinds="sac")
elementwise(op.pos, "x -> y", x="g", aliases=(np.positive,), kinds="sac", shares=("x",))


def _power(constants: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """What ``x ** n`` becomes for a known exponent."""
    del real
    n = constants.get("y")
    if not isinstance(n, int | float):
        return {}
    match n:
        case 0:
            text = "0 * g"
        case 1:
            text = "g"
        case 2:
            text = f"{n} * g * x"
        case 3:
            text = f"{n} * g * (x * x)"
        case -1:
            text = "-(g * z * z)"
        case 0.5:
            text = "0.5 * g / z"
        case _:
            text = f"{n!r} * g * x ** {n - 1!r}" if math.isfinite(n) else ""
    return {"x": text} if text else {}


elementwise(
    op.pow,
    "x, y -> z",
    x="g * power_slope(x, y)",
    y="g * z * safe_log(x)",
    at_constant=_power,
    aliases=(np.power, np.float_power, pow),
    domain=((0.2, 2.0), (-1.5, 2.5)),
    kinds="sadc",
)
elementwise(
    math.pow,
    "x, y -> z",
    x="g * power_slope(x, y)",
    y="g * z * safe_log(x)",
    at_constant=_power,
    domain=((0.2, 2.0), (-1.5, 2.5)),
    kinds="s",
)
elementwise(
    op.mod,
    "x, y -> z",
    x="g",
    y="-(g * (x // y))",
    aliases=(np.remainder,),
    domain=((-2.0, 2.0), (0.53, 0.9)),
)
elementwise(
    np.fmod,
    "x, y -> z",
    x="g",
    y="-(g * np.trunc(x / y))",
    domain=((-2.0, 2.0), (0.53, 0.9)),
)
elementwise(
    math.fmod,
    "x, y -> z",
    x="g",
    y="-(g * int(x / y))",
    domain=((-2.0, 2.0), (0.53, 0.9)),
    kinds="s",
)
elementwise(
    math.remainder,
    "x, y -> z",
    x="g",
    y="-(g * round((x - z) / y))",
    domain=((-2.0, 2.0), (0.53, 0.9)),
    kinds="s",
)
elementwise(
    op.abs,
    "x -> y",
    x="g * np.conj(over(x, y))",
    tangents={"x": "np.real(g * np.conj(over(x, y)))"},
    real={"x": "g * np.sign(x)"},
    real_tangents={"x": "g * np.sign(x)"},
    aliases=(abs, np.absolute),
    kinds="sac",
)
elementwise(np.fabs, "x -> y", x="g * np.sign(x)")
elementwise(math.fabs, "x -> y", x="g * np.sign(x)", kinds="s")
