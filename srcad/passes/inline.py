"""Put the body of a called Python function in the place of the call.

A function that mutates what it is given cannot be differentiated as a unit of its own: what its
mutation reaches is known only where it is called. There the body is written out, with variables of
its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.names import Names
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Do,
    Expr,
    For,
    Function,
    Origin,
    Return,
    Stmt,
    Unpack,
    Var,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import copied, map_blocks, map_expr, map_stmt
from srcad.ir.rebuild import renamed as with_names
from srcad.ir.walk import bound, may_bind, mention_counts, statements

__all__ = ["Body", "inline_calls"]

Body = Callable[[Call], tuple[Function, tuple[Expr, ...]] | None]
"""For a call to be written out: the callee in normal IR, an operand for each parameter."""


def inline_calls(fn: Function, body_of: Body) -> tuple[Function, bool]:
    """``fn`` with the calls that ``body_of`` knows written out, and whether there were any.

    Accepts and returns normal IR.
    """
    taken = {v.name for v in occurrences(fn.body)}
    names = Names(taken | {p.var.name for p in fn.params} | {c.name for c in fn.captures})
    counts = mention_counts(fn.body)
    once = {v for s in statements(fn) for v in bound(s) if counts[v] == 2}
    work = _Inline(names, body_of, once - {p.var for p in fn.params}, fn.context)
    body = work.block(fn.body)
    if not work.done:
        return fn, False
    # A function that is called twice stands there twice.
    body = copied(with_names(body, work.named))
    return replace(fn, body=body, context=work.context), True


class _Inline:
    def __init__(
        self, names: Names, body_of: Body, used_once: set[Var], context: Call | None
    ) -> None:
        self.names = names
        self.body_of = body_of
        self.used_once = used_once
        self.context = context
        self.done = False
        # The temporaries that are made for a parameter, which they are called after.
        self.named: dict[Var, Var] = {}

    def block(self, block: Block) -> Block:
        return tuple(s for stmt in block for s in self.stmt(stmt))

    def stmt(self, stmt: Stmt) -> Block:
        match stmt:
            case Assign(_, Call() as call) | Do(Call() as call):
                found = self.body_of(call)
                if found is not None:
                    self.done = True
                    return self._body(stmt, *found)
            case _:
                pass
        return (map_blocks(stmt, self.block),)

    def _body(self, stmt: Stmt, callee: Function, operands: tuple[Expr, ...]) -> Block:
        self.context = _in_both(self.context, callee.context)
        renamed: dict[Var, Var] = {}

        def fresh(var: Var) -> Var:
            if var not in renamed:
                renamed[var] = self.names.fresh(var)
            return renamed[var]

        def expr(e: Expr) -> Expr:
            return fresh(e) if isinstance(e, Var) else map_expr(e, expr)

        def block(stmts: Block) -> Block:
            return tuple(_rebound(map_stmt(s, expr, block), fresh, stmt.origin) for s in stmts)

        *body, last = callee.body
        assert isinstance(last, Return)
        rebound = {v for s in statements(callee) for v in may_bind(s)}
        given: Block = ()
        for p, operand in zip(callee.params, operands, strict=True):
            if not isinstance(operand, Var) or p.var in rebound:
                given = (*given, Assign(fresh(p.var), operand, stmt.origin))
            elif is_nameless(operand) and operand in self.used_once:
                self.named[operand] = fresh(p.var)
            else:
                renamed[p.var] = operand
        result = expr(last.value)
        end: Block = ()
        if isinstance(stmt, Assign):
            end = (Assign(stmt.target, result, stmt.origin),)
        return (*given, *block(tuple(body)), *end)


def _in_both(outer: Call | None, inner: Call | None) -> Call | None:
    """The one context that is both."""
    if outer is None or inner is None:
        return outer or inner
    kinds = dict((*outer.kwargs, *inner.kwargs))
    return replace(outer, kwargs=tuple(kinds.items()))


def _rebound(stmt: Stmt, fresh: Callable[[Var], Var], origin: Origin | None) -> Stmt:
    """``stmt`` with its targets renamed, standing at the line of the call."""
    match stmt:
        case Assign(target, _) | For(target, _):
            assert isinstance(target, Var)
            stmt = replace(stmt, target=fresh(target))
        case Unpack(targets, _):
            stmt = replace(stmt, targets=tuple(None if t is None else fresh(t) for t in targets))
        case _:
            pass
    line = None if origin is None else replace(origin, comment="", above=())
    return replace(stmt, origin=line)
