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
    """``expr`` with ``f`` applied to each direct part: ``expr`` itself if none changes."""
    # Tests of the class, no patterns, and no node that would equal the old one: passes run this
    # over whole derivatives and change little of them.
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
    old = parts(expr)
    new = _each(old, f)
    return expr if new is old else _of_parts(expr, new)


def _each(items: tuple[Expr, ...], f: Callable[[Expr], Expr]) -> tuple[Expr, ...]:
    new = tuple([f(item) for item in items])
    for a, b in zip(new, items, strict=True):
        if a is not b:
            return new
    return items


def _of_parts(
    expr: Tuple | List | Slice | Dict | Attr | Star | BoolOp | IfExp, new: tuple[Expr, ...]
) -> Expr:
    """A node like ``expr`` with ``new`` as its `parts`."""
    match expr:
        case Tuple():
            return Tuple(new)
        case List():
            return List(new)
        case Slice():
            return Slice(*new)
        case Dict():
            return Dict(new[::2], new[1::2])
        case Attr(_, name):
            return Attr(new[0], name)
        case Star():
            return Star(new[0])
        case BoolOp(op):
            return BoolOp(op, *new)
        case IfExp():
            return IfExp(*new)


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
    """``stmt`` with ``expr`` applied to what it reads and ``block`` to its blocks; targets stay.

    A statement without blocks that does not change is ``stmt`` itself.
    """
    if isinstance(stmt, Assign):
        value = expr(stmt.value)
        return stmt if value is stmt.value else Assign(stmt.target, value, stmt.origin)
    if isinstance(stmt, Store):
        value, obj, index = expr(stmt.value), expr(stmt.obj), expr(stmt.index)
        same = value is stmt.value and obj is stmt.obj and index is stmt.index
        return stmt if same else Store(obj, index, value, stmt.origin)
    if isinstance(stmt, AugAssign):
        obj, value = expr(stmt.obj), expr(stmt.value)
        place = None if stmt.index is None else expr(stmt.index)
        same = value is stmt.value and obj is stmt.obj and place is stmt.index
        return stmt if same else AugAssign(obj, place, stmt.op, value, stmt.origin)
    if isinstance(stmt, Do):
        call = expr(stmt.call)
        return stmt if call is stmt.call else Do(call, stmt.origin)
    if isinstance(stmt, Unpack):
        value = expr(stmt.value)
        return stmt if value is stmt.value else Unpack(stmt.targets, value, stmt.origin)
    if isinstance(stmt, (Return, Raise)):
        value = expr(stmt.value)
        return stmt if value is stmt.value else type(stmt)(value, stmt.origin)
    inner = block or _unchanged
    if isinstance(stmt, If):
        return If(expr(stmt.test), inner(stmt.then), inner(stmt.orelse), stmt.origin)
    if isinstance(stmt, For):
        iterable = expr(stmt.iter)
        return For(stmt.target, iterable, inner(stmt.body), inner(stmt.orelse), stmt.origin)
    if isinstance(stmt, While):
        header, test = inner(stmt.header), expr(stmt.test)
        return While(header, test, inner(stmt.body), inner(stmt.orelse), stmt.origin)
    return stmt


def _unchanged(block: Block) -> Block:
    return block


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
