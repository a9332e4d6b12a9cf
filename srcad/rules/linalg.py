"""Linear algebra: solve, inverse, determinants, Cholesky, symmetric eigenvalues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcad import runtime
from srcad.rules.declare import coupled, joint_linear, linear
from srcad.rules.samples import array, of
from srcad.types.lattice import Array, Record, Scalar, Type
from srcad.types.layouts import items_of
from srcad.types.shapes import broadcast, dtype_of, shape_of

__all__: list[str] = []


def _square(*batch: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return array(*batch, 3, 3, seed=seed, low=-0.5, high=0.5) + np.diag([2.0, 3.0, -2.5])


def _spd(*batch: int) -> np.ndarray[Any, Any]:
    a = array(*batch, 3, 3, low=-0.5, high=0.5)
    return a @ np.swapaxes(a, -1, -2) + 2 * np.eye(3)


def _symmetric(*batch: int) -> np.ndarray[Any, Any]:
    return array(*batch, 3, 3) + np.diag([0.0, 5.0, 12.0])


def _float(*types: Type) -> np.dtype[Any]:
    dtype = np.result_type(*map(dtype_of, types))
    return dtype if dtype.kind in "fc" else np.dtype(float)


def _solved(A: Type, b: Type) -> Type:
    m, n = shape_of(A), shape_of(b)
    if len(n) == 1:
        return Array(_float(A, b), (*m[:-2], *n))
    return Array(_float(A, b), (*broadcast(m[:-2], n[:-2]), *n[-2:]))


linear(
    np.linalg.solve,
    "A, b -> x",
    A="unbroadcast(solve_bar_A(np.linalg.solve(np.swapaxes(A, -1, -2), g), x), A)",
    b="unbroadcast(np.linalg.solve(np.swapaxes(A, -1, -2), g), b)",
    tangents={"A": "-np.linalg.solve(A, g @ x)"},
    at_rank={
        (2, 1): {
            "A": "-np.outer(np.linalg.solve(A.T, g), x)",
            "b": "np.linalg.solve(A.T, g)",
        },
        (2, 2): {
            "A": "-(np.linalg.solve(A.T, g) @ x.T)",
            "b": "np.linalg.solve(A.T, g)",
        },
    },
    result=_solved,
    samples=lambda: (
        of(_square(), array(3)),
        of(_square(), array(3, 2)),
        of(_square(2), array(2, 3, 2)),
        of(_square(2), array(3, 2)),
    ),
)
linear(
    np.linalg.inv,
    "A -> B",
    A="-(np.swapaxes(B, -1, -2) @ g @ np.swapaxes(B, -1, -2))",
    tangents={"A": "-(B @ g @ B)"},
    at_rank={(2,): {"A": "-(B.T @ g @ B.T)"}},
    result=lambda A: Array(_float(A), shape_of(A)),
    samples=lambda: (of(_square()), of(_square(2)), of(_square() + 0.3j * _square(seed=3))),
)


def _number(A: Type) -> Type:
    shape = shape_of(A)[:-2]
    return Array(_float(A), shape) if shape else Scalar(_float(A), False)


_INVERSE_T = "np.swapaxes(np.linalg.inv(A), -1, -2)"

coupled(
    np.linalg.det,
    "A -> d",
    cotangents={"A": f"np.expand_dims(g * d, (-2, -1)) * {_INVERSE_T}"},
    tangents={"A": f"d * np.sum(g * {_INVERSE_T}, axis=(-2, -1))"},
    at_rank={(2,): {"A": "g * d * np.linalg.inv(A).T"}},
    result=_number,
    samples=lambda: (of(_square()), of(_square(2))),
)


def _sign_and_log(A: Type) -> Type:
    if dtype_of(A).kind == "c":
        raise LookupError("complex")
    cls = type(np.linalg.slogdet(np.eye(1)))
    return Record(cls, (("sign", _number(A)), ("logabsdet", _number(A))))


def _sign_without_phase(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """The sign is taken for constant; of a complex matrix it is a phase, which is not."""
    del known
    text = f"np.expand_dims(slogdet_bar(g[1], A), (-2, -1)) * {_INVERSE_T}"
    return {} if real else {"A": text}


coupled(
    np.linalg.slogdet,
    "A -> d",
    cotangents={"A": f"np.expand_dims(g[1], (-2, -1)) * {_INVERSE_T}"},
    tangents={"A": f"slogdet_dot(d, np.sum(g * {_INVERSE_T}, axis=(-2, -1)))"},
    at_rank={(2,): {"A": "g[1] * np.linalg.inv(A).T"}},
    at_constant=_sign_without_phase,
    result=_sign_and_log,
    samples=lambda: (of(_square()), of(_square(2))),
)
linear(
    runtime.slogdet_bar,
    "t, A -> y",
    t="g",
    result=lambda t, A: t,
    shares=("t",),
    samples=lambda: (of(0.5, _square(), wrt=("t",)),),
)


def _moved_log(d: Type, t: Type) -> Type:
    if not isinstance(d, Record):
        raise LookupError("it is not known what np.linalg.slogdet gave")
    return Record(d.cls, (d.fields[0], ("logabsdet", t)))


linear(
    runtime.slogdet_dot,
    "d, t -> y",
    t="g[1]",
    result=_moved_log,
    samples=lambda: (of(np.linalg.slogdet(_square()), 0.5, wrt=("t",)),),
)

# NumPy reads the lower triangle of A only, and so does the derivative.
_L_T = "np.swapaxes(L, -1, -2)"
_LEFT = f"np.linalg.solve({_L_T}, mirrored({_L_T} @ g))"
_BOTH = f"np.linalg.solve({_L_T}, np.swapaxes({_LEFT}, -1, -2))"
_INNER = "np.linalg.solve(L, np.swapaxes(np.linalg.solve(L, mirrored(g)), -1, -2))"

coupled(
    np.linalg.cholesky,
    "A -> L",
    cotangents={"A": f"lower_half({_BOTH})"},
    tangents={"A": f"L @ lower_half({_INNER})"},
    at_rank={
        (2,): {"A": "lower_half(np.linalg.solve(L.T, np.linalg.solve(L.T, mirrored(L.T @ g)).T))"}
    },
    result=lambda A: Array(_float(A), shape_of(A)),
    samples=lambda: (of(_spd()), of(_spd(2))),
)

# --- symmetric eigenvalues -----------------------------------------------------------------------

# With w and v the eigenvalues and vectors of A: w_dot = diag(P) and v_dot = v (P / gaps), where P
# is v.T A_dot v (Magnus, On differentiating eigenvalues and eigenvectors, 1985). Of A, too, NumPy
# reads the lower triangle only.
_PAIR = type(np.linalg.eigh(np.eye(1)))


def _values(A: Type, UPLO: Type) -> Type:
    del UPLO
    if dtype_of(A).kind == "c":
        raise LookupError("complex")
    return Array(_float(A), shape_of(A)[:-1])


def _pair(w: Type, v: Type) -> Type:
    return Record(_PAIR, (("eigenvalues", w), ("eigenvectors", v)))


def _eigen(T: str) -> tuple[str, str]:
    """The cotangent of A by its eigenvalues and vectors, and P; ``T`` transposes ``e[1]``."""
    moved = f"e[1] * np.expand_dims(g[0], -2) + e[1] @ over_gaps({T} @ g[1], e[0])"
    return f"lower_half(both_ways(({moved}) @ {T}))", f"{T} @ mirrored(g) @ e[1]"


_W_DOT = "np.sum({0} * (mirrored(g) @ {0}), axis=-2)"
_BAR, _P = _eigen("np.swapaxes(e[1], -1, -2)")

coupled(
    np.linalg.eigh,
    "A, UPLO='L' -> e",
    only={"UPLO": ("L",)},
    cotangents={"A": _BAR},
    tangents={"A": f"eigh_pair(({_W_DOT.format('e[1]')}, e[1] @ over_gaps({_P}, e[0])))"},
    at_rank={(2,): {"A": _eigen("e[1].T")[0]}},
    result=lambda A, UPLO: _pair(_values(A, UPLO), Array(_float(A), shape_of(A))),
    samples=lambda: (of(_symmetric()), of(_symmetric(2))),
)

_V = "np.linalg.eigh(A)[1]"
_V_T = f"np.swapaxes({_V}, -1, -2)"

coupled(
    np.linalg.eigvalsh,
    "A, UPLO='L' -> w",
    only={"UPLO": ("L",)},
    cotangents={"A": f"lower_half(2 * ({_V} * np.expand_dims(g, -2)) @ {_V_T})"},
    tangents={"A": _W_DOT.format(_V)},
    at_rank={(2,): {"A": f"lower_half(2 * ({_V} * g) @ {_V}.T)"}},
    result=_values,
    samples=lambda: (of(_symmetric()), of(_symmetric(2))),
)
linear(
    runtime.both_ways,
    "M -> S",
    M="both_ways(g)",
    result=lambda M: Array(_float(M), shape_of(M)),
    samples=lambda: (of(array(3, 3)), of(array(2, 3, 3))),
)
coupled(
    runtime.over_gaps,
    "M, w -> Y",
    cotangents={
        "M": "over_gaps(g, w)",
        "w": "np.sum(over_gaps(g * Y, w), -1) - np.sum(over_gaps(g * Y, w), -2)",
    },
    tangents={
        "M": "over_gaps(g, w)",
        "w": "over_gaps(Y * (np.expand_dims(g, -1) - np.expand_dims(g, -2)), w)",
    },
    result=lambda M, w: Array(_float(M, w), shape_of(M)),
    samples=lambda: (of(array(3, 3), array(3)), of(array(2, 3, 3), array(2, 3, seed=2))),
)
joint_linear(
    runtime.eigh_pair,
    "parts -> e",
    parts="(g[0], g[1])",
    result=lambda parts: _pair(*items_of(parts)),
    shares=("parts",),
    samples=lambda: (of((array(2), array(2, 2))),),
)
