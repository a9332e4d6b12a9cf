"""Walks over the IR that keep what does not change.

They do what those of `srcad.ir.walk` do, for passes that run over whole derivatives and change
little of them: no node is built that would equal the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

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
    If,
    IfExp,
    List,
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
from srcad.ir.walk import map_expr, parts

__all__ = ["reads", "rebuild", "rebuild_statement"]

_T = TypeVar("_T")


def reads(expr: Expr) -> list[Var]:
    """The variables that ``expr`` reads, with repetitions.

    Examples
    --------
    >>> [v.name for v in reads(Tuple((Var("x"), Const(1), Var("y"), Var("x"))))]
    ['x', 'y', 'x']
    """
    out: list[Var] = []
    _collect(expr, out)
    return out


def _collect(expr: Expr, out: list[Var]) -> None:
    if isinstance(expr, Var):
        out.append(expr)
    elif isinstance(expr, Call):
        if not isinstance(expr.fn, Ref):
            _collect(expr.fn, out)
        for arg in expr.args:
            _collect(arg, out)
        for _, value in expr.kwargs:
            _collect(value, out)
    elif not isinstance(expr, Const | Ref):
        for part in parts(expr):
            _collect(part, out)


def rebuild(expr: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """``expr`` with ``f`` applied to each direct part: ``expr`` itself if none changes."""
    if isinstance(expr, Var | Const | Ref):
        return expr
    if isinstance(expr, Call):
        fn, args, kwargs = f(expr.fn), _each(expr.args, f), expr.kwargs
        if kwargs:
            kwargs = tuple((k, f(v)) for k, v in kwargs)
            if all(new is old for (_, new), (_, old) in zip(kwargs, expr.kwargs, strict=True)):
                kwargs = expr.kwargs
        if fn is expr.fn and args is expr.args and kwargs is expr.kwargs:
            return expr
        return Call(fn, args, kwargs, expr.spell, expr.origin)
    if isinstance(expr, Tuple):
        items = _each(expr.items, f)
        return expr if items is expr.items else Tuple(items)
    if isinstance(expr, List):
        items = _each(expr.items, f)
        return expr if items is expr.items else List(items)
    if isinstance(expr, Slice):
        start, stop, step = f(expr.start), f(expr.stop), f(expr.step)
        same = start is expr.start and stop is expr.stop and step is expr.step
        return expr if same else Slice(start, stop, step)
    return _rebuild_rare(expr, f)


def _rebuild_rare(expr: Attr | Star | Dict | BoolOp | IfExp, f: Callable[[Expr], Expr]) -> Expr:
    new = map_expr(expr, f)
    same = all(a is b for a, b in zip(parts(new), parts(expr), strict=True))
    return expr if same else new


def _each(items: tuple[Expr, ...], f: Callable[[Expr], Expr]) -> tuple[Expr, ...]:
    new = tuple([f(item) for item in items])
    for a, b in zip(new, items, strict=True):
        if a is not b:
            return new
    return items


def rebuild_statement(
    stmt: Stmt, f: Callable[[Expr], Expr], block: Callable[[Block], Block] | None = None
) -> Stmt:
    """``stmt`` with ``f`` applied to what it reads and ``block`` to its blocks; targets stay."""
    if isinstance(stmt, Assign):
        value = f(stmt.value)
        return stmt if value is stmt.value else Assign(stmt.target, value, stmt.origin)
    if isinstance(stmt, Store):
        value, obj, index = f(stmt.value), f(stmt.obj), f(stmt.index)
        same = value is stmt.value and obj is stmt.obj and index is stmt.index
        return stmt if same else Store(obj, index, value, stmt.origin)
    if isinstance(stmt, AugAssign):
        obj, value = f(stmt.obj), f(stmt.value)
        place = None if stmt.index is None else f(stmt.index)
        same = value is stmt.value and obj is stmt.obj and place is stmt.index
        return stmt if same else AugAssign(obj, place, stmt.op, value, stmt.origin)
    if isinstance(stmt, Do):
        call = f(stmt.call)
        return stmt if call is stmt.call else Do(call, stmt.origin)
    if isinstance(stmt, Unpack):
        value = f(stmt.value)
        return stmt if value is stmt.value else Unpack(stmt.targets, value, stmt.origin)
    if isinstance(stmt, Return):
        value = f(stmt.value)
        return stmt if value is stmt.value else Return(value, stmt.origin)
    if isinstance(stmt, Raise):
        return Raise(f(stmt.value), stmt.origin)
    inner = block or _unchanged
    if isinstance(stmt, If):
        return If(f(stmt.test), inner(stmt.then), inner(stmt.orelse), stmt.origin)
    if isinstance(stmt, For):
        body, orelse = inner(stmt.body), inner(stmt.orelse)
        return For(stmt.target, f(stmt.iter), body, orelse, stmt.origin)
    if isinstance(stmt, While):
        header, test = inner(stmt.header), f(stmt.test)
        return While(header, test, inner(stmt.body), inner(stmt.orelse), stmt.origin)
    return stmt


def _unchanged(block: _T) -> _T:
    return block
