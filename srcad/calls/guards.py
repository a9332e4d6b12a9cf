"""What a derivative was made for besides its arguments, and whether it is still so."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass, replace
from functools import partial
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from srcad.calls.keys import content_of, identity_of
from srcad.kinds import ARRAY, DICT, LIST, TUPLE, Derived, WithOwnDerivative
from srcad.modules import modules_read
from srcad.notes import note, notes_of

if TYPE_CHECKING:
    from srcad.ir.lookups import Lookup
    from srcad.ir.nodes import Capture

__all__ = ["MISSING", "Guards", "Plain", "guards_of", "watched"]

MISSING: Final = object()
_HEAP_TYPE: Final = 1 << 9  # made by a `class` statement

Plain = tuple[FunctionType, CodeType, tuple[Any, ...] | None]
"""A function, its code and its defaults."""


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
    attributes : tuple
        The attributes of objects that were read, each with the key of its value.
    """

    names: tuple[tuple[dict[str, Any], str, Any], ...] = ()
    cells: tuple[tuple[CellType, Any], ...] = ()
    contents: tuple[tuple[Any, Any], ...] = ()
    attributes: tuple[tuple[Lookup, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.cells or self.contents or self.attributes)

    def __add__(self, other: Guards) -> Guards:
        return Guards(
            self.names + other.names,
            self.cells + other.cells,
            self.contents + other.contents,
            self.attributes + other.attributes,
        )

    @property
    def values(self) -> tuple[Any, ...]:
        """The values themselves; of attributes, those that they have now."""
        return (
            *(value for *_, value in self.names),
            *(value for _, value in self.cells),
            *(getattr(k.owner, k.name, None) for k, _ in self.attributes),
        )

    def apart(self) -> tuple[tuple[Plain, ...], Guards]:
        """The functions without keyword-only parameters, quickly compared, and the rest."""
        plain = [
            (value, value.__code__, value.__defaults__)
            for value, key in self.contents
            if isinstance(value, FunctionType)
            and not value.__code__.co_kwonlyargcount
            and key == content_of(value)
        ]
        found = {id(fn) for fn, *_ in plain}
        rest = tuple(pair for pair in self.contents if id(pair[0]) not in found)
        return tuple(plain), replace(self, contents=rest)

    def hold(self) -> bool:
        """Whether everything is still as it was."""
        for space, name, value in self.names:
            if space.get(name, MISSING) is not value:
                return False
        for cell, value in self.cells:
            if _content(cell) is not value:
                return False
        if not all(content_of(value) == key for value, key in self.contents):
            return False
        return all(_key_of_lookup(lookup) == key for lookup, key in self.attributes)


def _key_of_lookup(lookup: Lookup) -> Any:
    value = getattr(lookup.owner, lookup.name, MISSING)
    return identity_of(value) if lookup.baked else content_of(value)


def guards_of(
    captures: Sequence[tuple[FunctionType, Capture]],
    functions: Sequence[FunctionType],
    lookups: Sequence[Lookup] = (),
) -> Guards:
    """The guards for what was read from outside.

    Parameters
    ----------
    captures : sequence of (FunctionType, Capture)
        What was read, each with the function that read it.
    functions : sequence of FunctionType
        All functions whose source was read.
    lookups : sequence of Lookup
        The attributes that were read.
    """
    found = _Found()
    for fn, capture in captures:
        found.captured(fn, capture)
    guards = Guards()
    for fn in functions:
        found.function(fn)
        guards = guards + (notes_of(fn).guards or Guards())
    watched_ones = [k for k in lookups if _may_change(k.owner)]
    attributes = tuple((k, _key_of_lookup(k)) for k in watched_ones)
    return found.guards() + guards + Guards(attributes=attributes)


def _may_change(owner: object) -> bool:
    """Whether the attributes of ``owner`` can be set; those of modules are watched by name."""
    if isinstance(owner, ModuleType):
        return False
    return not (isinstance(owner, type) and not owner.__flags__ & _HEAP_TYPE)


def watched(fn: FunctionType, guards: Guards) -> FunctionType:
    """``fn``, with a note of the guards that hold for whoever differentiates it."""
    note(fn, guards=guards)
    return fn


class _Found:
    """Guards on their way, each once."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
        self._cells: dict[int, tuple[CellType, Any]] = {}
        self._contents: dict[int, tuple[Any, Any]] = {}

    def guards(self) -> Guards:
        return Guards(
            tuple(self._names.values()), tuple(self._cells.values()), tuple(self._contents.values())
        )

    def captured(self, fn: FunctionType, capture: Capture) -> None:
        where, name = capture.read
        if where == "closure":
            cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
            cell = cells.get(name)
            if cell is None:
                return
            self._cells[id(cell)] = (cell, capture.value)
        elif not _is_generated(fn):
            self._name(fn.__globals__, name, capture.value)
        value: Any = capture.value
        is_record = is_dataclass(value) and not isinstance(value, type)
        changing = (ARRAY, LIST, DICT, TUPLE, FunctionType, partial, Derived, WithOwnDerivative)
        if is_record or isinstance(value, changing):
            self._contents[id(value)] = (value, content_of(value))

    def function(self, fn: FunctionType) -> None:
        """Watch what ``fn`` is, and what it names that no capture tells: builtins, modules."""
        if _is_generated(fn):
            return
        self._contents[id(fn)] = (fn, content_of(fn))
        space = fn.__globals__
        read = fn.__code__.co_names
        for name in read:
            value = space.get(name, MISSING)
            if value is MISSING and hasattr(builtins, name):
                self._name(space, name, MISSING)
        for module in modules_read(fn):
            if module.__name__.split(".")[0] not in _SETTLED:
                inside = vars(module)
                for part in read:
                    if part in inside and not isinstance(inside[part], ModuleType):
                        self._name(inside, part, inside[part])

    def _name(self, space: dict[str, Any], name: str, value: Any) -> None:
        self._names[id(space), name] = (space, name, value)


# Modules whose functions nobody replaces while a program runs.
_SETTLED: Final = frozenset({"numpy", "scipy", "math", "cmath", "operator", "functools", "srcad"})


def _is_generated(fn: FunctionType) -> bool:
    """Whether ``fn`` has a namespace of its own, in which nothing ever changes."""
    return fn.__code__.co_filename.startswith("<srcad ")


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty
        return MISSING
