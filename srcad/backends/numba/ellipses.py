"""``x[...]`` as ``x[:]``: Numba compiles the one for arrays of one axis, and not the other."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any, Final

from srcad.backends.numba.draft import Draft
from srcad.ir.nodes import AugAssign, Block, Call, Const, Expr, Function, Ref, Slice, Stmt, Store
from srcad.ir.rebuild import map_stmt
from srcad.types.lattice import Array

__all__ = ["slice_wholes"]

# Its signature is partly unknown to type checkers.
_GETITEM: Final[Any] = operator.getitem
_WHOLE: Final = Slice(Const(None), Const(None), Const(None))


def slice_wholes(fn: Function, draft: Draft) -> Function:
    """Write ``[:]`` for ``[...]`` of arrays that have an axis.

    Accepts and returns normal IR.
    """

    def expr(e: Expr) -> Expr:
        match e:
            case Call(Ref(_, f), (array, Const(index))) if f is _GETITEM and index is Ellipsis:
                return replace(e, args=(array, _WHOLE)) if has_axes(array) else e
            case _:
                return e

    def has_axes(operand: Expr) -> bool:
        t = draft.type_of(operand)
        return isinstance(t, Array) and t.ndim > 0

    def stmt(old: Stmt) -> Stmt:
        match old:
            case Store(array, Const(index)) | AugAssign(array, Const(index)) if (
                index is Ellipsis and has_axes(array)
            ):
                return replace(old, index=_WHOLE)
            case _:
                return map_stmt(old, expr, block)

    def block(old: Block) -> Block:
        return tuple(map(stmt, old))

    return replace(fn, body=block(fn.body))
