"""Dead code and dead stores: what goes, and what must stay."""

from __future__ import annotations

import operator

import numpy as np

from srcad.ir.nodes import Break, Do, Raise, Ref, Unpack, While
from srcad.ir.walk import statements
from srcad.optimise.dead import dead_code
from srcad.optimise.stores import dead_stores
from tests.optimise.machine import (
    WHOLE,
    add_to,
    call,
    function,
    give,
    let,
    loop,
    pop,
    push,
    store,
    turns,
    var,
    when,
)


def unknown(x: object) -> object:
    return x


def test_an_unread_result_goes() -> None:
    fn = function("x", let("t", np.tanh, "x"), let("y", np.sin, "x"), give("y"))
    assert dead_code(fn, {}).body == fn.body[1:]


def test_a_call_with_effects_stays_without_its_result() -> None:
    fn = function("x", let("t", unknown, "x"), give("x"))
    assert dead_code(fn, {}).body == (Do(call(unknown, "x")), give("x"))


def test_a_stack_that_nobody_reads_goes_with_the_loops_around_it() -> None:
    fn = function(
        "x",
        let("xs", []),
        loop("i", turns(3), push("xs", "x"), let("x", np.sin, "x")),
        loop("i", turns(3), pop("t", "xs"), let("u", np.cos, "t")),
        give("x"),
    )
    after = dead_code(fn, {}).body
    assert after == (loop("i", turns(3), let("x", np.sin, "x")), give("x"))


def test_a_stack_goes_whose_items_are_overwritten_unread() -> None:
    def body(read: object) -> tuple[object, ...]:
        return (
            let("xs", []),
            loop("i", turns(3), push("xs", "x"), let("x", np.sin, "x")),
            let("y", np.tanh, "x"),
            loop("i", turns(3), pop("x", "xs"), let("y", np.cos, read)),
            let("x", np.exp, "y"),
            give("x"),
        )

    unread, read = function("x", *body("y")), function("x", *body("x"))
    assert len(statements(dead_code(unread, {}).body)) == len(statements(unread.body)) - 3
    assert dead_code(read, {}).body == read.body


def test_a_stack_whose_truth_is_tested_stays() -> None:
    body = (
        let("xs", []),
        loop("i", turns(3), push("xs", "x")),
        let("x", 0.0),
        While((), var("xs"), (pop("t", "xs"), let("x", operator.add, "x", 1.0))),
        give("x"),
    )
    fn = function("x", *body)
    assert dead_code(fn, {}).body[:3] == body[:3]
    assert len(list(statements(dead_code(fn, {}).body))) == len(list(statements(body)))


def test_a_pop_stays_where_a_later_pop_is_read() -> None:
    fn = function(
        "x y",
        let("xs", []),
        push("xs", "x"),
        push("xs", "y"),
        pop("t", "xs"),
        pop("u", "xs"),
        give("u"),
    )
    pops = Do(call(list.pop, "xs"))
    assert dead_code(fn, {}).body == (*fn.body[:3], pops, *fn.body[4:])


def test_a_counter_that_only_counts_itself_goes() -> None:
    fn = function(
        "x",
        let("n", 0),
        loop("i", turns(3), let("n", operator.add, "n", 1), let("x", np.sin, "x")),
        give("x"),
    )
    assert dead_code(fn, {}).body == (loop("i", turns(3), let("x", np.sin, "x")), give("x"))


def test_stores_into_an_unread_buffer_go_and_through_a_view_stay() -> None:
    dead = function("x", let("b", np.tanh, "x"), store("b", 0, 1.0), give("x"))
    assert dead_code(dead, {}).body == (give("x"),)
    seen = function(
        "x",
        let("b", np.tanh, "x"),
        let("v", operator.getitem, "b", slice(1, None)),
        store("v", 0, 1.0),
        give("b"),
    )
    assert dead_code(seen, {}).body == seen.body


def test_a_parameter_that_is_written_to_is_an_effect() -> None:
    fn = function("x y", store("x", 0, 1.0), give("y"))
    assert dead_code(fn, {}).body == fn.body
    assert dead_stores(fn, {}).body == fn.body


def test_an_empty_if_goes_and_its_test_with_it() -> None:
    fn = function(
        "x",
        let("c", operator.gt, "x", 0),
        when("c", [let("t", np.sin, "x")], [let("t", np.cos, "x")]),
        give("x"),
    )
    assert dead_code(fn, {}).body == (give("x"),)


def test_a_break_and_its_test_stay_while_the_loop_does() -> None:
    fn = function(
        "x",
        loop(
            "i",
            turns(9),
            let("x", np.sin, "x"),
            let("c", operator.lt, "x", 0.5),
            when("c", [Break()]),
        ),
        give("x"),
    )
    assert dead_code(fn, {}).body == fn.body


def test_a_raise_stays_with_its_test() -> None:
    error = Raise(Ref("ValueError", ValueError))
    fn = function("x", let("c", operator.lt, "x", 0), when("c", [error]), give("x"))
    assert dead_code(fn, {}).body == fn.body


def test_unread_items_are_not_unpacked() -> None:
    fn = function("p", Unpack((var("a"), var("b")), var("p")), give("b"))
    assert dead_code(fn, {}).body[0] == Unpack((None, var("b")), var("p"))


def test_the_last_stores_before_the_end_go() -> None:
    fn = function(
        "x",
        let("x_bar", np.tanh, "x"),
        let("y", np.sum, "x_bar"),
        store("x_bar", slice(1, -1), 0),
        give("y"),
    )
    assert dead_stores(fn, {}).body == (fn.body[0], fn.body[1], fn.body[3])


def test_a_store_read_in_the_next_turn_stays() -> None:
    fn = function(
        "x",
        let("b", np.tanh, "x"),
        let("s", 0.0),
        loop("i", turns(3), let("s", np.sum, "b"), store("b", 0, 0.0)),
        give("s"),
    )
    assert dead_stores(fn, {}).body == fn.body


def test_an_update_of_an_array_that_another_name_reads_stays() -> None:
    fn = function("x", let("a", np.tanh, "x"), let("b", "a"), add_to("a", WHOLE, 1.0), give("b"))
    assert dead_stores(fn, {}).body == fn.body
