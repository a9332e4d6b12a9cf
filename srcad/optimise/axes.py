"""Axes: asked for and made as one writes it by hand, and not made where NumPy makes them itself."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Final

import numpy as np

from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.refs import DIV, GETITEM, MUL
from srcad.kinds import among
from srcad.optimise.available import Available
from srcad.types.lattice import UNKNOWN, Array, Scalar, TupleOf, Type
from srcad.types.operands import expression_type, operand_type

__all__ = ["Axes"]

_SHAPE: Final = Ref("np.shape", np.shape)
_TRANSPOSE: Final = Ref("np.transpose", np.transpose)
_NEW_AXIS: Final = Ref("np.expand_dims", np.expand_dims)
_SPREADING: Final[frozenset[object]] = frozenset(
    {vars(operator)[name] for name in ("add", "sub", "mul")} | {DIV.value}
)


class Axes:
    """Finds shorter forms of calls that are about the axes of arrays."""

    def __init__(self, types: Mapping[Var, Type], known: Available) -> None:
        self.types = types
        self.known = known

    def simpler(self, fn: object, call: Call) -> Call | None:
        """A shorter equal of ``call``, if there is one.

        ``x.shape[0]`` for ``np.size(x, 0)``, ``x.T`` for ``np.swapaxes(x, -1, -2)`` of a matrix,
        ``s[None]`` for ``np.expand_dims(s, -2)`` of a vector, and ``x + y`` for ``x + y[None]``.
        """
        if among(fn, _SPREADING):
            return self._without_spreading(call, *call.args)
        match call.args:
            case (x, Const(int() as axis)) if fn is np.size:
                if self._rank(x) is None:
                    return None
                return Call(GETITEM, (Call(_SHAPE, (x,), spell="@shape"), Const(axis)))
            case (x, Const(int() as axis)) if fn is np.expand_dims and axis < 0:
                rank = self._rank(x)
                if rank is None or -axis > rank + 1 or (axis == -1 and rank > 1):
                    return None
                return Call(_NEW_AXIS, (x, Const(axis + rank + 1)))
            case (x, Const(int() as a), Const(int() as b)) if fn is np.swapaxes:
                is_turned = (
                    self._rank(x) == 2 and a % 2 != b % 2 and -2 <= min(a, b) <= max(a, b) < 2
                )
                return Call(_TRANSPOSE, (x,), spell="@T") if is_turned else None
            case (x, shift, Const(None)) if fn is np.roll:
                return Call(call.fn, (x, shift))
            case (x, shape) if fn is np.broadcast_to:
                t = operand_type(shape, self.types)
                plain = self.without_first(x, len(t.items)) if isinstance(t, TupleOf) else None
                return None if plain is None else Call(call.fn, (plain, shape))
            case _:
                return None

    def _without_spreading(self, call: Call, x: Expr, y: Expr) -> Call | None:
        ranks = self._rank(x), self._rank(y)
        if None in ranks:
            return None
        if call.fn == MUL:
            for p, q in ((x, y), (y, x)):
                if (number := self._spread_like(p, q)) is not None:
                    return Call(call.fn, (number, q))
        first, second = self.without_first(x, ranks[1]), self.without_first(y, ranks[0])
        if first is None and second is None:
            return None
        return Call(call.fn, (x if first is None else first, y if second is None else second))

    def without_first(self, x: Expr, rank: int | None) -> Expr | None:
        """``a`` for ``a[None]`` beside an array of at least as many axes, ``rank``."""
        mine = self._rank(x)
        if mine is None or rank is None or rank < mine or not isinstance(x, Var):
            return None
        match self.known.value.get(x):
            case Call(fn, (a, Const(0)), ()) if fn == _NEW_AXIS and self._rank(a) is not None:
                return a
            case _:
                return None

    def _spread_like(self, x: Expr, y: Expr) -> Expr | None:
        """The number ``c``, if ``x`` is ``np.broadcast_to(c, (y * y).shape)``."""
        t = operand_type(y, self.types)
        if not (isinstance(t, Array) and t.dtype == np.float64 and t.ndim):
            return None
        match self.known.value.get(x) if isinstance(x, Var) else None:
            case Call(Ref(_, fn), (c, Var() as shape), ()) if fn is np.broadcast_to:
                number = operand_type(c, self.types)
                made = self.known.value.get(c) if isinstance(c, Var) else None
                if number == UNKNOWN and isinstance(made, Call):
                    number = expression_type(made, self.types)  # it was made in a pass before
                asked = self.known.value.get(shape)
                is_real = isinstance(number, Scalar) and number.dtype == np.float64
                if is_real and isinstance(asked, Call) and asked.fn == _SHAPE:
                    return c if self._has_shape_of(asked.args[0], y) else None
            case _:
                pass
        return None

    def _has_shape_of(self, x: Expr, y: Expr) -> bool:
        """Whether ``x`` is made of ``y`` and numbers, element by element."""
        if x == y:
            return True
        match self.known.value.get(x) if isinstance(x, Var) else None:
            case Call(Ref(_, fn), args, ()) if among(fn, _SPREADING) or isinstance(fn, np.ufunc):
                arrays = {a for a in args if not isinstance(operand_type(a, self.types), Scalar)}
                return arrays == {y}
            case _:
                return False

    def _rank(self, x: Expr) -> int | None:
        """How many axes ``x`` has, if it is known to be an array with some."""
        t = operand_type(x, self.types)
        return t.ndim if isinstance(t, Array) and t.ndim else None
