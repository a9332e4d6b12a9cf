"""Comparisons: a chain is a conjunction that computes each middle once."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from srcad.frontend import operators
from srcad.frontend.evaluation import Evaluation
from srcad.ir.nodes import Call, Expr

__all__ = ["comparison"]


def comparison(
    lowering: Evaluation,
    left: cst.BaseExpression | Expr,
    targets: Sequence[cst.ComparisonTarget],
    node: cst.Comparison,
) -> Expr:
    """``left`` compared with the first of ``targets``, that with the second, and so on."""
    target, *rest = targets

    def first() -> Expr:
        return lowering.lower(left) if isinstance(left, cst.CSTNode) else left

    def second() -> Expr:
        value = lowering.lower(target.comparator)
        return lowering.atom(value, target.comparator) if rest else value

    a, b = lowering.in_order((first, second))
    test = _compare(lowering, target.operator, a, b, node)
    if not rest:
        return test
    return lowering.join("and", test, lambda: comparison(lowering, b, rest, node))


def _compare(
    lowering: Evaluation, op: cst.BaseCompOp, left: Expr, right: Expr, node: cst.CSTNode
) -> Expr:
    origin = lowering.origin_of(node)
    match op:
        case cst.NotIn():
            inside = Call(operators.COMPARISON[cst.In], (right, left), origin=origin)
            return Call(operators.UNARY[cst.Not], (inside,), origin=origin)
        case cst.In():
            return Call(operators.COMPARISON[cst.In], (right, left), origin=origin)
        case _:
            return Call(operators.COMPARISON[type(op)], (left, right), origin=origin)
