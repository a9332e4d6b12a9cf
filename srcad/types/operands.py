"""The type of an expression, once the types of the variables are known."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.ir.nodes import Call, Const, Dict, Expr, List, Ref, Slice, Star, Tuple, Var
from srcad.rules.binding import bind, result_type
from srcad.rules.table import BindError, rule_for
from srcad.types.containers import element_type
from srcad.types.lattice import (
    UNKNOWN,
    DictOf,
    FixedList,
    ListOf,
    SliceOf,
    TupleOf,
    Type,
    join_all,
)
from srcad.types.of_value import type_of

__all__ = ["expression_type", "operand_type"]


def operand_type(expr: Expr, types: Mapping[Var, Type]) -> Type:
    """The type of ``expr``, an operand of normal IR; `Unknown` for what ``types`` does not know."""
    if isinstance(expr, Var):
        return types.get(expr, UNKNOWN)
    if isinstance(expr, (Const, Ref)):
        return type_of(expr.value)

    def inner(items: tuple[Expr, ...]) -> tuple[Type, ...]:
        return tuple([operand_type(i, types) for i in items])

    match expr:
        case Tuple() | List() if Star in map(type, expr.items):
            return ListOf(join_all(tuple(_spread(i, types) for i in expr.items)) or UNKNOWN)
        case Tuple():
            return TupleOf(inner(expr.items))
        case List():
            return FixedList(inner(expr.items)) if expr.items else ListOf(None)
        case Slice():
            return SliceOf(*inner((expr.start, expr.stop, expr.step)))
        case Dict(keys, values) if all(isinstance(k, Const) for k in keys):
            names = (k.value for k in keys if isinstance(k, Const))
            return DictOf(tuple(zip(names, inner(values), strict=True)))
        case Star(value):
            return operand_type(value, types)
        case _:
            return UNKNOWN


def _spread(item: Expr, types: Mapping[Var, Type]) -> Type:
    """The type of an item of a display, or of those that ``*xs`` puts into it."""
    if not isinstance(item, Star):
        return operand_type(item, types)
    return element_type(operand_type(item.value, types))


def expression_type(expr: Expr, types: Mapping[Var, Type]) -> Type:
    """`operand_type` of an operand; of a call what the rule of its function says."""
    if not isinstance(expr, Call):
        return operand_type(expr, types)
    rule = rule_for(expr.fn.value) if isinstance(expr.fn, Ref) else None
    if rule is None:
        return UNKNOWN
    try:
        operands = bind(rule, expr.args, expr.kwargs)
    except BindError:
        return UNKNOWN
    return result_type(rule, {p: expression_type(e, types) for p, e in operands.items()})
