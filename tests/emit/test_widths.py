"""How wide expressions are taken to be: about as wide as their text is."""

from __future__ import annotations

import numpy as np
import pytest

from srcad.emit.expressions import expression_text
from srcad.emit.widths import width_of
from srcad.ir.nodes import Call, Const, Expr, IfExp, List, Ref, Slice, Tuple, Var
from tests.emit.random_programs import op

x, y = Var("x"), Var("projected_bar", 3, True)
ALL = Const(None)
INNER = op("getitem", x, Slice(Const(1), Const(-1), ALL))
EVERY_SECOND = Slice(ALL, ALL, Const(2))
SIN, SUM = Ref("np.sin", np.sin), Ref("np.sum", np.sum)
SHAPE = Call(Ref("getattr", getattr), (x, Const("shape")))


@pytest.mark.parametrize(
    "expr",
    [
        op("mul", x, y),
        op("mul", op("add", x, y), Const(0.25)),
        op("neg", x),
        INNER,
        op("getitem", x, Tuple((EVERY_SECOND, Const(3)))),
        op("add", op("mul", Const(0.5), INNER), op("mul", Const(0.25), op("add", INNER, INNER))),
        Call(SIN, (op("mul", x, x),)),
        Call(SUM, (x,), (("axis", Const(1)), ("keepdims", Const(True)))),
        Call(SUM, (x,), (("axis", Const(1)),), ".sum"),
        Call(Ref("np.shape", np.shape), (y,), (), "@shape"),
        SHAPE,
        Call(Ref("np.reshape", np.reshape), (y, SHAPE)),
        IfExp(x, op("mul", x, y), op("neg", y)),
        List((x, Const(1.0), y)),
    ],
)
def test_widths_are_about_right(expr: Expr) -> None:
    assert abs(width_of(expr) - len(expression_text(expr))) <= 4
