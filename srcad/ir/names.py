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

    def fresh(self, base: str) -> Var:
        """A new variable named ``base``, or ``base_1``, ``base_2``, ... where that is taken."""
        n = self._next.get(base, 0)
        while (name := f"{base}_{n}" if n else base) in self._taken:
            n += 1
        self._next[base] = n + 1
        self._taken.add(name)
        return Var(base, n)
