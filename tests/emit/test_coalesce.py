"""Merging the versions of a variable, and the liveness it rests on."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.analysis.liveness import liveness
from srcad.emit.coalesce import coalesce
from srcad.emit.renest import renest
from srcad.emit.text import render
from srcad.ir.nodes import (
    Assign,
    Break,
    Call,
    Const,
    Do,
    Expr,
    For,
    If,
    List,
    Ref,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import APPEND, POP
from srcad.ir.walk import statements
from srcad.passes.webs import separate_webs
from srcad.types.lattice import FLOAT, INT, Array, Type
from tests.emit.random_programs import Programs, function, op, outcome, same

a, x, x1, x2, y, t, t1, t7 = (
    Var("a"),
    Var("x"),
    Var("x", 1),
    Var("x", 2),
    Var("y"),
    Var("t", 0, True),
    Var("t", 1, True),
    Var("t", 7, True),
)


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_random_programs_mean_the_same(start: int) -> None:
    for seed in range(start, start + 50):
        programs = Programs(seed)
        before = programs.build()
        apart, old = separate_webs(before)
        types = {new: programs.types[var] for new, var in old.items()}
        users = frozenset("abuv")
        nested = renest(apart, types)
        for variant in (apart, nested):
            merged = coalesce(variant, types, keep=users)
            assert same(outcome(before), outcome(merged)), (
                render(variant).text + render(merged).text
            )


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_users_names_come_back(start: int) -> None:
    for seed in range(start, start + 50):
        before = Programs(seed).build()
        apart, _ = separate_webs(before)
        merged = coalesce(apart, keep=frozenset("abuv"))
        names = {
            v.name for s in statements(merged.body) if isinstance(s, Assign) for v in [s.target]
        }
        assert not {n for n in names if n.startswith(("a_", "b_", "u_", "v_"))}


def text(*body: Stmt, params: tuple[Var, ...] = (), types: dict[Var, Type] | None = None) -> str:
    fn = coalesce(function(*body, params=params), types or {}, keep=frozenset({"x", "y"}))
    return "".join(line[4:] + "\n" for line in render(fn).text.splitlines()[1:])


def test_versions_that_do_not_overlap_merge() -> None:
    body = (Assign(x1, op("mul", x, x)), Assign(x2, op("neg", x1)), Return(x2))
    assert text(*body, params=(x,)) == "x = x * x\nx = -x\nreturn x\n"


def test_versions_that_overlap_do_not() -> None:
    body = (Assign(x1, op("mul", x, x)), Return(Tuple((x, x1))))
    assert text(*body, params=(x,)) == "x_1 = x * x\nreturn x, x_1\n"


def test_a_dead_version_does_not_overwrite() -> None:
    body = (Assign(x1, op("mul", x, x)), Return(x))
    assert text(*body, params=(x,)) == "x_1 = x * x\nreturn x\n"


def test_what_is_read_in_the_next_turn_of_a_loop_is_alive() -> None:
    loop = For(a, y, (Assign(x1, op("mul", x, a)), Assign(Var("z"), x1)))
    assert "x_1 = x * a" in text(loop, Return(Var("z")), params=(x, y))


def test_copies_vanish() -> None:
    body = (Assign(x1, x), If(a, (Assign(x1, op("neg", x1)),)), Return(x1))
    assert text(*body, params=(x, a)) == "if a:\n    x = -x\nreturn x\n"


def test_targets_of_one_unpacking_stay_apart() -> None:
    body = (Unpack((x, x1), y), Return(x1))
    assert text(*body, params=(y,)) == "x, x_1 = y\nreturn x_1\n"


def test_parameters_keep_their_names() -> None:
    body = (Assign(x, op("neg", x1)), Return(x))
    assert text(*body, params=(x1,)) == "x_1 = -x_1\nreturn x_1\n"


def test_numbers_close_up() -> None:
    body = (Assign(t7, op("neg", x)), Return(Tuple((t7, x))))
    assert text(*body, params=(x,)) == "t = -x\nreturn t, x\n"


def test_a_global_is_not_hidden() -> None:
    body = (Assign(t7, Call(Ref("t", len), (x,))), Return(t7))
    assert text(*body, params=(x,)) == "t_1 = t(x)\nreturn t_1\n"


def test_temporaries_of_other_types_stay_apart() -> None:
    body = (Assign(t, op("neg", x)), Assign(t1, op("neg", t)), Return(t1))
    vector = Array(np.dtype(float), (3,))
    assert "t_1 = -t" in text(*body, params=(x,), types={t: FLOAT, t1: vector})
    assert "t_1 = -t" in text(*body, params=(x,), types={t: FLOAT, t1: INT})
    assert "t = -t" in text(*body, params=(x,), types={t: FLOAT, t1: FLOAT})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (op("add", x, y), "x += y\n"),
        (op("add", y, x), "x += y\n"),
        (op("mul", y, x), "x *= y\n"),
        (op("sub", x, y), "x -= y\n"),
        (op("sub", y, x), "x = y - x\n"),
        (op("add", x, x), "x += x\n"),
    ],
)
def test_numbers_are_updated_in_place(value: Call, expected: str) -> None:
    types: dict[Var, Type] = dict.fromkeys((x, x1, y), FLOAT)
    body = (Assign(x1, value), Return(x1))
    assert text(*body, params=(x, y), types=types) == expected + "return x\n"


def test_arrays_are_not() -> None:
    types: dict[Var, Type] = {x: Array(np.dtype(float), (3,)), x1: Array(np.dtype(float), (3,))}
    body = (Assign(x1, op("add", x, y)), Return(x1))
    assert text(*body, params=(x, y), types=types) == "x = x + y\nreturn x\n"


def test_signs_of_a_test_that_cancel() -> None:
    equal, negated = op("eq", a, Const(2)), op("not_", op("not_", a))
    leave = (Return(x),)
    assert text(If(negated, leave), params=(x, a)).startswith("if a:")
    test = If(op("not_", equal), leave)
    assert text(test, params=(x, a), types={a: INT}).startswith("if a != 2:")
    # What an object or an array makes of `!=` is its own affair.
    assert text(test, params=(x, a)).startswith("if not a == 2:")


def test_liveness_around_a_loop_with_break() -> None:
    test = Assign(t, op("lt", x, a))
    leave = If(t, (Assign(y, x), Break()))
    loop = While((), Const(True), (test, leave, Assign(x, op("neg", x))))
    fn = function(loop, Return(y), params=(x, a))
    facts = liveness(fn)
    order = list(statements(fn.body))
    names = {
        type(s).__name__ + str(k): {v.name for v in facts.members(facts.after[k])}
        for k, s in enumerate(order)
    }
    assert names["Assign1"] >= {"t", "x", "a"}
    assert names["Assign3"] == {"y"}
    assert names["Return6"] == set()
    assert {v.name for v in facts.members(facts.before[0])} == {"x", "a", "y"}


def test_a_loop_target_is_alive_where_its_body_begins() -> None:
    loop = For(x, y, (Assign(a, op("add", x, a)),))
    facts = liveness(function(loop, Return(a), params=(y, a)))
    assert {v.name for v in facts.members(facts.at_binding[0])} == {"x", "a"}
    assert {v.name for v in facts.members(facts.before[0])} == {"y", "a"}


def test_operators_are_compared_by_identity() -> None:
    table = Ref("table", np.ones(3))
    body = (Assign(x1, Call(table, (x, y))), Return(x1))
    types: dict[Var, Type] = dict.fromkeys((x, x1, y), FLOAT)
    assert text(*body, params=(x, y), types=types) == "x = table(x, y)\nreturn x\n"
    assert operator.add is not table.value


# --- branches ------------------------------------------------------------------------------------

ONE, TWO = Assign(y, Const(1)), Assign(y, Const(2))


@pytest.mark.parametrize(
    ("branch", "lines"),
    [
        (If(op("not_", x), (ONE,), (TWO,)), ["if x:", "y = 2", "else:", "y = 1"]),
        (If(x, (Assign(y, y),), (TWO,)), ["if not x:", "y = 2"]),
        (If(op("not_", x), (Assign(y, y),), (TWO,)), ["if x:", "y = 2"]),
        (If(op("not_", x), (ONE,)), ["if not x:", "y = 1"]),
        (
            If(op("not_", x), (ONE,), (If(a, (TWO,)),)),
            ["if not x:", "y = 1", "elif a:", "y = 2"],
        ),
        (If(x, (Assign(y, y),), (If(a, (TWO,)),)), ["if not x:", "if a:", "y = 2"]),
        (
            If(op("lt", x, Const(1)), (Assign(y, y),), (TWO,)),
            ["if not x < 1:", "y = 2"],  # not `x >= 1`: x may be nan
        ),
    ],
)
def test_a_branch_that_does_something_comes_first(branch: Stmt, lines: list[str]) -> None:
    fn = coalesce(function(branch, Return(y), params=(x, y, a)))
    assert [line.strip() for line in render(fn).text.splitlines()[1:-1]] == lines


def recorded(name: Expr, records: Var) -> Do:
    return Do(Call(APPEND, (records, name)))


def test_records_have_the_number_of_what_they_are_of() -> None:
    s, s1 = Var("t_saved", 0, True), Var("t_saved", 1, True)
    t4 = Var("t", 4, True)
    body = (
        *(Assign(v, List(())) for v in (s, s1)),
        *(Assign(t, op("neg", x)), Assign(t1, op("abs", x)), recorded(t1, s), recorded(t, s1)),
        *(Assign(t7, Call(POP, (s,))), Assign(t4, Call(POP, (s1,)))),
        Return(Tuple((t7, t4))),
    )
    lines = text(*body, params=(x,)).splitlines()
    assert lines[-3:] == ["t_1 = list.pop(t_saved_1)", "t = list.pop(t_saved)", "return t_1, t"]


def test_no_two_lists_of_records_have_one_name() -> None:
    s, s1, s2 = (Var("t_saved", n, True) for n in (0, 1, 2))
    body = (
        *(Assign(s, op("neg", x)), Assign(s1, List(())), Assign(s2, List(()))),
        *(Assign(t, op("neg", x)), Assign(t1, op("abs", x)), recorded(t, s1), recorded(t1, s2)),
        Return(Tuple((s, s1, s2, t))),
    )
    last = text(*body, params=(x,)).splitlines()[-1]
    assert len(set(last.removeprefix("return ").split(", "))) == 4, last


def test_what_is_recorded_without_a_name_leaves_others_alone() -> None:
    s = Var("t_saved", 0, True)
    body = (
        *(Assign(s, List(())), recorded(op("neg", x), s), Assign(t, Call(POP, (s,)))),
        *(Assign(t1, op("abs", x)), Return(Tuple((t, t1)))),
    )
    assert text(*body, params=(x,)).splitlines()[-1] == "return t, t_1"
