"""Records in memory of their own, so that nobody changes them before they are read."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from copy import copy as shallow
from dataclasses import fields, is_dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final, cast

import numpy as np

from srcad.kinds import ARRAY, DICT, SEQUENCE, is_container

__all__ = ["arrays_in", "detached", "duplicate", "rebuilt", "with_own_globals"]


def detached(tree: Any, *others: Any) -> Any:
    """``tree``, with those arrays copied that share memory with ``others``.

    Its containers are made anew too: the caller may hold them. Arrays that share memory with one
    another still do.

    Parameters
    ----------
    tree : tree
        What a forward sweep saved.
    *others : tree
        What the caller holds.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.ones(3), np.ones(3)
    >>> kept = detached((x, y), [x])
    >>> kept[0] is x, kept[1] is y
    (False, True)
    """
    roots = {id(root): root for array in _held(others, set()) for root in [_root(array)]}

    def is_shared(array: Any) -> bool:
        root = _root(array)
        # A base that is no array tells nothing: Numba gives one to a view of an argument too.
        return id(root) in roots or root.base is not None

    return rebuilt(tree, _copies(filter(is_shared, arrays_in(tree))))


def duplicate(tree: Any) -> Any:
    """``tree`` with all its arrays copied; those that share memory still do.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros(3)
    >>> whole, part = duplicate((x, x[1:]))
    >>> whole[1] = 5.0
    >>> float(part[0]), float(x[1])
    (5.0, 0.0)
    """
    return rebuilt(tree, _copies(arrays_in(tree)))


def with_own_globals(call: Any) -> Any:
    """``call``, generated code, or the same with copies of the arrays that it reads as globals.

    Examples
    --------
    >>> import numpy as np
    >>> scale = np.ones(2)
    >>> def double(x): return x + x
    >>> with_own_globals(double) is double
    True
    """
    return _with_own_globals(call, {})


def _with_own_globals(call: Any, made: dict[int, Any]) -> Any:
    if not (isinstance(call, FunctionType) and call.__code__.co_filename.startswith("<srcad ")):
        return call
    if id(call) in made:
        return made[id(call)]
    made[id(call)] = call  # while it calls itself
    names = set(call.__code__.co_names)
    own: dict[str, Any] = {}
    for name in names & call.__globals__.keys():
        value = call.__globals__[name]
        new = _with_own_globals(value, made)
        if new is value and next(arrays_in(value), None) is not None:
            new = duplicate(value)
        if new is not value:
            own[name] = new
    if own:
        space = {**call.__globals__, **own}
        new = FunctionType(call.__code__, space, call.__name__, call.__defaults__)
        new.__kwdefaults__ = call.__kwdefaults__
        made[id(call)] = space[call.__name__] = new
    return made[id(call)]


def arrays_in(tree: Any) -> Iterator[Any]:
    if isinstance(tree, ARRAY):
        yield tree
    elif isinstance(tree, SEQUENCE):
        for item in cast("list[Any]", tree):
            yield from arrays_in(item)
    elif isinstance(tree, DICT):
        for item in cast("dict[Any, Any]", tree).values():
            yield from arrays_in(item)
    elif is_dataclass(tree) and not isinstance(tree, type):
        for f in fields(tree):
            yield from arrays_in(getattr(tree, f.name, None))


def _held(value: Any, seen: set[int]) -> Iterator[Any]:
    """The arrays that can be reached from ``value``, through the attributes of objects too."""
    if isinstance(value, ARRAY):
        yield value
        return
    if isinstance(value, _OPAQUE) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, DICT):
        inside: Any = cast("dict[Any, Any]", value).values()
    elif isinstance(value, SEQUENCE):
        inside = value
    elif isinstance(value, MethodType):
        inside = (value.__self__,)
    elif isinstance(value, functools.partial):
        part = cast("functools.partial[Any]", value)
        inside = (part.func, part.args, part.keywords)
    else:
        slots = (n for c in type(value).__mro__ for n in _names(vars(c).get("__slots__", ())))
        inside = [*getattr(value, "__dict__", {}).values()]
        inside += [getattr(value, n) for n in slots if hasattr(value, n)]
    for item in inside:
        yield from _held(item, seen)


_OPAQUE: Final[Any] = (
    *(type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype),
    *(type, ModuleType, FunctionType, BuiltinFunctionType, np.ufunc),
)


def _names(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _root(array: Any) -> Any:
    while isinstance(array.base, ARRAY):
        array = array.base
    return array


def _copies(arrays: Iterator[Any]) -> Callable[[Any], Any]:
    """What to take for each array: its copy, or itself if it is none of ``arrays``."""
    families: dict[int, list[Any]] = {}
    for array in arrays:
        families.setdefault(id(_root(array)), []).append(array)
    made: dict[int, Any] = {}
    for family in families.values():
        for array, copy in zip(family, _copied_together(family), strict=True):
            made[id(array)] = copy
    return lambda array: made.get(id(array), array)


def _copied_together(family: list[Any]) -> list[Any]:
    """Copies of arrays in one piece of memory, in another one."""
    if len({id(array) for array in family}) == 1:
        copy = family[0].copy(order="K")
        return [copy] * len(family)
    ends = [np.lib.array_utils.byte_bounds(array) for array in family]
    low, high = min(a for a, _ in ends), max(b for _, b in ends)
    memory = np.empty(high - low, np.uint8)
    copies = [
        np.ndarray(
            array.shape,
            array.dtype,
            buffer=memory,
            offset=array.__array_interface__["data"][0] - low,
            strides=array.strides,
        )
        for array in family
    ]
    for array, copy in zip(family, copies, strict=True):
        copy[...] = array
    return copies


def rebuilt(tree: Any, instead: Callable[[Any], Any]) -> Any:
    if isinstance(tree, ARRAY):
        return instead(tree)
    if isinstance(tree, (SEQUENCE, DICT)) and not is_container(tree):
        return tree  # of a class of which it is not known how to make another
    if isinstance(tree, SEQUENCE):
        items = [rebuilt(item, instead) for item in cast("list[Any]", tree)]
        if type(tree) is list:
            return items
        return tree._make(items) if hasattr(tree, "_fields") else type(tree)(items)
    if type(tree) is dict:
        return {k: rebuilt(v, instead) for k, v in cast("dict[Any, Any]", tree).items()}
    if isinstance(tree, DICT):
        copy = tree.copy()
        for k, v in cast("dict[Any, Any]", tree).items():
            copy[k] = rebuilt(v, instead)
        return copy
    if is_dataclass(tree) and not isinstance(tree, type):
        record = shallow(tree)
        for f in fields(tree):
            # Past a frozen class, and without the checks that a new object would go through.
            object.__setattr__(record, f.name, rebuilt(getattr(tree, f.name), instead))
        return record
    return tree
