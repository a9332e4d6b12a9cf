"""One update in place of several of one item of an adjoint."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.naming import is_derivative
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Const, Expr, Function, Stmt, Var
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import ADD, ADDING, SUB, refers_to
from srcad.ir.walk import blocks, bound, mention_counts, statements, used, variables
from srcad.types.lattice import Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["joined_items"]


def joined_items(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """``b[i] += v + w`` for ``b[i] += v`` and ``b[i] += w``, if ``b`` is an adjoint.

    Accepts and returns normal IR. Both are in one block, ``v`` and ``w`` are numbers, and between
    the two nobody looks at the memory of ``b``, or only to add to it.
    """
    updates = sum(_item(s, types) is not None for s in statements(fn))
    if updates < 2:
        return fn, types
    run = _Join(fn, types, memory_of(fn, types) if memory is None else memory)
    body = run.block(fn.body)
    return (replace(fn, body=body) if run.joined else fn), run.types


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of an adjoint, and what is added to it or subtracted."""

    stmt: AugAssign
    array: Var
    index: Expr
    value: Var | Const

    @property
    def adds(self) -> bool:
        return self.stmt.op.value is operator.add


def _item(stmt: Stmt, types: Mapping[Var, Type]) -> _Item | None:
    if not isinstance(stmt, AugAssign) or stmt.index is None or not refers_to(stmt.op, ADDING):
        return None
    b, value = stmt.obj, stmt.value
    if not (isinstance(b, Var) and is_derivative(b)):
        return None
    match value:
        case Const():
            return _Item(stmt, b, stmt.index, value)
        case Var() if isinstance(types.get(value), Scalar):
            return _Item(stmt, b, stmt.index, value)
        case _:
            return None


class _Join:
    def __init__(self, fn: Function, types: Mapping[Var, Type], memory: Memory) -> None:
        self.types = dict(types)
        self.memory = memory
        self.joined = False
        self.names = Names(p.var.name for p in fn.params)
        self.names.reserve(v.name for v in mention_counts(fn.body))

    def block(self, block: Block) -> Block:
        out: list[Stmt | None] = []
        waiting: dict[tuple[Var, Expr], tuple[int, _Item]] = {}
        for stmt in block:
            if blocks(stmt):
                waiting = {}  # what is inside may run often, or never
                out.append(map_stmt(stmt, lambda expr: expr, self.block))
                continue
            item = _item(stmt, self.types)
            self._forget(waiting, stmt, item)
            if item is None:
                out.append(stmt)
                continue
            key = (item.array, item.index)
            if key in waiting:
                at, first = waiting[key]
                out[at] = None
                item = self._joined(first, item, out)
            waiting[key] = (len(out), item)
            out.append(item.stmt)
        return tuple(s for s in out if s is not None)

    def _forget(
        self, waiting: dict[tuple[Var, Expr], tuple[int, _Item]], stmt: Stmt, item: _Item | None
    ) -> None:
        """Drop the updates of ``waiting`` that may not happen after ``stmt``."""
        if not waiting:
            return
        rebound = set(bound(stmt))
        seen = {o for v in (*used(stmt), *rebound) for o in self.memory.objects(v)}
        for key, (_, first) in list(waiting.items()):
            array, index = key
            needed = {array, *variables(index), *variables(first.value)}
            adds = item is not None and item.array == array
            apart = seen.isdisjoint(self.memory.objects(array))
            if not rebound.isdisjoint(needed) or not (adds or apart):
                del waiting[key]

    def _joined(self, a: _Item, b: _Item, out: list[Stmt | None]) -> _Item:
        """The one update that does what ``a`` and ``b`` do; ``out`` gets what makes its value."""
        if a.adds == b.adds:
            made, op = Call(ADD, (a.value, b.value)), b.stmt.op
        else:
            plus, minus = (a, b) if a.adds else (b, a)
            made, op = Call(SUB, (plus.value, minus.value)), ADD
        var = self.names.fresh("t")
        self.types[var] = expression_type(made, self.types)
        self.joined = True
        out.append(Assign(var, made, b.stmt.origin))
        return replace(b, stmt=replace(b.stmt, op=op, value=var), value=var)
