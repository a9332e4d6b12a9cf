"""Functions of single numbers: the `math` module and Python's own."""

from __future__ import annotations

import math
import operator

import numpy as np

from srcad.rules.declare import elementwise, joint_linear
from srcad.rules.samples import array, of
from srcad.types.lattice import ListOf, Scalar, Type, Unknown, join
from srcad.types.layouts import items_of
from srcad.types.shapes import dtype_of, elementwise_type, numbers

__all__: list[str] = []

_INSIDE = (-0.9, 0.9)
_POSITIVE = (0.2, 3.0)

elementwise(math.exp, "x -> y", x="g * y", kinds="s")
elementwise(math.exp2, "x -> y", x="g * y * math.log(2)", kinds="s")
elementwise(math.expm1, "x -> y", x="g * (y + 1)", kinds="s")
elementwise(math.log2, "x -> y", x="g / (x * math.log(2))", domain=_POSITIVE, kinds="s")
elementwise(math.log10, "x -> y", x="g / (x * math.log(10))", domain=_POSITIVE, kinds="s")
elementwise(math.log1p, "x -> y", x="g / (1 + x)", domain=_POSITIVE, kinds="s")
elementwise(
    math.log,
    f"x, base={math.e!r}, / -> y",
    x="g / (x * math.log(base))",
    base="-(g * y / (base * math.log(base)))",
    at_constant=lambda known, real: {"x": "g / x"} if known.get("base") == math.e else {},
    samples=lambda: (of(0.7, wrt=("x",)), of(0.7, 3.0)),
)
elementwise(math.sqrt, "x -> y", x="0.5 * g / y", domain=_POSITIVE, kinds="s")
elementwise(math.cbrt, "x -> y", x="g / (3 * y * y)", domain=_POSITIVE, kinds="s")
elementwise(
    math.hypot,
    "x, y -> z",
    x="over(g * x, z)",
    y="over(g * y, z)",
    domain=((0.3, 2.0), (-2.0, 2.0)),
    kinds="s",
)
elementwise(math.sin, "x -> y", x="g * math.cos(x)", kinds="s")
elementwise(math.cos, "x -> y", x="-(g * math.sin(x))", kinds="s")
elementwise(math.tan, "x -> y", x="g * (1 + y * y)", domain=(-1.2, 1.2), kinds="s")
elementwise(math.asin, "x -> y", x="g / math.sqrt(1 - x * x)", domain=_INSIDE, kinds="s")
elementwise(math.acos, "x -> y", x="-g / math.sqrt(1 - x * x)", domain=_INSIDE, kinds="s")
elementwise(math.atan, "x -> y", x="g / (1 + x * x)", kinds="s")
elementwise(
    math.atan2,
    "x, y -> z",
    x="over(g * y, x * x + y * y)",
    y="-over(g * x, x * x + y * y)",
    domain=((0.3, 2.0), (-2.0, 2.0)),
    kinds="s",
)
elementwise(math.sinh, "x -> y", x="g * math.cosh(x)", kinds="s")
elementwise(math.cosh, "x -> y", x="g * math.sinh(x)", kinds="s")
elementwise(math.tanh, "x -> y", x="g * (1 - y * y)", kinds="s")
elementwise(math.asinh, "x -> y", x="g / math.sqrt(1 + x * x)", kinds="s")
elementwise(math.acosh, "x -> y", x="g / math.sqrt(x * x - 1)", domain=(1.3, 3.0), kinds="s")
elementwise(math.atanh, "x -> y", x="g / (1 - x * x)", domain=_INSIDE, kinds="s")
elementwise(math.radians, "x -> y", x="g * (math.pi / 180)", kinds="s")
elementwise(math.degrees, "x -> y", x="g * (180 / math.pi)", kinds="s")
elementwise(math.erf, "x -> y", x="g * (2 / math.sqrt(math.pi)) * math.exp(-x * x)", kinds="s")
elementwise(math.erfc, "x -> y", x="-(g * (2 / math.sqrt(math.pi)) * math.exp(-x * x))", kinds="s")
# gamma functions: 5.2.2 of https://dlmf.nist.gov; Python has no digamma
elementwise(math.gamma, "x -> y", x="g * y * special.psi(x)", domain=_POSITIVE, kinds="s")
elementwise(math.lgamma, "x -> y", x="g * special.psi(x)", domain=_POSITIVE, kinds="s")
if hasattr(math, "fma"):  # from Python 3.13 on
    elementwise(vars(math)["fma"], "x, y, z, / -> w", x="g * y", y="g * x", z="g", kinds="s")
elementwise(math.nextafter, "x, y -> z", x="g", kinds="s", samples=lambda: (of(0.7, 0.9),))
elementwise(
    math.copysign,
    "x, y -> z",
    x="g * np.copysign(np.sign(x), x * y)",
    samples=lambda: (of(-0.7, 0.4, wrt=("x",)),),
)


def _either(x: Type, y: Type) -> Type:
    either = join(*numbers((x, y)))
    if isinstance(either, Scalar):
        return either
    raise LookupError("the type of the larger one depends on the values")


# builtins
elementwise(
    max,
    "x, y -> z",
    x="g * larger(x, y)",
    y="g * larger(y, x)",
    kinds="s",
    result=_either,
)
elementwise(
    min,
    "x, y -> z",
    x="g * larger(y, x)",
    y="g * larger(x, y)",
    kinds="s",
    result=_either,
)
elementwise(
    float,
    "x -> y",
    x="g",
    kinds="s",
    result=lambda x: (
        Scalar(np.dtype(float)) if isinstance(x, Unknown) else elementwise_type(float, x)
    ),
)
elementwise(complex, "x, y=0.0 -> z", x="g", y="1j * g", kinds="s")

# NumPy's number types, as functions
elementwise(np.float64, "x -> y", x="g", kinds="sa")
elementwise(np.complex128, "x -> y", x="g", kinds="sac")
elementwise(
    np.float32,
    "x -> y",
    x="g",
    samples=lambda: (of(array(3), wrt=()), of(0.5, wrt=())),
)


def _added(x: Type) -> Type:
    total: Type = Scalar(np.dtype(int))
    if isinstance(x, ListOf) and isinstance(x.item, Scalar):
        some = elementwise_type(operator.add, total, x.item)
        # The list may be empty: then the sum is the 0 that it starts with.
        if dtype_of(either := join(total, some)) == dtype_of(some):
            return either
    for item in items_of(x):
        total = elementwise_type(operator.add, total, item)
    return total


joint_linear(
    sum,
    "x -> y",
    x="sum_bars(g, x)",
    result=_added,
    samples=lambda: (
        of([1.0, 2.0, 0.5]),
        of((array(3), array(3, seed=1))),
        of([array(2, 3), array(3), 1.5]),
    ),
)
joint_linear(
    math.fsum,
    "x -> y",
    x="sum_bars(g, x)",
    result=lambda x: Scalar(np.dtype(float)),
    samples=lambda: (of([1.0, 2.0, 0.5]),),
)
