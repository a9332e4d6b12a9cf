"""Copies: ``b = a`` makes two names of one object, of which one is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Final

from srcad.ir.naming import is_better, is_users, prefers
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    Raise,
    Ref,
    Return,
    Stmt,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import (
    changed,
    map_block,
    map_blocks,
    map_stmt,
    renamed,
    same_or_new,
    substituted,
)
from srcad.ir.refs import APPEND, COPY, refers_to
from srcad.ir.walk import (
    assigned_call,
    bound,
    inside,
    mention_counts,
    mentioned,
    statements,
    used,
    variables,
)
from srcad.types.lattice import Array, ListOf, Type

__all__ = ["copied_array", "made_in_place", "propagate_copies", "rebound"]

_COPY: Final[frozenset[object]] = frozenset({COPY.value})
_LEAVING: Final[frozenset[type]] = frozenset({Break, Return, Raise})
_REACH = 40  # how many statements back a definition is looked for


def propagate_copies(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Read the original in place of a copy, and compute values where they are wanted.

    Accepts and returns normal IR. After ``b = a``, ``a`` is read in place of ``b`` (or ``b`` in
    place of ``a``, whichever name the reader knows better) until either is bound anew. What is
    made in ``t`` only to be copied into ``x`` is made in ``x``. The copies that nobody reads any
    more are left to `dead_code`, but for those that say ``x = x``.
    """
    body = _Propagation(types, fn.body).block(fn.body)
    return made_in_place(fn if body is fn.body else replace(fn, body=body))


def made_in_place(fn: Function) -> Function:
    """Make in ``x`` what is made in ``t`` only to be copied into ``x``."""
    counts = mention_counts(fn.body)
    counts.update(p.var for p in fn.params)
    body = _join(fn.body, counts)
    return fn if body is fn.body else replace(fn, body=body)


def rebound(stmt: Stmt, types: Mapping[Var, Type]) -> tuple[Var, ...]:
    """The variables that ``stmt`` may bind anew itself: an array's ``x += y`` binds none."""
    if type(stmt) is AugAssign and isinstance(stmt.obj, Var) and stmt.index is None:
        t = types.get(stmt.obj)
        # What has no axes may be a NumPy scalar, which cannot be changed in place.
        return () if isinstance(t, Array) and t.ndim > 0 else (stmt.obj,)
    return bound(stmt)


def copied_array(stmt: Stmt) -> tuple[Var, Var] | None:
    """``x`` and ``y`` of ``x = y.copy()``."""
    made = assigned_call(stmt)
    if made is None or not refers_to(made[1].fn, _COPY) or made[1].kwargs:
        return None
    match made[1].args:
        case (Var() as y,):
            return made[0], y
        case _:
            return None


class _Propagation:
    """The copies that hold at the present point of a walk in textual order."""

    def __init__(self, types: Mapping[Var, Type], whole: Block) -> None:
        self.types = types
        self._whole = whole
        self.copy: dict[Var, Expr] = {}
        self.copied: dict[Var, set[Var]] = {}

    @cached_property
    def _updated(self) -> frozenset[Var]:
        """The arrays that are added to item by item."""
        return frozenset(
            s.obj
            for s in statements(self._whole)
            if isinstance(s, AugAssign) and s.index is not None and isinstance(s.obj, Var)
        )

    def grows(self, xs: Var) -> bool:
        """Whether the list is appended to under this name."""
        return any(
            stmt.call.args[0] == xs
            for stmt in statements(self._whole)
            if isinstance(stmt, Do) and isinstance(stmt.call, Call) and stmt.call.fn == APPEND
        )

    def block(self, block: Block) -> Block:
        new = [self.stmt(old) for old in block]
        return same_or_new(block, [stmt for stmt in new if stmt is not None])

    def stmt(self, stmt: Stmt) -> Stmt | None:
        """``stmt`` with copies read through; ``None`` for ``x = x``."""
        if isinstance(stmt, Assign):
            return self._assign(stmt)
        match stmt:
            case If(test, then, orelse):
                test = self.read(test)
                before = dict(self.copy)
                then = self.block(then)
                self._restart(before)
                orelse = self.block(orelse)
                self._restart(before)
                self._forget_in((then, orelse))
                return changed(stmt, test=test, then=then, orelse=orelse)
            case For(target, iterable, body, orelse):
                iterable = self.read(iterable)
                self._forget(variables(target))
                self._forget_in((body, orelse))
                before = dict(self.copy)
                body = self.block(body)
                self._restart(before)
                orelse = self.block(orelse)
                self._restart(before)
                return changed(stmt, iter=iterable, body=body, orelse=orelse)
            case While(header, test, body, orelse):
                self._forget_in((header, body, orelse))
                header = self.block(header)
                before = dict(self.copy)
                test = self.read(test)
                body = self.block(body)
                self._restart(before)
                orelse = self.block(orelse)
                self._restart(before)
                self._forget_in((body, orelse))
                return changed(stmt, header=header, test=test, body=body, orelse=orelse)
            case AugAssign(Var(), None, _, value) if rebound(stmt, self.types):
                stmt = changed(stmt, value=self.read(value))
            case _:
                stmt = map_stmt(stmt, self.read)
        self._forget(rebound(stmt, self.types))
        return stmt

    def _assign(self, stmt: Assign) -> Assign | None:
        value = self.read(stmt.value)
        if stmt.target is value:
            return None
        if value is not stmt.value:
            stmt = changed(stmt, value=value)
        self._forget(bound(stmt))
        if isinstance(value, Call):
            return stmt
        match stmt.target, value:
            case Var() as b, Var() as a if isinstance(self.types.get(a), ListOf) and self.grows(b):
                pass  # a list is grown under one name only
            case Var() as b, Var() as a if is_better(b, a) and b in self._updated:
                self._learn(a, b)
            case Var() as b, Var() as a if prefers(a, b):
                self._learn(b, a)
            case Var() as b, Var() as a if prefers(b, a):
                self._learn(a, b)
            case Var() as b, Const() | Ref() as a if not is_users(b) and _short(a):
                self._learn(b, a)
            case _:
                pass
        return stmt

    def read(self, expr: Expr) -> Expr:
        return substituted(expr, self.copy) if self.copy else expr

    def _learn(self, b: Var, a: Expr) -> None:
        self.copy[b] = a
        if isinstance(a, Var):
            self.copied.setdefault(a, set()).add(b)

    def _forget(self, changed: Iterable[Var]) -> None:
        if not self.copy:
            return
        for var in changed:
            self.copy.pop(var, None)
            for b in self.copied.pop(var, ()):
                if self.copy.get(b) == var:
                    del self.copy[b]

    def _forget_in(self, inner: Iterable[Block]) -> None:
        if self.copy:
            stmts = chain.from_iterable(map(statements, inner))
            self._forget({v for s in stmts for v in rebound(s, self.types)})

    def _restart(self, before: dict[Var, Expr]) -> None:
        self.copy = dict(before)
        self.copied = {}
        for b, a in before.items():
            if isinstance(a, Var):
                self.copied.setdefault(a, set()).add(b)


