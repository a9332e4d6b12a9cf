"""Run a float64 program in another number type: extended precision, or complex.

A program that makes its own buffers (``np.zeros(n)``) or calls `math` or LAPACK would fall back
to float64. While `arithmetic` is entered, these make and compute the wider type instead.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

__all__ = ["arithmetic"]

_zeros, _eye, _array, _empty = np.zeros, np.eye, np.array, np.empty


def _solve(a: Any, b: Any) -> Any:
    """Gaussian elimination with partial pivoting: ``b`` is ``(n,)`` or ``(n, k)``."""
    dtype = np.result_type(a, b)
    a, x = _array(a, dtype=dtype), _array(b, dtype=dtype)
    n = len(a)
    for k in range(n):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        a[[k, p]] = a[[p, k]]
        x[[k, p]] = x[[p, k]]
        for i in range(k + 1, n):
            ratio = a[i, k] / a[k, k]
            a[i, k:] -= ratio * a[k, k:]
            x[i] -= ratio * x[k]
    for k in reversed(range(n)):
        x[k] = (x[k] - a[k, k + 1 :] @ x[k + 1 :]) / a[k, k]
    return x


def _inv(a: Any) -> Any:
    return _solve(a, _eye(len(a), dtype=a.dtype))


def _det(a: Any) -> Any:
    a = _array(a)
    result = a.dtype.type(1)
    for k in range(len(a)):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        if p != k:
            a[[k, p]] = a[[p, k]]
            result = -result
        result = result * a[k, k]
        for i in range(k + 1, len(a)):
            a[i, k:] -= a[i, k] / a[k, k] * a[k, k:]
    return result


class SlogdetResult(NamedTuple):
    sign: Any
    logabsdet: Any


def _slogdet(a: Any) -> Any:
    det = _det(a)
    return SlogdetResult(np.sign(det), np.log(np.abs(det)))


def _cholesky(a: Any) -> Any:
    lower = _zeros(a.shape, dtype=a.dtype)
    for j in range(len(a)):
        lower[j, j] = np.sqrt(a[j, j] - lower[j, :j] @ lower[j, :j])
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
    return lower


class EighResult(NamedTuple):
    eigenvalues: Any
    eigenvectors: Any


def _eigh(a: Any) -> Any:
    """Jacobi's rotations, in turn, until nothing is left beside the diagonal."""
    n = len(a)
    m = np.tril(a) + np.tril(a, -1).T
    v = np.eye(n).astype(a.dtype)
    for i, j in 12 * [(i, j) for i in range(n) for j in range(i + 1, n)]:
        if m[i, j] != 0:
            angle = np.arctan2(2 * m[i, j], m[j, j] - m[i, i]) / 2
            turn = np.eye(n).astype(a.dtype)
            turn[i, i] = turn[j, j] = np.cos(angle)
            turn[i, j] = np.sin(angle)
            turn[j, i] = -np.sin(angle)
            m, v = turn.T @ m @ turn, v @ turn
    order = np.argsort(np.diag(m))
    return EighResult(np.diag(m)[order], v[:, order])


def _erf(x: Any) -> Any:
    # All terms have one sign, so nothing cancels.
    term = total = x * 1
    n = 0
    while abs(term) > 1e-25 * abs(total):
        n += 1
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return 2 * np.exp(-x * x) * total / np.sqrt(np.arctan(np.longdouble(1)) * 4)


_MATH: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in ("cos", "cosh", "exp", "expm1", "hypot", "log", "log1p", "sin", "sinh", "sqrt")
    },
    "tan": np.tan,
    "tanh": np.tanh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "asin": np.arcsin,
    "acos": np.arccos,
    "pow": np.power,
    "fabs": np.abs,
    "erf": _erf,
    "erfc": lambda x: 1 - _erf(x),
}
_LINALG: dict[str, Callable[..., Any]] = {
    "solve": _solve,
    "inv": _inv,
    "det": _det,
    "slogdet": _slogdet,
    "cholesky": _cholesky,
    "eigh": _eigh,
    "eigvalsh": lambda a: _eigh(a).eigenvalues,
}
_MAKERS = ("zeros", "ones", "empty", "full", "eye", "linspace", "arange", "array", "asarray")


def _maker(make: Callable[..., Any], wide: type) -> Callable[..., Any]:
    """``make``, except that what would be an array of floats is one of ``wide``."""

    def made(*args: Any, **kwargs: Any) -> Any:
        result = make(*args, **kwargs)
        return result.astype(wide) if result.dtype.kind == "f" and result.dtype != wide else result

    return made


def _linspace(wide: type) -> Callable[..., Any]:
    def linspace(start: Any, stop: Any, num: int = 50) -> Any:
        # NumPy's own goes through float64.
        start, stop = wide(start), wide(stop)  # type: ignore[operator]
        steps = np.arange(num).astype(wide)
        return start + steps * ((stop - start) / wide(max(num - 1, 1)))  # type: ignore[operator]

    return linspace


class _Generator:
    """A random generator whose own buffers stay as they are."""

    def __init__(self, seed: Any) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return _drawn(getattr(self._rng, name))


def _drawn(draw: Callable[..., Any]) -> Callable[..., Any]:
    def drawn(*args: Any, **kwargs: Any) -> Any:
        widened, np.empty = np.empty, _empty
        try:
            return draw(*args, **kwargs)
        finally:
            np.empty = widened

    return drawn


@contextlib.contextmanager
def arithmetic(wide: type) -> Iterator[None]:
    """While entered, NumPy's makers of arrays, `math` and `numpy.linalg` work in ``wide``."""
    new: list[tuple[Any, str, Any]] = [
        *((np, name, _maker(getattr(np, name), wide)) for name in _MAKERS),
        *((math, name, f) for name, f in _MATH.items()),
        *((np.linalg, name, f) for name, f in _LINALG.items()),
        (np.random, "default_rng", _Generator),
        (np.random, "standard_normal", _drawn(np.random.standard_normal)),
    ]
    new.append((np, "linspace", _linspace(wide)))
    old = [(owner, name, getattr(owner, name)) for owner, name, _ in new]
    try:
        for owner, name, value in new:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in old:
            setattr(owner, name, value)
