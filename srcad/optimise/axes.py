"""Axes: asked for and made as one writes it by hand, and not made where NumPy makes them itself."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Final

import numpy as np

from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.refs import DIV, GETITEM
from srcad.kinds import among
from srcad.optimise.available import Available
from srcad.types.lattice import Array, TupleOf, Type
from srcad.types.operands import operand_type

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
            case (x, shape) if fn is np.broadcast_to:
                t = operand_type(shape, self.types)
                plain = self.without_first(x, len(t.items)) if isinstance(t, TupleOf) else None
                return None if plain is None else Call(call.fn, (plain, shape))
            case (x, y) if among(fn, _SPREADING):
                first, second = (
                    self.without_first(x, self._rank(y)),
                    self.without_first(y, self._rank(x)),
                )
                if first is None and second is None:
                    return None
                return Call(
                    call.fn, (x if first is None else first, y if second is None else second)
                )
            case _:
                return None

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

    def _rank(self, x: Expr) -> int | None:
        """How many axes ``x`` has, if it is known to be an array with some."""
        t = operand_type(x, self.types)
        return t.ndim if isinstance(t, Array) and t.ndim else None
