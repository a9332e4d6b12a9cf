"""Where a statement writes to: the object that it changes, and which part of it."""

from __future__ import annotations

import numpy as np

from srcad.analysis.effects import runtime_name
from srcad.ir.nodes import Assign, AugAssign, Call, Const, Do, Expr, Ref, Stmt, Store, Var
from srcad.ir.refs import LIST_APPEND, LIST_POP

__all__ = ["accumulates_at", "touched", "written"]


def accumulates_at(stmt: Stmt) -> tuple[Call, Var] | None:
    """The call and its first operand, if ``stmt`` is ``np.add.at`` or ``add_at`` of it."""
    match stmt:
        case Do(Call(Ref(_, fn), (Var() as obj, _, _)) as call) if (
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


def touched(stmt: Stmt) -> Var | None:
    """The variable whose contents ``stmt`` changes."""
    match stmt:
        case Store(Var() as obj) | AugAssign(Var() as obj):
            return obj
        case Do(Call(Ref(_, fn), (Var() as obj, *_))) | Assign(
            _, Call(Ref(_, fn), (Var() as obj,))
        ) if fn in (LIST_APPEND, LIST_POP):
            return obj
        case _:
            hit = accumulates_at(stmt)
            return None if hit is None else hit[1]
