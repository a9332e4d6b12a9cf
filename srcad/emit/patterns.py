"""Groups of statements in normal form that Python writes as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Expr,
    Function,
    If,
    IfExp,
    Origin,
    Target,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import RANGE, REVERSED
from srcad.ir.walk import COMPOUND, bound, mentioned, statements, used

__all__ = ["conditional", "counted", "loop_target", "unused_name"]


def unused_name(fn: Function) -> str:
    """The name that takes what an `Unpack` discards: ``_``, unless the program reads a ``_``."""
    read = {v for stmt in statements(fn) for v in used(stmt)}
    read.update(p.var for p in fn.params)
    names = {v.name for v in read if v.base.startswith("_")}
    name = "_"
    while name in names:
        name += "_"
    return name


def conditional(stmt: If, is_temp: Callable[[Var], bool]) -> Assign | None:
    """``if c: t = a`` ``else: t = b`` as ``t = a if c else b``, for a temporary; else ``None``."""
    match stmt.then, stmt.orelse:
        case (Assign(Var() as left, then),), (Assign(Var() as right, orelse),):
            if left == right and is_temp(left):
                return Assign(left, IfExp(stmt.test, then, orelse), origin=stmt.origin)
        case _:
            pass
    return None


def counted(iterable: Expr) -> Expr | None:
    """What makes as many turns as ``iterable``, a ``reversed(range(...))``, and reads better."""
    match iterable:
        case Call(back, (Call(fn) as run,), ()) if back == REVERSED and fn == RANGE:
            return run
        case _:
            return None


def loop_target(
    target: Target, body: Block, dissolves: Callable[[Var], bool], unused: str
) -> tuple[Target, Block]:
    """A loop's pattern, made of the unpackings of its item in its body, and the body's rest."""
    pattern: Target = target
    while (at := _unpacked(body, pattern, dissolves)) is not None:
        head, rest = body[at], (*body[:at], *body[at + 1 :])
        assert isinstance(head, Unpack)
        assert isinstance(head.value, Var)
        parts = tuple(Var(unused) if t is None else t for t in head.targets)
        pattern = _with(pattern, head.value, Tuple(parts))
        body = _with_comments(rest, head.origin) if rest and not at else rest
    return pattern, body


def _unpacked(body: Block, pattern: Target, dissolves: Callable[[Var], bool]) -> int | None:
    """Where the item of the loop, or a part of it, is unpacked into names not seen before."""
    seen: set[Var] = set()
    for at, stmt in enumerate(body):
        if (
            isinstance(stmt, Unpack)
            and isinstance(stmt.value, Var)
            and dissolves(stmt.value)
            and _names(pattern, stmt.value)
            and seen.isdisjoint(bound(stmt))
        ):
            return at
        if type(stmt) in COMPOUND:
            return None  # which may end the turn
        seen.update(mentioned(stmt))
    return None


def _names(pattern: Target, var: Var) -> bool:
    if isinstance(pattern, Var):
        return pattern == var
    return any(isinstance(item, (Var, Tuple)) and _names(item, var) for item in pattern.items)


def _with(pattern: Target, var: Var, parts: Tuple) -> Target:
    if isinstance(pattern, Var):
        return parts if pattern == var else pattern
    items = (_with(i, var, parts) for i in pattern.items if isinstance(i, (Var, Tuple)))
    return Tuple(tuple(items))


def _with_comments(block: Block, origin: Origin | None) -> Block:
    if origin is None or not (origin.comment or origin.above) or block[0].origin is not None:
        return block
    return (replace(block[0], origin=origin), *block[1:])
