"""What is popped together holds what one turn of the forward loop made together."""

from __future__ import annotations

import numpy as np

from srcad.analysis.memory import memory_of
from srcad.ir.nodes import Call, Ref, Stmt, Var
from srcad.optimise.recorded import recorded_values
from srcad.types.lattice import INT, Array, ListOf, Sym
from tests.optimise.machine import add_to, function, give, let, loop, pop, push, turns, var

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
VECTORS = ListOf(VECTOR)
TYPES = {
    **{var(name): VECTOR for name in ("x", "e", "e_1", "s", "s_1")},
    **{var("e_saved"): VECTORS, var("s_saved"): VECTORS, var("n"): INT, var("i"): INT},
}
E_AGAIN, S_AGAIN = var("e_1"), var("s_1")


OF_E = let("s", np.exp, "e")
MADE = let("e", np.multiply, "x", "i")
BACK = (pop("s_1", "s_saved"), pop("e_1", "e_saved"), let("t", np.multiply, "e_1", "s_1"))


def known(*forward: Stmt, back: tuple[Stmt, ...] = BACK) -> dict[Var, list[tuple[Var, Call]]]:
    fn = function(
        "x n",
        let("e_saved", []),
        let("s_saved", []),
        loop("i", turns("n"), *forward),
        loop("j", turns("n"), *back),
        give("x"),
    )
    return recorded_values(fn, memory_of(fn, TYPES))


def test_the_value_of_what_is_recorded_beside_it() -> None:
    found = known(MADE, OF_E, push("e_saved", "e"), push("s_saved", "s"))
    assert found == {E_AGAIN: [(S_AGAIN, Call(Ref("exp", np.exp), (E_AGAIN,)))]}


def test_a_value_that_is_recorded_before_it_is_made_is_that_of_the_turn_before() -> None:
    assert not known(MADE, push("s_saved", "s"), OF_E, push("e_saved", "e"))


def test_a_value_of_the_turn_before() -> None:
    assert not known(OF_E, MADE, push("e_saved", "e"), push("s_saved", "s"))


def test_what_changes_afterwards() -> None:
    assert not known(MADE, OF_E, add_to("e", 0, 1.0), push("e_saved", "e"), push("s_saved", "s"))


def test_what_is_made_at_two_places() -> None:
    assert not known(MADE, OF_E, let("s", np.cos, "e"), push("e_saved", "e"), push("s_saved", "s"))


def test_what_is_popped_in_other_turns() -> None:
    inner = loop("k", turns("j"), pop("e_1", "e_saved"))
    assert not known(
        MADE, OF_E, push("e_saved", "e"), push("s_saved", "s"), back=(pop("s_1", "s_saved"), inner)
    )
