"""Functions of `srcad.runtime` that Numba cannot compile as they stand, told to it in its own way.

Each chooser gets Numba's types of the operands, and returns what computes for these; ``None``
refuses them.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from srcad import runtime
from srcad.backends.numba import adjoints, lists
from srcad.backends.numba.kinds_of_types import (
    dtype_of,
    is_array,
    is_complex,
    is_list,
    is_number,
    is_tuple_of_numbers,
)

__all__ = ["is_told", "tell_numba"]

Choice = Callable[..., Any] | None

_lock = threading.Lock()
_told = threading.Event()


def tell_numba() -> None:
    """Let code that Numba compiles call these functions."""
    with _lock:
        if not _told.is_set():
            overload = importlib.import_module("numba.extending").overload
            for fn, choose in _CHOOSERS.items():
                overload(fn)(choose)
            _told.set()


def is_told(fn: Callable[..., Any]) -> bool:
    """Whether Numba has a form of ``fn`` of its own."""
    return fn in _CHOOSERS


def _unbroadcast(g: Any, like: Any) -> Choice:
    if is_array(g) and is_tuple_of_numbers(like):
        return _in_tuple
    known = all(is_number(t) or is_array(t) for t in (g, like))
    if not known or (is_complex(g) and not is_complex(like)):
        return None
    if is_number(like):
        return _itself if is_number(g) else _sum
    if is_number(g):
        return _spread
    if g.ndim < like.ndim:
        return _with_an_axis
    return _summed(g.ndim - like.ndim, like.ndim, g == like and g.layout == "C")


def _in_tuple(g: Any, like: Any) -> Any:
    return runtime.unpack_like(g, like)


def _itself(g: Any, like: Any) -> Any:
    return g


def _sum(g: Any, like: Any) -> Any:
    return g.sum()


def _with_an_axis(g: Any, like: Any) -> Any:
    return runtime.unbroadcast(np.expand_dims(g, 0), like)


def _spread(g: Any, like: Any) -> Any:
    y = np.empty(like.shape, like.dtype)
    y[...] = g
    return y


def _summed(extra: int, ndim: int, may_be_itself: bool) -> Choice:
    """Sums over the ``extra`` first axes, and over those that have one item in ``like``."""
    tuple_setitem = importlib.import_module("numba.cpython.unsafe.tuple").tuple_setitem

    def summed(g: Any, like: Any) -> Any:
        within = like.shape
        for i in range(ndim):
            if like.shape[i] != 1:
                within = tuple_setitem(within, i, g.shape[extra + i])
        total = np.zeros(within, like.dtype)
        for index in np.ndindex(g.shape):
            place = like.shape
            for i in range(ndim):
                place = tuple_setitem(place, i, index[extra + i] if within[i] != 1 else 0)
            total[place] += g[index]
        if within == like.shape:
            return total
        y = np.empty(like.shape, like.dtype)
        y[...] = total
        return y

    def itself_or_summed(g: Any, like: Any) -> Any:
        return g if g.shape == like.shape else summed_by_numba(g, like)

    if not may_be_itself:
        return summed
    summed_by_numba = importlib.import_module("numba").njit(error_model="numpy")(summed)
    return itself_or_summed


def _broadcast_like(x: Any, like: Any) -> Choice:
    # Where nothing is to be summed, `unbroadcast` broadcasts.
    return _broadcast


def _broadcast(x: Any, like: Any) -> Any:
    return runtime.unbroadcast(x, like)


def _as_like(g: Any, x: Any) -> Choice:
    if not all(is_number(t) or is_array(t) for t in (g, x)):
        return lists.as_like_list(g, x)
    if is_complex(g) and not is_complex(x):
        return None
    if dtype_of(g) == dtype_of(x) and is_array(g) == is_array(x):
        return _g_itself
    if is_array(g) and is_array(x):
        return _cast_array
    if is_number(g) and is_array(x) and x.ndim == 0:
        return _array_without_axes
    return _cast_to(x) if is_number(g) and is_number(x) else None


def _g_itself(g: Any, x: Any) -> Any:
    return g


def _cast_array(g: Any, x: Any) -> Any:
    return g.astype(x.dtype)


def _array_without_axes(g: Any, x: Any) -> Any:
    y = np.empty((), x.dtype)
    y[()] = g
    return y


def _cast_to(t: Any) -> Choice:
    kind = importlib.import_module("numba.np.numpy_support").as_dtype(t).type

    def cast(g: Any, x: Any) -> Any:
        return kind(g)

    return cast


def _zeros_like_tree(x: Any) -> Choice:
    if is_list(x):
        return lists.zeros_like
    if not isinstance(dtype_of(x), importlib.import_module("numba").types.Float):
        return None
    return _zeros if is_array(x) else _zero


def _zero_of(x: Any) -> Choice:
    if is_list(x):
        return lists.zeros_of
    types = importlib.import_module("numba").types
    if isinstance(dtype_of(x), types.Integer | types.Boolean):
        return _zeros_of_shape if is_array(x) else _zero
    return _zeros_like_tree(x)


def _zeros_of_shape(x: Any) -> Any:
    return np.zeros(x.shape)


def _zeros(x: Any) -> Any:
    return np.zeros_like(x)


def _zero(x: Any) -> Any:
    return 0.0


def _copied_tree(x: Any) -> Choice:
    if is_array(x):
        return _copy
    if is_list(x):
        return lists.copied
    return _number if is_number(x) or is_tuple_of_numbers(x) else None


def _copy(x: Any) -> Any:
    return x.copy()


def _number(x: Any) -> Any:
    return x


def _sum_bars(t: Any, xs: Any) -> Choice:
    del t, xs
    return _a_bar_for_each


def _a_bar_for_each(t: Any, xs: Any) -> Any:
    return [runtime.unbroadcast(t, x) for x in xs]


def _add_at(x_bar: Any, i: Any, g: Any) -> Choice:
    types = importlib.import_module("numba").types
    if not is_array(x_bar):
        return None
    if isinstance(i, types.List) and isinstance(i.dtype, types.Integer) and x_bar.ndim == 1:
        if is_array(g):
            return _add_each if g.ndim == 1 else None
        return _add_to_each
    parts = i.types if isinstance(i, types.BaseTuple) else (i,)
    if all(is_array(p) and isinstance(p.dtype, types.Integer) and p.ndim == 1 for p in parts):
        if is_array(g) and g.ndim != x_bar.ndim - len(parts) + 1:
            return None
        match len(parts):
            case 1 if parts == (i,):
                return _add_each if is_array(g) else _add_to_each
            case 2:
                return _add_each_pair if is_array(g) else _add_to_each_pair
            case _:
                return None
    if not all(isinstance(p, types.Integer | types.SliceType) for p in parts):
        return None

    def add(x_bar: Any, i: Any, g: Any) -> None:
        x_bar[i] += g

    return add


def _add_each(x_bar: Any, i: Any, g: Any) -> None:
    is_spread = len(g) == 1
    for k in range(len(i)):
        x_bar[i[k]] += g[0] if is_spread else g[k]


def _add_to_each(x_bar: Any, i: Any, g: Any) -> None:
    for k in i:
        x_bar[k] += g


def _add_each_pair(x_bar: Any, i: Any, g: Any) -> None:
    rows, columns = i
    is_spread = len(g) == 1
    for k in range(len(rows)):
        x_bar[rows[k], columns[k]] += g[0] if is_spread else g[k]


def _add_to_each_pair(x_bar: Any, i: Any, g: Any) -> None:
    rows, columns = i
    for k in range(len(rows)):
        x_bar[rows[k], columns[k]] += g


def _diag_bar(t: Any, like: Any, k: Any) -> Choice:
    if not (is_array(t) and is_array(like)):
        return None
    match like.ndim, t.ndim:
        case 1, 2:
            return _diagonal_of
        case 2, 1:
            return _on_diagonal
        case _:
            return None


def _diagonal_of(t: Any, like: Any, k: Any) -> Any:
    return np.diag(t, k)


def _on_diagonal(t: Any, like: Any, k: Any) -> Any:
    out = np.zeros_like(like)
    row, column = max(-k, 0), max(k, 0)
    for i in range(len(t)):
        out[row + i, column + i] = t[i]
    return out


def _power_slope(x: Any, n: Any, order: int = 1) -> Choice:
    if dtype_of(x) != importlib.import_module("numba").types.float64:
        return None
    if is_number(n):
        return _slope_by_number
    return _slopes_by_numbers if is_array(n) else None


def _slope_by_number(x: Any, n: Any, order: int = 1) -> Any:
    factor = 1.0 * n
    for i in range(1, order):
        factor = factor * (n - i)
    return factor * x ** (n - order) if factor != 0 else 0.0 * x


def _slopes_by_numbers(x: Any, n: Any, order: int = 1) -> Any:
    factor = 1.0 * n
    for i in range(1, order):
        factor = factor * (n - i)
    return factor * x ** np.where(factor == 0, 1.0, n - 1.0 * order)


def _safe_log(x: Any) -> Choice:
    if is_array(x):
        return _safe_logs
    return _safe_log_of_number if is_number(x) else None


def _safe_logs(x: Any) -> Any:
    return np.log(np.where(x == 0, 1.0, x))


def _safe_log_of_number(x: Any) -> Any:
    return np.log(x) if x != 0 else 0.0


_CHOOSERS: Final[dict[Callable[..., Any], Callable[..., Choice]]] = {
    runtime.unbroadcast: _unbroadcast,
    runtime.broadcast_like: _broadcast_like,
    runtime.as_like: _as_like,
    runtime.add_at: _add_at,
    runtime.add_trees: lists.add_trees,
    runtime.check_plain: lists.check_plain,
    runtime.clip_slope: adjoints.clip_slope,
    runtime.copied_tree: _copied_tree,
    runtime.diag_bar: _diag_bar,
    runtime.diff_bar: adjoints.diff_bar,
    runtime.power_slope: _power_slope,
    runtime.products_of_others: adjoints.products_of_others,
    runtime.reversed_cumsum: adjoints.reversed_cumsum,
    runtime.safe_log: _safe_log,
    runtime.sum_bars: _sum_bars,
    runtime.trace_bar: adjoints.trace_bar,
    runtime.unpack_like: lists.choose_unpack_like,
    runtime.unsort: lists.unsort,
    runtime.with_item: lists.with_item,
    runtime.zero_of: _zero_of,
    runtime.zeros_like_tree: _zeros_like_tree,
}
