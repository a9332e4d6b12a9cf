"""What Numba compiles in one spelling and not in another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from srcad import runtime
from srcad.backends.numba.draft import Draft
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, Function, Ref, Stmt, Var
from srcad.ir.rebuild import map_expr, map_stmt
from srcad.ir.refs import ADD_AT, POW
from srcad.types.lattice import FLOAT, UNKNOWN, Array, Scalar

__all__ = ["spell_for_numba"]

_ADD_AT: Final = Ref("add_at", runtime.add_at)
_ABS: Final = Ref("np.abs", np.abs)
_FLOAT: Final = Ref("float", float)
_FULL: Final = Ref("np.full", np.full)
_WIDEN: Final = Ref("np.expand_dims", np.expand_dims)
_STRICT: Final = ("strict", Const(True))
_KEEPDIMS: Final = ("keepdims", Const(True))


def spell_for_numba(fn: Function, draft: Draft) -> Function:
    """Write calls as Numba knows them.

    It takes ``abs`` of numbers only, the start of an ``enumerate`` by position, no ``strict`` of
    `zip`, no ``keepdims`` of `np.sum`, and no `np.add.at`, in place of which it is told another.
    A power of ints is an int to it, as it is to Python only where the exponent is not negative.
    Accepts and returns normal IR.
    """

    def expr(e: Expr) -> Expr:
        e = map_expr(e, expr)
        if not isinstance(e, Call) or not isinstance(e.fn, Ref):
            return e
        fn: Any = e.fn.value
        if fn is abs and isinstance(draft.type_of(e.args[0]), Array):
            return replace(e, fn=_ABS)
        if e.fn == ADD_AT:
            return replace(e, fn=_ADD_AT)
        if fn is zip and _STRICT in e.kwargs:
            return replace(e, kwargs=())
        if fn is enumerate and e.kwargs:
            return replace(e, args=(*e.args, e.kwargs[0][1]), kwargs=())
        return e

    def is_int(x: Expr) -> bool:
        t = draft.type_of(x)
        return isinstance(t, Scalar) and t.weak and t.dtype.kind in "ib"

    def stmt(old: Stmt) -> Block:
        match old:
            case Assign(target, Call(Ref(_, f), (x,), kwargs) as call) if (
                f is np.sum and _KEEPDIMS in kwargs
            ):
                axis, t = dict(kwargs).get("axis"), draft.type_of(x)
                if not isinstance(axis, Const) or type(axis.value) is not int:
                    return (old,)
                if not isinstance(t, Array) or not t.ndim:
                    return (old,)
                short = draft.fresh("t", Scalar(t.dtype) if t.ndim == 1 else UNKNOWN)
                rest = tuple(pair for pair in kwargs if pair != _KEEPDIMS)
                widen, args = (_FULL, (Const(1), short)) if t.ndim == 1 else (_WIDEN, (short, axis))
                return (
                    Assign(short, replace(call, kwargs=rest), old.origin),
                    Assign(target, Call(widen, args, origin=call.origin), old.origin),
                )
            case Assign(Var() as target, Call(fn, (x, n), ()) as power) if (
                fn == POW and is_int(x) and is_int(n) and not is_int(target)
            ):
                draft.types[target] = FLOAT
                if isinstance(x, Const) and isinstance(x.value, int):
                    return (
                        Assign(target, replace(power, args=(Const(float(x.value)), n)), old.origin),
                    )
                base = draft.fresh("t", FLOAT)
                return (
                    Assign(base, Call(_FLOAT, (x,)), old.origin),
                    Assign(target, replace(power, args=(base, n)), old.origin),
                )
            case _:
                return (map_stmt(old, expr, block),)

    def block(old: Block) -> Block:
        return tuple(new for s in old for new in stmt(s))

    return replace(fn, body=block(fn.body))
