"""Functions of `scipy.special`, one element at a time, and its sums of exponentials.

This module is the only one of the rules that imports SciPy: `srcad.rules.table` loads it when a
function of `scipy.special` is first looked up. The numbers are those of the formulas in the Digital
Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from srcad.rules.declare import coupled, elementwise
from srcad.rules.samples import array, of
from srcad.rules.table import UNTOLD
from srcad.types.shapes import elementwise_type, reduced_type

__all__: list[str] = []

# SciPy is an extra, and has no types.
special: Any = importlib.import_module("scipy.special")

_INSIDE = (-0.9, 0.9)
_PART = (0.1, 0.9)
_POSITIVE = (0.3, 3.0)

# exponentials, logarithms and roots: scipy.special has its own of some that NumPy has too
elementwise(special.expm1, "x -> y", x="g * (y + 1)", kinds="sac")
elementwise(special.log1p, "x -> y", x="g / (1 + x)", domain=(-0.5, 2.0), kinds="sac")
elementwise(special.exp2, "x -> y", x="g * y * math.log(2)")
elementwise(special.exp10, "x -> y", x="g * y * math.log(10)")
elementwise(special.cbrt, "x -> y", x="g / (3 * y * y)", domain=_POSITIVE)
elementwise(special.cosm1, "x -> y", x="-(g * np.sin(x))")
elementwise(special.exprel, "x -> y", x="g * special.hyp1f1(2, 3, x) / 2")  # 13.3.15
elementwise(
    special.hyp1f1,
    "a, b, x -> y",
    a=UNTOLD,
    b=UNTOLD,
    x="g * a / b * special.hyp1f1(a + 1, b + 1, x)",  # 13.3.15
    samples=lambda: (of(2, 3, 0.7, wrt=("x",)), of(0.5, 1.5, array(3), wrt=("x",))),
)

# logistic functions
elementwise(special.expit, "x -> y", x="g * y * (1 - y)")
elementwise(special.logit, "x -> y", x="g / (x * (1 - x))", domain=_PART)
elementwise(special.log_expit, "x -> y", x="g * special.expit(-x)")
if hasattr(special, "softplus"):  # from SciPy 1.17 on
    elementwise(special.softplus, "x -> y", x="g * special.expit(x)")

# entropies
elementwise(
    special.xlogy,
    "x, y -> z",
    x="g * np.log(y)",
    y="quotient(g * x, y)",
    domain=((-2.0, 2.0), _POSITIVE),
    kinds="sadc",
)
elementwise(
    special.xlog1py,
    "x, y -> z",
    x="g * np.log1p(y)",
    y="quotient(g * x, 1 + y)",
    domain=((-2.0, 2.0), (-0.5, 2.0)),
    kinds="sadc",
)
elementwise(special.entr, "x -> y", x="-(g * (np.log(x) + 1))", domain=_POSITIVE)
elementwise(
    special.rel_entr,
    "x, y -> z",
    x="g * (np.log(x / y) + 1)",
    y="-quotient(g * x, y)",
    domain=_POSITIVE,
)
elementwise(
    special.kl_div,
    "x, y -> z",
    x="g * np.log(x / y)",
    y="g - quotient(g * x, y)",
    domain=_POSITIVE,
)

# the error function and the normal distribution: 7.2.1, 7.2.2
elementwise(special.erf, "x -> y", x="g * (2 / math.sqrt(math.pi)) * np.exp(-x * x)", kinds="sac")
elementwise(special.erfc, "x -> y", x="g * (-2 / math.sqrt(math.pi)) * np.exp(-x * x)", kinds="sac")
elementwise(
    special.erfinv, "x -> y", x="g * (math.sqrt(math.pi) / 2) * np.exp(y * y)", domain=_INSIDE
)
elementwise(
    special.erfcinv,
    "x -> y",
    x="g * (-math.sqrt(math.pi) / 2) * np.exp(y * y)",
    domain=(0.1, 1.9),
)
elementwise(
    special.ndtr, "x -> y", x="g * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)", kinds="sac"
)
elementwise(
    special.ndtri, "x -> y", x="g * math.sqrt(2 * math.pi) * np.exp(0.5 * y * y)", domain=_PART
)
elementwise(special.log_ndtr, "x -> y", x="g * normal_hazard(-x)")
elementwise(special.ndtri_exp, "x -> y", x="g / normal_hazard(-y)", domain=(-3.0, -0.3))
# Owen, "A table of normal integrals", Comm. Stat. B9 (1980)
elementwise(
    special.owens_t,
    "h, a -> y",
    h="g * np.exp(-0.5 * h * h) * special.erf(a * h / math.sqrt(2)) / -math.sqrt(8 * math.pi)",
    a="g * np.exp(-0.5 * h * h * (1 + a * a)) / (2 * math.pi * (1 + a * a))",
)

# gamma and beta functions: 5.2.2, 5.12.1; the polygammas are zeta functions, 25.11.12
elementwise(special.gammaln, "x -> y", x="g * special.psi(x)", domain=_POSITIVE)
elementwise(special.loggamma, "x -> y", x="g * special.psi(x)", domain=_POSITIVE)
elementwise(special.gamma, "x -> y", x="g * y * special.psi(x)", domain=_POSITIVE)
elementwise(
    special.psi,
    "x -> y",
    x="g * trigamma(x)",  # which refuses complex numbers
    real={"x": "g * special.zeta(2, x)"},
    domain=_POSITIVE,
)
elementwise(
    special.zeta,
    "x, q -> y",
    x=UNTOLD,
    q="-(g * x * special.zeta(x + 1, q))",  # 25.11.17
    samples=lambda: (of(2, 0.7, wrt=("q",)), of(3, array(3, low=0.5), wrt=("q",))),
)
elementwise(
    special.polygamma,
    "n, x -> y",
    n=UNTOLD,
    x="g * special.polygamma(n + 1, x)",
    samples=lambda: (
        of(1, 0.7, wrt=("x",)),
        of(0, array(3, low=0.5), wrt=("x",)),
        of(2, array(3, low=0.5), wrt=("x",)),
    ),
)
elementwise(
    special.betaln,
    "a, b -> y",
    a="g * (special.psi(a) - special.psi(a + b))",
    b="g * (special.psi(b) - special.psi(a + b))",
    domain=_POSITIVE,
)
elementwise(
    special.beta,
    "a, b -> y",
    a="g * y * (special.psi(a) - special.psi(a + b))",
    b="g * y * (special.psi(b) - special.psi(a + b))",
    domain=_POSITIVE,
)
_OF_SHAPE = "g * np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))"  # 8.2.4
for _fn, _text in ((special.gammainc, _OF_SHAPE), (special.gammaincc, f"-({_OF_SHAPE})")):
    elementwise(
        _fn,
        "a, x -> y",
        a=UNTOLD,
        x=_text,
        samples=lambda: (of(1.7, 0.7, wrt=("x",)), of(0.8, array(3, low=0.3), wrt=("x",))),
    )
elementwise(
    special.betainc,
    "a, b, x -> y",
    a=UNTOLD,
    b=UNTOLD,
    x="g * np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))",
    samples=lambda: (  # 8.17.2
        of(1.7, 2.5, 0.7, wrt=("x",)),
        of(0.8, 1.2, array(3, low=0.1, high=0.9), wrt=("x",)),
    ),
)

# Bessel functions, by their arguments: 10.6.1, 10.6.3, 10.29.1, 10.29.3
elementwise(special.j0, "x -> y", x="-(g * special.j1(x))")
elementwise(special.j1, "x -> y", x="g * (special.j0(x) - special.jv(2, x)) / 2")
elementwise(special.y0, "x -> y", x="-(g * special.y1(x))", domain=_POSITIVE)
elementwise(special.y1, "x -> y", x="g * (special.y0(x) - y / x)", domain=_POSITIVE)
elementwise(special.i0, "x -> y", x="g * special.i1(x)")
elementwise(special.i1, "x -> y", x="g * (special.i0(x) + special.iv(2, x)) / 2")
elementwise(special.i0e, "x -> y", x="g * (special.i1e(x) - np.sign(x) * y)", domain=_POSITIVE)
elementwise(
    special.i1e,
    "x -> y",
    x="g * ((special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y)",
    domain=_POSITIVE,
)
elementwise(special.k0, "x -> y", x="-(g * special.k1(x))", domain=_POSITIVE)
elementwise(special.k1, "x -> y", x="-(g * (special.k0(x) + y / x))", domain=_POSITIVE)
elementwise(special.k0e, "x -> y", x="g * (y - special.k1e(x))", domain=_POSITIVE)
elementwise(special.k1e, "x -> y", x="g * (y - special.k0e(x) - y / x)", domain=_POSITIVE)


def _of_order() -> tuple[Any, ...]:
    z = array(3, low=0.3, high=3.0)
    return of(2, 0.7, wrt=("z",)), of(0.5, z, wrt=("z",)), of(1.5, z + 0.5j, wrt=("z",))


for _name, _text in (
    ("jv", "g * (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2"),
    ("yv", "g * (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2"),
    ("iv", "g * (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2"),
    ("kv", "g * (special.kv(v - 1, z) + special.kv(v + 1, z)) / -2"),
    ("kve", "g * (y - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2)"),
):
    elementwise(getattr(special, _name), "v, z -> y", v=UNTOLD, z=_text, samples=_of_order)
# Its scale, exp(-abs(z.real)), has no derivative as a function of a complex number.
_IVE = "(special.ive(v - 1, z) + special.ive(v + 1, z)) / 2"
elementwise(
    special.ive,
    "v, z -> y",
    v=UNTOLD,
    z=f"g * {_IVE} - np.sign(np.real(z)) * np.real(g * y)",
    tangents={"z": f"g * {_IVE} - np.sign(np.real(z)) * np.real(g) * y"},
    real={"z": f"g * ({_IVE} - np.sign(z) * y)"},
    real_tangents={"z": f"g * ({_IVE} - np.sign(z) * y)"},
    samples=_of_order,
)

# losses and transformations of data
elementwise(
    special.huber,
    "delta, r -> y",
    delta="g * np.maximum(np.abs(r) - delta, 0.0)",
    r="g * np.clip(r, -delta, delta)",
    domain=((0.7, 1.1), (-2.0, 2.0)),
)
elementwise(
    special.pseudo_huber,
    "delta, r -> y",
    delta="g * (y / delta) * (y / delta) / np.hypot(delta, r)",
    r="g * delta * r / np.hypot(delta, r)",
    domain=((0.7, 1.1), (-2.0, 2.0)),
)
for _of, _x, _u in (("boxcox", "x", "np.log(x)"), ("boxcox1p", "(1 + x)", "np.log1p(x)")):
    # It is u * exprel(lmbda * u), where u is the logarithm.
    _bend = f"{_u} * {_u} * special.hyp1f1(2, 3, lmbda * {_u}) / 2"
    elementwise(
        getattr(special, _of),
        "x, lmbda -> y",
        x=f"g * {_x} ** (lmbda - 1)",
        lmbda=f"g * {_bend}",
        domain=(_POSITIVE, (-1.0, 2.0)),
    )
    elementwise(
        getattr(special, f"inv_{_of}"),
        "y, lmbda -> x",
        y=f"g * {_x} ** (1 - lmbda)",
        lmbda=f"-(g * {_x} ** (1 - lmbda) * {_bend})",
        domain=((-0.4, 1.0), (0.2, 2.0)),
    )


# --- sums of exponentials ------------------------------------------------------------------------


def _known_axes(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    del real
    axis, keepdims = known.get("axis", ""), known.get("keepdims")
    if axis is None or keepdims is True:
        return {"a": "g * exp_share(a, y)"}
    if isinstance(axis, int) and keepdims is False:
        return {"a": "np.expand_dims(g, axis) * exp_share(a, np.expand_dims(y, axis))"}
    return {}


_SPREAD = "unreduce({}, np.shape(a), axis, keepdims)"
_SHARE = f"exp_share(a, {_SPREAD.format('y')})"
coupled(
    special.logsumexp,
    "a, axis=None, *, keepdims=False -> y",
    cotangents={"a": f"{_SPREAD.format('g')} * {_SHARE}"},
    tangents={"a": f"np.sum(g * {_SHARE}, axis=axis, keepdims=keepdims)"},
    at_constant=_known_axes,
    result=lambda a, axis, keepdims: reduced_type(special.logsumexp, a, axis, keepdims),
    samples=lambda: (
        of(1.5),
        of(array(4)),
        of(array(2, 3), axis=0),
        of(array(2, 3), -1),
        of(array(2, 3), axis=1, keepdims=True),
        of(array(2, 3), keepdims=True),
        of(array(2, 3, 4), axis=(0, 2)),
    ),
)
_OF_ROWS = (of(1.5), of(array(4)), of(array(2, 3), axis=0), of(array(2, 3, 4), axis=(0, 2)))
_SOFTMAX = "y * (g - np.sum(g * y, axis=axis, keepdims=True))"
coupled(
    special.softmax,
    "x, axis=None -> y",
    cotangents={"x": _SOFTMAX},
    tangents={"x": _SOFTMAX},
    result=lambda x, axis: elementwise_type(special.softmax, x),
    samples=lambda: _OF_ROWS,
)
coupled(
    special.log_softmax,
    "x, axis=None -> y",
    cotangents={"x": "g - np.exp(y) * np.sum(g, axis=axis, keepdims=True)"},
    tangents={"x": "g - np.sum(g * np.exp(y), axis=axis, keepdims=True)"},
    result=lambda x, axis: elementwise_type(special.log_softmax, x),
    samples=lambda: _OF_ROWS,
)
