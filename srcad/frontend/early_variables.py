"""Variables that local functions read, and that have no value yet where these are called."""

from __future__ import annotations

from collections.abc import Iterable

from srcad.frontend.refusals import refuse
from srcad.ir.nodes import Block, Call, Function, If, Ref, Stmt, Var
from srcad.ir.walk import blocks, bound, expressions, statements, subexpressions
from srcad.notes import notes_of

__all__ = ["check_early_variables"]


def check_early_variables(fn: Function) -> None:
    """Refuse calls of local functions for which ``fn`` has surely not bound a variable yet.

    In Python that is no error before the variable is read. But a call hands over all that the local
    function may read.
    """
    later = {v for stmt in statements(fn) for v in bound(stmt)}
    _visit(fn, fn.body, {p.var for p in fn.params}, later)


def _visit(fn: Function, block: Block, seen: set[Var], later: set[Var]) -> None:
    for stmt in block:
        _check(fn, stmt, seen, later)
        inner = [v for b in blocks(stmt) for s in statements(b) for v in bound(s)]
        # A loop may have bound it in the turn before.
        before = {*seen, *bound(stmt)} if isinstance(stmt, If) else {*seen, *bound(stmt), *inner}
        for part in blocks(stmt):
            _visit(fn, part, set(before), later)
        seen.update(bound(stmt), inner)


def _check(fn: Function, stmt: Stmt, seen: set[Var], later: set[Var]) -> None:
    for call in _calls(stmt):
        lifted = notes_of(call.fn.value).lifted if isinstance(call.fn, Ref) else None
        if lifted is None:
            continue
        for var in call.args[: len(lifted.leading)]:
            if isinstance(var, Var) and var in later and var not in seen:
                where = call.origin or stmt.origin
                raise refuse("early variable", fn.source, where, name=var.base)


def _calls(stmt: Stmt) -> Iterable[Call]:
    for expr in expressions(stmt):
        for e in subexpressions(expr):
            if isinstance(e, Call):
                yield e
