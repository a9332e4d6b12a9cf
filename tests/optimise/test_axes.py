"""Axes as one writes them by hand."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Stmt
from srcad.optimise.fold import fold_calls
from srcad.types.lattice import Array, Sym, Type
from tests.optimise.machine import function, give, let, run, same, var

DTYPE = np.dtype(float)
MATRIX = Array(DTYPE, (Sym(1), Sym(2)))
VECTOR = Array(DTYPE, (Sym(2),))
ROW = Array(DTYPE, (1, Sym(2)))


def last_value(*body: Stmt, **types: Type) -> str:
    fn = function("x v", *body)
    after = fold_calls(fn, {var(n): t for n, t in (("x", MATRIX), ("v", VECTOR), *types.items())})
    args = np.arange(6.0).reshape(2, 3), np.array([1.0, -2.0, 3.0])
    assert same(run(after, *args), run(fn, *args))
    return render(after).text.splitlines()[-2].partition(" = ")[2]


@pytest.mark.parametrize(
    ("stmt", "after"),
    [
        (let("y", np.swapaxes, "x", -1, -2), "x.T"),
        (let("y", np.swapaxes, "x", 0, 1), "x.T"),
        (let("y", np.swapaxes, "x", 1, -1), "swapaxes(x, 1, -1)"),
        (let("y", np.expand_dims, "v", -2), "v[None]"),
        (let("y", np.expand_dims, "v", -1), "v[:, None]"),
        (let("y", np.expand_dims, "x", -1), "x[..., None]"),
    ],
)
def test_axes_are_spelled_as_by_hand(stmt: Stmt, after: str) -> None:
    assert last_value(stmt, give("y")) == after


def test_an_extent_is_read_off_the_shape() -> None:
    fn = fold_calls(function("x", let("y", np.size, "x", 1), give("y")), {var("x"): MATRIX})
    assert [line.strip() for line in render(fn).text.splitlines()[1:3]] == [
        "t = x.shape",
        "y = t[1]",
    ]


@pytest.mark.parametrize("swapped", [False, True])
def test_numpy_adds_axes_in_front(swapped: bool) -> None:
    operands = ("t", "x") if swapped else ("x", "t")
    body = let("t", np.expand_dims, "v", 0), let("y", operator.mul, *operands), give("y")
    expected = "v * x" if swapped else "x * v"
    assert last_value(*body, t=ROW, y=MATRIX) == expected


def test_an_axis_in_front_of_both_stays() -> None:
    body = let("t", np.expand_dims, "v", 0), let("y", operator.mul, "t", "v"), give("y")
    assert last_value(*body, t=ROW, y=ROW) == "t * v"
