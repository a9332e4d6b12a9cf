"""What has been generated so far, and whether it still holds."""

from __future__ import annotations

import builtins
import importlib
import threading
from dataclasses import dataclass, replace
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from srcad.compose import by_position
from srcad.keys import key_of
from srcad.kinds import ARRAY, DICT, LIST, TUPLE

if TYPE_CHECKING:
    from srcad.ir.nodes import Capture
    from srcad.pipeline import Generated, Request

__all__ = ["MISSING", "Guards", "Made", "Store", "guards_of"]

MISSING: Final = object()
_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class Guards:
    """The values outside a function that its derivative was made for.

    Parameters
    ----------
    names : tuple
        Namespace, name and value of each global.
    cells : tuple
        Cell and value of each closure variable.
    contents : tuple
        Value and key of each of these that can change without being replaced.
    """

    names: tuple[tuple[dict[str, Any], str, Any], ...] = ()
    cells: tuple[tuple[CellType, Any], ...] = ()
    contents: tuple[tuple[Any, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.cells or self.contents)

    def __add__(self, other: Guards) -> Guards:
        return Guards(
            self.names + other.names, self.cells + other.cells, self.contents + other.contents
        )

    @property
    def values(self) -> tuple[Any, ...]:
        """The values themselves."""
        return (*(value for *_, value in self.names), *(value for _, value in self.cells))

    def hold(self) -> bool:
        """Whether everything is still as it was."""
        for space, name, value in self.names:
            if space.get(name, MISSING) is not value:
                return False
        for cell, value in self.cells:
            if _content(cell) is not value:
                return False
        return all(key_of(value) == key for value, key in self.contents)


def guards_of(fn: Any, captures: tuple[Capture, ...]) -> Guards:
    """The guards for what ``fn`` reads from outside."""
    names: list[tuple[dict[str, Any], str, Any]] = []
    cells: list[tuple[CellType, Any]] = []
    contents: list[tuple[Any, Any]] = []
    own = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    for capture in captures:
        where, name = capture.read
        if where == "closure":
            cell = own.get(name)
            if cell is None or _content(cell) is not capture.value:
                continue
            cells.append((cell, capture.value))
        else:
            space = fn.__globals__
            present = space.get(name, MISSING)
            is_builtin = present is MISSING and hasattr(builtins, name)
            # A name of another module's function is watched by the derivative of that function.
            if present is not capture.value and not is_builtin:
                continue
            names.append((space, name, present))
        value: Any = capture.value
        if isinstance(value, (ARRAY, LIST, DICT, TUPLE, FunctionType)):
            contents.append((value, key_of(value)))
    return Guards(tuple(names), tuple(cells), tuple(contents))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty
        return MISSING


@dataclass(frozen=True, slots=True)
class Made:
    """A generated derivative, with the guards under which it may be used."""

    generated: Generated
    guards: Guards


class Store:
    """The derivatives made of one function, by request; one thread generates at a time."""

    __slots__ = ("_lock", "_made")

    def __init__(self) -> None:
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
            made = Made(generated, guards_of(request.fn, generated.captures))
            if _is_hashable(request):
                if len(self._made) >= _LIMIT:
                    self._made.clear()
                self._made[request] = made
            return made

    def _find(self, request: Request) -> Made | None:
        if not _is_hashable(request):
            return None
        found = self._made.get(request)
        return found if found is not None and found.guards.hold() else None


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
