"""LibCST's operator classes, as the functions of `operator` that the IR calls."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import libcst as cst

from srcad.ir.nodes import Ref

__all__ = ["AUGMENTED", "BINARY", "COMPARISON", "UNARY"]


_Row = tuple[type[cst.CSTNode], str]


def _refs(*rows: _Row) -> dict[type[cst.CSTNode], Ref]:
    return {cls: Ref(f"operator.{name}", getattr(operator, name)) for cls, name in rows}


BINARY: Mapping[type[cst.CSTNode], Ref] = _refs(
    (cst.Add, "add"),
    (cst.Subtract, "sub"),
    (cst.Multiply, "mul"),
    (cst.Divide, "truediv"),
    (cst.FloorDivide, "floordiv"),
    (cst.Modulo, "mod"),
    (cst.Power, "pow"),
    (cst.MatrixMultiply, "matmul"),
    (cst.LeftShift, "lshift"),
    (cst.RightShift, "rshift"),
    (cst.BitAnd, "and_"),
    (cst.BitOr, "or_"),
    (cst.BitXor, "xor"),
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
    (cst.Minus, "neg"),
    (cst.Plus, "pos"),
    (cst.BitInvert, "invert"),
    (cst.Not, "not_"),
)

COMPARISON: Mapping[type[cst.CSTNode], Ref] = _refs(
    (cst.LessThan, "lt"),
    (cst.LessThanEqual, "le"),
    (cst.GreaterThan, "gt"),
    (cst.GreaterThanEqual, "ge"),
    (cst.Equal, "eq"),
    (cst.NotEqual, "ne"),
    (cst.Is, "is_"),
    (cst.IsNot, "is_not"),
    (cst.In, "contains"),
)
