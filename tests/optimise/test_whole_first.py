"""An adjoint starts as the array that is added to all of it."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Stmt
from srcad.optimise.whole_first import wholes_first
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import (
    add_to,
    function,
    give,
    let,
    loop,
    run,
    same,
    store,
    turns,
    var,
)

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
SINGLE = Array(np.dtype(np.float32), (Sym(1),))
TYPES = {
    **dict.fromkeys(("x", "u", "u_bar", "x_bar", "x_bar_1", "x_bar_2", "t_bar"), VECTOR),
    **{"f_bar": SINGLE, "i": INT, "j": INT, "v": FLOAT, "w": FLOAT},
}
ZEROS = let("x_bar", np.zeros_like, "x")
GAIN = add_to("x_bar", "i", "v")
WHOLE = let("t_bar", operator.mul, "x", "w")
TOTAL = let("x_bar_1", operator.add, "x_bar", "t_bar")


def text(*body: Stmt, result: str = "x_bar_1") -> list[str]:
    """The lines of ``body`` rewritten, which must still compute the same."""
    fn = function("x u i j v w", *body, give(result))
    after = wholes_first(fn, {var(name): t for name, t in TYPES.items()})
    for j in (2, 1):
        args = (np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 4.0]), 1, j, 0.5, 0.25)
        assert same(run(after, *args), run(fn, *args))
    return [s.strip() for s in render(after).text.splitlines()[1:]]


def test_the_whole_comes_first() -> None:
    found = text(ZEROS, GAIN, WHOLE, TOTAL)
    assert found == ["x_bar_1 = x * w", "x_bar_1[i] += v", "return x_bar_1"]


def test_sums_keep_their_order() -> None:
    found = text(ZEROS, GAIN, WHOLE, add_to("x_bar", "j", "w"), TOTAL)
    assert found[1:3] == ["x_bar_1[i] += v", "x_bar_1[j] += w"]


def test_the_whole_takes_over_the_gains_of_two() -> None:
    found = text(
        ZEROS,
        GAIN,
        let("u_bar", np.zeros_like, "x"),
        add_to("u_bar", "j", "w"),
        WHOLE,
        TOTAL,
        let("x_bar_2", operator.add, "x_bar_1", "u_bar"),
        result="x_bar_2",
    )
    assert found == ["x_bar_2 = x * w", "x_bar_2[i] += v", "x_bar_2[j] += w", "return x_bar_2"]


def test_what_others_hold_is_copied() -> None:
    found = text(ZEROS, GAIN, let("x_bar_1", operator.add, "u", "x_bar"))
    assert found[0] == "x_bar_1 = u.copy()"


@pytest.mark.parametrize(
    "between",
    [
        let("v", operator.mul, "w", 3.0),
        let("i", operator.sub, "j", 1),
        let("s_bar", operator.getitem, "x_bar", 0),
        store("x_bar", "j", "w"),
        loop("k", turns("j"), add_to("x_bar", "k", "w")),
        loop("i", turns("j"), let("s", operator.mul, "w", 2.0)),
        let("u_bar", operator.mul, "x_bar", 2.0),
    ],
)
def test_what_stands_between_may_see_or_change_it(between: Stmt) -> None:
    assert text(ZEROS, GAIN, between, WHOLE, TOTAL)[0] == "x_bar = zeros_like(x)"


def test_zeros_that_are_read_afterwards_stay() -> None:
    again = let("x_bar_1", operator.mul, "x_bar_1", "x_bar")
    assert "x_bar = zeros_like(x)" in text(ZEROS, GAIN, WHOLE, TOTAL, again)


def test_another_precision_stays() -> None:
    rounded = let("f_bar", np.float32, "w")
    single = let("f_bar", operator.mul, "x", "f_bar")
    total = let("x_bar_1", operator.add, "x_bar", "f_bar")
    assert text(ZEROS, GAIN, rounded, single, total)[0] == "x_bar = zeros_like(x)"
