"""Shapes read off where it costs nothing, and constants that need not be spread out.

``np.shape(t)`` of an elementwise result is that of an operand known to have the same shape, so that
``t`` need not exist for it; and ``np.broadcast_to(c, shape) * x`` is ``c * x`` where ``x`` has that
shape already.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from srcad.analysis.effects import is_pure, mutated
from srcad.ir.names import Names
from srcad.ir.naming import standing
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    Function,
    Ref,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.rebuild import changed, map_stmt, remade, same_or_new
from srcad.ir.refs import ADD_AT, DIV, GETITEM, MUL, SUM, refers_to
from srcad.ir.walk import COMPOUND, assigned_call, bound, statements, used
from srcad.kinds import among
from srcad.rules.table import rule_for
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type, same_shape
from srcad.types.operands import operand_type

__all__ = ["shapes"]

_SPREADING: Final[frozenset[object]] = frozenset(
    {vars(operator)[name] for name in ("add", "sub", "mul", "truediv")}
)
_BROADCAST: Final = Ref("np.broadcast_to", np.broadcast_to)
_RESHAPING: Final[frozenset[Callable[..., Any]]] = frozenset({np.broadcast_to, np.expand_dims})
_ASKING: Final[frozenset[object]] = frozenset({np.shape, np.size})


def shapes(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Ask operands, not results, for their shape; let NumPy spread constants."""
    body = _Shapes(fn, types).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Shapes:
    def __init__(self, fn: Function, types: Mapping[Var, Type]) -> None:
        self.types = types
        self._count: dict[Var, int] = {p.var: 1 for p in fn.params}
        made: dict[Var, Call] = {}
        for stmt in statements(fn):
            for var in bound(stmt):
                self._count[var] = self._count.get(var, 0) + 1
            if (pair := assigned_call(stmt)) is not None:
                made[pair[0]] = pair[1]
        self._once = {v: c for v, c in made.items() if self._count[v] == 1}
        self._handed_on = _handed_on(fn)
        self._only_asked = _only_asked(fn)
        self._clock = itertools.count(1)
        self._bound_at: dict[Var, int] = {}
        self._names = Names(v.name for v in self._count)
        self._names.reserve(v.name for v in types)  # what is known of these holds of nothing new
        self._numbers: set[Var] = set()

    def _later(self, variables: Iterable[Var]) -> None:
        now = next(self._clock)
        for var in variables:
            self._bound_at[var] = now

    def _fixed(self, expr: Expr) -> bool:
        return not isinstance(expr, Var) or self._count.get(expr, 0) <= 1

    def _same_since(self, var: Var, made: Var) -> bool:
        """Whether ``var`` is, where the rewrite has come to, what it was when ``made`` was made."""
        return self._fixed(var) or self._bound_at.get(var, 0) < self._bound_at.get(made, 0)

    def _source(self, var: Var) -> Var:
        """A variable of the same shape that is made earlier, the user's own if there is one.

        One that would be made for its shape alone is none.
        """
        best = here = var
        while (call := self._once.get(here)) is not None and isinstance(call.fn, Ref):
            rule = rule_for(call.fn.value)
            index = call.args[1] if call.fn == GETITEM else None
            picks = index.items if isinstance(index, Tuple) else ()
            if rule is None or not (rule.kind == "elementwise" or picks):
                break
            mine = self.types.get(here, UNKNOWN)
            like = [
                a
                for a in picks or call.args
                if isinstance(a, Var)
                and self._same_since(a, here)
                and same_shape(self.types.get(a, UNKNOWN), mine)
            ]
            arrays = {a for a in call.args if not isinstance(operand_type(a, self.types), Scalar)}
            if len(arrays) == 1 and not picks:
                # The only array gives the result its shape, known or not.
                like = [a for a in arrays if isinstance(a, Var) and self._same_since(a, here)]
            if not like or not isinstance(mine, Array):
                break
            here = max(like, key=lambda v: (standing(v), self._fixed(v)))
            if here not in self._only_asked and (
                best in self._only_asked or standing(here) >= standing(best)
            ):
                best = here
        return best

    def _extent(self, var: Var) -> Call | None:
        """``np.size(x, 0)`` for the size of ``np.sum(x, axis=1)``, made for that alone."""
        call = self._once.get(var)
        if call is None or call.fn != SUM or var not in self._only_asked or len(call.args) != 1:
            return None
        x, axis = call.args[0], dict(call.kwargs).get("axis")
        t = operand_type(x, self.types)
        if len(call.kwargs) != 1 or not (isinstance(axis, Const) and isinstance(axis.value, int)):
            return None
        if not (isinstance(x, Var) and self._fixed(x) and isinstance(t, Array) and t.ndim == 2):
            return None
        return Call(Ref("np.size", np.size), (self._source(x), Const(1 - axis.value % 2)))

    def _plain(self, expr: Expr, beside: Expr) -> Expr:
        number = self._number_in(expr)
        if number is not None and _within(
            operand_type(expr, self.types), operand_type(beside, self.types)
        ):
            return expr if self._lowers(number, beside) else number
        if not isinstance(expr, Var) or (call := self._once.get(expr)) is None:
            return expr
        if not (isinstance(call.fn, Ref) and call.fn.value is np.broadcast_to):
            return expr
        value = call.args[0]
        alike = _within(operand_type(expr, self.types), operand_type(beside, self.types))
        if not alike and isinstance(beside, Var) and isinstance(call.args[1], Var):
            asked = self._once.get(call.args[1])
            alike = (
                asked is not None
                and isinstance(asked.fn, Ref)
                and asked.fn.value is np.shape
                and isinstance(asked.args[0], Var)
                and self._source(asked.args[0]) == self._source(beside)
            )
        return value if alike and self._fixed(value) and not self._lowers(value, beside) else expr

    def _into(self, obj: Expr, value: Expr) -> Expr:
        """``value`` as it may be put into a part of ``obj``: NumPy spreads it out itself."""
        if (
            not isinstance(value, Var)
            or (call := self._once.get(value)) is None
            or call.fn != _BROADCAST
        ):
            return value
        t = operand_type(obj, self.types)
        if not (isinstance(t, Array) and t.dtype.kind in "fc" and self._fixed(call.args[0])):
            return value
        return value if self._lowers(call.args[0], obj) else call.args[0]

    def _lowers(self, value: Expr, beside: Expr) -> bool:
        """Whether ``value``, a Python number, yields to the precision of ``beside``."""
        number, other = operand_type(value, self.types), operand_type(beside, self.types)
        if not (isinstance(value, Var) and isinstance(number, Scalar) and number.weak):
            return False
        return (
            isinstance(other, Array)
            and number.dtype
            != np.result_type(number.dtype.type(0).item(), other.dtype)
            == other.dtype
        )

    def _number_in(self, expr: Expr) -> Expr | None:
        """The number that ``expr`` is everywhere, if it is one spread out."""
        while isinstance(expr, Var) and (call := self._once.get(expr)) is not None:
            if not (isinstance(call.fn, Ref) and call.fn.value in _RESHAPING):
                break
            expr = call.args[0]
            if self._is_number(expr):
                return expr if self._fixed(expr) else None
        return None

    def _chosen(self, test: Expr, side: Expr) -> Expr:
        """The number that ``side`` of ``np.where(test, ...)`` is everywhere, if it is a float."""
        number = self._number_in(side)
        if number is None or not _within(
            operand_type(side, self.types), operand_type(test, self.types)
        ):
            return side
        t = operand_type(number, self.types)
        return number if isinstance(t, Scalar) and t.dtype == np.float64 else side

    def _visit(self, expr: Expr) -> Expr:
        if not (isinstance(expr, Call) and isinstance(expr.fn, Ref) and expr.args):
            return expr
        if expr.fn.value is np.copy and isinstance(expr.args[0], Var):
            inner = self._once.get(expr.args[0])
            if inner is not None and inner.fn == _BROADCAST:
                value, shape = inner.args
                if self._is_number(value) and self._fixed(value) and self._fixed(shape):
                    return Call(Ref("np.full", np.full), (shape, value), origin=expr.origin)
        if expr.fn.value in _ASKING and isinstance(expr.args[0], Var):
            asked = self._source(expr.args[0])
            if expr.fn.value is np.size and len(expr.args) == 1 and (n := self._extent(asked)):
                return n
            return _with_args(expr, asked, *expr.args[1:])
        if expr.fn.value is np.broadcast_to and len(expr.args) == 2:
            number = self._number_in(expr.args[0])
            return expr if number is None else replace(expr, args=(number, expr.args[1]))
        if expr.fn.value is np.where and len(expr.args) == 3:
            test, *sides = expr.args
            return _with_args(expr, test, *(self._chosen(test, side) for side in sides))
        if expr.fn.value in _SPREADING and len(expr.args) == 2:
            a, b = expr.args
            first = self._plain(a, b)
            return _with_args(expr, first, b if first != a else self._plain(b, a))
        return expr

    def _is_number(self, expr: Expr) -> bool:
        return isinstance(operand_type(expr, self.types), Scalar) or expr in self._numbers

    def _scaled(self, stmt: Assign, call: Call) -> Block | None:
        """``c * broadcast_to(s, shape)`` as ``broadcast_to(c * s, shape)``.

        Likewise its quotient by ``c``, and its sign.
        """
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if stmt.target not in self._once or stmt.target in self._handed_on or call.kwargs:
            return None
        if fn is operator.mul:
            pairs = (call.args, call.args[::-1])
        elif fn is DIV.value:
            pairs = (call.args[::-1],)
        elif fn is operator.neg:
            pairs = ((None, call.args[0]),)
        else:
            return None
        for c, spread in pairs:
            inner = self._once.get(spread) if isinstance(spread, Var) else None
            if (
                inner is None
                or not (c is None or self._is_number(c))
                or not isinstance(inner.fn, Ref)
            ):
                continue
            if inner.fn.value is not np.broadcast_to or not self._fixed(inner.args[0]):
                continue
            number = self._names.fresh("t")
            if self._is_number(inner.args[0]):
                self._numbers.add(number)
            new = replace(inner, args=(number, *inner.args[1:]))
            self._once[stmt.target] = new
            if c is None:
                product = replace(call, args=(inner.args[0],))
            elif fn is DIV.value:
                product = replace(call, args=(inner.args[0], c))
            else:
                product = _times(c, inner.args[0], self._once)
            self._once[number] = product
            return (Assign(number, product, stmt.origin), replace(stmt, value=new))
        return None

    def block(self, stmts: Block) -> Block:
        out: list[Stmt] = []
        for stmt in stmts:
            if type(stmt) in COMPOUND:
                self._later(v for s in statements((stmt,)) for v in bound(s))
            elif isinstance(stmt, Assign) and isinstance(stmt.value, Call):
                pair = self._scaled(stmt, stmt.value)
                if pair is not None:
                    out.extend(pair)
                    self._later(bound(stmt))
                    continue
            new = map_stmt(stmt, self._visit, self.block)
            if type(stmt) in COMPOUND:  # a loop may have been left in the middle of a turn
                self._later(v for s in statements((stmt,)) for v in bound(s))
            else:
                self._later(bound(stmt))
            if isinstance(new, Store) or (
                isinstance(new, AugAssign) and refers_to(new.op, _SPREADING)
            ):
                new = changed(new, value=self._into(new.obj, new.value))
            match new:
                case Do(Call(fn, (x, i, v), ()) as call) if fn == ADD_AT:
                    new = changed(new, call=_with_args(call, x, i, self._into(x, v)))
                case _:
                    pass
            if isinstance(new, Assign) and new.target in self._once and isinstance(new.value, Call):
                self._once[new.target] = new.value
            out.append(new)
        return same_or_new(stmts, out)


