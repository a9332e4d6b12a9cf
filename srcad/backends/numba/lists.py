"""Functions of `srcad.runtime` on lists of values of one type, as Numba compiles them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from srcad import runtime
from srcad.backends.numba.kinds_of_types import is_array, is_list, is_number, is_tuple_of_numbers

__all__ = ["choose_unpack_like", "choose_with_item", "copied", "zeros_like", "zeros_of"]


def zeros_like(x: Any) -> Any:
    return [runtime.zeros_like_tree(v) for v in x]


def zeros_of(x: Any) -> Any:
    return [runtime.zero_of(v) for v in x]


def copied(x: Any) -> Any:
    return [runtime.copied_tree(v) for v in x]


def choose_with_item(xs: Any, i: Any, v: Any) -> Callable[..., Any] | None:
    if not is_list(xs) or not isinstance(i, importlib.import_module("numba").types.Integer):
        return None
    return _with_item


def _with_item(xs: Any, i: Any, v: Any) -> Any:
    made = xs.copy()
    made[i] = v
    return made


def choose_unpack_like(t: Any, x: Any) -> Callable[..., Any] | None:
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
