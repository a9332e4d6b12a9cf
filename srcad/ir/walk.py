"""Small walks over the IR, on which the passes are built."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar, cast

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
    "assigned_call",
    "blocks",
    "bound",
    "call_of",
    "changed",
    "copied",
    "expressions",
    "inside",
    "map_block",
    "map_blocks",
    "map_expr",
    "map_stmt",
    "may_break",
    "mention_counts",
    "mentioned",
    "parts",
    "remade",
    "renamed",
    "same_or_new",
    "statements",
    "subexpressions",
    "told_apart",
    "used",
    "variables",
]

_ATOMS: Final = (Var, Const, Ref)
_COMPOUND: Final[frozenset[type]] = frozenset({If, For, While})

Node = TypeVar("Node", bound=Stmt | Expr)
Part = TypeVar("Part", Expr, Stmt)
Kept = TypeVar("Kept", Var, Stmt)

# Walks are most of what a pass does, so these are written for speed: tests of the class, the most
# frequent first, lists in place of generators, and patterns without parts, as these are slow.


def map_expr(expr: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """Rebuild ``expr`` with ``f`` applied to each direct part; ``expr`` itself if none changes."""
    if isinstance(expr, Call):
        fn, args = f(expr.fn), _mapped(expr.args, f)
        kwargs = expr.kwargs and tuple([(k, f(v)) for k, v in expr.kwargs])
        if fn is expr.fn and args is expr.args and (not kwargs or _same(kwargs, expr.kwargs)):
            return expr
        return Call(fn, args, kwargs, expr.spell, expr.origin)
    if isinstance(expr, _ATOMS):
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


def _mapped(exprs: tuple[Expr, ...], f: Callable[[Expr], Expr]) -> tuple[Expr, ...]:
    """``f`` of each; ``exprs`` itself if none changes."""
    return same_or_new(exprs, [f(e) for e in exprs])


def _same(a: tuple[tuple[str, Expr], ...], b: tuple[tuple[str, Expr], ...]) -> bool:
    return all(x is y for (_, x), (_, y) in zip(a, b, strict=True))


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of ``expr``, in order of evaluation."""
    if isinstance(expr, Call):
        if expr.kwargs:
            return (expr.fn, *expr.args, *[v for _, v in expr.kwargs])
        return (expr.fn, *expr.args)
    if isinstance(expr, _ATOMS):
        return ()
    match expr:
        case Tuple() | List():
            return expr.items
        case Attr() | Star():
            return (expr.value,)
        case Dict():
            return tuple([x for pair in zip(expr.keys, expr.values, strict=True) for x in pair])
        case Slice():
            return (expr.start, expr.stop, expr.step)
        case BoolOp():
            return (expr.left, expr.right)
        case IfExp():
            return (expr.test, expr.then, expr.orelse)


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """``expr`` and everything inside it, outside in."""
    yield expr
    for part in parts(expr):
        yield from subexpressions(part)


def call_of(stmt: Stmt) -> Call | None:
    """The call that a statement of normal IR makes, if it makes one."""
    if isinstance(stmt, (Assign, Unpack)):
        call = stmt.value
    elif isinstance(stmt, Do):
        call = stmt.call
    else:
        return None
    return call if isinstance(call, Call) else None


def assigned_call(stmt: Stmt) -> tuple[Var, Call] | None:
    """``x`` and the call of ``x = call``."""
    if not (isinstance(stmt, Assign) and isinstance(stmt.value, Call)):
        return None
    return (stmt.target, stmt.value) if isinstance(stmt.target, Var) else None


def variables(expr: Expr) -> tuple[Var, ...]:
    """The variables that ``expr`` reads, with repetitions, in order of evaluation."""
    try:
        return expr.reads
    except AttributeError:
        return _keep(expr, "reads", _reads(expr))


def _reads(expr: Expr) -> tuple[Var, ...]:
    if isinstance(expr, Var):
        return (expr,)
    return tuple([var for part in parts(expr) for var in variables(part)])


def _keep(node: Stmt | Expr, name: str, value: tuple[Kept, ...]) -> tuple[Kept, ...]:
    object.__setattr__(node, name, value)  # the node is frozen to all others
    return value


def expressions(stmt: Stmt) -> tuple[Expr, ...]:
    """The expressions that ``stmt`` itself evaluates: not those of its blocks."""
    if isinstance(stmt, (Assign, Unpack, Return, Raise)):
        return (stmt.value,)
    match stmt:
        case Store():
            return (stmt.value, stmt.obj, stmt.index)
        case AugAssign():
            read = (stmt.obj, stmt.index, stmt.value, stmt.old)
            return tuple([e for e in read if e is not None])
        case Do():
            return (stmt.call,)
        case If() | While():
            return (stmt.test,)
        case For():
            return (stmt.iter,)
        case _:
            return ()


