"""Copies that nobody would write: ``1 * a`` for ``a.copy()``, and a copy that is only read.

So is ``a + 0j`` of real numbers, where what comes of it is complex anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import BuiltinFunctionType
from typing import Final

import numpy as np

from srcad.analysis.effects import ARITHMETIC, is_fresh, runtime_name
from srcad.ir.naming import MADE, is_users, standing
from srcad.ir.nodes import Call, Const, Expr, Ref, Slice, Var
from srcad.ir.refs import ADD, COPY, GETITEM, LIST, MUL, SUB
from srcad.optimise.available import Available
from srcad.optimise.constants import is_number
from srcad.types.lattice import Array, FixedList, ListOf, Scalar, Type

__all__ = ["Copies"]

_ABS: Final = Ref("abs", abs)
_NEW_LISTS: Final = frozenset({"split_like", "sum_bars", "unpack_like", "unstack", "with_item"})


class Copies:
    """Finds what does as well as a copy, looking through the temporaries."""

    def __init__(
        self, types: Mapping[Var, Type], known: Available, once: Callable[[Var], bool]
    ) -> None:
        self.types = types
        self.known = known
        self.once = once

    def copied(self, x: Expr) -> Expr | None:
        """The array of which ``x``, read here only, is a copy.

        ``a`` for ``a.copy()``, ``1 * a``, ``a - 0.0``.

        Where it is only read, that does as well.
        """
        if not isinstance(x, Var) or is_users(x) or not isinstance(self.types.get(x), Array):
            return None
        match self.known.value.get(x):
            case Call(fn=fn, args=(a,), kwargs=()) if fn == COPY:
                return a if self._is_array(a) and self.once(x) else None
            case Call(fn=fn, args=(a, b)) if fn == SUB:
                zero = is_number(self._literal(b), 0) and self._is_array(a, "fc")
                return a if zero and self.once(x) and isinstance(a, Var) else None
            case Call(fn=fn, args=(a, b)) if fn == MUL:
                for one, other in ((a, b), (b, a)):
                    if (
                        is_number(self._literal(one), 1)
                        and self._is_array(other, "fc")
                        and self.once(x)
                    ):
                        return other
            case _:
                pass
        return None

    def once_over(self, x: Expr) -> Var | None:
        """The number or array ``b`` where ``x``, read here only, is ``1.0 * b``.

        Where it is added to floats, an int or bool does as well.
        """
        if not isinstance(x, Var) or is_users(x) or not self.once(x):
            return None
        match self.known.value.get(x):
            case Call(fn, (a, b), ()) if fn == MUL:
                for one, other in ((a, b), (b, a)):
                    t = self.types.get(other) if isinstance(other, Var) else None
                    numbers = isinstance(t, (Array, Scalar)) and t.dtype.kind in "biuf"
                    if numbers and is_number(self._literal(one), 1):
                        return other if isinstance(other, Var) else None
            case _:
                pass
        return None

    def without(self, fn: object, call: Call) -> Call | None:
        """Arithmetic on arrays themselves rather than on copies of them."""
        is_operator = isinstance(fn, BuiltinFunctionType) and fn in ARITHMETIC
        if not (is_operator or (isinstance(fn, np.ufunc) and len(call.args) == fn.nin)):
            return None
        args = tuple(a if (c := self.copied(a)) is None else c for a in call.args)
        if fn is MUL.value and any(
            self._is_array(a, "c") and self._real_of(a) is None for a in args
        ):
            args = tuple(a if (real := self._real_of(a)) is None else real for a in args)
        return None if args == call.args else replace(call, args=args)

    def of_real(self, call: Call) -> Call | None:
        """The Fourier transform ``call`` of real numbers themselves, not made complex before."""
        real = self._real_of(call.args[0]) if call.args else None
        return None if real is None else replace(call, args=(real, *call.args[1:]))

    def _real_of(self, x: Expr) -> Var | None:
        """The array or number ``a`` where ``x``, read here only, is ``a + 0j``."""
        if not isinstance(x, Var) or is_users(x) or not self.once(x):
            return None
        match self.known.value.get(x):
            case Call(fn, (Var() as a, Const(0j)), ()) if fn == ADD:
                return a if isinstance(self.types.get(a), (Array, Scalar)) else None
            case _:
                return None

    def own(self, target: Var, x: Var) -> Call | None:
        """``x`` as an array that ``target`` has alone: made for it, or copied."""
        if not self._is_array(x) or is_users(target):
            return None  # the user's ``1 * x`` says that it is a copy
        made = self.known.made_in_turn(x)
        if made is not None and self.once(x) and not is_users(x):
            of_array = made.fn == _ABS and self._is_array(made.args[0])
            if of_array or is_fresh(made, self.types):
                return made
        return Call(COPY, (x,), spell=".copy") if standing(target) == MADE else None

    def is_new_list(self, x: Expr, made: Call) -> bool:
        """Whether ``x``, read here only, is a list that ``made`` makes and nobody else holds."""
        if not (isinstance(x, Var) and self.once(x) and self.known.made_in_turn(x) == made):
            return False
        return isinstance(self.types.get(x), (ListOf, FixedList)) and self._makes_list(made)

    def _makes_list(self, made: Call) -> bool:
        """Whether ``made`` gives a new list; what has the type of one may be a tuple."""
        match made:
            case Call(fn, (Var() as xs, Slice())) if fn == GETITEM:
                whole = self.known.value.get(xs)
                return isinstance(whole, Call) and self._makes_list(whole)
            case Call(Ref(_, fn) as ref):
                return ref == LIST or runtime_name(fn) in _NEW_LISTS
            case _:
                return False

    def _literal(self, x: Expr) -> Expr:
        return self.known.value.get(x, x) if isinstance(x, Var) else x

    def _is_array(self, x: Expr, kinds: str = "") -> bool:
        """Whether ``x`` is an array with axes, of numbers of one of ``kinds``."""
        t = self.types.get(x) if isinstance(x, Var) else None
        return isinstance(t, Array) and t.ndim > 0 and (not kinds or t.dtype.kind in kinds)
