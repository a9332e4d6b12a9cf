"""Elementary functions of NumPy, one element at a time."""

from __future__ import annotations

import numpy as np

from srcad.rules.declare import elementwise
from srcad.rules.samples import array, of

__all__: list[str] = []

_INSIDE = (-0.9, 0.9)
_POSITIVE = (0.2, 3.0)

# exponentials and logarithms
elementwise(np.exp, "x -> y", x="g * y", kinds="sadc")
elementwise(np.exp2, "x -> y", x="g * y * math.log(2)", kinds="sac")
elementwise(np.expm1, "x -> y", x="g * (y + 1)", kinds="sac")
elementwise(np.log, "x -> y", x="g / x", domain=_POSITIVE, kinds="sac")
elementwise(np.log2, "x -> y", x="g / (x * math.log(2))", domain=_POSITIVE, kinds="sac")
elementwise(np.log10, "x -> y", x="g / (x * math.log(10))", domain=_POSITIVE, kinds="sac")
elementwise(np.log1p, "x -> y", x="g / (1 + x)", domain=(-0.5, 2.0), kinds="sac")
# By the operands alone: the result takes longer to compute than its slopes, often for nothing else.
elementwise(np.logaddexp, "x, y -> z", x="g * logistic_tail(y - x)", y="g * logistic_tail(x - y)")
elementwise(
    np.logaddexp2,
    "x, y -> z",
    x="g * logistic_tail(math.log(2) * (y - x))",
    y="g * logistic_tail(math.log(2) * (x - y))",
)

# powers and roots
elementwise(np.sqrt, "x -> y", x="0.5 * g / y", domain=_POSITIVE, kinds="sac")
elementwise(np.cbrt, "x -> y", x="g / (3 * y * y)", domain=_POSITIVE)
elementwise(np.square, "x -> y", x="2 * g * x", kinds="sac")
elementwise(np.reciprocal, "x -> y", x="-(g * y * y)", domain=_POSITIVE, kinds="sac")
elementwise(
    np.hypot,
    "x, y -> z",
    x="over(g * x, z)",
    y="over(g * y, z)",
    domain=((0.3, 2.0), (-2.0, 2.0)),
)

# trigonometric
elementwise(np.sin, "x -> y", x="g * np.cos(x)", kinds="sac")
elementwise(np.cos, "x -> y", x="-(g * np.sin(x))", kinds="sac")
elementwise(np.tan, "x -> y", x="g * (1 + y * y)", domain=(-1.2, 1.2), kinds="sac")
elementwise(np.arcsin, "x -> y", x="g / np.sqrt(1 - x * x)", domain=_INSIDE, kinds="sac")
elementwise(np.arccos, "x -> y", x="-g / np.sqrt(1 - x * x)", domain=_INSIDE, kinds="sac")
elementwise(np.arctan, "x -> y", x="g / (1 + x * x)", kinds="sac")
elementwise(
    np.arctan2,
    "x, y -> z",
    x="over(g * y, x * x + y * y)",
    y="-over(g * x, x * x + y * y)",
    domain=((0.3, 2.0), (-2.0, 2.0)),
)
elementwise(np.sinc, "x -> y", x="g * sinc_slope(x)", domain=(0.2, 1.7), kinds="sa")
elementwise(np.nextafter, "x, y -> z", x="g", samples=lambda: (of(0.7, 0.9), of(array(3), 0.9)))
elementwise(
    np.ldexp,
    "x, i -> y",
    x="np.ldexp(g, i)",
    samples=lambda: (of(0.7, 3), of(array(3), np.array([2, 0, 1]))),
)
elementwise(np.deg2rad, "x -> y", x="g * (math.pi / 180)", aliases=(np.radians,))
elementwise(np.rad2deg, "x -> y", x="g * (180 / math.pi)", aliases=(np.degrees,))

# hyperbolic
elementwise(np.sinh, "x -> y", x="g * np.cosh(x)", kinds="sac")
elementwise(np.cosh, "x -> y", x="g * np.sinh(x)", kinds="sac")
elementwise(np.tanh, "x -> y", x="g * (1 - y * y)", kinds="sac")
elementwise(np.arcsinh, "x -> y", x="g / np.sqrt(1 + x * x)", kinds="sac")
elementwise(
    np.arccosh,
    "x -> y",
    x="g / (np.sqrt(x - 1) * np.sqrt(x + 1))",
    domain=(1.3, 3.0),
    kinds="sac",
)
elementwise(np.arctanh, "x -> y", x="g / (1 - x * x)", domain=_INSIDE, kinds="sac")
