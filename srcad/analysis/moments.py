"""What is known of extents at the moment when a statement runs.

The type of a variable covers all that it ever holds: ``x[i:]`` is of another length in each turn of
a loop. Yet while ``i`` stays what it is, ``x[i:]`` and ``y[i:]`` are as long as each other where
``x`` and ``y`` are. So each extent and each int of which no more is known gets a name here, which
holds until the variable is bound anew.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from itertools import count
from types import BuiltinFunctionType
from typing import Final

import numpy as np

from srcad.analysis.windows import Limits, window
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    If,
    Ref,
    Star,
    Stmt,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import GETITEM
from srcad.ir.walk import bound, statements, used
from srcad.types.containers import item_type
from srcad.types.lattice import UNKNOWN, Array, Derived, Dim, Scalar, Sym, TupleOf, Type
from srcad.types.layouts import is_count
from srcad.types.operands import expression_type, operand_type
from srcad.types.renaming import NAMED

__all__ = ["Moments", "at", "moments"]

Moments = Mapping[int, Mapping[Var, Type]]
"""By the ``id`` of a statement, better types of some variables that it mentions."""

_ARITHMETIC: Final[Mapping[object, str]] = {
    vars(operator)[name]: name for name in ("add", "sub", "mul", "floordiv", "neg")
}


def moments(fn: Function, types: Mapping[Var, Type]) -> dict[int, Mapping[Var, Type]]:
    """The types of operands and results where more is known of their extents than ``types`` say.

    They hold while their statement runs, and not in another of its runs. The names that they give
    to extents say nothing anywhere else.

    Parameters
    ----------
    fn : Function
        Normal IR.
    types : Mapping
        The types of its variables.
    """
    if not any(isinstance(t, Array) and None in t.shape for t in types.values()):
        return {}
    run = _Run(types)
    run.forget(p.var for p in fn.params)
    run.block(fn.body)
    return run.found


def at(types: Mapping[Var, Type], found: Moments, stmt: Stmt) -> Mapping[Var, Type]:
    """``types`` with what is ``found`` for ``stmt``."""
    better = found.get(id(stmt))
    return types if better is None else {**types, **better}


class _Run:
    def __init__(self, types: Mapping[Var, Type]) -> None:
        self.types = types
        self.now = dict(types)
        self.found: dict[int, Mapping[Var, Type]] = {}
        self._seen: set[int] = set()
        self._numbers = count()
        self._counted: dict[Dim, Limits] = {}

    def forget(self, variables: Iterable[Var]) -> None:
        """Note that ``variables`` may hold something else from here on."""
        for var in variables:
            self.now[var] = self._named(self.types.get(var, UNKNOWN))

    def block(self, block: Block) -> None:
        for stmt in block:
            self._stmt(stmt)

    def _stmt(self, stmt: Stmt) -> None:
        match stmt:
            case If(_, then, orelse):
                before = dict(self.now)
                self.block(then)
                self.now = before
                self.block(orelse)
                self._forget_in((*then, *orelse))
            case For(target, iterable, body, orelse):
                limits = self._limits(iterable)
                self._turns((stmt, *body), body, target, limits)
                self.block(orelse)
                self._forget_in(orelse)
            case While(header, _, body, orelse):
                self._turns((*header, *body), (*header, *body))
                self.block(orelse)
                self._forget_in(orelse)
            case Assign(Var() as target, value):
                t = self._of(target, value)
                # A variable that is both read and bound has two types there.
                if target not in used(stmt):
                    self._note(stmt, {target: t})
                self.now[target] = t
            case Unpack(targets, Var() as value):
                held = self.now.get(value)
                items = held.items if isinstance(held, TupleOf) else ()
                self.forget(bound(stmt))
                for target, item in zip(targets, items, strict=False):
                    if target is not None and (number := _exact(item)) is not None:
                        self.now[target] = self._int(self.types.get(target, UNKNOWN), number)
            case AugAssign(Var() as obj, None) if not isinstance(self.types.get(obj), Array):
                self.forget((obj,))
            case _:
                self._note(stmt, {})
                self.forget(bound(stmt))

    def _turns(
        self,
        binding: Block,
        body: Block,
        counter: Expr | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Walk what a loop does in each turn; ``binding`` is all of it that binds anything."""
        self._forget_in(binding)
        if limits is not None and isinstance(counter, Var):
            number = _exact(self.now.get(counter, UNKNOWN))
            if isinstance(number, Derived):  # a name of its own
                self._counted[number] = limits
        self.block(body)
        self._forget_in(binding)

    def _limits(self, iterable: Expr) -> Limits | None:
        """Between what a loop over ``iterable`` counts, if that is known."""
        match iterable:
            case Call(Ref(_, fn), (Call() as counted,), ()) if fn is reversed:
                return self._limits(counted)
            case Call(Ref(_, fn), (end,), ()) if fn is range:
                return self._between(Const(0), end)
            case Call(Ref(_, fn), (start, end), ()) if fn is range:
                return self._between(start, end)
            case Call(Ref(_, fn), (start, end, Const(int() as step)), ()) if fn is range:
                return self._between(start, end) if step > 0 else None
            case _:
                return None

    def _between(self, start: Expr, end: Expr) -> Limits | None:
        least, stop = self._number(start), self._number(end)
        return None if least is None or stop is None else Limits(least, stop)

    def _forget_in(self, block: Block) -> None:
        self.forget({v: None for s in statements(block) for v in bound(s)})

    def _note(self, stmt: Stmt, made: Mapping[Var, Type]) -> None:
        if id(stmt) in self._seen:
            self.found.pop(id(stmt), None)  # it stands in two places
            return
        self._seen.add(id(stmt))
        types, now = self.types, self.now
        better = {v: now[v] for v in used(stmt) if now.get(v) is not types.get(v)}
        better.update((v, t) for v, t in made.items() if t is not types.get(v))
        if better:
            self.found[id(stmt)] = better

    def _of(self, target: Var, value: Expr) -> Type:
        """What is known of ``target`` when it has been made ``value``."""
        t = self.types.get(target, UNKNOWN)
        match t:
            case Array(dtype, shape) if None in shape:
                here = UNKNOWN if _is_starred(value) else expression_type(value, self.now)
                if isinstance(here, Array) and here.ndim == t.ndim:
                    known = [window(d, self._counted) for d in here.shape]
                    both = zip(shape, known, strict=True)
                    t = Array(dtype, tuple(e if d is None else d for d, e in both))
                return self._named(t)
            case Scalar() if _is_open_int(t):
                return self._int(t, self._number(value))
            case TupleOf() if isinstance(value, Call) and value.fn == _SHAPE:
                here = expression_type(value, self.now)
                return here if isinstance(here, TupleOf) else t
            case _:
                return t

    def _int(self, t: Type, number: Dim) -> Type:
        """``t`` of an int that is ``number``."""
        if isinstance(t, Scalar) and _is_open_int(t) and number is not None:
            return Scalar(t.dtype, t.weak, number)
        return self._named(t)

    def _number(self, value: Expr) -> Dim:
        """The int ``value``: the same for the same arithmetic."""
        match value:
            case Call(Ref(_, BuiltinFunctionType() as fn), args, ()) if fn in _ARITHMETIC:
                operands = tuple(map(self._number, args))
                return None if None in operands else Derived(_ARITHMETIC[fn], operands)
            case Call(fn, (Var() as xs, i), ()) if fn == GETITEM:
                t = self.now.get(xs, UNKNOWN)
                is_tuple = isinstance(t, TupleOf)
                return _exact(item_type(t, operand_type(i, self.now))) if is_tuple else None
            case _:
                return None if _is_starred(value) else _exact(expression_type(value, self.now))

    def _named(self, t: Type) -> Type:
        """``t`` with a new name for each extent of which nothing is known, and for an int."""
        match t:
            case Array(dtype, shape) if None in shape:
                return Array(dtype, tuple(self._name() if d is None else d for d in shape))
            case Scalar() if _is_open_int(t):
                return Scalar(t.dtype, t.weak, self._name())
            case _:
                return t

    def _name(self) -> Derived:
        return Derived(NAMED, (next(self._numbers),))


_SHAPE: Final = Ref("np.shape", np.shape)


def _exact(t: Type) -> Dim:
    """The int of type ``t``, if it is known."""
    known = t.known if isinstance(t, Scalar) else None
    # Two that are not sure to be the extents that they are named by may differ.
    vague = isinstance(known, bool) or (isinstance(known, Sym) and not is_count(known))
    return None if vague else known


def _is_open_int(t: Scalar) -> bool:
    return t.dtype.kind == "i" and t.known is None


def _is_starred(value: Expr) -> bool:
    return isinstance(value, Call) and any(isinstance(a, Star) for a in value.args)
