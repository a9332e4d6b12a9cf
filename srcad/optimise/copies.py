"""Copies: ``b = a`` makes two names of one object, of which one is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Break,
    Call,
    Const,
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
from srcad.ir.walk import blocks, bound, map_expr, map_stmt, statements, used, variables
from srcad.optimise.naming import is_users, prefers
from srcad.types.lattice import Array, Type

__all__ = ["propagate_copies", "rebound", "substitute"]

_REACH = 40  # how many statements back a definition is looked for, so that the pass stays linear


def propagate_copies(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Read the original in place of a copy, and compute values where they are wanted.

    Accepts and returns normal IR. After ``b = a``, ``a`` is read in place of ``b`` (or ``b`` in
    place of ``a``, whichever name the reader knows better) until either is bound anew. What is
    made in ``t`` only to be copied into ``x`` is made in ``x``. The copies that nobody reads any
    more are left to `dead_code`, but for those that say ``x = x``.
    """
    fn = replace(fn, body=_Propagation(types).block(fn.body))
    counts: Counter[Var] = Counter(v for stmt in statements(fn.body) for v in _mentions(stmt))
    counts.update(p.var for p in fn.params)
    return replace(fn, body=_join(fn.body, counts))


def rebound(stmt: Stmt, types: Mapping[Var, Type]) -> tuple[Var, ...]:
    """The variables that ``stmt`` may bind anew itself: an array's ``x += y`` binds none."""
    match stmt:
        case AugAssign(Var() as obj, None, _, _):
            t = types.get(obj)
            # What has no axes may be a NumPy scalar, which cannot be changed in place.
            return () if isinstance(t, Array) and t.ndim > 0 else (obj,)
        case _:
            return bound(stmt)


def substitute(expr: Expr, new: Mapping[Var, Expr]) -> Expr:
    """``expr`` with variables replaced; the same object where there is nothing to replace."""
    match expr:
        case Var():
            return new.get(expr, expr)
        case Const() | Ref():
            return expr
        case Call(fn, args, ()) if isinstance(fn, Ref):
            after = tuple([substitute(a, new) for a in args])
            if all(a is b for a, b in zip(args, after, strict=True)):
                return expr
            return Call(fn, after, (), expr.spell, expr.origin)
        case _:
            return map_expr(expr, lambda part: substitute(part, new))


class _Propagation:
    """The copies that hold at the present point of a walk in textual order."""

    def __init__(self, types: Mapping[Var, Type]) -> None:
        self.types = types
        self.copy: dict[Var, Expr] = {}
        self.copied: dict[Var, set[Var]] = {}

    def block(self, block: Block) -> Block:
        return tuple(stmt for old in block if (stmt := self.stmt(old)) is not None)

    def stmt(self, stmt: Stmt) -> Stmt | None:
        match stmt:
            case If(test, then, orelse):
                test = self.read(test)
                before = dict(self.copy)
                then = self.block(then)
                self._restart(before)
                orelse = self.block(orelse)
                self._restart(before)
                self._forget_in((then, orelse))
                return replace(stmt, test=test, then=then, orelse=orelse)
            case For(target, iterable, body, orelse):
                iterable = self.read(iterable)
                self._forget(variables(target))
                self._forget_in((body, orelse))
                before = dict(self.copy)
                body = self.block(body)
                self._restart(before)
                orelse = self.block(orelse)
                self._restart(before)
                return replace(stmt, iter=iterable, body=body, orelse=orelse)
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
                return replace(stmt, header=header, test=test, body=body, orelse=orelse)
            case _ if not self.copy:
                pass
            case Assign(_, value):
                if (new := self.read(value)) is not value:
                    stmt = replace(stmt, value=new)
            case AugAssign(Var(), None, _, value) if rebound(stmt, self.types):
                stmt = replace(stmt, value=self.read(value))
            case _:
                stmt = map_stmt(stmt, self.read)
        if isinstance(stmt, Assign) and stmt.target == stmt.value:
            return None
        self._forget(rebound(stmt, self.types))
        match stmt:
            case Assign(Var() as b, Var() as a) if prefers(a, b):
                self._learn(b, a)
            case Assign(Var() as b, Var() as a) if prefers(b, a):
                self._learn(a, b)
            case Assign(Var() as b, Const() | Ref() as a) if not is_users(b) and _short(a):
                self._learn(b, a)
            case _:
                pass
        return stmt

    def read(self, expr: Expr) -> Expr:
        return substitute(expr, self.copy)

    def _learn(self, b: Var, a: Expr) -> None:
        self.copy[b] = a
        if isinstance(a, Var):
            self.copied.setdefault(a, set()).add(b)

    def _forget(self, changed: Iterable[Var]) -> None:
        for var in changed:
            self.copy.pop(var, None)
            for b in self.copied.pop(var, ()):
                if self.copy.get(b) == var:
                    del self.copy[b]

    def _forget_in(self, inner: Iterable[Block]) -> None:
        if self.copy:
            for block in inner:
                for stmt in statements(block):
                    self._forget(rebound(stmt, self.types))

    def _restart(self, before: dict[Var, Expr]) -> None:
        self.copy = dict(before)
        self.copied = {}
        for b, a in before.items():
            if isinstance(a, Var):
                self.copied.setdefault(a, set()).add(b)


