"""Operands whose class has arithmetic of its own: masked arrays, matrices, objects of a user's."""

from __future__ import annotations

from numbers import Number
from typing import Any, Final

import numpy as np

from srcad.kinds import ARRAY, ARRAYS, counts_plainly

__all__ = ["as_array", "check_plain", "foreign_operand", "is_plain", "joined_containers"]

_NUMBERS: Final[tuple[Any, ...]] = (Number, np.generic)
_PLAIN: Final[tuple[Any, ...]] = (
    *(str, bytes, type(None), slice, type(Ellipsis)),
    *(list, tuple, dict, range),
)


def is_plain(x: Any) -> bool:
    """Whether operators and NumPy's functions do to ``x`` what they do to numbers and arrays.

    Examples
    --------
    >>> is_plain(2.0), is_plain(np.ones(2)), is_plain(np.ma.ones(2)), is_plain(object())
    (True, True, False, False)
    """
    if isinstance(x, _NUMBERS):
        return counts_plainly(x)
    if isinstance(x, ARRAY):
        return type(x) in ARRAYS and not x.dtype.hasobject
    return isinstance(x, _PLAIN)


def check_plain(x: Any) -> None:
    """Raise unless `is_plain` holds of ``x``, an operand beside one that is differentiated.

    Raises
    ------
    UnknownFunctionError

    Examples
    --------
    >>> check_plain(np.ones(2))
    """
    if not is_plain(x):
        raise foreign_operand(x, "an operand")


def foreign_operand(x: Any, what: str, **where: Any) -> Exception:
    """The refusal of an operand like ``x``, or of that class, which is called ``what``."""
    from srcad.errors import UnknownFunctionError

    kind = x if isinstance(x, type) else x.__class__
    if kind in ARRAYS:
        return UnknownFunctionError(
            "srcad does not know the arithmetic of an array of objects",
            why=f"{what} is one, and what its items do with numbers is not known",
            instead="give an array of floats, `x.astype(float)`",
            **where,
        )
    return UnknownFunctionError(
        f"srcad does not know the arithmetic of `{kind.__name__}`",
        why=f"{what} is of that class, and what its operators do is not known",
        instead=_in_place_of(kind),
        **where,
    )


def joined_containers(**where: Any) -> Exception:
    """The refusal of ``xs + ys`` and ``xs * n`` of lists and tuples of unknown length."""
    from srcad.errors import UnknownFunctionError

    return UnknownFunctionError(
        "srcad cannot differentiate the joining or repeating of lists and tuples",
        why="`+` and `*` make a new container of the same items, which is not tracked yet",
        instead="append the items to a list, or use np.concatenate on arrays",
        **where,
    )


def _in_place_of(kind: type) -> str:
    made = as_array(kind, "a")
    if not made:
        return "give a plain array or number, or call a function or method that does the same"
    if not made.endswith(".toarray()"):
        return f"give a plain array, `{made}`"
    return f"give a plain array, `{made}`, or wrap what is done with it by `srcad.custom_vjp`"


def as_array(kind: type, name: str) -> str:
    """What makes an array of an object of a class, which is called ``name``, if anything does.

    Examples
    --------
    >>> as_array(np.ma.MaskedArray, "x"), as_array(np.recarray, "x"), as_array(object, "x")
    ('x.filled(0.0)', 'np.asarray(x)', '')
    """
    if hasattr(kind, "filled") and issubclass(kind, ARRAY):
        return f"{name}.filled(0.0)"
    if issubclass(kind, ARRAY) or hasattr(kind, "__array__"):
        return f"np.asarray({name})"
    return f"{name}.toarray()" if hasattr(kind, "toarray") else ""
