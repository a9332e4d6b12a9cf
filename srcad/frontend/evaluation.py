"""Expressions lowered in the order in which Python evaluates them.

Some need statements before the one they stand in. Then all that Python would have evaluated earlier
is computed earlier too, in temporaries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

import libcst as cst

from srcad.frontend.refusals import reason, refuse
from srcad.ir.changing import may_change_items
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Attr,
    BoolOp,
    Call,
    Const,
    Expr,
    If,
    Origin,
    Ref,
    Source,
    Star,
    Stmt,
    Var,
)
from srcad.ir.refs import LIST
from srcad.ir.walk import bound, expressions, statements

__all__ = ["Evaluation", "no_origin"]


def no_origin(node: cst.CSTNode) -> Origin | None:
    """The origin of nodes that stand in no file."""
    del node
    return None


class Evaluation:
    """What the lowering of one function's expressions shares: names, and the order of evaluation.

    Parameters
    ----------
    origin_of
        Where a node stands.
    source
        For error messages.
    names
        For temporaries. Without it, what needs statements of its own is refused.
    local
        The function's own variables, which those of a comprehension must not overwrite.

    Attributes
    ----------
    before
        The statements that must run before the expression lowered last. Whoever lowers a statement
        takes them with `take`.
    here
        The origin of such statements.
    scopes
        The variables of the comprehensions around, outermost first.
    """

    def __init__(
        self,
        origin_of: Callable[[cst.CSTNode], Origin | None] = no_origin,
        source: Source | None = None,
        names: Names | None = None,
        local: frozenset[str] = frozenset(),
    ) -> None:
        self.origin_of = origin_of
        self.source = source
        self.names = names
        self.local = local
        self.scopes: list[dict[str, Var]] = []
        self.before: list[Stmt] = []
        self.here: Origin | None = None

    def lower(self, node: cst.BaseExpression) -> Expr:
        """The surface IR of ``node``."""
        raise NotImplementedError  # `ExpressionLowering` knows the expressions; here is their order

    def function(self, node: cst.BaseExpression) -> Expr:
        """``node``, which may be a local function where it is called or handed on."""
        raise NotImplementedError  # likewise

    def applied(
        self,
        node: cst.Call,
        fn: Expr,
        args: Sequence[Expr],
        kwargs: Sequence[tuple[str, Expr]],
        *,
        called: bool = False,
    ) -> Expr:
        """The call of ``fn``; it and its arguments may be local functions."""
        raise NotImplementedError  # likewise

    def take(self) -> tuple[Stmt, ...]:
        """The statements to run first, which are forgotten here."""
        taken = tuple(self.before)
        self.before.clear()
        return taken

    def in_order(self, thunks: Sequence[Callable[[], Expr]]) -> list[Expr]:
        """Run ``thunks``; what was evaluated before one that needs statements goes before these."""
        done: list[Expr] = []
        for thunk in thunks:
            mark = len(self.before)
            value = thunk()
            if len(self.before) > mark:
                saved: list[Stmt] = []
                needed = statements(tuple(self.before[mark:]))
                rebound = {v for s in needed for v in bound(s)}
                changes = any(may_change_items(e) for s in needed for e in expressions(s))
                for i, earlier in enumerate(done):
                    if changes and isinstance(earlier, Star):
                        done[i] = Star(self.saved(Call(LIST, (earlier.value,)), saved))
                    else:
                        done[i] = self.saved(earlier, saved, rebound)
                self.before[mark:mark] = saved
            done.append(value)
        return done

    def saved(self, expr: Expr, into: list[Stmt], rebound: Set[Var] = frozenset()) -> Expr:
        """``expr`` such that evaluating it later gives the same; what that takes goes ``into``.

        ``rebound`` are the variables that have another value by then.
        """
        match expr:
            case Var() if expr not in rebound:
                return expr
            case Const() | Ref():
                return expr
            case Attr(Var() | Ref() as owner, name):
                # A method about to be called, as `xs.append` in `xs.append([...])`.
                return Attr(self.saved(owner, into, rebound), name)
            case Star(value):
                return Star(self.saved(value, into, rebound))
            case _:
                temp = self.temp()
                into.append(Assign(temp, expr, self.here))
                return temp

    def temp(self) -> Var:
        """A fresh temporary."""
        assert self.names is not None
        return self.names.fresh("t")

    def atom(self, expr: Expr, node: cst.CSTNode) -> Expr:
        """``expr`` itself if evaluating it twice is harmless, else a temporary computed before."""
        if isinstance(expr, (Var, Const, Ref)):
            return expr
        if self.names is None:
            raise self.refused(node, "expression statement")
        return self.saved(expr, self.before)

    def apart(self, thunk: Callable[[], Expr]) -> tuple[Expr, list[Stmt]]:
        """The value of ``thunk`` and the statements it needs, kept apart from the others."""
        outer, self.before = self.before, []
        try:
            return thunk(), self.before
        finally:
            self.before = outer

    def join(self, op: str, left: Expr, right: Callable[[], Expr]) -> Expr:
        """``left and right`` or ``left or right``, as a statement if ``right`` needs statements."""
        value, needs = self.apart(right)
        if not needs:
            return BoolOp(op, left, value)
        temp = self.temp()
        self.before.append(Assign(temp, left, self.here))
        block = (*needs, Assign(temp, value, self.here))
        self.before.append(If(temp, *((block, ()) if op == "and" else ((), block)), self.here))
        return temp

    def refused(self, node: cst.CSTNode, what: str = "", **names: str) -> Exception:
        """The error for ``node``, by default for what it is."""
        if not what:
            what, names = reason(node)
        return refuse(what, self.source, self.origin_of(node), **names)
