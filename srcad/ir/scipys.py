"""What to write instead of functions of SciPy's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from srcad.ir.nodes import Call, Ref

__all__ = ["OF_STATS", "instead_of_scipys"]

_SOLVE: Final = "use `np.linalg.solve(a, b)`"

_LINALG: Final[Mapping[str, str]] = MappingProxyType(
    {n: f"use `np.linalg.{n}`" for n in ("det", "eigvalsh", "inv", "norm", "pinv", "qr", "svd")}
    | {
        "cholesky": "use `np.linalg.cholesky(a)`, which is the lower factor; `.T` is the upper",
        "cho_factor": f"{_SOLVE} with the matrix itself",
        "cho_solve": f"{_SOLVE} with the matrix itself, or twice with `np.linalg.cholesky(a)`:"
        " `np.linalg.solve(l.T, np.linalg.solve(l, b))`",
        "eigh": "use `np.linalg.eigh`",
        "expm": "of a symmetric matrix, use `w, v = np.linalg.eigh(a)`, `v * np.exp(w) @ v.T`;"
        " of others write the series out, with scaling and squaring",
        "lu_factor": f"{_SOLVE} with the matrix itself",
        "lu_solve": f"{_SOLVE} with the matrix itself",
        "solve": _SOLVE,
        "solve_triangular": f"{_SOLVE}, with `np.tril(a)` or `np.triu(a)` if more is there",
        "lstsq": "use `np.linalg.lstsq(a, b)`",
        "block_diag": "write it by `np.block`",
        "toeplitz": "read the items of a vector, `c[np.abs(i[:, None] - i)]`",
    }
)

_BY_WAY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "take a rule with fixed nodes, `t, w = np.polynomial.legendre.leggauss(30)`, from `a` to"
        " `b` `0.5 * (b - a) * np.sum(w * f(0.5 * (b - a) * t + 0.5 * (a + b)))`": (
            "integrate.fixed_quad integrate.quad integrate.quad_vec"
        ),
        "write the steps in a loop, such as those of Runge and Kutta": (
            "integrate.odeint integrate.solve_ivp"
        ),
        "write the sum out, `h / 3 * (y[0] + 4 * np.sum(y[1:-1:2]) + 2 * np.sum(y[2:-1:2]) +"
        " y[-1])`": "integrate.simpson",
        "use `np.trapezoid(y, x)`": "integrate.trapezoid",
        "use `np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(x))`": "integrate.cumulative_trapezoid",
        "use `np.interp(t, x, y)`": "interpolate.interp1d",
        "solve for its coefficients by `np.linalg.solve`, or use `np.interp(t, x, y)`, which is"
        " linear between the points": (
            "interpolate.Akima1DInterpolator interpolate.CubicSpline interpolate.PchipInterpolator"
            " interpolate.make_interp_spline interpolate.splev interpolate.splrep"
        ),
        "convolve by `np.convolve`, or add up shifted slices": (
            "ndimage.convolve ndimage.convolve1d ndimage.correlate ndimage.correlate1d"
            " ndimage.gaussian_filter ndimage.gaussian_filter1d ndimage.uniform_filter"
        ),
        "write the iteration in a loop, such as Newton's, or wrap the function that solves it with"
        " `srcad.custom_vjp`": (
            "optimize.bisect optimize.brentq optimize.curve_fit optimize.fixed_point"
            " optimize.fsolve optimize.least_squares optimize.minimize optimize.minimize_scalar"
            " optimize.newton optimize.root optimize.root_scalar"
        ),
        "use `np.convolve(x, w, mode)`": "signal.convolve signal.fftconvolve signal.oaconvolve",
        "use `np.correlate(x, w, mode)`": "signal.correlate",
        "write the recurrence in a loop": (
            "signal.filtfilt signal.lfilter signal.sosfilt signal.sosfiltfilt"
        ),
        "write it by broadcasting, `np.sqrt(np.sum((a[:, None] - b) ** 2, axis=-1))`": (
            "spatial.cdist spatial.distance_matrix spatial.pdist"
        ),
        "use `np.corrcoef(x, y)[0, 1]`": "stats.pearsonr",
        "write `(x - np.mean(x)) / np.std(x)`": "stats.zscore",
    }
)
_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {name: way for way, names in _BY_WAY.items() for name in names.split()}
)
"""For functions by their package and name."""

_Z: Final = "with `z = (x - loc) / scale`"

_NORMAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pdf": f"write `np.exp(-0.5 * z * z) / (np.sqrt(2 * np.pi) * scale)`, {_Z}",
        "logpdf": f"write `-0.5 * z * z - np.log(np.sqrt(2 * np.pi) * scale)`, {_Z}",
        "cdf": f"use `scipy.special.ndtr(z)`, {_Z}",
        "logcdf": f"use `scipy.special.log_ndtr(z)`, {_Z}",
        "sf": f"use `scipy.special.ndtr(-z)`, {_Z}",
        "logsf": f"use `scipy.special.log_ndtr(-z)`, {_Z}",
        "ppf": "use `loc + scale * scipy.special.ndtri(p)`",
    }
)

OF_STATS: Final = (
    "write its formula; `scipy.special` has what these consist of: `gammaln`, `betaln`, `xlogy`,"
    " `gammainc`, `betainc`, `ndtr` and more"
)
"""What to do in place of a call of a distribution."""


def instead_of_scipys(call: Call) -> str | None:
    """A way out of ``call`` if it is of a function of SciPy's, and one is known."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    name = getattr(fn, "__name__", "")
    match str(getattr(fn, "__module__", "")).split("."):
        case ["scipy", "linalg", *_]:
            return _LINALG.get(name)
        case ["scipy", "stats", *_] if call.args and isinstance(call.args[0], Ref):
            held = call.args[0].value  # a distribution, or one with its parameters
            is_normal = type(getattr(held, "dist", held)).__name__ == "norm_gen"
            return _NORMAL.get(name, OF_STATS) if is_normal else OF_STATS
        case ["scipy", room, *_]:
            return _OTHERS.get(f"{room}.{name}", OF_STATS if room == "stats" else None)
        case _:
            return None
