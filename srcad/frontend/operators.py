"""LibCST's operator classes, as the functions of `operator` that the IR calls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import libcst as cst

from srcad.ir.nodes import Ref

__all__ = ["AUGMENTED", "BINARY", "COMPARISON", "GETITEM", "UNARY"]


def _refs(table: Mapping[type[cst.CSTNode], Callable[..., Any]]) -> dict[type[cst.CSTNode], Ref]:
    return {cls: Ref(f"operator.{fn.__name__}", fn) for cls, fn in table.items()}


BINARY: Mapping[type[cst.CSTNode], Ref] = _refs(
    {
        cst.Add: operator.add,
        cst.Subtract: operator.sub,
        cst.Multiply: operator.mul,
        cst.Divide: operator.truediv,
        cst.FloorDivide: operator.floordiv,
        cst.Modulo: operator.mod,
        cst.Power: operator.pow,
        cst.MatrixMultiply: operator.matmul,
        cst.LeftShift: operator.lshift,
        cst.RightShift: operator.rshift,
        cst.BitAnd: operator.and_,
        cst.BitOr: operator.or_,
        cst.BitXor: operator.xor,
    }
)

AUGMENTED: Mapping[type[cst.CSTNode], Ref] = {
    cst.AddAssign: BINARY[cst.Add],
    cst.SubtractAssign: BINARY[cst.Subtract],
    cst.MultiplyAssign: BINARY[cst.Multiply],
    cst.DivideAssign: BINARY[cst.Divide],
    cst.FloorDivideAssign: BINARY[cst.FloorDivide],
    cst.ModuloAssign: BINARY[cst.Modulo],
    cst.PowerAssign: BINARY[cst.Power],
    cst.MatrixMultiplyAssign: BINARY[cst.MatrixMultiply],
    cst.LeftShiftAssign: BINARY[cst.LeftShift],
    cst.RightShiftAssign: BINARY[cst.RightShift],
    cst.BitAndAssign: BINARY[cst.BitAnd],
    cst.BitOrAssign: BINARY[cst.BitOr],
    cst.BitXorAssign: BINARY[cst.BitXor],
}

UNARY: Mapping[type[cst.CSTNode], Ref] = _refs(
    {
        cst.Minus: operator.neg,
        cst.Plus: operator.pos,
        cst.BitInvert: operator.invert,
        cst.Not: operator.not_,
    }
)

COMPARISON: Mapping[type[cst.CSTNode], Ref] = _refs(
    {
        cst.LessThan: operator.lt,
        cst.LessThanEqual: operator.le,
        cst.GreaterThan: operator.gt,
        cst.GreaterThanEqual: operator.ge,
        cst.Equal: operator.eq,
        cst.NotEqual: operator.ne,
        cst.Is: operator.is_,
        cst.IsNot: operator.is_not,
        cst.In: operator.contains,
    }
)

GETITEM: Final = Ref("operator.getitem", operator.getitem)
