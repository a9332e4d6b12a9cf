"""What an index does, and what the generated text makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad
from srcad.analysis.indices import without_new_axes
from srcad.ir.nodes import Const, Expr, Var
from srcad.types.lattice import FLOAT, Array, Type
from tests.optimise.machine import operand

VECTOR = Array(np.dtype(np.float64), (3,))
MATRIX = Array(np.dtype(np.float64), (3, 2))
ALL = slice(None)
x = Var("x")


@pytest.mark.parametrize(
    ("t", "index", "back"),
    [
        (VECTOR, None, 0),
        (VECTOR, (ALL, None), (ALL, 0)),
        (MATRIX, (None, ALL, None, ALL), (0, ALL, 0, ALL)),
        (MATRIX, (Const(...), None, ALL), (Const(...), 0, ALL)),
        (VECTOR, (ALL,), None),  # no axis is added
        (MATRIX, (None, 1), None),
        (VECTOR, (slice(None, None, -1), None), None),
        (VECTOR, (slice(1, None), None), None),
        (VECTOR, (None, "i"), None),
        (FLOAT, None, None),
        (Array(np.dtype(np.float64), ()), (Const(...), None), None),
    ],
)
def test_the_way_back_from_added_axes(t: Type, index: object, back: object) -> None:
    found: Expr | None = without_new_axes(x, operand(index), {x: t})
    assert found == (None if back is None else operand(back))


def rows_scaled(s, a):
    return np.sum(np.sin(s[:, None] * a))


def test_what_is_broadcast_along_an_added_axis_is_summed_along_it() -> None:
    s, a = np.array([0.3, -1.2, 0.7]), np.arange(6.0).reshape(3, 2)
    gradient = grad(rows_scaled)
    text = gradient.source_for(s, a)
    assert "np.vecdot(np.cos(s[:, None] * a), a)" in text
    assert "keepdims" not in text and "zeros_like" not in text
    np.testing.assert_allclose(gradient(s, a), (a * np.cos(s[:, None] * a)).sum(axis=1))
