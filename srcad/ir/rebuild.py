"""Rebuilding the IR: nodes like others, and the same ones where nothing changes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    BoolOp,
    Call,
    Dict,
    Do,
    Expr,
    For,
    If,
    IfExp,
    List,
    Raise,
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
from srcad.ir.walk import ATOMIC, COMPOUND, mentioned, parts, variables

__all__ = [
    "changed",
    "copied",
    "map_block",
    "map_blocks",
    "map_expr",
    "map_stmt",
    "remade",
    "renamed",
    "same_or_new",
    "substituted",
    "told_apart",
]

Node = TypeVar("Node", bound=Stmt | Expr)
Part = TypeVar("Part", Expr, Stmt)

# Written for speed, as the walks are.


def map_expr(expr: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """Rebuild ``expr`` with ``f`` applied to each direct part; ``expr`` itself if none changes."""
    if isinstance(expr, Call):
        fn, args = f(expr.fn), _mapped(expr.args, f)
        kwargs = expr.kwargs and tuple([(k, f(v)) for k, v in expr.kwargs])
        if fn is expr.fn and args is expr.args and (not kwargs or _same(kwargs, expr.kwargs)):
            return expr
        return Call(fn, args, kwargs, expr.spell, expr.origin)
    if type(expr) in ATOMIC:
        return expr
    old = (*expr.keys, *expr.values) if isinstance(expr, Dict) else parts(expr)
    if (new := _mapped(old, f)) is old:
        return expr
    match expr:
        case Attr():
            return Attr(new[0], expr.name)
        case Star():
            return Star(*new)
        case Tuple():
            return Tuple(new)
        case List():
            return List(new)
        case Dict():
            return Dict(new[: len(expr.keys)], new[len(expr.keys) :])
        case Slice():
            return Slice(*new)
        case BoolOp():
            return BoolOp(expr.op, *new)
        case IfExp():
            return IfExp(*new)
        case _:
            return expr


def _mapped(old: tuple[Part, ...], f: Callable[[Part], Part]) -> tuple[Part, ...]:
    """``f`` of each; ``old`` itself if none changes."""
    for i, part in enumerate(old):
        if (new := f(part)) is not part:
            return (*old[:i], new, *map(f, old[i + 1 :]))
    return old


def _same(a: tuple[tuple[str, Expr], ...], b: tuple[tuple[str, Expr], ...]) -> bool:
    return all(x is y for (_, x), (_, y) in zip(a, b, strict=True))


def map_stmt(
    stmt: Stmt, expr: Callable[[Expr], Expr], block: Callable[[Block], Block] | None = None
) -> Stmt:
    """Rebuild ``stmt``: ``expr`` is applied to what it reads, ``block`` to the blocks inside it.

    Targets stay as they are. Where nothing changes, this is ``stmt`` itself.
    """
    if isinstance(stmt, Assign):
        new = expr(stmt.value)
        return stmt if new is stmt.value else Assign(stmt.target, new, stmt.origin)
    b: Callable[[Block], Block] = block if block is not None else lambda inner: inner
    match stmt:
        case Unpack() | Return() | Raise():
            return changed(stmt, value=expr(stmt.value))
        case Store():
            obj, index = expr(stmt.obj), expr(stmt.index)
            return changed(stmt, obj=obj, index=index, value=expr(stmt.value))
        case AugAssign():
            obj = expr(stmt.obj)
            at = None if stmt.index is None else expr(stmt.index)
            value = expr(stmt.value)
            old = None if stmt.old is None else expr(stmt.old)
            return changed(stmt, obj=obj, index=at, value=value, old=old)
        case Do():
            return changed(stmt, call=expr(stmt.call))
        case If(test, then, orelse):
            return changed(stmt, test=expr(test), then=b(then), orelse=b(orelse))
        case For(_, iterable, body, orelse):
            return changed(stmt, iter=expr(iterable), body=b(body), orelse=b(orelse))
        case While(header, test, body, orelse):
            return changed(stmt, header=b(header), test=expr(test), body=b(body), orelse=b(orelse))
        case _:
            return stmt


def map_blocks(stmt: Stmt, block: Callable[[Block], Block]) -> Stmt:
    """``stmt`` with ``block`` applied to the blocks inside it."""
    if type(stmt) not in COMPOUND:
        return stmt
    match stmt:
        case If(_, then, orelse):
            return changed(stmt, then=block(then), orelse=block(orelse))
        case For(_, _, body, orelse):
            return changed(stmt, body=block(body), orelse=block(orelse))
        case While(header, _, body, orelse):
            return changed(stmt, header=block(header), body=block(body), orelse=block(orelse))
        case _:
            return stmt


def map_block(block: Block, f: Callable[[Stmt], Stmt]) -> Block:
    """``f`` of each statement; ``block`` itself if none changes."""
    return _mapped(block, f)


def same_or_new(old: tuple[Part, ...], new: Sequence[Part]) -> tuple[Part, ...]:
    """``new`` as a tuple: ``old`` itself if it consists of these very nodes."""
    same = len(new) == len(old) and all(map(operator.is_, new, old))
    return old if same else tuple(new)


def changed(node: Node, **fields: object) -> Node:
    """``node`` with new ``fields``; ``node`` itself if it has these very values already."""
    for name, value in fields.items():
        if getattr(node, name) is not value:
            return remade(node, **fields)
    return node


def remade(node: Node, **fields: object) -> Node:
    """A new node like ``node`` with new ``fields``: `dataclasses.replace` without its checks."""
    make = cast("Callable[..., Node]", type(node))
    names = node.__match_args__
    return make(*[fields[n] if n in fields else getattr(node, n) for n in names])


def substituted(expr: Expr, new: Mapping[Var, Expr]) -> Expr:
    """``expr`` with variables replaced; the same object where there is nothing to replace."""
    if isinstance(expr, Var):
        return new.get(expr, expr)
    if new.keys().isdisjoint(variables(expr)):
        return expr
    return map_expr(expr, lambda part: substituted(part, new))


def renamed(block: Block, names: Mapping[Var, Var]) -> Block:
    """``block`` with variables renamed, where they are read and where they are bound."""
    return map_block(block, lambda stmt: _renamed(stmt, names))


def _renamed(stmt: Stmt, names: Mapping[Var, Var]) -> Stmt:
    if names.keys().isdisjoint(mentioned(stmt)):
        return stmt
    new = map_stmt(stmt, lambda e: substituted(e, names), lambda inner: renamed(inner, names))
    match new:
        case Assign(Var() as target, _) | For(Var() as target, _):
            return changed(new, target=names.get(target, target))
        case Unpack(targets, _):
            return changed(new, targets=tuple([t and names.get(t, t) for t in targets]))
        case _:
            return new


def copied(block: Block) -> Block:
    """A copy of ``block``, of which no statement is one of ``block``.

    A statement stands in one place only: facts about it are looked up by its identity.
    """

    def copy(stmt: Stmt) -> Stmt:
        new = map_blocks(stmt, copied)
        return remade(new) if new is stmt else new

    return tuple(map(copy, block))


def told_apart(block: Block) -> Block:
    """``block`` in which no statement object stands twice, as facts are keyed by identity."""
    return _told_apart(block, {})


def _told_apart(block: Block, seen: dict[int, Stmt]) -> Block:
    def visit(stmt: Stmt) -> Stmt:
        new = map_blocks(stmt, lambda inner: _told_apart(inner, seen))
        if id(new) in seen:
            new = remade(new)
        seen[id(new)] = new
        return new

    return map_block(block, visit)
