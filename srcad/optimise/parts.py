"""A part of an adjoint that is computed from itself is updated in place: ``b[i] *= v``."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.naming import is_derivative, is_users
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    Function,
    Ref,
    Stmt,
    Store,
    Var,
)
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import GETITEM
from srcad.ir.walk import bound, mention_counts, statements, variables
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type, ndim_of
from srcad.types.operands import operand_type

__all__ = ["updated_parts"]


def updated_parts(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> Function:
    """``b[i] *= v`` for ``t = b[i]``, ``s = t * v``, ``b[i] = s``; likewise sums and quotients.

    Accepts and returns normal IR. All are in one block, and in between nothing changes ``b``, ``i``
    or ``v``. What the user stores stays as the user wrote it.
    """
    if not any(_stored(s) for s in statements(fn)):
        return fn
    run = _Run(types, memory_of(fn, types) if memory is None else memory, mention_counts(fn.body))
    body = run.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


_OPERATORS: Final = (operator.add, operator.sub, operator.mul, vars(operator)["truediv"])
_COMMUTATIVE: Final = (operator.add, operator.mul)
_ALL: Final = Const(Ellipsis)
_REACH: Final = 40  # how many statements back the value is looked for


def _stored(stmt: Stmt) -> tuple[Var, Expr, Var] | None:
    if not isinstance(stmt, Store):
        return None
    match stmt.obj, stmt.value:
        case Var() as b, Var() as s if is_derivative(b) and not is_users(s):
            return b, stmt.index, s
        case _:
            return None


class _Run:
    def __init__(self, types: Mapping[Var, Type], memory: Memory, mentions: Counter[Var]) -> None:
        self.types = types
        self.memory = memory
        self.mentions = mentions

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        found = False
        for stmt in block:
            place = _stored(stmt)
            if place is not None and (update := self._update(stmt, *place, out)) is not None:
                found = True
                out.append(update)
                continue
            inner = map_blocks(stmt, self.block)
            found = found or inner is not stmt
            out.append(inner)
        return tuple(out) if found else block

    def _update(
        self, stmt: Stmt, b: Var, index: Expr, s: Var, before: list[Stmt]
    ) -> AugAssign | None:
        """The update that ``b[index] = s`` is; what it needs no more goes from ``before``."""
        if not isinstance(self.types.get(b), Array) or self.mentions[s] != 2:
            return None
        at = self._made(s, before, {b, *variables(index)})
        match before[at] if at is not None else None:
            case Assign(_, Call(Ref(_, op) as ref, (x, y), ())) if op in _OPERATORS:
                pass
            case _:
                return None
        assert at is not None
        for part, other in ((x, y), (y, x)):
            if part is y and (op not in _COMMUTATIVE or x == y):
                continue
            if not isinstance(part, Var) or not self._fits(part, other):
                continue
            of = self._is_part(part, b, index, before, at)
            if of is None or not self._is_kept(other, before[at + 1 :]):
                continue
            del before[at]
            self.mentions[part] -= 1
            if of >= 0 and self.mentions[part] == 1:
                del before[of]
            return AugAssign(b, None if index == _ALL else index, ref, other, stmt.origin)
        return None

    def _made(self, var: Var, before: list[Stmt], kept: set[Var]) -> int | None:
        """Where ``var`` is made, if nothing binds ``kept`` or changes their memory afterwards."""
        objects = {o for v in kept for o in self.memory.objects(v)}
        for at in range(len(before) - 1, max(-1, len(before) - _REACH), -1):
            if var in bound(before[at]):
                return at
            for stmt in statements((before[at],)):
                if not kept.isdisjoint(bound(stmt)):
                    return None
                if not self.memory.touched(stmt).isdisjoint(objects):
                    return None
        return None

    def _is_part(self, part: Var, b: Var, index: Expr, before: list[Stmt], at: int) -> int | None:
        """Where ``part = b[index]`` is, as it is still at ``at``; -1 where ``part`` is ``b``."""
        if part == b:
            return -1 if index == _ALL else None
        place = self._made(part, before[:at], {b, *variables(index)})
        if place is None:
            return None
        stmt = before[place]
        whole = Call(GETITEM, (b, index))
        return place if isinstance(stmt, Assign) and stmt.value == whole else None

    def _is_kept(self, other: Expr, after: list[Stmt]) -> bool:
        """Whether ``other`` is at the end of ``after`` what it was before."""
        if not isinstance(other, Var):
            return True
        objects = self.memory.objects(other)
        return not any(
            other in bound(s) or not self.memory.touched(s).isdisjoint(objects)
            for s in statements(tuple(after))
        )

    def _fits(self, part: Var, other: Expr) -> bool:
        """Whether ``part op other`` surely is of no more axes than ``part``."""
        mine, its = self.types.get(part, UNKNOWN), operand_type(other, self.types)
        if not (isinstance(mine, (Array, Scalar)) and isinstance(its, (Array, Scalar))):
            return False
        m, n = ndim_of(mine), ndim_of(its)
        return m is not None and n is not None and n <= m and mine.dtype.kind in "fc"
