"""Whose name a variable bears: the user's, an adjoint's, or nobody's."""

from __future__ import annotations

from srcad.ir.nodes import Var

__all__ = ["MADE", "TEMPORARY", "is_users", "prefers", "standing"]

TEMPORARY = 0
MADE = 1
_USER = 2
_ENDINGS = ("_bar", "_dot", "_saved", "_size", "_shape")


def standing(var: Var) -> int:
    """How much a reader would miss the name: 0 for a temporary, 1 for an adjoint, 2 for the user's.

    Examples
    --------
    >>> standing(Var("t", 3)), standing(Var("h_bar")), standing(Var("h"))
    (0, 1, 2)
    """
    if var.base == "t":
        return TEMPORARY
    return MADE if var.base.endswith(_ENDINGS) else _USER


def is_users(var: Var) -> bool:
    """Whether the name is the user's."""
    return standing(var) == _USER


def prefers(a: Var, b: Var) -> bool:
    """Whether the name ``a`` may stand where the text said ``b``, both having one value."""
    return (standing(b) < _USER and standing(a) >= standing(b)) or a.base == b.base