def _short(a: Const | Ref) -> bool:
    return isinstance(a, Ref) or not isinstance(a.value, str | bytes)


# --- values made in a temporary and copied once --------------------------------------------------


def _mentions(stmt: Stmt) -> tuple[Var, ...]:
    match stmt:
        case Assign(Var() as target, Call(Ref(), args, ())) if _are_atoms(args):
            return (*[a for a in args if isinstance(a, Var)], target)
        case _:
            return (*used(stmt), *bound(stmt))


def _are_atoms(args: tuple[Expr, ...]) -> bool:
    return all(isinstance(a, Var | Const | Ref) for a in args)


@dataclass(slots=True)
class _Done:
    """A rewritten statement with the variables that it mentions, those of its blocks included."""

    stmt: Stmt
    mentions: list[Var]
    leaves: bool

    @staticmethod
    def of(stmt: Stmt) -> _Done:
        found = list(_mentions(stmt))
        leaves = isinstance(stmt, Break | Return | Raise)
        if inner := blocks(stmt):
            for s in (s for b in inner for s in statements(b)):
                found.extend(_mentions(s))
                leaves |= isinstance(s, Break | Return | Raise)
        return _Done(stmt, found, leaves)

    def rename(self, t: Var, x: Var) -> None:
        if t in self.mentions:
            self.stmt = _rename(self.stmt, t, x)
            self.mentions = [x if v == t else v for v in self.mentions]


def _join(block: Block, counts: dict[Var, int]) -> Block:
    """Where ``t`` is made, then copied into ``x`` and never mentioned again, make ``x``."""
    done: list[_Done] = []
    for old in block:
        stmt = map_stmt(old, _same, lambda b: _join(b, counts)) if blocks(old) else old
        match stmt:
            case Assign(Var() as x, Var() as t) if prefers(x, t) and x != t:
                start = _start(done, x, t, counts[t] - 1)
                if start is not None:
                    for made in done[start:]:
                        made.rename(t, x)
                    counts[x] += counts[t] - 2
                    continue
            case _:
                pass
        done.append(_Done.of(stmt))
    return tuple(made.stmt for made in done)


def _same(expr: Expr) -> Expr:
    return expr


def _start(done: list[_Done], x: Var, t: Var, mentions: int) -> int | None:
    """The place of the statement that first makes ``t``, if ``x`` can be made there instead."""
    for i in range(len(done) - 1, max(-1, len(done) - 1 - _REACH), -1):
        this = done[i]
        mentions -= this.mentions.count(t)
        if mentions == 0:
            stmt = this.stmt
            alone = isinstance(stmt, Assign | Unpack) and x not in bound(stmt)
            fine = alone or (x not in this.mentions and not this.leaves)
            return i if fine and _makes_first(stmt, t) else None
        if this.leaves or x in this.mentions:
            return None
    return None


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
        if any(t in _mentions(s) for s in statements((stmt,))):
            return False
    return False


def _rename(stmt: Stmt, t: Var, x: Var) -> Stmt:
    new = {t: x}

    def block(b: Block) -> Block:
        return tuple(_rename(s, t, x) for s in b)

    stmt = map_stmt(stmt, lambda expr: substitute(expr, new), block)
    match stmt:
        case Assign(Var() as target, _) if target == t:
            return replace(stmt, target=x)
        case Unpack(targets, _) if t in targets:
            return replace(stmt, targets=tuple(x if v == t else v for v in targets))
        case For(Var() as target, _, _, _) if target == t:
            return replace(stmt, target=x)
        case _:
            return stmt
