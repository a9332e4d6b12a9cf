"""Like terms of a sum: ``2 * x + 4 * x`` as ``6 * x``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

from srcad.ir.naming import is_users
from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.refs import ADD, MUL, SUB
from srcad.optimise.available import Available
from srcad.optimise.constants import evaluate, is_number, operation
from srcad.optimise.signs import Signs
from srcad.types.lattice import Array, Scalar, Type
from srcad.types.operands import operand_type

__all__ = ["LikeTerms"]

_DEPTH: Final = 6
_MOST: Final = 8
_TRUEDIV: Final = operation("truediv").value


_Factors = tuple[Var | Ref, ...]
"""Variables, and arrays that are there before the function runs."""


@dataclass(frozen=True, slots=True)
class _Product:
    """The term ``sign * expr``, which is ``coefficient`` times ``factors``, sorted by name."""

    coefficient: Const
    factors: _Factors
    expr: Expr
    sign: int


class LikeTerms:
    """Joins the terms of a sum that have the same factors and differ in a literal only.

    The sum rounds once where its terms did several times, so this is for adjoints and tangents:
    the user's own sums keep their numbers. Each rewrite leaves a term less, so that they end.
    """

    def __init__(
        self, types: Mapping[Var, Type], known: Available, once: Callable[[Var], bool]
    ) -> None:
        self.types = types
        self.known = known
        self.once = once
        self.signs = Signs(known, once)

    def joined(self, fn: object, x: Expr, y: Expr) -> Call | None:
        """A shorter equal of ``x + y`` or ``x - y``, which ``fn`` tells, if there is one."""
        right = 1 if fn is operator.add else -1
        terms = self._terms(x, 1, _DEPTH) + self._terms(y, right, _DEPTH)
        if len(terms) > _MOST or not all(self._is_float(v) for t in terms for v in t.factors):
            return None
        of: dict[_Factors, list[_Product]] = {}
        for t in terms:
            of.setdefault(t.factors, []).append(t)
        if len(of) == len(terms):
            return None
        sums: list[tuple[int, Expr]] = []
        for factors, alike in of.items():
            total = _total(alike)
            if total is None:
                return None
            if len(alike) == 1:
                sums.append((alike[0].sign, alike[0].expr))
                continue
            cost, sign, product = self._multiple(alike, total, factors)
            if cost >= len(alike) - 1 + sum(self._cost(t.expr) for t in alike):
                return None
            sums.append((sign, product))
        return _sum_of(sums)

    def _multiple(
        self, alike: list[_Product], total: Const, factors: _Factors
    ) -> tuple[int, int, Expr]:
        """``total`` times ``factors``: what it costs, its sign, and the rest.

        It is a multiple of one of the terms ``alike``, or made anew.
        """
        best = (len(factors), *_made(total, factors))
        for t in alike:
            times = evaluate(_TRUEDIV, (total, t.coefficient))
            if times is None or not float(_number(times)).is_integer():
                continue
            cost = 1 + self._cost(t.expr)
            if cost < best[0]:
                sign, size = _signed(int(_number(times)) * t.sign)
                opposite = self.signs.opposite(t.expr)
                sign, expr = (sign, t.expr) if opposite is None else (-sign, opposite)
                best = cost, sign, expr if size == 1 else Call(MUL, (Const(size), expr))
        return best

    def _cost(self, x: Expr) -> int:
        """How many products are made for ``x`` alone."""
        call = self._call(x)
        if call is None or not (isinstance(x, Var) and self.once(x)):
            return 0
        return 1 + sum(map(self._cost, call.args))

    # --- taking apart ----------------------------------------------------------------------------

    def _terms(self, x: Expr, sign: int, depth: int) -> list[_Product]:
        """The terms that ``sign * x`` is the sum of."""
        call = self._call(x)
        if call is not None and isinstance(x, Var) and depth and self.once(x):
            match call:
                case Call(Ref(_, fn), (a, b), ()) if fn in (operator.add, operator.sub):
                    right = sign if fn is operator.add else -sign
                    return self._terms(a, sign, depth - 1) + self._terms(b, right, depth - 1)
                case Call(Ref(_, fn), (a,), ()) if fn is operator.neg:
                    return self._terms(a, -sign, depth - 1)
                case _:
                    pass
        value, factors = self._product(x, depth)
        signed = value if sign > 0 else evaluate(operator.neg, (value,))
        if signed is None:
            return [_Product(Const(sign), (x,) if isinstance(x, Var) else (), x, sign)]
        return [_Product(signed, factors, x, sign)]

    def _product(self, x: Expr, depth: int) -> tuple[Const, _Factors]:
        """The literal and the other factors of ``x``."""
        if isinstance(x, Const):
            return x, ()
        if isinstance(x, Ref):
            return Const(1), (x,)
        assert isinstance(x, Var)
        x = self.known.same.get(x, x)
        literal = self.known.value.get(x)
        if isinstance(literal, Const) and is_number(literal):
            return literal, ()
        match self._call(x) if depth else None:
            case Call(Ref(_, fn), (a, b), ()) if fn is operator.mul:
                if all(isinstance(e, (Var, Ref)) or is_number(e) for e in (a, b)):
                    (c, left), (d, right) = (self._product(e, depth - 1) for e in (a, b))
                    both = evaluate(operator.mul, (c, d))
                    if both is not None:
                        return both, tuple(sorted(left + right, key=_name))
            case Call(Ref(_, fn), (Var() as a,), ()) if fn is operator.neg:
                c, factors = self._product(a, depth - 1)
                minus = evaluate(operator.neg, (c,))
                if minus is not None:
                    return minus, factors
            case _:
                pass
        return Const(1), (x,)

    def _call(self, x: Expr) -> Call | None:
        if not isinstance(x, Var) or is_users(x):
            return None
        value = self.known.value.get(x)
        return value if isinstance(value, Call) else None

    def _is_float(self, x: Var | Ref) -> bool:
        t = operand_type(x, self.types)
        return isinstance(t, (Scalar, Array)) and t.dtype.kind == "f"


def _name(x: Var | Ref) -> str:
    return x.path if isinstance(x, Ref) else x.name


# --- putting together ----------------------------------------------------------------------------


def _total(terms: list[_Product]) -> Const | None:
    """The sum of the coefficients, if it is a number that reads as one and not zero."""
    total: Const | None = terms[0].coefficient
    for t in terms[1:]:
        total = None if total is None else evaluate(operator.add, (total, t.coefficient))
    return None if total is None or not total.value else total


def _made(coefficient: Const, factors: _Factors) -> tuple[int, Expr]:
    """The sign and the rest of a product."""
    sign, size = _signed(_number(coefficient))
    if not factors:
        return sign, Const(size)
    rest: Expr = reduce(lambda a, b: Call(MUL, (a, b)), factors[1:], factors[0])
    if size == 1:
        return sign, rest
    whole = int(size) if isinstance(size, float) and size.is_integer() else size
    return sign, Call(MUL, (Const(whole), rest))


def _signed(value: float) -> tuple[int, float]:
    return (1, value) if value > 0 else (-1, -value)


def _number(literal: Const) -> float:
    assert isinstance(literal.value, (int, float))
    return literal.value


def _sum_of(terms: list[tuple[int, Expr]]) -> Call | None:
    """The sum, led by a term without a sign if there is one."""
    first = next((i for i, (sign, _) in enumerate(terms) if sign > 0), 0)
    (sign, total), rest = terms[first], [*terms[:first], *terms[first + 1 :]]
    if sign < 0:
        match total:
            case Call(Ref(_, fn), (Const() as c, z)) if fn is operator.mul:
                total = Call(MUL, (Const(-_number(c)), z))
            case _:
                return None
    for sign, term in rest:
        total = Call(ADD if sign > 0 else SUB, (total, term))
    return total if isinstance(total, Call) else None
