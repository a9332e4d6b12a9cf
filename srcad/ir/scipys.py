"""What to write instead of functions of `scipy.linalg` and `scipy.stats`."""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType, MappingProxyType
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
    """A way out of ``call`` if it is of a function of `scipy.linalg` or `scipy.stats`."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if not isinstance(fn, FunctionType):
        return None
    match str(fn.__module__).split("."):
        case ["scipy", "linalg", *_]:
            return _LINALG.get(fn.__name__)
        case ["scipy", "stats", *_] if call.args and isinstance(call.args[0], Ref):
            held = call.args[0].value  # a distribution, or one with its parameters
            is_normal = type(getattr(held, "dist", held)).__name__ == "norm_gen"
            return _NORMAL.get(fn.__name__, OF_STATS) if is_normal else OF_STATS
        case _:
            return None
