"""A small machine that runs normal IR on real values, and short names to write programs with."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from types import EllipsisType

import numpy as np

from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Note,
    Param,
    Raise,
    Ref,
    Return,
    Slice,
    Source,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)


class Returned(Exception):
    def __init__(self, value: object) -> None:
        self.value = value


class Broken(Exception):
    pass


INPLACE = {
    operator.add: operator.iadd,
    operator.sub: operator.isub,
    operator.mul: operator.imul,
    vars(operator)["truediv"]: vars(operator)["itruediv"],
}


def run(fn: Function, *args: object) -> object:
    env = dict(zip((p.var for p in fn.params), args, strict=True))
    try:
        block(fn.body, env)
    except Returned as result:
        return result.value
    return None


def block(stmts: Block, env: dict[Var, object]) -> None:
    for stmt in stmts:
        step(stmt, env)


def step(stmt: Stmt, env: dict[Var, object]) -> None:
    match stmt:
        case Assign(Var() as target, value):
            env[target] = evaluate(value, env)
        case Unpack(targets, value):
            for target, item in zip(targets, evaluate(value, env), strict=True):
                if target is not None:
                    env[target] = item
        case Store(obj, index, value):
            evaluate(obj, env)[evaluate(index, env)] = evaluate(value, env)
        case AugAssign(Var() as obj, None, Ref(_, op), value):
            env[obj] = INPLACE[op](env[obj], evaluate(value, env))
        case AugAssign(obj, index, Ref(_, op), value):
            whole, i = evaluate(obj, env), evaluate(index, env)
            whole[i] = INPLACE[op](whole[i], evaluate(value, env))
        case Do(call):
            evaluate(call, env)
        case If(test, then, orelse):
            block(then if evaluate(test, env) else orelse, env)
        case For(Var() as target, iterable, body, ()):
            try:
                for item in evaluate(iterable, env):
                    env[target] = item
                    block(body, env)
            except Broken:
                pass
        case While(header, test, body, ()):
            try:
                while True:
                    block(header, env)
                    if not evaluate(test, env):
                        break
                    block(body, env)
            except Broken:
                pass
        case Break():
            raise Broken
        case Return(value):
            raise Returned(evaluate(value, env))
        case Raise(value):
            raise evaluate(value, env)
        case Note():
            pass
        case _:
            raise AssertionError(f"not normal IR: {stmt}")


def evaluate(expr: Expr, env: dict[Var, object]) -> object:
    match expr:
        case Var():
            return env[expr]
        case Const(value) | Ref(_, value):
            return value
        case Tuple(items):
            return tuple(evaluate(x, env) for x in items)
        case List(items):
            return [evaluate(x, env) for x in items]
        case Dict(keys, values):
            return {evaluate(k, env): evaluate(v, env) for k, v in zip(keys, values, strict=True)}
        case Slice(start, stop, step_):
            return slice(evaluate(start, env), evaluate(stop, env), evaluate(step_, env))
        case Call(f, args, kwargs):
            return evaluate(f, env)(
                *(evaluate(a, env) for a in args), **{k: evaluate(v, env) for k, v in kwargs}
            )
        case _:
            raise AssertionError(f"not normal IR: {expr}")


# --- short names ---------------------------------------------------------------------------------


def var(name: str) -> Var:
    """The variable ``name``: ``t``, ``x_bar`` and the like are srcad's, ``$t`` is the user's."""
    base, _, n = name.removeprefix("$").rpartition("_")
    if not base or not n.isdigit():
        base, n = name.removeprefix("$"), "0"
    made = base == "t" or base.endswith(("_bar", "_dot", "_saved", "_size", "_shape"))
    return Var(base, int(n), made and not name.startswith("$"))


def operand(x: object) -> Expr:
    match x:
        case str():
            return var(x)
        case tuple():
            return Tuple(tuple(map(operand, x)))
        case list():
            return List(tuple(map(operand, x)))
        case slice():
            return Slice(Const(x.start), Const(x.stop), Const(x.step))
        case Var() | Const() | Ref() | Call() | Tuple() | List() | Dict() | Slice():
            return x
        case None | bool() | int() | float() | complex() | EllipsisType():
            return Const(x)
        case _:
            return Ref(getattr(x, "__name__", "value"), x)


def call(fn: object, *args: object) -> Call:
    name = f"operator.{fn.__name__}" if fn in vars(operator).values() else fn.__name__
    return Call(Ref(name, fn), tuple(map(operand, args)))


def let(target: str, value: object, *args: object) -> Assign:
    return Assign(var(target), call(value, *args) if args else operand(value))


def store(obj: str, index: object, value: object) -> Store:
    return Store(var(obj), operand(index), operand(value))


def add_to(obj: str, index: object, value: object) -> AugAssign:
    i = None if index is WHOLE else operand(index)
    return AugAssign(var(obj), i, Ref("operator.add", operator.add), operand(value))


WHOLE = object()


def push(xs: str, x: object) -> Do:
    return Do(call(list.append, xs, x))


def pop(target: str, xs: str) -> Assign:
    return let(target, list.pop, xs)


def loop(target: str, iterable: object, *body: Stmt) -> For:
    return For(var(target), operand(iterable), body)


def turns(n: object) -> Call:
    return call(range, n)


def when(test: object, then: Iterable[Stmt], orelse: Iterable[Stmt] = ()) -> If:
    return If(operand(test), tuple(then), tuple(orelse))


def give(*values: object) -> Return:
    return Return(operand(values[0] if len(values) == 1 else tuple(values)))


def function(params: str, *body: Stmt) -> Function:
    return Function("f", tuple(Param(var(p)) for p in params.split()), body, Source("f.py", 1, "f"))


def same(a: object, b: object) -> bool:
    """Whether two results are equal: in structure, dtypes, shapes and, to rounding, values."""
    if isinstance(a, tuple | list):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(same(x, y) for x, y in zip(a, b, strict=True))
        )
    x, y = np.asarray(a), np.asarray(b)
    return (
        x.shape == y.shape
        and x.dtype == y.dtype
        and bool(np.allclose(x, y, rtol=1e-9, atol=1e-12, equal_nan=True))
    )
