"""Minus signs: where one may go so that two of them, or one and a sum, cost an operation less."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from srcad.ir.naming import is_users
from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.refs import DIV
from srcad.optimise.available import Available
from srcad.optimise.constants import is_number
from srcad.optimise.linear import is_bilinear, is_rearrangement

__all__ = ["Signs"]

_DEPTH = 4


class Signs:
    """Finds expressions for ``-x`` that cost no more than ``x``."""

    def __init__(
        self,
        known: Available,
        once: Callable[[Var], bool],
        few: Callable[[Var], bool] = lambda _: True,
    ) -> None:
        self.known = known
        self.once = once
        self.few = few

    def opposite(
        self, expr: Expr, *, positive: bool = False, depth: int = _DEPTH, inside: bool = False
    ) -> Expr | None:
        """``-expr`` without a sign of its own, if ``expr`` is made with one; else ``None``.

        Parameters
        ----------
        expr
            An operand.
        positive
            Whether a sign may be put to a positive literal, too.
        depth
            How many products, quotients, sums and rearrangements to look through.
        inside
            Whether this is inside a sum, a rearrangement or a product of matrices. There the sign
            of what is read in many places is left: it would not go everywhere.
        """
        if is_number(expr) and isinstance(expr, Const):
            return _minus(expr) if positive or _is_negative(expr) else None
        if not isinstance(expr, Var) or is_users(expr) or depth == 0:
            return None
        value = self.known.value.get(expr)
        if isinstance(value, Const) and is_number(value):
            return _minus(value) if positive or _is_negative(value) else None
        if not isinstance(value, Call) or not isinstance(value.fn, Ref):
            return None
        fn, args = value.fn.value, value.args
        if fn is operator.neg:
            return None if inside and not self.few(expr) else args[0]
        if not args or not self.once(expr):
            return None
        if fn is np.sum or is_rearrangement(value):
            c = self.opposite(args[0], positive=positive, depth=depth - 1, inside=True)
            return None if c is None else replace(value, args=(c, *args[1:]))
        scales = fn is operator.mul or fn is DIV.value
        if not scales and not (len(args) == 2 and not value.kwargs and is_bilinear(value)):
            return None
        inside = inside or not scales
        for i, factor in enumerate(args):
            c = self.opposite(factor, positive=positive, depth=depth - 1, inside=inside)
            if c is not None:
                both = (c, args[1]) if i == 0 else (args[0], c)
                return Call(value.fn, both, origin=value.origin)
        return None


def _is_negative(literal: Const) -> bool:
    return isinstance(literal.value, (int, float)) and literal.value < 0


def _minus(literal: Const) -> Const | None:
    value = literal.value
    return Const(-value) if isinstance(value, (int, float)) and value else None
