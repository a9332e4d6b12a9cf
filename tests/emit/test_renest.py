"""Re-nesting: what comes out means the same, and reads as it should."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from srcad.emit.renest import renest
from srcad.emit.text import render
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    If,
    Note,
    Origin,
    Ref,
    Return,
    Slice,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.types.lattice import FLOAT, Array, Type
from tests.emit.random_programs import Programs, function, op, outcome, same, touch


@pytest.mark.parametrize("start", range(0, 600, 50))
@pytest.mark.parametrize("typed", [False, True])
def test_random_programs_mean_the_same(start: int, typed: bool) -> None:
    for seed in range(start, start + 50):
        programs = Programs(seed)
        before = programs.build()
        after = renest(before, programs.types if typed else {})
        assert same(outcome(before), outcome(after)), render(before).text + render(after).text


def text(*body: Stmt, types: dict[Var, Type] | None = None) -> str:
    fn = renest(function(*body), types or {})
    return "".join(line[4:] + "\n" for line in render(fn).text.splitlines()[1:])


a, b, c, u, v, x, y = map(Var, ("a", "b", "c", "u", "v", "x", "y"))
t = Var("t", 0, True)
t1, t2 = Var("t", 1, True), Var("t", 2, True)
ADD = Ref("operator.add", operator.add)


def unknown(arg: Expr) -> Call:
    return Call(Ref("touch", touch), (arg,))


def test_a_temporary_goes_back() -> None:
    assert text(Assign(t, op("mul", a, b)), Return(op("add", t, c))) == "return a * b + c\n"


def test_what_is_used_twice_stays() -> None:
    assert text(Assign(t, op("mul", a, b)), Return(Tuple((t, t)))) == "t = a * b\nreturn t, t\n"


def test_the_users_names_stay() -> None:
    made = Var("x_bar", 0, True)
    assert text(Assign(made, op("mul", a, b)), Return(made)) == "return a * b\n"
    for name in ("x_bar", "t"):
        users = (Assign(Var(name), op("mul", a, b)), Return(Var(name)))
        assert text(*users) == f"{name} = a * b\nreturn {name}\n"


def test_a_choice_that_asks_the_variable_itself() -> None:
    t3 = Var("t", 3, True)
    first = (Assign(t1, a), If(a, (Assign(t1, op("lt", b, c)),), ()))
    second = (Assign(t3, t1), If(t1, (), (Assign(t3, op("lt", c, b)),)))
    assert text(*first, *second, Return(t3)) == "return a and b < c or c < b\n"
    assert text(Assign(t1, a), If(b, (Assign(t1, c),), ()), Return(t1)) != "return a and c\n"


def test_no_reading_moves_past_a_mutation() -> None:
    body = (Assign(t, op("mul", u, a)), Store(v, Const(0), a), Return(t))
    kept = "t = u * a\nv[0] = a\nreturn t\n"
    assert text(*body) == kept
    array = Array(np.dtype(float), (3,))
    assert text(*body, types={u: array, v: array, a: FLOAT}) == kept
    # Numbers cannot be mutated.
    assert text(*body, types={u: FLOAT, v: array, a: FLOAT}) == "v[0] = a\nreturn u * a\n"


def test_no_reading_moves_past_a_binding() -> None:
    body = (Assign(t, op("mul", a, b)), Assign(a, c), Return(Tuple((t, a))))
    assert text(*body, types=dict.fromkeys((a, b, c), FLOAT)).startswith("t = a * b\na = c\n")


def test_a_later_version_is_a_binding() -> None:
    body = (Assign(t, op("mul", a, b)), Assign(Var("a", 1), c), Return(Tuple((t, Var("a", 1)))))
    assert text(*body, types=dict.fromkeys((a, b, c), FLOAT)).startswith("t = a * b\na_1 = c\n")


def test_unknown_calls_keep_their_order() -> None:
    first, second = Assign(t, unknown(a)), Assign(t1, unknown(b))
    assert text(first, second, Return(Tuple((t, t1)))) == "t = touch(a)\nreturn t, touch(b)\n"
    assert text(first, second, Return(Tuple((t1, t)))) == "t = touch(a)\nreturn touch(b), t\n"


def test_membership_looks_at_the_item_first() -> None:
    body = (Assign(t, unknown(a)), Assign(t1, unknown(b)), Return(op("contains", t, t1)))
    assert text(*body) == "t = touch(a)\nreturn touch(b) in t\n"


def test_an_element_is_read_before_what_is_added() -> None:
    body = (Assign(t, unknown(u)), AugAssign(u, Const(0), ADD, t))
    assert text(*body) == "t = touch(u)\nu[0] += t\n"
    whole = (Assign(t, unknown(u)), AugAssign(u, None, ADD, t))
    assert text(*whole) == "u += touch(u)\n"


def test_the_object_of_an_in_place_update_stays_a_name() -> None:
    body = (Assign(t, op("getitem", u, a)), AugAssign(t, None, ADD, b))
    assert text(*body) == "t = u[a]\nt += b\n"


def test_nothing_moves_to_where_it_may_not_be_evaluated() -> None:
    body = (
        Assign(t, op("truediv", a, b)),
        Assign(t1, op("lt", a, c)),
        If(t1, (Assign(t2, t),), (Assign(t2, c),)),
        Return(t2),
    )
    types: dict[Var, Type] = dict.fromkeys((a, b, c, t), FLOAT)
    assert text(*body, types=types) == "t = a / b\nreturn t if a < c else c\n"


@pytest.mark.parametrize(
    ("then", "orelse", "expected"),
    [
        ((Assign(t, b),), (), "return a and b\n"),
        ((), (Assign(t, b),), "return a or b\n"),
    ],
)
def test_boolean_operators(then: Block, orelse: Block, expected: str) -> None:
    assert text(Assign(t, a), If(t, then, orelse), Return(t)) == expected


def test_the_users_branches_stay_statements() -> None:
    body = (If(a, (Assign(x, b),), (Assign(x, c),)), Return(x))
    assert text(*body) == "if a:\n    x = b\nelse:\n    x = c\nreturn x\n"


def test_a_while_test() -> None:
    header = (Assign(t1, op("mul", x, x)), Assign(t, op("gt", t1, a)))
    body = (While(header, t, (Assign(x, op("truediv", x, b)),)), Return(x))
    assert text(*body) == "while x * x > a:\n    x = x / b\nreturn x\n"


def test_a_while_test_that_does_not_nest_is_kept() -> None:
    header = (Assign(y, op("mul", x, x)), Assign(t, op("gt", y, a)))
    body = (While(header, t, (Assign(x, y),)), Return(x))
    expected = "while True:\n    y = x * x\n    if not y > a:\n        break\n    x = y\nreturn x\n"
    assert text(*body) == expected


def test_patterns_are_loop_targets() -> None:
    rows = Call(Ref("enumerate", enumerate), (a,))
    inner = (Unpack((x, t1), t), Unpack((None, y), t1), Assign(u, op("add", x, y)))
    body = (For(t, rows, inner), Return(u))
    assert text(*body) == "for x, (_, y) in enumerate(a):\n    u = x + y\nreturn u\n"


def test_a_pattern_read_as_a_whole_stays() -> None:
    body = (For(t, a, (Unpack((x, y), t), Assign(u, t))), Return(u))
    assert text(*body) == "for t in a:\n    x, y = t\n    u = t\nreturn u\n"


def test_turns_that_are_only_counted_need_no_order() -> None:
    back = Call(Ref("reversed", reversed), (Call(Ref("range", range), (a, b)),))
    step = AugAssign(x, None, ADD, c)
    assert text(For(y, back, (step,)), Return(x)) == "for _ in range(a, b):\n    x += c\nreturn x\n"
    step = AugAssign(x, None, ADD, y)
    assert text(For(y, back, (step,)), Return(x)).startswith("for y in reversed(range(a, b)):\n")


def test_expressions_do_not_outgrow_the_line() -> None:
    names = [Var("t", n, True) for n in range(60)]
    steps = [Assign(p, op("add", q, Var("a"))) for p, q in zip(names[1:], names, strict=False)]
    lines = text(Assign(names[0], a), *steps, Return(names[-1])).splitlines()
    assert 1 < len(lines) < 20
    assert max(map(len, lines)) <= 96


def test_a_line_is_filled_before_another_is_begun() -> None:
    def read(n: int, start: object, stop: object) -> Assign:
        place = Slice(Const(start), Const(stop), Const(None))
        return Assign(Var("t", n, True), op("getitem", u, place))

    t3, t4, t5, t6 = (Var("t", n, True) for n in range(3, 7))
    body = (
        read(0, 1, -1),
        Assign(t1, op("mul", Const(0.5), t)),
        *(read(2, None, -2), read(3, 2, None)),
        Assign(t4, op("add", t2, t3)),
        Assign(t5, op("mul", Const(0.25), t4)),
        Assign(t6, op("add", t1, t5)),
        Store(v, Slice(Const(1), Const(-1), Const(None)), t6),
        Return(v),
    )
    expected = "v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])\nreturn v\n"
    assert (
        text(*body, types={u: Array(np.dtype(float), (9,)), v: Array(np.dtype(float), (9,))})
        == expected
    )


def test_what_only_follows_a_heading_goes_below_it() -> None:
    body = (Assign(u, unknown(a)), Assign(t, op("mul", a, b)), Note("backward"), Return(t))
    assert text(*body) == "u = touch(a)\n# backward\nreturn a * b\n"


def test_a_heading_above_nothing_or_all_is_left_out() -> None:
    body = (Note("forward"), Assign(t, op("mul", a, b)), Note("backward"), Return(t))
    assert text(*body) == "return a * b\n"


def test_the_line_of_origin_survives() -> None:
    fn = renest(function(Assign(t, op("mul", a, b), origin=Origin(7)), Return(op("neg", t))))
    assert fn.body[0].origin == Origin(7)
