"""Calls that are linear in an operand, so that literals and signs may go through them."""

from __future__ import annotations

import operator
from typing import Final

import numpy as np

from srcad.ir.nodes import Call, Ref
from srcad.kinds import among
from srcad.optimise.constants import operation

__all__ = ["is_bilinear", "is_rearrangement"]

_REARRANGING: Final[frozenset[object]] = frozenset(
    {operator.getitem, np.expand_dims, np.transpose, np.swapaxes, np.moveaxis, np.reshape}
    | {np.ravel, np.squeeze, np.roll, np.flip, np.broadcast_to}
)
_BILINEAR: Final[frozenset[object]] = frozenset(
    {operation("matmul").value, np.matmul, np.dot, np.outer, np.inner}
)


def is_rearrangement(call: Call) -> bool:
    """Whether ``call`` takes or repeats items of its first operand, in whatever order.

    Examples
    --------
    >>> from srcad.ir.nodes import Const, Var
    >>> is_rearrangement(Call(Ref("np.roll", np.roll), (Var("x"), Const(1))))
    True
    """
    return isinstance(call.fn, Ref) and among(call.fn.value, _REARRANGING)


def is_bilinear(call: Call) -> bool:
    """Whether ``call`` is linear in each of two operands, but for the products of numbers.

    Examples
    --------
    >>> from srcad.ir.nodes import Var
    >>> is_bilinear(Call(Ref("np.outer", np.outer), (Var("x"), Var("y"))))
    True
    """
    return isinstance(call.fn, Ref) and among(call.fn.value, _BILINEAR) and len(call.args) == 2
