"""Indices written out where they stand: which of them, and where that would mean something else."""

from __future__ import annotations

import numpy as np
import pytest

from srcad.emit.indices import written_out
from srcad.emit.text import render
from srcad.ir.nodes import Assign, AugAssign, Const, For, If, Return, Slice, Stmt, Store, Tuple, Var
from srcad.ir.refs import ADD
from srcad.types.lattice import FLOAT, INT, Array, Type
from tests.emit.random_programs import function, op

VECTOR = Array(np.dtype(np.float64), (4,))
x, y, i, t, t1 = Var("x"), Var("y"), Var("i"), Var("t", 0, True), Var("t", 1, True)
BEFORE = Assign(t, op("sub", i, Const(1)))
ITEM = op("getitem", x, t)


def text(*body: Stmt, of: Type = INT) -> list[str]:
    types: dict[Var, Type] = {x: VECTOR, y: FLOAT, i: of, t: of, t1: INT}
    fn = written_out(function(*body, params=(x, y, i)), types)
    return [line.strip() for line in render(fn).text.splitlines()[1:]]


def test_an_index_stands_where_it_is_used() -> None:
    added = AugAssign(x, t, ADD, op("mul", y, ITEM))
    assert text(BEFORE, Assign(y, ITEM), added) == ["y = x[i - 1]", "x[i - 1] += y * x[i - 1]"]


def test_the_ends_of_slices_and_the_axes_of_a_place() -> None:
    after = Assign(t1, op("add", i, Const(2)))
    part = op("getitem", x, Tuple((Slice(t, t1, Const(None)), i)))
    stored = Store(x, Tuple((i, t)), part)
    assert text(BEFORE, after, stored) == ["x[i, i - 1] = x[i - 1 : i + 2, i]"]


def test_what_is_bound_when_it_is_no_longer_read_may_be_anything() -> None:
    moved = Assign(i, op("add", i, Const(3)))
    assert text(BEFORE, Assign(y, ITEM), moved)[0] == "y = x[i - 1]"


@pytest.mark.parametrize(
    "body",
    [
        (Assign(i, Const(3)), Assign(y, ITEM)),
        (For(i, x, (Assign(y, Const(0)),)), Assign(y, ITEM)),
        (If(y, (Assign(i, Const(0)),)), Assign(y, ITEM)),
        (Assign(y, op("mul", t, ITEM)),),  # a number too
        (Store(x, op("mul", t, Const(2)), y), Store(x, t, y)),
        (Store(x, t, y), Return(t)),
        (If(y, (Store(x, t, y),)), Store(x, t, y)),
        (Store(x, t, y), For(i, x, (Store(x, t, y),))),
    ],
)
def test_a_name_that_stays(body: tuple[Stmt, ...]) -> None:
    assert text(BEFORE, *body)[0] == "t = i - 1"


def test_a_name_that_is_bound_twice_stays() -> None:
    assert text(BEFORE, Assign(y, ITEM), Assign(t, i), Assign(y, ITEM))[0] == "t = i - 1"


def test_an_array_of_indices_keeps_its_name() -> None:
    array = Array(np.dtype(np.int64), (4,))
    assert text(BEFORE, Assign(y, ITEM), Assign(y, ITEM), of=array)[0] == "t = i - 1"
