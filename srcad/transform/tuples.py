"""Tuples of unknown length, ``(*xs, y)``: their types are those of lists.

Items of an adjoint are assigned, so that of a tuple must be made a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType

from srcad.analysis.effects import runtime_name
from srcad.ir.nodes import (
    Assign,
    Call,
    Do,
    Expr,
    For,
    Function,
    Ref,
    Star,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import LIST_APPEND, TUPLE
from srcad.ir.walk import statements, subexpressions
from srcad.rules.table import rule_for
from srcad.types.lattice import Array, ListOf, Scalar, Static, Type

__all__ = ["tuples_of_any_length"]


def tuples_of_any_length(
    fn: Function, types: Mapping[Var, Type], given: tuple[Var, ...]
) -> frozenset[Var]:
    """The variables that may be such tuples or hold them, as the parameters ``given`` may.

    What a user passes to a function that is differentiated is a list if its type says so.
    """
    found = {v for v in given if isinstance(types.get(v), ListOf)}
    made = [pair for stmt in statements(fn) for pair in _made(stmt)]
    made = [(v, e) for v, e in made if not isinstance(types.get(v), (Array, Scalar, Static))]
    while new := {v for v, e in made if v not in found and _makes_one(e, found)}:
        found |= new
    return frozenset(found)


def _made(stmt: Stmt) -> Iterator[tuple[Var, Expr]]:
    """The variables to which ``stmt`` gives something, and of what that is made."""
    match stmt:
        case Assign(Var() as target, value) | For(Var() as target, value):
            yield target, value
        case Unpack(targets, value):
            yield from ((target, value) for target in targets if target is not None)
        case Do(Call(Ref(_, fn), (Var() as xs, item))) if fn is LIST_APPEND:
            yield xs, item
        case _:
            return


def _makes_one(value: Expr, found: set[Var]) -> bool:
    for part in subexpressions(value):
        match part:
            case Var() if part in found:
                return True
            case Tuple(items) if any(isinstance(item, Star) for item in items):
                return True
            case Call(Ref(_, fn) as ref):
                if ref == TUPLE or _is_followed(fn):
                    return True
            case _:
                pass
    return False


def _is_followed(fn: object) -> bool:
    return isinstance(fn, FunctionType) and rule_for(fn) is None and not runtime_name(fn)
