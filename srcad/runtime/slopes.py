"""Slopes at kinks, ties and poles, as docs/conventions.md fixes them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from srcad.errors import UnknownFunctionError
from srcad.runtime.arrays import unreduce

__all__ = [
    "clip_slope",
    "exp_share",
    "falling",
    "hazard_excess",
    "high_slope",
    "larger",
    "logistic_tail",
    "normal_hazard",
    "over",
    "power_slope",
    "quotient",
    "safe_log",
    "sinc_slope",
    "tie_share",
    "trigamma",
]


# Where ``exp(x)`` is infinite, the quotient is the right 0.
@np.errstate(over="ignore")
def logistic_tail(x: Any) -> Any:
    """``1 / (1 + exp(x))``, the slope of ``log(1 + exp(-x))`` but for its sign.

    Examples
    --------
    >>> float(logistic_tail(0.0)), float(logistic_tail(1000.0)), float(logistic_tail(-1000.0))
    (0.5, 0.0, 1.0)
    """
    return 1 / (1 + np.exp(x))


def power_slope(x: Any, n: Any, order: int = 1) -> Any:
    """``n * x ** (n - 1)``, the slope of ``x ** n``; 0 where ``n`` is 0, even at ``x == 0``.

    With ``order``, the derivative of that order, which is 0 where one of its factors
    ``n * (n - 1) * ...`` is.

    Examples
    --------
    >>> float(power_slope(3.0, 2.0)), float(power_slope(0.0, 0.0)), float(power_slope(0.0, 1, 2))
    (6.0, 0.0, 0.0)
    """
    factor = falling(n, order)
    if np.ndim(n) == 0:
        return factor * x ** (n - order) if factor != 0 else 0.0 * x
    return factor * x ** np.where(factor == 0, 1.0, n - order * 1.0)


def falling(n: Any, order: int, times: int = 0) -> Any:
    """``n * (n - 1) * ...``, ``order`` factors, differentiated ``times`` times in ``n``.

    Examples
    --------
    >>> falling(5, 2), falling(5, 2, 1)
    (20, 9)
    """
    factors = range(order)
    if times == 0:
        return math.prod(n - i for i in factors)
    # Each factor's slope is 1: it is left out of the product.
    chosen = itertools.combinations(factors, order - times) if times <= order else ()
    return math.factorial(times) * sum(math.prod(n - i for i in kept) for kept in chosen)


def safe_log(x: Any) -> Any:
    """``log(x)``, but 0 where ``x`` is 0, so that ``x ** n * safe_log(x)`` is 0 there.

    Examples
    --------
    >>> float(safe_log(0.0)), float(safe_log(1.0))
    (0.0, 0.0)
    """
    at_zero = x == 0
    return np.log(np.where(at_zero, 1.0, x))[()]


def over(a: Any, b: Any) -> Any:
    """``a / b``, but 0 where ``b`` is 0.

    Examples
    --------
    >>> over(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    at_zero = b == 0
    return (np.where(at_zero, 0.0, a) / np.where(at_zero, 1.0, b))[()]


def quotient(a: Any, b: Any) -> Any:
    """``a / b``, but 0 where both are 0.

    Examples
    --------
    >>> quotient(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    both = (a == 0) & (b == 0)
    return (np.where(both, 0.0, a) / np.where(both, 1.0, b))[()]


def exp_share(a: Any, total: Any) -> Any:
    """``exp(a - total)``, the share of ``exp(a)`` in ``exp(total)``; 0 where ``total`` is -inf.

    Examples
    --------
    >>> exp_share(np.array([0.0, -np.inf]), 0.0).tolist(), float(exp_share(-np.inf, -np.inf))
    ([1.0, 0.0], 0.0)
    """
    return np.exp(a - np.where(total == -np.inf, 0.0, total))[()]


def trigamma(x: Any) -> Any:
    """The slope of `scipy.special.psi`.

    Raises
    ------
    UnknownFunctionError
        For complex numbers, for which SciPy has no such function.

    Examples
    --------
    >>> round(float(trigamma(1.0)), 12) == round(math.pi**2 / 6, 12)
    True
    """
    from scipy.special import zeta  # pyright: ignore  # SciPy is an extra, and has no types

    if np.iscomplexobj(x):
        raise UnknownFunctionError(
            "srcad has no derivative for `scipy.special.psi` of complex numbers",
            why="it is the trigamma function, which SciPy has for real numbers only",
            instead="use real numbers, or give `psi` a rule of your own with `srcad.rule`",
        )
    return zeta(2, x)


def normal_hazard(x: Any) -> Any:
    """The density of the normal distribution over its upper tail: minus the slope of its logarithm.

    Examples
    --------
    >>> round(float(normal_hazard(0.0)), 12), round(float(normal_hazard(1e9)), 3)
    (0.797884560803, 1000000000.0)
    """
    from scipy.special import erfcx  # pyright: ignore  # SciPy is an extra, and has no types

    # Where the tail is 1, the scaled one is infinite, and the quotient the right 0.
    return math.sqrt(2 / math.pi) / erfcx(x * math.sqrt(0.5))


def hazard_excess(x: Any) -> Any:
    """``normal_hazard(x) - x``, which is about ``1 / x`` far out.

    Examples
    --------
    >>> round(float(hazard_excess(0.0)), 12), round(float(1e9 * hazard_excess(1e9)), 12)
    (0.797884560803, 1.0)
    """
    # From there on, the asymptotic series (DLMF 7.12.1) has more digits than the difference.
    is_far = x > 40
    u = 1 / np.where(is_far, x, 1.0)
    series = u * (1 - u * u * (2 - u * u * (10 - 74 * u * u)))
    return np.where(is_far, series, normal_hazard(x) - x)[()]


def larger(x: Any, y: Any) -> Any:
    """1.0 where ``x > y``, 0.5 where they are equal, else 0.0: the share of ``x`` in their maximum.

    Examples
    --------
    >>> larger(2.0, 1.0), larger(1.0, 1.0), larger(1.0, 2.0)
    (1.0, 0.5, 0.0)
    """
    return 1.0 if x > y else 0.5 if x == y else 0.0


def tie_share(x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """Each element's share in ``y``, an extremum of ``x`` over ``axis``: ties split evenly.

    Examples
    --------
    >>> tie_share(np.array([1.0, 3.0, 3.0]), 3.0, None, False).tolist()
    [0.0, 0.5, 0.5]
    """
    x = np.asarray(x)
    at = x == unreduce(y, x.shape, axis, keepdims)
    share = at / np.sum(at, axis=axis, keepdims=True)
    return share.astype(x.dtype)


def clip_slope(x: Any, low: Any, high: Any) -> Any:
    """The slope of ``np.clip`` in ``x``: 1 inside the bounds, 0 outside, 0.5 on one of them.

    Examples
    --------
    >>> clip_slope(np.array([-1.0, 0.0, 0.5, 2.0]), 0.0, None).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    x = np.asarray(x)[()]
    above = np.ones_like(x) if low is None else np.heaviside(x - low, 0.5)
    return above if high is None else above * np.heaviside(high - x, 0.5)


def high_slope(x: Any, low: Any, high: Any) -> Any:
    """The slope of ``np.clip`` in ``high``, which takes precedence where ``low`` is above it.

    Examples
    --------
    >>> high_slope(np.array([-1.0, 0.0, 0.5]), None, 0.0).tolist()
    [0.0, 0.5, 1.0]
    >>> float(high_slope(-1.0, 2.0, 1.0))
    1.0
    """
    return np.heaviside((x if low is None else np.maximum(x, low)) - high, 0.5)


def sinc_slope(x: Any) -> Any:
    """The slope of ``np.sinc``, which is 0 at 0.

    Examples
    --------
    >>> float(sinc_slope(0.0)), round(float(sinc_slope(1.0)), 12)
    (0.0, -1.0)
    """
    at_zero = x == 0
    u = np.where(at_zero, 1.0, x)
    return np.where(at_zero, 0.0, (np.cos(np.pi * u) - np.sinc(u)) / u)[()]
