"""Dataclasses and named tuples, made field by field."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from typing import Any, Final

from srcad.kinds import TUPLE, holds_plainly, named_plainly

__all__ = ["is_plainly_made", "record_of", "with_fields"]

# The code that `dataclass` writes stands in no file.
_WRITTEN: Final = "<string>"


def is_plainly_made(cls: Any) -> bool:
    """Whether ``cls(a=x, b=y)`` just puts ``x`` and ``y`` where ``a`` and ``b`` are read.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Plain:
    ...     x: float
    >>> @dataclass
    ... class Doubled(Plain):
    ...     def __post_init__(self):
    ...         self.x = 2 * self.x
    >>> is_plainly_made(Plain), is_plainly_made(Doubled)
    (True, False)
    """
    if type(cls).__call__ is not type.__call__:
        return False
    if issubclass(cls, TUPLE):
        return named_plainly(cls)
    if not is_dataclass(cls) or hasattr(cls, "__post_init__") or not holds_plainly(cls):
        return False
    setting = cls.__setattr__
    if setting is not object.__setattr__ and _file_of(setting) != _WRITTEN:  # of a frozen one
        return False
    if _file_of(cls.__init__) != _WRITTEN:
        return False
    names = [f.name for f in fields(cls) if f.init]
    taken = cls.__init__.__code__.co_varnames[1:]
    return len(names) == len(fields(cls)) and set(taken) == set(names)


def _file_of(fn: Any) -> str:
    code = getattr(fn, "__code__", None)
    return "" if code is None else code.co_filename


def record_of(cls: Any, /, **named: Any) -> Any:
    """An instance of the dataclass ``cls`` with these fields; its ``__init__`` is not run.

    Examples
    --------
    >>> from dataclasses import make_dataclass
    >>> record_of(make_dataclass("Point", ["x", "y"]), x=1.0, y=2.0)
    Point(x=1.0, y=2.0)
    """
    made = object.__new__(cls)
    for name, value in named.items():
        object.__setattr__(made, name, value)
    return made


def with_fields(value: Any, named: dict[str, Any]) -> Any:
    """A copy of the dataclass instance ``value`` with other fields, made as by `record_of`.

    Examples
    --------
    >>> from dataclasses import make_dataclass
    >>> with_fields(make_dataclass("Point", ["x", "y"])(1.0, 2.0), {"y": 3.0})
    Point(x=1.0, y=3.0)
    """
    made = copy.copy(value)
    for name, field in named.items():
        object.__setattr__(made, name, field)
    return made
