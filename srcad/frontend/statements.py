"""LibCST statements to surface IR."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from srcad.frontend import operators
from srcad.frontend.combined import for_loop
from srcad.frontend.consumed import items_of_run
from srcad.frontend.contexts import silenced
from srcad.frontend.expressions import ExpressionLowering
from srcad.frontend.local_functions import LocalFunctions
from srcad.frontend.matching import match_statement
from srcad.frontend.refusals import code_of, refuse
from srcad.frontend.scope import named_lambda
from srcad.frontend.source import Parsed
from srcad.frontend.targets import lower_target
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Continue,
    Do,
    Expr,
    If,
    Origin,
    Raise,
    Ref,
    Return,
    Slice,
    Stmt,
    Store,
    Target,
    Tuple,
    Var,
    While,
)
from srcad.ir.refs import DELETE, GETITEM, LEN, LIST, NONE
from srcad.ir.walk import bound, statements

__all__ = ["StatementLowering"]

_ASSERTION_ERROR = Ref("AssertionError", AssertionError)
_VALUE_ERROR = Ref("ValueError", ValueError)


class StatementLowering:
    """Lowers the statements of one function."""

    def __init__(
        self, expressions: ExpressionLowering, parsed: Parsed, functions: LocalFunctions
    ) -> None:
        self._expressions = expressions
        self._lower = expressions.lower
        self._source = parsed.source
        self._positions = parsed.positions
        self._functions = functions
        self.silenced: frozenset[str] = frozenset()

    def block(self, body: cst.BaseSuite) -> Block:
        """The statements of ``body``, which may not run."""
        out: list[Stmt] = []
        defined = self._functions.defined
        self._suite(body, out)
        self._functions.defined = defined
        return tuple(out)

    def _suite(self, body: cst.BaseSuite, out: list[Stmt]) -> None:
        if isinstance(body, cst.SimpleStatementSuite):
            self._line(body, (), out)
        else:
            for stmt in body.body:
                if isinstance(stmt, cst.SimpleStatementLine):
                    self._line(stmt, _above(stmt.leading_lines), out)
                else:
                    self._compound(stmt, out)

    def _line(
        self,
        line: cst.SimpleStatementLine | cst.SimpleStatementSuite,
        above: tuple[str, ...],
        out: list[Stmt],
    ) -> None:
        comment = _comment(line.trailing_whitespace)
        for i, stmt in enumerate(line.body):
            last = i == len(line.body) - 1
            origin = self._positions.origin(stmt, comment if last else "", above if i == 0 else ())
            self._expressions.here = self._positions.origin(stmt)
            try:
                made = self._simple(stmt, origin)
            except RecursionError:
                raise refuse("too deep", self._source, origin) from None
            out += self._expressions.take()
            out += made

    # --- simple statements -----------------------------------------------------------------------

    def _simple(self, stmt: cst.BaseSmallStatement, origin: Origin | None) -> Sequence[Stmt]:
        if (function := named_lambda(stmt)) is not None:
            return tuple(self._functions.define(self._expressions, *function))
        match stmt:
            case cst.Assign():
                return self._assign([t.target for t in stmt.targets], stmt.value, origin)
            case cst.AnnAssign(target=target, value=value):
                return self._assign([target], value, origin) if value is not None else ()
            case cst.AugAssign():
                return (self._augmented(stmt, origin),)
            case cst.Expr(value=value):
                expr = self._lower(value)
                # A docstring, or a name alone on its line, does nothing.
                return () if isinstance(expr, (Const, Var, Ref)) else (Do(expr, origin),)
            case cst.Return(value=value):
                result = Const(None) if value is None else self._lower(value)
                return (Return(self._functions.returned(result), origin),)
            case cst.Raise(exc=exc):
                if exc is None:
                    raise self._expressions.refused(stmt, "bare raise")
                return (Raise(self._lower(exc), origin),)
            case cst.Assert():
                return (self._assert(stmt, origin),)
            case cst.Break():
                return (Break(origin),)
            case cst.Continue():
                return (Continue(origin),)
            case cst.Pass():
                return ()
            case cst.Global() | cst.Nonlocal():
                self._functions.declared(self._expressions, stmt)
                return ()
            case cst.Import() | cst.ImportFrom():
                self._functions.imported(self._expressions, stmt)
                return ()
            case cst.Del(target=target):
                return tuple(self._deleted(target, stmt, origin))
            case _:
                raise self._expressions.refused(stmt)

    def _assert(self, stmt: cst.Assert, origin: Origin | None) -> Stmt:
        test = self._lower(stmt.test)
        failed = Call(operators.UNARY[cst.Not], (test,), origin=self._positions.origin(stmt.test))
        message = stmt.msg
        error: Expr = _ASSERTION_ERROR
        needs: Block = ()
        if message is not None:
            earlier = self._expressions.take()
            error = Call(_ASSERTION_ERROR, (self._lower(message),), origin=origin)
            needs = self._expressions.take()
            self._expressions.before.extend(earlier)
        return If(failed, (*needs, Raise(error, origin)), (), origin)

    def _deleted(
        self, target: cst.BaseExpression, stmt: cst.Del, origin: Origin | None
    ) -> list[Stmt]:
        match target:
            case cst.Name():
                # Only frees the name; that nothing reads it any more is the user's promise.
                return []
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                return [s for e in elements for s in self._deleted(e.value, stmt, origin)]
            case cst.Subscript(value=value):
                obj, index = self._expressions.in_order(
                    (lambda: self._lower(value), lambda: self._expressions.index(target))
                )
                steps = isinstance(index, Slice) and index.step != NONE
                if steps or isinstance(index, Tuple):
                    raise self._expressions.refused(stmt, "delete")
                call = Call(Attr(obj, DELETE), (index,), origin=self._positions.origin(stmt))
                return [*self._expressions.take(), Do(call, origin)]
            case _:
                raise self._expressions.refused(stmt, "delete")

    # --- assignments -----------------------------------------------------------------------------

    def _assign(
        self,
        targets: Sequence[cst.BaseAssignTargetExpression | cst.BaseExpression],
        value: cst.BaseExpression,
        origin: Origin | None,
    ) -> Sequence[Stmt]:
        if len(targets) == 1 and isinstance(targets[0], cst.Subscript):
            return (self._store(targets[0], lambda: self._lower(value), origin),)
        unpacks = len(targets) == 1 and isinstance(targets[0], cst.Tuple | cst.List)
        expr = items_of_run(self._expressions, value) if unpacks else None
        expr = self._lower(value) if expr is None else expr
        if len(targets) == 1:
            return self._bind(targets[0], expr, origin)
        out: list[Stmt] = list(self._expressions.take())
        if not isinstance(expr, (Const, Ref)):
            first, rest = targets[0], targets[1:]
            reused = set(_names(rest))
            if isinstance(first, cst.Name) and first.value not in reused:
                out.append(Assign(Var(first.value), expr, origin))
                expr, targets = Var(first.value), rest
            else:
                temp = self._expressions.temp()
                out.append(Assign(temp, expr, origin))
                expr = temp
        for target in targets:
            made = self._bind(target, expr, origin)
            out += self._expressions.take()
            out += made
        return out

    def _bind(
        self, target: cst.BaseExpression, value: Expr, origin: Origin | None
    ) -> Sequence[Stmt]:
        if isinstance(target, cst.Subscript):
            return (self._store(target, lambda: value, origin),)
        if isinstance(target, cst.Tuple | cst.List) and _has_star(target):
            return self._bind_starred(target, value, origin)
        after: list[tuple[cst.BaseExpression, Var]] = []
        pattern = self._pattern(target, after)
        out: list[Stmt] = [Assign(pattern, value, origin)]
        if after:
            out[:0] = self._expressions.take()
        for leaf, temp in after:
            made = self._bind(leaf, temp, origin)
            out += self._expressions.take()
            out += made
        return out

    def _pattern(
        self, target: cst.BaseExpression, after: list[tuple[cst.BaseExpression, Var]]
    ) -> Target:
        """``target``, with a temporary for each item and for what comes ``after`` it."""
        match target:
            case cst.Subscript():
                pass
            case cst.Name(value=name):
                if not after:
                    return Var(name)
            case cst.Tuple() | cst.List() if _has_star(target):
                pass
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                return Tuple(tuple(self._pattern(e.value, after) for e in elements))
            case _:
                return lower_target(target, Var, self._expressions.refused)
        temp = self._expressions.temp()
        after.append((target, temp))
        return temp

    def _bind_starred(
        self, target: cst.Tuple | cst.List, value: Expr, origin: Origin | None
    ) -> Sequence[Stmt]:
        """``a, *r, b = value``: items of a list of all of them."""
        elements = target.elements
        at = next(i for i, e in enumerate(elements) if isinstance(e, cst.StarredElement))
        behind = len(elements) - 1 - at
        every = self._expressions.temp()
        place = self._positions.origin(target)
        out: list[Stmt] = [*self._expressions.take()]
        out.append(Assign(every, Call(LIST, (value,), origin=place), origin))
        if at and behind:
            # By their places alone the items of too short a list would be taken twice.
            short = Call(
                operators.COMPARISON[cst.LessThan],
                (Call(LEN, (every,)), Const(at + behind)),
                origin=place,
            )
            error = Call(_VALUE_ERROR, (Const("not enough values to unpack"),), origin=place)
            out.append(If(short, (Raise(error, place),), (), place))
        for i, element in enumerate(elements):
            index: Expr = Const(i if i < at else i - len(elements))
            if i == at:
                index = Slice(Const(at or None), Const(-behind or None), NONE)
            item = Call(GETITEM, (every, index), origin=place)
            made = self._bind(element.value, item, place)
            out += self._expressions.take()
            out += made
        return out

    def _store(
        self, target: cst.Subscript, value: Callable[[], Expr], origin: Origin | None
    ) -> Stmt:
        expr, obj, index = self._expressions.in_order(
            (
                value,
                lambda: self._lower(target.value),
                lambda: self._expressions.index(target),
            )
        )
        return Store(obj, index, expr, origin)

    def _augmented(self, stmt: cst.AugAssign, origin: Origin | None) -> Stmt:
        op = operators.AUGMENTED[type(stmt.operator)]
        target = stmt.target
        match target:
            case cst.Name(value=name):
                mark = len(self._expressions.before)
                value = self._lower(stmt.value)
                needs = self._expressions.before[mark:]
                if any(Var(name) in bound(s) for s in statements(tuple(needs))):
                    raise self._expressions.refused(stmt, "walrus", name=name)
                return AugAssign(Var(name), None, op, value, origin)
            case cst.Subscript():
                obj, index, value = self._expressions.in_order(
                    (
                        lambda: self._lower(target.value),
                        lambda: self._expressions.index(target),
                        lambda: self._lower(stmt.value),
                    )
                )
                return AugAssign(obj, index, op, value, origin)
            case _:
                raise self._expressions.refused(target, "attribute store", name=code_of(target))

    # --- compound statements ---------------------------------------------------------------------

    def _compound(self, stmt: cst.BaseStatement | cst.BaseSmallStatement, out: list[Stmt]) -> None:
        self._expressions.here = self._positions.origin(stmt)
        match stmt:
            case cst.If():
                made = self._if(stmt)
            case cst.For():
                made = self._for(stmt)
            case cst.While():
                made = self._while(stmt)
            case cst.Match():
                made = match_statement(self._expressions, stmt, self.block, self._header)
            case cst.With(body=body):
                self.silenced |= silenced(self._expressions, stmt)
                self._suite(body, out)
                return
            case cst.FunctionDef(name=name):
                made = tuple(self._functions.define(self._expressions, name.value, stmt))
            case _:
                raise self._expressions.refused(stmt)
        out += made

    def _header(self, stmt: cst.If | cst.For | cst.While | cst.MatchCase) -> Origin | None:
        return self._positions.origin(stmt, _header_comment(stmt.body), _above(stmt.leading_lines))

    def _if(self, stmt: cst.If) -> Sequence[Stmt]:
        test = self._lower(stmt.test)
        needs = self._expressions.take()
        then = self.block(stmt.body)
        match stmt.orelse:
            case cst.If() as inner:
                orelse = tuple(self._if(inner))
            case cst.Else(body=body):
                orelse = self.block(body)
            case _:
                orelse = ()
        return (*needs, If(test, then, orelse, self._header(stmt)))

    def _for(self, stmt: cst.For) -> Sequence[Stmt]:
        if stmt.asynchronous is not None:
            raise self._expressions.refused(stmt, "await")
        iterable = self._lower(stmt.iter)
        needs = self._expressions.take()
        after: list[tuple[cst.BaseExpression, Var]] = []
        target = self._pattern(stmt.target, after)
        head: list[Stmt] = []
        for leaf, temp in after:
            head += self._bind(leaf, temp, self._positions.origin(stmt.target))
            head[:0] = self._expressions.take()
        body = (*head, *self.block(stmt.body))
        orelse = self.block(stmt.orelse.body) if stmt.orelse is not None else ()
        header = self._header(stmt)
        return (*needs, *for_loop(self._expressions, target, iterable, body, orelse, header))

    def _while(self, stmt: cst.While) -> Sequence[Stmt]:
        test = self._lower(stmt.test)
        needs = self._expressions.take()
        body = self.block(stmt.body)
        orelse = self.block(stmt.orelse.body) if stmt.orelse is not None else ()
        origin = self._header(stmt)
        if not needs:
            return (While((), test, body, orelse, origin),)
        if orelse:
            raise self._expressions.refused(stmt.test, "loop test")
        failed = Call(operators.UNARY[cst.Not], (test,))
        leave = If(failed, (Break(),), (), self._positions.origin(stmt.test))
        return (While((), Const(True), (*needs, leave, *body), (), origin),)


def _has_star(target: cst.Tuple | cst.List) -> bool:
    return any(isinstance(e, cst.StarredElement) for e in target.elements)


def _names(targets: Sequence[cst.BaseExpression]) -> list[str]:
    out: list[str] = []
    for target in targets:
        match target:
            case cst.Name(value=name):
                out.append(name)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                out += _names([e.value for e in elements])
            case _:
                pass
    return out


def _text(comment: cst.Comment | None) -> str:
    return comment.value.lstrip("#").strip() if comment is not None else ""


def _comment(trailing: cst.TrailingWhitespace) -> str:
    return _text(trailing.comment)


def _header_comment(body: cst.BaseSuite) -> str:
    return _comment(body.header) if isinstance(body, cst.IndentedBlock) else ""


def _above(lines: Sequence[cst.EmptyLine]) -> tuple[str, ...]:
    """The comments directly above a statement: those after the last blank line."""
    out: list[str] = []
    for line in lines:
        if line.comment is None:
            out.clear()
        else:
            out.append(_text(line.comment))
    return tuple(out)
