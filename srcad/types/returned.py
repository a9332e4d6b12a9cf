"""Whether the type of what a function returns is what a derivative needs."""

from __future__ import annotations

from typing import Any

from srcad.runtime.returned import no_pair
from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
)

__all__ = ["check_pair_type", "is_real"]


def is_real(t: Type | None) -> bool:
    """Whether a value of type ``t`` surely is one real number.

    Examples
    --------
    >>> from srcad.types.lattice import FLOAT, INT
    >>> is_real(FLOAT), is_real(INT), is_real(None)
    (True, False, False)
    """
    match t:
        case Scalar(dtype) | Array(dtype, ()):
            return dtype.kind == "f"
        case _:
            return False


def check_pair_type(t: Type | None, name: str, **where: Any) -> bool:
    """Whether a value of type ``t``, which ``name`` returned, surely is a tuple of two.

    Returns
    -------
    bool
        ``False`` where only a call can tell.

    Raises
    ------
    OutputError
        If it surely is none.
    """
    match t:
        case Unknown() | None:
            return False
        case TupleOf(items):
            if len(items) == 2:
                return True
            what = f"a tuple of length {len(items)}"
        case Record(cls, fields):
            if issubclass(cls, tuple) and len(fields) == 2:
                return True
            what = f"a `{cls.__name__}`"
        case FixedList() | ListOf():
            what = "a list"
        case DictOf():
            what = "a dict"
        case Array():
            what = "an array"
        case Scalar():
            what = "a number"
        case Static(None):
            what = "None"
        case _:
            what = "something else"
    raise no_pair(name, what, **where)
