"""Several updates of one item of an adjoint made one."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import AugAssign, Const, Ref, Stmt
from srcad.optimise import optimise
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import function, give, let, run, same, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
TYPES = {"x": VECTOR, "x_bar": VECTOR, "y_bar": VECTOR, "i": INT, "j": INT, "v": FLOAT, "w": FLOAT}
MADE = let("x_bar", np.cos, "x")


def add(value: str, array: str = "x_bar", index: str = "i", sign: str = "+") -> Stmt:
    op = Ref("operator.add", operator.add) if sign == "+" else Ref("operator.sub", operator.sub)
    return AugAssign(var(array), var(index), op, var(value))


def updates(*body: Stmt, params: str = "x i j v w") -> list[str]:
    """The updates left of ``body``, which must still compute the same."""
    fn = function(params, *body)
    after = optimise(fn, {var(name): t for name, t in TYPES.items()})
    values = {"x": np.array([1.0, 2.0, 3.0]), "i": 1, "j": 2, "v": 0.5, "w": 0.25}
    for j in (2, 1):
        args = [{**values, "j": j}[p] for p in params.split()]
        assert same(run(after, *args), run(fn, *args))
    return [line.strip() for line in render(after).text.splitlines() if "[" in line and "=" in line]


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [("+", "+", "+="), ("-", "-", "-="), ("+", "-", "+="), ("-", "+", "+=")],
)
def test_two_of_one_item(first: str, second: str, wanted: str) -> None:
    (found,) = updates(MADE, add("v", sign=first), add("w", sign=second), give("x_bar"))
    assert found.startswith(f"x_bar[i] {wanted} ")


def test_three_of_one_item() -> None:
    assert len(updates(MADE, add("v"), add("w"), add("v", sign="-"), give("x_bar"))) == 1


def test_what_is_only_added_to_may_be_in_between() -> None:
    assert len(updates(MADE, add("v"), add("v", index="j"), add("w"), give("x_bar"))) == 2


def test_what_the_user_calls_like_an_adjoint_stays() -> None:
    made = let("$x_bar", np.zeros_like, "x")
    body = (made, add("v", "$x_bar"), add("w", "$x_bar"), give("$x_bar"))
    assert updates(*body) == ["x_bar[i] += v", "x_bar[i] += w"]


@pytest.mark.parametrize("name", ["i", "v"])
def test_two_stay_two_if_the_first_cannot_wait(name: str) -> None:
    again = let(name, operator.add, name, Const(1))
    body = (MADE, add("v"), again, add("w"), add("v", index="j", sign="-"), give("x_bar"))
    assert len(updates(*body)) == 3


@pytest.mark.parametrize("other", ["x_bar", "y_bar"])
def test_two_stay_two_if_the_item_may_be_read_in_between(other: str) -> None:
    view = let("y_bar", operator.getitem, "x_bar", Const(slice(None)))
    read = let("s", operator.getitem, other, "j")
    found = updates(MADE, view, add("v"), read, add("w"), give("x_bar", "s"))
    assert sum("x_bar[i] += " in line for line in found) == 2


def test_the_users_own_updates_stay() -> None:
    body = (let("x", np.copy, "x"), add("v", "x"), add("w", "x"), give("x"))
    assert len(updates(*body)) == 2


def test_arrays_of_several_numbers_stay() -> None:
    body = (MADE, add("x"), add("x"), give("x_bar"))
    fn = function("x i", *body)
    after = optimise(fn, {var("x"): Array(np.dtype(float), (Sym(1), Sym(2))), var("i"): INT})
    assert render(after).text.count("+=") == 2
