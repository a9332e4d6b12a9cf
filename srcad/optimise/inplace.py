"""In-place sums: ``x_bar += g`` where ``x_bar`` is an array that nobody else holds."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.effects import is_fresh
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Const, Expr, Function, Ref, Stmt, Var
from srcad.ir.walk import bound, map_block, map_blocks, statements
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["in_place"]


def in_place(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Write ``x += e`` for ``x = x + e``, and ``-=`` likewise, where nobody can tell.

    Accepts and returns normal IR. ``x`` must be an array of known shape which all its definitions
    make anew and whose memory no other variable ever shares. That the type of ``x`` covers both the
    old and the new value is what says that the sum has the shape and dtype of ``x``.
    """
    lent = {p.var for p in fn.params}
    for stmt in statements(fn.body):
        if not _makes(stmt, types):
            lent.update(bound(stmt))
    if memory is None:
        memory = memory_of(fn, types)
    return replace(fn, body=_Sums(types, memory, frozenset(lent)).block(fn.body))


def _makes(stmt: Stmt, types: Mapping[Var, Type]) -> bool:
    return isinstance(stmt, Assign) and isinstance(stmt.value, Call) and is_fresh(stmt.value, types)


@dataclass(frozen=True, slots=True)
class _Sums:
    types: Mapping[Var, Type]
    memory: Memory
    lent: frozenset[Var]

    def block(self, block: Block) -> Block:
        return map_block(block, self._stmt)

    def _stmt(self, stmt: Stmt) -> Stmt:
        match stmt:
            case Assign(Var() as x, Call(Ref(_, op) as ref, (left, right), ())):
                if not self._is_owned(x):
                    return stmt
                if op in (operator.add, operator.sub) and left == x and self._adds(right):
                    return AugAssign(x, None, ref, right, stmt.origin)
                if op is operator.add and right == x and self._adds(left):
                    return AugAssign(x, None, ref, left, stmt.origin)
                return stmt
            case _:
                return map_blocks(stmt, self.block)

    def _is_owned(self, x: Var) -> bool:
        t = self.types.get(x)
        if x in self.lent or not isinstance(t, Array) or t.ndim == 0 or None in t.shape:
            return False
        objects = self.memory.objects(x)
        return objects.isdisjoint(self.memory.outside) and all(
            self.memory.holders(obj) == {x} for obj in objects
        )

    def _adds(self, e: Expr) -> bool:
        if isinstance(e, Const):
            return isinstance(e.value, int | float | complex)
        return isinstance(e, Var) and isinstance(self.types.get(e), Array | Scalar)
