"""Small walks over the IR, on which the passes are built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    BoolOp,
    Break,
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

__all__ = [
    "blocks",
    "bound",
    "expressions",
    "map_expr",
    "map_stmt",
    "may_break",
    "mention_counts",
    "parts",
    "renamed",
    "statements",
    "subexpressions",
    "used",
    "variables",
]


def map_expr(expr: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """Rebuild ``expr`` with ``f`` applied to each direct part."""
    match expr:
        case Attr(value, name):
            return Attr(f(value), name)
        case Star(value):
            return Star(f(value))
        case Call(fn, args, kwargs):
            return replace(
                expr,
                fn=f(fn),
                args=tuple(f(a) for a in args),
                kwargs=tuple((k, f(v)) for k, v in kwargs),
            )
        case Tuple(items):
            return Tuple(tuple(f(i) for i in items))
        case List(items):
            return List(tuple(f(i) for i in items))
        case Dict(keys, values):
            return Dict(tuple(f(k) for k in keys), tuple(f(v) for v in values))
        case Slice(start, stop, step):
            return Slice(f(start), f(stop), f(step))
        case BoolOp(op, left, right):
            return BoolOp(op, f(left), f(right))
        case IfExp(test, then, orelse):
            return IfExp(f(test), f(then), f(orelse))
        case _:
            return expr


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of ``expr``, in order of evaluation."""
    if isinstance(expr, Call):
        if expr.kwargs:
            return (expr.fn, *expr.args, *(v for _, v in expr.kwargs))
        return (expr.fn, *expr.args)
    match expr:
        case Var() | Const() | Ref():
            return ()
        case Attr(value, _) | Star(value):
            return (value,)
        case Tuple(items) | List(items):
            return items
        case Dict(keys, values):
            return tuple(x for pair in zip(keys, values, strict=True) for x in pair)
        case Slice(start, stop, step):
            return (start, stop, step)
        case BoolOp(_, left, right):
            return (left, right)
        case IfExp(test, then, orelse):
            return (test, then, orelse)


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """``expr`` and everything inside it, outside in."""
    yield expr
    for part in parts(expr):
        yield from subexpressions(part)


def variables(expr: Expr) -> Iterator[Var]:
    """The variables that ``expr`` reads, with repetitions, in order of evaluation."""
    found: list[Var] = []
    _collect(expr, found)
    return iter(found)


def _collect(expr: Expr, found: list[Var]) -> None:
    # Tests of the class and no generators: this is the innermost loop of nearly every pass.
    cls = type(expr)
    if cls is Var:
        found.append(expr)  # pyright: ignore[reportArgumentType] - its class was just tested
    elif cls is not Const and cls is not Ref:
        for part in parts(expr):
            _collect(part, found)


def expressions(stmt: Stmt) -> tuple[Expr, ...]:
    """The expressions that ``stmt`` itself evaluates: not those of its blocks."""
    match stmt:
        case Assign(_, value) | Unpack(_, value) | Return(value) | Raise(value):
            return (value,)
        case Store(obj, index, value):
            return (value, obj, index)
        case AugAssign(obj, index, _, value):
            return (obj, value) if index is None else (obj, index, value)
        case Do(call):
            return (call,)
        case If(test, _, _) | While(_, test, _, _):
            return (test,)
        case For(_, iterable, _, _):
            return (iterable,)
        case _:
            return ()


def bound(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that ``stmt`` itself binds (a mutation binds none)."""
    if isinstance(stmt, (Assign, For)):
        target = stmt.target
        return (target,) if isinstance(target, Var) else tuple(variables(target))
    if isinstance(stmt, Unpack):
        return tuple(t for t in stmt.targets if t is not None)
    return ()


def used(stmt: Stmt) -> Iterator[Var]:
    """The variables that ``stmt`` itself reads, not counting its blocks."""
    found: list[Var] = []
    for expr in expressions(stmt):
        _collect(expr, found)
    return iter(found)


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The blocks inside ``stmt``, in textual order."""
    match stmt:
        case If(_, then, orelse):
            return (then, orelse)
        case For(_, _, body, orelse):
            return (body, orelse)
        case While(header, _, body, orelse):
            return (header, body, orelse)
        case _:
            return ()


def statements(block: Block) -> Iterator[Stmt]:
    """Every statement of ``block`` and of the blocks inside it, in textual order."""
    for stmt in block:
        yield stmt
        for inner in blocks(stmt):
            yield from statements(inner)


def map_stmt(
    stmt: Stmt, expr: Callable[[Expr], Expr], block: Callable[[Block], Block] | None = None
) -> Stmt:
    """Rebuild ``stmt``: ``expr`` is applied to what it reads, ``block`` to the blocks inside it.

    Targets stay as they are.
    """
    b: Callable[[Block], Block] = block if block is not None else lambda inner: inner
    match stmt:
        case Assign(_, value) | Unpack(_, value) | Return(value) | Raise(value):
            return replace(stmt, value=expr(value))
        case Store(obj, index, value):
            return replace(stmt, obj=expr(obj), index=expr(index), value=expr(value))
        case AugAssign(obj, index, _, value):
            return replace(
                stmt, obj=expr(obj), index=None if index is None else expr(index), value=expr(value)
            )
        case Do(call):
            return replace(stmt, call=expr(call))
        case If(test, then, orelse):
            return replace(stmt, test=expr(test), then=b(then), orelse=b(orelse))
        case For(_, iterable, body, orelse):
            return replace(stmt, iter=expr(iterable), body=b(body), orelse=b(orelse))
        case While(header, test, body, orelse):
            return replace(stmt, header=b(header), test=expr(test), body=b(body), orelse=b(orelse))
        case _:
            return stmt


def may_break(body: Block) -> bool:
    """Whether a `Break` of this very loop is in ``body``."""
    for stmt in body:
        match stmt:
            case Break():
                return True
            case If(_, then, orelse) if may_break(then) or may_break(orelse):
                return True
            case _:
                pass
    return False


def mention_counts(block: Block) -> dict[Var, int]:
    """How often each variable is read or bound in ``block``, at any depth."""
    counts: dict[Var, int] = {}
    for stmt in statements(block):
        for var in (*bound(stmt), *used(stmt)):
            counts[var] = counts.get(var, 0) + 1
    return counts


def renamed(block: Block, names: Mapping[Var, Var]) -> Block:
    """``block`` with variables renamed, where they are read and where they are bound."""

    def expr(e: Expr) -> Expr:
        return names.get(e, e) if isinstance(e, Var) else map_expr(e, expr)

    def stmt(old: Stmt) -> Stmt:
        new = map_stmt(old, expr, lambda inner: tuple(map(stmt, inner)))
        match new:
            case Assign(Var() as target, _) | For(Var() as target, _):
                return replace(new, target=names.get(target, target))
            case Unpack(targets, _):
                return replace(
                    new, targets=tuple(None if t is None else names.get(t, t) for t in targets)
                )
            case _:
                return new

    return tuple(map(stmt, block))
