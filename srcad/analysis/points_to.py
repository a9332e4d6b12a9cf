"""Which object each variable is: a points-to analysis by unification (Steensgaard's).

Two objects that some statement may make one are unified; so the analysis ignores the order of
statements, is conservative, and near linear.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping

import numpy as np

from srcad.analysis.effects import (
    ARITHMETIC,
    calls_in,
    copies,
    has_memory,
    is_mutable,
    is_mutator,
    is_opaque,
    is_pure,
    may_share,
    operand_types,
    operands_of,
    shares_nothing,
)
from srcad.analysis.objects import EVERY, Object, collapse, part, unify
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    For,
    List,
    Ref,
    Slice,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.walk import statements, variables
from srcad.notes import notes_of
from srcad.types.lattice import UNKNOWN, Array, DictOf, FixedList, ListOf, SliceOf, TupleOf, Type
from srcad.types.operands import operand_type

__all__ = ["PointsTo"]


class PointsTo:
    """The object of each variable of a function, as its statements unify them."""

    def __init__(self, types: Mapping[Var, Type]) -> None:
        self.types = types
        self.objects: dict[Var, Object | None] = {}
        self.outside = Object()
        # By identity, and kept so that no other statement takes its place.
        self._seen: dict[int, Stmt] = {}

    def var(self, var: Var) -> Object | None:
        """The object of ``var``; ``None`` if it is immutable and holds nothing that is not."""
        if var in self.objects:
            return self.objects[var]
        made = Object() if has_memory(self.types.get(var, UNKNOWN)) else None
        self.objects[var] = made
        return made

    def value(self, expr: Expr) -> Object | None:
        """The object that an operand or a call yields."""
        match expr:
            case Var():
                return self.var(expr)
            case Const() | Slice():
                return None
            case Ref(_, value):
                return self.outside if is_mutable(value) else None
            case Tuple(items):
                return self._container(list(enumerate(items)))
            case List(items) | Dict(_, items):
                return self._container([(EVERY, item) for item in items])
            case _:
                return self._unknown(expr)

    def _container(self, items: Iterable[tuple[int, Expr]]) -> Object:
        made = Object()
        for i, item in items:
            self.unify(part(made, i), self.value(item))
        return made

    def _unknown(self, expr: Expr) -> Object:
        made = Object()
        for var in variables(expr):
            self.unify(made, self.var(var))
        unify(made, part(made, EVERY))
        return made

    def unify(self, a: Object | None, b: Object | None) -> None:
        if a is not None and b is not None:
            unify(a, b)

    def type(self, expr: Expr) -> Type:
        return self.types.get(expr, UNKNOWN) if isinstance(expr, Var) else UNKNOWN

    # --- statements ------------------------------------------------------------------------------

    def block(self, block: Block) -> None:
        """Unify for the statements of ``block`` that were not there when it was last asked."""
        for stmt in statements(block):
            if id(stmt) not in self._seen:
                self._seen[id(stmt)] = stmt
                self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Assign() if isinstance(target := stmt.target, Var):
                made = self.var(target)
                if isinstance(stmt.value, Call):
                    self.call(made, target, stmt.value)
                elif made is not None:
                    self.unify(made, self.value(stmt.value))
            case Unpack(targets, value):
                whole = self._called(value)
                for i, target in enumerate(targets):
                    if target is not None and (obj := self.var(target)) is not None:
                        self._item(obj, whole, i, value)
            case For(Var() as target, iterable, _, _):
                if (obj := self.var(target)) is not None:
                    self.unify(obj, self.element(iterable))
            case Store(obj, _, value):
                self._store(obj, value)
            case AugAssign(obj, index, _, value):
                self._augment(obj, index, value)
            case _:
                for call in calls_in(stmt):
                    self.call(None, None, call)

    def _called(self, value: Expr) -> Object | None:
        if not isinstance(value, Call):
            return self.value(value)
        made = Object()
        self.call(made, None, value)
        return made

    def _item(self, obj: Object, whole: Object | None, i: int, value: Expr) -> None:
        if whole is None:
            return
        t = self.type(value)
        if not isinstance(t, Array):
            unify(obj, part(whole, i))
        apart = isinstance(value, Call) and _returns_anew(value)
        if not (apart or isinstance(t, (TupleOf, FixedList, ListOf, DictOf))):
            unify(obj, whole)

    def _store(self, obj: Expr, value: Expr) -> None:
        if isinstance(obj, Var) and isinstance(self.type(obj), Array):
            return  # an array copies what is stored into it
        whole = self.value(obj)
        if whole is not None and (stored := self.value(value)) is not None:
            unify(part(whole, EVERY), stored)

    def _augment(self, obj: Expr, index: Expr | None, value: Expr) -> None:
        if isinstance(self.type(obj), Array) or (whole := self.value(obj)) is None:
            return
        if (added := self.value(value)) is None:
            return
        if index is None:
            unify(part(whole, EVERY), part(added, EVERY))
        else:
            unify(whole, added)
            collapse(whole)

    def element(self, iterable: Expr) -> Object | None:
        """The object that one turn of a loop over ``iterable`` yields."""
        match iterable:
            case Call(Ref(_, fn), args) if fn is range:
                del args
                return None
            case Call(Ref(_, fn), args) if fn is reversed:
                return self.element(args[0])
            case Call(Ref(_, fn), args) if fn is enumerate:
                made = Object()
                self.unify(part(made, 1), self.element(args[0]))
                return made
            case Call(Ref(_, fn), args) if fn is zip:
                made = Object()
                for i, arg in enumerate(args):
                    self.unify(part(made, i), self.element(arg))
                return made
            case Tuple() | List():
                whole = self.value(iterable)
                return None if whole is None else part(whole, EVERY)
            case Var():
                whole = self.var(iterable)
                if whole is None or isinstance(self.type(iterable), Array):
                    return whole
                made = part(whole, EVERY)
                if not isinstance(self.type(iterable), (TupleOf, FixedList, ListOf)):
                    unify(made, whole)
                return made
            case _:
                return self._unknown(iterable)

    # --- calls -----------------------------------------------------------------------------------

    def call(self, made: Object | None, target: Var | None, call: Call) -> None:
        """Unify for ``made = call``."""
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if type(fn) is np.ufunc and not call.kwargs:
            return  # a new array, or a number
        if not is_pure(call):
            if is_mutator(call):
                self._mutator(fn, made, call)
                return
            if is_opaque(call):
                self._smash(self.outside, (*variables(call.fn), *operands_of(call)))
                self.unify(made, self.outside)
                return
        if made is None:
            return
        if fn is np.array and copies(call):
            return
        if shares_nothing(fn, operand_types(call, self.types)):
            return
        if fn is getattr or any([is_mutable(a.value) for a in call.args if isinstance(a, Ref)]):
            unify(made, self.outside)  # it may be what a live object holds
        operands = operands_of(call)
        if fn is operator.getitem and len(call.args) == 2:
            self._getitem(made, call.args[0], call.args[1])
        elif fn in ARITHMETIC:
            for v in operands:
                if (obj := self.var(v)) is not None and not isinstance(self.types.get(v), Array):
                    unify(part(made, EVERY), part(obj, EVERY))
        else:
            self._shared(made, target, may_share(call))

    def _shared(self, made: Object, target: Var | None, shared: tuple[Var, ...]) -> None:
        is_array = target is not None and isinstance(self.types.get(target), Array)
        known = [v for v in shared if self.var(v) is not None]
        if is_array and all(isinstance(self.types.get(v), Array) for v in known):
            for v in known:
                self.unify(made, self.var(v))
        else:
            self._smash(made, tuple(known))

    def _smash(self, made: Object | None, operands: tuple[Var, ...]) -> None:
        """One object for all of these and for everything inside them."""
        whole = made if made is not None else Object()
        for v in operands:
            self.unify(whole, self.var(v))
        collapse(whole)

    def _mutator(self, fn: object, made: Object | None, call: Call) -> None:
        if not call.args or (xs := self.value(call.args[0])) is None:
            return
        is_array = isinstance(self.type(call.args[0]), Array)
        if _is(fn, list, "append") and len(call.args) == 2:
            self.unify(part(xs, EVERY), self.value(call.args[1]))
        elif _is(fn, list, "pop"):
            self.unify(made, part(xs, EVERY))
        elif is_array:
            self.unify(made, xs)
        else:
            self._smash(made, operands_of(call))

    def _getitem(self, made: Object, of: Expr, index: Expr) -> None:
        whole, t = self.value(of), self.type(of)
        if whole is None:
            return
        if isinstance(t, Array):
            unify(made, whole)
            return
        is_slice = isinstance(operand_type(index, self.types), SliceOf)
        if isinstance(index, Const) and isinstance(index.value, int) and index.value >= 0:
            unify(made, part(whole, index.value))
        elif is_slice:
            unify(part(made, EVERY), part(whole, EVERY))
        else:
            unify(made, part(whole, EVERY))
        if not isinstance(t, (TupleOf, FixedList, ListOf, DictOf)):
            unify(made, whole)


def _is(fn: object, home: type, name: str) -> bool:
    return fn is getattr(home, name)


def _returns_anew(call: Call) -> bool:
    """Whether nobody else holds what ``call`` returns, and nothing is there twice."""
    return isinstance(call.fn, Ref) and notes_of(call.fn.value).fresh
