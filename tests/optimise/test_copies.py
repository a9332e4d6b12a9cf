"""Copy propagation: which name is read, and when none may be exchanged."""

from __future__ import annotations

import operator

import numpy as np

from srcad.optimise.copies import propagate_copies
from srcad.optimise.dead import dead_code
from srcad.types.lattice import FLOAT
from tests.optimise.machine import (
    WHOLE,
    add_to,
    function,
    give,
    let,
    loop,
    turns,
    when,
)


def test_the_original_is_read_in_place_of_a_temporary() -> None:
    fn = function("x", let("t", "x"), let("y", np.sin, "t"), give("y"))
    assert propagate_copies(fn, {}).body[1:] == (let("y", np.sin, "x"), give("y"))


def test_a_value_is_made_under_the_users_name() -> None:
    fn = function("x", let("t", np.sin, "x"), let("y", "t"), let("z", np.cos, "t"), give("y", "z"))
    after = dead_code(propagate_copies(fn, {}), {})
    assert after.body == (let("y", np.sin, "x"), let("z", np.cos, "y"), give("y", "z"))


def test_a_value_chosen_by_a_branch_is_made_under_the_users_name() -> None:
    fn = function(
        "x c",
        when("c", [let("t", np.sin, "x")], [let("t", np.cos, "x")]),
        let("y", "t"),
        give("y"),
    )
    expected = when("c", [let("y", np.sin, "x")], [let("y", np.cos, "x")])
    assert propagate_copies(fn, {}).body == (expected, give("y"))


def test_a_user_name_is_kept() -> None:
    fn = function("x", let("y", "x"), let("z", np.sin, "y"), give("z"))
    assert propagate_copies(fn, {}).body == fn.body


def test_a_copy_ends_where_the_original_is_bound_anew() -> None:
    fn = function("x", let("t", "x"), let("x", np.sin, "x"), let("y", np.sin, "t"), give("x", "y"))
    assert propagate_copies(fn, {}).body == fn.body


def test_a_copy_made_before_a_loop_that_binds_the_original_is_kept() -> None:
    fn = function(
        "x",
        let("t", "x"),
        let("s", 0.0),
        loop("i", turns(3), let("s", operator.add, "s", "t"), let("x", np.sin, "x")),
        give("x", "s"),
    )
    assert propagate_copies(fn, {}).body == fn.body


def test_an_update_of_a_number_ends_the_copy() -> None:
    x = function("x", let("t", "x"), add_to("x", WHOLE, 1.0), give("t", "x"))
    types = {p.var: FLOAT for p in x.params}
    assert propagate_copies(x, types).body == x.body


def test_a_value_is_not_made_early_where_the_old_one_is_still_read() -> None:
    fn = function(
        "x y", let("t", np.sin, "x"), let("z", np.cos, "y"), let("y", "t"), give("y", "z")
    )
    assert propagate_copies(fn, {}).body == fn.body


def test_a_literal_is_read_in_place_of_a_temporary_but_not_of_a_user_name() -> None:
    fn = function("x", let("t", 2), let("n", 3), let("y", operator.mul, "t", "n"), give("y"))
    after = dead_code(propagate_copies(fn, {}), {})
    assert after.body == (let("n", 3), let("y", operator.mul, 2, "n"), give("y"))
