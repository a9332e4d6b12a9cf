"""Where a statement writes to: the object that it changes, and which part of it."""

from __future__ import annotations

from typing import Final

import numpy as np

from srcad.analysis.effects import runtime_name
from srcad.ir.nodes import AugAssign, Call, Const, Do, Expr, Ref, Stmt, Store, Var
from srcad.ir.refs import LIST_APPEND, LIST_POP
from srcad.ir.walk import call_of
from srcad.kinds import among

__all__ = ["accumulates_at", "touched", "written"]


def accumulates_at(stmt: Stmt) -> tuple[Call, Var] | None:
    """The call and its first operand, if ``stmt`` is ``np.add.at`` or ``add_at`` of it."""
    if not isinstance(stmt, Do):
        return None
    match stmt.call:
        case Call(Ref(_, fn), (Var() as obj, _, _)) as call if (
            fn == np.add.at or runtime_name(fn) == "add_at"
        ):
            return call, obj
        case _:
            return None


def written(stmt: Stmt) -> tuple[Var, Expr] | None:
    """The part of an array that ``stmt`` writes into: the array and the index."""
    match stmt:
        case Store(Var() as obj, index, _):
            return obj, index
        case AugAssign(Var() as obj, index, _, _):
            return obj, Const(Ellipsis) if index is None else index
        case Do(Call(args=(Var() as obj, index, _))) if accumulates_at(stmt):
            return obj, index
        case _:
            return None


_OF_LISTS: Final[frozenset[object]] = frozenset({LIST_APPEND, LIST_POP})


def touched(stmt: Stmt) -> Var | None:
    """The variable whose contents ``stmt`` changes."""
    if isinstance(stmt, (Store, AugAssign)):
        return stmt.obj if isinstance(stmt.obj, Var) else None
    call = call_of(stmt)
    if call is None or not isinstance(call.fn, Ref):
        return None
    if among(call.fn.value, _OF_LISTS):
        return call.args[0] if isinstance(call.args[0], Var) else None
    hit = accumulates_at(stmt)
    return None if hit is None else hit[1]
