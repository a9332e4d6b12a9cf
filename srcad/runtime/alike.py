"""Whether a tangent or cotangent is like its value, where only a call can tell."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from srcad.kinds import ARRAY, DICT, SEQUENCE

__all__ = ["check_alike", "not_alike"]


def check_alike(x: Any, other: Any, role: str) -> None:
    """Raise unless ``other``, in the ``role`` of a tangent or cotangent, is like its value ``x``.

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> check_alike((1.5, np.ones(2)), (0.0, np.zeros(2)), "tangent")
    """
    if not _are_alike(x, other):
        raise not_alike(role)


def _are_alike(x: Any, other: Any) -> bool:
    if isinstance(x, ARRAY) and x.shape:
        # A list of numbers would be taken for an array.
        return isinstance(other, ARRAY) and x.shape == other.shape and x.dtype == other.dtype
    if isinstance(x, SEQUENCE):
        parts: Any = isinstance(other, SEQUENCE) and len(x) == len(other)  # pyright: ignore[reportUnknownArgumentType]
        return parts and all(map(_are_alike, x, other))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(x, DICT):
        keys: Any = isinstance(other, DICT) and x.keys() == other.keys()
        return keys and all(_are_alike(x[k], other[k]) for k in x)  # pyright: ignore[reportUnknownVariableType]
    if is_dataclass(x):
        names = [f.name for f in fields(x)]
        return type(x) is type(other) and all(
            _are_alike(getattr(x, n), getattr(other, n)) for n in names
        )
    if x is None or other is None:
        return x is other
    return np.shape(other) == () and np.asarray(other).dtype.kind in "fc"


def not_alike(role: str, **where: Any) -> Exception:
    """The refusal of a tangent or cotangent, in this ``role``, that is not like its value."""
    from srcad.errors import ArgumentError

    return ArgumentError(
        f"the {role} is not like its value",
        why=f"a {role} has the structure of its value, and its shapes and dtypes",
        instead="make it of the value, e.g. np.ones_like(x); for a number give a float, 1.0",
        **where,
    )
