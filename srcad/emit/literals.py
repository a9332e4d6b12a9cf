"""Literal factors of adjoints in front of products: ``2 * y_bar * x``, not ``2 * (y_bar * x)``."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from srcad.ir.naming import is_adjoint
from srcad.ir.nodes import (
    BoolOp,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    IfExp,
    Note,
    Ref,
    Return,
    Stmt,
    Tuple,
    Var,
    While,
)
from srcad.ir.rebuild import changed, map_block, map_expr, map_stmt, same_or_new
from srcad.ir.refs import DIV, MUL, NEG
from srcad.ir.walk import ATOMS, bound, used, variables
from srcad.kinds import among
from srcad.types.lattice import Array, Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["literals_first"]

_COMPARISONS: Final[frozenset[object]] = frozenset(
    vars(operator)[name] for name in ("lt", "le", "gt", "ge", "eq", "ne")
)


def literals_first(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Write ``c * a * b`` for ``c * (a * b)``, and ``c * a / b`` for ``c * (a / b)``.

    Only where adjoints are made: numbers of the user's stay the very same, and so do all tests.

    Parameters
    ----------
    fn : Function
        What `renest` made.
    types : Mapping
        The types of the variables, where they are known: ``2 * i`` may be too large for an int.

    Returns
    -------
    Function
        The same computation, but for the rounding of literals that are no powers of two.
    """
    start = 0
    if not any(is_adjoint(p.var) for p in fn.params):
        start = next((i for i, s in enumerate(fn.body) if s == _BACKWARD), len(fn.body))
    below = fn.body[start:]
    new = map_block(below, _Writer(types).statement)
    return fn if new is below else replace(fn, body=(*fn.body[:start], *new))


_BACKWARD: Final = Note("backward")


class _Writer:
    def __init__(self, types: Mapping[Var, Type]) -> None:
        self._types = types

    def statement(self, stmt: Stmt) -> Stmt:
        if isinstance(stmt, (For, If, While)):
            return map_stmt(stmt, lambda test: test, lambda b: map_block(b, self.statement))
        if isinstance(stmt, Return):
            return changed(stmt, value=self._returned(stmt.value))
        if isinstance(stmt, Note) or not any(map(is_adjoint, (*bound(stmt), *used(stmt)))):
            return stmt
        if isinstance(stmt, Do):
            return changed(stmt, call=self._expr(stmt.call))
        return map_stmt(stmt, self._expr)

    def _returned(self, value: Expr) -> Expr:
        """A gradient; of several results, one may be the value itself."""
        if not isinstance(value, Tuple):
            return self._expr(value)
        items = [self._expr(x) if any(map(is_adjoint, variables(x))) else x for x in value.items]
        return changed(value, items=same_or_new(value.items, items))

    def _expr(self, expr: Expr) -> Expr:
        if isinstance(expr, (*ATOMS, BoolOp)):
            return expr
        if isinstance(expr, IfExp):
            return changed(expr, then=self._expr(expr.then), orelse=self._expr(expr.orelse))
        if isinstance(expr, Call) and isinstance(expr.fn, Ref):
            if among(expr.fn.value, _COMPARISONS):
                return expr
            match expr.args:
                case (Const(int() | float()) as c, Call() as x) if (
                    expr.fn == MUL and _is_product(x) and self._is_float(_first(x))
                ):
                    expr = _times(c, x)
                case (Call() as x,) if expr.fn == NEG and _is_product(x):
                    match _first(x):
                        case Const(int() | float() as value) if value > 0:
                            expr = _with_first(x, Const(-value))
                        case _:
                            pass
                case _:
                    pass
        return map_expr(expr, self._expr)

    def _is_float(self, x: Expr) -> bool:
        if any(map(is_adjoint, variables(x))):
            return True
        t = expression_type(x, self._types)
        return isinstance(t, (Scalar, Array)) and t.dtype.kind in "fc"


def _is_product(x: Expr) -> bool:
    return isinstance(x, Call) and (x.fn == MUL or x.fn == DIV)


def _first(x: Expr) -> Expr:
    """The factor that ``x``, a product of products and quotients, begins with."""
    while isinstance(x, Call) and _is_product(x):
        x = x.args[0]
    return x


def _with_first(x: Call, first: Expr) -> Call:
    """``x`` with another factor to begin with."""
    inner = x.args[0]
    start = _with_first(inner, first) if isinstance(inner, Call) and _is_product(inner) else first
    return changed(x, args=(start, *x.args[1:]))


def _times(c: Const, x: Expr) -> Call:
    if not (isinstance(x, Call) and _is_product(x)):
        return Call(MUL, (c, x))
    return _with_first(x, Call(MUL, (c, _first(x))))
