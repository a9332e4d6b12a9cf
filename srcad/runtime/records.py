"""Dataclasses and named tuples, made field by field."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from typing import Any

from srcad.kinds import TUPLE, named_plainly

__all__ = ["is_plainly_made", "record_of", "with_fields"]


def is_plainly_made(cls: Any) -> bool:
    """Whether ``cls(a=x, b=y)`` does nothing but put ``x`` and ``y`` into the fields.

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
    if issubclass(cls, TUPLE):
        return named_plainly(cls)
    if not is_dataclass(cls) or hasattr(cls, "__post_init__"):
        return False
    # The code of the `__init__` that `dataclass` writes stands in no file.
    code = getattr(cls.__init__, "__code__", None)
    if code is None or code.co_filename != "<string>":
        return False
    names = [f.name for f in fields(cls) if f.init]
    return len(names) == len(fields(cls)) and set(code.co_varnames[1:]) == set(names)


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
