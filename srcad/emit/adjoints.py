"""Rewrites of what makes adjoints, and of nothing else: the user's numbers stay the very same."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from srcad.ir.naming import is_adjoint
from srcad.ir.nodes import (
    BoolOp,
    Call,
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
    While,
)
from srcad.ir.rebuild import changed, map_block, map_expr, map_stmt, same_or_new
from srcad.ir.walk import ATOMS, bound, used, variables
from srcad.kinds import among

__all__ = ["in_adjoints"]

_COMPARISONS: Final[frozenset[object]] = frozenset(
    vars(operator)[name] for name in ("lt", "le", "gt", "ge", "eq", "ne")
)
_BACKWARD: Final = Note("backward")


def in_adjoints(fn: Function, rewritten: Callable[[Call], Call]) -> Function:
    """``fn`` with each call ``rewritten`` that helps to make an adjoint, outer ones first.

    Parameters
    ----------
    fn : Function
        What `renest` made.
    rewritten : callable
        Gives the same number, but for rounding. Comparisons, and all within them, are left alone.
    """
    start = 0
    if not any(is_adjoint(p.var) for p in fn.params):
        start = next((i for i, s in enumerate(fn.body) if s == _BACKWARD), len(fn.body))
    below = fn.body[start:]
    new = map_block(below, _Writer(rewritten).statement)
    return fn if new is below else replace(fn, body=(*fn.body[:start], *new))


class _Writer:
    def __init__(self, rewritten: Callable[[Call], Call]) -> None:
        self._rewritten = rewritten

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
            expr = self._rewritten(expr)
        return map_expr(expr, self._expr)
