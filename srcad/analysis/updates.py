"""Updates ``x += y`` of arrays that nobody shares: plain assignments, which bind a new array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from srcad.analysis.effects import mutated
from srcad.analysis.sharing import Link
from srcad.ir.nodes import Assign, AugAssign, Block, Call, For, Function, Stmt, Store, Var
from srcad.ir.rebuild import map_block, map_blocks
from srcad.ir.walk import statements, variables
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type
from srcad.types.operands import operand_type

__all__ = ["updated_params", "with_value_updates"]


def updated_params(fn: Function, types: Mapping[Var, Type]) -> frozenset[Var]:
    """The parameters that ``fn`` changes by ``x += y``."""
    params = {p.var for p in fn.params}
    return frozenset(
        s.obj
        for s in statements(fn)
        if isinstance(s, AugAssign)
        and isinstance(s.obj, Var)
        and s.obj in params
        and not isinstance(types.get(s.obj), Scalar)
    )


def with_value_updates(fn: Function, types: Mapping[Var, Type], found: list[Link]) -> Function:
    """``fn`` with such updates as assignments; ``found`` are all its links."""
    if not any(isinstance(s, AugAssign) for s in statements(fn)):
        return fn
    linked = {v for link in found for v in (link.target, link.origin)}
    # A loop holds on to what it runs over.
    linked |= {v for s in statements(fn) if isinstance(s, For) for v in variables(s.iter)}
    stored = {
        v
        for s in statements(fn)
        if isinstance(s, Store) or (isinstance(s, AugAssign) and s.index is not None)
        for v in mutated(s)
    }

    def is_value(stmt: AugAssign) -> bool:
        obj = stmt.obj
        if not isinstance(obj, Var) or stmt.index is not None or obj in linked or obj in stored:
            return False
        t, v = types.get(obj, UNKNOWN), operand_type(stmt.value, types)
        if isinstance(t, Array) and isinstance(v, (Array, Scalar)):
            return np.result_type(t.dtype, v.dtype) == t.dtype or (
                isinstance(v, Scalar) and v.weak and v.dtype.kind <= t.dtype.kind
            )
        return not isinstance(t, Array)

    return replace(fn, body=_assigned(fn.body, is_value))


def _assigned(block: Block, wanted: Callable[[AugAssign], bool]) -> Block:
    def visit(stmt: Stmt) -> Stmt:
        if isinstance(stmt, AugAssign) and isinstance(stmt.obj, Var) and wanted(stmt):
            value = Call(stmt.op, (stmt.obj, stmt.value), origin=stmt.origin)
            return Assign(stmt.obj, value, stmt.origin)
        return map_blocks(stmt, lambda inner: _assigned(inner, wanted))

    return map_block(block, visit)
