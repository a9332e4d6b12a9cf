"""The type of an operand, once the types of the variables are known."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.ir.nodes import Const, Dict, Expr, List, Ref, Slice, Star, Tuple, Var
from srcad.types.lattice import (
    UNKNOWN,
    DictOf,
    FixedList,
    ListOf,
    SliceOf,
    TupleOf,
    Type,
)
from srcad.types.of_value import type_of

__all__ = ["operand_type"]


def operand_type(expr: Expr, types: Mapping[Var, Type]) -> Type:
    """The type of ``expr``, an operand of normal IR; `Unknown` for what ``types`` does not know."""

    def inner(items: tuple[Expr, ...]) -> tuple[Type, ...]:
        return tuple(operand_type(i, types) for i in items)

    match expr:
        case Var():
            return types.get(expr, UNKNOWN)
        case Const(value) | Ref(_, value):
            return type_of(value)
        case Tuple(items):
            return TupleOf(inner(items))
        case List(items):
            return FixedList(inner(items)) if items else ListOf(None)
        case Dict(keys, values) if all(isinstance(k, Const) for k in keys):
            names = (k.value for k in keys if isinstance(k, Const))
            return DictOf(tuple(zip(names, inner(values), strict=True)))
        case Slice(start, stop, step):
            return SliceOf(*inner((start, stop, step)))
        case Star(value):
            return operand_type(value, types)
        case _:
            return UNKNOWN
