"""The functions of Python and NumPy that srcad itself writes into programs, each named once.

A `Ref` is equal to any other of the same object, so these serve to recognise calls too.
"""

from __future__ import annotations

import operator
from typing import Final, TypeGuard

import numpy as np

from srcad.ir.nodes import Const, Expr, Ref
from srcad.kinds import among
from srcad.runtime import (
    check_alike,
    check_apart,
    check_number,
    check_pair,
    check_plain,
    columns,
    with_item,
)

__all__ = [
    "ADD",
    "ADDING",
    "ADD_AT",
    "APPEND",
    "ARANGE",
    "ARRAY",
    "ASARRAY",
    "CHECK_ALIKE",
    "CHECK_APART",
    "CHECK_NUMBER",
    "CHECK_PAIR",
    "CHECK_PLAIN",
    "COLUMNS",
    "COPY",
    "DELETE",
    "DICT",
    "DIV",
    "ENUMERATE",
    "GETATTR",
    "GETITEM",
    "INVERT",
    "ITERATORS",
    "LEN",
    "LIST",
    "LIST_APPEND",
    "LIST_POP",
    "MIN",
    "MUL",
    "NEG",
    "NONE",
    "NOT",
    "OR",
    "POP",
    "POW",
    "RANGE",
    "REAL",
    "REFILL",
    "REVERSED",
    "SET",
    "SUB",
    "SUM",
    "TUPLE",
    "UPDATE",
    "WITH_ITEM",
    "ZEROS",
    "ZEROS_LIKE",
    "ZIP",
    "refers_to",
]

# --- operators (three by name, since their types are only partly known)

ADD: Final = Ref("operator.add", operator.add)
SUB: Final = Ref("operator.sub", operator.sub)
POW: Final = Ref("operator.pow", vars(operator)["pow"])
MUL: Final = Ref("operator.mul", operator.mul)
DIV: Final = Ref("operator.truediv", vars(operator)["truediv"])
NEG: Final = Ref("operator.neg", operator.neg)
INVERT: Final = Ref("operator.invert", operator.invert)
OR: Final = Ref("operator.or_", vars(operator)["or_"])
NOT: Final = Ref("operator.not_", operator.not_)
GETITEM: Final = Ref("operator.getitem", operator.getitem)
ADDING: Final[frozenset[object]] = frozenset({ADD.value, SUB.value})
UPDATE: Final = "="
"""The spelling of ``x[i] * v`` where the user wrote ``x[i] *= v``."""

# --- builtins

ENUMERATE: Final = Ref("enumerate", enumerate)
GETATTR: Final = Ref("getattr", getattr)
LEN: Final = Ref("len", len)
DICT: Final = Ref("dict", dict)
LIST: Final = Ref("list", list)
MIN: Final = Ref("min", min)
RANGE: Final = Ref("range", range)
REVERSED: Final = Ref("reversed", reversed)
SET: Final = Ref("set", set)
TUPLE: Final = Ref("tuple", tuple)
ZIP: Final = Ref("zip", zip)
NONE: Final = Const(None)
ITERATORS: Final[frozenset[object]] = frozenset({range, zip, enumerate, reversed})
"""What a loop may run over without there being an object of it."""

# --- methods of lists, whose types are only partly known where they are named

LIST_APPEND: Final[object] = vars(list)["append"]
LIST_POP: Final[object] = vars(list)["pop"]
DELETE: Final = "__delitem__"
"""The method that stands for ``del xs[i]``."""
REFILL: Final = "__init__"
"""The method that gives a list other items: ``xs[:] = ys``."""
APPEND: Final = Ref("list.append", LIST_APPEND)
POP: Final = Ref("list.pop", LIST_POP)

# --- NumPy

ADD_AT: Final = Ref("np.add.at", np.add.at)
ARANGE: Final = Ref("np.arange", np.arange)
ARRAY: Final = Ref("np.array", np.array)
ASARRAY: Final = Ref("np.asarray", np.asarray)
COPY: Final = Ref("np.copy", np.copy)
REAL: Final = Ref("np.real", np.real)
SUM: Final = Ref("np.sum", np.sum)
ZEROS_LIKE: Final = Ref("np.zeros_like", np.zeros_like)
ZEROS: Final[frozenset[object]] = frozenset({np.zeros, np.zeros_like})
"""What makes arrays of zeros."""

# --- items of lists and dicts

COLUMNS: Final = Ref("columns", columns)
CHECK_ALIKE: Final = Ref("check_alike", check_alike)
CHECK_APART: Final = Ref("check_apart", check_apart)
CHECK_NUMBER: Final = Ref("check_number", check_number)
CHECK_PAIR: Final = Ref("check_pair", check_pair)
CHECK_PLAIN: Final = Ref("check_plain", check_plain)
WITH_ITEM: Final = Ref("with_item", with_item)


def refers_to(fn: Expr, of: frozenset[object]) -> TypeGuard[Ref]:
    """Whether ``fn`` names one of these functions.

    Examples
    --------
    >>> refers_to(ADD, ADDING), refers_to(MUL, ADDING)
    (True, False)
    """
    return isinstance(fn, Ref) and among(fn.value, of)
