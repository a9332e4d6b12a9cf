"""``match`` statements as chains of ``if``.

A pattern is a list of tests, each of which may rely on those before it, and of the names to bind
once all of them have passed. Both read the subject, which no name of a pattern may rebind while
cases are still to be tried: then it is kept in a temporary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

import libcst as cst
import numpy as np

from srcad.frontend import operators
from srcad.frontend.evaluation import Evaluation
from srcad.frontend.scope import captured_names
from srcad.frontend.walrus import walrus_names
from srcad.ir.nodes import (
    Assign,
    Attr,
    Block,
    BoolOp,
    Call,
    Const,
    Expr,
    If,
    List,
    Origin,
    Ref,
    Slice,
    Star,
    Stmt,
    Tuple,
    Var,
)
from srcad.ir.refs import GETITEM, LEN, LIST, NONE, NOT

__all__ = ["match_statement"]

_ISINSTANCE = Ref("isinstance", isinstance)
# From NumPy 2.5 on arrays match as sequences, by this flag, though they are no `Sequence`.
_MATCHES_AS_SEQUENCE = 1 << 5
_SEQUENCES = Tuple(
    (
        Ref("Sequence", Sequence),
        *([Ref("np.ndarray", np.ndarray)] if np.ndarray.__flags__ & _MATCHES_AS_SEQUENCE else []),
    )
)
_MAPPING = Ref("Mapping", Mapping)
_STRINGS = Tuple((Ref("str", str), Ref("bytes", bytes), Ref("bytearray", bytearray)))
_WHOLE: Final = frozenset(
    {bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple}
)
"""The classes of which ``case float(x)`` binds the object itself."""


def match_statement(
    lowering: Evaluation,
    stmt: cst.Match,
    block: Callable[[cst.BaseSuite], Block],
    header: Callable[[cst.MatchCase], Origin | None],
) -> Block:
    """``stmt`` in surface IR: ``block`` lowers its suites, ``header`` finds where a case stands."""
    subject = lowering.lower(stmt.subject)
    rebound = {Var(n) for case in stmt.cases for n in captured_names(case.pattern)}
    rebound |= {Var(n) for case in stmt.cases if case.guard for n in walrus_names(case.guard)}
    subject = _kept(lowering, subject, rebound)
    needs = lowering.take()

    def tried(cases: Sequence[cst.MatchCase]) -> Block:
        if not cases:
            return ()
        case = cases[0]
        lowering.here = origin = header(case)
        pattern = _Pattern(lowering, lowering.origin_of(case.pattern))
        pattern.match(case.pattern, subject)
        binds = tuple(Assign(Var(name), value, origin) for name, value in pattern.binds)
        if case.guard is None:
            test, first = pattern.test, ()
            body = binds
        else:
            test, first = _guarded(lowering, pattern.test, binds, case.guard)
            body = ()
        body = (*body, *block(case.body))
        if test is None:
            return (*first, *body)
        return (*first, If(test, body, tried(cases[1:]), origin))

    return (*needs, *tried(stmt.cases))


def _kept(lowering: Evaluation, subject: Expr, rebound: set[Var]) -> Expr:
    """``subject``, or each item of a tuple that is written out, such that it can be read again."""
    if isinstance(subject, Tuple) and not any(isinstance(i, Star) for i in subject.items):
        return Tuple(tuple(_kept(lowering, item, rebound) for item in subject.items))
    return lowering.saved(subject, lowering.before, rebound)


def _guarded(
    lowering: Evaluation,
    test: Expr | None,
    binds: Sequence[Stmt],
    guard: cst.BaseExpression,
) -> tuple[Expr, tuple[Stmt, ...]]:
    """The test of a pattern and its guard, which may read what the pattern binds."""

    def of_guard() -> Expr:
        lowering.before.extend(binds)
        return lowering.lower(guard)

    both = of_guard() if test is None else lowering.join("and", test, of_guard)
    return both, lowering.take()


@dataclass(slots=True)
class _Pattern:
    """The tests of a pattern and the names that it binds, as far as it was looked at."""

    lowering: Evaluation
    origin: Origin | None
    tests: list[Expr] = field(default_factory=list[Expr])
    binds: list[tuple[str, Expr]] = field(default_factory=list[tuple[str, Expr]])

    @property
    def test(self) -> Expr | None:
        """All tests as one; ``None`` if the pattern always matches."""
        if not self.tests:
            return None
        *first, last = self.tests
        return reduce(lambda right, left: BoolOp("and", left, right), reversed(first), last)

    def match(self, pattern: cst.MatchPattern, subject: Expr) -> None:
        """Look at ``pattern``, which is held against ``subject``."""
        match pattern:
            case cst.MatchAs(pattern=inner, name=name):
                if inner is not None:
                    self.match(inner, subject)
                if name is not None:
                    self.binds.append((name.value, subject))
            case cst.MatchValue(value=value):
                self._compare(cst.Equal, subject, self.lowering.lower(value))
            case cst.MatchSingleton(value=value):
                self._compare(cst.Is, subject, self.lowering.lower(value))
            case cst.MatchOr():
                self._any_of(pattern, subject)
            case cst.MatchSequence(patterns=patterns):
                self._sequence(patterns, subject)
            case cst.MatchMapping():
                self._mapping(pattern, subject)
            case cst.MatchClass():
                self._instance(pattern, subject)
            case _:
                raise self.lowering.refused(pattern)

    def _require(self, fn: Ref, *args: Expr) -> None:
        self.tests.append(Call(fn, args, origin=self.origin))

    def _compare(self, how: type[cst.CSTNode], left: Expr, right: Expr) -> None:
        self._require(operators.COMPARISON[how], left, right)

    def _any_of(self, pattern: cst.MatchOr, subject: Expr) -> None:
        if next(captured_names(pattern), None) is not None:
            raise self.lowering.refused(pattern, "match alternatives")
        found: list[Expr] = []
        for element in pattern.patterns:
            inner = _Pattern(self.lowering, self.origin)
            inner.match(element.pattern, subject)
            if inner.test is None:
                return
            found.append(inner.test)
        *first, last = found
        self.tests.append(
            reduce(lambda right, left: BoolOp("or", left, right), reversed(first), last)
        )

    def _sequence(
        self, patterns: Sequence[cst.MatchSequenceElement | cst.MatchStar], subject: Expr
    ) -> None:
        stars = [i for i, p in enumerate(patterns) if isinstance(p, cst.MatchStar)]
        items = len(patterns) - len(stars)
        length = cst.GreaterThanEqual if stars else cst.Equal
        if isinstance(subject, Tuple):
            enough = len(subject.items) >= items if stars else len(subject.items) == items
            if not enough:
                self.tests.append(Const(False))
                return
        else:
            self._require(_ISINSTANCE, subject, _SEQUENCES)
            self._require(NOT, Call(_ISINSTANCE, (subject, _STRINGS), origin=self.origin))
            self._compare(length, Call(LEN, (subject,), origin=self.origin), Const(items))
        at = stars[0] if stars else len(patterns)
        for i, pattern in enumerate(patterns):
            if isinstance(pattern, cst.MatchStar):
                if pattern.name is not None:
                    rest = self._between(subject, i, len(patterns) - 1 - i)
                    self.binds.append((pattern.name.value, rest))
            else:
                self.match(pattern.value, self._item(subject, i if i < at else i - len(patterns)))

    def _item(self, subject: Expr, i: int) -> Expr:
        if isinstance(subject, Tuple):
            return subject.items[i]
        return Call(GETITEM, (subject, Const(i)), origin=self.origin)

    def _between(self, subject: Expr, before: int, behind: int) -> Expr:
        """The list of all items but so many at either end."""
        if isinstance(subject, Tuple):
            return List(subject.items[before : len(subject.items) - behind])
        every = Call(LIST, (subject,), origin=self.origin)
        part = Slice(Const(before or None), Const(-behind or None), NONE)
        return Call(GETITEM, (every, part), origin=self.origin)

    def _mapping(self, pattern: cst.MatchMapping, subject: Expr) -> None:
        if pattern.rest is not None:
            raise self.lowering.refused(pattern, "match rest", name=pattern.rest.value)
        self._require(_ISINSTANCE, subject, _MAPPING)
        keys = [self.lowering.lower(element.key) for element in pattern.elements]
        for key in keys:
            self._compare(cst.In, subject, key)
        for key, element in zip(keys, pattern.elements, strict=True):
            self.match(element.pattern, Call(GETITEM, (subject, key), origin=self.origin))

    def _instance(self, pattern: cst.MatchClass, subject: Expr) -> None:
        found = self.lowering.lower(pattern.cls)
        cls = found.value if isinstance(found, Ref) else None
        if not isinstance(cls, type):
            raise self.lowering.refused(pattern, "match class")
        self._require(_ISINSTANCE, subject, found)
        inside = [element.value for element in pattern.patterns]
        if cls in _WHOLE and len(inside) == 1:
            self.match(inside[0], subject)
        else:
            names: Sequence[str] = getattr(cls, "__match_args__", ())
            if len(inside) > len(names):
                raise self.lowering.refused(pattern, "match class")
            for name, inner in zip(names, inside, strict=False):
                self.match(inner, Attr(subject, name))
        for element in pattern.kwds:
            self.match(element.pattern, Attr(subject, element.key.value))
