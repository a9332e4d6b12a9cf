"""What is popped together holds what one turn of the forward loop made together."""

from __future__ import annotations

import numpy as np

from srcad.analysis.memory import memory_of
from srcad.ir.nodes import Call, Ref, Stmt, Var
from srcad.optimise.recorded import recorded_values
from tests.optimise.machine import add_to, function, give, let, loop, pop, push, turns, var

E_AGAIN, S_AGAIN = var("e_1"), var("s_1")


SUM = let("s", np.sum, "e")
EXP = let("e", np.multiply, "x", "i")
BACK = (pop("s_1", "s_saved"), pop("e_1", "e_saved"), let("t", np.multiply, "e_1", "s_1"))


def known(*forward: Stmt, back: tuple[Stmt, ...] = BACK) -> dict[Var, list[tuple[Var, Call]]]:
    fn = function(
        "x n",
        let("e_saved", []),
        let("s_saved", []),
        let("s_0", np.sum, "x"),
        loop("i", turns("n"), *forward),
        loop("j", turns("n"), *back),
        give("x"),
    )
    return recorded_values(fn, memory_of(fn))


def test_the_sum_of_what_is_recorded_beside_it() -> None:
    found = known(EXP, SUM, push("e_saved", "e"), push("s_saved", "s"))
    assert found == {E_AGAIN: [(S_AGAIN, Call(Ref("sum", np.sum), (E_AGAIN,)))]}


def test_a_sum_that_is_recorded_before_it_is_made_is_that_of_the_turn_before() -> None:
    assert not known(EXP, push("s_saved", "s"), SUM, push("e_saved", "e"))


def test_a_sum_of_the_turn_before() -> None:
    assert not known(SUM, EXP, push("e_saved", "e"), push("s_saved", "s"))


def test_what_changes_after_the_sum() -> None:
    assert not known(EXP, SUM, add_to("e", 0, 1.0), push("e_saved", "e"), push("s_saved", "s"))


def test_what_is_made_at_two_places() -> None:
    assert not known(EXP, SUM, let("s", np.max, "e"), push("e_saved", "e"), push("s_saved", "s"))


def test_what_is_popped_in_other_turns() -> None:
    inner = loop("k", turns("j"), pop("e_1", "e_saved"))
    assert not known(
        EXP, SUM, push("e_saved", "e"), push("s_saved", "s"), back=(pop("s_1", "s_saved"), inner)
    )