def _within(t: Type, whole: Type) -> bool:
    """Whether an array of type ``t`` beside one of type ``whole`` leaves that its shape."""
    if not isinstance(t, Array) or not isinstance(whole, Array) or t.ndim > whole.ndim:
        return same_shape(t, whole)
    inner = replace(whole, shape=whole.shape[whole.ndim - t.ndim :])
    return same_shape(replace(t, shape=_filled(t, inner)), inner)


def _filled(t: Array, whole: Array) -> tuple[Any, ...]:
    return tuple(w if d == 1 else d for d, w in zip(t.shape, whole.shape, strict=True))


def _with_args(call: Call, *args: Expr) -> Call:
    new = same_or_new(call.args, args)
    return call if new is call.args else remade(call, args=new)


def _handed_on(fn: Function) -> set[Var]:
    """The variables whose very object is used: mutated, returned or contained, or so a view."""
    found: set[Var] = set()
    views: list[tuple[Var, tuple[Var, ...]]] = []
    for stmt in statements(fn):
        found.update(mutated(stmt))
        made = assigned_call(stmt)
        rule = rule_for(made[1].fn.value) if made and isinstance(made[1].fn, Ref) else None
        if made is not None and rule is not None:
            if rule.shares:
                views.append((made[0], used(stmt)))
        elif not isinstance(stmt, (AugAssign, Store)):
            found.update(used(stmt))
    size = -1
    while size != len(found):
        size = len(found)
        for target, viewed in views:
            if target in found:
                found.update(viewed)
    return found


