"""Reference derivatives that owe nothing to srcad: central differences and the complex step.

Differences are taken in extended precision (`numpy.longdouble`, 64 bits of mantissa on x86) with
nine-point stencils on a ladder of steps; the pair of steps that agree best gives the value and its
error. That is good for about fourteen digits of a first derivative, twelve of a second. Where the
platform's longdouble is only a double, the error says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tests.trees import copied, is_float, leaves, tree_map
from tests.widened import arithmetic

__all__ = [
    "Estimate",
    "complex_step",
    "directional",
    "inner",
    "random_like",
    "second_directional",
    "third_directional",
]

_STEPS = (0.02, 0.01, 0.005, 0.002, 0.0005, 0.0002)
_FIRST = {1: (4, 5), 2: (-1, 5), 3: (4, 105), 4: (-1, 280)}
_SECOND = {1: (8, 5), 2: (-1, 5), 3: (8, 315), 4: (-1, 560)}
_THIRD = {1: (-61, 30), 2: (169, 120), 3: (-3, 10), 4: (7, 240)}
_GOOD = 1e-14


class Estimate(NamedTuple):
    """A derivative and how far off it may be."""

    value: float
    error: float


def inner(a: Any, b: Any) -> float:
    """The sum of the products of the float leaves of two trees of one structure."""
    return float(sum(np.sum(x * y) for x, y in _pairs(a, b)))


def inner_magnitude(a: Any, b: Any) -> float:
    """The sum of the magnitudes of the terms of `inner`."""
    return float(sum(np.sum(np.abs(x * y)) for x, y in _pairs(a, b)))


def _pairs(a: Any, b: Any) -> list[tuple[Any, Any]]:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return [(x, y) for x, y in pairs if is_float(x) and is_float(y)]


def random_like(tree: Any, rng: np.random.Generator) -> Any:
    """A random direction for ``tree``: each float leaf normal, to its scale; others ``None``."""

    def leaf(x: Any) -> Any:
        if not is_float(x):
            return None
        scale = 0.25 * float(np.max(np.abs(x), initial=0.0)) or 1.0
        direction = scale * rng.standard_normal(np.shape(x))
        return np.asarray(direction, x.dtype) if isinstance(x, np.ndarray) else type(x)(direction)

    return tree_map(leaf, tree)


def _moved(args: Any, direction: Any, step: Any, wide: Any) -> Any:
    """``args + step * direction``, every float of it in ``wide``."""

    def leaf(x: Any, v: Any) -> Any:
        if not is_float(x):
            return x.copy() if isinstance(x, np.ndarray) else x
        moved = wide(x) if np.ndim(x) == 0 else x.astype(wide)
        if v is not None:
            moved = moved + step * (wide(v) if np.ndim(v) == 0 else v.astype(wide))
        return np.asarray(moved, wide) if isinstance(x, np.ndarray) else moved

    return tree_map(leaf, args, direction)


def _along(
    f: Callable[..., Any], args: tuple[Any, ...], direction: Any, wide: Any
) -> Callable[[Any], Any]:
    def at(step: Any) -> Any:
        with arithmetic(wide):
            return f(*_moved(args, direction, step, wide))

    return at


def complex_step(f: Callable[..., Any], args: tuple[Any, ...], direction: Any) -> Estimate:
    """The derivative of an analytic scalar ``f`` along ``direction``, from ``f(x + ih v)``."""
    step = 1e-30
    y = complex(_along(f, args, direction, np.complex128)(1j * step))
    return Estimate(y.imag / step, 1e-14 * abs(y.imag / step))


def _ladder(stencil: Callable[[np.longdouble], Any]) -> Estimate:
    """The value on which neighbouring steps agree best."""
    best = Estimate(np.nan, np.inf)
    previous = None
    for h in _STEPS:
        value = stencil(np.longdouble(h))
        if previous is not None:
            error = float(abs(value - previous))
            if error < best.error:
                best = Estimate(float(value), error)
            if error <= _GOOD * abs(float(value)):
                break
        previous = value
    return best


def _coefficient(ratio: tuple[int, int]) -> np.longdouble:
    return np.longdouble(ratio[0]) / np.longdouble(ratio[1])


def directional(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    direction: Any,
    method: str = "auto",
    complex_ok: bool = False,
) -> Estimate:
    """The derivative of scalar ``f(*args)`` along ``direction``, a tuple shaped like ``args``.

    ``method`` is ``"complex"``, ``"wide"`` (extended precision), ``"double"`` (for a program that
    itself casts to float64), or ``"auto"``: complex where ``complex_ok``, else wide. ``args`` stay
    as they are.
    """
    if method == "complex" or (method == "auto" and complex_ok):
        return complex_step(f, args, direction)
    at = (
        _along(f, args, direction, np.longdouble)
        if method != "double"
        else _plain(f, args, direction)
    )

    def stencil(h: np.longdouble) -> Any:
        return sum(_coefficient(c) * (at(k * h) - at(-k * h)) for k, c in _FIRST.items()) / h

    return _ladder(stencil)


def _plain(f: Callable[..., Any], args: tuple[Any, ...], direction: Any) -> Callable[[Any], Any]:
    def leaf(x: Any, v: Any, step: Any) -> Any:
        return x if v is None or not is_float(x) else x + float(step) * v

    def at(step: Any) -> Any:
        moved = tree_map(lambda x, v: leaf(x, v, step), args, direction)
        return np.longdouble(f(*copied(moved)))

    return at


def second_directional(
    f: Callable[..., Any], args: tuple[Any, ...], u: Any, v: Any, method: str = "auto"
) -> Estimate:
    """The second derivative of scalar ``f(*args)`` along ``u`` and ``v``.

    By polarisation: a quarter of the second derivative along ``u + v`` less that along ``u - v``.
    """

    def combined(sign: float) -> Any:
        return tree_map(lambda a, b: None if a is None else a + sign * b, u, v)

    def pure(direction: Any) -> Estimate:
        if method == "double":
            at = _plain(f, args, direction)
        else:
            at = _along(f, args, direction, np.longdouble)
        centre = at(np.longdouble(0))

        def stencil(h: np.longdouble) -> Any:
            terms = (
                _coefficient(c) * ((at(k * h) - centre) + (at(-k * h) - centre))
                for k, c in _SECOND.items()
            )
            return sum(terms) / (h * h)

        return _ladder(stencil)

    plus, minus = pure(combined(1.0)), pure(combined(-1.0))
    return Estimate((plus.value - minus.value) / 4, (plus.error + minus.error) / 4)


def third_directional(f: Callable[..., Any], args: tuple[Any, ...], direction: Any) -> Estimate:
    """The third derivative of scalar ``f(*args)`` along ``direction``."""
    at = _along(f, args, direction, np.longdouble)

    def stencil(h: np.longdouble) -> Any:
        terms = (_coefficient(c) * (at(k * h) - at(-k * h)) for k, c in _THIRD.items())
        return sum(terms) / (h * h * h)

    return _ladder(stencil)
