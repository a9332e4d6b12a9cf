"""Functions that Numba compiled or srcad wrapped, and the plain ones that they were made of.

A compiled function computes what the plain one does, so that one is differentiated. Where generated
text calls it as it is, it calls the compiled one.
"""

from __future__ import annotations

import threading
import weakref
from types import FunctionType
from typing import Any

__all__ = ["StandIn", "compiled_of", "plain_behind"]


class StandIn:
    """What is called in place of ``fn``, and computes what ``fn`` computes."""

    __slots__ = ("__weakref__", "fn")

    def __init__(self, fn: Any) -> None:
        self.fn = fn


_lock = threading.Lock()
# Weak both ways, as the compiled function holds the plain one.
_compiled: weakref.WeakKeyDictionary[FunctionType, dict[str, weakref.ref[object]]] = (
    weakref.WeakKeyDictionary()
)


def plain_behind(value: object, path: str = "") -> FunctionType | None:
    """The plain function that Numba's ``jit`` or ``njit``, or a `StandIn`, made ``value`` of.

    ``path`` is what the user calls ``value``, for `compiled_of`.

    Of a ufunc, which ``vectorize`` makes, there is none: its function is one of numbers.

    Examples
    --------
    >>> plain_behind(len) is None
    True
    """
    inner: Any = value.fn if isinstance(value, StandIn) else value
    is_numbas = type(inner).__module__.partition(".")[0] == "numba"
    fn = getattr(inner, "py_func", None) if is_numbas else inner if inner is not value else None
    if not isinstance(fn, FunctionType):
        return None
    with _lock:
        _compiled.setdefault(fn, {})[path] = weakref.ref(value)
    return fn


def compiled_of(fn: object, path: str) -> object | None:
    """What `plain_behind` found ``fn`` in; the plain function may have another name, by itself.

    Examples
    --------
    >>> compiled_of(len, "len") is None
    True
    """
    if not isinstance(fn, FunctionType):
        return None
    with _lock:
        found = _compiled.get(fn, {}).get(path)
    return None if found is None else found()
