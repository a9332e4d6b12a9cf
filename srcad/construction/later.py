"""Generated functions that are called before they are there, as those of a recursion are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import FunctionType

from srcad.notes import note

__all__ = ["Later", "link"]


class Later:
    """Stands for the generated function ``name`` until it is made."""

    def __init__(self, name: str) -> None:
        self.name = name
        note(self, pure=True, later=True)


def link(functions: Iterable[FunctionType], made: Mapping[str, object]) -> None:
    """Put what is ``made`` in the place of each `Later` that ``functions`` name."""
    for fn in functions:
        space = fn.__globals__
        for name, value in list(space.items()):
            if isinstance(value, Later):
                space[name] = made[value.name]
