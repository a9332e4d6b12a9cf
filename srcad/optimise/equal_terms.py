"""Two terms of a sum that are equal, or one the other's transpose: computed once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from srcad.ir.naming import TEMPORARY, standing
from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.rebuild import substituted
from srcad.ir.refs import ADD, MUL
from srcad.optimise.available import Available
from srcad.optimise.constants import evaluate, is_number, operation
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type

__all__ = ["EqualTerms"]


_MATMUL: Final = operation("matmul").value


class EqualTerms:
    """Finds what is simpler than the sum of two terms, one of them perhaps a sum itself."""

    def __init__(
        self, types: Mapping[Var, Type], known: Available, once: Callable[[Var], bool]
    ) -> None:
        self.types = types
        self.known = known
        self.once = once

    def joined(self, x: Expr, y: Expr) -> Expr | None:
        """What ``x + y`` is, if there is a simpler way to say it."""
        twice = self._twice(x, y)
        return self._both_ways(x, y) if twice is None else twice

    def _twice(self, x: Expr, y: Expr) -> Expr | None:
        """``2 * x`` for ``x + y``, and ``z + 2 * w`` for ``(z + w) + y``, of equal terms."""
        if not (isinstance(x, Var) and isinstance(y, Var) and self._is_float(y)):
            return None
        of_x, of_y = self._call(x), self._call(y)
        if x == y:
            return Call(MUL, (Const(2), x))
        if of_x is None or of_y is None or standing(y) != TEMPORARY:
            return None
        if of_x == of_y or self._plainly(of_x) == self._plainly(of_y):
            return self._double(x, of_x)
        match of_x:
            case Call(Ref(_, fn), (z, Var() as w), ()) if fn is operator.add:
                if self._call(w) == of_y and self.once(x):
                    return Call(ADD, (z, self._double(w, of_y)))
            case _:
                pass
        return None

    def _plainly(self, call: Call) -> Expr:
        """``call`` by the names that its operands go by."""
        return substituted(call, self.known.same)

    def _double(self, x: Var, call: Call) -> Expr:
        if not _is_call(call, operator.mul) or not self.once(x):
            return Call(MUL, (Const(2), x))
        a, b = call.args
        if is_number(a):
            both = evaluate(operator.mul, (Const(2), a))
            return Call(MUL, (Const(2), x)) if both is None else Call(MUL, (both, b))
        if isinstance(self._type(a), Array) and isinstance(self._type(b), Scalar):
            a, b = b, a
        return Call(MUL, (Call(MUL, (Const(2), a)), b))

    def _both_ways(self, x: Expr, y: Expr) -> Expr | None:
        """``a @ (b + b.T)`` for ``a @ b + a @ b.T``, also as the end of a longer sum."""
        of_x, of_y = self._call(x), self._call(y)
        if of_x is None or of_y is None or not _is_call(of_y, _MATMUL):
            return None
        if _is_call(of_x, operator.add) and isinstance(x, Var) and self.once(x):
            z, w = of_x.args
            both = self._both_ways(w, y)
            return None if both is None else Call(ADD, (z, both))
        if not _is_call(of_x, _MATMUL):
            return None
        (a, b), (c, d) = (
            tuple(substituted(e, self.known.same) for e in call.args) for call in (of_x, of_y)
        )
        turned = self._turned(b) == d or self._turned(d) == b
        once = all(isinstance(v, Var) and self.once(v) for v in (x, y))
        matrices = all(isinstance(t := self._type(v), Array) and t.ndim == 2 for v in (a, b))
        if a != c or not (turned and once and matrices):
            return None
        return Call(of_x.fn, (a, Call(ADD, (b, d))))

    def _type(self, expr: Expr) -> Type:
        return self.types.get(expr, UNKNOWN) if isinstance(expr, Var) else UNKNOWN

    def _is_float(self, x: Var) -> bool:
        t = self._type(x)
        if not isinstance(t, (Scalar, Array)) or t.dtype.kind not in "fc":
            return False
        return not (isinstance(t, Array) and t.ndim == 0)  # of which a sum is a number

    def _call(self, expr: Expr) -> Call | None:
        value = self.known.value.get(expr) if isinstance(expr, Var) else None
        return value if isinstance(value, Call) and not value.kwargs else None

    def _turned(self, x: Expr) -> Expr | None:
        """What ``x`` is the transpose of."""
        call = self._call(x)
        if call is None or not _is_call(call, np.transpose) or len(call.args) != 1:
            return None
        return call.args[0] if isinstance(self._type(call.args[0]), Array) else None


def _is_call(call: Call, fn: object) -> bool:
    return isinstance(call.fn, Ref) and call.fn.value is fn
