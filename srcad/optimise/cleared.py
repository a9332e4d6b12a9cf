"""What is added to a part of an adjoint that was just set to zero is stored there."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

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
    Stmt,
    Store,
    Var,
)
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import ADD, ADDING, NEG, SUB, refers_to
from srcad.ir.walk import blocks, bound, mention_counts, statements, used, variables
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["stored_sums"]


def stored_sums(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """``b[i] = v + w`` for ``b[i] = 0``, ``b[i] += v`` and ``b[i] += w``, if ``b`` is an adjoint.

    Accepts and returns normal IR. All are in one block, and nobody looks at the memory of ``b`` or
    changes it between the first and the last, nor is it read to make ``v`` and ``w``.
    """
    if not any(_cleared(s, types) for s in statements(fn.body)):
        return fn, types
    run = _Run(fn, types, memory_of(fn, types) if memory is None else memory)
    body = run.block(fn.body)
    return (replace(fn, body=body) if run.found else fn), run.types


_ALL: Final = Const(Ellipsis)
_ZEROS: Final = (Const(0), Const(0.0))


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


def _is_adjoint(b: Var, types: Mapping[Var, Type]) -> bool:
    t = types.get(b, UNKNOWN)
    return is_derivative(b) and isinstance(t, Array) and t.ndim > 0


class _Run:
    def __init__(self, fn: Function, types: Mapping[Var, Type], memory: Memory) -> None:
        self.types = dict(types)
        self.memory = memory
        self.found = False
        self.names = Names(p.var.name for p in fn.params)
        self.names.reserve(v.name for v in mention_counts(fn.body))

    def block(self, block: Block) -> Block:
        out: list[Stmt | None] = []
        waiting: dict[tuple[Var, Expr], _Set] = {}
        for stmt in block:
            if blocks(stmt):
                waiting = {}  # what is inside may run often, or never
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
