"""A small interpreter of the IR, surface or normal: what a program means, said once more."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

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

__all__ = ["run"]

_INPLACE: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: operator.iadd,
    operator.sub: operator.isub,
    operator.mul: operator.imul,
    operator.truediv: operator.itruediv,
    operator.floordiv: operator.ifloordiv,
    operator.mod: operator.imod,
    operator.pow: operator.ipow,
    operator.matmul: operator.imatmul,
    operator.and_: operator.iand,
    operator.or_: operator.ior,
    operator.xor: operator.ixor,
    operator.lshift: operator.ilshift,
    operator.rshift: operator.irshift,
}


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class _Return(Exception):
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def run(fn: Function, *args: object, **kwargs: object) -> Any:
    """Call ``fn`` on real values."""
    env: dict[Var, Any] = {}
    rest = list(args)
    for param in fn.params:
        name = param.var.base
        if param.kind == "args":
            env[param.var], rest = tuple(rest), []
        elif param.kind == "kwargs":
            env[param.var], kwargs = kwargs, {}
        elif param.kind == "positional" and rest:
            env[param.var] = rest.pop(0)
        elif name in kwargs:
            env[param.var] = kwargs.pop(name)
        else:
            assert param.default is not None, name
            env[param.var] = param.default.value
    assert not rest
    assert not kwargs
    try:
        _block(fn.body, env)
    except _Return as r:
        return r.value
    raise AssertionError("a function without a return")


def _block(block: Block, env: dict[Var, Any]) -> None:
    for stmt in block:
        _stmt(stmt, env)


def _loop_body(block: Block, env: dict[Var, Any]) -> None:
    try:
        _block(block, env)
    except _Continue:
        pass


def _stmt(stmt: Stmt, env: dict[Var, Any]) -> None:
    match stmt:
        case Assign(target, value):
            _bind(target, _eval(value, env), env)
        case Unpack(targets, value):
            values = tuple(_eval(value, env))
            assert len(values) == len(targets)
            for target, item in zip(targets, values, strict=True):
                if target is not None:
                    env[target] = item
        case Store(obj, index, value):
            stored = _eval(value, env)
            _eval(obj, env)[_eval(index, env)] = stored
        case AugAssign(obj, index, op, value):
            update = _INPLACE[op.value]  # type: ignore[index]  # a Ref holds any object
            if index is None:
                assert isinstance(obj, Var)
                env[obj] = update(env[obj], _eval(value, env))
            else:
                where, i = _eval(obj, env), _eval(index, env)
                where[i] = update(where[i], _eval(value, env))
        case Do(call):
            _eval(call, env)
        case If(test, then, orelse):
            _block(then if _eval(test, env) else orelse, env)
        case For(target, iterable, body, orelse):
            for item in _eval(iterable, env):
                _bind(target, item, env)
                try:
                    _loop_body(body, env)
                except _Break:
                    break
            else:
                _block(orelse, env)
        case While(header, test, body, orelse):
            while True:
                _block(header, env)
                if not _eval(test, env):
                    _block(orelse, env)
                    break
                try:
                    _loop_body(body, env)
                except _Break:
                    break
        case Break():
            raise _Break
        case Continue():
            raise _Continue
        case Return(value):
            raise _Return(_eval(value, env))
        case Raise(value):
            raise _eval(value, env)
        case Note():
            pass


def _bind(target: Expr, value: Any, env: dict[Var, Any]) -> None:
    if isinstance(target, Var):
        env[target] = value
    else:
        assert isinstance(target, Tuple)
        values = tuple(value)
        if len(values) != len(target.items):
            raise ValueError("wrong number of values to unpack")
        for item, part in zip(target.items, values, strict=True):
            _bind(item, part, env)


def _items(exprs: tuple[Expr, ...], env: dict[Var, Any]) -> list[Any]:
    out: list[Any] = []
    for expr in exprs:
        if isinstance(expr, Star):
            out.extend(_eval(expr.value, env))
        else:
            out.append(_eval(expr, env))
    return out


def _eval(expr: Expr, env: dict[Var, Any]) -> Any:
    match expr:
        case Var():
            return env[expr]
        case Const(value) | Ref(_, value):
            return value
        case Attr(value, name):
            return getattr(_eval(value, env), name)
        case Call(Ref(value=operator.contains), (container, item)):
            wanted = _eval(item, env)
            return wanted in _eval(container, env)
        case Call(fn, args, kwargs):
            function = _eval(fn, env)
            positional = _items(args, env)
            named: dict[str, Any] = {}
            for key, value in kwargs:
                if key == "**":
                    named.update(_eval(value, env))
                else:
                    named[key] = _eval(value, env)
            return function(*positional, **named)
        case Tuple(items):
            return tuple(_items(items, env))
        case List(items):
            return _items(items, env)
        case Dict(keys, values):
            return {_eval(k, env): _eval(v, env) for k, v in zip(keys, values, strict=True)}
        case Slice(start, stop, step):
            return slice(_eval(start, env), _eval(stop, env), _eval(step, env))
        case BoolOp(op, left, right):
            first = _eval(left, env)
            return _eval(right, env) if bool(first) == (op == "and") else first
        case IfExp(test, then, orelse):
            return _eval(then if _eval(test, env) else orelse, env)
        case Star():
            raise AssertionError("a star outside of a call")
