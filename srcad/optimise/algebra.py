"""The identities that `fold` knows, each with what it needs in order to hold exactly."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from srcad.analysis.effects import is_fresh, runtime_name
from srcad.ir.naming import MADE, TEMPORARY, is_users, standing
from srcad.ir.nodes import Call, Const, Expr, Ref, Slice, Tuple, Var
from srcad.ir.refs import ADD, DIV, GETITEM, MUL, NEG, POW, SUB
from srcad.optimise.available import Available
from srcad.optimise.axes import Axes
from srcad.optimise.constants import evaluate, has_key, is_number, item_of, operation, whole_as
from srcad.optimise.equal_terms import EqualTerms
from srcad.optimise.factors import Factors
from srcad.optimise.like_terms import LikeTerms
from srcad.optimise.needless import Copies
from srcad.optimise.shifts import Shifts
from srcad.optimise.signs import Signs
from srcad.types.lattice import INT, UNKNOWN, Array, Scalar, Type, same_shape
from srcad.types.operands import operand_type

__all__ = ["Algebra", "Simpler"]

MATMUL: Final = operation("matmul")
WHOLE: Final = Slice(Const(None), Const(None), Const(None))

_SPELLINGS: Final[tuple[tuple[object, str], ...]] = (
    (np.shape, "@shape"),
    (np.ndim, "@ndim"),
    (np.size, "@size"),
    (np.transpose, "@T"),
)
_TRANSFORMS: Final = frozenset(
    {np.fft.fft, np.fft.ifft, np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn}
)


@dataclass(frozen=True, slots=True)
class Simpler:
    """A simpler expression, in which calls may nest.

    ``shares`` says that the call itself may return that very object.
    """

    value: Expr
    shares: bool = False


class Algebra:
    """Simplifies one call at a time, looking through the temporaries that its operands are."""

    def __init__(
        self,
        types: Mapping[Var, Type],
        known: Available,
        once: Callable[[Var], bool],
        few: Callable[[Var], bool],
        shifts: Shifts,
    ) -> None:
        self.types = types
        self.known = known
        self.once = once
        self.signs = Signs(known, once, few)
        self.factors = Factors(types, known, once)
        self.like_terms = LikeTerms(types, known, once)
        self.equal_terms = EqualTerms(types, known, once)
        self.axes = Axes(types, known)
        self.copies = Copies(types, known, once)
        self.shifts = shifts

    def simplify(self, call: Call, target: Var | None = None) -> Simpler | None:
        """A simpler equal of ``call``, which ``target`` is to hold, if there is one."""
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is None:
            return None
        if fn is np.sum and (smaller := self.factors.out_of_sum(call)) is not None:
            return Simpler(smaller)
        if fn in _TRANSFORMS and (plain := self.copies.of_real(call)) is not None:
            return Simpler(plain)
        if call.kwargs:
            return None
        args = call.args
        if (plain := self.copies.without(fn, call)) is not None:
            return Simpler(plain)
        if (plain := self.axes.simpler(fn, call)) is not None:
            return Simpler(plain)
        if target is not None and standing(target) == MADE and fn in (operator.add, operator.sub):
            joined = self.like_terms.joined(fn, *args)
            if joined is not None:
                return Simpler(joined)
        constants = [self._constant(arg) for arg in args]
        literal = None if Var in map(type, constants) else evaluate(fn, tuple(constants))
        if literal is not None:
            return Simpler(literal)
        match args:
            case (x,) if (simpler := self._unary(fn, x, call)) is not None:
                return simpler
            case (Var() as x,) if fn is np.copy and not call.spell and self._is_array(x):
                is_made = target is not None and standing(target) == MADE
                return Simpler(replace(call, spell=".copy")) if is_made else None
            case (x, Const()) if fn is np.expand_dims and not call.spell:
                # NumPy's function takes as long as the arithmetic on some hundred numbers.
                return Simpler(replace(call, spell="[None]")) if self._is_array(x) else None
            case (x, y):
                return self._binary(fn, x, y)
            case _:
                return None

    # --- one operand -----------------------------------------------------------------------------

    def _unary(self, fn: object, x: Expr, call: Call) -> Simpler | None:
        inner = self._call(x)
        if fn is operator.neg and inner is not None and self._is_call(inner, operator.neg):
            y = inner.args[0]
            return Simpler(y) if self._is_float(y) else None
        if fn is operator.neg and isinstance(z := self.signs.opposite(x, positive=True), Call):
            return Simpler(z)
        if fn is np.transpose and inner is not None and self._is_transposed_array(inner):
            return Simpler(inner.args[0], shares=True)
        if fn is np.transpose and (product := self._transposed_product(x, inner)) is not None:
            return Simpler(product)
        if fn is np.copy and inner is not None and self._is_all(inner):
            return Simpler(replace(call, args=inner.args[:1]))
        if fn is np.copy and inner is not None and isinstance(x, Var) and self.once(x):
            # Nobody else has the array, so that it need not be copied.
            return Simpler(x) if is_fresh(inner, self.types) and self._is_array(x) else None
        if fn is list and inner is not None and self.copies.is_new_list(x, inner):
            return Simpler(inner)
        if not call.spell and isinstance(self._type(x), Array):
            for known, spell in _SPELLINGS:
                if fn is known:
                    return Simpler(replace(call, spell=spell))
        return None

    def _is_all(self, call: Call) -> bool:
        """Whether ``call`` is ``x[...]`` of an array with axes."""
        is_item = self._is_call(call, operator.getitem)
        return is_item and call.args[1] == Const(Ellipsis) and self._is_array(call.args[0])

    def _transposed_product(self, x: Expr, inner: Call | None) -> Expr | None:
        """``(a.T @ b).T`` as ``b.T @ a``, and ``np.outer(a, b).T`` as ``np.outer(b, a)``."""
        if inner is None or not isinstance(x, Var) or not self.once(x):
            return None
        if self._is_call(inner, np.outer):
            return replace(inner, args=inner.args[::-1])
        if not self._is_call(inner, MATMUL.value):
            return None
        types = [operand_type(e, self.types) for e in inner.args]
        if not all(isinstance(t, Array) and t.ndim == 2 for t in types):
            return None
        turned = [self._turned(e) for e in inner.args]
        if turned == [None, None]:
            return None
        left, right = (
            Call(Ref("np.transpose", np.transpose), (e,), spell="@T") if t is None else t
            for e, t in zip(inner.args, turned, strict=True)
        )
        return Call(inner.fn, (right, left), origin=inner.origin)

    def _turned(self, x: Expr) -> Expr | None:
        """What ``x`` is the transpose of."""
        call = self._call(x)
        return None if call is None or not self._is_transposed_array(call) else call.args[0]

    def _is_array(self, x: Expr) -> bool:
        t = self._type(x)
        return isinstance(t, Array) and t.ndim > 0

    def _is_transposed_array(self, call: Call) -> bool:
        return (
            self._is_call(call, np.transpose)
            and len(call.args) == 1
            and isinstance(operand_type(call.args[0], self.types), Array)
        )

    # --- two operands ----------------------------------------------------------------------------

    def _binary(self, fn: object, x: Expr, y: Expr) -> Simpler | None:
        if fn is operator.mul:
            return self._product(x, y)
        if fn is operator.add:
            return self._sum(x, y)
        if fn is operator.sub:
            return self._difference(x, y)
        if fn is DIV.value:
            return Simpler(x) if self._is(y, 1) and self._is_float(x) else None
        if fn is POW.value:
            return self._power(x, y)
        if fn is operator.getitem:
            return self._item(x, y)
        if fn is operator.contains:
            found = has_key(self._made(x), self._constant(y))
            return None if found is None else Simpler(found)
        name = runtime_name(fn)
        if name in ("unbroadcast", "broadcast_like"):
            return Simpler(x, shares=True) if self._is_alike(x, y) else None
        return None

    def _product(self, x: Expr, y: Expr) -> Simpler | None:
        for one, other in ((x, y), (y, x)):
            if is_number(literal := self._constant(one)) and self._is_float(other):
                if is_number(literal, 1):
                    return Simpler(other)
                if is_number(literal, -1):
                    return Simpler(Call(NEG, (other,)))
            if self._is_ones(one, other):
                return Simpler(other)
        for c, t in ((x, y), (y, x)):
            if (over := self._over(c, t)) is not None:
                return Simpler(over)
            if (merged := self._scaled(c, t)) is not None:
                return Simpler(merged)
            if isinstance(c, Const) and (rest := self.factors.with_literal(c, t)) is not None:
                return Simpler(rest)
            whole = self._made_whole(c)
            if whole is not None and self._is_float(t):
                return Simpler(Call(MUL, (whole, t)))
        if (shared := self.factors.times_known_quotient(x, y)) is not None:
            return Simpler(shared)
        if (whole := self.factors.times_own_divisor(x, y)) is not None:
            return Simpler(whole)
        if (unsigned := self._signs_of_product(x, y)) is not None:
            return Simpler(unsigned)
        if is_number(y) and self._is_made(x):
            return Simpler(Call(MUL, (y, x)))  # 0.5 * x_bar, as one writes it
        return None

    def _is_made(self, x: Expr) -> bool:
        """Whether ``x`` is an adjoint, or a part of one."""
        call = self._call(x)
        if (
            call is not None
            and call.fn == GETITEM
            and isinstance(x, Var)
            and standing(x) == TEMPORARY
        ):
            return self._is_made(call.args[0])
        return isinstance(x, Var) and standing(x) == MADE

    def _signs_of_product(self, x: Expr, y: Expr) -> Expr | None:
        """``x * y`` with one sign less, or none."""
        for p, q in ((x, y), (y, x)):
            b = self.signs.opposite(q)
            # A number takes the sign of an array for nothing, but not that of another number.
            gladly = (is_number(p) and not is_number(q)) or isinstance(self._type(q), Array)
            a = None if b is None else self.signs.opposite(p, positive=gladly)
            if a is not None and b is not None:
                return Call(MUL, (b, a) if is_number(b) else (a, b))
        return None

    def _over(self, c: Expr, t: Expr) -> Expr | None:
        """``t / s`` for ``(1 / s) * t``, and of numbers ``-(t / s)`` for ``(-1 / s) * t``."""
        if not isinstance(c, Var) or is_users(c):
            return None
        inner = self._call(c)
        if inner is None or not self._is_call(inner, DIV.value):
            return None
        negative = self._is(inner.args[0], -1) and isinstance(self._type(t), Scalar)
        if not negative and not self._is(inner.args[0], 1):
            return None
        if not self.once(c) or not self._is_float(t):
            return None
        s = self._type(inner.args[1])
        if isinstance(s, Scalar) and s != INT and isinstance(self._type(t), Array):
            return None  # one quotient and many products take less time than many quotients
        keeps_dtype = isinstance(s, (Scalar, Array)) and (s.dtype.kind in "fc" or s == INT)
        if not keeps_dtype:
            return None
        quotient = Call(DIV, (t, inner.args[1]))
        return Call(NEG, (quotient,)) if negative else quotient

    def _made_whole(self, c: Expr) -> Const | None:
        """``2`` for a temporary that srcad found to be ``2.0``."""
        value = self._constant(c)
        if not isinstance(c, Var) or standing(c) != TEMPORARY or not isinstance(value, Const):
            return None
        if isinstance(value.value, float) and value.value.is_integer():
            return Const(int(value.value))
        return None

    def _scaled(self, c: Expr, t: Expr) -> Expr | None:
        """``c * (d * z)`` as ``(c * d) * z``, for a literal ``c`` and a literal or number ``d``."""
        inner = self._call(t)
        if not is_number(c) or inner is None or not self._is_call(inner, operator.mul):
            return None
        if not isinstance(t, Var) or is_users(t) or (standing(t) == MADE and not self.once(t)):
            return None
        for d, z in (inner.args, inner.args[::-1]):
            literal = d if isinstance(d, Var) and is_users(d) else self._constant(d)
            both = evaluate(operator.mul, (c, literal)) if is_number(literal) else None
            if both is not None and self._is_float(z):
                return z if is_number(both, 1) else Call(MUL, (whole_as(both, c, literal), z))
            if isinstance(self._type(d), Scalar) and isinstance(self._type(z), Array):
                # The number first, so that the array is gone through once.
                return Call(MUL, (Call(MUL, (c, d)), z)) if self.once(t) else None
        return None

    def _sum(self, x: Expr, y: Expr) -> Simpler | None:
        if self.shifts.is_nothing(y) and same_shape(self._type(x), self._type(y)):
            return Simpler(x)
        for zero, other in ((x, y), (y, x)):
            # A number of the user's may be an int, which `x + 0.0` makes a float.
            if self._is_zero_for(zero, other) and not (
                zero == Const(0.0) and self._may_be_int(other)
            ):
                return Simpler(other)
        if (joint := self.factors.over_one_divisor(operator.add, x, y)) is not None:
            return Simpler(joint)
        if (b := self.signs.opposite(y)) is not None:
            return Simpler(Call(SUB, (x, b)))
        if (a := self.signs.opposite(x)) is not None:
            return Simpler(Call(SUB, (y, a)))
        joined = self.equal_terms.joined(x, y)
        return None if joined is None else Simpler(joined)

    def _may_be_int(self, x: Expr) -> bool:
        t = self._type(x)
        users = isinstance(x, Var) and standing(x) not in (TEMPORARY, MADE)
        return users and isinstance(t, Scalar) and t.weak

    def _difference(self, x: Expr, y: Expr) -> Simpler | None:
        if self.shifts.is_nothing(y) and same_shape(self._type(x), self._type(y)):
            return Simpler(x)
        if self._is_zero_for(y, x):
            return Simpler(x)
        if self._is_zero_for(x, y):
            return Simpler(Call(NEG, (y,)))
        if (joint := self.factors.over_one_divisor(operator.sub, x, y)) is not None:
            return Simpler(joint)
        if (joint := self.factors.less_a_part(x, y)) is not None:
            return Simpler(joint)
        b = self.signs.opposite(y)
        return None if b is None else Simpler(Call(ADD, (x, b)))

    def _power(self, x: Expr, n: Expr) -> Simpler | None:
        if not isinstance(x, Var):
            return None
        if self._is(n, 1) and self._is_float(x):
            return Simpler(x)
        if self._is(n, 2):
            return Simpler(Call(MUL, (x, x)))
        if self._is(n, 3):
            return Simpler(Call(MUL, (Call(MUL, (x, x)), x)))
        if self._is(n, -1) and self._is_float(x):
            return Simpler(Call(DIV, (Const(1), x)))
        return None

    def _sum_without_axes(self, x: Expr, i: Expr) -> Expr | None:
        """``x.sum(axis=1)`` for ``x.sum(axis=1, keepdims=True)[:, 0]``."""
        made = self.known.value.get(x) if isinstance(x, Var) and not is_users(x) else None
        if not (isinstance(made, Call) and isinstance(x, Var) and self._is_call(made, np.sum)):
            return None
        options = dict(made.kwargs)
        axis = options.pop("axis", None)
        axes = axis.items if isinstance(axis, Tuple) else (axis,)
        parts = i.items if isinstance(i, Tuple) else (i,)
        if options != {"keepdims": Const(True)} or len(made.args) != 1 or not self.once(x):
            return None
        if not all(p in (Const(0), WHOLE) for p in parts):
            return None
        if [Const(k) for k, p in enumerate(parts) if p == Const(0)] != list(axes):
            return None
        return replace(made, kwargs=(("axis", axis),)) if axis is not None else None

    def _negated_array(self, x: Expr) -> Expr | None:
        """``a``, if ``x`` is a temporary that is made as ``-a``."""
        inner = self._call(x)
        if inner is None or inner.fn != NEG or not self._is_array(inner.args[0]):
            return None
        return inner.args[0] if isinstance(x, Var) and not is_users(x) and self.once(x) else None

    def _item(self, x: Expr, i: Expr) -> Simpler | None:
        if (total := self._sum_without_axes(x, i)) is not None:
            return Simpler(total)
        if (array := self._negated_array(x)) is not None:
            return Simpler(Call(NEG, (Call(GETITEM, (array, i)),)))
        if (named := self.known.holder.get(Call(GETITEM, (x, i)))) is not None and is_users(named):
            return Simpler(named, shares=True)
        index = self._constant(i)
        item = item_of(self._made(x), index) if isinstance(index, Const) else None
        return None if item is None else Simpler(item, shares=True)

    # --- what is known ---------------------------------------------------------------------------

    def _type(self, expr: Expr) -> Type:
        return self.types.get(expr, UNKNOWN) if isinstance(expr, Var) else UNKNOWN

    def _made(self, x: Expr) -> Expr | None:
        """``x`` written out."""
        return self.known.value.get(x) if isinstance(x, Var) else x

    def _constant(self, expr: Expr) -> Expr:
        value = self.known.value.get(expr) if isinstance(expr, Var) else None
        return value if type(value) is Const else expr

    def _call(self, expr: Expr) -> Call | None:
        value = self.known.value.get(expr) if isinstance(expr, Var) else None
        return value if isinstance(value, Call) and not value.kwargs else None

    def _is_call(self, call: Call, fn: object) -> bool:
        return isinstance(call.fn, Ref) and call.fn.value is fn

    def _is(self, expr: Expr, value: float) -> bool:
        return is_number(self._constant(expr), value)

    def _is_float(self, expr: Expr) -> bool:
        if not isinstance(expr, Var):
            return is_number(expr) and isinstance(expr, Const) and isinstance(expr.value, float)
        t = self._type(expr)
        return isinstance(t, (Scalar, Array)) and t.dtype.kind in "fc" and not _is_boxed(t)

    def _is_zero_for(self, zero: Expr, other: Expr) -> bool:
        if not self._is(zero, 0) or not isinstance(other, Var):
            return False
        t = self._type(other)
        if isinstance(t, Scalar) and t.dtype.kind == "i":
            constant = self._constant(zero)
            return isinstance(constant, Const) and type(constant.value) is int
        return self._is_float(other)

    def _is_ones(self, ones: Expr, other: Expr) -> bool:
        call = self._call(ones)
        if call is None or not self._is_call(call, np.ones_like) or len(call.args) != 1:
            return False
        a, b = self._type(ones), self._type(other)
        if not isinstance(a, Array) or not isinstance(b, Array):
            return False
        floats = a.dtype == b.dtype and b.dtype.kind in "fc"
        return floats and same_shape(a, b) and not _is_boxed(b)

    def _is_alike(self, x: Expr, like: Expr) -> bool:
        """Whether ``x`` surely has the shape of ``like``, and is real if that is real."""
        a, b = self._type(x), self._type(like)
        if not isinstance(a, (Scalar, Array)) or not isinstance(b, (Scalar, Array)):
            return False
        real = a.dtype.kind == "f" or (a.dtype.kind == "c" and b.dtype.kind == "c")
        return real and b.dtype.kind in "fc" and same_shape(a, b)


def _is_boxed(t: Type) -> bool:
    """Whether ``t`` is an array without axes, of which arithmetic makes a number."""
    return isinstance(t, Array) and t.shape == ()
