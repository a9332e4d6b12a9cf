"""Bring a typed function into the form that the reverse transform turns round.

After this pass: a loop over an array whose rows are active or mutated runs over an index; a loop
that may end early, and every ``while``, counts its turns; the test of an `If` and the iterable of a
loop are not bound inside it; no statement needs both its target's old and new value; an update
``x[i] op= v`` is a sum; active calls of Python functions are calls of their forward halves; a
parameter that is mutated is copied.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Final

import numpy as np

from srcad import runtime
from srcad.analysis.activity import Activity
from srcad.analysis.places import occurrences
from srcad.analysis.sharing import viewed
from srcad.analysis.storage import Storage
from srcad.errors import MutationError
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Ref,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import LIST_POP
from srcad.ir.walk import bound, map_expr, may_break, mention_counts, statements, variables
from srcad.rules.table import rule_for
from srcad.transform.terms import Term, rule_terms
from srcad.types.calls import bind_arguments, python_function
from srcad.types.containers import element_type
from srcad.types.lattice import INT, UNKNOWN, Array, Record, Type
from srcad.types.operands import operand_type

__all__ = ["CallHalves", "Halves", "Prepared", "prepare"]

ADD: Final = Ref("operator.add", operator.add)
GETITEM: Final = Ref("operator.getitem", operator.getitem)
LEN: Final = Ref("len", len)
RANGE: Final = Ref("range", range)
MIN: Final = Ref("min", min)
CHECK_VIEW: Final = Ref("check_view", runtime.check_view)
COPY: Final = Ref("np.copy", np.copy)


@dataclass(frozen=True, slots=True)
class CallHalves:
    """The halves of an active call: ``forward(*args) -> (y, saved)``, ``backward(saved, y_bar)``.

    ``operands`` are those that ``backward`` returns the cotangents of, in order.
    """

    forward: Ref
    backward: Ref
    saved: Var
    result: Var
    operands: tuple[Expr, ...]


Halves = Callable[[Ref, tuple[Type, ...], tuple[int, ...]], tuple[Ref, Ref]]
"""Makes the two halves of a Python function for argument types and active arguments."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The function, its variables' types, the terms and calls of its active statements."""

    fn: Function
    types: Mapping[Var, Type]
    active: frozenset[Var]
    terms: Mapping[int, tuple[Term, ...]]
    calls: Mapping[int, CallHalves]
    trips: Mapping[int, Var]
    preamble: Block
    names: Names
    storage: Storage


def prepare(
    fn: Function,
    types: Mapping[Var, Type],
    storage: Storage,
    activity: Activity,
    halves: Halves,
) -> Prepared:
    """See the module."""
    work = _Prepare(fn, types, storage, activity, halves)
    body = work.block(fn.body)
    # `x.copy()` lays the array out anew; where views depend on its layout, it must stay.
    spell = "" if storage.guarded else ".copy"
    preamble = tuple(
        Assign(p.var, Call(COPY, (p.var,), spell=spell))
        for p in fn.params
        if p.var in storage.mutated_params and isinstance(types.get(p.var), Array)
    )
    return Prepared(
        replace(fn, body=body),
        work.types,
        frozenset(work.active),
        work.terms,
        work.calls,
        work.trips,
        preamble,
        work.names,
        work.storage,
    )


