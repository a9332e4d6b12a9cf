"""Minus signs: where one may go so that two of them, or one and a sum, cost an operation less."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from srcad.ir.naming import is_users
from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.optimise.available import Available
from srcad.optimise.constants import is_number, operation
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
        match value:
            case Call(fn=Ref(value=fn), args=(y,)) if fn is operator.neg:
                return None if inside and not self.few(expr) else y
            case Call(fn=Ref(value=fn), args=(a, *rest)) if self.once(expr) and (
                fn is np.sum or is_rearrangement(value)
            ):
                c = self.opposite(a, positive=positive, depth=depth - 1, inside=True)
                return None if c is None else replace(value, args=(c, *rest))
            case Call(fn=Ref(value=fn) as ref, args=(a, b), kwargs=()) if (
                _scales(fn) or is_bilinear(value)
            ) and self.once(expr):
                inside = inside or not _scales(fn)
                if (
                    c := self.opposite(a, positive=positive, depth=depth - 1, inside=inside)
                ) is not None:
                    return Call(ref, (c, b), origin=value.origin)
                if (
                    c := self.opposite(b, positive=positive, depth=depth - 1, inside=inside)
                ) is not None:
                    return Call(ref, (a, c), origin=value.origin)
                return None
            case _:
                return None


def _scales(fn: object) -> bool:
    return fn is operator.mul or fn is operation("truediv").value


def _is_negative(literal: Const) -> bool:
    return isinstance(literal.value, (int, float)) and literal.value < 0


def _minus(literal: Const) -> Const | None:
    value = literal.value
    return Const(-value) if isinstance(value, (int, float)) and value else None
