"""Factors of adjoints: taken out of sums that they do not vary in, and made one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from srcad.ir.naming import is_derivative, is_users
from srcad.ir.nodes import Call, Const, Expr, Ref, Tuple, Var
from srcad.ir.refs import ADD, DIV, MUL, NEG, SUB
from srcad.ir.walk import variables
from srcad.optimise.available import Available
from srcad.optimise.constants import evaluate, is_number, whole_as
from srcad.optimise.linear import is_bilinear, is_rearrangement
from srcad.types.lattice import Array, Scalar, Type, same_shape
from srcad.types.operands import expression_type, operand_type

__all__ = ["Factors"]

_DEPTH: Final = 4

_Wrap = Callable[[Expr], Call]


class Factors:
    """Finds cheaper forms of products, quotients and sums in which an adjoint or tangent occurs.

    The user's own arithmetic stays as it is, so that values are the very numbers of the primal.

    Attributes
    ----------
    in_backward : bool
        Whether what is simplified is surely not the user's.
    """

    def __init__(
        self, types: Mapping[Var, Type], known: Available, once: Callable[[Var], bool]
    ) -> None:
        self.types = types
        self.known = known
        self.once = once
        self.in_backward = False

    # --- sums over axes --------------------------------------------------------------------------

    def out_of_sum(self, call: Call) -> Expr | None:
        """``np.sum(c * x, axis)`` as ``c * np.sum(x, axis)``, if ``c`` is the same along ``axis``.

        Likewise for quotients and signs.
        """
        options = dict(call.kwargs)
        axis, keepdims = options.pop("axis", Const(None)), options.pop("keepdims", Const(False))
        if options or len(call.args) != 1:
            return None
        x = call.args[0]
        t = operand_type(x, self.types)
        axes = _axes(axis, t)
        if axes is None or not isinstance(t, Array) or not isinstance(keepdims, Const):
            return None
        leading = axes == frozenset(range(len(axes)))

        def varies(factor: Expr) -> bool:
            mine = operand_type(factor, self.types)
            if isinstance(mine, Scalar):
                return False
            if not isinstance(mine, Array) or mine.dtype != t.dtype:
                return True
            shift = t.ndim - mine.ndim
            if keepdims.value is not True and (not leading or shift < len(axes)):
                return True
            return any(a >= shift and mine.shape[a - shift] != 1 for a in axes)

        rest, wraps = self._peeled(x, varies, _DEPTH)
        if not wraps or not (self.in_backward or self._is_adjoint(x)):
            return None
        value: Expr = replace(call, args=(rest,))
        for wrap in wraps:
            value = wrap(value)
        return value

    def _peeled(
        self, x: Expr, varies: Callable[[Expr], bool], depth: int
    ) -> tuple[Expr, list[_Wrap]]:
        """``x`` without the factors that do not vary, and what puts them back, inside out."""
        call = self._made(x)
        if call is None or depth == 0:
            return x, []
        match call:
            case Call(Ref(_, fn), (a,), ()) if fn is operator.neg:
                rest, wraps = self._peeled(a, varies, depth - 1)
                return rest, [*wraps, lambda e: Call(NEG, (e,))]
            case Call(Ref(_, fn), (a, c), ()) if fn is DIV.value:
                if not varies(c) and self._alike(a, x):
                    rest, wraps = self._peeled(a, varies, depth - 1)
                    return rest, [*wraps, lambda e: Call(DIV, (e, c))]
                rest, wraps = self._peeled(a, varies, depth - 1)
                return (Call(DIV, (rest, c)) if wraps else x), wraps
            case Call(Ref(_, fn), (a, b), ()) if fn is operator.mul:
                for p, q in ((a, b), (b, a)):
                    if not varies(p) and self._alike(q, x):
                        rest, wraps = self._peeled(q, varies, depth - 1)
                        return rest, [*wraps, lambda e, p=p: Call(MUL, (p, e))]
                rest, wraps = self._peeled(a, varies, depth - 1)
                if wraps:
                    return Call(MUL, (rest, b)), wraps
                rest, wraps = self._peeled(b, varies, depth - 1)
                return (Call(MUL, (a, rest)) if wraps else x), wraps
            case _:
                return x, []

    # --- literals --------------------------------------------------------------------------------

    def with_literal(self, c: Const, t: Expr) -> Expr | None:
        """``c * (d * x / s)`` as ``(c * d) * x / s``, for literals ``c`` and ``d``."""
        rest, wraps = self._peeled(t, lambda factor: not isinstance(factor, Const), _DEPTH)
        if not self.in_backward and not self._is_adjoint(t):
            return None
        if not wraps:
            found = self._times(c, t, _DEPTH)
            return found[0] if found is not None and found[1] else None
        both: Const | None = c
        for wrap in wraps:
            call = wrap(both)
            assert isinstance(call.fn, Ref)
            both = evaluate(call.fn.value, call.args)
            if both is None:
                return None
        return self._scaled(whole_as(both, c), rest)

    def _scaled(self, c: Const, x: Expr) -> Expr | None:
        """``c * x``; ``None`` where that may be an int and would have been a float."""
        t = expression_type(x, self.types)
        is_float = isinstance(t, (Scalar, Array)) and t.dtype.kind in "fc"
        if not (is_float or self._is_adjoint(x)):
            number = evaluate(operator.mul, (Const(1.0), c))
            is_one = is_number(c, 1) or is_number(c, -1)
            return None if number is None or is_one else Call(MUL, (number, x))
        if is_number(c, -1):
            return Call(NEG, (x,))
        return x if is_number(c, 1) else Call(MUL, (c, x))

    def _times(self, c: Const, x: Expr, depth: int) -> tuple[Expr, bool] | None:
        """``c * x``, where ``c`` joins a literal inside ``x``, and whether it is a new array.

        That literal may be a numerator, and stand behind a change of the axes or inside a product
        of matrices.
        """
        call = self._made(x)
        if call is None or depth == 0 or not isinstance(call.fn, Ref):
            return None
        fn = call.fn.value
        if is_rearrangement(call):
            if not isinstance(operand_type(call.args[0], self.types), Array):
                return None
            inner = self._times(c, call.args[0], depth - 1)
            if inner is None:
                return None
            return replace(call, args=(inner[0], *call.args[1:])), inner[1]
        if call.kwargs:
            return None
        if fn is operator.mul or fn is DIV.value or is_bilinear(call):
            a, b = map(self._literal, call.args)
            if fn is not DIV.value and isinstance(b, Const):
                a, b = b, a
            if isinstance(a, Const):
                both = evaluate(operator.mul, (c, a))
                if both is None:
                    return None
                both = whole_as(both, c)
                if fn is DIV.value:
                    is_known = self.known.holder.get(call, x) != x
                    return None if is_known else (Call(DIV, (both, b)), True)
                scaled = self._scaled(both, b)
                return None if scaled is None else (scaled, scaled != b)
            pairs = ((a, b),) if fn is DIV.value else ((a, b), (b, a))
            for p, q in pairs:
                if (inner := self._times(c, p, depth - 1)) is None:
                    continue
                match inner[0]:
                    case Call(Ref(_, op), (Const(1), s)) if op is DIV.value and fn is operator.mul:
                        return Call(DIV, (q, s)), True
                    case rest:
                        return replace(call, args=(rest, q) if p is a else (q, rest)), True
            return None
        if fn is operator.neg:
            minus = evaluate(operator.neg, (c,))
            assert minus is not None
            return self._times(minus, call.args[0], depth - 1)
        return None

    # --- quotients -------------------------------------------------------------------------------

    def over_one_divisor(self, fn: object, x: Expr, y: Expr) -> Expr | None:
        """``x / s + y / s`` as ``(x + y) / s``; likewise the difference."""
        left, right = self._quotient(x), self._quotient(y)
        if left is None or right is None or not (self._is_adjoint(x) or self._is_adjoint(y)):
            return None
        (a, s, negative), (b, r, minus) = left, right
        if s != r or negative or not isinstance(s, Var):
            return None
        op = ADD if (fn is operator.add) != minus else SUB
        return Call(DIV, (Call(op, (a, b)), s))

    def times_known_quotient(self, x: Expr, y: Expr) -> Expr | None:
        """``(a / s) * y`` as ``a * w``, if ``w`` is ``y / s``."""
        for p, q in ((x, y), (y, x)):
            found = self._quotient(p)
            if found is None or not isinstance(q, Var) or not self._is_adjoint(p):
                continue
            a, s, negative = found
            w = self.known.holder.get(Call(DIV, (q, s)))
            if w is None or negative or w in (p, q) or not self._alike(a, p):
                continue
            return Call(MUL, (a, w))
        return None

    def times_own_divisor(self, x: Expr, y: Expr) -> Expr | None:
        """``a`` for ``(a / s) * s``, where ``a`` is an adjoint.

        Likewise ``a / k`` for ``(a / (s * k)) * s``, of numbers.
        """
        for p, s in ((x, y), (y, x)):
            found = self._quotient(p)
            if found is None or not isinstance(s, Var):
                continue
            a, whole, negative = found
            if whole != s:
                rest = self._without(whole, s)
                if rest is not None and not negative:
                    return Call(DIV, (a, rest))
                continue
            if self._is_adjoint(a) and self._alike(a, p):
                return Call(NEG, (a,)) if negative else a
        return None

    def _without(self, whole: Expr, s: Var) -> Var | None:
        """``k``, if ``whole`` is made as ``s * k`` or ``k * s`` of floats."""
        match self._made(whole):
            case Call(fn, (Var() as u, Var() as v), ()) if fn == MUL and s in (u, v):
                k = v if s == u else u
                floats = (self.types.get(e) for e in (s, k))
                are = all(isinstance(t, Scalar) and t.dtype == np.float64 for t in floats)
                return k if are and k != s else None
            case _:
                return None

    def _quotient(self, x: Expr) -> tuple[Expr, Expr, bool] | None:
        """``a``, ``s`` and whether there is a sign before it, if ``x`` is made as ``a / s``."""
        match self._made(x):
            case Call(fn=Ref(value=fn), args=(a, s)) if fn is DIV.value:
                return a, s, False
            case Call(fn=Ref(value=fn), args=(y,)) if fn is operator.neg:
                inner = self._quotient(y)
                return None if inner is None or inner[2] else (inner[0], inner[1], True)
            case _:
                return None

    # --- differences -----------------------------------------------------------------------------

    def less_a_part(self, x: Expr, y: Expr) -> Expr | None:
        """``g - g * a * b`` as ``g * (1 - a * b)``, for numbers.

        Where an adjoint goes from turn to turn of a loop, the next then waits for one product only.
        """
        if not isinstance(x, Var) or is_users(x) or not isinstance(self.types.get(x), Scalar):
            return None
        rest = self._over(y, x, _DEPTH) if self._is_adjoint(x) else None
        return None if rest is None else Call(MUL, (x, Call(SUB, (Const(1), rest))))

    def _over(self, y: Expr, x: Var, depth: int) -> Expr | None:
        """``y / x``, if ``x`` is a factor of ``y``."""
        call = self._made(y)
        if call is None or depth == 0:
            return None
        match call:
            case Call(Ref(_, fn), (a, c), ()) if fn is DIV.value:
                if a == x:
                    return Call(DIV, (Const(1), c))
                rest = self._over(a, x, depth - 1)
                return None if rest is None else Call(DIV, (rest, c))
            case Call(Ref(_, fn), (a, b), ()) if fn is operator.mul:
                for p, q in ((a, b), (b, a)):
                    if p == x:
                        return q
                    match self._over(p, x, depth - 1):
                        case None:
                            pass
                        case Call(Ref(_, op), (Const(1), c)) if op is DIV.value:
                            return Call(DIV, (q, c))
                        case rest:
                            return Call(MUL, (rest, q))
            case _:
                pass
        return None

    # --- what is known ---------------------------------------------------------------------------

    def _made(self, x: Expr) -> Call | None:
        """The call that ``x`` is, or is made by, if it is wanted nowhere else."""
        if not isinstance(x, Var):
            return x if isinstance(x, Call) else None
        if is_users(x) or not self.once(x):
            return None
        value = self.known.value.get(x)
        return value if isinstance(value, Call) else None

    def _literal(self, x: Expr) -> Expr:
        """``x``, or the number that it is known to be."""
        value = self.known.value.get(x) if isinstance(x, Var) and not is_users(x) else None
        return value if isinstance(value, Const) and is_number(value) else x

    def _alike(self, a: Expr, x: Expr) -> bool:
        """Whether ``a`` has the shape and dtype of ``x``."""
        s, t = operand_type(a, self.types), operand_type(x, self.types)
        if isinstance(s, Scalar) and isinstance(t, Scalar):
            return s.dtype == t.dtype
        return (
            isinstance(s, Array)
            and isinstance(t, Array)
            and s.dtype == t.dtype
            and same_shape(s, t)
        )

    def _is_adjoint(self, x: Expr, depth: int = _DEPTH) -> bool:
        """Whether an adjoint or tangent goes into ``x``."""
        for var in variables(x):
            if is_derivative(var):
                return True
            value = self.known.value.get(var) if depth and not is_users(var) else None
            if isinstance(value, Call) and any(self._is_adjoint(a, depth - 1) for a in value.args):
                return True
        return False


def _axes(axis: Expr, t: Any) -> frozenset[int] | None:
    """The axes, counted from the front, that a sum runs over; ``None`` if that is not known."""
    if not isinstance(t, Array):
        return None
    items = axis.items if isinstance(axis, Tuple) else (axis,)
    values = [e.value for e in items if isinstance(e, Const)]
    if values == [None]:
        return frozenset(range(t.ndim))
    if len(values) != len(items) or not all(type(v) is int for v in values):
        return None
    return frozenset(v % t.ndim for v in values if isinstance(v, int)) if t.ndim else None
