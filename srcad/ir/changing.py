"""What may change a list or an array in the middle of an expression, as far as its text tells."""

from __future__ import annotations

from typing import Final

from srcad.ir.naming import is_nameless
from srcad.ir.nodes import Attr, Call, Expr, Ref, Var
from srcad.ir.walk import subexpressions
from srcad.notes import notes_of

__all__ = ["CHANGING", "may_change_items"]

CHANGING: Final = frozenset(
    {"append", "clear", "extend", "fill", "insert", "pop", "reverse", "sort", "update"}
)
"""The methods that change what they are of."""


def may_change_items(expr: Expr) -> bool:
    """Whether a call in ``expr`` may change the items of a container that the program names.

    Methods tell by their names, and of functions only those do it that are defined inside the
    differentiated one.
    """
    return any(isinstance(e, Call) and _changes(e.fn) for e in subexpressions(expr))


def _changes(fn: Expr) -> bool:
    match fn:
        case Attr(owner, name):
            return name in CHANGING and not (isinstance(owner, Var) and is_nameless(owner))
        case Ref(_, live):
            return notes_of(live).lifted is not None
        case _:
            return isinstance(fn, Var)
