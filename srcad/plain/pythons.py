"""Functions of Python's own in other words.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from srcad.runtime import order_of

__all__ = [
    "fraction_and_whole",
    "itself",
    "largest_by",
    "largest_of",
    "largest_or",
    "math_dist",
    "math_hypot",
    "math_ldexp",
    "math_modf",
    "math_prod",
    "math_sumprod",
    "quotient_and_rest",
    "smallest_by",
    "smallest_of",
    "smallest_or",
    "sorted_by",
]

_LEFT_OUT: Final = ""


def math_dist(p: Any, q: Any) -> Any:
    return np.linalg.norm(np.subtract(p, q))


def math_hypot(x: Any = 0.0) -> Any:
    return abs(x)


def math_ldexp(x: Any, i: Any) -> Any:
    return x * 2.0**i


def math_modf(x: Any) -> Any:
    return x - math.trunc(x), float(math.trunc(x))


def fraction_and_whole(x: Any) -> Any:
    return x - np.trunc(x), np.trunc(x)


def math_prod(iterable: Any, *, start: Any = 1) -> Any:
    total = start
    for item in iterable:
        total = total * item
    return total


def math_sumprod(p: Any, q: Any, /) -> Any:
    total = 0
    for a, b in zip(p, q, strict=True):
        total = total + a * b
    return total


def largest_or(iterable: Any, *, default: Any) -> Any:
    items = list(iterable)
    return max(items) if len(items) > 0 else default


def largest_by(iterable: Any, *, key: Any, default: Any = _LEFT_OUT) -> Any:
    items = list(iterable)
    if default != _LEFT_OUT and len(items) == 0:
        return default
    best = items[0]
    most = key(best)
    for i in range(1, len(items)):
        value = key(items[i])
        if value > most:
            best, most = items[i], value
    return best


def smallest_or(iterable: Any, *, default: Any) -> Any:
    items = list(iterable)
    return min(items) if len(items) > 0 else default


def smallest_by(iterable: Any, *, key: Any, default: Any = _LEFT_OUT) -> Any:
    items = list(iterable)
    if default != _LEFT_OUT and len(items) == 0:
        return default
    best = items[0]
    least = key(best)
    for i in range(1, len(items)):
        value = key(items[i])
        if value < least:
            best, least = items[i], value
    return best


def largest_of(items: Any) -> Any:
    return items[order_of(items, True)[0]]


def smallest_of(items: Any) -> Any:
    return items[order_of(items, False)[0]]


def itself(item: Any) -> Any:
    return item


def sorted_by(iterable: Any, *, key: Any = itself, reverse: bool = False) -> Any:
    items = list(iterable)
    return [items[i] for i in order_of([key(item) for item in items], reverse)]


def quotient_and_rest(x: Any, y: Any) -> Any:
    return x // y, x % y
