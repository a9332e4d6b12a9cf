"""What `atoms` makes: each step by itself, in order, with comments printed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcad.emit.text import render
from srcad.frontend.lower import lower
from srcad.ir.nodes import Assign, Attr, Call, Do, For, Function, If, Return, Unpack, Var, While
from srcad.ir.walk import statements
from srcad.passes.atoms import atoms
from srcad.passes.single_exit import single_exit


def _normal(fn: Callable[..., Any]) -> Function:
    return atoms(single_exit(lower(fn)))


def _text(fn: Callable[..., Any]) -> list[str]:
    return render(_normal(fn), origins=False).text.strip().split("\n    ")[1:]


def test_steps() -> None:
    def f(x, w, b):
        return (x @ w + b).sum(axis=0)[1:]

    assert _text(f) == [
        "t = x @ w",
        "t_1 = t + b",
        "t_2 = t_1.sum(axis=0)",
        "t_3 = t_2[1:]",
        "return t_3",
    ]


def test_a_direct_parallel_assignment_needs_no_temporary() -> None:
    def f(a, b):
        c, d = a + 1, b
        return c, d

    assert _text(f) == ["c = a + 1", "d = b", "return c, d"]


def test_a_swap_needs_one() -> None:
    def f(a, b):
        a, b = b, a
        return a, b

    assert _text(f) == ["t = b", "b = a", "a = t", "return a, b"]


def test_a_rotation_keeps_what_is_still_read() -> None:
    def f(a, b):
        a, b = b, a + b
        return a, b

    assert _text(f) == ["t = b", "b = a + b", "a = t", "return a, b"]


def test_unpacking() -> None:
    def f(pair):
        (a, _), c = pair
        return a, c

    first, second, _ = _normal(f).body
    assert first == Unpack((Var("t", 0, True), Var("c")), Var("pair"))
    assert second == Unpack((Var("a"), None), Var("t", 0, True))


def test_an_underscore_that_is_read_is_a_name() -> None:
    def f(pair):
        a, _ = pair  # noqa: RUF059
        return _

    assert _normal(f).body[0] == Unpack((Var("a"), Var("_")), Var("pair"))


def test_loops_keep_their_iterators() -> None:
    def f(xs, n):
        for i, (x, y) in enumerate(zip(xs[1:], reversed(range(n + 1)), strict=True), start=n * 2):
            print(i, x, y)

    *before, loop, _ = _normal(f).body
    assert isinstance(loop, For)
    assert loop.target == Var("t", 3, True)
    assert isinstance(loop.iter, Call)
    assert len(before) == 3
    assert [type(s) for s in loop.body] == [Unpack, Unpack, Do]


def test_tests_of_while_are_computed_in_the_header() -> None:
    def f(x):
        while abs(x) > 1:
            x = x / 2
        while x:
            x -= 1
        return x

    first, second, _ = _normal(f).body
    assert isinstance(first, While)
    assert isinstance(second, While)
    assert [type(s) for s in first.header] == [Assign, Assign]
    assert second.header == ()
    assert second.test == Var("x")


def test_conditional_expressions_assign_in_both_branches() -> None:
    def f(a, b):
        c = a if a > b else b
        return c

    _, branch, _ = _normal(f).body
    assert isinstance(branch, If)
    assert branch.then == (Assign(Var("c"), Var("a")),)
    assert branch.orelse == (Assign(Var("c"), Var("b")),)


def test_boolean_operators() -> None:
    def f(a, b):
        return a and not b

    assert _text(f)[0] == "t = a"
    branch = _normal(f).body[1]
    assert isinstance(branch, If)
    assert branch.test == Var("t", 0, True)
    assert branch.orelse == ()


def test_membership_evaluates_the_item_first() -> None:
    def f(a, b):
        return a() in b()

    assert _text(f)[:2] == ["t = a()", "t_1 = b()"]


def test_nested_targets_of_updates() -> None:
    def f(a, i, v):
        a[i][i + 1] += v * 2
        a.b[i] = v

    assert _text(f) == [
        "t = a[i]",
        "t_1 = i + 1",
        "t_2 = v * 2",
        "t[t_1] += t_2",
        "t_3 = a.b",
        "t_3[i] = v",
        "return",
    ]


def test_methods_keep_their_object() -> None:
    def f(xs, x):
        xs.append(x.T)

    attr, call, _ = _normal(f).body
    assert attr == Assign(Var("t", 0, True), Attr(Var("x"), "T"))
    assert call == Do(Call(Attr(Var("xs"), "append"), (Var("t", 0, True),)))


def test_comments_stay_with_the_statement() -> None:
    def f(x, y):
        # above
        z = x * y + 1  # product
        # deeper
        if z * z > 2:  # test
            return z - x * 3  # difference
        return z

    said = [
        (type(s), s.origin.comment, s.origin.above)
        for s in statements(_normal(f).body)
        if s.origin is not None and (s.origin.comment or s.origin.above)
    ]
    assert said == [
        (Assign, "product", ("above",)),
        (If, "test", ("deeper",)),
        (Assign, "difference", ()),
    ]


def test_every_step_has_an_origin() -> None:
    def f(x, y):
        z = [v * y for v in x if v > 0 and 0 < abs(v) < 1]
        a, b = (x, y) if sum(z) > 2 else (y, x)
        return a - b * 3

    for stmt in statements(_normal(f).body):
        assert stmt.origin is not None
    assert isinstance(_normal(f).body[-1], Return)
