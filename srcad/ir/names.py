"""Fresh names: deterministic, and never one that the program already has."""

from __future__ import annotations

from collections.abc import Iterable

from srcad.ir.nodes import Var

__all__ = ["Names"]


class Names:
    """Hands out variables whose printed names collide with nothing handed in or out before.

    Examples
    --------
    >>> names = Names(["x", "x_1"])
    >>> names.fresh("x").name, names.fresh("y").name
    ('x_2', 'y')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def reserve(self, names: Iterable[str]) -> None:
        """Never hand out any of ``names``."""
        self._taken.update(names)

    def fresh(self, like: str | Var) -> Var:
        """A new variable named ``like``, or ``like_1``, ``like_2``, ... where that is taken.

        Like a variable of the user's it is the user's too; else srcad has made it.
        """
        base, made = (like, True) if isinstance(like, str) else (like.base, like.made)
        n = self._next.get(base, 0)
        while (name := f"{base}_{n}" if n else base) in self._taken:
            n += 1
        self._next[base] = n + 1
        self._taken.add(name)
        return Var(base, n, made)
