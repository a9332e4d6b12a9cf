"""What is added to a part of an adjoint that is zero so far is stored there."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from srcad.analysis.indices import apart
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.naming import is_derivative
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
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import ADD, ADDING, MUL, NEG, SUB, ZEROS, refers_to
from srcad.ir.walk import blocks, bound, mention_counts, statements, used, variables
from srcad.kinds import among
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["stored_sums"]


def stored_sums(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """``b[i] = v + w`` for ``b[i] = 0``, ``b[i] += v`` and ``b[i] += w``, if ``b`` is an adjoint.

    Likewise where ``b`` was made of zeros, and only other parts of it have been changed since.

    Accepts and returns normal IR. All are in one block, and nobody looks at the memory of ``b`` or
    changes it between the first and the last, nor is it read to make ``v`` and ``w``.
    """
    if not any(_cleared(s, types) or _zeros(s, types) for s in statements(fn)):
        return fn, types
    run = _Run(fn, types, memory_of(fn, types) if memory is None else memory)
    body = run.block(fn.body)
    return (replace(fn, body=body) if run.found else fn), run.types


_ALL: Final = Const(Ellipsis)
_ZEROS: Final = (Const(0), Const(0.0))
_NEAR: Final = 6


@dataclass(frozen=True, slots=True)
class _Set:
    """The store at a place of the block, and what it stores."""

    at: int
    stmt: Store
    value: Expr


def _cleared(stmt: Stmt, types: Mapping[Var, Type]) -> tuple[Var, Expr] | None:
    """The part of an adjoint that ``stmt`` sets to zero."""
    if not (isinstance(stmt, Store) and isinstance(stmt.obj, Var) and stmt.value in _ZEROS):
        return None
    return (stmt.obj, stmt.index) if _is_adjoint(stmt.obj, types) else None


def _zeros(stmt: Stmt, types: Mapping[Var, Type]) -> Var | None:
    """The adjoint that ``stmt`` makes of zeros."""
    match stmt:
        case Assign(Var() as b, Call(Ref(_, fn))) if among(fn, ZEROS):
            return b if _is_adjoint(b, types) else None
        case _:
            return None


def _is_adjoint(b: Var, types: Mapping[Var, Type]) -> bool:
    t = types.get(b, UNKNOWN)
    return is_derivative(b) and isinstance(t, Array) and t.ndim > 0


class _Run:
    def __init__(self, fn: Function, types: Mapping[Var, Type], memory: Memory) -> None:
        self.types = dict(types)
        self.memory = memory
        self.found = False
        self.names = Names(p.var.name for p in fn.params)
        self.counts = mention_counts(fn.body)
        self.names.reserve(v.name for v in self.counts)

    def block(self, block: Block) -> Block:
        out: list[Stmt | None] = []
        waiting: dict[tuple[Var, Expr], _Set] = {}
        made: dict[Var, list[Expr]] = {}  # of zeros, and which parts have been changed since
        for stmt in block:
            if blocks(stmt):
                waiting, made = {}, {}  # what is inside may run often, or never
                out.append(map_stmt(stmt, lambda expr: expr, self.block))
                continue
            key = self._gaining(stmt)
            first = waiting.get(key) if key is not None else None
            self._forget(waiting, stmt, key if first is not None else None)
            if first is not None:
                assert isinstance(stmt, AugAssign) and key is not None
                out[first.at] = None
                store = self._joined(first, stmt, out)
                waiting[key] = _Set(len(out), store, store.value)
                out.append(store)
                continue
            self._forget_made(made, stmt, key)
            if (new := _zeros(stmt, self.types)) is not None and self._is_inside(new):
                made[new] = []
            if key is not None and key[0] in made and key[1] != _ALL:
                assert isinstance(stmt, AugAssign)
                is_zero = all(apart(key[1], other) for other in made[key[0]])
                made[key[0]].append(key[1])
                if is_zero and stmt.value in _ZEROS:
                    self.found = True
                    continue
                if is_zero and (store := self._first(key, stmt, out)) is not None:
                    waiting[key] = _Set(len(out), store, store.value)
                    out.append(store)
                    continue
            if (place := _cleared(stmt, self.types)) is not None and self._is_inside(place[0]):
                assert isinstance(stmt, Store)
                waiting[place] = _Set(len(out), stmt, stmt.value)
            out.append(stmt)
        return tuple(s for s in out if s is not None)

    def _gaining(self, stmt: Stmt) -> tuple[Var, Expr] | None:
        """The part of an adjoint to which ``stmt`` adds what has no memory in common with it."""
        match stmt:
            case AugAssign(Var() as b, index, op, value) if refers_to(op, ADDING):
                if isinstance(value, Var):
                    if not isinstance(self.types.get(value), (Array, Scalar)):
                        return None
                    if not self.memory.objects(value).isdisjoint(self.memory.objects(b)):
                        return None
                elif not isinstance(value, Const):
                    return None
                return b, _ALL if index is None else index
            case _:
                return None

    def _is_inside(self, b: Var) -> bool:
        objects = self.memory.objects(b)
        return bool(objects) and objects.isdisjoint(self.memory.outside)

    def _forget(
        self, waiting: dict[tuple[Var, Expr], _Set], stmt: Stmt, key: tuple[Var, Expr] | None
    ) -> None:
        """Drop the stores that may not happen after ``stmt``, but for that at ``key``."""
        if not waiting:
            return
        rebound = set(bound(stmt))
        seen = {o for v in (*used(stmt), *rebound) for o in self.memory.objects(v)}
        touched = self.memory.touched(stmt)
        for place, first in list(waiting.items()):
            array, index = place
            read = {*variables(index), *variables(first.value)}
            apart = place == key or seen.isdisjoint(self.memory.objects(array))
            kept = touched.isdisjoint({o for v in read for o in self.memory.objects(v)})
            if not rebound.isdisjoint({array, *read}) or not apart or not kept:
                del waiting[place]

    def _forget_made(
        self, made: dict[Var, list[Expr]], stmt: Stmt, key: tuple[Var, Expr] | None
    ) -> None:
        """Drop the arrays that ``stmt`` uses, but for that to a part of which it adds."""
        if not made:
            return
        own = None if key is None else key[0]
        seen = {o for v in (*used(stmt), *bound(stmt)) for o in self.memory.objects(v)}
        for b in [b for b in made if b != own or key == (b, _ALL)]:
            if b in bound(stmt) or not seen.isdisjoint(self.memory.objects(b)):
                del made[b]

    def _first(
        self, key: tuple[Var, Expr], gain: AugAssign, out: list[Stmt | None]
    ) -> Store | None:
        """The store that does what ``gain`` does to zeros, where that needs no array more."""
        zero = Store(*key, Const(0), gain.origin)
        if gain.op.value is operator.add:
            return self._joined(_Set(0, zero, Const(0)), gain, out)
        value = gain.value
        if self._turned(value, out):
            return replace(zero, value=value)
        if isinstance(value, Var) and not isinstance(self.types.get(value), Scalar):
            return None
        return self._joined(_Set(0, zero, Const(0)), gain, out)

    def _turned(self, value: Expr, out: list[Stmt | None]) -> bool:
        """Whether ``value`` now has the other sign, as it was made just before, for this alone.

        It changes its sign where it is made, as a product by a literal or a difference.
        """
        if not isinstance(value, Var) or self.counts[value] != 2:
            return False
        for at in range(len(out) - 1, max(len(out) - _NEAR, 0) - 1, -1):
            stmt = out[at]
            if not (isinstance(stmt, Assign) and stmt.target == value):
                continue
            match stmt.value:
                case Call(fn, (Const(int() | float() as c), x), ()) as call if fn == MUL:
                    made = replace(call, args=(Const(-c), x))
                case Call(fn, (a, b), ()) as call if fn == SUB:
                    made = replace(call, args=(b, a))
                case _:
                    return False
            self.found = True
            out[at] = replace(stmt, value=made)
            return True
        return False

    def _joined(self, first: _Set, gain: AugAssign, out: list[Stmt | None]) -> Store:
        """The store that does what ``first`` and ``gain`` do; ``out`` gets what makes its value."""
        self.found = True
        adds = gain.op.value is operator.add
        if first.value in _ZEROS and adds:
            return replace(first.stmt, value=gain.value, origin=gain.origin)
        if first.value in _ZEROS:
            made = Call(NEG, (gain.value,))
        else:
            made = Call(ADD if adds else SUB, (first.value, gain.value))
        var = self.names.fresh("t")
        self.types[var] = expression_type(made, self.types)
        out.append(Assign(var, made, gain.origin))
        return replace(first.stmt, value=var, origin=gain.origin)
