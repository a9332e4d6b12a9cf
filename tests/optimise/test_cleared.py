"""What is added to a part of an adjoint that is zero so far is stored there."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import AugAssign, Const, Ref, Slice, Stmt
from srcad.optimise.cleared import stored_sums
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.optimise.machine import (
    WHOLE,
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
TYPES = {"x": VECTOR, "x_bar": VECTOR, "y_bar": VECTOR, "i": INT, "j": INT, "v": FLOAT, "w": FLOAT}
MADE = let("x_bar", np.cos, "x")


def updates(*body: Stmt, made: Stmt = MADE, result: str = "x_bar") -> list[str]:
    """The lines that change an array in ``body``, which must still compute the same."""
    fn = function("x i j v w", made, *body, give(result))
    after, _ = stored_sums(fn, {var(name): t for name, t in TYPES.items()})
    for j in (2, 1):
        args = (np.array([1.0, 2.0, 3.0]), 1, j, 0.5, 0.25)
        assert same(run(after, *args), run(fn, *args))
    return [s.strip() for s in render(after).text.splitlines() if "_bar" in s and "cos" not in s]


def test_one_sum_is_a_store() -> None:
    assert updates(store("x_bar", "i", 0), add_to("x_bar", "i", "v"))[0] == "x_bar[i] = v"


def test_a_difference_is_a_store_of_the_negative() -> None:
    minus = AugAssign(var("x_bar"), var("i"), Ref("operator.sub", operator.sub), var("v"))
    assert updates(store("x_bar", "i", 0), minus)[0] == "x_bar[i] = t"


def test_two_sums_are_one_store() -> None:
    found = updates(store("x_bar", "i", 0), add_to("x_bar", "i", "v"), add_to("x_bar", "i", "w"))
    assert found == ["x_bar[i] = t", "return x_bar"]


def test_the_whole_array() -> None:
    found = updates(store("x_bar", ..., 0), add_to("x_bar", WHOLE, "x"), add_to("x_bar", ..., "v"))
    assert found == ["x_bar[...] = t", "return x_bar"]


@pytest.mark.parametrize(
    "between",
    [
        let("s_bar", operator.getitem, "x_bar", 0),
        add_to("x_bar", "j", "w"),
        store("x_bar", "j", "w"),
        let("i", operator.sub, "j", 1),
        loop("k", turns("j"), add_to("x_bar", "i", "w")),
        loop("k", turns("j"), add_to("x_bar", "k", "w")),
    ],
)
def test_what_may_see_the_zero_or_change_the_place_keeps_it(between: Stmt) -> None:
    result = "s_bar" if getattr(between, "target", None) == var("s_bar") else "x_bar"
    found = updates(store("x_bar", "i", 0), between, add_to("x_bar", "i", "v"), result=result)
    assert "x_bar[i] += v" in found


def test_what_is_read_of_the_place_itself_stays_a_sum() -> None:
    view = let("y_bar", operator.getitem, "x_bar", slice(None, None, -1))
    found = updates(view, store("x_bar", ..., 0), add_to("x_bar", ..., "y_bar"))
    assert "x_bar[...] = 0" in found


def test_what_was_stored_stays_what_it_was() -> None:
    made = let("y_bar", np.sin, "x")
    body = (
        store("x_bar", ..., 0),
        add_to("x_bar", ..., "y_bar"),
        store("y_bar", "j", 7.0),
        add_to("x_bar", ..., "w"),
    )
    assert "x_bar[...] = y_bar" in updates(made, *body)


def test_the_items_stay_those_that_were_chosen() -> None:
    chosen = let("k", np.array, [0, 1])
    body = (store("x_bar", "k", 0), store("k", 0, "j"), add_to("x_bar", "k", "v"))
    assert "x_bar[k] = 0" in updates(chosen, *body)


def test_the_users_own_stores_stay() -> None:
    made = let("$x_bar", np.cos, "x")
    body = (store("$x_bar", "i", 0), add_to("$x_bar", "i", "v"))
    found = updates(*body, made=made, result="$x_bar")
    assert found[:2] == ["x_bar[i] = 0", "x_bar[i] += v"]


def test_an_array_of_the_callers_stays_as_it_is_in_between() -> None:
    fn = function("x_bar v", store("x_bar", 0, 0), add_to("x_bar", 0, "v"), give("v"))
    after, _ = stored_sums(fn, {var("x_bar"): VECTOR, var("v"): FLOAT})
    assert after is fn


# --- arrays made of zeros ------------------------------------------------------------------------

ZEROS = let("x_bar", np.zeros_like, "x")
TAIL = Slice(Const(1), Const(None), Const(None))


def gain(index: object, value: str, sign: str = "+") -> Stmt:
    op = Ref("operator.add", operator.add) if sign == "+" else Ref("operator.sub", operator.sub)
    return AugAssign(
        var("x_bar"), index if isinstance(index, Slice) else Const(index), op, var(value)
    )


def stored(*body: Stmt) -> list[str]:
    return [line for line in updates(*body, made=ZEROS) if "zeros" not in line and "[" in line]


def test_parts_of_zeros_are_stored() -> None:
    found = stored(gain(0, "v"), gain(1, "w"), gain(2, "v", "-"))
    assert found == ["x_bar[0] = v", "x_bar[1] = w", "x_bar[2] = t"]


def test_an_item_and_the_slice_behind_it() -> None:
    assert stored(gain(TAIL, "v"), gain(0, "w")) == ["x_bar[1:] = v", "x_bar[0] = w"]
    assert stored(gain(TAIL, "v"), gain(1, "w")) == ["x_bar[1:] = v", "x_bar[1] += w"]


def test_places_that_may_be_the_same_are_added_to() -> None:
    assert stored(gain(2, "v"), gain(-1, "w")) == ["x_bar[2] = v", "x_bar[-1] += w"]
    assert stored(add_to("x_bar", "i", "v"), add_to("x_bar", "j", "w"))[1] == "x_bar[j] += w"


@pytest.mark.parametrize(
    "between",
    [
        store("x_bar", "j", "w"),
        let("s_bar", operator.getitem, "x_bar", 0),
        let("y_bar", "x_bar"),
        add_to("x_bar", ..., "w"),
        loop("k", turns("j"), add_to("x_bar", "k", "w")),
    ],
)
def test_zeros_that_are_used_are_added_to(between: Stmt) -> None:
    assert "x_bar[1] += v" in stored(between, gain(1, "v"))


def test_a_loop_adds_to_what_was_made_before_it() -> None:
    assert "x_bar[1] += v" in stored(loop("k", turns("j"), gain(1, "v")))
