"""A cell that loops visit once is not cleared after it was read."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Call, Const, Expr, Ref, Stmt, Var
from srcad.optimise.visited_once import cells_visited_once
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import add_to, function, give, let, loop, run, same, store, turns, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
TYPES = {
    **dict.fromkeys(("x", "u_bar", "x_bar", "row"), VECTOR),
    **dict.fromkeys(("v", "t_bar", "s"), FLOAT),
    **dict.fromkeys(("n", "k", "j", "m"), INT),
}
MADE = (let("u_bar", np.cos, "x"), let("x_bar", np.zeros_like, "x"))
READ = let("t_bar", operator.getitem, "u_bar", "k")
CLEARED = store("u_bar", "k", 0.0)
USED = add_to("x_bar", "k", "t_bar")


def clears(*body: Stmt) -> bool:
    """Whether ``body`` still clears a cell; it must compute the same as before."""
    fn = function("x v n", *MADE, *body)
    out = cells_visited_once(fn, {var(name): t for name, t in TYPES.items()})
    args = (np.array([1.0, 2.0, 3.0]), 0.5, 3)
    assert same(run(out, *args), run(fn, *args))
    return "= 0.0" in render(out).text


def test_what_is_not_read_again_is_not_cleared() -> None:
    assert not clears(loop("k", turns("n"), READ, CLEARED, USED), give("x_bar"))


@pytest.mark.parametrize(
    "more",
    [
        (let("s", operator.getitem, "u_bar", "k"),),
        (let("s", operator.getitem, "u_bar", 0),),
        (let("s", np.sum, "u_bar"),),
        (add_to("u_bar", "k", "v"),),
    ],
)
def test_what_is_read_after_it_was_cleared_is(more: tuple[Stmt, ...]) -> None:
    assert clears(loop("k", turns("n"), READ, CLEARED, USED, *more), give("x_bar"))


@pytest.mark.parametrize("result", ["u_bar", "row"])
def test_what_is_seen_after_the_loop_is_cleared(result: str) -> None:
    row = let("row", operator.getitem, "u_bar", slice(1, None))
    assert clears(row, loop("k", turns("n"), READ, CLEARED, USED), give("x_bar", result))


def test_what_a_loop_further_out_comes_to_again_is_cleared() -> None:
    inner = loop("k", turns("n"), READ, CLEARED, USED)
    assert clears(loop("j", turns("n"), inner), give("x_bar"))
    assert not clears(loop("j", turns("n"), *MADE, inner), give("x_bar"))


@pytest.mark.parametrize(
    ("first", "clear"), [(Const(-1), True), (Var("m"), True), (Const(0), False)]
)
def test_places_may_be_counted_from_the_end(first: Expr, clear: bool) -> None:
    counted = Call(Ref("range", range), (first, var("n")))
    turn = loop("k", counted, READ, CLEARED, USED)
    assert clears(let("m", operator.neg, 1), turn, give("x_bar")) is clear
