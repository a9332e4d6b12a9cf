"""Common subexpressions and in-place sums: what may be one object, and what must stay two."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.ir.nodes import Const, Stmt
from srcad.optimise import PASSES, optimise
from srcad.optimise.common import common_subexpressions
from srcad.optimise.inplace import in_place
from srcad.types.lattice import FLOAT, Array, ListOf, Sym, Type
from tests.optimise.machine import (
    WHOLE,
    add_to,
    function,
    give,
    let,
    loop,
    push,
    store,
    turns,
    var,
    when,
)

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
MATRIX = Array(np.dtype(np.float64), (Sym(2), Sym(3)))


def shared(params: str, *body: Stmt, **types: Type) -> tuple[Stmt, ...]:
    return common_subexpressions(
        function(params, *body), {var(n): t for n, t in types.items()}
    ).body


def test_an_equal_call_is_computed_once() -> None:
    a, b, end = let("a", np.sin, "x"), let("b", np.sin, "x"), give("a", "s")
    use = let("s", np.sum, "b")
    assert shared("x", a, b, use, end, x=VECTOR) == (a, let("b", "a"), use, end)


def test_a_call_in_a_branch_sees_what_was_computed_before_but_not_in_another_branch() -> None:
    before = let("a", np.sin, "x")
    body = (
        before,
        when("c", [let("b", np.sin, "x"), let("d", np.cos, "x")], [let("d", np.cos, "x")]),
        let("e", np.cos, "x"),
        give("a", "b", "e"),
    )
    after = shared("x c", *body, x=FLOAT, a=FLOAT, b=FLOAT, d=FLOAT, e=FLOAT)
    branches = when("c", [let("b", "a"), let("d", np.cos, "x")], [let("d", np.cos, "x")])
    assert after == (before, branches, *body[2:])


@pytest.mark.parametrize("change", [let("x", np.cos, "x"), store("w", 0, 1.0)])
def test_nothing_is_shared_across_a_change_of_an_operand(change: Stmt) -> None:
    body = (
        let("x", np.tanh, "z"),
        let("w", operator.getitem, "x", slice(1, None)),
        let("a", np.sin, "x"),
        change,
        let("b", np.sin, "x"),
        let("s", operator.add, "a", "b"),
        give("s"),
    )
    assert shared("z", *body, x=VECTOR, w=VECTOR, a=VECTOR, b=VECTOR, s=VECTOR) == body


def test_nothing_is_shared_across_an_unknown_call() -> None:
    def unknown(x: object) -> None:
        del x

    body = (
        let("a", np.sin, "x"),
        let("n", unknown, "x"),
        let("b", np.sin, "x"),
        let("s", operator.add, "a", "b"),
        give("s", "n"),
    )
    assert shared("x", *body) == body


def test_nothing_is_shared_with_the_turn_before() -> None:
    body = (
        let("a", np.sin, "x"),
        loop("i", turns(3), let("b", np.sin, "x"), let("x", operator.mul, "x", "b")),
        give("a", "x"),
    )
    assert shared("x", *body, x=FLOAT, a=FLOAT, b=FLOAT) == body


def test_two_buffers_stay_two() -> None:
    body = (
        let("a", np.positive, "x"),
        let("b", np.positive, "x"),
        store("a", 0, 1.0),
        let("s", operator.add, "a", "b"),
        give("s"),
    )
    assert shared("x", *body, x=VECTOR, a=VECTOR, b=VECTOR, s=VECTOR) == body


def test_what_is_read_before_the_change_is_shared() -> None:
    a, b = let("a", np.sin, "x"), let("t", np.sin, "x")
    use, change = let("s", operator.mul, "t", "x"), add_to("a", WHOLE, "s")
    types = dict.fromkeys(("x", "a", "t", "s"), VECTOR)
    after = shared("x", a, b, use, change, give("a"), **types)
    assert after == (a, let("t", "a"), let("s", operator.mul, "a", "x"), change, give("a"))


@pytest.mark.parametrize("use", [let("s", operator.mul, "t", "x"), add_to("s", WHOLE, "t")])
@pytest.mark.parametrize("late", [True, False])
def test_what_is_read_after_the_change_or_handed_on_is_not(use: Stmt, late: bool) -> None:
    a, b, c = let("a", np.sin, "x"), let("t", np.sin, "x"), let("s", np.cos, "x")
    change = add_to("a", WHOLE, "x")
    more = () if late else (let("r", operator.getitem, "t", slice(1, None)),)
    body = (a, b, c, *more, change, use, give("a", "s", *(["r"] if more else [])))
    types = dict.fromkeys(("x", "a", "t", "s", "r"), VECTOR)
    assert shared("x", *body, **types) == body


def test_two_results_stay_two() -> None:
    body = (let("a", np.sin, "x"), let("b", np.sin, "x"), give("a", "b"))
    assert shared("x", *body, x=VECTOR, a=VECTOR, b=VECTOR) == body


def test_three_equal_arrays_do_not_make_two_results_one() -> None:
    body = (
        let("t", np.sin, "x"),
        let("a", np.sin, "x"),
        let("b", np.sin, "x"),
        let("s", np.sum, "t"),
        give("a", "b", "s"),
    )
    after = shared("x", *body, x=VECTOR, a=VECTOR, b=VECTOR, t=VECTOR, s=FLOAT)
    assert after == (body[0], let("a", "t"), *body[2:])


def test_cheap_operands_are_seen_through_but_not_shared() -> None:
    body = (
        let("t", np.transpose, "x"),
        let("a", operator.matmul, "t", "x"),
        let("t_1", np.transpose, "x"),
        let("b", operator.matmul, "t_1", "x"),
        let("s", operator.add, "a", "b"),
        give("s"),
    )
    types = dict.fromkeys(("x", "t", "t_1", "a", "b", "s"), MATRIX)
    assert shared("x", *body, **types) == (*body[:3], let("b", "a"), *body[4:])


def test_products_of_numbers_are_left_where_they_read_best() -> None:
    body = (
        let("a", operator.mul, "x", "x"),
        let("b", operator.mul, "x", "x"),
        give("a", "b"),
    )
    assert shared("x", *body, x=FLOAT, a=FLOAT, b=FLOAT) == body
    sines = (let("a", np.sin, "x"), let("b", np.sin, "x"), give("a", "b"))
    assert shared("x", *sines, x=FLOAT, a=FLOAT, b=FLOAT)[1] == let("b", "a")


def test_quotients_of_numbers_are_shared() -> None:
    for divisor, once in (("y", True), (Const(2), False)):
        quotients = (
            let("a", operator.truediv, "x", divisor),
            let("b", operator.truediv, "x", divisor),
            give("a", "b"),
        )
        after = shared("x y", *quotients, x=FLOAT, y=FLOAT, a=FLOAT, b=FLOAT)
        assert (after[1] == let("b", "a")) is once


# --- in place ------------------------------------------------------------------------------------


def summed(params: str, *body: Stmt, **types: Type) -> tuple[Stmt, ...]:
    return in_place(function(params, *body), {var(n): t for n, t in types.items()}).body


def test_an_owned_array_is_added_to_in_place() -> None:
    made = let("x_bar", np.sin, "x")
    body = (made, let("x_bar", operator.add, "x_bar", "x"), give("x_bar"))
    assert summed("x", *body, x=VECTOR, x_bar=VECTOR) == (
        made,
        add_to("x_bar", WHOLE, "x"),
        give("x_bar"),
    )


@pytest.mark.parametrize(
    "made",
    [
        let("x_bar", "x"),
        let("x_bar", operator.getitem, "x", slice(None, None, -1)),
        let("x_bar", np.ravel, "x"),
    ],
)
def test_a_borrowed_array_is_not(made: Stmt) -> None:
    body = (made, let("x_bar", operator.add, "x_bar", "x"), give("x_bar"))
    assert summed("x", *body, x=VECTOR, x_bar=VECTOR) == body


def test_an_array_that_a_list_or_a_name_holds_is_not() -> None:
    listed = (
        let("xs", []),
        let("a", np.sin, "x"),
        push("xs", "a"),
        let("a", operator.add, "a", "x"),
        give("a", "xs"),
    )
    assert summed("x", *listed, x=VECTOR, a=VECTOR, xs=ListOf(VECTOR)) == listed
    named = (
        let("a", np.sin, "x"),
        let("b", "a"),
        let("a", operator.add, "a", "x"),
        give("a", "b"),
    )
    assert summed("x", *named, x=VECTOR, a=VECTOR, b=VECTOR) == named


@pytest.mark.parametrize("t", [FLOAT, Array(np.dtype(np.float64), (None,))])
def test_a_number_or_an_array_that_may_grow_is_not(t: Type) -> None:
    body = (let("a", np.sin, "x"), let("a", operator.add, "a", "y"), give("a"))
    assert summed("x y", *body, x=t, a=t, y=VECTOR) == body


# --- the sequence --------------------------------------------------------------------------------


def test_a_pass_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="no such pass: flod"):
        optimise(function("x", give("x")), {}, frozenset({"flod"}))


def test_every_pass_can_be_left_out() -> None:
    body = (
        let("t", np.sin, "x"),
        let("t_1", np.sin, "x"),
        let("t_2", operator.mul, "t", 1),
        let("y", "t_2"),
        let("u", np.cos, "x"),
        give("y"),
    )
    fn = function("x", *body)
    types = {v: FLOAT for v in map(var, ("x", "t", "t_1", "t_2", "y", "u"))}
    assert optimise(fn, types).body == (let("y", np.sin, "x"), give("y"))
    assert optimise(fn, types, frozenset(name for name, _ in PASSES)) == fn