class _Prepare:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        storage: Storage,
        activity: Activity,
        halves: Halves,
    ) -> None:
        self.fn = fn
        self.types = dict(types)
        self.storage = storage
        self.active = set(activity.active)
        self.halves = halves
        self.terms: dict[int, tuple[Term, ...]] = {}
        self.calls: dict[int, CallHalves] = {}
        self.trips: dict[int, Var] = {}
        self._mentions = mention_counts(fn.body)
        taken = {v.name for v in occurrences(fn.body)} | {p.var.name for p in fn.params}
        self.names = Names(taken | {c.name for c in fn.captures} | {fn.name, "np", "math"})

    def fresh(self, base: str, t: Type) -> Var:
        var = self.names.fresh(base)
        self.types[var] = t
        return var

    # --- blocks

    def block(self, block: Block) -> Block:
        return tuple(s for stmt in block for s in self.stmt(stmt))

    def stmt(self, stmt: Stmt) -> Block:
        match stmt:
            case Assign(Var() as target, Call() as call) if target in self.storage.guarded:
                check = Do(Call(CHECK_VIEW, (target, call.args[0])), stmt.origin)
                return (*self._assign(stmt, target, call), check)
            case Assign(Var() as target, Call() as call):
                return self._assign(stmt, target, call)
            case AugAssign(Var() as obj, index, op, value):
                return self._update(stmt, obj, index, op, value)
            case If(test, then, orelse):
                before, test = self._isolated(test, (*then, *orelse), "test")
                return (
                    *before,
                    replace(stmt, test=test, then=self.block(then), orelse=self.block(orelse)),
                )
            case For():
                return self._for(self._own_target(stmt))
            case While():
                self._check_header(stmt)
                return self._counted(stmt, replace(stmt, body=self.block(stmt.body)))
            case _:
                return (stmt,)

    def _check_header(self, stmt: While) -> None:
        for s in statements(stmt.header):
            match s:
                case Store() | AugAssign() | Do():
                    raise MutationError(
                        "the test of a `while` changes something in place",
                        source=self.fn.source,
                        origin=stmt.origin,
                        why="a test is not run backward",
                        instead="write `while True:` with the change and a `break` in its body",
                    )
                case _:
                    pass

    def _isolated(self, expr: Expr, inside: Block, base: str) -> tuple[Block, Expr]:
        """``expr``, or its copy where the statement it controls binds a variable of it."""
        inner = {v for s in statements(inside) for v in bound(s)}
        if not (isinstance(expr, Var) and expr in inner):
            return (), expr
        copy = self.fresh(base, self.types.get(expr, UNKNOWN))
        return (Assign(copy, expr),), copy

    # --- assignments

    def _assign(self, stmt: Assign, target: Var, call: Call) -> Block:
        if target not in self.active or call.fn == Ref("", LIST_POP):
            return (stmt,)
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is getattr:
            return (stmt,)
        if rule_for(fn) is None:
            if isinstance(fn, type) and isinstance(self.types.get(target), Record):
                return (stmt,)
            inner = python_function(fn)
            if inner is not None and isinstance(call.fn, Ref):
                return self._call(stmt, target, call, call.fn, inner)
        found = rule_terms(call, target, self.types, self.active, self.fn.source, stmt.origin)
        reads = frozenset[Var]().union(*(t.reads.names for t in found))
        if target in reads and target in set(variables(call)):
            # One of them must survive the other: the new value gets a name of its own first.
            new = self.fresh(target.base, self.types.get(target, UNKNOWN))
            self.active.add(new)
            first = replace(stmt, target=new)
            return (*self._assign(first, new, call), Assign(target, new, stmt.origin))
        self.terms[id(stmt)] = found
        return (stmt,)

    def _call(self, stmt: Assign, target: Var, call: Call, ref: Ref, inner: FunctionType) -> Block:
        operands = bind_arguments(inner, call)
        wanted = tuple(
            i for i, o in enumerate(operands) if any(v in self.active for v in variables(o))
        )
        types = tuple(operand_type(o, self.types) for o in operands)
        forward, backward = self.halves(ref, types, wanted)
        saved = self.fresh(f"{target.base}_saved", UNKNOWN)
        made = Unpack(
            (target, saved), replace(call, fn=forward, args=operands, kwargs=()), stmt.origin
        )
        self.calls[id(made)] = CallHalves(
            forward, backward, saved, target, tuple(operands[i] for i in wanted)
        )
        return (made,)

    def _update(self, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr) -> Block:
        if obj not in self.active or op.value in (operator.add, operator.sub):
            return (stmt,)
        where = Const(Ellipsis) if index is None else index
        t = self.types.get(obj, UNKNOWN)
        item = self._item_type(t, where)
        old = obj if index is None else self.fresh("t", item)
        new = self.fresh("t", item)
        self.active.update((old, new))
        read = Assign(old, Call(GETITEM, (obj, where)), stmt.origin)
        if index is not None and viewed(read.value, self.types):  # pyright: ignore[reportArgumentType]  # the call
            self.storage = self.storage.with_view(old, read.value)  # pyright: ignore[reportArgumentType]  # the call
        computed = Assign(new, Call(op, (old, value)), stmt.origin)
        out: list[Stmt] = []
        if index is not None:
            out.extend(self._assign(read, old, read.value))  # pyright: ignore[reportArgumentType]  # it is the call above
        out.extend(self._assign(computed, new, computed.value))  # pyright: ignore[reportArgumentType]  # it is the call above
        out.append(Store(obj, where, new, stmt.origin))
        return tuple(out)

    def _item_type(self, t: Type, index: Expr) -> Type:
        from srcad.types.layouts import getitem_type

        try:
            return getitem_type(t, operand_type(index, self.types))
        except LookupError:
            return UNKNOWN

    # --- loops

    def _for(self, stmt: For) -> Block:
        target = stmt.target
        assert isinstance(target, Var)
        base_vars = set(variables(stmt.iter))
        mutated = bool(base_vars & self.storage.buffers)
        is_active = target in self.active and bool(base_vars & self.active)
        if is_active or mutated:
            return self._indexed(stmt, target)
        before, iterable = self._isolated_iter(stmt)
        new = replace(stmt, iter=iterable, body=self.block(stmt.body))
        return (*before, *self._counted(stmt, new))

    def _own_target(self, stmt: For) -> For:
        """``stmt`` with a target that is read nowhere else: the backward loop reverses it."""
        target = stmt.target
        assert isinstance(target, Var)
        here = mention_counts((stmt,)).get(target, 0)
        bound_inside = any(target in bound(s) for s in statements(stmt.body))
        if self._mentions.get(target, 0) == here and not bound_inside:
            return stmt
        new = self.fresh(target.base, self.types.get(target, UNKNOWN))
        if target in self.active:
            self.active.add(new)
        return replace(stmt, target=new, body=(Assign(target, new, stmt.origin), *stmt.body))

    def _isolated_iter(self, stmt: For) -> tuple[Block, Expr]:
        inner = {v for s in statements(stmt.body) for v in bound(s)} | set(bound(stmt))
        before: list[Stmt] = []

        def isolate(expr: Expr) -> Expr:
            if isinstance(expr, Var):
                if expr not in inner:
                    return expr
                copy = self.fresh(expr.base, self.types.get(expr, UNKNOWN))
                if expr in self.active:
                    self.active.add(copy)
                before.append(Assign(copy, expr))
                return copy
            return map_expr(expr, isolate)

        iterable = isolate(stmt.iter)
        return tuple(before), iterable

    def _indexed(self, stmt: For, target: Var) -> Block:
        before, iterable = self._isolated_iter(stmt)
        first = stmt.body[0] if stmt.body else None
        index = self.fresh("i", INT)
        head: list[Stmt] = []
        element = self._element(iterable, index, head, stmt, target)
        if isinstance(element, Call):
            head.append(Assign(target, element, stmt.origin))
            body = stmt.body
        elif (
            isinstance(first, Unpack)
            and first.value == target
            and isinstance(element, Tuple)
            and len(element.items) == len(first.targets)
            and target not in occurrences(stmt.body[1:])
        ):
            for name, item in zip(first.targets, element.items, strict=True):
                if name is not None:
                    value = item if isinstance(item, Call) else self._flat(item, head, stmt)
                    head.append(Assign(name, value, stmt.origin))
            body = stmt.body[1:]
        else:
            head.append(Assign(target, self._flat(element, head, stmt), stmt.origin))
            body = stmt.body
        made: list[Stmt] = []
        for s in head:
            made.extend(self.stmt(s))
        length = self._length(iterable, before_ := [], stmt)
        loop = replace(
            stmt,
            target=index,
            iter=Call(RANGE, (length,)),
            body=(*made, *self.block(body)),
        )
        return (*before, *before_, *self._counted(stmt, loop))

    def _flat(self, element: Expr, head: list[Stmt], stmt: For) -> Expr:
        """``element`` with its calls in variables of their own."""
        match element:
            case Tuple(items):
                return Tuple(tuple(self._flat(i, head, stmt) for i in items))
            case Call(_, (base, _)):
                var = self.fresh("t", element_type(operand_type(base, self.types)))
                if any(v in self.active for v in variables(base)):
                    self.active.add(var)
                head.append(Assign(var, element, stmt.origin))
                return var
            case _:
                return element

    def _element(
        self, iterable: Expr, index: Var, head: list[Stmt], stmt: For, target: Var
    ) -> Expr:
        """The element at ``index``: a call, an operand, or a `Tuple` of both."""
        match iterable:
            case Call(Ref(_, fn), args) if fn is zip:
                return Tuple(tuple(self._element(a, index, head, stmt, target) for a in args))
            case Call(Ref(_, fn), args, kwargs) if fn is enumerate:
                run, *rest = args
                start = rest[0] if rest else dict(kwargs).get("start")
                count: Expr = index
                if start is not None:
                    count = self.fresh("i", INT)
                    head.append(Assign(count, Call(ADD, (index, start)), stmt.origin))
                return Tuple((count, self._element(run, index, head, stmt, target)))
            case Call(Ref(_, fn), args) if fn is reversed:
                from_end = self.fresh("i", INT)
                flip = Ref("operator.invert", operator.invert)
                head.append(Assign(from_end, Call(flip, (index,)), stmt.origin))
                return self._element(args[0], from_end, head, stmt, target)
            case Call(Ref(_, fn)) if fn is range:
                item = self.fresh("i", INT)
                head.append(Assign(item, Call(GETITEM, (self._named(iterable, head), index))))
                return item
            case _:
                return Call(GETITEM, (self._named(iterable, head), index), origin=stmt.origin)

    def _named(self, expr: Expr, head: list[Stmt]) -> Expr:
        if isinstance(expr, Var | Ref):
            return expr
        var = self.fresh("xs", operand_type(expr, self.types))
        if any(v in self.active for v in variables(expr)):
            self.active.add(var)
        head.append(Assign(var, expr))
        return var

    def _length(self, iterable: Expr, before: list[Stmt], stmt: For) -> Expr:
        match iterable:
            case Call(Ref(_, fn), args) if fn is zip:
                lengths = tuple(self._length(a, before, stmt) for a in args)
                if len(lengths) == 1:
                    return lengths[0]
                return self._int(Call(MIN, lengths), before)
            case Call(Ref(_, fn), args) if fn is enumerate or fn is reversed:
                return self._length(args[0], before, stmt)
            case Tuple(items) | List(items):
                return Const(len(items))
            case Call():
                named = self.fresh("steps", UNKNOWN)
                before.append(Assign(named, iterable))
                return self._int(Call(LEN, (named,)), before)
            case _:
                return self._int(Call(LEN, (iterable,)), before)

    def _int(self, call: Call, before: list[Stmt]) -> Var:
        var = self.fresh("n", INT)
        before.append(Assign(var, call))
        return var

    def _counted(self, old: For | While, new: For | While) -> Block:
        """``new`` with a counter of its turns, if their number is not known beforehand."""
        if isinstance(new, For) and not may_break(new.body):
            return (new,)
        count = self.fresh("turns", INT)
        step = Assign(count, Call(ADD, (count, Const(1))))
        loop = replace(new, body=(step, *new.body))
        self.trips[id(loop)] = count
        return (Assign(count, Const(0)), loop)
