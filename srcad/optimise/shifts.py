"""Adjoints of a maximum that is only there to shift exponentials: zero, so that none is made.

``e / np.sum(e)`` for ``e = np.exp(z - z.max())`` is the same whatever is taken from ``z``, so what
comes to the maximum adds up to nothing but rounding. It is proved of each text by itself: the
adjoint of the maximum is written out as a sum of products, in which factors that do not vary along
the axis are taken out of the sums over it, and all terms cancel.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Final

import numpy as np

from srcad.analysis.effects import runtime_name
from srcad.ir.nodes import Call, Const, Expr, Ref, Slice, Tuple, Var
from srcad.ir.refs import ARANGE, DIV, MUL, ZEROS
from srcad.kinds import among
from srcad.optimise.available import Available
from srcad.optimise.constants import is_number
from srcad.optimise.placed import Filled
from srcad.types.lattice import Array, Scalar, Type, same_shape
from srcad.types.operands import operand_type

__all__ = ["Shifts", "is_share"]

_WHOLE: Final = Slice(Const(None), Const(None), Const(None))
_DEPTH: Final = 16
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class _Total:
    """The sum, along the axes of the maximum, of a product; of none the number of items."""

    of: _Product


@dataclass(frozen=True, slots=True)
class _Item:
    """Zero but at one place along the axis of ``array``, where it is ``value``."""

    array: Var
    value: Expr


_Factor = Var | Ref | _Total | _Item

_Product = frozenset[tuple[_Factor, int]]
"""The powers of factors, by factor."""

_Sum = dict[_Product, Fraction]
"""The coefficients of products, none of them zero."""

_ONE: Final[_Product] = frozenset()


class Shifts:
    """Finds what a maximum adds to an adjoint where that is surely zero."""

    def __init__(
        self,
        types: Mapping[Var, Type],
        known: Available,
        filled: Mapping[Var, Mapping[Var, Filled]],
    ) -> None:
        self.types = types
        self.known = known
        self._filled = filled

    def is_nothing(self, x: Expr) -> bool:
        """Whether ``x`` is the share of an array in the adjoint of its maximum, and that is zero.

        Where a divisor is zero or a number infinite, ``x`` itself need not be; but then it is made
        of what is infinite or ``nan`` in the adjoint that it is added to.
        """
        share = self._share(x)
        if share is None:
            return False
        bar, tied, (z, _, axis, _) = share
        of = operand_type(z, self.types)
        if not isinstance(of, Array):
            return False
        axes = _axes(axis, of)
        if not axes or any(of.shape[a] is None for a in axes):
            return False
        written = _Written(self, of, axes, self._filled.get(tied, {}))
        terms = written.out(bar, _DEPTH, reduced=False)
        return terms is not None and not terms

    def _share(self, x: Expr) -> tuple[Expr, Var, tuple[Expr, ...]] | None:
        """The factor of a share, its variable and its operands, if ``x`` is their product."""
        call = self.made(x)
        if call is None or not isinstance(call.fn, Ref):
            return None
        if call.fn.value is operator.neg:
            return self._share(call.args[0])
        if call.fn == MUL:
            for bar, tied in (call.args, call.args[::-1]):
                share = self.made(tied)
                if isinstance(tied, Var) and share is not None and is_share(share):
                    return bar, tied, share.args
        return None

    def made(self, x: Expr) -> Call | None:
        """The call that ``x`` is the value of."""
        value = self.known.value.get(x) if isinstance(x, Var) else None
        return value if isinstance(value, Call) else None


class _Written:
    """Writes out what is spread over an array of type ``whole``, summed along ``axes``."""

    def __init__(
        self,
        shifts: Shifts,
        whole: Array,
        axes: frozenset[int],
        filled: Mapping[Var, Filled],
    ) -> None:
        self.types = shifts.types
        self.made = shifts.made
        self._filled = filled
        self.known = shifts.known
        self.whole = whole
        self.axes = axes
        self.reduced: set[Var | Ref] = set()
        self.full: set[Var | Ref] = set()

    def out(self, x: Expr, depth: int, *, reduced: bool) -> _Sum | None:
        """``x`` as a sum of products; ``None`` if it gets too long.

        ``reduced`` says that ``x`` lacks the axis, which is then put in.
        """
        if is_number(x) and isinstance(x, Const):
            assert isinstance(x.value, (int, float))
            value = Fraction(x.value) if isfinite(x.value) else None
            return None if value is None else {_ONE: value} if value else {}
        if isinstance(x, Ref):
            return self._alone(x, reduced=reduced)
        if not isinstance(x, Var):
            return None
        literal = self.known.value.get(x)
        if isinstance(literal, Const) and is_number(literal):
            return self.out(literal, depth, reduced=reduced)
        x = self.known.same.get(x, x)
        if x in self._filled and not reduced:
            return self._with_items(x, self._filled[x], depth)
        return self._value(x, self.made(x), depth, reduced=reduced)

    def _with_items(self, x: Var, filled: Filled, depth: int) -> _Sum | None:
        """An array to which there is added at one place along the axis."""
        if not all(self._picks_one(a.index) for a in filled.added):
            return self._alone(x, reduced=False)
        made = filled.made.fn
        is_zero = isinstance(made, Ref) and among(made.value, ZEROS)
        terms = {} if is_zero else self._value(x, filled.made, depth, reduced=False)
        for added in filled.added:
            place: _Sum = {frozenset(((_Item(x, added.value), 1),)): Fraction(added.sign)}
            terms = _plus(terms, place)
        return terms

    def _picks_one(self, index: Expr) -> bool:
        """Whether ``index`` picks just one item along the axis, wherever one is on the others."""
        items = index.items if isinstance(index, Tuple) else (index,)
        if len(self.axes) > 1 or len(items) > self.whole.ndim:
            return False
        (axis,) = self.axes
        if axis >= len(items):
            return False
        others = [item for i, item in enumerate(items) if i != axis]
        match operand_type(items[axis], self.types):
            case Scalar(dtype) if dtype.kind in "iu":
                return all(item == _WHOLE for item in others)
            case Array(dtype) as picked if dtype.kind in "iu" and len(others) == 1:
                (item,) = others
                count = self.made(item) if isinstance(item, Var) else None
                rows = replace(picked, shape=(self.whole.shape[1 - axis],))
                return (
                    self.whole.ndim == 2
                    and count is not None
                    and count.fn == ARANGE
                    and len(count.args) == 1
                    and same_shape(picked, rows)
                    and same_shape(
                        operand_type(item, self.types), replace(rows, dtype=picked.dtype)
                    )
                )
            case _:
                return False

    def _value(self, x: Var, call: Call | None, depth: int, *, reduced: bool) -> _Sum | None:
        if call is None or not depth or not isinstance(call.fn, Ref) or not self._is_real(x):
            return self._alone(x, reduced=reduced)
        fn, args = call.fn.value, call.args
        if fn is np.sum:
            inner = self._summed(call, reduced=reduced)
            terms = None if inner is None else self.out(inner, depth - 1, reduced=False)
            return self._alone(x, reduced=reduced) if inner is None else self._total(terms)
        if call.kwargs:
            return self._alone(x, reduced=reduced)
        if fn is np.broadcast_to:
            return self.out(args[0], depth - 1, reduced=reduced)
        if fn is np.expand_dims and not reduced and self._puts_in(args):
            return self.out(args[0], depth - 1, reduced=True)
        if fn is operator.neg:
            return _times(self.out(args[0], depth - 1, reduced=reduced), {_ONE: Fraction(-1)})
        if fn not in (operator.add, operator.sub, operator.mul, DIV.value):
            return self._alone(x, reduced=reduced)
        left, right = (self.out(a, depth - 1, reduced=reduced) for a in args)
        if fn is operator.mul:
            return _times(left, right)
        if fn is DIV.value:
            if right is not None and len(right) == 1:
                return _times(left, _inverse(right))
            below = self._alone(args[1], reduced=reduced)
            return None if below is None else _times(left, _inverse(below))
        return _plus(left, right if fn is operator.add else _times(right, {_ONE: Fraction(-1)}))

    def _alone(self, x: Expr, *, reduced: bool) -> _Sum | None:
        """``x`` as the one factor that it is."""
        if not isinstance(x, (Var, Ref)):
            return None
        t = operand_type(x, self.types)
        if isinstance(t, Array) and t.ndim > 0:
            mine, others = (self.reduced, self.full)[:: 1 if reduced else -1]
            fits = t.ndim == self.whole.ndim - 1 if reduced else t.ndim <= self.whole.ndim
            if not fits or x in others:
                return None
            mine.add(x)
        elif not isinstance(t, (Array, Scalar)):
            return None
        return {frozenset(((x, 1),)): Fraction(1)}

    def _summed(self, call: Call, *, reduced: bool) -> Expr | None:
        """What ``call`` sums over the axes, all along them."""
        x, *rest = call.args
        options = {**dict(zip(("axis",), rest, strict=False)), **dict(call.kwargs)}
        axis, kept = options.pop("axis", Const(None)), options.pop("keepdims", Const(False))
        t = operand_type(x, self.types)
        if options or rest[1:] or not isinstance(t, Array) or t.ndim != self.whole.ndim:
            return None
        if (axes := _axes(axis, t)) is None:
            return None
        # The first axes are missed by none: NumPy aligns the last ones.
        aligned = axes == frozenset(range(len(axes)))
        fits = not reduced and (aligned or kept == Const(True))
        fits |= reduced and kept == Const(False)
        if axes != self.axes or not fits:
            return None
        return x if all(t.shape[a] == self.whole.shape[a] for a in axes) else None

    def _puts_in(self, args: tuple[Expr, ...]) -> bool:
        return args[1] != Const(None) and _axes(args[1], self.whole) == self.axes

    def _total(self, terms: _Sum | None) -> _Sum | None:
        """The sum of ``terms`` along the axes, from which go the factors that do not vary."""
        total: _Sum | None = {}
        for product, coefficient in (terms or {}).items():
            inner = frozenset((f, n) for f, n in product if self._varies(f))
            outer = {product - inner: coefficient}
            total = _plus(total, _times(outer, self._total_of(inner)))
        return None if terms is None else total

    def _total_of(self, product: _Product) -> _Sum | None:
        match tuple(product):
            case ((_Item(_, value), 1),):
                t = operand_type(value, self.types)
                return self.out(value, _DEPTH, reduced=isinstance(t, Array) and t.ndim > 0)
            case _:
                return {frozenset(((_Total(product), 1),)): Fraction(1)}

    def _varies(self, factor: _Factor) -> bool:
        if isinstance(factor, _Item):
            return True
        if isinstance(factor, _Total) or factor in self.reduced:
            return False
        t = operand_type(factor, self.types)
        if not isinstance(t, Array):
            return False
        missing = self.whole.ndim - t.ndim
        return any(a >= missing and t.shape[a - missing] != 1 for a in self.axes)

    def _is_real(self, x: Var) -> bool:
        t = operand_type(x, self.types)
        return isinstance(t, (Array, Scalar)) and t.dtype.kind == "f"


def _axes(axis: Expr, of: Array) -> frozenset[int] | None:
    match axis:
        case Const(None):
            return frozenset(range(of.ndim))
        case Const(int() as a) if of.ndim:
            return frozenset((a % of.ndim,))
        case _:
            return None


def is_share(call: Call) -> bool:
    """Whether ``call`` gives the share of each item in the adjoint of an extreme."""
    return (
        len(call.args) == 4
        and isinstance(call.fn, Ref)
        and runtime_name(call.fn.value) == "tie_share"
    )


# --- sums of products ----------------------------------------------------------------------------


def _plus(left: _Sum | None, right: _Sum | None) -> _Sum | None:
    if left is None or right is None:
        return None
    terms = dict(left)
    for product, coefficient in right.items():
        terms[product] = terms.get(product, Fraction(0)) + coefficient
    return {p: c for p, c in terms.items() if c} if len(terms) <= _MOST else None


def _times(left: _Sum | None, right: _Sum | None) -> _Sum | None:
    if left is None or right is None:
        return None
    terms: _Sum | None = {}
    for p, c in left.items():
        for q, d in right.items():
            terms = _plus(terms, {_product(p, q): c * d})
    return terms


def _product(p: _Product, q: _Product) -> _Product:
    powers = dict(p)
    for factor, n in q:
        powers[factor] = powers.get(factor, 0) + n
    return frozenset((f, n) for f, n in powers.items() if n)


def _inverse(term: _Sum) -> _Sum:
    """One over the only product of ``term``."""
    ((product, coefficient),) = term.items()
    return {frozenset((f, -n) for f, n in product): 1 / coefficient}