def bound(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that ``stmt`` itself binds (a mutation binds none)."""
    try:
        return stmt.binds
    except AttributeError:
        return _keep(stmt, "binds", _bound(stmt))


def _bound(stmt: Stmt) -> tuple[Var, ...]:
    if isinstance(stmt, (Assign, For)):
        return variables(stmt.target)
    if isinstance(stmt, Unpack):
        return tuple([t for t in stmt.targets if t is not None])
    return ()


def used(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that ``stmt`` itself reads, not counting its blocks."""
    try:
        return stmt.reads
    except AttributeError:
        if isinstance(stmt, Assign):
            return _keep(stmt, "reads", variables(stmt.value))
        reads = [var for expr in expressions(stmt) for var in variables(expr)]
        return _keep(stmt, "reads", tuple(reads))


def mentioned(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that ``stmt`` binds or reads at any depth, with repetitions."""
    try:
        return stmt.mentions
    except AttributeError:
        found = [*bound(stmt), *used(stmt)]
        for block in blocks(stmt):
            for inner in block:
                found += mentioned(inner)
        return _keep(stmt, "mentions", tuple(found))


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The blocks inside ``stmt``, in textual order."""
    if type(stmt) not in _COMPOUND:
        return ()
    match stmt:
        case If():
            return (stmt.then, stmt.orelse)
        case For():
            return (stmt.body, stmt.orelse)
        case While():
            return (stmt.header, stmt.body, stmt.orelse)
        case _:
            return ()


def statements(block: Block) -> Sequence[Stmt]:
    """Every statement of ``block`` and of the blocks inside it, in textual order."""
    if _COMPOUND.isdisjoint(map(type, block)):
        return block
    found: list[Stmt] = []
    start = 0
    for i, stmt in enumerate(block):
        if type(stmt) in _COMPOUND:
            found += block[start : (start := i + 1)]
            found += inside(stmt)
    found += block[start:]
    return found


def inside(stmt: Stmt) -> tuple[Stmt, ...]:
    """The statements of the blocks inside ``stmt``, at any depth, in textual order."""
    if type(stmt) not in _COMPOUND:
        return ()
    try:
        return stmt.inside
    except AttributeError:
        found = [s for block in blocks(stmt) for s in statements(block)]
        return _keep(stmt, "inside", tuple(found))


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
    return map_stmt(stmt, lambda expr: expr, block) if type(stmt) in _COMPOUND else stmt


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


def map_block(block: Block, f: Callable[[Stmt], Stmt]) -> Block:
    """``f`` of each statement; ``block`` itself if none changes."""
    return same_or_new(block, [f(stmt) for stmt in block])


def told_apart(block: Block) -> Block:
    """``block`` in which no statement object stands twice, as facts are keyed by identity."""
    seen: dict[int, Stmt] = {}

    def visit(stmt: Stmt) -> Stmt:
        new = map_blocks(stmt, inner)
        if id(new) in seen:
            new = remade(new)
        seen[id(new)] = new
        return new

    def inner(block: Block) -> Block:
        return map_block(block, visit)

    return inner(block)


def same_or_new(old: tuple[Part, ...], new: Sequence[Part]) -> tuple[Part, ...]:
    """``new`` as a tuple: ``old`` itself if it consists of these very nodes."""
    same = len(new) == len(old) and all(map(operator.is_, new, old))
    return old if same else tuple(new)


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


def mention_counts(block: Block) -> Counter[Var]:
    """How often each variable is read or bound in ``block``, at any depth."""
    mentions: list[Var] = []
    for stmt in block:
        mentions += mentioned(stmt)
    return Counter(mentions)


def renamed(block: Block, names: Mapping[Var, Var]) -> Block:
    """``block`` with variables renamed, where they are read and where they are bound."""

    def expr(e: Expr) -> Expr:
        return names.get(e, e) if isinstance(e, Var) else map_expr(e, expr)

    def inner(block: Block) -> Block:
        return map_block(block, stmt)

    def stmt(old: Stmt) -> Stmt:
        if names.keys().isdisjoint(used(old)) and names.keys().isdisjoint(bound(old)):
            return map_blocks(old, inner)
        match new := map_stmt(old, expr, inner):
            case Assign(Var() as target, _) | For(Var() as target, _):
                return changed(new, target=names.get(target, target))
            case Unpack(targets, _):
                return changed(new, targets=tuple([t and names.get(t, t) for t in targets]))
            case _:
                return new

    return inner(block)


def copied(block: Block) -> Block:
    """A copy of ``block``, of which no statement is one of ``block``.

    A statement stands in one place only: facts about it are looked up by its identity.
    """

    def copy(stmt: Stmt) -> Stmt:
        new = map_blocks(stmt, copied)
        return remade(new) if new is stmt else new

    return tuple(map(copy, block))
