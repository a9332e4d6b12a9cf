"""Singular values and vectors, the pseudoinverse and the QR factors of real matrices.

With U, s and V.T the thin factors of A, P = U.T A_dot V and F[i, j] = 1 / (s[j]**2 - s[i]**2):

    s_dot = diag(P)
    U_dot = U (F * (P S + S P.T)) + (1 - U U.T) A_dot V / S
    V_dot = V (F * (S P + P.T S)) + (1 - V V.T) A_dot.T U / S

(Townsend, Differentiating the singular value decomposition, 2016). For the pseudoinverse of a
matrix whose rank stays what it is, see Golub and Pereyra, SIAM J. Numer. Anal. 10, 1973, eq. 4.12.

With Q and R the factors of A, W = A_dot inv(R), and U the upper triangle that is Q.T W less a skew
matrix:

    R_dot = U R,    Q_dot = W - Q U

(Walter, Lehmann and Lamour, On evaluating higher-order derivatives of the QR decomposition, 2012).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.rules.declare import coupled, joint_linear, linear
from srcad.rules.samples import array, of
from srcad.types.lattice import Array, Record, Type
from srcad.types.layouts import items_of
from srcad.types.shapes import dtype_of, shape_of

__all__: list[str] = []

_TRIPLE = type(np.linalg.svd(np.eye(1)))


def _apart(*shape: int) -> np.ndarray[Any, Any]:
    """A matrix with singular values that are far from each other and from 0."""
    m, n = shape[-2:]
    u, v = (np.linalg.qr(array(*shape[:-2], k, k, seed=k))[0] for k in (m, n))
    k = min(m, n)
    return (u[..., :k] * np.array([3.0, 1.8, 0.7])[:k]) @ np.swapaxes(v, -1, -2)[..., :k, :]


def _real(*types: Type) -> np.dtype[Any]:
    dtype = np.result_type(*map(dtype_of, types))
    if dtype.kind == "c":
        raise LookupError("complex")
    return dtype if dtype.kind == "f" else np.dtype(float)


def _least(A: Type) -> tuple[Any, ...]:
    """The extents of A, and how many singular values it has."""
    if len(shape_of(A)) < 2:
        raise LookupError("no matrix")
    *batch, m, n = shape_of(A)
    if m == n:
        return (*batch, m, n, m)
    numbers = [d for d in (m, n) if isinstance(d, int)]
    return (*batch, m, n, min(numbers) if len(numbers) == 2 else None)


def _values(A: Type) -> Type:
    *batch, _, _, k = _least(A)
    return Array(_real(A), (*batch, k))


def _triple(u: Type, s: Type, vh: Type) -> Type:
    return Record(_TRIPLE, (("U", u), ("S", s), ("Vh", vh)))


def _factors(A: Type, full_matrices: Type, compute_uv: Type) -> Type:
    del full_matrices, compute_uv
    *batch, m, n, k = _least(A)
    dtype = _real(A)
    u, vh = Array(dtype, (*batch, m, k)), Array(dtype, (*batch, k, n))
    return _triple(u, Array(dtype, (*batch, k)), vh)


_U_T, _V = "np.swapaxes(e[0], -1, -2)", "np.swapaxes(e[2], -1, -2)"
_ROW, _COLUMN = "np.expand_dims(e[1], -2)", "np.expand_dims(e[1], -1)"


def _over_gaps(M: str) -> str:
    return f"over_gaps({M}, e[1] * e[1])"


_INSIDE = (
    f"{_over_gaps(f'skewed({_U_T} @ g[0])')} * {_ROW}"
    f" + {_COLUMN} * {_over_gaps('skewed(e[2] @ np.swapaxes(g[2], -1, -2))')}"
)
_LEFT = f"e[0] @ ({_INSIDE}) + e[0] * np.expand_dims(g[1], -2)"
_BAR = (
    f"({_LEFT} + (g[0] - e[0] @ ({_U_T} @ g[0])) / {_ROW}) @ e[2]"
    f" + (e[0] / {_ROW}) @ (g[2] - g[2] @ {_V} @ e[2])"
)
_P = f"({_U_T} @ g @ {_V})"
_U_DOT = f"e[0] @ {_over_gaps(f'both_ways({_P} * {_ROW})')} + (g @ {_V} - e[0] @ {_P}) / {_ROW}"
_VH_DOT = (
    f"({_U_T} @ g - {_P} @ e[2]) / {_COLUMN} - {_over_gaps(f'both_ways({_COLUMN} * {_P})')} @ e[2]"
)
_S_DOT = f"np.sum(e[0] * (g @ {_V}), axis=-2)"
_DOT = f"svd_triple(({_U_DOT}, {_S_DOT}, {_VH_DOT}))"

coupled(
    np.linalg.svd,
    "A, full_matrices=True, compute_uv=True -> e",
    only={"full_matrices": (False,), "compute_uv": (True,)},
    cotangents={"A": f"of_real_matrix({_BAR}, A)"},
    tangents={"A": f"svd_triple(({_U_DOT}, of_real_matrix({_S_DOT}, A), {_VH_DOT}))"},
    real={"A": _BAR},
    real_tangents={"A": _DOT},
    result=_factors,
    samples=lambda: (
        of(_apart(3, 3), full_matrices=False),
        of(_apart(4, 2), full_matrices=False),
        of(_apart(2, 4), full_matrices=False),
        of(_apart(2, 3, 3), full_matrices=False),
    ),
)

_E = "np.linalg.svd(A, full_matrices=False)"
_VALUES_BAR = f"({_E}[0] * np.expand_dims(g, -2)) @ {_E}[2]"
_VALUES_DOT = f"np.sum({_E}[0] * (g @ np.swapaxes({_E}[2], -1, -2)), axis=-2)"

coupled(
    np.linalg.svdvals,
    "A, / -> s",
    cotangents={"A": f"of_real_matrix({_VALUES_BAR}, A)"},
    tangents={"A": f"of_real_matrix({_VALUES_DOT}, A)"},
    real={"A": _VALUES_BAR},
    real_tangents={"A": _VALUES_DOT},
    result=_values,
    samples=lambda: (of(_apart(3, 3)), of(_apart(4, 2)), of(_apart(2, 2, 3))),
)


def _inverse(A: Type, rcond: Type) -> Type:
    del rcond
    *batch, m, n, _ = _least(A)
    return Array(_real(A), (*batch, n, m))


_P_T, _G_T = "np.swapaxes(P, -1, -2)", "np.swapaxes(g, -1, -2)"
_PINV_BAR = (
    f"({_G_T} - A @ (P @ {_G_T})) @ P @ {_P_T} + {_P_T} @ P @ ({_G_T} - {_G_T} @ P @ A)"
    f" - {_P_T} @ g @ {_P_T}"
)
_PINV_DOT = (
    f"P @ {_P_T} @ ({_G_T} - {_G_T} @ A @ P) + ({_G_T} - P @ A @ {_G_T}) @ {_P_T} @ P - P @ g @ P"
)

coupled(
    np.linalg.pinv,
    "A, rcond=None -> P",
    cotangents={"A": f"of_real_matrix({_PINV_BAR}, A)"},
    tangents={"A": f"of_real_matrix({_PINV_DOT}, A)"},
    real={"A": _PINV_BAR},
    real_tangents={"A": _PINV_DOT},
    result=_inverse,
    samples=lambda: (
        of(_apart(3, 3)),
        of(_apart(4, 2)),
        of(_apart(2, 3)),
        of(_apart(2, 4, 3), 1e-10),
    ),
)

_PAIR = type(np.linalg.qr(np.eye(1)))


def _qr_pair(q: Type, r: Type) -> Type:
    return Record(_PAIR, (("Q", q), ("R", r)))


def _qr_factors(A: Type, mode: Type) -> Type:
    del mode
    *batch, m, n, k = _least(A)
    dtype = _real(A)
    return _qr_pair(Array(dtype, (*batch, m, k)), Array(dtype, (*batch, k, n)))


_Q_T, _R_T = "np.swapaxes(e[0], -1, -2)", "np.swapaxes(e[1], -1, -2)"
_M = "mirrored(e[1] @ np.swapaxes(g[1], -1, -2) - np.swapaxes(g[0], -1, -2) @ e[0])"
_QR_BAR = f"np.swapaxes(np.linalg.solve(e[1], np.swapaxes(g[0] + e[0] @ {_M}, -1, -2)), -1, -2)"
_W = f"np.swapaxes(np.linalg.solve({_R_T}, np.swapaxes(g, -1, -2)), -1, -2)"
_U = f"({_Q_T} @ {_W} - skewed(np.tril({_Q_T} @ {_W}, -1)))"
_Q_DOT, _R_DOT = f"{_W} - e[0] @ {_U}", f"{_U} @ e[1]"

coupled(
    np.linalg.qr,
    "A, mode='reduced' -> e",
    only={"mode": ("reduced",)},
    cotangents={"A": f"of_real_matrix({_QR_BAR}, A)"},
    tangents={"A": f"qr_pair(({_Q_DOT}, of_real_matrix({_R_DOT}, A)))"},
    real={"A": _QR_BAR},
    real_tangents={"A": f"qr_pair(({_Q_DOT}, {_R_DOT}))"},
    result=_qr_factors,
    samples=lambda: (
        of(_apart(3, 3)),
        of(_apart(4, 2)),
        of(_apart(2, 4, 3)),
    ),
)

# --- what stands in these texts ------------------------------------------------------------------

linear(
    runtime.of_real_matrix,
    "t, A -> y",
    t="g",
    result=lambda t, A: t,
    shares=("t",),
    samples=lambda: (of(array(2, 3), array(2, 3), wrt=("t",)),),
)
linear(
    runtime.skewed,
    "M -> S",
    M="skewed(g)",
    result=lambda M: Array(_real(M), shape_of(M)),
    samples=lambda: (of(array(3, 3)), of(array(2, 3, 3))),
)
joint_linear(
    runtime.svd_triple,
    "parts -> e",
    parts="(g[0], g[1], g[2])",
    result=lambda parts: _triple(*items_of(parts)),
    shares=("parts",),
    samples=lambda: (of((array(3, 2), array(2), array(2, 2))),),
)
joint_linear(
    runtime.qr_pair,
    "parts -> e",
    parts="(g[0], g[1])",
    result=lambda parts: _qr_pair(*items_of(parts)),
    shares=("parts",),
    samples=lambda: (of((array(3, 2), array(2, 2))),),
)
