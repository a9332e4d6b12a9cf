"""Names, parameters, origins and comments of lowered functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad.frontend.lower import lower
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    BoolOp,
    Call,
    Capture,
    Const,
    Do,
    Expr,
    For,
    If,
    Param,
    Raise,
    Ref,
    Return,
    Tuple,
    Var,
    While,
)
from srcad.ir.walk import expressions, statements, subexpressions

SCALE = 2.0
abs_ = abs


def _refs(fn: Callable[..., Any]) -> dict[str, object]:
    return {
        e.path: e.value
        for s in statements(lower(fn).body)
        for top in expressions(s)
        for e in subexpressions(top)
        if isinstance(e, Ref) and not e.path.startswith("operator.")
    }


def _value(fn: Callable[..., Any]) -> Expr:
    last = lower(fn).body[-1]
    assert isinstance(last, Return)
    return last.value


# --- names ---------------------------------------------------------------------------------------


def test_names() -> None:
    offset = 1.0
    table = {"a": 1}

    def f(x):
        y = np.linalg.norm(x) + math.sin(SCALE)
        return abs_(y) + len(table) + offset + float.fromhex("0x1p0")

    assert _refs(f) == {
        "np.linalg.norm": np.linalg.norm,
        "math.sin": math.sin,
        "SCALE": 2.0,
        "abs_": abs,
        "len": len,
        "table": table,
        "offset": 1.0,
        "float.fromhex": float.fromhex,
    }
    assert {c.name: c.read for c in lower(f).captures} == {
        "SCALE": ("global", "SCALE"),
        "abs_": ("global", "abs_"),
        "table": ("closure", "table"),
        "offset": ("closure", "offset"),
    }


def test_a_name_assigned_anywhere_is_local() -> None:
    def f(x):
        if x > 0:
            SCALE = 1.0  # noqa: F841
        for abs_ in ():
            pass
        return x

    assert _refs(f) == {}
    assert lower(f).captures == ()


def test_the_variable_of_a_comprehension_is_not() -> None:
    def f(xs):
        return [SCALE for SCALE in xs], SCALE

    assert [c.name for c in lower(f).captures] == ["SCALE"]
    loop = next(s for s in lower(f).body if isinstance(s, For))
    assert loop.target == Var("SCALE")


def test_the_value_of_a_name_is_that_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x):
        return x * SCALE

    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert lower(f).captures[0].value == 5.0


def test_attributes_of_values_stay() -> None:
    def f(x):
        return x.T.shape

    assert _value(f) == Attr(Attr(Var("x"), "T"), "shape")


def test_recursion() -> None:
    def f(n):
        return 1 if n == 0 else n * f(n - 1)

    assert lower(f).captures == (Capture("f", f, ("closure", "f")),)


def test_temporaries_avoid_every_name() -> None:
    def f(xs):
        t = 1
        return sum(t_1 * t for t_1 in xs)

    made = {s.target for s in lower(f).body if isinstance(s, Assign)}
    assert made == {Var("t"), Var("t", 2, True)}


# --- parameters ----------------------------------------------------------------------------------


def test_parameters() -> None:
    array = np.zeros(2)

    def f(a, /, b, c=2.0, d=array, *rest, e, g="s", h=array, **more):
        return a

    assert lower(f).params == (
        Param(Var("a")),
        Param(Var("b")),
        Param(Var("c"), Const(2.0)),
        Param(Var("d"), Ref("f.__defaults__[1]", array)),
        Param(Var("rest"), kind="args"),
        Param(Var("e"), kind="keyword"),
        Param(Var("g"), Const("s"), "keyword"),
        Param(Var("h"), Ref("f.__kwdefaults__['h']", array), "keyword"),
        Param(Var("more"), kind="kwargs"),
    )


def test_parameters_of_a_lambda() -> None:
    fn = lower(lambda x, *, k=3: x * k)
    assert fn.params == (Param(Var("x")), Param(Var("k"), Const(3), "keyword"))
    assert isinstance(fn.body[-1], Return)


# --- literals ------------------------------------------------------------------------------------


def test_literals() -> None:
    def f():
        return -1, +2.5, -3j, 0x10, 1_000, "ab", b"c", None, True, ..., --1

    assert _value(f) == Tuple(
        tuple(map(Const, (-1, 2.5, -3j, 16, 1000, "ab", b"c", None, True, ..., 1)))
    )


def test_minus_of_a_bool_is_a_call() -> None:
    def f():
        return -True

    assert isinstance(_value(f), Call)


def test_boolean_chains_nest_right() -> None:
    def f(a, b, c):
        return a and b and c, (a or b) or c, (a and b) or c

    a, b, c = map(Var, "abc")
    assert _value(f) == Tuple(
        (
            BoolOp("and", a, BoolOp("and", b, c)),
            BoolOp("or", a, BoolOp("or", b, c)),
            BoolOp("or", BoolOp("and", a, b), c),
        )
    )


# --- statements ----------------------------------------------------------------------------------


def test_what_does_nothing_is_dropped() -> None:
    def f(x):
        """Doc."""
        x
        3
        y: float  # noqa: F842
        pass
        del x
        return 1

    assert lower(f).body == (Return(Const(1)),)


def test_the_end_returns_none() -> None:
    def f(x):
        x.sort()

    assert lower(f).body == (Do(Call(Attr(Var("x"), "sort"))), Return(Const(None)))


def test_assert_raises() -> None:
    def f(x):
        assert x, "no"
        return x

    check = lower(f).body[0]
    assert isinstance(check, If)
    assert check.then == (Raise(Call(Ref("AssertionError", AssertionError), (Const("no"),))),)


# --- origins and comments ------------------------------------------------------------------------


# fmt: off
def commented(xs):
    # not above: a blank line follows

    # two lines
    #  above
    s = 0.0  # start
    for x in xs:  # each
        # inside
        s += x  # add
        t = s; u = t  # two statements  # fmt: skip # noqa: E702
    # the test
    while s > 1:  # shrink
        s /= 2
    if s:  # yes
        s = (
            s
            + 1
        )  # over lines
    # otherwise
    elif xs:  # no
        s = 0.0
    return s, u
# fmt: on


def test_comments() -> None:
    fn = lower(commented)
    got = []
    for stmt in statements(fn.body):
        origin = stmt.origin
        assert origin is not None
        line = origin.line - fn.source.first_line
        got.append((type(stmt), line, origin.comment, origin.above))
    assert got == [
        (Assign, 5, "start", ("two lines", "above")),
        (For, 6, "each", ()),
        (AugAssign, 8, "add", ("inside",)),
        (Assign, 9, "", ()),
        (Assign, 9, "two statements  # fmt: skip # noqa: E702", ()),
        (While, 11, "shrink", ("the test",)),
        (AugAssign, 12, "", ()),
        (If, 13, "yes", ()),
        (Assign, 14, "over lines", ()),
        (If, 19, "no", ("otherwise",)),
        (Assign, 20, "", ()),
        (Return, 21, "", ()),
    ]


def test_origins_of_calls() -> None:
    fn = lower(commented)
    for stmt in statements(fn.body):
        for top in expressions(stmt):
            for e in subexpressions(top):
                if isinstance(e, Call):
                    assert e.origin is not None
    (test,) = [e for s in fn.body if isinstance(s, While) for e in (s.test,)]
    assert isinstance(test, Call)
    assert test.origin is not None
    text = fn.source.lines[test.origin.line - 1]
    assert text[test.origin.col : test.origin.end_col] == "s > 1"
