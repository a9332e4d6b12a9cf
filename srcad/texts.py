"""The texts of generated functions, where tracebacks and `inspect` look for them."""

from __future__ import annotations

import linecache
import weakref
from collections import deque
from typing import Any, Final

__all__ = ["enter", "forget_dead"]

_dead: Final[deque[str]] = deque()


def enter(filename: str, text: str, life: Any) -> None:
    """Enter ``text`` in `linecache` as that of ``filename``, until some time after ``life`` ends.

    A finalizer may run at any time, also while `linecache` goes through its entries, and must leave
    them alone: what has ended goes when the next text comes.
    """
    forget_dead()
    # Without a modification time `linecache.checkcache` takes the entry for one that stays valid.
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    weakref.finalize(life, _dead.append, filename).atexit = False


def forget_dead() -> None:
    """Drop the texts of the functions that are gone."""
    while True:
        try:
            filename = _dead.popleft()  # another thread may be at it, too
        except IndexError:
            return
        linecache.cache.pop(filename, None)
