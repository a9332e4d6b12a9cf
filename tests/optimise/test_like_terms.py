"""Like terms: which sums of adjoints get shorter, and which stay as they are."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.renest import renest
from srcad.emit.text import render
from srcad.ir.nodes import Stmt
from srcad.optimise import optimise
from srcad.optimise.dead import dead_code
from srcad.optimise.fold import fold_calls
from srcad.types.lattice import FLOAT, INT, Array, Sym, Type
from tests.optimise.machine import function, give, let, run, var

ADD, SUB, MUL, NEG = operator.add, operator.sub, operator.mul, operator.neg
VECTOR = Array(np.dtype(np.float64), (Sym(0),))


def lines(*body: Stmt, t: Type = FLOAT, given: Type = FLOAT) -> list[str]:
    """The operations left of ``body``, a function of a, b and c, which still computes the same."""
    fn = function("a b c", *body)
    types = dict.fromkeys(map(var, ("t", "t_1", "t_2", "t_3", "x_bar", "x_bar_1", "y")), t)
    types |= dict.fromkeys(map(var, "abc"), given)
    after = optimise(fn, types, frozenset({"inplace"}))
    args = [np.array([0.5, -2.0, k]) if isinstance(t, Array) else 0.7 * k for k in (1.0, 2.0, 3.0)]
    assert np.allclose(run(after, *args), run(fn, *args), rtol=1e-15, atol=0)
    text = render(renest(after, types)).text
    return [line.strip() for line in text.splitlines()[1:]]


@pytest.mark.parametrize("t", [FLOAT, VECTOR])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([("t", MUL, 2, "a"), ("t_1", MUL, 4, "a"), ("x_bar", ADD, "t", "t_1")], "6 * a"),
        ([("t", MUL, "a", 5), ("x_bar", SUB, "t", "a")], "4 * a"),
        ([("t", MUL, 5, "a"), ("x_bar", SUB, "a", "t")], "-4 * a"),
        (
            [("t", MUL, "a", "b"), ("t_1", MUL, "b", "a"), ("x_bar", ADD, "t", "t_1")],
            "2 * (a * b)",
        ),
        (
            [
                ("t", MUL, 3, "a"),
                ("x_bar", ADD, "b", "t"),
                ("t_1", MUL, 4, "a"),
                ("x_bar_1", SUB, "x_bar", "t_1"),
            ],
            "b - a",
        ),
        (
            [
                ("t", NEG, "a"),
                ("t_1", MUL, "t", "b"),
                ("x_bar", ADD, "c", "t_1"),
                ("t_2", MUL, "b", "a"),
                ("x_bar_1", SUB, "x_bar", "t_2"),
            ],
            "c - 2 * (a * b)",
        ),
    ],
)
def test_terms_of_the_same_factors(t, body, expected) -> None:
    target = str(body[-1][0])
    found = lines(*(let(*line) for line in body), give(target), t=t, given=t)
    assert found == [f"return {expected}"]


def test_the_users_sum_keeps_its_numbers() -> None:
    fn = function(
        "a", let("t", MUL, 3, "a"), let("t_1", MUL, 5, "a"), let("y", ADD, "t", "t_1"), give("y")
    )
    known = dict.fromkeys(map(var, ("a", "t", "t_1", "y")), FLOAT)
    assert fold_calls(fn, known).body == fn.body


@pytest.mark.parametrize(
    ("coefficients", "of"),
    [((2, -2), FLOAT), ((0.1, 0.2), FLOAT), ((2, 4), INT)],
    ids=["nothing is left", "no short number", "not a float"],
)
def test_sums_that_stay(coefficients, of) -> None:
    c, d = coefficients
    fn = function(
        "a",
        let("t", MUL, c, "a"),
        let("t_1", MUL, d, "a"),
        let("x_bar", ADD, "t", "t_1"),
        give("x_bar"),
    )
    known = dict.fromkeys(map(var, ("a", "t", "t_1", "x_bar")), of)
    after = dead_code(fold_calls(fn, known), known)
    assert len(after.body) == 4


def test_a_product_that_others_read_is_not_made_twice() -> None:
    found = lines(
        let("t", MUL, "a", "b"),
        let("t_1", MUL, 3, "t"),
        let("x_bar", ADD, "t", "t_1"),
        let("y", MUL, "t", "c"),
        give("x_bar", "y"),
    )
    assert found == ["t = a * b", "y = t * c", "return 4 * t, y"]
