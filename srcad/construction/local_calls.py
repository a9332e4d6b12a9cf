"""Calls of functions that were defined inside others, in normal IR."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType

import libcst as cst

from srcad.analysis.effects import calls_in
from srcad.frontend.lifting import lifting_of
from srcad.ir.nodes import Block, Call, Expr, Function, Ref, Stmt
from srcad.ir.rebuild import map_block, map_expr, map_stmt
from srcad.ir.walk import statements

__all__ = ["called_by_name", "is_single_return", "local_functions_in"]


def local_functions_in(fn: Function) -> Iterator[FunctionType]:
    """The local function of each call in ``fn`` that calls one."""
    for stmt in statements(fn):
        for call in calls_in(stmt):
            live = call.fn.value if isinstance(call.fn, Ref) else None
            if isinstance(live, FunctionType) and lifting_of(live) is not None:
                yield live


def is_single_return(fn: FunctionType) -> bool:
    """Whether ``fn`` is a local function that does nothing but return an expression."""
    lifting = lifting_of(fn)
    if lifting is None:
        return False
    node = lifting.parsed.node
    if isinstance(node, cst.Lambda):
        return True
    lines = [line for line in node.body.body if not _is_text(line)]
    match lines:
        case [cst.Return() | cst.SimpleStatementLine(body=[cst.Return()])]:
            return True
        case _:
            return False


def _is_text(line: cst.CSTNode) -> bool:
    """Whether ``line`` is a docstring."""
    match line:
        case cst.SimpleStatementLine(body=[cst.Expr(value=value)]):
            return isinstance(value, cst.SimpleString | cst.ConcatenatedString)
        case _:
            return False


def called_by_name(fn: Function, named: Callable[[Call, FunctionType], Call]) -> Function:
    """``fn`` with each call of a local function replaced by what ``named`` makes of it."""
    if next(local_functions_in(fn), None) is None:
        return fn

    def expr(e: Expr) -> Expr:
        e = map_expr(e, expr)
        live = e.fn.value if isinstance(e, Call) and isinstance(e.fn, Ref) else None
        if isinstance(e, Call) and isinstance(live, FunctionType) and lifting_of(live) is not None:
            return named(e, live)
        return e

    def stmt(s: Stmt) -> Stmt:
        return map_stmt(s, expr, block)

    def block(stmts: Block) -> Block:
        return map_block(stmts, stmt)

    return replace(fn, body=block(fn.body))
