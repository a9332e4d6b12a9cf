"""Folding: every identity, and the cases where it does not hold."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcad import grad
from srcad.ir.nodes import Call, Const, Dict, Stmt, Unpack, Var
from srcad.optimise.dead import dead_code
from srcad.optimise.fold import fold_calls, fold_typed
from srcad.types.lattice import FLOAT, INT, UNKNOWN, Array, Sym, Type
from tests.optimise.machine import (
    WHOLE,
    add_to,
    call,
    function,
    give,
    let,
    loop,
    operand,
    push,
    run,
    same,
    store,
    turns,
    var,
    when,
)
from tests.programs.registry import all_programs

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
SINGLE = Array(np.dtype(np.float32), (Sym(1),))
ROW = Array(np.dtype(np.float64), (1, Sym(1)))
SQUARE = Array(np.dtype(np.float64), (Sym(1), Sym(1)))
MATRIX = Array(np.dtype(np.float64), (Sym(2), Sym(1)))


def folded(*body: Stmt, **types: Type) -> tuple[Stmt, ...]:
    params = " ".join(n for n in types if not any(n == v for v in made(body)))
    of = {var(n): t for n, t in types.items()}
    fn = fold_calls(function(params, *body), of)
    return dead_code(fn, of).body


def made(body: tuple[Stmt, ...]) -> list[str]:
    return [s.target.name for s in body if hasattr(s, "target") and isinstance(s.target, Var)]


@pytest.mark.parametrize("one", [1, 1.0])
@pytest.mark.parametrize("swapped", [False, True])
def test_times_one(one: float, swapped: bool) -> None:
    args = ("x", one) if swapped else (one, "x")
    assert folded(let("y", operator.mul, *args), give("y"), x=FLOAT, y=FLOAT) == (
        let("y", "x"),
        give("y"),
    )


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("kind", "divisor"), [(FLOAT, FLOAT), (VECTOR, VECTOR), (VECTOR, INT)])
def test_times_one_over(swapped: bool, kind: Type, divisor: Type) -> None:
    args = ("x", "t") if swapped else ("t", "x")
    body = (let("t", operator.truediv, 1.0, "s"), let("y", operator.mul, *args), give("y"))
    assert folded(*body, x=kind, s=divisor, y=kind) == (
        let("y", operator.truediv, "x", "s"),
        give("y"),
    )


def test_a_sign_is_not_moved_from_literal_to_literal() -> None:
    body = (let("y_bar", operator.mul, 0.25, -0.25), give("y_bar"))
    assert folded(*body, y_bar=FLOAT) == body


def test_an_array_times_one_over_a_number_takes_one_quotient() -> None:
    body = (let("t", operator.truediv, 1.0, "s"), let("y", operator.mul, "t", "x"), give("y"))
    assert folded(*body, x=VECTOR, s=FLOAT, y=VECTOR) == body


def test_one_over_what_keeps_less_precision_stays() -> None:
    short = Array(np.dtype(np.int16), (Sym(1),))
    body = (let("t", operator.truediv, 1.0, "s"), let("y", operator.mul, "t", "x"), give("y"))
    assert folded(*body, x=SINGLE, s=short, y=VECTOR) == body


def test_an_integer_times_one_point_zero_is_a_float() -> None:
    body = (let("y", operator.mul, "x", 1.0), give("y"))
    assert folded(*body, x=INT, y=FLOAT) == body


def test_zero_added_to_a_number_of_the_users_may_make_it_a_float() -> None:
    body = (let("y", operator.add, "x", 0.0), give("y"))
    assert folded(*body, x=FLOAT, y=FLOAT) == body
    assert folded(let("y", operator.add, "x_bar", 0.0), give("y"), x_bar=FLOAT, y=FLOAT) == (
        let("y", "x_bar"),
        give("y"),
    )


def test_an_unknown_value_may_be_an_integer() -> None:
    body = (let("y", operator.mul, "x", 1.0), give("y"))
    assert fold_calls(function("x", *body), {}).body == body


def test_an_array_times_one_stays_where_the_callers_array_would_be_returned() -> None:
    body = (let("y", operator.mul, "x", 1), give("y"))
    assert folded(*body, x=VECTOR, y=VECTOR) == body


def test_an_array_times_one_stays_where_it_is_written_to() -> None:
    body = (
        let("t", operator.mul, "x", 1),
        store("t", 0, 0.0),
        let("y", np.sum, "t"),
        give("y"),
    )
    assert folded(*body, x=VECTOR, t=VECTOR, y=FLOAT) == body


ALL = slice(None)


def summed(axis: object) -> Call:
    return replace(call(np.sum, "x"), kwargs=(("axis", operand(axis)), ("keepdims", Const(True))))


@pytest.mark.parametrize(
    ("axis", "index", "after"),
    [
        (1, (ALL, 0), 1),
        (0, 0, 0),
        ((0, 1), (0, 0), (0, 1)),
        (0, (0, ALL), 0),
        (1, 0, None),  # another axis
        (1, (ALL, 1), None),
        (1, (ALL, 0, None), None),
        (-1, (ALL, 0), None),
        (1, (slice(0, 1), 0), None),
    ],
)
def test_an_axis_that_is_kept_to_be_dropped(axis: object, index: object, after: object) -> None:
    body = (let("t", summed(axis)), let("y", operator.getitem, "t", index), give("y"))
    made = folded(*body, x=MATRIX, t=MATRIX, y=VECTOR)
    if after is None:
        assert made == body
    else:
        kept = replace(summed(axis), kwargs=(("axis", operand(after)),))
        assert made == (let("y", kept), give("y"))


def test_the_sign_of_a_part() -> None:
    body = (let("t", operator.neg, "x"), let("y", operator.getitem, "t", slice(0, 2)), give("y"))
    assert folded(*body, x=VECTOR, t=VECTOR, y=VECTOR)[-2:] == (
        let("y", operator.neg, "t_1"),
        give("y"),
    )
    assert folded(*body[:-1], give("y", "t"), x=VECTOR, t=VECTOR, y=VECTOR)[1] == body[1]


# --- copies: 1 * x, x.copy() --------------------------------------------------------------------

BARS = {"x": VECTOR, "y_bar": VECTOR, "t": VECTOR, "z_bar": VECTOR}
WRITTEN = (store("y_bar", 0, 0.0), give("y_bar"))


def test_an_adjoint_that_is_one_times_an_array_is_a_copy_of_it() -> None:
    assert folded(let("y_bar", operator.mul, 1.0, "x"), *WRITTEN, **BARS) == (
        let("y_bar", np.copy, "x"),
        *WRITTEN,
    )


def test_what_is_made_for_an_adjoint_alone_needs_no_copy() -> None:
    for copied in (let("y_bar", operator.mul, 1.0, "t"), let("y_bar", np.copy, "t")):
        assert folded(let("t", np.sin, "x"), copied, *WRITTEN, **BARS) == (
            let("y_bar", np.sin, "x"),
            *WRITTEN,
        )


@pytest.mark.parametrize(
    "body",
    [
        # a view
        (let("t", np.ravel, "x"), let("y_bar", np.copy, "t"), *WRITTEN),
        # read again
        (let("t", np.sin, "x"), let("y_bar", np.copy, "t"), WRITTEN[0], give("y_bar", "t")),
        # the operand is not what it was
        (
            let("t", np.sin, "z_bar"),
            store("z_bar", 0, 1.0),
            let("y_bar", np.copy, "t"),
            WRITTEN[0],
            give("y_bar", "z_bar"),
        ),
        # computed once, copied in each turn
        (
            let("t", np.sin, "x"),
            loop(
                "i",
                turns(2),
                let("y_bar", np.copy, "t"),
                store("y_bar", 0, 1.0),
                push("xs", "y_bar"),
            ),
            give("xs"),
        ),
    ],
)
def test_a_copy_that_is_needed(body: tuple[Stmt, ...]) -> None:
    types = {var(n): t for n, t in BARS.items()}
    assert dead_code(fold_calls(function("x z_bar xs", *body), types), types).body == body


def test_a_loop_copies_in_each_turn_what_is_made_before_it() -> None:
    p = next(p for p in all_programs() if p.name == "items_of_one_adjoint")
    args = p.args(p.rng())
    text = grad(p.fn, argnums=p.argnums).source_for(*args)
    space: dict[str, Any] = {"np": np}
    exec(text, space)
    (first, second, *_), _ = space["items_of_one_adjoint_grad"](*args)
    assert not np.shares_memory(first, second)


@pytest.mark.parametrize("copied", [let("t", operator.mul, "x", 1), let("t", np.copy, "x")])
def test_arithmetic_reads_the_array_itself(copied: Stmt) -> None:
    later = (store("x", 0, 0.0), give("y"))
    for fn in (operator.sub, np.arctan2):
        body = (copied, let("y", fn, "t", "x"), *later)
        assert folded(*body, x=VECTOR, t=VECTOR, y=VECTOR) == (let("y", fn, "x", "x"), *later)
    added = (copied, add_to("y_bar", slice(0, 2), "t"), store("x", 0, 0.0), give("y_bar"))
    assert folded(*added, **BARS)[0] == add_to("y_bar", slice(0, 2), "x")


@pytest.mark.parametrize(
    "body",
    [
        (store("x", 0, 1.0), let("y", operator.sub, "t", "x"), give("y")),
        (let("y", operator.sub, "t", "x"), give("y", "t")),
        (let("y", np.ravel, "t"), store("y", 0, 1.0), give("y")),
        (let("y", np.add, "x", "x", "t"), give("y")),  # the third is written to
        (push("xs", "t"), give("xs")),
    ],
)
def test_a_copy_that_is_not_only_read_stays(body: tuple[Stmt, ...]) -> None:
    whole = (let("t", np.copy, "x"), *body)
    types = {var("x"): VECTOR, var("t"): VECTOR, var("y"): VECTOR}
    assert dead_code(fold_calls(function("x xs", *whole), types), types).body == whole


def test_a_copy_added_to_what_may_be_a_list_stays() -> None:
    body = (let("t", np.copy, "x"), add_to("y", WHOLE, "t"), give("y"))
    assert fold_calls(function("x y", *body), {var("x"): MATRIX, var("t"): MATRIX}).body == body


def test_a_part_of_an_adjoint_stands_behind_its_factor() -> None:
    part = let("t", operator.getitem, "y_bar", slice(0, 2))
    body = (part, let("x_bar", operator.mul, "t", 0.5), give("x_bar"))
    assert folded(*body, y_bar=VECTOR, t=VECTOR)[1] == let("x_bar", operator.mul, 0.5, "t")


@pytest.mark.parametrize(
    ("fn", "args", "expected"),
    [
        (operator.truediv, ("x", 1), "x"),
        (operator.pow, ("x", 1), "x"),
        (operator.add, ("x", 0), "x"),
        (operator.sub, ("x", 0), "x"),
        (operator.mul, ("x", -1), call(operator.neg, "x")),
        (operator.pow, ("x", 2), call(operator.mul, "x", "x")),
        (operator.pow, ("x", -1), call(operator.truediv, 1, "x")),
        (operator.sub, (2, 1), 1),
        (operator.mul, (0.5, 2), 1.0),
        (operator.not_, (True,), False),
        (len, (("x", "x"),), 2),
        (operator.getitem, (("x", 2.0), 0), "x"),
    ],
)
def test_one_call(fn: object, args: tuple[object, ...], expected: object) -> None:
    after = folded(let("y", fn, *args), give("y"), x=FLOAT, y=FLOAT)
    assert after == (let("y", operand(expected)), give("y"))


def test_a_third_of_one_is_left_as_it_is() -> None:
    body = (let("y", operator.truediv, 1, 3), give("y"))
    assert folded(*body, y=FLOAT) == body


def test_a_division_by_zero_is_left_to_the_program() -> None:
    body = (let("y", operator.truediv, 1, 0), give("y"))
    assert folded(*body, y=FLOAT) == body


def test_a_cube_is_two_products() -> None:
    fn = function("x t", let("y", operator.pow, "x", 3), give("y", "t"))
    after = fold_calls(fn, {})
    assert after.body[:2] == (
        let("t_1", operator.mul, "x", "x"),
        let("y", operator.mul, "t_1", "x"),
    )
    assert run(after, 3.0, 1.0) == (27.0, 1.0)


def test_a_power_is_folded_through_a_users_constant() -> None:
    after = folded(let("n", 2), let("y", operator.pow, "x", "n"), give("y"), x=FLOAT, y=FLOAT)
    assert after == (let("y", operator.mul, "x", "x"), give("y"))


def test_a_constant_that_a_loop_changes_is_none() -> None:
    body = (
        let("n", 2),
        loop("i", turns(3), let("x", operator.pow, "x", "n"), let("n", operator.add, "n", 1)),
        give("x"),
    )
    assert folded(*body, x=FLOAT, n=INT) == body


@pytest.mark.parametrize(
    ("fn", "args", "expected"),
    [
        (operator.add, ("a", "t"), (operator.sub, "a", "b")),
        (operator.add, ("t", "a"), (operator.sub, "a", "b")),
        (operator.sub, ("a", "t"), (operator.add, "a", "b")),
    ],
)
def test_a_sign_joins_the_sum(
    fn: object, args: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    after = folded(let("t", operator.neg, "b"), let("y", fn, *args), give("y"), a=VECTOR, b=VECTOR)
    assert after == (let("y", *expected), give("y"))


def test_a_sign_does_not_join_the_sum_after_the_operand_has_changed() -> None:
    body = (
        let("b", np.tanh, "a"),
        let("t", operator.neg, "b"),
        store("b", 0, 0.0),
        let("y", operator.add, "a", "t"),
        give("y", "b"),
    )
    assert folded(*body, a=VECTOR, b=VECTOR, t=VECTOR, y=VECTOR) == body


def test_minus_minus() -> None:
    after = folded(let("t", operator.neg, "x"), let("y", operator.neg, "t"), give("y"), x=FLOAT)
    assert after == (let("y", "x"), give("y"))


def test_literal_factors_are_gathered() -> None:
    after = folded(
        let("t", operator.mul, 0.5, "x"), let("y", operator.mul, "t", 4), give("y"), x=VECTOR
    )
    assert after == (let("y", operator.mul, 2, "x"), give("y"))


def test_literal_factors_that_cancel_leave_the_value() -> None:
    after = folded(
        let("t", operator.mul, 0.5, "x"), let("y", operator.mul, 2, "t"), give("y"), x=FLOAT
    )
    assert after == (let("y", "x"), give("y"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # -(-(a) * b)
        (
            [("t", operator.neg, "a"), ("t_1", operator.mul, "t", "b"), ("y", operator.neg, "t_1")],
            [("y", operator.mul, "a", "b")],
        ),
        # c - -2 * a
        (
            [("t", operator.mul, -2, "a"), ("y", operator.sub, "c", "t")],
            [("t_1", operator.mul, 2, "a"), ("y", operator.add, "c", "t_1")],
        ),
        # c + -(1 / a) * b
        (
            [
                ("t", operator.truediv, 1.0, "a"),
                ("t_1", operator.neg, "t"),
                ("t_2", operator.mul, "t_1", "b"),
                ("y", operator.add, "c", "t_2"),
            ],
            [
                ("t_3", operator.truediv, 1.0, "a"),
                ("t_4", operator.mul, "t_3", "b"),
                ("y", operator.sub, "c", "t_4"),
            ],
        ),
        # -a * -b
        (
            [("t", operator.neg, "a"), ("t_1", operator.neg, "b"), ("y", operator.mul, "t", "t_1")],
            [("y", operator.mul, "a", "b")],
        ),
        # 3 * -a
        (
            [("t", operator.neg, "a"), ("y", operator.mul, 3, "t")],
            [("y", operator.mul, -3, "a")],
        ),
        # a * b + a * b
        (
            [
                ("t", operator.mul, "a", "b"),
                ("t_1", operator.mul, "a", "b"),
                ("y", operator.add, "t", "t_1"),
            ],
            [("t_2", operator.mul, 2, "a"), ("y", operator.mul, "t_2", "b")],
        ),
        # (c + sin(a)) + sin(a)
        (
            [
                ("t", np.sin, "a"),
                ("t_1", np.sin, "a"),
                ("t_2", operator.add, "c", "t"),
                ("y", operator.add, "t_2", "t_1"),
            ],
            [("t", np.sin, "a"), ("t_3", operator.mul, 2, "t"), ("y", operator.add, "c", "t_3")],
        ),
        # 2 * (s * a)
        (
            [("t", operator.mul, "s", "a"), ("y", operator.mul, 2, "t")],
            [("t_1", operator.mul, 2, "s"), ("y", operator.mul, "t_1", "a")],
        ),
    ],
)
def test_signs_and_factors(
    body: list[tuple[object, ...]], expected: list[tuple[object, ...]]
) -> None:
    types = {var(n): VECTOR for n in ("a", "b", "c", "t", "t_1", "t_2", "y")} | {var("s"): FLOAT}
    fn = function("a b c s", *(let(*line) for line in body), give("y"))
    after, known = fold_typed(fn, types)
    assert dead_code(after, known).body == (*(let(*line) for line in expected), give("y"))
    args = (np.array([0.5, -2.0]), np.array([3.0, 0.25]), np.array([1.0, -1.0]), 0.3)
    assert same(run(after, *args), run(fn, *args))
    for line in expected[:-1]:
        assert known[var(str(line[0]))] == (FLOAT if "s" in line else VECTOR)


def test_a_sign_stays_where_its_term_is_read_twice() -> None:
    fn = function(
        "a b c",
        let("t", operator.mul, -2, "a"),
        let("y", operator.sub, "c", "t"),
        let("z", operator.mul, "t", "b"),
        give("y", "z"),
    )
    assert fold_calls(fn, {}).body == fn.body


def test_an_if_on_a_literal_becomes_its_branch() -> None:
    fn = function(
        "x",
        let("c", True),
        when("c", [let("c", False), when("c", [let("x", 1.0)], [let("x", 2.0)])], [let("x", 3.0)]),
        give("x"),
    )
    assert dead_code(fold_calls(fn, {}), {}).body == (let("x", 2.0), give("x"))


def test_a_known_tuple_is_read_and_unpacked_directly() -> None:
    after = folded(
        let("p", ("x", "y")), let("z", operator.getitem, "p", 1), give("z"), x=FLOAT, y=FLOAT
    )
    assert after == (let("z", "y"), give("z"))
    unpack = Unpack((var("a"), var("b")), operand(("x", "y")))
    assert fold_calls(function("x y", unpack, give("a", "b")), {}).body == (
        let("a", "x"),
        let("b", "y"),
        give("a", "b"),
    )


def a_dict(**items: object) -> Dict:
    return Dict(tuple(Const(k) for k in items), tuple(operand(v) for v in items.values()))


def read(target: str, name: str, key: object) -> Stmt:
    return let(target, operator.getitem, name, Const(key))


def test_a_known_dict_is_read_directly() -> None:
    twice = Dict((Const("a"), Const(1), Const("a")), (var("x"), var("x"), var("y")))
    for made in (a_dict(b="x", a="y"), twice):
        body = (let("d", made), read("z", "d", "a"), give("z"))
        assert folded(*body, x=VECTOR, y=VECTOR) == (let("z", "y"), give("z"))


@pytest.mark.parametrize(
    "between",
    [
        (let("y", np.sin, "y"),),  # the name means another array now
        (let("e", "d"), store("e", Const("a"), "x")),
        (when("c", [store("d", Const("a"), "x")]),),
        (let("d", a_dict(b="x")), store("d", Const("a"), "x")),
    ],
)
def test_a_dict_that_may_hold_something_else_is_asked(between: tuple[Stmt, ...]) -> None:
    body = (let("d", a_dict(b="x", a="y")), *between, read("z", "d", "a"), give("z"))
    asked = folded(*body, x=VECTOR, y=VECTOR, c=FLOAT)
    assert asked[-2:] == (read("z", "d", "a"), give("z"))


@pytest.mark.parametrize(("key", "found"), [("a", True), ("c", False)])
def test_whether_a_known_dict_has_a_key(key: str, found: bool) -> None:
    asked = let("z", operator.contains, "d", Const(key))
    made = let("d", a_dict(a="x"))
    assert folded(made, asked, give("z"), x=VECTOR) == (let("z", found), give("z"))
    changed = (made, store("d", Const("c"), "x"), asked, give("z"))
    assert folded(*changed, x=VECTOR) == changed


def test_texts_are_compared() -> None:
    for fn, expected in ((operator.eq, False), (operator.ne, True)):
        body = (let("z", fn, Const("tanh"), Const("power")), give("z"))
        assert folded(*body) == (let("z", expected), give("z"))
    less = (let("z", operator.lt, Const("tanh"), Const("power")), give("z"))
    assert folded(*less) == less


@pytest.mark.parametrize("key", [True, 1.0, None])
def test_keys_that_may_be_equal_to_others_are_looked_up(key: object) -> None:
    for keys, asked in (((1,), key), ((key,), 1), ((1, key), 1)):
        made = Dict(tuple(map(Const, keys)), (var("x"),) * len(keys))
        body = (let("d", made), read("z", "d", asked), give("z"))
        assert folded(*body, x=VECTOR) == body


def test_a_swap_stays_an_unpacking() -> None:
    fn = function("x y", Unpack((var("x"), var("y")), operand(("y", "x"))), give("x", "y"))
    assert fold_calls(fn, {}).body == fn.body


def test_transposing_twice() -> None:
    after = folded(
        let("t", np.transpose, "x"),
        let("t_1", np.transpose, "t"),
        let("y", np.sum, "t_1"),
        give("y"),
        x=MATRIX,
        t=MATRIX,
    )
    assert after == (let("t_1", "x"), let("y", np.sum, "t_1"), give("y"))


def test_transposing_a_product() -> None:
    turned = let("t", np.transpose, "b")
    types = {"a": MATRIX, "b": MATRIX, "t": MATRIX, "t_1": SQUARE, "y": SQUARE}
    body = (turned, let("t_1", operator.matmul, "a", "t"), let("y", np.transpose, "t_1"), give("y"))
    last = folded(*body, **types)[-2]
    assert last.value.fn.value is operator.matmul and last.value.args[0] == var("b")
    # It is done for the transpose that goes.
    plain = (let("t_1", operator.matmul, "a", "b"), let("y", np.transpose, "t_1"), give("y"))
    assert folded(*plain, **types)[0] == plain[0]


def test_transposing_an_outer_product() -> None:
    body = (let("t", np.outer, "a", "b"), let("y", np.transpose, "t"), give("y"))
    after = folded(*body, a=VECTOR, b=VECTOR, t=SQUARE, y=SQUARE)
    assert after[-2] == let("y", np.outer, "b", "a")


def test_new_axes_of_arrays_are_spelled_as_such() -> None:
    body = (let("y", np.expand_dims, "x", Const(1)), give("y"))
    (known, _), (unknown, _) = folded(*body, x=VECTOR), folded(*body)
    assert known.value.spell == "[None]" and unknown.value.spell == ""


def test_attributes_of_arrays_are_spelled_as_such() -> None:
    (shape, _) = folded(let("y", np.shape, "x"), give("y"), x=MATRIX)
    assert shape.value.spell == "@shape"
    (unknown, _) = fold_calls(function("x", let("y", np.shape, "x"), give("y")), {}).body
    assert unknown.value.spell == ""


@pytest.mark.parametrize(
    ("g", "like", "goes"),
    [
        (VECTOR, VECTOR, True),
        (FLOAT, FLOAT, True),
        (MATRIX, ROW, False),
        (VECTOR, FLOAT, False),
        (Array(np.dtype(np.complex128), (Sym(1),)), VECTOR, False),
        (Array(np.dtype(np.float64), (None,)), Array(np.dtype(np.float64), (None,)), False),
    ],
)
def test_nothing_to_unbroadcast(g: Type, like: Type, goes: bool) -> None:
    def unbroadcast(g: object, like: object) -> object:
        return g

    unbroadcast.__module__ = "srcad.runtime.arrays"
    body = (let("y", unbroadcast, "g", "x"), give("y"))
    assert folded(*body, g=g, x=like) == ((let("y", "g"), give("y")) if goes else body)


def test_times_ones() -> None:
    body = (
        let("y", np.tanh, "x"),
        let("t", np.ones_like, "y"),
        let("s", operator.mul, "t", "y"),
        let("z", np.sum, "s"),
        give("z"),
    )
    after = folded(*body, x=VECTOR, y=VECTOR, t=VECTOR, s=VECTOR, z=FLOAT)
    assert after == (body[0], let("s", "y"), *body[3:])
    mixed = folded(*body, x=SINGLE, y=SINGLE, t=VECTOR, s=VECTOR, z=FLOAT)
    assert mixed == body


@pytest.mark.parametrize(
    ("array", "number", "goes"),
    [
        (VECTOR, INT, True),
        (VECTOR, Array(np.dtype(np.bool_), (Sym(1),)), True),
        (SINGLE, INT, True),
        (Array(np.dtype(np.int64), (Sym(1),)), INT, False),
        (UNKNOWN, INT, False),
        (VECTOR, UNKNOWN, False),
    ],
)
def test_an_int_that_is_added_to_floats_need_be_none(array: Type, number: Type, goes: bool) -> None:
    body = (let("t", operator.mul, 1.0, "i"), add_to("x_bar", 0, "t"), give("x_bar"))
    after = folded(*body, x_bar=array, i=number, t=FLOAT)
    assert (after == (add_to("x_bar", 0, "i"), body[-1])) == goes


def test_an_int_made_a_float_that_is_read_again_stays_one() -> None:
    body = (let("t", operator.mul, 1.0, "i"), add_to("x_bar", 0, "t"), give("x_bar", "t"))
    assert folded(*body, x_bar=VECTOR, i=INT, t=FLOAT) == body


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("dtype", "left"), [(np.complex128, False), (np.float64, True)])
def test_real_numbers_made_complex(dtype: type, left: bool, swapped: bool) -> None:
    z = Array(np.dtype(dtype), (Sym(1),))
    of = {"r": VECTOR, "t": Array(np.dtype(complex), (Sym(1),)), "z": z, "y": UNKNOWN}
    args = ("z", "t") if swapped else ("t", "z")
    plain = ("z", "r") if swapped else ("r", "z")
    widened = let("t", operator.add, "r", 0j)
    after = folded(widened, let("y", operator.mul, *args), give("y"), **of)
    assert after == (
        (widened, let("y", operator.mul, *args), give("y"))
        if left
        else (let("y", operator.mul, *plain), give("y"))
    )


def test_the_spectrum_of_real_numbers_made_complex() -> None:
    wide = Array(np.dtype(complex), (Sym(1),))
    of = {"r": VECTOR, "t": wide, "y": wide}
    body = (let("t", operator.add, "r", 0j), let("y", np.fft.fft, "t"), give("y"))
    assert folded(*body, **of) == (let("y", np.fft.fft, "r"), give("y"))
