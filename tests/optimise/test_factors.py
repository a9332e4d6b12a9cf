"""Factors of adjoints: what leaves a sum, and what is divided by once."""

from __future__ import annotations

import operator
import re
from dataclasses import replace

import numpy as np
import pytest

from srcad.emit.text import render
from srcad.ir.nodes import Assign, Call, Const, Stmt
from srcad.optimise import optimise
from srcad.types.lattice import FLOAT, INT, Array, Sym, Type
from tests.optimise.machine import call, function, give, let, run, same, var

DTYPE = np.dtype(np.float64)
MATRIX = Array(DTYPE, (Sym(1), Sym(2)))
COLUMN = Array(DTYPE, (Sym(1), 1))
ROW = Array(DTYPE, (Sym(2),))
SINGLE = Array(np.dtype(np.float32), (Sym(1), 1))


def total(target: str, x: str, axis: int | None, keepdims: bool = True) -> Assign:
    made = call(np.sum, x)
    kwargs = (("axis", Const(axis)), ("keepdims", Const(keepdims)))
    return Assign(var(target), replace(made, kwargs=kwargs) if isinstance(made, Call) else made)


def lines(*body: Stmt, params: str, **types: Type) -> list[str]:
    """The operations left of ``body``, which must still compute the same."""
    fn = function(params, *body)
    known = {var(n): t for n, t in types.items()}
    after = optimise(fn, known)
    rng = np.random.default_rng(1)
    args = [value_of(types[p], rng) for p in params.split()]
    assert same(run(after, *args), run(fn, *args))
    return [line.strip() for line in render(after).text.splitlines()[1:]]


def value_of(t: Type, rng: np.random.Generator) -> object:
    if not isinstance(t, Array):
        return 1.7
    sizes = {Sym(1): 3, Sym(2): 4}
    return rng.uniform(0.5, 1.5, [sizes.get(d, d) for d in t.shape]).astype(t.dtype)


def weighted(divisor: str, axis: int | None, keepdims: bool = True, base: str = "x_bar") -> tuple:
    return (
        let("t", operator.truediv, base, divisor),
        let("t_1", operator.mul, "t", "w"),
        total("y_bar", "t_1", axis, keepdims),
        give("y_bar"),
    )


TYPES = {"x_bar": MATRIX, "x": MATRIX, "w": MATRIX, "t": MATRIX, "t_1": MATRIX}


@pytest.mark.parametrize(
    ("divisor", "axis", "keepdims", "result"),
    [
        (COLUMN, 1, True, COLUMN),
        (COLUMN, -1, True, COLUMN),
        (ROW, 0, True, Array(DTYPE, (1, Sym(2)))),
        (ROW, 0, False, ROW),
        (FLOAT, 1, True, COLUMN),
        (FLOAT, None, False, FLOAT),
    ],
)
def test_a_divisor_leaves_the_sum(
    divisor: Type, axis: int | None, keepdims: bool, result: Type
) -> None:
    body = weighted("s", axis, keepdims)
    found = lines(*body, params="x_bar w s", s=divisor, y_bar=result, **TYPES)
    assert found[0].endswith("= x_bar * w") and found[2].endswith("/ s"), found


@pytest.mark.parametrize(
    ("divisor", "axis", "keepdims", "result"),
    [
        (ROW, 1, True, COLUMN),  # it varies along the axis
        (COLUMN, 0, True, Array(DTYPE, (1, Sym(2)))),
        (MATRIX, 1, True, COLUMN),
        (COLUMN, 1, False, Array(DTYPE, (Sym(1),))),  # its shape is another than the sum's
        (SINGLE, 1, True, COLUMN),  # the sum would be of another precision
    ],
)
def test_a_divisor_stays_in_the_sum(divisor: Type, axis: int, keepdims: bool, result: Type) -> None:
    body = weighted("s", axis, keepdims)
    found = lines(*body, params="x_bar w s", s=divisor, y_bar=result, **TYPES)
    assert found[0].endswith("= x_bar / s"), found


def test_the_users_own_sums_stay() -> None:
    body = weighted("s", 1, base="x")
    found = lines(*body, params="x w s", s=COLUMN, y_bar=COLUMN, **TYPES)
    assert found[0].endswith("= x / s"), found


def test_one_divisor_for_a_sum() -> None:
    body = (
        let("t", operator.truediv, "x_bar", "s"),
        let("t_1", operator.truediv, "w", "s"),
        let("y_bar", operator.sub, "t", "t_1"),
        give("y_bar"),
    )
    found = lines(*body, params="x_bar w s", s=COLUMN, y_bar=MATRIX, **TYPES)
    assert len(found) == 3 and found[1].endswith("/ s"), found


def test_a_quotient_that_is_there_already() -> None:
    body = (
        let("p", operator.truediv, "w", "s"),
        let("t", operator.truediv, "x_bar", "s"),
        let("y_bar", operator.mul, "t", "w"),
        give("p", "y_bar"),
    )
    found = lines(*body, params="x_bar w s", s=COLUMN, y_bar=MATRIX, p=MATRIX, **TYPES)
    assert found[1] == "y_bar = x_bar * p", found


@pytest.mark.parametrize("swapped", [False, True])
def test_divided_and_multiplied_by_one_number(swapped: bool) -> None:
    body = (
        let("t", operator.truediv, "x_bar", "s"),
        let("y_bar", operator.mul, *(("s", "t") if swapped else ("t", "s"))),
        give("y_bar"),
    )
    found = lines(*body, params="x_bar s", s=FLOAT, y_bar=MATRIX, **TYPES)
    assert found == ["return x_bar"] or found[0] == "y_bar = x_bar.copy()", found


