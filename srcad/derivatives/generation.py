"""What has been generated so far."""

from __future__ import annotations

import importlib
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from srcad.calls.compose import by_position
from srcad.calls.guards import Guards, guards_of
from srcad.kinds import is_hashable

if TYPE_CHECKING:
    from srcad.pipeline import Generated, Request

__all__ = ["Made", "Store"]

_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class Made:
    """A generated derivative, with the guards under which it may be used."""

    generated: Generated
    guards: Guards


class Store:
    """The derivatives made of one function, by request; one thread generates at a time.

    Attributes
    ----------
    counting : tuple of int or None
        The places of the parameters that say how long arrays are; ``None`` until an int is given.
    """

    __slots__ = ("_lock", "_made", "counting")

    def __init__(self) -> None:
        self.counting: tuple[int, ...] | None = None
        self._lock = threading.RLock()
        self._made: dict[Request, Made] = {}

    def get(self, request: Request) -> Made:
        """The derivative that ``request`` describes, generated if need be."""
        found = self._find(request)
        if found is not None:
            return found
        with self._lock:
            found = self._find(request)
            if found is not None:
                return found
            importlib.import_module("srcad.custom").register_rules()
            pipeline = importlib.import_module("srcad.pipeline")
            generated: Generated = pipeline.generate(request)
            generated = replace(generated, call=by_position(generated.call))
            made = Made(
                generated, guards_of(generated.captures, generated.functions, generated.lookups)
            )
            if is_hashable(request):
                if len(self._made) >= _LIMIT:
                    self._made.clear()
                self._made[request] = made
            return made

    def _find(self, request: Request) -> Made | None:
        if not is_hashable(request):
            return None
        found = self._made.get(request)
        return found if found is not None and found.guards.hold() else None
