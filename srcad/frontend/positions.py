"""Where LibCST's nodes stand.

LibCST computes positions by printing the whole module again, which takes longer than everything
else the frontend does. Python's own parser knows them at once, so the two trees are walked side by
side.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

import libcst as cst

from srcad.ir.nodes import Origin

__all__ = ["Positions"]


class Positions:
    """Looks up the origin of LibCST nodes.

    Parameters
    ----------
    lines
        The lines of the text that ``ast`` parsed.
    line_shift, col_shift
        What to add to a position in that text to get the one in the file; columns only on its first
        line.
    """

    def __init__(self, lines: Sequence[str], line_shift: int = 0, col_shift: int = 0) -> None:
        self._lines = lines
        self._line_shift = line_shift
        self._col_shift = col_shift
        self._table: dict[cst.CSTNode, ast.stmt | ast.expr | ast.pattern] = {}

    def origin(
        self, node: cst.CSTNode, comment: str = "", above: tuple[str, ...] = ()
    ) -> Origin | None:
        """The place of ``node``, or ``None`` for one that was not recorded."""
        at = self._table.get(node)
        if at is None:
            return None
        end_line = at.end_lineno or at.lineno
        return Origin(
            at.lineno + self._line_shift,
            self._column(at.lineno, at.col_offset),
            end_line + self._line_shift,
            self._column(end_line, at.end_col_offset or 0),
            comment,
            above,
        )

    def _column(self, line: int, offset: int) -> int:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        if not text.isascii():
            # `ast` counts bytes, LibCST and editors characters.
            offset = len(text.encode()[:offset].decode(errors="ignore"))
        return offset + (self._col_shift if line == 1 else 0)

    def tree(self, node: cst.CSTNode) -> ast.stmt | ast.expr | ast.pattern:
        """Python's own tree of ``node``, a copy, with the line numbers of the file."""
        at = copy.deepcopy(self._table[node])
        return ast.increment_lineno(at, self._line_shift)

    def record_block(self, body: cst.BaseSuite, at: Sequence[ast.stmt]) -> None:
        """Pair the statements of ``body`` with ``at``, and all inside them."""
        for stmt, mate in zip(_statements(body), at, strict=True):
            self._statement(stmt, mate)

    def record(self, node: cst.CSTNode, at: ast.stmt | ast.expr) -> None:
        """Pair ``node`` alone with ``at``."""
        self._table[node] = at

    def _statement(self, node: cst.CSTNode, at: ast.stmt) -> None:
        self._table[node] = at
        match node, at:
            case cst.Assign(), ast.Assign():
                self.expression(node.value, at.value)
                for target, mate in zip(node.targets, at.targets, strict=True):
                    self.expression(target.target, mate)
            case cst.AnnAssign(), ast.AnnAssign():
                self.expression(node.target, at.target)
                if node.value is not None and at.value is not None:
                    self.expression(node.value, at.value)
            case cst.AugAssign(), ast.AugAssign():
                self.expression(node.target, at.target)
                self.expression(node.value, at.value)
            case cst.Expr(), ast.Expr():
                self.expression(node.value, at.value)
            case cst.Return(), ast.Return():
                if node.value is not None and at.value is not None:
                    self.expression(node.value, at.value)
            case cst.Assert(), ast.Assert():
                self.expression(node.test, at.test)
                if node.msg is not None and at.msg is not None:
                    self.expression(node.msg, at.msg)
            case cst.Raise(), ast.Raise():
                if node.exc is not None and at.exc is not None:
                    self.expression(node.exc, at.exc)
            case cst.If(), ast.If():
                self.expression(node.test, at.test)
                self.record_block(node.body, at.body)
                match node.orelse:
                    case cst.If() as inner:
                        self._statement(inner, at.orelse[0])
                    case cst.Else(body=body):
                        self.record_block(body, at.orelse)
                    case _:
                        pass
            case cst.For(), ast.For() | ast.AsyncFor():
                self.expression(node.target, at.target)
                self.expression(node.iter, at.iter)
                self._loop(node, at)
            case cst.While(), ast.While():
                self.expression(node.test, at.test)
                self._loop(node, at)
            case cst.With(), ast.With() | ast.AsyncWith():
                for item, mate in zip(node.items, at.items, strict=True):
                    self.expression(item.item, mate.context_expr)
                self.record_block(node.body, at.body)
            case cst.Match(), ast.Match():
                self.expression(node.subject, at.subject)
                for case, mate in zip(node.cases, at.cases, strict=True):
                    self._table[case] = mate.pattern
                    self._pattern(case.pattern, mate.pattern)
                    if case.guard is not None and mate.guard is not None:
                        self.expression(case.guard, mate.guard)
                    self.record_block(case.body, mate.body)
            case cst.FunctionDef(), ast.FunctionDef() | ast.AsyncFunctionDef():
                self._parameters(node.params, at.args)
                self.record_block(node.body, at.body)
            case _:
                pass

    def _pattern(self, node: cst.CSTNode, at: ast.pattern) -> None:
        self._table[node] = at
        match node, at:
            case cst.MatchValue(), ast.MatchValue():
                self.expression(node.value, at.value)
            case cst.MatchAs(pattern=cst.MatchPattern() as inner), ast.MatchAs():
                if at.pattern is not None:
                    self._pattern(inner, at.pattern)
            case cst.MatchOr(), ast.MatchOr():
                for element, mate in zip(node.patterns, at.patterns, strict=True):
                    self._pattern(element.pattern, mate)
            case cst.MatchList() | cst.MatchTuple(), ast.MatchSequence():
                for element, mate in zip(node.patterns, at.patterns, strict=True):
                    if isinstance(element, cst.MatchSequenceElement):
                        self._pattern(element.value, mate)
            case cst.MatchMapping(), ast.MatchMapping():
                for element, key, mate in zip(node.elements, at.keys, at.patterns, strict=True):
                    self.expression(element.key, key)
                    self._pattern(element.pattern, mate)
            case cst.MatchClass(), ast.MatchClass():
                self.expression(node.cls, at.cls)
                for element, mate in zip(node.patterns, at.patterns, strict=True):
                    self._pattern(element.value, mate)
                for element, mate in zip(node.kwds, at.kwd_patterns, strict=True):
                    self._pattern(element.pattern, mate)
            case _:
                pass

    def _parameters(self, params: cst.Parameters, at: ast.arguments) -> None:
        """Pair the defaults."""
        plain = [p.default for p in (*params.posonly_params, *params.params) if p.default]
        only = [p.default for p in params.kwonly_params]
        for default, mate in zip((*plain, *only), (*at.defaults, *at.kw_defaults), strict=True):
            if default is not None and mate is not None:
                self.expression(default, mate)

    def _loop(self, node: cst.For | cst.While, at: ast.For | ast.AsyncFor | ast.While) -> None:
        self.record_block(node.body, at.body)
        if node.orelse is not None:
            self.record_block(node.orelse.body, at.orelse)

    def expression(self, node: cst.CSTNode, at: ast.expr) -> None:
        """Pair ``node`` with ``at``, and all inside them as far as their shapes agree."""
        self._table[node] = at
        # Python's own classes first: a look at one of LibCST's takes ten times as long.
        match at, node:
            case ast.Name() | ast.Constant(), _:
                pass
            case ast.BinOp(), cst.BinaryOperation():
                self.expression(node.left, at.left)
                self.expression(node.right, at.right)
            case ast.Call(), cst.Call():
                self._call(node, at)
            case ast.Attribute(), cst.Attribute():
                self.expression(node.value, at.value)
            case ast.Subscript(), cst.Subscript():
                self.expression(node.value, at.value)
                self._index(node, at.slice)
            case ast.UnaryOp(), cst.UnaryOperation():
                self.expression(node.expression, at.operand)
            case ast.Compare(), cst.Comparison():
                self.expression(node.left, at.left)
                for target, mate in zip(node.comparisons, at.comparators, strict=True):
                    self.expression(target.comparator, mate)
            case ast.BoolOp(), cst.BooleanOperation():
                for term, mate in zip(_terms(node), at.values, strict=True):
                    self.expression(term, mate)
            case ast.IfExp(), cst.IfExp():
                self.expression(node.test, at.test)
                self.expression(node.body, at.body)
                self.expression(node.orelse, at.orelse)
            case ast.Tuple() | ast.List() | ast.Set(), cst.Tuple() | cst.List() | cst.Set():
                for element, mate in zip(node.elements, at.elts, strict=True):
                    self._table[element] = mate
                    inner = mate.value if isinstance(mate, ast.Starred) else mate
                    self.expression(element.value, inner)
            case ast.Dict(), cst.Dict():
                for element, key, value in zip(node.elements, at.keys, at.values, strict=True):
                    self._table[element] = value
                    self.expression(element.value, value)
                    if isinstance(element, cst.DictElement) and key is not None:
                        self.expression(element.key, key)
            case ast.ListComp() | ast.GeneratorExp(), cst.ListComp() | cst.GeneratorExp():
                self.expression(node.elt, at.elt)
                self._clauses(node.for_in, at.generators)
            case ast.DictComp(), cst.DictComp():
                self.expression(node.key, at.key)
                self.expression(node.value, at.value)
                self._clauses(node.for_in, at.generators)
            case ast.NamedExpr(), cst.NamedExpr():
                self.expression(node.value, at.value)
            case ast.Lambda(), cst.Lambda():
                self._parameters(node.params, at.args)
                self.expression(node.body, at.body)
            case _:
                pass

    def _clauses(self, first: cst.CompFor, at: Sequence[ast.comprehension]) -> None:
        clause: cst.CompFor | None = first
        for mate in at:
            assert clause is not None
            self._table[clause] = mate.target
            self.expression(clause.target, mate.target)
            self.expression(clause.iter, mate.iter)
            for test, test_mate in zip(clause.ifs, mate.ifs, strict=True):
                self.expression(test.test, test_mate)
            clause = clause.inner_for_in

    def _call(self, node: cst.Call, at: ast.Call) -> None:
        self.expression(node.func, at.func)
        args, keywords = iter(at.args), iter(at.keywords)
        for arg in node.args:
            if arg.keyword is not None or arg.star == "**":
                mate = next(keywords).value
            else:
                mate = next(args)
                mate = mate.value if isinstance(mate, ast.Starred) else mate
            self.expression(arg.value, mate)

    def _index(self, node: cst.Subscript, at: ast.expr) -> None:
        elements = [e.slice for e in node.slice]
        alone = len(elements) == 1 and not isinstance(node.slice[0].comma, cst.Comma)
        mates = at.elts if not alone and isinstance(at, ast.Tuple) else [at]
        if len(mates) != len(elements):
            return
        for element, mate in zip(elements, mates, strict=True):
            match element, mate:
                case cst.Slice(), ast.Slice():
                    bounds = (element.lower, element.upper, element.step)
                    for part, where in zip(
                        bounds, (mate.lower, mate.upper, mate.step), strict=True
                    ):
                        if part is not None and where is not None:
                            self.expression(part, where)
                case cst.Index(), _:
                    inner = mate.value if isinstance(mate, ast.Starred) else mate
                    self.expression(element.value, inner)
                case _:
                    pass


def _statements(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    for stmt in body.body:
        if isinstance(stmt, cst.SimpleStatementLine):
            yield from stmt.body
        else:
            yield stmt


def _terms(node: cst.BooleanOperation) -> list[cst.BaseExpression]:
    """The terms of an ``and`` or ``or`` as `ast` has them: side by side, not nested."""
    terms = [node.right]
    left = node.left
    while (
        isinstance(left, cst.BooleanOperation)
        and type(left.operator) is type(node.operator)
        and not left.lpar
    ):
        terms.append(left.right)
        left = left.left
    return [left, *reversed(terms)]
