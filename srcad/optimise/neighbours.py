"""What is made for one statement stands beside it, so that it needs no name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from srcad.analysis.effects import is_mutable, is_pure
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.naming import is_derivative, is_temporary, same_name
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Do, Expr, Function, Ref, Stmt, Store, Var
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.refs import ADD, ADDING, SUB, refers_to
from srcad.ir.walk import (
    assigned_call,
    blocks,
    bound,
    mention_counts,
    mentioned,
    subexpressions,
    used,
    variables,
)
from srcad.types.iterators import takes_items
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["neighbours"]


def neighbours(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Move what makes a temporary down to the one statement that reads it, or that one up to it.

    Accepts and returns normal IR. `srcad.emit.renest` puts expressions where they are used, but
    takes all arrays for one: here it is known which of them a statement changes. What cannot go
    down because something that it reads changes on the way is what is added to an adjoint: if
    nobody looks at that adjoint in between, the sum goes up.
    """
    memory = memory_of(fn, types) if memory is None else memory
    body = _Run(types, memory, mention_counts(fn.body)).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


_REACH: Final = 40  # how many statements apart the two are looked for


def _sum(stmt: Stmt) -> tuple[Var, tuple[Var, ...], Var] | None:
    """The adjoint that ``stmt`` adds to or stores in, the variables of the index, and what."""
    match stmt:
        case AugAssign(Var() as b, index, op, Var() as t) if refers_to(op, ADDING):
            place: Expr = b if index is None else index
        case Store(Var() as b, index, Var() as t):
            place = index
        case Assign(Var() as b, Call() as call) if refers_to(call.fn, ADDING):
            match call.args:
                case (Var() as old, Var() as t) if old is b:
                    place = b
                case _:
                    return None
        case _:
            return None
    return (b, variables(place), t) if is_derivative(b) and b != t else None


class _Run:
    def __init__(
        self, types: Mapping[Var, Type], memory: Memory, mentions: Mapping[Var, int]
    ) -> None:
        self.types = types
        self.memory = memory
        self.mentions = mentions

    def block(self, block: Block) -> Block:
        out = [map_blocks(stmt, self.block) for stmt in block]
        for at in range(len(out) - 1, -1, -1):
            self._up(out, at)
        last: dict[Var, int] = {}
        for stmt in out:
            last.update(dict.fromkeys(mentioned(stmt), id(stmt)))
        ends: dict[int, set[Var]] = {}
        for var, end in last.items():
            ends.setdefault(end, set()).add(var)
        for at in range(len(out) - 1, -1, -1):
            self._down(out, at, ends)
        return same_or_new(block, out)

    def _made(self, stmt: Stmt) -> tuple[Var, Call] | None:
        """The temporary that ``stmt`` makes for one reader, and its value."""
        made = assigned_call(stmt)
        if made is None:
            return None
        t, call = made
        if not (is_temporary(t) and self.mentions[t] == 2 and is_pure(call)):
            return None
        shared = Call in map(type, call.args)
        shared = shared or any([is_mutable(e.value) for e in call.args if isinstance(e, Ref)])
        return None if shared or takes_items(stmt, self.types) else made

    def _is_own(self, var: Var) -> bool:
        """Whether ``var`` may be an array that the function made."""
        t = self.types.get(var)
        if isinstance(t, Array):
            return t.ndim > 0 and self.memory.objects(var).isdisjoint(self.memory.outside)
        return not isinstance(t, Scalar)

    def _is_kept(self, call: Call, stmt: Stmt) -> bool:
        """Whether ``call`` gives after ``stmt`` what it gives before."""
        operands = {e for e in subexpressions(call) if isinstance(e, Var)}
        if not operands.isdisjoint(bound(stmt)):
            return False
        touched = self.memory.touched(stmt)
        return not touched or all(touched.isdisjoint(self.memory.objects(v)) for v in operands)

    def _down(self, out: list[Stmt], at: int, ends: Mapping[int, set[Var]]) -> None:
        """Move what ``out[at]`` makes down to its reader, past what changes other arrays.

        No array of the function's own is to live longer for it: others may take its place. By
        statement, ``ends`` are the variables that are not mentioned any more.
        """
        if (made := self._made(out[at])) is None:
            return
        t, call = made
        if call.fn in (ADD, SUB) and any(
            is_derivative(v) and same_name(v, t) for v in used(out[at])
        ):
            return  # a sum that goes on, statement by statement
        own = {v for v in variables(call) if self._is_own(v)}
        if not own.isdisjoint(ends.get(id(out[at]), ())):
            return
        needed = False
        for k in range(at + 1, min(len(out), at + _REACH)):
            stmt = out[k]
            if t in used(stmt):
                if needed and not blocks(stmt):
                    out.insert(k - 1, out.pop(at))
                return
            if blocks(stmt) or not self._is_kept(call, stmt):
                return
            if not own.isdisjoint(ends.get(id(stmt), ())):
                return
            needed = needed or isinstance(stmt, (AugAssign, Store, Do))

    def _up(self, out: list[Stmt], at: int) -> None:
        """Move the sum ``out[at]`` up to what it adds, if that cannot come down to it."""
        stmt = out[at]
        found = _sum(stmt)
        if found is None or self.mentions[found[2]] != 2:
            return
        b, index, t = found
        objects = self.memory.objects(b)
        if isinstance(self.types.get(b), Array) and not objects:
            return
        if not objects.isdisjoint(self.memory.outside | self.memory.objects(t)):
            return
        between: list[Stmt] = []
        for k in range(at - 1, max(-1, at - _REACH), -1):
            before = out[k]
            if t in bound(before):
                made = self._made(before)
                if made is not None and not all(self._is_kept(made[1], s) for s in between):
                    origin = getattr(before, "origin", None)
                    del out[at]
                    out.insert(k + 1, replace(stmt, origin=origin))  # pyright: ignore[reportCallIssue]  # both forms of a sum have an origin
                return
            if blocks(before) or b in used(before) or not {b, *index}.isdisjoint(bound(before)):
                return
            seen = {o for v in (*used(before), *bound(before)) for o in self.memory.objects(v)}
            places = {o for v in index for o in self.memory.objects(v)}
            if not objects.isdisjoint(seen) or not places.isdisjoint(self.memory.touched(before)):
                return
            between.append(before)
