"""A part of an adjoint that is computed from itself is updated in place."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Stmt
from srcad.optimise.parts import updated_parts
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import function, give, let, loop, run, same, store, turns, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
MATRIX = Array(np.dtype(np.float64), (1, Sym(1)))
TYPES = {
    **dict.fromkeys(("x", "u_bar", "t", "t_1"), VECTOR),
    **{"row": MATRIX, "v": FLOAT, "i": INT, "j": INT, "t_2": FLOAT, "t_3": FLOAT},
}
MADE = let("u_bar", np.cos, "x")
ITEM = let("t_2", operator.getitem, "u_bar", "i")
TRUEDIV = vars(operator)["truediv"]


def changes(*body: Stmt, result: object = "u_bar") -> list[str]:
    """The lines of ``body``, which must still compute the same."""
    fn = function("x v i j", MADE, *body, give(result))
    out = updated_parts(fn, {var(name): t for name, t in TYPES.items()})
    for j in (2, 1):
        args = (np.array([1.0, 2.0, 3.0]), 0.5, 1, j)
        assert same(run(out, *args), run(fn, *args))
    return [line.strip() for line in render(out).text.splitlines()[2:-1]]


@pytest.mark.parametrize(
    ("op", "sign"),
    [(operator.add, "+"), (operator.sub, "-"), (operator.mul, "*"), (TRUEDIV, "/")],
)
def test_an_item(op: object, sign: str) -> None:
    made = let("t_3", op, "t_2", "v")
    assert changes(ITEM, made, store("u_bar", "i", "t_3")) == [f"u_bar[i] {sign}= v"]


def test_the_number_may_come_first() -> None:
    made = let("t_3", operator.mul, "v", "t_2")
    assert changes(ITEM, made, store("u_bar", "i", "t_3")) == ["u_bar[i] *= v"]


def test_a_difference_the_other_way_round_stays() -> None:
    made = let("t_3", operator.sub, "v", "t_2")
    assert "u_bar[i] = t_3" in changes(ITEM, made, store("u_bar", "i", "t_3"))


def test_a_slice_and_the_whole() -> None:
    inner = slice(1, None)
    body = (
        let("t", operator.getitem, "u_bar", inner),
        let("t_1", operator.mul, "t", "v"),
        store("u_bar", inner, "t_1"),
    )
    assert changes(*body) == ["u_bar[1:] *= v"]
    whole = (let("t_1", operator.mul, "v", "u_bar"), store("u_bar", ..., "t_1"))
    assert changes(*whole) == ["u_bar *= v"]


def test_what_is_read_besides_stays() -> None:
    more = let("t_4", operator.mul, "t_2", 2.0)
    made = let("t_3", operator.mul, "t_2", "v")
    found = changes(ITEM, more, made, store("u_bar", "i", "t_3"), result=("u_bar", "t_4"))
    assert found == ["t_2 = u_bar[i]", "t_4 = t_2 * 2.0", "u_bar[i] *= v"]


@pytest.mark.parametrize(
    "between",
    [
        store("u_bar", "j", 7.0),
        let("v", operator.add, "v", 1.0),
        let("i", operator.sub, "j", 1),
        loop("k", turns("j"), store("u_bar", "k", 7.0)),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_changes_in_between_is_not_read_again(between: Stmt, late: bool) -> None:
    made = let("t_3", operator.mul, "t_2", "v")
    body = (ITEM, made, between) if late else (ITEM, between, made)
    harmless = not late and between == let("v", operator.add, "v", 1.0)
    assert ("u_bar[i] = t_3" in changes(*body, store("u_bar", "i", "t_3"))) != harmless


def test_another_item_stays() -> None:
    made = let("t_3", operator.mul, "t_2", "v")
    assert "u_bar[j] = t_3" in changes(ITEM, made, store("u_bar", "j", "t_3"))


def test_a_value_of_more_axes_is_stored() -> None:
    row = let("row", np.expand_dims, "x", 0)
    made = let("t_1", operator.mul, "u_bar", "row")
    assert "u_bar[...] = t_1" in changes(row, made, store("u_bar", ..., "t_1"))


def test_what_is_read_twice_stays() -> None:
    made = let("t_3", operator.mul, "t_2", "v")
    body = (ITEM, made, store("u_bar", "i", "t_3"))
    assert "u_bar[i] = t_3" in changes(*body, result=("u_bar", "t_3"))


def test_what_the_user_stores_stays() -> None:
    made = let("y", operator.mul, "t_2", "v")
    assert "u_bar[i] = y" in changes(ITEM, made, store("u_bar", "i", "y"))
