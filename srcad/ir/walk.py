"""Small walks over the IR, on which the passes are built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, TypeVar

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
    Function,
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
    "ATOMIC",
    "ATOMS",
    "COMPOUND",
    "assigned_call",
    "blocks",
    "bound",
    "call_of",
    "expressions",
    "inside",
    "may_bind",
    "may_break",
    "mention_counts",
    "mentioned",
    "parts",
    "statements",
    "subexpressions",
    "used",
    "variables",
]

ATOMS: Final = (Var, Const, Ref)
ATOMIC: Final[frozenset[type]] = frozenset(ATOMS)
COMPOUND: Final[frozenset[type]] = frozenset({If, For, While})

Kept = TypeVar("Kept", Var, Stmt)

_set: Final = object.__setattr__

# Walks are most of what a pass does, so these are written for speed: tests of the class, the most
# frequent first, lists in place of generators, and patterns without parts, as these are slow.


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The direct parts of ``expr``, in order of evaluation."""
    if isinstance(expr, Call):
        if expr.kwargs:
            return (expr.fn, *expr.args, *[v for _, v in expr.kwargs])
        return (expr.fn, *expr.args)
    if type(expr) in ATOMIC:
        return ()
    match expr:
        case Tuple() | List():
            return expr.items
        case Slice():
            return (expr.start, expr.stop, expr.step)
        case Attr() | Star():
            return (expr.value,)
        case BoolOp():
            return (expr.left, expr.right)
        case IfExp():
            return (expr.test, expr.then, expr.orelse)
        case Dict():
            return tuple([x for pair in zip(expr.keys, expr.values, strict=True) for x in pair])
        case _:
            return ()


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """``expr`` and everything inside it, outside in."""
    todo = [expr]
    while todo:
        expr = todo.pop()
        yield expr
        if type(expr) not in ATOMIC:
            todo += parts(expr)[::-1]


def call_of(stmt: Stmt) -> Call | None:
    """The call that a statement of normal IR makes, if it makes one."""
    if type(stmt) is Assign or type(stmt) is Unpack:
        call = stmt.value
    elif type(stmt) is Do:
        call = stmt.call
    else:
        return None
    return call if type(call) is Call else None


def assigned_call(stmt: Stmt) -> tuple[Var, Call] | None:
    """``x`` and the call of ``x = call``."""
    if type(stmt) is not Assign:
        return None
    target, value = stmt.target, stmt.value
    return (target, value) if type(value) is Call and type(target) is Var else None


def variables(expr: Expr) -> tuple[Var, ...]:
    """The variables that ``expr`` reads, with repetitions, in order of evaluation."""
    try:
        return expr.reads
    except AttributeError:
        found = [var for part in parts(expr) for var in variables(part)]
        return _keep(expr, "reads", tuple(found))


def _keep(node: Stmt | Expr | Function, name: str, value: tuple[Kept, ...]) -> tuple[Kept, ...]:
    _set(node, name, value)  # the node is frozen to all others
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


def may_bind(stmt: Stmt) -> tuple[Var, ...]:
    """`bound`, and what ``x += y`` binds anew where that is a number: before types are known."""
    match stmt:
        case AugAssign(Var() as obj, None):
            return (obj,)
        case _:
            return bound(stmt)


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
    if type(stmt) not in COMPOUND:
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


def nested_blocks(block: Block) -> Iterator[Block]:
    """``block`` and the blocks inside it at any depth."""
    yield block
    for stmt in block:
        for inner in blocks(stmt):
            yield from nested_blocks(inner)


def statements(block: Block | Function) -> Sequence[Stmt]:
    """Every statement of a block or function, and of the blocks inside it, in textual order."""
    if isinstance(block, Function):
        try:
            return block.inside
        except AttributeError:
            return _keep(block, "inside", tuple(statements(block.body)))
    if COMPOUND.isdisjoint(map(type, block)):
        return block
    found: list[Stmt] = []
    for stmt in block:
        found.append(stmt)
        if type(stmt) in COMPOUND:
            found += inside(stmt)
    return found


def inside(stmt: Stmt) -> tuple[Stmt, ...]:
    """The statements of the blocks inside ``stmt``, at any depth, in textual order."""
    if type(stmt) not in COMPOUND:
        return ()
    try:
        return stmt.inside
    except AttributeError:
        found = [s for block in blocks(stmt) for s in statements(block)]
        return _keep(stmt, "inside", tuple(found))


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
    return Counter(chain.from_iterable(map(mentioned, block)))
