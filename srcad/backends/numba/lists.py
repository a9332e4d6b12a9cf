"""Lists and what Numba is told of the functions of `srcad.runtime` that take them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad import runtime
from srcad.backends.numba.kinds_of_types import is_array, is_list, is_number, is_tuple_of_numbers

__all__ = [
    "add_trees",
    "as_like_list",
    "check_plain",
    "choose_unpack_like",
    "copied",
    "unsort",
    "with_item",
    "zeros_like",
    "zeros_of",
]

Choice = Callable[..., Any] | None


def zeros_like(x: Any) -> Any:
    return [runtime.zeros_like_tree(v) for v in x]


def zeros_of(x: Any) -> Any:
    return [runtime.zero_of(v) for v in x]


def copied(x: Any) -> Any:
    return [runtime.copied_tree(v) for v in x]


def as_like_list(g: Any, x: Any) -> Choice:
    """The items of a list, each like that of another."""
    if not (is_list(g) and is_list(x)):
        return None
    return _each if g.dtype == x.dtype else _each_like


def _each(g: Any, x: Any) -> Any:
    return [item for item in g]


def _each_like(g: Any, x: Any) -> Any:
    return [runtime.as_like(g[i], x[i]) for i in range(len(g))]


def add_trees(a: Any, b: Any) -> Choice:
    """Sums of numbers and arrays, and of lists of these."""
    if all(is_number(t) or is_array(t) for t in (a, b)):
        return _sum
    return _sum_of_each if is_list(a) and is_list(b) else None


def _sum(a: Any, b: Any) -> Any:
    return a + b


def _sum_of_each(a: Any, b: Any) -> Any:
    return [runtime.add_trees(a[i], b[i]) for i in range(len(a))]


def with_item(xs: Any, i: Any, v: Any) -> Choice:
    """A list whose items and the new one are of one type."""
    is_item = (
        is_list(xs)
        and isinstance(i, importlib.import_module("numba").types.Integer)
        and xs.dtype == v
    )
    return _with_item if is_item else None


def _with_item(xs: Any, i: Any, v: Any) -> Any:
    made = [item for item in xs]  # Numba has no `list(xs)` of a list of the caller's
    made[i] = v
    return made


def check_plain(x: Any) -> Choice:
    """What Numba takes for numbers and arrays is nothing else."""
    return _nothing if (is_number(x) or is_array(x)) else None


def _nothing(x: Any) -> None:
    pass


def unsort(t: Any, x: Any, axis: Any) -> Choice:
    """Vectors; Numba sorts along no other axis."""
    is_vector = all(is_array(a) and a.ndim == 1 for a in (t, x))
    return _unsort if is_vector else None


def _unsort(t: Any, x: Any, axis: Any) -> Any:
    out = np.zeros_like(t)
    order = np.argsort(x, kind="mergesort")
    for k in range(len(order)):
        out[order[k]] = t[k]
    return out


def choose_unpack_like(t: Any, x: Any) -> Choice:
    if is_array(x) or is_number(x):
        return _summed
    if not is_array(t):
        return None
    if is_list(x):
        return _unpacked
    return _as_tuple(len(x)) if is_tuple_of_numbers(x) and t.dtype == x.dtype else None


def _summed(t: Any, x: Any) -> Any:
    return runtime.unbroadcast(t, x)


def _unpacked(t: Any, x: Any) -> Any:
    return [runtime.unpack_like(t[i], v) for i, v in enumerate(x)]


def _as_tuple(n: int) -> Callable[..., Any]:
    tuple_setitem = importlib.import_module("numba.cpython.unsafe.tuple").tuple_setitem

    def as_tuple(t: Any, x: Any) -> Any:
        made = x
        for i in range(n):
            made = tuple_setitem(made, i, t[i])
        return made

    return as_tuple
