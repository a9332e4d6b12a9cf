"""Items and arrays that are computed from themselves, as ``x[i] *= v`` and ``x *= v``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from srcad.analysis.effects import is_pure
from srcad.ir.naming import is_derivative
from srcad.ir.nodes import AugAssign, Call, Const, Expr, Ref, Store, Var
from srcad.ir.refs import ADD, DIV, GETITEM, MUL, SUB, UPDATE
from srcad.ir.walk import subexpressions
from srcad.types.containers import item_type
from srcad.types.lattice import FixedList, ListOf, Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["as_update"]

_COMMUTATIVE: Final = (ADD, MUL)
_ARITHMETIC: Final = (ADD, SUB, MUL, DIV)


def as_update(stmt: Store, types: Mapping[Var, Type]) -> Store | AugAssign:
    """``x[i] *= v`` for ``x[i] = x[i] * v``, where the user wrote that.

    Likewise where ``x`` is a list of numbers that srcad made: an array in a list may be somebody
    else's as well, which is why the user's stores and those of arrays stay as they are.
    """
    obj, index, value = stmt.obj, stmt.index, stmt.value
    if not (isinstance(obj, Var) and isinstance(value, Call) and isinstance(value.fn, Ref)):
        return stmt
    if value.spell != UPDATE and not (
        value.fn in _ARITHMETIC and _is_list_of_numbers(obj, index, types)
    ):
        return stmt
    if len(value.args) != 2 or not _is_calm(index):
        return stmt
    whole = index == Const(...)
    part: Expr = obj if whole else Call(GETITEM, (obj, index))
    left, right = value.args
    if left == part:
        return AugAssign(obj, None if whole else index, value.fn, right, stmt.origin)
    if right == part and value.fn in _COMMUTATIVE and _is_calm(left):
        return AugAssign(obj, None if whole else index, value.fn, left, stmt.origin)
    return stmt


def _is_calm(expr: Expr) -> bool:
    """Whether ``expr`` may be evaluated once for twice, and sooner or later."""
    return all(is_pure(e) for e in subexpressions(expr) if isinstance(e, Call))


def _is_list_of_numbers(obj: Var, index: Expr, types: Mapping[Var, Type]) -> bool:
    t = types.get(obj)
    if not (isinstance(t, (ListOf, FixedList)) and is_derivative(obj)):
        return False
    return isinstance(item_type(t, expression_type(index, types)), Scalar)
