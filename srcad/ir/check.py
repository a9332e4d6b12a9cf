"""Check that a function keeps the promises of `srcad.ir.nodes`: for tests, between passes."""

from __future__ import annotations

import operator
from typing import Literal

from srcad.errors import InternalError
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    BoolOp,
    Break,
    Call,
    Const,
    Continue,
    Dict,
    Do,
    Expr,
    For,
    Function,
    If,
    IfExp,
    List,
    Note,
    Param,
    Raise,
    Ref,
    Return,
    Slice,
    Star,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import ITERATORS
from srcad.ir.walk import expressions, parts, statements
from srcad.kinds import among

__all__ = ["check"]


def check(fn: Function, level: Literal["surface", "normal"]) -> None:
    """Check ``fn`` against the rules of surface or normal IR.

    Raises
    ------
    InternalError
        Naming the first rule that is broken, and the node that breaks it.
    """
    _params(fn.params)
    if not fn.body or not (level == "surface" or isinstance(fn.body[-1], Return)):
        raise _broken("a function ends with a return", fn.body[-1:])
    for stmt in statements(fn):
        where = stmt.index if isinstance(stmt, (Store, AugAssign)) else None
        for expr in expressions(stmt):
            _expression(expr, index=expr is where)
        _statement(stmt)
    if level == "normal":
        for stmt in statements(fn):
            _normal(stmt)
        returns = sum(isinstance(s, Return) for s in statements(fn))
        if returns != 1:
            raise _broken("there is one return", returns)
        _breaks(fn.body[:-1], allowed=False)
    else:
        _loop_exits(fn.body, inside=False)


def _broken(rule: str, node: object) -> InternalError:
    return InternalError(f"broken rule of the IR: {rule}: {node!r}")


def _params(params: tuple[Param, ...]) -> None:
    names = [p.var.name for p in params]
    if len(set(names)) != len(names):
        raise _broken("parameters have different names", names)
    order = {"positional": 0, "args": 1, "keyword": 2, "kwargs": 3}
    ranks = [order.get(p.kind, -1) for p in params]
    if -1 in ranks or ranks != sorted(ranks) or ranks.count(1) > 1 or ranks.count(3) > 1:
        raise _broken("parameters come in Python's order", [p.kind for p in params])


# --- both levels ---------------------------------------------------------------------------------


def _expression(expr: Expr, *, star: bool = False, index: bool = False) -> None:
    match expr:
        case Star(value):
            if not star:
                raise _broken("a star stands in a call or a constructor", expr)
            _expression(value)
        case Slice():
            if not index:
                raise _broken("a slice stands in an index", expr)
            for part in parts(expr):
                _expression(part)
        case Call(fn, args, kwargs):
            _expression(fn)
            subscript = isinstance(fn, Ref) and fn.value is operator.getitem
            for i, arg in enumerate(args):
                _expression(arg, star=True, index=subscript and i == 1)
            for _, value in kwargs:
                _expression(value)
        case Tuple(items) | List(items):
            for item in items:
                _expression(item, star=True, index=index and isinstance(expr, Tuple))
        case Dict(keys, values):
            if len(keys) != len(values):
                raise _broken("a dict has a value for each key", expr)
            for part in parts(expr):
                _expression(part)
        case BoolOp(op):
            if op not in ("and", "or"):
                raise _broken("a boolean operator is `and` or `or`", expr)
            for part in parts(expr):
                _expression(part)
        case _:
            for part in parts(expr):
                _expression(part)


def _statement(stmt: Stmt) -> None:
    match stmt:
        case Assign(target):
            _target(target)
        case For(target):
            _target(target)
        case AugAssign(obj, None) if not isinstance(obj, Var):
            raise _broken("an augmented assignment without an index has a variable", stmt)
        case Unpack(targets) if not targets:
            raise _broken("unpacking has a target", stmt)
        case _:
            pass


def _target(target: Expr) -> None:
    match target:
        case Var():
            pass
        case Tuple(items):
            for item in items:
                _target(item)
        case _:
            raise _broken("a target is a variable or a tuple of targets", target)


def _loop_exits(block: Block, *, inside: bool) -> None:
    for stmt in block:
        match stmt:
            case Break() | Continue() if not inside:
                raise _broken("a break or continue stands in a loop", stmt)
            case If(_, then, orelse):
                _loop_exits(then, inside=inside)
                _loop_exits(orelse, inside=inside)
            case For(_, _, body, orelse) | While(_, _, body, orelse):
                _loop_exits(body, inside=True)
                _loop_exits(orelse, inside=inside)
            case _:
                pass


# --- normal IR -----------------------------------------------------------------------------------


def _normal(stmt: Stmt) -> None:
    match stmt:
        case Assign(target, value):
            if not isinstance(target, Var):
                raise _broken("the target of an assignment is a variable", stmt)
            _operation(value)
        case Unpack(_, value):
            _operand(value)
        case Do(call):
            if not isinstance(call, Call):
                raise _broken("what is done is a call", stmt)
            _operation(call)
        case For(target, iterable, _, orelse):
            if not isinstance(target, Var):
                raise _broken("the target of a loop is a variable", stmt)
            if orelse:
                raise _broken("a loop has no else", stmt)
            _iterable(iterable)
        case While(_, test, _, orelse):
            if orelse:
                raise _broken("a loop has no else", stmt)
            _operand(test)
        case Raise() | Break() | Note():
            pass
        case Continue():
            raise _broken("there is no continue", stmt)
        case Return(value):
            _operand(value)
        case If(test):
            _operand(test)
        case Store(obj, index, value):
            for expr in (obj, index, value):
                _operand(expr)
        case AugAssign():
            for expr in expressions(stmt):
                _operand(expr)


def _operation(expr: Expr) -> None:
    """An operand, or one call or attribute of operands."""
    match expr:
        case Call(fn, args, kwargs):
            _operand(fn.value if isinstance(fn, Attr) else fn)
            for arg in args:
                _operand(arg)
            for _, value in kwargs:
                _operand(value)
        case Attr(value):
            _operand(value)
        case _:
            _operand(expr)


def _operand(expr: Expr) -> None:
    match expr:
        case Var() | Const() | Ref():
            pass
        case Tuple() | List() | Dict() | Slice() | Star():
            for part in parts(expr):
                _operand(part)
        case Call() | Attr() | BoolOp() | IfExp():
            raise _broken("an operand holds no operation", expr)


def _iterable(expr: Expr) -> None:
    match expr:
        case Call(Ref(value=fn), args, kwargs) if among(fn, ITERATORS):
            for arg in args:
                _iterable(arg)
            for _, value in kwargs:
                _operand(value)
        case _:
            _operand(expr)


def _breaks(block: Block, *, allowed: bool) -> None:
    for i, stmt in enumerate(block):
        tail = allowed and i == len(block) - 1
        match stmt:
            case Break() if not tail:
                raise _broken("a break is the last statement of its loop's body", stmt)
            case If(_, then, orelse):
                _breaks(then, allowed=tail)
                _breaks(orelse, allowed=tail)
            case For(_, _, body):
                _breaks(body, allowed=True)
            case While(header, _, body):
                _breaks(header, allowed=False)
                _breaks(body, allowed=True)
            case _:
                pass
