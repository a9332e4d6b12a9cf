"""Classes to test values of the user's against.

They are typed `Any`, so that a test leaves the static type of a value as it was, which is `Any`
too: `isinstance(x, np.ndarray)` would make it an array of unknown everything.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import fields
from numbers import Number
from types import FunctionType, MemberDescriptorType
from typing import Any, Final

import numpy as np

__all__ = [
    "ARRAY",
    "ARRAYS",
    "DICT",
    "FLOATING",
    "LIST",
    "NUMBER",
    "NUMBERS",
    "PLAIN",
    "SEQUENCE",
    "TUPLE",
    "Derived",
    "WithOwnDerivative",
    "among",
    "attribute",
    "counts_plainly",
    "equals_itself_only",
    "holds_plainly",
    "is_container",
    "is_hashable",
    "is_log",
    "named_plainly",
    "reads_plainly",
]

ARRAY: Final[Any] = np.ndarray
ARRAYS: Final[tuple[Any, ...]] = (np.ndarray, np.memmap)  # all else has arithmetic of its own
DICT: Final[Any] = dict
LIST: Final[Any] = list
NUMBER: Final[Any] = np.generic
FLOATING: Final[Any] = (float, complex, np.inexact)
SEQUENCE: Final[Any] = (tuple, list)
TUPLE: Final[Any] = tuple

# To be looked up by a value's very class, which is quicker than `isinstance`.
NUMBERS: Final[frozenset[type]] = frozenset(
    {float, int, bool, complex} | {np.dtype(c).type for c in "?bhilqBHILQefdgFDG"}
)
PLAIN: Final[frozenset[type]] = NUMBERS | {str, type(None)}


class Derived:
    """What `grad` and its kin return of ``fun``."""

    fun: Any


class WithOwnDerivative:
    """What `custom_vjp` and `custom_jvp` make: a call of it computes what ``fun`` computes."""

    fun: Any

    @property
    def definition(self) -> tuple[Any, ...]:
        """The functions that its user gave to say what the derivative is."""
        return ()


def among(value: object, of: frozenset[object]) -> bool:
    """Whether ``value``, which may be an object without a hash, is in ``of``.

    Examples
    --------
    >>> among(len, frozenset({len, max})), among([], frozenset({len, max}))
    (True, False)
    """
    try:
        return value in of
    except TypeError:
        return False


def is_hashable(value: object) -> bool:
    """Whether ``value`` has a hash, so that it can be looked up.

    Examples
    --------
    >>> is_hashable((1, "a")), is_hashable((1, [])), is_hashable(memoryview(bytearray(2)))
    (True, False, False)
    """
    try:
        hash(value)
    except (TypeError, ValueError):  # a view of writable memory raises the latter
        return False
    return True


def equals_itself_only(value: Any) -> bool:
    """Whether ``value`` is to be known by its identity: its class says in Python what equals what.

    Two objects that are equal to such a class may differ in all that is read of them. Numbers may
    not, such as fractions.

    Examples
    --------
    >>> class Named:
    ...     def __eq__(self, other):
    ...         return isinstance(other, Named)
    >>> equals_itself_only(Named()), equals_itself_only("text")
    (True, False)
    """
    own = isinstance(value.__class__.__eq__, FunctionType)
    return own and not isinstance(value, Number | type)


_ARITHMETIC: Final = tuple(
    f"__{side}{name}__"
    for name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
    for side in ("", "r")
) + tuple(f"__{name}__" for name in ["neg", "pos", "abs", "lt", "le", "gt", "ge"])


def counts_plainly(number: Any) -> bool:
    """Whether arithmetic does to a number what it does to those of Python's and NumPy's classes.

    Examples
    --------
    >>> class Level(float):
    ...     def __add__(self, other):
    ...         return Level(max(self, other))
    >>> counts_plainly(1.5), counts_plainly(Level(1.5))
    (True, False)
    """
    cls = number.__class__
    if cls in NUMBERS:
        return True
    base = next((c for c in cls.__mro__ if c in NUMBERS), cls)
    return all(getattr(cls, n, None) is getattr(base, n, None) for n in _ARITHMETIC)


_CONTAINERS: Final[tuple[Any, ...]] = (tuple, list, dict, OrderedDict, defaultdict)
_READING: Final = (
    *("__getitem__", "__iter__", "__len__", "__contains__", "__missing__", "__getattribute__"),
    *("get", "items", "keys", "values", "index", "count"),
)


def reads_plainly(container: Any) -> bool:
    """Whether a tuple, list or dict hands out what it holds, as no method of its class changes.

    Examples
    --------
    >>> class Doubled(list):
    ...     def __getitem__(self, i):
    ...         return 2 * list.__getitem__(self, i)
    >>> reads_plainly([1.0]), reads_plainly(Doubled([1.0]))
    (True, False)
    """
    cls = container.__class__
    if cls in _CONTAINERS:
        return True
    if hasattr(cls, "_fields") and not named_plainly(cls):
        return False
    bases = [base for base in _CONTAINERS if issubclass(cls, base)]
    return all(getattr(cls, n, None) is getattr(bases[-1], n, None) for n in _READING)


def is_container(value: Any) -> bool:
    """Whether ``value`` is a tuple, list or dict of a class of which another can be made.

    Examples
    --------
    >>> class Weights(list): ...
    >>> is_container(OrderedDict(a=1.0)), is_container(Weights([1.0]))
    (True, False)
    """
    cls = value.__class__
    return cls in _CONTAINERS or (hasattr(cls, "_fields") and reads_plainly(value))


def named_plainly(cls: Any) -> bool:
    """Whether a class of named tuples makes them of just what it is given, and reads just that.

    Examples
    --------
    >>> from collections import namedtuple
    >>> named_plainly(namedtuple("Point", "x y"))
    True
    """
    first = next((c for c in cls.__mro__ if c.__bases__ == (tuple,)), cls)
    if cls.__new__ is not first.__new__ or cls.__init__ is not object.__init__:
        return False
    names = ("__getattribute__", *getattr(cls, "_fields", ()))
    return all(getattr(cls, n, None) is getattr(first, n, None) for n in names)


def holds_plainly(cls: Any) -> bool:
    """Whether the fields of a dataclass are read as they were stored, and not by a property.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Plain:
    ...     x: float
    >>> class Doubled(Plain):
    ...     @property
    ...     def x(self):
    ...         return 2 * self.y
    ...     @x.setter
    ...     def x(self, value):
    ...         self.y = value
    >>> holds_plainly(Plain), holds_plainly(Doubled)
    (True, False)
    """
    names = [f.name for f in fields(cls)]
    found = [c.__dict__[n] for c in cls.__mro__ for n in names if n in c.__dict__]
    plain = all(isinstance(x, MemberDescriptorType) or not hasattr(x, "__set__") for x in found)
    return plain and cls.__getattribute__ is object.__getattribute__


def attribute(value: object, name: str, default: object = None) -> Any:
    """``getattr(value, name, default)``; ``default`` also where a ``__getattr__`` raises anything.

    For what srcad asks of objects of which it knows nothing.

    Examples
    --------
    >>> class Options(dict):
    ...     __getattr__ = dict.__getitem__  # raises a KeyError
    >>> attribute(Options(rate=0.1), "rate"), attribute(Options(), "rate")
    (0.1, None)
    """
    try:
        return getattr(value, name, default)
    except Exception:
        return default


_LOGS: Final = (
    *("critical", "debug", "error", "exception", "fatal"),
    *("info", "log", "warning"),
)


def is_log(fn: object) -> bool:
    """Whether ``fn`` is a function of `logging`, or a method of its loggers, that writes a line.

    Examples
    --------
    >>> import logging
    >>> is_log(logging.info), is_log(logging.Logger.info), is_log(logging.getLogger)
    (True, True, False)
    """
    return attribute(fn, "__module__") == "logging" and attribute(fn, "__name__") in _LOGS