def _short(a: Const | Ref) -> bool:
    return isinstance(a, Ref) or not isinstance(a.value, (str, bytes))


# --- values made in a temporary and copied once --------------------------------------------------


def _join(block: Block, counts: Counter[Var]) -> Block:
    """Where ``t`` is made, then copied into ``x`` and never mentioned again, make ``x``.

    ``counts`` tells how often each variable is mentioned in the whole function.
    """
    copies = {id(s): pair for s in block if (pair := _wanted_copy(s)) is not None}
    if not copies:
        return map_block(block, lambda s: map_blocks(s, lambda inner: _join(inner, counts)))
    done = _Done(frozenset(var for pair in copies.values() for var in pair))
    for old in block:
        if (pair := copies.get(id(old))) is not None:
            x, t = pair
            if done.can_make(x, t, counts[t] - 1):
                done.rename(t, x)
                counts[x] += counts[t] - 2
                continue
        done.add(map_blocks(old, lambda inner: _join(inner, counts)))
    return same_or_new(block, done.stmts)


def _wanted_copy(stmt: Stmt) -> tuple[Var, Var] | None:
    """``x`` and ``t`` of ``x = t``, where the name ``x`` may stand for ``t``."""
    if not (isinstance(stmt, Assign) and isinstance(stmt.value, Var)):
        return None
    x, t = stmt.target, stmt.value
    return (x, t) if isinstance(x, Var) and x != t and prefers(x, t) else None


class _Done:
    """The rewritten statements of a block, and at which of them ``asked`` are mentioned."""

    def __init__(self, asked: frozenset[Var]) -> None:
        self._asked = asked
        self.stmts: list[Stmt] = []
        self._places: dict[Var, list[int]] = {}
        self._leaves = -1  # the last place from which the block may be left

    def add(self, stmt: Stmt) -> None:
        place = len(self.stmts)
        self.stmts.append(stmt)
        for var in mentioned(stmt):
            if var in self._asked:
                self._places.setdefault(var, []).append(place)
        if type(stmt) in _LEAVING or not _LEAVING.isdisjoint(map(type, inside(stmt))):
            self._leaves = place

    def can_make(self, x: Var, t: Var, mentions: int) -> bool:
        """Whether ``x`` can be made where ``t`` first is, if ``t`` is mentioned so many times."""
        places = self._places.get(t, ())
        if len(places) != mentions or not places or places[0] < len(self.stmts) - _REACH:
            return False
        first, of_x = places[0], self._places.get(x, (-1,))
        stmt = self.stmts[first]
        if max(self._leaves, of_x[-1]) > first or not _makes_first(stmt, t):
            return False
        alone = isinstance(stmt, (Assign, Unpack)) and x not in bound(stmt)
        return alone or max(self._leaves, of_x[-1]) < first

    def rename(self, t: Var, x: Var) -> None:
        """Call ``t`` ``x`` from now on."""
        places = self._places.pop(t)
        for place in dict.fromkeys(places):
            (self.stmts[place],) = renamed((self.stmts[place],), {t: x})
        self._places.setdefault(x, []).extend(places)


def _makes_first(stmt: Stmt, t: Var) -> bool:
    """Whether ``stmt`` surely makes ``t`` before it reads it."""
    match stmt:
        case Assign() | Unpack():
            return bound(stmt).count(t) == 1 and t not in used(stmt)
        case If(_, then, orelse):
            return t not in used(stmt) and _makes(then, t) and _makes(orelse, t)
        case _:
            return False


def _makes(block: Block, t: Var) -> bool:
    for stmt in block:
        if _makes_first(stmt, t):
            return True
        if t in mention_counts((stmt,)):
            return False
    return False
