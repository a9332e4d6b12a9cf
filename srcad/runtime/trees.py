"""Cotangents of containers, and of values whose type is only known at run time."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, cast

import numpy as np

from srcad.runtime.records import with_fields

__all__ = ["add_trees", "copied_tree", "zero_of", "zeros_like_tree"]


def zeros_like_tree(x: Any) -> Any:
    """The zero cotangent of ``x``: zeros of an array, 0.0 of a float, a container's part by part.

    What has no derivative, such as an int or a string, has the cotangent ``None``.

    Examples
    --------
    >>> zeros_like_tree((1.5, {"w": np.ones(2)}, "relu", 3))
    (0.0, {'w': array([0., 0.])}, None, None)
    """
    match x:
        case np.ndarray() | np.generic():
            return _zeros(x)
        case float():
            return 0.0
        case complex():
            return 0j
        case list() | tuple():
            return _like(x, [zeros_like_tree(v) for v in cast("list[Any]", x)])
        case dict():
            return {k: zeros_like_tree(v) for k, v in cast("dict[Any, Any]", x).items()}
        case _ if is_dataclass(x) and not isinstance(x, type):
            return with_fields(x, {f.name: zeros_like_tree(getattr(x, f.name)) for f in fields(x)})
        case _:
            return None


def zero_of(x: Any) -> Any:
    """The zero tangent or cotangent of a variable that holds ``x`` here, and maybe others later.

    Where an array and an int change places, what is computed with the one is computed with the
    other, so that the int too has a number; so have the ints that are in lists.

    Examples
    --------
    >>> zero_of(3), zero_of(np.arange(2)), zero_of([1.5, 3])
    (0.0, array([0., 0.]), [0.0, 0.0])
    """
    match x:
        case int() | np.integer() | np.bool_():
            return 0.0
        case np.ndarray() if cast("Any", x).dtype.kind in "iub":
            return np.zeros_like(cast("Any", x), float)
        case list() | tuple():
            return _like(x, [zero_of(v) for v in cast("list[Any]", x)])
        case _:
            return zeros_like_tree(x)


def add_trees(a: Any, b: Any) -> Any:
    """The sum of two cotangents, a new object; ``None`` is zero.

    Examples
    --------
    >>> add_trees([1.0, None], [2.0, 3.0])
    [3.0, 3.0]
    """
    if a is None or b is None:
        return copied_tree(b if a is None else a)
    match a:
        case list() | tuple():
            items = zip(cast("list[Any]", a), b, strict=True)
            return _like(a, [add_trees(x, y) for x, y in items])
        case dict():
            first = cast("dict[Any, Any]", a)
            return {k: add_trees(first.get(k), b.get(k)) for k in first | b}
        case _ if is_dataclass(a) and not isinstance(a, type):
            return with_fields(
                a, {f.name: add_trees(getattr(a, f.name), getattr(b, f.name)) for f in fields(a)}
            )
        case _:
            return a + b


def copied_tree(x: Any) -> Any:
    """``x`` with arrays and containers of its own.

    Examples
    --------
    >>> copied_tree((1.5, [None]))
    (1.5, [None])
    """
    if isinstance(x, np.ndarray):
        return cast("np.ndarray[Any, Any]", x).copy()
    if isinstance(x, list | tuple):
        return _like(x, [copied_tree(item) for item in cast("list[Any]", x)])
    if isinstance(x, dict):
        return {k: copied_tree(v) for k, v in cast("dict[Any, Any]", x).items()}
    if is_dataclass(x) and not isinstance(x, type):
        return with_fields(x, {f.name: copied_tree(getattr(x, f.name)) for f in fields(x)})
    return x


def _zeros(x: Any) -> Any:
    if x.dtype.kind not in "fc":
        return None
    return np.zeros_like(x) if np.ndim(x) else x.dtype.type(0)


def _like(x: Any, items: list[Any]) -> Any:
    if isinstance(x, list):
        return items
    return x._make(items) if hasattr(x, "_fields") else tuple(items)
