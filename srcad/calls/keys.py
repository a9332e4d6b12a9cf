"""A cheap key of a call: two calls with one key have arguments of one abstract type each."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from functools import partial
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, Final, cast

import numpy as np

from srcad.kinds import (
    ARRAY,
    DICT,
    NUMBERS,
    SEQUENCE,
    Derived,
    WithOwnDerivative,
    equals_itself_only,
    is_hashable,
)

__all__ = ["class_call", "content_of", "counts_of", "identity_of", "key_of", "key_of_all"]

_BY_TYPE: Final = NUMBERS | {type(None)}


def key_of(value: Any) -> Any:
    """The key of one argument.

    Numbers count by their type, arrays by dtype and shape, containers by what is in them,
    everything else by equality, or by identity where it has none.

    Examples
    --------
    >>> import numpy as np
    >>> key_of([1.0, 2.0]) == key_of([3.0, 4.0]), key_of("a") == key_of("b")
    (True, False)
    >>> key_of(np.ones(2)) == key_of(np.ones(3))
    False
    """
    cls = _class(value)
    if cls is np.ndarray:
        return value.dtype, value.shape
    if cls in _BY_TYPE:
        return cls
    if isinstance(value, SEQUENCE):
        return cls, *map(key_of, cast("tuple[Any, ...]", value))
    if isinstance(value, DICT):
        items = cast("dict[Any, Any]", value).items()
        return cls, tuple((_class(k), k, key_of(v)) for k, v in items)
    if isinstance(value, ARRAY):
        return cls, value.dtype, value.shape
    if cls is FunctionType:
        return value, cast("FunctionType", value).__code__
    if cls is partial:
        return identity_of(value)  # its keywords are a dict, which may change
    if is_dataclass(value) and not isinstance(value, type):
        return cls, *(key_of(getattr(value, f.name)) for f in fields(value))
    if equals_itself_only(value):
        return _Same(value)
    return cls, value if is_hashable(value) else id(value)


def key_of_all(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key of all arguments of a call."""
    keys: list[Any] = []
    for value in values:
        # What most arguments are, without a call: this is on the way of every derivative.
        cls = type(value)  # pyright: ignore[reportUnknownVariableType] - of a value of any type
        if cls is np.ndarray:
            keys.append((value.dtype, value.shape))
        else:
            keys.append(cls if cls in _BY_TYPE else key_of(value))
    return tuple(keys)


def counts_of(values: tuple[Any, ...], places: tuple[int, ...]) -> tuple[int | None, ...]:
    """The ints among those arguments of a call that say how long arrays are.

    They are part of its key as the extents of arrays are.

    Examples
    --------
    >>> counts_of((1.0, 5, True, "a"), (1, 2, 3))
    (5, None, None)
    """
    return tuple(_count(values[at]) for at in places)


def _count(value: Any) -> int | None:
    if type(value) is int:
        return value
    return int(cast("Any", value)) if isinstance(value, np.integer) else None


def content_of(value: Any) -> Any:
    """The key of what a derivative was made for: as `key_of`, but ints and bools count by value.

    Of a function its code and its defaults count, and of a derivative what it is the derivative of.

    Examples
    --------
    >>> content_of([1, 2.0]) == content_of([1, 3.0]), content_of([1]) == content_of([2])
    (True, False)
    """
    cls = _class(value)
    if isinstance(value, SEQUENCE):
        return cls, *map(content_of, cast("tuple[Any, ...]", value))
    if isinstance(value, DICT):
        items = cast("dict[Any, Any]", value).items()
        return cls, tuple((_class(k), k, content_of(v)) for k, v in items)
    if cls is FunctionType:
        return _code_and_defaults(value)
    if isinstance(value, ARRAY):
        return key_of(value)
    if isinstance(value, Derived):
        return _Same(value), content_of(value.fun), class_call(value.fun)
    if isinstance(value, WithOwnDerivative):
        return _Same(value), *map(identity_of, value.definition)
    if is_dataclass(value) and not isinstance(value, type):
        return cls, *(content_of(getattr(value, f.name)) for f in fields(value))
    return (cls, value) if isinstance(value, int | np.integer | np.bool_) else key_of(value)


def identity_of(value: Any) -> Any:
    """The key of what stands in a generated text: `content_of`, and the very object.

    A bound method is made anew each time it is looked up: it counts by what it is bound to. So
    does a `functools.partial`, which a `functools.partialmethod` makes.

    Examples
    --------
    >>> identity_of(1.5) == identity_of(1.5), identity_of([1]) == identity_of([1])
    (True, False)
    >>> identity_of(np.add.at) == identity_of(np.add.at)
    True
    """
    cls = _class(value)
    if cls is MethodType or cls is BuiltinMethodType or cls in _BY_TYPE:
        return cls, value
    if cls is partial:
        named = tuple((k, identity_of(v)) for k, v in value.keywords.items())
        return cls, identity_of(value.func), tuple(map(identity_of, value.args)), named
    return _Same(value), content_of(value)


def class_call(fun: Any) -> FunctionType | None:
    """The Python function by which the class of ``fun`` calls it, if there is one."""
    call: Any = None
    if not isinstance(fun, FunctionType):
        call = inspect.getattr_static(fun.__class__, "__call__", None)
    return call if isinstance(call, FunctionType) else None


def _code_and_defaults(fn: Any) -> tuple[Any, ...]:
    # Compared by identity: new defaults are a new tuple, and `==` may not be defined.
    keywords: dict[str, Any] = fn.__kwdefaults__ or {}
    return fn.__code__, _Same(fn.__defaults__), tuple(map(_Same, keywords.values()))


class _Same:
    """Equal to what holds the very same object."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)


def _class(value: Any) -> Any:
    return type(value)  # pyright: ignore[reportUnknownVariableType] - of a value of any type
