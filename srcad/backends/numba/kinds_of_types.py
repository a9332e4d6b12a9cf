"""What kind of value a type of Numba's is of."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["dtype_of", "is_array", "is_complex", "is_list", "is_number", "is_tuple_of_numbers"]


def is_number(t: Any) -> bool:
    return isinstance(t, importlib.import_module("numba").types.Number)


def is_array(t: Any) -> bool:
    return isinstance(t, importlib.import_module("numba").types.Array)


def dtype_of(t: Any) -> Any:
    return t.dtype if is_array(t) else t


def is_complex(t: Any) -> bool:
    return isinstance(dtype_of(t), importlib.import_module("numba").types.Complex)


def is_list(t: Any) -> bool:
    return isinstance(t, importlib.import_module("numba").types.List)


def is_tuple_of_numbers(t: Any) -> bool:
    """Whether it is a tuple of some numbers of one type."""
    return isinstance(t, importlib.import_module("numba").types.UniTuple) and is_number(t.dtype)
