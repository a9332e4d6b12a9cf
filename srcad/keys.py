"""A cheap key of a call: two calls with one key have arguments of one abstract type each."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import FunctionType
from typing import Any, Final, cast

import numpy as np

from srcad.kinds import ARRAY, DICT, SEQUENCE

__all__ = ["key_of", "key_of_all"]

_BY_TYPE: Final = frozenset(
    {float, int, bool, complex, type(None)} | {np.dtype(c).type for c in "?bhilqBHILQefdgFDG"}
)


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
    if is_dataclass(value):
        return cls, *(key_of(getattr(value, f.name)) for f in fields(value))
    if cls is FunctionType:
        return value, value.__code__
    try:
        hash(value)
    except TypeError:
        return cls, id(value)
    return cls, value


def key_of_all(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key of all arguments of a call."""
    return tuple(map(key_of, values))


def _class(value: Any) -> Any:
    return type(value)  # pyright: ignore[reportUnknownVariableType] - of a value of any type
