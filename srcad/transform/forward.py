"""Forward mode: every statement followed by what it does to the tangents.

Tangents mirror the primal: the tangent of a view is the same view of the tangent, that of a list is
the list of its items' tangents, and a loop stays the loop it is.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Literal

from srcad.analysis.activity import Activity
from srcad.analysis.analysed import Analysed
from srcad.analysis.writes import accumulates_at
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
    Param,
    Ref,
    Return,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import ADD, ADD_AT, APPEND, ARRAY, GETITEM, LIST_APPEND, MUL, POP
from srcad.transform.build import copied_params, own_copy
from srcad.transform.forward_calls import call_with_tangent
from srcad.transform.forward_loops import loop_with_tangents
from srcad.transform.helpers import CHECK_VIEW
from srcad.transform.tangents import TangentOfCall, Tangents
from srcad.types.lattice import UNKNOWN

__all__ = ["Returns", "forward_function"]

Returns = Literal["both", "dot", "dot, value", "sum"]
"""What a tangent function returns, if not both ``(value, value_dot)``: the tangent alone; the
tangent and the value; or, given one more argument, ``value_bar * value + value_dot``."""


def forward_function(
    analysed: Analysed,
    activity: Activity,
    wrt: tuple[int, ...],
    name: str,
    tangent_of: TangentOfCall,
    *,
    aux: bool = False,
    returns: Returns = "both",
) -> tuple[Function, tuple[Var, ...]]:
    """``name(*params, *tangents) -> (value, value_dot)``, and the variables of those tangents.

    With ``aux`` the function returns a pair, and the result is ``(value, value_dot, aux)``.
    """
    tangents = Tangents(analysed, activity, tangent_of)
    storage = tangents.storage
    copied = copied_params(tangents.fn, tangents.types, storage)
    params = [p.var for p in tangents.fn.params]
    given = tuple(tangents.dot(params[i]) for i in wrt)
    for i, var in enumerate(params):
        t = tangents.types.get(var, UNKNOWN)
        if var in copied:
            tangents.build.assign(var, own_copy(var, storage, t))
            if i in wrt:
                dot = tangents.dot(var)
                number = tangents.must_be_made_array(var)
                copy = Call(ARRAY, (dot,)) if number else own_copy(dot, storage, t, like=var)
                tangents.build.assign(dot, copy)
        if i not in wrt and var in tangents.active:
            tangents.start_at_zero(var)
    *body, last = tangents.fn.body
    assert isinstance(last, Return)
    _block(tangents, tuple(body))
    tangents.build.origin = last.origin
    weights = _return(tangents, last, aux=aux, returns=returns)
    made = replace(
        tangents.fn,
        name=name,
        params=tuple(map(Param, (*params, *given, *weights))),
        body=tangents.build.block(),
    )
    return made, given


def _return(tangents: Tangents, last: Return, *, aux: bool, returns: Returns) -> tuple[Var, ...]:
    """Write the last statement; the parameters that it needs besides the tangents."""
    build, value = tangents.build, last.value
    more: tuple[Expr, ...] = ()
    if aux:
        assert isinstance(value, Tuple)
        value, more = value.items[0], value.items[1:]
    value_dot = tangents.operand(value)
    weights: tuple[Var, ...] = ()
    match returns:
        case "both":
            result: Expr = Tuple((value, value_dot, *more))
        case "dot":
            result = value_dot
        case "dot, value":
            result = Tuple((value_dot, value))
        case "sum":
            weights = (tangents.names.fresh("value_bar"),)
            result = build.temp(Call(ADD, (build.temp(Call(MUL, (*weights, value))), value_dot)))
    build.add(Return(result, last.origin))
    return weights


def _block(tangents: Tangents, block: Block) -> None:
    for stmt in block:
        tangents.build.origin = stmt.origin
        _stmt(tangents, stmt)
        match stmt:
            case Assign(Var() as view, Call(_, (base, *_))) if view in tangents.storage.guarded:
                tangents.build.add(Do(Call(CHECK_VIEW, (view, base)), tangents.build.origin))
                if view in tangents.active:
                    dots = (tangents.dot(view), tangents.operand(base))
                    tangents.build.add(Do(Call(CHECK_VIEW, dots), tangents.build.origin))
            case _:
                pass


def _inner(tangents: Tangents, block: Block) -> Block:
    outer = tangents.build
    tangents.build = outer.nested()
    _block(tangents, block)
    made = tangents.build.block()
    tangents.build = outer
    return made


def _stmt(tangents: Tangents, stmt: Stmt) -> None:
    match stmt:
        case Assign(Var() as target, value) if target in tangents.active:
            _assign(tangents, stmt, target, value)
        case Assign(_, Call(fn, (Var() as xs,))) if fn == POP and xs in tangents.active:
            # The item's tangent is not read, but the list of tangents gets as short.
            tangents.follow(stmt)
            tangents.build.add(
                Do(Call(POP, (tangents.dot(xs),), spell=".pop"), tangents.build.origin)
            )
        case Unpack(targets, value) if any(v in tangents.active for v in targets):
            tangents.follow(stmt)
            _unpack(tangents, targets, value)
        case Store(Var() as obj, index, value) if obj in tangents.active:
            dot = tangents.operand(value) if tangents.is_active(value) else Const(0)
            tangents.follow(stmt)
            tangents.build.add(Store(tangents.dot(obj), index, dot, tangents.build.origin))
        case AugAssign(Var() as obj, index, op, value) if obj in tangents.active:
            _aug_assign(tangents, stmt, obj, index, op, value)
        case Do(Call(Ref(_, fn), (Var() as xs, item))) if (
            fn is LIST_APPEND and xs in tangents.active
        ):
            tangents.follow(stmt)
            value = tangents.operand(item)
            tangents.build.add(
                Do(Call(APPEND, (tangents.dot(xs), value), spell=".append"), tangents.build.origin)
            )
        case Do() if (hit := accumulates_at(stmt)) and hit[1] in tangents.active:
            tangents.follow(stmt)
            call, obj = hit
            if tangents.is_active(call.args[2]):
                value = tangents.operand(call.args[2])
                made = Call(ADD_AT, (tangents.dot(obj), call.args[1], value))
                tangents.build.add(Do(made, tangents.build.origin))
        case If(_, then, orelse):
            tangents.build.add(
                replace(stmt, then=_inner(tangents, then), orelse=_inner(tangents, orelse))
            )
        case For():
            loop_with_tangents(tangents, stmt, lambda body: _inner(tangents, body))
        case While(header, _, body):
            tangents.build.add(
                replace(stmt, header=_inner(tangents, header), body=_inner(tangents, body))
            )
        case _:
            tangents.build.add(stmt)


def _assign(tangents: Tangents, stmt: Assign, target: Var, value: Expr) -> None:
    match value:
        case Call():
            call_with_tangent(tangents, stmt, target, value)
        case _:
            dot = tangents.operand(value)
            tangents.follow(stmt)
            tangents.bind(target, dot)


def _unpack(tangents: Tangents, targets: tuple[Var | None, ...], value: Expr) -> None:
    if not tangents.is_active(value):
        for target in targets:
            if target is not None and target in tangents.active:
                tangents.bind(target, tangents.zero(target))
        return
    dots = tuple(
        tangents.dot(target) if target is not None and target in tangents.active else None
        for target in targets
    )
    tangents.build.add(Unpack(dots, tangents.operand(value), tangents.build.origin))


def _aug_assign(
    tangents: Tangents, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr
) -> None:
    dot = tangents.dot(obj)
    if op.value in (operator.add, operator.sub):
        tangents.follow(stmt)
        if tangents.is_active(value):
            value_dot = tangents.operand(value)
            tangents.build.add(AugAssign(dot, index, op, value_dot, tangents.build.origin))
        return
    where = Const(Ellipsis) if index is None else index
    old = tangents.build.temp(Call(GETITEM, (obj, where)))
    old_dot = tangents.build.temp(Call(GETITEM, (dot, where)), "t_dot")
    new = tangents.names.fresh("t")
    tangents.add_active(old, old_dot)
    tangents.add_active(new)
    total = Call(op, (old, value))
    call_with_tangent(tangents, Assign(new, total, stmt.origin), new, total)
    tangents.build.add(Store(obj, where, new, tangents.build.origin))
    tangents.build.add(Store(dot, where, tangents.dot(new), tangents.build.origin))
