"""Whose name a variable bears: the user's, an adjoint's, or nobody's."""

from __future__ import annotations

from srcad.ir.nodes import Function, Var
from srcad.ir.walk import bound, statements

__all__ = [
    "MADE",
    "TEMPORARY",
    "is_adjoint",
    "is_better",
    "is_derivative",
    "is_nameless",
    "is_record",
    "is_temporary",
    "is_users",
    "made_in",
    "prefers",
    "record_name",
    "same_name",
    "standing",
]

TEMPORARY = 0
MADE = 1
_USER = 2
_DERIVATIVES = ("_bar", "_dot")
_RECORDS = ("_saved", "_saves")
_ENDINGS = (*_DERIVATIVES, *_RECORDS, "_size", "_shape")


def standing(var: Var) -> int:
    """How much a reader would miss the name: 0 for a temporary, 1 for an adjoint, 2 for the user's.

    Examples
    --------
    >>> standing(Var("t", 3, True)), standing(Var("h_bar", 0, True)), standing(Var("h_bar"))
    (0, 1, 2)
    """
    if not var.made:
        return _USER
    if var.base == "t":
        return TEMPORARY
    return MADE if var.base.endswith(_ENDINGS) else _USER


def is_users(var: Var) -> bool:
    """Whether the name is the user's, or one that is as good: ``result``, ``done``."""
    return not var.made or (var.base != "t" and not var.base.endswith(_ENDINGS))


def is_nameless(var: Var) -> bool:
    """Whether srcad made the variable for a value that has no name."""
    return var.made and var.base == "t"


def is_adjoint(var: Var) -> bool:
    """Whether srcad made the variable for an adjoint."""
    return var.made and var.base.endswith("_bar")


def is_derivative(var: Var) -> bool:
    """Whether srcad made the variable for an adjoint or a tangent."""
    return var.made and var.base.endswith(_DERIVATIVES)


def record_name(base: str) -> str:
    """What the records of a variable are called; those of what a call saved, ``x_saved``, too.

    Examples
    --------
    >>> record_name("x"), record_name("x_saved")
    ('x_saved', 'x_saves')
    """
    stem = base.removesuffix("_saved")
    return f"{base}_saved" if stem == base else f"{stem}_saves"


def is_record(var: Var) -> bool:
    """Whether srcad made the variable for what is to be read again in the backward sweep."""
    return var.made and var.base.endswith(_RECORDS)


def is_temporary(var: Var) -> bool:
    """Whether nobody misses the variable in an expression that says what it is.

    Examples
    --------
    >>> is_temporary(Var("t", 3, True)), is_temporary(Var("h_bar", 0, True)), is_temporary(Var("t"))
    (True, True, False)
    """
    return is_nameless(var) or is_derivative(var)


def same_name(a: Var, b: Var) -> bool:
    """Whether both are versions of one variable."""
    return a.base == b.base and is_users(a) == is_users(b)


def prefers(a: Var, b: Var) -> bool:
    """Whether the name ``a`` may stand where the text said ``b``, both having one value."""
    return (standing(b) < _USER and standing(a) >= standing(b)) or same_name(a, b)


def is_better(a: Var, b: Var) -> bool:
    """Whether a reader would miss the name ``a`` more than ``b``: of adjoints, one of a variable.

    Examples
    --------
    >>> is_better(Var("x_bar", 0, True), Var("t_bar", 0, True))
    True
    >>> is_better(Var("x_bar", 0, True), Var("y_bar", 0, True))
    False
    """
    return (standing(a), a.base != "t_bar") > (standing(b), b.base != "t_bar")


def made_in(fn: Function) -> tuple[Var, ...]:
    """The variables of ``fn`` that srcad made: its text does not tell them from the user's."""
    variables = dict.fromkeys(p.var for p in fn.params)
    variables.update(dict.fromkeys(v for s in statements(fn) for v in bound(s)))
    return tuple(v for v in variables if v.made)
