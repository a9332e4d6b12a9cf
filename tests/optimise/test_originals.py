"""A copy that is read only while the original is what it was is not made."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Function, Stmt
from srcad.optimise.originals import read_originals
from srcad.types.lattice import FLOAT, INT, Array, ListOf, Sym
from tests.optimise.machine import add_to, function, give, let, loop, run, same, store, turns, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
ARRAYS = ("x", "u_bar", "t", "t_1", "t_2", "t_bar", "y_bar", "b")
TYPES = {**dict.fromkeys(ARRAYS, VECTOR), "v": FLOAT, "n": INT, "items_bar": ListOf(FLOAT)}
MADE = let("u_bar", np.cos, "x")
VIEW = let("t", operator.getitem, "u_bar", slice(1, None))


def after(*body: Stmt) -> Function:
    """``body`` without needless copies, which must still compute the same."""
    fn = function("x v n", *body)
    out = read_originals(fn, {var(name): t for name, t in TYPES.items()})
    args = (np.array([1.0, 2.0, 3.0]), 0.5, 2)
    assert same(run(out, *args), run(fn, *args))
    return out


def copies(*body: Stmt) -> int:
    return render(after(*body)).text.count("copy(")


def test_the_original_is_read_and_has_the_better_name() -> None:
    text = render(
        after(
            MADE,
            VIEW,
            let("t_bar", np.copy, "t"),
            let("y_bar", operator.mul, "t_bar", "v"),
            store("u_bar", slice(1, None), "y_bar"),
            give("u_bar"),
        )
    ).text
    assert "t_bar = u_bar[1:]" in text
    assert "copy" not in text


def test_a_temporary_gives_way_to_the_original() -> None:
    body = (MADE, let("t", np.copy, "u_bar"), let("y_bar", operator.mul, "t", "v"), give("y_bar"))
    assert "y_bar = u_bar * v" in render(after(*body)).text


def test_the_original_is_read_in_a_loop() -> None:
    reading = loop("k", turns("n"), let("t_2", operator.mul, "t_bar", "v"))
    assert copies(MADE, VIEW, let("t_bar", np.copy, "t"), reading, give("u_bar")) == 0


def test_what_a_loop_reads_after_its_own_change_stays_a_copy() -> None:
    change = store("u_bar", "k", 0)
    reading = loop("k", turns("n"), let("t_2", operator.mul, "t_bar", "v"), change)
    assert copies(MADE, VIEW, let("t_bar", np.copy, "t"), reading, give("u_bar")) == 1


@pytest.mark.parametrize(
    "between",
    [
        store("u_bar", 1, 0),
        add_to("u_bar", 1, "v"),
        let("t", np.sin, "x"),
        loop("k", turns("n"), store("u_bar", "k", 0)),
    ],
)
def test_what_is_read_after_a_change_stays_a_copy(between: Stmt) -> None:
    body = (MADE, VIEW, let("t_bar", np.copy, "t"), between)
    assert copies(*body, let("y_bar", operator.mul, "t_bar", "v"), give("y_bar", "u_bar")) == 1


@pytest.mark.parametrize(
    "reader",
    [
        add_to("u_bar", slice(1, None), "t_bar"),
        let("t_2", operator.getitem, "t_bar", slice(1, None)),
        loop("k", turns("n"), let("t_2", "t_bar")),
        let("t_2", "t_bar"),
        store("items_bar", 0, "t_bar"),
    ],
)
def test_what_hands_on_the_copy_keeps_it(reader: Stmt) -> None:
    items = let("items_bar", list, "x")
    assert copies(items, MADE, VIEW, let("t_bar", np.copy, "t"), reader, give("u_bar")) == 1


def test_what_is_returned_stays_a_copy() -> None:
    assert copies(MADE, let("t_bar", np.copy, "u_bar"), give("t_bar", "u_bar")) == 1


def test_the_users_copies_stay() -> None:
    body = (MADE, let("b", np.copy, "u_bar"), let("y_bar", operator.mul, "b", "v"), give("y_bar"))
    assert copies(*body) == 1
