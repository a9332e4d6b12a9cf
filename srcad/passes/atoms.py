"""Three-address form: each step of an expression becomes an assignment of its own.

Accepts what `single_exit` leaves. Guarantees normal IR as `srcad.ir.nodes` defines it, except that
types are not known yet: an `Attr` may stand as the right-hand side of an `Assign` and as the
function of a `Call`. What is computed, and in which order, stays the same. A `Raise` keeps its
expression: nothing is differentiated through it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from srcad.analysis.effects import is_pure
from srcad.ir.changing import may_change_items
from srcad.ir.displays import dict_display
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    BoolOp,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    If,
    IfExp,
    List,
    Origin,
    Ref,
    Return,
    Slice,
    Star,
    Stmt,
    Store,
    Target,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import changed
from srcad.ir.refs import GETITEM, ITERATORS, LIST
from srcad.ir.walk import statements, subexpressions, used, variables
from srcad.kinds import among
from srcad.passes.naming import names_of

__all__ = ["atoms"]

_NDINDEX: Final = Ref("np.ndindex", np.ndindex)
_RAVEL: Final = Ref("np.ravel", np.ravel)
_SHAPE: Final = Ref("np.shape", np.shape)
_ZIP: Final = Ref("zip", zip)


def atoms(fn: Function) -> Function:
    """``fn`` in three-address form."""
    return replace(fn, body=_Atoms(fn).block(fn.body))


class _Atoms:
    def __init__(self, fn: Function) -> None:
        self._names = names_of(fn)
        self._out: list[Stmt] = []
        self._at: Origin | None = None
        self._read = {v for s in statements(fn) for v in used(s)}

    def block(self, block: Sequence[Stmt]) -> Block:
        """The statements of ``block``."""
        return self._apart(lambda: [self._stmt(s) for s in block])

    def _apart(self, run: Callable[[], object]) -> Block:
        """The statements that ``run`` makes."""
        outer, self._out, at = self._out, [], self._at
        try:
            run()
            return tuple(self._out)
        finally:
            self._out, self._at = outer, at

    def _emit(self, stmt: Stmt) -> None:
        self._out.append(stmt)

    # --- statements ------------------------------------------------------------------------------

    def _stmt(self, stmt: Stmt) -> None:
        self._at = _bare(stmt.origin)
        match stmt:
            case Assign(target, value, origin):
                self._assign(target, value, origin)
            case AugAssign(obj, index, op, value, origin):
                obj = self._place(obj)
                where = None if index is None else self._operand(index)
                old: Var | None = None
                if where is not None and _may_change_items(value):
                    old = self._named(Call(GETITEM, (obj, where)))
                self._emit(AugAssign(obj, where, op, self._operand(value), origin, old))
            case Store(obj, index, value, origin):
                stored = self._operand(value)
                obj = self._place(obj)
                self._emit(Store(obj, self._operand(index), stored, origin))
            case Do(call, origin):
                self._do(call, origin)
            case Return(value, origin):
                self._return(value, origin)
            case If(test, then, orelse, origin):
                operand = self._operand(test)
                self._emit(If(operand, self.block(then), self.block(orelse), origin))
            case For():
                self._for(stmt)
            case While():
                self._while(stmt)
            case _:
                self._emit(stmt)

    def _return(self, value: Expr, origin: Origin | None) -> None:
        simple = self._simple(value)
        if isinstance(simple, (Call, Attr)):
            temp = self._names.fresh("t")
            self._emit(Assign(temp, simple, origin))
            # The comment goes with the computation.
            simple, origin = temp, _bare(origin)
        self._emit(Return(simple, origin))

    def _do(self, call: Expr, origin: Origin | None) -> None:
        simple = self._simple(call)
        match simple:
            case Call():
                self._emit(Do(simple, origin))
            case Attr():
                self._emit(Assign(self._names.fresh("t"), simple, origin))
            case _:
                pass

    def _for(self, stmt: For) -> None:
        iterable = self._iterable(stmt.iter)
        target = stmt.target
        if isinstance(target, Var):
            body = self.block(stmt.body)
        else:
            item = self._names.fresh("t")
            pattern = target

            def run() -> None:
                self._unpack(pattern, item, _bare(stmt.origin))
                for inner in stmt.body:
                    self._stmt(inner)

            body = self._apart(run)
            target = item
        self._emit(For(target, iterable, body, (), stmt.origin))

    def _iterable(self, expr: Expr) -> Expr:
        match expr:
            case Call(Ref(value=fn), args, kwargs) if among(fn, ITERATORS):
                return replace(
                    expr,
                    args=tuple(self._iterable(a) for a in args),
                    kwargs=tuple((k, self._operand(v)) for k, v in kwargs),
                )
            case Call(Ref(value=np.ndenumerate), (array,), ()):
                array, at = self._operand(array), expr.origin
                shape = Call(_SHAPE, (array,), origin=at)
                places = self._operand(Call(_NDINDEX, (shape,), origin=at))
                items = self._operand(Call(_RAVEL, (array,), origin=at))
                return Call(_ZIP, (places, items), origin=at)
            case _:
                return self._operand(expr)

    def _while(self, stmt: While) -> None:
        test: Expr = stmt.test

        def run() -> None:
            nonlocal test
            for inner in stmt.header:
                self._stmt(inner)
            self._at = _bare(stmt.origin)
            test = self._operand(stmt.test)

        header = self._apart(run)
        self._emit(While(header, test, self.block(stmt.body), (), stmt.origin))

    # --- assignments -----------------------------------------------------------------------------

    def _assign(self, target: Target, value: Expr, origin: Origin | None) -> None:
        match target, value:
            case Var(), IfExp(test, then, orelse):
                operand = self._operand(test)
                yes = self._apart(lambda: self._assign(target, then, _bare(origin)))
                no = self._apart(lambda: self._assign(target, orelse, _bare(origin)))
                self._emit(If(operand, yes, no, origin))
            case Var(), Var() if target == value:
                pass
            case Var(), _:
                self._emit(Assign(target, self._simple(value), origin))
            case Tuple(targets), Tuple(values) | List(values) if _pairs(targets, values):
                self._parallel(targets, values, origin)
            case Tuple(), _:
                self._unpack(target, self._operand(value), origin)

    def _parallel(
        self, targets: Sequence[Expr], values: Sequence[Expr], origin: Origin | None
    ) -> None:
        """``a, b = c, d``, with a temporary only where a value still reads an earlier target."""
        names = [frozenset(variables(t)) for t in targets]
        repeated = sum(map(len, names)) > len(frozenset[Var]().union(*names))
        later: list[tuple[Target, Expr]] = []
        last = len(targets) - 1
        for i, (target, value) in enumerate(zip(targets, values, strict=True)):
            assert isinstance(target, (Var, Tuple))
            reads = {v for other in values[i + 1 :] for v in variables(other)}
            if repeated or names[i] & reads:
                simple = self._simple(value)
                temp = self._names.fresh("t")
                self._emit(Assign(temp, simple, self._at))
                later.append((target, temp))
            else:
                self._assign(target, value, origin if i == last and not later else self._at)
        for i, (target, temp) in enumerate(later):
            self._assign(target, temp, origin if i == len(later) - 1 else self._at)

    def _unpack(
        self,
        target: Tuple,
        value: Expr,
        origin: Origin | None,
        lost: frozenset[Var] = frozenset(),
    ) -> None:
        """``target = value``; of one name that stands there twice, the last item is what is left.

        ``lost`` are names that get another value after this.
        """
        inner: list[tuple[Tuple, Var, frozenset[Var]]] = []
        targets: list[Var | None] = []
        for i, item in enumerate(target.items):
            later = lost.union(*(variables(other) for other in target.items[i + 1 :]))
            if isinstance(item, Tuple):
                temp = self._names.fresh("t")
                inner.append((item, temp, later))
                targets.append(temp)
            else:
                assert isinstance(item, Var)
                is_unread = item.base == "_" and item not in self._read
                targets.append(None if is_unread or item in later else item)
        if isinstance(value, (Tuple, List)) and any(isinstance(v, Star) for v in value.items):
            # Which item a target gets is then only known of the whole.
            value = self._named(value)
        self._emit(Unpack(tuple(targets), value, origin if not inner else _bare(origin)))
        for i, (item, temp, later) in enumerate(inner):
            self._unpack(item, temp, origin if i == len(inner) - 1 else _bare(origin), later)

    def _place(self, obj: Expr) -> Expr:
        """What an update goes to: a variable, or a global object."""
        return obj if isinstance(obj, (Var, Ref)) else self._named(self._simple(obj))

    # --- expressions -----------------------------------------------------------------------------

    def _named(self, value: Expr) -> Var:
        temp = self._names.fresh("t")
        self._emit(Assign(temp, value, self._at))
        return temp

    def _operand(self, expr: Expr) -> Expr:
        """``expr`` as an operand, after emitting what computes it."""
        simple = self._simple(expr)
        return self._named(simple) if isinstance(simple, (Call, Attr)) else simple

    def _operands(self, exprs: Sequence[Expr]) -> tuple[Expr, ...]:
        out: list[Expr] = []
        for i, expr in enumerate(exprs):
            operand = self._operand(expr)
            if _unpacks(operand) and any(map(may_change_items, exprs[i + 1 :])):
                operand = self._unpacked(operand)
            out.append(operand)
        return tuple(out)

    def _unpacked(self, operand: Expr) -> Expr:
        """``operand`` with what is unpacked in it as it is now, before the list changes."""
        match operand:
            case Star(value):
                return Star(self._named(Call(LIST, (value,))))
            case Tuple(items) | List(items):
                return type(operand)(tuple(map(self._unpacked, items)))
            case _:
                return operand

    def _simple(self, expr: Expr) -> Expr:
        """``expr`` as an operand, or as one operation on operands."""
        match expr:
            case Var() | Const() | Ref():
                return expr
            case Call(Ref(value=fn), args) if fn is operator.contains:
                # `k in d` evaluates `k` first.
                container, item = args
                key = self._operand(item)
                return replace(expr, args=(self._operand(container), key))
            case Call(fn, args, kwargs):
                function = self._function(fn)
                operands = self._operands(args)
                keywords = tuple((k, self._operand(v)) for k, v in kwargs)
                return changed(expr, fn=function, args=operands, kwargs=keywords or expr.kwargs)
            case Attr(value, name):
                return Attr(self._operand(value), name)
            case Tuple(items):
                return Tuple(self._operands(items))
            case List(items):
                return List(self._operands(items))
            case Star(value):
                return Star(self._operand(value))
            case Slice(start, stop, step):
                return Slice(*self._operands((start, stop, step)))
            case Dict(keys, values):
                flat = self._operands([x for p in zip(keys, values, strict=True) for x in p])
                return dict_display(zip(flat[::2], flat[1::2], strict=True))
            case BoolOp(op, left, right):
                return self._bool(op, left, right)
            case IfExp():
                temp = self._names.fresh("t")
                self._assign(temp, expr, self._at)
                return temp

    def _function(self, fn: Expr) -> Expr:
        match fn:
            case Attr(value, name):
                return Attr(self._operand(value), name)
            case _:
                return self._operand(fn)

    def _bool(self, op: str, left: Expr, right: Expr) -> Var:
        temp = self._named(self._simple(left))
        block = self._apart(lambda: self._emit(Assign(temp, self._simple(right), self._at)))
        self._emit(If(temp, *((block, ()) if op == "and" else ((), block)), self._at))
        return temp


def _pairs(targets: Sequence[Expr], values: Sequence[Expr]) -> bool:
    return len(targets) == len(values) and not any(isinstance(v, Star) for v in values)


def _bare(origin: Origin | None) -> Origin | None:
    """The place alone: a comment is printed once, with the statement it belongs to."""
    if origin is None or not (origin.comment or origin.above):
        return origin
    return replace(origin, comment="", above=())


def _unpacks(operand: Expr) -> bool:
    return any(isinstance(e, Star) for e in subexpressions(operand))


def _may_change_items(value: Expr) -> bool:
    """Whether a call in ``value`` may change what it is given; a method is not known yet."""
    return any(isinstance(e, Call) and not is_pure(e) for e in subexpressions(value))
