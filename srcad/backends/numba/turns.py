"""Loops whose turns know nothing of each other: what they compute is computed where it is read.

In a sum over independent terms the forward sweep does nothing but record, turn by turn, what the
same turn of the backward sweep reads. One loop can do both, and nothing is recorded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from srcad.analysis.effects import is_pure
from srcad.backends.numba.draft import Draft
from srcad.backends.numba.items import fresh_arrays
from srcad.backends.numba.records import Uses, record_uses
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    Ref,
    Stmt,
    Store,
    Unpack,
    Var,
)
from srcad.ir.rebuild import copied, renamed
from srcad.ir.refs import LIST_APPEND, LIST_POP, RANGE, REVERSED
from srcad.ir.walk import bound, may_break, statements, used, variables
from srcad.optimise.copies import propagate_copies
from srcad.optimise.dead import dead_code
from srcad.types.lattice import Array, Scalar

__all__ = ["join_turns"]


def join_turns(fn: Function, draft: Draft) -> Function:
    """Run in the backward sweep of ``fn`` the loops of the forward sweep that only record.

    Accepts and returns normal IR.
    """
    before = fn
    uses = record_uses(fn.body)
    for first in fn.body:
        if isinstance(first, For):
            second = _reverse_of(first, fn.body)
            if second is not None:
                fn = _Joining(fn, first, second, uses, draft).run()
    if fn is before:
        return fn
    return dead_code(propagate_copies(fn, draft.types), draft.types)


def _reverse_of(first: For, body: Block) -> For | None:
    """The loop of ``body`` that goes through the range of ``first`` backwards."""
    if not (isinstance(first.iter, Call) and first.iter.fn == RANGE):
        return None
    found = [
        stmt
        for stmt in body
        if isinstance(stmt, For)
        and isinstance(stmt.iter, Call)
        and stmt.iter.fn == REVERSED
        and stmt.iter.args == (first.iter,)
    ]
    for loop in (first, *found):
        if loop.orelse or may_break(loop.body) or not isinstance(loop.target, Var):
            return None
    return found[0] if len(found) == 1 else None


class _Unsuited(Exception):
    """The forward loop has to stay."""


@dataclass(slots=True)
class _Turn:
    """What a turn of the forward loop computes, and what it records: the operand, by record."""

    body: list[Assign] = field(default_factory=list[Assign])
    records: dict[Var, Var | Const] = field(default_factory=dict[Var, Var | Const])


@dataclass(frozen=True, slots=True)
class _Definition:
    target: Var
    stmt: Stmt


class _Joining:
    """Two loops of a function on the way to one."""

    def __init__(
        self, fn: Function, first: For, second: For, uses: dict[Var, Uses], draft: Draft
    ) -> None:
        self.fn, self.first, self.second = fn, first, second
        self.uses, self.draft = uses, draft

    def run(self) -> Function:
        """The function with one loop; as it was, if that may not be."""
        try:
            turn = self._turn()
            self._check_reads(turn)
            joined = self._joined(turn)
        except _Unsuited:
            return self.fn
        made = {id(self.uses[record].made[0].stmt) for record in turn.records}
        body = tuple(
            joined if stmt is self.second else stmt
            for stmt in self.fn.body
            if stmt is not self.first and id(stmt) not in made
        )
        return replace(self.fn, body=body)

    def _turn(self) -> _Turn:
        """The statements of the forward loop, each of which computes something or records it."""
        turn = _Turn()
        binds = Counter(v for s in statements(self.first.body) for v in bound(s))
        done: set[Var] = set()
        for stmt in self.first.body:
            match stmt:
                case Do(Call(Ref(_, f), (Var() as record, Var() | Const() as item))) if (
                    f is LIST_APPEND
                ):
                    self._check_record(record)
                    turn.records[record] = item
                case Assign(Var() as var, item) if binds[var] == 1 and _is_pure(item):
                    turn.body.append(stmt)
                case _:
                    raise _Unsuited
            # What an earlier turn left is known only when the turns come in their order.
            if any(binds[v] and v not in done for v in variables(item)):
                raise _Unsuited
            done.update(bound(stmt))
        if not turn.records or self.first.target in binds:
            raise _Unsuited
        return turn

    def _check_record(self, record: Var) -> None:
        uses = self.uses.get(record)
        if uses is None or uses.escapes or uses.tested:
            raise _Unsuited
        if not (len(uses.made) == len(uses.pushed) == len(uses.popped) == 1):
            raise _Unsuited
        if uses.popped[0].block is not self.second.body or uses.made[0].block is not self.fn.body:
            raise _Unsuited

    def _check_reads(self, turn: _Turn) -> None:
        """See that all that a turn reads is the same in the turn of the backward loop."""
        at = next(i for i, s in enumerate(self.fn.body) if s is self.first)
        end = next(i for i, s in enumerate(self.fn.body) if s is self.second)
        later = list(statements(self.fn.body[at + 1 : end + 1]))
        if end < at:
            raise _Unsuited
        own = {v for stmt in turn.body for v in bound(stmt)}
        outer = {v for stmt in self.first.body for v in used(stmt)} - own - turn.records.keys()
        outer.discard(self._target)
        if any(v in outer for stmt in later for v in bound(stmt)):
            raise _Unsuited
        fresh = fresh_arrays(self.fn)
        rebound = {v for s in statements(self.fn) for v in bound(s)}
        steady = fresh | ({p.var for p in self.fn.params} - rebound)
        changed: set[Expr] = {
            s.obj for s in statements(self.fn) if isinstance(s, Store | AugAssign)
        }
        for var in outer:
            t = self.draft.type_of(var)
            if isinstance(t, Array):
                if var not in steady or var in changed:
                    raise _Unsuited
            elif not isinstance(t, Scalar):
                raise _Unsuited
        if any(not self._is_harmless(stmt, fresh) for stmt in later):
            raise _Unsuited

    @property
    def _target(self) -> Var:
        assert isinstance(self.first.target, Var)
        return self.first.target

    def _is_harmless(self, stmt: Stmt, fresh: set[Var]) -> bool:
        """Whether ``stmt`` changes at most arrays that have one name."""
        match stmt:
            case Store(obj, _, _) | AugAssign(obj, _, _, _):
                return obj in fresh
            case Do(Call(Ref(_, f), (Var() as record, _))):
                return f is LIST_APPEND and record in self.uses
            case Do():
                return False
            case Assign(_, Call() as value) | Unpack(_, Call() as value):
                return is_pure(value) or (isinstance(value.fn, Ref) and value.fn.value is LIST_POP)
            case _:
                return True

    def _joined(self, turn: _Turn) -> For:
        """The backward loop, each turn of which begins with what the forward loop computes."""
        body = self.second.body
        binds = Counter(v for s in statements(body) for v in bound(s))
        read = Counter(v for s in statements(self.fn) for v in used(s))
        read.subtract(v for s in statements((self.first,)) for v in used(s))
        assert isinstance(self.second.target, Var)
        names = {self._target: self.second.target}
        if binds[self.second.target] or (read[self._target] and self._target not in names.values()):
            raise _Unsuited
        dropped: set[int] = set()
        for stmt in turn.body:
            var = stmt.target
            assert isinstance(var, Var)
            again = self._again(stmt, turn, names)
            if (
                again is not None
                and binds[again.target] == 1
                and self._is_bound_first(again.target)
            ):
                names[var] = again.target
                dropped.add(id(again.stmt))
            elif binds[var]:
                names[var] = self.draft.fresh(var.base, self.draft.type_of(var))
            if read[var] and not (binds[var] and self._is_bound_first(var)):
                raise _Unsuited
        out: list[Stmt] = [*copied(renamed(tuple(turn.body), names))]
        for stmt in body:
            match stmt:
                case _ if id(stmt) in dropped:
                    pass
                case Assign(_, Call(Ref(_, f), (Var() as record,))) if (
                    f is LIST_POP and record in turn.records
                ):
                    item = turn.records[record]
                    value = names.get(item, item) if isinstance(item, Var) else item
                    out.append(replace(stmt, value=value))
                case _:
                    out.append(stmt)
        return replace(self.second, body=tuple(out))

    def _is_bound_first(self, var: Var) -> bool:
        """Whether a turn of the backward loop has no use for what ``var`` was before it."""
        for stmt in self.second.body:
            if any(v == var for s in statements((stmt,)) for v in used(s)):
                return False
            if var in bound(stmt):
                return True
        return True

    def _again(self, stmt: Assign, turn: _Turn, names: dict[Var, Var]) -> _Definition | None:
        """What gives a variable of the backward loop the value that ``stmt`` gives to its own."""
        (here,) = renamed((stmt,), names)
        assert isinstance(here, Assign)
        for other in self.second.body:
            match other:
                case Assign(Var() as target, Call(Ref(_, f), (Var() as record,))) if f is LIST_POP:
                    same = turn.records.get(record) == stmt.target
                case Assign(Var() as target, value):
                    same = value == here.value
                case _:
                    continue
            if same:
                return _Definition(target, other)
        return None


def _is_pure(value: Expr) -> bool:
    return not isinstance(value, Call) or (isinstance(value.fn, Ref) and is_pure(value))