def test_what_a_divisor_spreads_stays_divided() -> None:
    body = (
        let("t", operator.truediv, "x_bar", "s"),
        let("y_bar", operator.mul, "t", "s"),
        give("y_bar"),
    )
    found = lines(*body, params="x_bar s", x_bar=ROW, s=COLUMN, t=MATRIX, y_bar=MATRIX)
    assert "/ s" in found[0], found


def test_literals_in_front_of_quotients_of_quotients() -> None:
    body = (
        let("t", operator.truediv, "x_bar", "s"),
        let("t_1", operator.mul, -0.5, "t"),
        let("t_2", operator.truediv, "t_1", "s"),
        let("t_3", operator.mul, "t_2", "w"),
        let("y_bar", operator.mul, 2, "t_3"),
        give("y_bar"),
    )
    numbers = dict.fromkeys(("x_bar", "s", "t", "t_1", "t_2"), FLOAT)
    found = lines(*body, params="x_bar s w", w=ROW, t_3=ROW, y_bar=ROW, **numbers)
    assert not any("2" in line.replace("t_2", "") for line in found), found


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ((let("t_1", operator.mul, "t", "w"),), "x_bar * (1 - (s * w))"),
        ((let("t_1", operator.mul, "w", "t"),), "x_bar * (1 - (s * w))"),
        ((let("t_1", operator.truediv, "t", "w"),), "x_bar * (1 - (s / w))"),
    ],
)
def test_a_number_less_a_part_of_it(rest: tuple[Stmt, ...], left: str) -> None:
    body = (
        let("t", operator.mul, "x_bar", "s"),
        *rest,
        let("y_bar", operator.sub, "x_bar", "t_1"),
        give("y_bar"),
    )
    names = ("x_bar", "w", "s", "t", "t_1", "y_bar")
    found = lines(*body, params="x_bar w s", **dict.fromkeys(names, FLOAT))
    assert nested(found) == left


def nested(rows: list[str]) -> str:
    """The value returned by ``rows``, as one expression."""
    values = dict(row.split(" = ") for row in rows[:-1])
    text = rows[-1].removeprefix("return ")
    while used := next((n for n in values if re.search(rf"\b{n}\b", text)), None):
        inner = values[used] if text == used else f"({values[used]})"
        text = re.sub(rf"\b{used}\b", inner, text)
    return text


@pytest.mark.parametrize(
    ("c", "d", "left"),
    [
        (2, 0.5, "(x_bar / s) / w"),
        (2, -0.5, "-((x_bar / s) / w)"),
        (3, 0.5, "1.5 * ((x_bar / s) / w)"),
    ],
)
@pytest.mark.parametrize("t", [MATRIX, FLOAT])
def test_literals_are_made_one_through_quotients(c: int, d: float, left: str, t: Type) -> None:
    body = (
        let("t", operator.mul, d, "x_bar"),
        let("t_1", operator.truediv, "t", "s"),
        let("t_2", operator.truediv, "t_1", "w"),
        let("y_bar", operator.mul, c, "t_2"),
        give("y_bar"),
    )
    types: dict[str, Type] = dict.fromkeys(("x_bar", "w", "t", "t_1", "t_2", "y_bar"), t)
    found = lines(*body, params="x_bar s w", s=t, **types)
    assert nested(found) == left, found


@pytest.mark.parametrize(
    ("fn", "c", "left"),
    [
        (operator.truediv, 0.5, "((1 / s)[:, None]) * x_bar"),
        (operator.mul, -0.5, "((-s)[:, None]) * x_bar"),
        (operator.mul, 0.25, "((0.5 * s)[:, None]) * x_bar"),
    ],
)
def test_literals_are_made_one_through_a_new_axis(fn: object, c: float, left: str) -> None:
    body = (
        let("t", fn, c, "s"),
        let("t_1", np.expand_dims, "t", 1),
        let("t_2", operator.mul, 2, "t_1"),
        let("y_bar", operator.mul, "t_2", "x_bar"),
        give("y_bar"),
    )
    vector = Array(DTYPE, (Sym(1),))
    known = {**TYPES, "s": vector, "t": vector, "t_1": COLUMN, "t_2": COLUMN}
    assert nested(lines(*body, params="x_bar s", **known)) == left


def test_an_int_times_literals_that_cancel_stays_a_float() -> None:
    body = (
        let("t", operator.mul, 0.5, "n"),
        let("t_1", operator.mul, 2, "t"),
        give("t_1"),
    )
    known = {"x_bar": FLOAT, "n": INT, "t": FLOAT, "t_1": FLOAT}
    assert nested(lines(*body, params="x_bar n", **known)) != "n"


def test_signs_leave_products_of_matrices() -> None:
    body = (
        let("t", operator.neg, "w"),
        let("t_1", operator.matmul, "v", "t"),
        let("y_bar", operator.add, "x_bar", "t_1"),
        give("y_bar"),
    )
    square = Array(DTYPE, (Sym(1), Sym(1)))
    known = dict.fromkeys(("x_bar", "w", "v", "t", "t_1"), square)
    assert nested(lines(*body, params="x_bar w v", **known)) == "x_bar - (v @ w)"
