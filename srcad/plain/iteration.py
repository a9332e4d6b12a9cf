"""Functions of `itertools` and the like in other words: they give what has known items.

`srcad.plain` has them by their functions.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np

__all__ = ["accumulate", "end_to_end", "fromiter", "islice", "starmap", "zip_longest"]

_LEFT_OUT: Final = ""


def accumulate(iterable: Any, func: Any = operator.add, *, initial: Any = None) -> Any:
    items = list(iterable)
    if initial is None:
        totals = items[:1]
        rest = items[1:]
    else:
        totals = [initial]
        rest = items
    for item in rest:
        totals.append(func(totals[-1], item))
    return totals


def end_to_end(iterable: Any) -> Any:
    return [item for items in iterable for item in items]


def fromiter(iter: Any, dtype: Any, count: Any = -1) -> Any:
    items = list(iter)
    return np.array(items if count == -1 else items[:count], dtype=dtype)


def islice(iterable: Any, start: Any, stop: Any = _LEFT_OUT, step: Any = None, /) -> Any:
    items = list(iterable)
    return items[:start] if stop == _LEFT_OUT else items[start:stop:step]


def starmap(function: Any, iterable: Any, /) -> Any:
    return [function(*args) for args in iterable]


def zip_longest(a: Any, b: Any, /, *, fillvalue: Any = None) -> Any:
    xs, ys = list(a), list(b)
    return [
        (xs[i] if i < len(xs) else fillvalue, ys[i] if i < len(ys) else fillvalue)
        for i in range(max(len(xs), len(ys)))
    ]