def _only_asked(fn: Function) -> set[Var]:
    """The variables of which nothing is wanted but their shape, at most by way of others' shape."""
    asked: set[Var] = set()
    made_of: dict[Var, list[Var]] = {}
    wanted: set[Var] = set()
    for stmt in statements(fn):
        made = assigned_call(stmt)
        if made is None or not is_pure(made[1]):
            wanted.update(used(stmt))
            continue
        target, call = made
        match call:
            case Call(fn=Ref(value=callee), args=(Var() as x, *rest)) if among(callee, _ASKING):
                asked.update((x, target))
                wanted.update(e for e in rest if isinstance(e, Var))
            case _:
                made_of.setdefault(target, []).extend(used(stmt))
    todo = list(wanted)
    while todo:
        fresh = set(made_of.get(todo.pop(), ())) - wanted
        wanted |= fresh
        todo.extend(fresh)
    return (asked | made_of.keys()) - wanted


def _times(c: Expr, s: Expr, made: Mapping[Var, Call]) -> Call:
    """``c * s``, and ``c / n`` where ``s`` is ``1.0 / n``."""
    inner = made.get(s) if isinstance(s, Var) else None
    if (
        inner is not None
        and isinstance(inner.fn, Ref)
        and inner.fn.value is vars(operator)["truediv"]
        and inner.args[0] == Const(1.0)
    ):
        return Call(inner.fn, (c, inner.args[1]))
    return Call(MUL, (c, s))
