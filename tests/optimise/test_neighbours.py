"""What is made for one statement stands beside it, unless something changes in between."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.renest import renest
from srcad.emit.text import render
from srcad.ir.nodes import Assign, Stmt
from srcad.optimise.neighbours import neighbours
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import add_to, function, give, let, loop, run, same, store, turns, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
NUMBERS = ("v", "s_bar", "t", "t_1", "t_2", "t_3")
TYPES = {
    **dict.fromkeys(("x", "w", "x_bar", "w_bar", "y_bar"), VECTOR),
    **dict.fromkeys(NUMBERS, FLOAT),
    **{"i": INT, "j": INT},
}
X_BAR, W_BAR = let("x_bar", np.cos, "x"), let("w_bar", np.sin, "x")
ITEM = let("t", operator.getitem, "x_bar", "i")


def lines(*body: Stmt, result: object = ("x_bar", "w_bar", "v")) -> list[str]:
    """The text of ``body`` after its two arrays are made, which must still compute the same."""
    fn = function("x v i j", X_BAR, W_BAR, *body, give(*result))
    types = {var(name): t for name, t in TYPES.items()}
    after = neighbours(fn, types)
    for i, j in ((1, 2), (1, 1)):
        args = (np.array([1.0, 2.0, 3.0]), 0.5, i, j)
        assert same(run(after, *args), run(fn, *args))
    text = render(renest(after, types)).text.splitlines()
    return [s.strip() for s in text if not any(w in s for w in ("def ", "cos", "sin(x)", "return"))]


def test_down_past_a_change_of_another_array() -> None:
    body = (ITEM, add_to("w_bar", "j", "v"), store("w_bar", "i", "t"))
    assert lines(*body) == ["w_bar[j] += v", "w_bar[i] = x_bar[i]"]


@pytest.mark.parametrize(
    "change",
    [
        add_to("x_bar", "j", "v"),
        store("x_bar", "j", 0.0),
        let("i", operator.sub, "j", 1),
        loop("k", turns("j"), add_to("x_bar", "k", "v")),
    ],
)
def test_not_past_a_change_of_what_it_reads(change: Stmt) -> None:
    body = (ITEM, change, let("t_1", operator.mul, "t", "v"), let("w_bar", np.multiply, "x", "t_1"))
    assert lines(*body)[0] == "t = x_bar[i]"


def test_not_past_a_change_through_a_view() -> None:
    view = let("y_bar", operator.getitem, "x_bar", slice(None, None, -1))
    scaled = let("t_1", operator.mul, "t", "v"), store("w_bar", "i", "t_1")
    assert "t = x_bar[i]" in lines(view, ITEM, store("y_bar", "j", 0.0), *scaled)


def test_a_store_goes_up_where_its_value_cannot_come_down() -> None:
    body = (ITEM, store("x_bar", "j", 0.0), store("w_bar", "i", "t"))
    assert lines(*body) == ["w_bar[i] = x_bar[i]", "x_bar[j] = 0.0"]


def test_a_sum_goes_up_where_its_value_cannot_come_down() -> None:
    made, again = let("t_1", operator.mul, "v", 3.0), let("v", operator.mul, "v", 2.0)
    body = (made, again, add_to("x_bar", "i", "t_1"))
    assert lines(*body) == ["x_bar[i] += v * 3.0", "v = v * 2.0"]


@pytest.mark.parametrize(
    "between",
    [
        let("t_2", operator.getitem, "x_bar", "j"),
        store("x_bar", "j", 0.0),
        let("i", operator.sub, "j", 1),
    ],
)
def test_it_stays_where_somebody_looks_or_the_place_is_another(between: Assign) -> None:
    made, again = let("t_1", operator.mul, "v", 3.0), let("v", operator.mul, "v", 2.0)
    body = (made, between, again, add_to("x_bar", "i", "t_1"))
    seen = ("t_2",) if between.__class__ is Assign and between.target == var("t_2") else ()
    assert "x_bar[i] += t_1" in lines(*body, result=("x_bar", "w_bar", "v", *seen))


def test_it_stays_where_the_chosen_items_change() -> None:
    chosen, made = let("k", np.array, [0, 1]), let("t_1", operator.mul, "v", 3.0)
    again = let("v", operator.mul, "v", 2.0)
    body = (chosen, made, store("k", 0, "j"), again, add_to("x_bar", "k", "t_1"))
    assert "x_bar[k] += t_1" in lines(*body)


def test_no_array_lives_longer() -> None:
    own = let("y_bar", np.tanh, "x")
    made = let("t_1", operator.getitem, "y_bar", "i")
    body = (own, made, add_to("x_bar", "j", "v"), add_to("w_bar", "j", "t_1"))
    assert "t_1 = tanh(x)[i]" in lines(*body)
