"""The step at zero, which Numba does not know, by comparisons."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Final

import numpy as np

from srcad.backends.numba.draft import Draft
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, Function, Ref, Stmt, Var
from srcad.ir.refs import ADD, MUL
from srcad.ir.walk import map_blocks
from srcad.types.lattice import BOOL, UNKNOWN, Array, Type

__all__ = ["compare_steps"]

_TESTS: Final = (Ref("operator.gt", operator.gt), Ref("operator.ge", operator.ge))


def compare_steps(fn: Function, draft: Draft) -> Function:
    """Write ``0.5 * (z > 0) + 0.5 * (z >= 0)`` for ``np.heaviside(z, 0.5)``.

    Accepts and returns normal IR.
    """

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            match stmt:
                case Assign(Var() as step, Call(Ref(_, f), (z, Const(0.5)))) if f is np.heaviside:
                    t = draft.types.get(step, UNKNOWN)
                    parts = [_half(Call(test, (z, Const(0))), t, draft, new) for test in _TESTS]
                    new.append(replace(stmt, value=Call(ADD, tuple(parts))))
                case _:
                    new.append(map_blocks(stmt, block))
        return tuple(new)

    return replace(fn, body=block(fn.body))


def _half(test: Call, t: Type, draft: Draft, out: list[Stmt]) -> Expr:
    holds = draft.temp(test, out, Array(BOOL.dtype, t.shape) if isinstance(t, Array) else BOOL)
    return draft.temp(Call(MUL, (Const(0.5), holds)), out, t)
