"""Forward mode: every statement followed by what it does to the tangents.

Tangents mirror the primal: the tangent of a view is the same view of the tangent, that of a list is
the list of its items' tangents, and a loop stays the loop it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from srcad import runtime
from srcad.analysis.activity import Activity
from srcad.analysis.effects import ARITHMETIC, is_fresh
from srcad.analysis.places import occurrences
from srcad.analysis.storage import Storage
from srcad.analysis.writes import accumulates_at
from srcad.errors import ArgumentError
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Origin,
    Param,
    Ref,
    Return,
    Star,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import APPEND, LIST_APPEND, LIST_POP, POP
from srcad.ir.walk import variables
from srcad.program import Analysed
from srcad.rules.table import rule_for, tangent
from srcad.transform.adjoints import (
    ADD,
    ADD_AT,
    CHECK_VIEW,
    COPY,
    GETATTR,
    GETITEM,
    NEG,
    SUB,
    ZEROS_LIKE,
    ZEROS_TREE,
)
from srcad.transform.build import Builder, substitute
from srcad.transform.terms import (
    bound_call,
    constants_of,
    copied_list,
    is_real,
    operands_by_name,
    refuse_containers,
)
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import UNKNOWN, Array, Record, Scalar, Static, Type, same_shape
from srcad.types.operands import operand_type

__all__ = ["forward_function"]

TangentOfCall = Callable[[Ref, tuple[Type, ...], tuple[int, ...]], Ref]
"""Makes ``f_jvp(*args, *tangents) -> (y, y_dot)`` of a Python function."""

BROADCAST: Final = Ref("broadcast_like", runtime.broadcast_like)
ZIP: Final = Ref("zip", zip)
ENUMERATE: Final = Ref("enumerate", enumerate)
REVERSED: Final = Ref("reversed", reversed)


def forward_function(
    analysed: Analysed,
    activity: Activity,
    wrt: tuple[int, ...],
    name: str,
    tangent_of: TangentOfCall,
    *,
    aux: bool,
) -> tuple[Function, tuple[Var, ...]]:
    """``name(*params, *tangents) -> (value, value_dot)``, and the variables of those tangents.

    With ``aux`` the function returns a pair, and the result is ``(value, value_dot, aux)``.
    """
    return _Forward(analysed, activity, tangent_of).run(wrt, name, aux=aux)


class _Forward:
    def __init__(self, analysed: Analysed, activity: Activity, tangent_of: TangentOfCall) -> None:
        self.fn = analysed.fn
        self.types: dict[Var, Type] = dict(analysed.types)
        self.storage: Storage = analysed.storage
        self.active = activity.active
        self.tangent_of = tangent_of
        taken = {v.name for v in occurrences(self.fn.body)} | {p.var.name for p in self.fn.params}
        taken |= {c.name for c in self.fn.captures} | {self.fn.name, "np", "math"}
        self.names = Names(taken)
        self.build = Builder(self.names)
        self._dots: dict[Var, Var] = {}

    def run(
        self, wrt: tuple[int, ...], name: str, *, aux: bool
    ) -> tuple[Function, tuple[Var, ...]]:
        params = [p.var for p in self.fn.params]
        given = tuple(self.dot(params[i]) for i in wrt)
        for i, var in enumerate(params):
            if var in self.storage.mutated_params and isinstance(self.types.get(var), Array):
                spell = "" if self.storage.guarded else ".copy"
                self.build.assign(var, Call(COPY, (var,), spell=spell))
                if i in wrt:
                    self.build.assign(self.dot(var), Call(COPY, (self.dot(var),), spell=spell))
            if i not in wrt and var in self.active:
                self.build.assign(self.dot(var), self.zero(var))
        *body, last = self.fn.body
        assert isinstance(last, Return)
        self.block(tuple(body))
        self.build.origin = last.origin
        self._return(last, aux=aux)
        required = tuple(Param(p.var) for p in self.fn.params)
        made = replace(
            self.fn,
            name=name,
            params=(*required, *(Param(d) for d in given)),
            body=self.build.block(),
        )
        return made, given

    def _return(self, last: Return, *, aux: bool) -> None:
        if aux:
            assert isinstance(last.value, Tuple)
            value, more = last.value.items
            items: tuple[Expr, ...] = (value, self.tangent_operand(value), more)
        else:
            items = (last.value, self.tangent_operand(last.value))
        self.build.add(Return(Tuple(items), last.origin))

    # --- tangents

    def dot(self, var: Var) -> Var:
        found = self._dots.get(var)
        if found is None:
            found = self._dots[var] = self.names.fresh(f"{var.base}_dot")
        return found

    def is_active(self, expr: Expr) -> bool:
        return any(v in self.active for v in variables(expr))

    def zero(self, expr: Expr) -> Expr:
        """A zero tangent for ``expr``."""
        match operand_type(expr, self.types):
            case Scalar():
                return Const(0.0)
            case Array():
                return Call(ZEROS_LIKE, (expr,))
            case Static():
                return Const(None)
            case _:
                return Call(ZEROS_TREE, (expr,))

    def tangent_operand(self, expr: Expr) -> Expr:
        """The tangent of an operand, as an operand; zeros are made where they are needed."""
        match expr:
            case Var() if expr in self.active:
                return self.dot(expr)
            case Tuple(items):
                return Tuple(tuple(self.tangent_operand(i) for i in items))
            case List(items):
                return List(tuple(self.tangent_operand(i) for i in items))
            case Dict(keys, values):
                return Dict(keys, tuple(self.tangent_operand(v) for v in values))
            case Star(value):
                return Star(self.tangent_operand(value))
            case _:
                return self.build.operand(self.zero(expr))

    # --- statements

    def block(self, block: Block) -> None:
        for stmt in block:
            self.build.origin = stmt.origin
            self._stmt(stmt)
            match stmt:
                case Assign(Var() as view, Call(_, (base, *_))) if view in self.storage.guarded:
                    self.build.add(Do(Call(CHECK_VIEW, (view, base))))
                    if view in self.active:
                        dots = (self.dot(view), self.tangent_operand(base))
                        self.build.add(Do(Call(CHECK_VIEW, dots)))
                case _:
                    pass

    def _inner(self, block: Block) -> Block:
        outer = self.build
        self.build = outer.nested()
        self.block(block)
        made = self.build.block()
        self.build = outer
        return made

    def _line(self) -> None:
        """What follows belongs to the same line, whose comment has been printed."""
        origin = self.build.origin
        if origin is not None:
            self.build.origin = Origin(origin.line, origin.col, origin.end_line, origin.end_col)

    def _stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Assign(Var() as target, value) if target in self.active:
                self._assign(stmt, target, value)
            case Unpack(targets, value) if any(t in self.active for t in targets):
                self.build.add(stmt)
                self._line()
                self._unpack(targets, value)
            case Store(Var() as obj, index, value) if obj in self.active:
                dot = self.tangent_operand(value) if self.is_active(value) else Const(0)
                self.build.add(stmt)
                self._line()
                self.build.add(Store(self.dot(obj), index, dot, self.build.origin))
            case AugAssign(Var() as obj, index, op, value) if obj in self.active:
                self._aug_assign(stmt, obj, index, op, value)
            case Do(Call(Ref(_, fn), (Var() as xs, item))) if (
                fn is LIST_APPEND and xs in self.active
            ):
                self.build.add(stmt)
                self._line()
                value = self.tangent_operand(item)
                self.build.add(
                    Do(Call(APPEND, (self.dot(xs), value), spell=".append"), self.build.origin)
                )
            case Do() if (hit := accumulates_at(stmt)) and hit[1] in self.active:
                self.build.add(stmt)
                call, obj = hit
                if self.is_active(call.args[2]):
                    self._line()
                    value = self.tangent_operand(call.args[2])
                    made = Call(ADD_AT, (self.dot(obj), call.args[1], value))
                    self.build.add(Do(made, self.build.origin))
            case If(_, then, orelse):
                self.build.add(replace(stmt, then=self._inner(then), orelse=self._inner(orelse)))
            case For():
                self._for(stmt)
            case While(header, _, body):
                self.build.add(replace(stmt, header=self._inner(header), body=self._inner(body)))
            case _:
                self.build.add(stmt)

    def _assign(self, stmt: Assign, target: Var, value: Expr) -> None:
        match value:
            case Call():
                self._call(stmt, target, value)
            case _:
                dot = self.tangent_operand(value)
                self.build.add(stmt)
                self._line()
                self._bind_dot(target, dot)

    def _bind_dot(self, target: Var, value: Expr) -> None:
        if self.storage.buffers and self._may_alias(target, value):
            value = Call(COPY, (value,), spell=".copy")
        self.build.assign(self.dot(target), value)

    def _may_alias(self, target: Var, value: Expr) -> bool:
        """Whether the tangent of ``target``, no view, would share memory with another's."""
        if target in self.storage.views or not isinstance(self.types.get(target), Array):
            return False
        if not (isinstance(value, Call) and isinstance(value.fn, Ref)):
            return True
        return value.fn.value not in ARITHMETIC and not is_fresh(value, {})

    def _unpack(self, targets: tuple[Var | None, ...], value: Expr) -> None:
        if isinstance(value, Call) or not self.is_active(value):
            for t in targets:
                if t is not None and t in self.active:
                    self._bind_dot(t, self.zero(t))
            return
        dots = tuple(self.dot(t) if t is not None and t in self.active else None for t in targets)
        self.build.add(Unpack(dots, self.tangent_operand(value), self.build.origin))

    def _aug_assign(
        self, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr
    ) -> None:
        dot = self.dot(obj)
        if op.value in (operator.add, operator.sub):
            self.build.add(stmt)
            if self.is_active(value):
                self._line()
                tangent_ = self.tangent_operand(value)
                self.build.add(AugAssign(dot, index, op, tangent_, self.build.origin))
            return
        where = Const(Ellipsis) if index is None else index
        old = self.build.temp(Call(GETITEM, (obj, where)))
        old_dot = self.build.temp(Call(GETITEM, (dot, where)), "t_dot")
        new = self.names.fresh("t")
        for var in (old, new):
            self.types[var] = UNKNOWN
        self.active = self.active | {old, new}
        self._dots[old] = old_dot
        self._call(Assign(new, Call(op, (old, value)), stmt.origin), new, Call(op, (old, value)))
        self.build.add(Store(obj, where, new, self.build.origin))
        self.build.add(Store(dot, where, self.dot(new), self.build.origin))

    # --- calls

    def _call(self, stmt: Assign, target: Var, call: Call) -> None:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is LIST_POP:
            xs = call.args[0]
            assert isinstance(xs, Var)
            self.build.add(stmt)
            self._line()
            if xs in self.active:
                self._bind_dot(target, Call(POP, (self.dot(xs),), spell=".pop"))
            else:
                self._bind_dot(target, self.zero(target))
            return
        if fn is operator.getitem or fn is getattr:
            self._part(stmt, target, call)
            return
        if rule_for(fn) is None and isinstance(call.fn, Ref):
            if isinstance(fn, type) and isinstance(self.types.get(target), Record):
                self._record(stmt, target, call)
                return
            inner = python_function(fn)
            if inner is not None:
                self._python(stmt, target, call, call.fn)
                return
        self._rule(stmt, target, call)

    def _part(self, stmt: Assign, target: Var, call: Call) -> None:
        base, key = call.args
        if self.is_active(base):
            dots = self.tangent_operand(base)
            made: Expr = Call(GETITEM if call.fn == GETITEM else GETATTR, (dots, key))
        else:
            made = self.zero(target)
        if target in set(variables(call)):
            dot = self.build.temp(made, "t_dot")
            self.build.add(stmt)
            self._line()
            self._bind_dot(target, dot)
            return
        self.build.add(stmt)
        self._line()
        self._bind_dot(target, made)

    def _record(self, stmt: Assign, target: Var, call: Call) -> None:
        args = tuple(self.tangent_operand(a) for a in call.args)
        kwargs = tuple((k, self.tangent_operand(v)) for k, v in call.kwargs)
        self.build.add(stmt)
        self._line()
        self._bind_dot(target, Call(call.fn, args, kwargs))

    def _python(self, stmt: Assign, target: Var, call: Call, ref: Ref) -> None:
        fn = python_function(ref.value)
        assert fn is not None
        operands = bind_arguments(fn, call)
        wanted = tuple(i for i, o in enumerate(operands) if self.is_active(o))
        if not wanted:
            self.build.add(stmt)
            self._line()
            self._bind_dot(target, self.zero(target))
            return
        if hasattr(ref.value, "halves"):
            raise ArgumentError(
                f"forward mode cannot differentiate the custom_vjp `{ref.path}`",
                source=self.fn.source,
                origin=call.origin or stmt.origin,
                why="its cotangents are given, and tangents cannot be computed from these",
                instead="use grad or vjp, or define it with custom_jvp, which serves both modes",
            )
        types = tuple(operand_type(o, self.types) for o in operands)
        inner = self.tangent_of(ref, types, wanted)
        dots = tuple(self.tangent_operand(operands[i]) for i in wanted)
        made = Call(inner, (*operands, *dots), origin=call.origin)
        self.build.add(Unpack((target, self.dot(target)), made, self.build.origin))

    def _rule(self, stmt: Assign, target: Var, call: Call) -> None:
        total = self._total(stmt, target, call, target)
        if total is None:
            self.build.add(stmt)
            self._line()
            self._bind_dot(target, self.zero(target))
        elif target in set(variables(call)):
            # The tangent may read the target's old value, and the new one too.
            new = self.names.fresh(target.base)
            self.types[new] = self.types.get(target, UNKNOWN)
            total = self._total(stmt, target, call, new)
            assert total is not None
            self.build.add(Assign(new, call, stmt.origin))
            self._line()
            self._bind_dot(target, total)
            self.build.add(Assign(target, new, self.build.origin))
        else:
            self.build.add(stmt)
            self._line()
            self._bind_dot(target, total)

    def _total(self, stmt: Assign, target: Var, call: Call, result: Var) -> Expr | None:
        """The tangent of ``call``, whose value is in ``result``; ``None`` if it is zero."""
        if (copied := copied_list(call, self.types)) is not None:
            return Call(call.fn, (self.tangent_operand(copied),))
        rule, bound = bound_call(call, self.fn.source, stmt.origin)
        values = operands_by_name(rule, bound)
        t = self.types.get(target, UNKNOWN)
        of: Mapping[str, Type] = {p: operand_type(e, self.types) for p, e in bound.items()}
        refuse_containers(rule, bound, of, self.fn.source, call.origin or stmt.origin)
        real = is_real(t) and all(is_real(of[p]) for p in rule.differentiable if p in of)
        binding = {**values, Var(rule.result_name): result}
        parts: list[Expr] = []
        full = False
        for p in rule.differentiable:
            if p not in bound or not self.is_active(bound[p]):
                continue
            text = tangent(rule, p, frozenset(bound), real=real, constants=constants_of(values))
            g = self.tangent_operand(bound[p])
            parts.append(substitute(text, {**binding, Var("g"): g}))
            full = full or rule.kind != "elementwise" or same_shape(of[p], t)
        if not parts:
            return None
        total = parts[0]
        for part in parts[1:]:
            if isinstance(part, Call) and part.fn == NEG:
                total = Call(SUB, (total, part.args[0]))
            else:
                total = Call(ADD, (total, part))
        return total if full else Call(BROADCAST, (total, result))

    # --- loops

    def _for(self, stmt: For) -> None:
        target = stmt.target
        assert isinstance(target, Var)
        if target not in self.active or not self.is_active(stmt.iter):
            zero: tuple[Stmt, ...] = ()
            if target in self.active:
                zero = (Assign(self.dot(target), self.build.operand(self.zero(target))),)
            self.build.add(replace(stmt, body=(*zero, *self._inner(stmt.body))))
            return
        found: list[tuple[Expr, Var]] = []
        element = self._element(stmt.iter, found, flipped=False)
        pair = self.names.fresh("pair")
        iterables: list[Expr] = []
        for iterable, _ in found:
            iterables.append(iterable)
        joined = Call(ZIP, (stmt.iter, *iterables))
        head: list[Stmt] = [Unpack((target, *(v for _, v in found)), pair, stmt.origin)]
        head.append(Assign(self.dot(target), element))
        self.build.add(
            replace(stmt, target=pair, iter=joined, body=(*head, *self._inner(stmt.body)))
        )

    def _element(self, iterable: Expr, found: list[tuple[Expr, Var]], *, flipped: bool) -> Expr:
        """The tangent of what ``iterable`` gives: new variables, one for each active iterable."""
        match iterable:
            case Call(fn, args) if fn == ZIP:
                return Tuple(tuple(self._element(a, found, flipped=flipped) for a in args))
            case Call(fn, args) if fn == ENUMERATE:
                return Tuple((Const(0), self._element(args[0], found, flipped=flipped)))
            case Call(fn, args) if fn == REVERSED:
                return self._element(args[0], found, flipped=not flipped)
            case _ if self.is_active(iterable):
                var = self.names.fresh("item_dot")
                dots = self.tangent_operand(iterable)
                found.append((Call(REVERSED, (dots,)) if flipped else dots, var))
                return var
            case _:
                return Const(0.0)
