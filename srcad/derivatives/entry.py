"""A derivative made for one kind of arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcad.calls.guards import MISSING, Guards
from srcad.calls.overlap import may_meet
from srcad.calls.selection import Selection
from srcad.derivatives.generation import Made

if TYPE_CHECKING:
    from srcad.pipeline import Generated
    from srcad.types.lattice import Type

__all__ = ["Entry"]


class Entry:
    """A derivative made for one key of the arguments, ready to be called."""

    __slots__ = (
        "call",
        "functions",
        "generated",
        "guards",
        "kept",
        "mutates",
        "names",
        "others",
        "selection",
        "types",
    )

    def __init__(self, made: Made, selection: Selection, types: tuple[Type, ...]) -> None:
        self.generated: Generated = made.generated
        self.call: Callable[..., Any] = made.generated.call
        self.guards: Guards | None = made.guards or None
        self.kept: tuple[Any, ...] = made.guards.values
        mutates = made.generated.mutates
        self.mutates = mutates if mutates and may_meet(types, self.kept) else ()
        # Split for the short way of `Gradient`, which looks at globals and functions by itself.
        self.names = made.guards.names
        self.functions, rest = made.guards.apart()
        self.others = rest if rest.cells or rest.contents or rest.attributes else None
        self.selection = selection
        self.types = types

    @property
    def outside(self) -> tuple[Any, ...]:
        """What the function reads from outside, as it is now."""
        if self.others is None or not self.others.attributes:
            return self.kept
        return (*self.kept, *self.others.values)

    def holds(self) -> bool:
        """Whether everything outside is still as it was when the derivative was made."""
        for space, name, value in self.names:
            if space.get(name, MISSING) is not value:
                return False
        for fn, code, defaults in self.functions:
            if fn.__code__ is not code or fn.__defaults__ is not defaults:
                return False
        return self.others is None or self.others.hold()
