"""Statements as text: layout, comments, and the lines they come from."""

from __future__ import annotations

import ast
import operator

import pytest

from srcad.emit.text import render
from srcad.emit.wrap import wrap
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Break,
    Call,
    Const,
    Continue,
    Do,
    For,
    Function,
    If,
    Note,
    Origin,
    Param,
    Raise,
    Ref,
    Return,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from tests.emit.random_programs import SOURCE, function, op

a, b, x, y = map(Var, "abxy")
ADD = Ref("operator.add", operator.add)


def text(*body: Stmt) -> str:
    return "".join(line[4:] + "\n" for line in render(function(*body)).text.splitlines()[1:])


@pytest.mark.parametrize(
    ("stmt", "expected"),
    [
        (Assign(x, a), "x = a\n"),
        (Assign(Tuple((x, Tuple((y, b)))), a), "x, (y, b) = a\n"),
        (Assign(x, Tuple((a, b))), "x = a, b\n"),
        (Unpack((x, None), a), "x, _ = a\n"),
        (Unpack((x,), a), "(x,) = a\n"),
        (Store(x, Const(0), a), "x[0] = a\n"),
        (AugAssign(x, None, ADD, a), "x += a\n"),
        (AugAssign(x, Tuple((a, b)), ADD, op("mul", a, b)), "x[a, b] += a * b\n"),
        (Do(Call(Ref("print", print), (x,))), "print(x)\n"),
        (Return(Const(None)), "return\n"),
        (Return(Tuple((x,))), "return (x,)\n"),
        (Raise(Call(Ref("ValueError", ValueError), (Const("no"),))), 'raise ValueError("no")\n'),
        (If(a, ()), "if a:\n    pass\n"),
        (If(a, (Note("nothing"),)), "if a:\n    # nothing\n    pass\n"),
        (
            If(a, (Break(),), (If(b, (Continue(),), (Assign(x, y),)),)),
            "if a:\n    break\nelif b:\n    continue\nelse:\n    x = y\n",
        ),
        (
            If(a, (Break(),), (If(b, (Break(),)), Assign(x, y))),
            "if a:\n    break\nelse:\n    if b:\n        break\n    x = y\n",
        ),
        (
            For(Tuple((a, b)), x, (Assign(y, a),), (Assign(y, b),)),
            "for a, b in x:\n    y = a\nelse:\n    y = b\n",
        ),
        (While((), a, (Assign(x, y),)), "while a:\n    x = y\n"),
        (
            While((Assign(a, x),), op("not_", a), (Assign(x, y),)),
            "while True:\n    a = x\n    if not not a:\n        break\n    x = y\n",
        ),
    ],
)
def test_statements(stmt: Stmt, expected: str) -> None:
    assert text(stmt) == expected


def test_a_discarded_item_does_not_hide_a_variable() -> None:
    body = (Unpack((x, None), a), Return(Var("_")))
    assert text(*body) == "x, __ = a\nreturn _\n"


def test_parameters() -> None:
    params = (
        Param(x),
        Param(a, Const(2)),
        Param(y, Ref("y_default", object()), "keyword"),
        Param(b, kind="kwargs"),
    )
    fn = Function("g", params, (Return(x),), SOURCE)
    assert render(fn).text == "def g(x, a=2, *, y=y_default, **b):\n    return x\n"
    starred = (Param(x, kind="args"), Param(y, Const(1), "keyword"))
    fn = Function("g", starred, (Return(x),), SOURCE)
    assert render(fn).text == "def g(*x, y=1):\n    return x\n"


@pytest.mark.parametrize(
    "doc", ['one "line"', 'ends in "', "two\n\nlines", r"a \ and", '""" in it']
)
def test_a_docstring(doc: str) -> None:
    fn = Function("g", (), (Return(Const(1)),), SOURCE, notes={"doc": doc})
    tree = ast.parse(render(fn).text).body[0]
    assert isinstance(tree, ast.FunctionDef)
    found = ast.get_docstring(tree)
    assert found is not None
    assert found.split() == doc.split()


def test_comments_and_origins() -> None:
    loop = For(x, a, (Assign(y, op("add", x, y), Origin(4, comment="one step")),), (), Origin(3))
    fn = function(
        Note("forward"),
        Assign(y, a, Origin(2, above=("the start", ""))),
        Assign(b, a),
        loop,
        Note("backward"),
        Assign(x, y, Origin(4, comment="one step", above=("the start",))),
        Assign(x, a, Origin(4)),
        Return(x, Origin(2, above=("the start", ""))),
    )
    assert render(fn).text == (
        "def f():\n"
        "    # forward\n"
        "    # the start\n"
        "    y = a          # line 2\n"
        "    b = a\n"
        "    for x in a:    # line 3\n"
        "        y = x + y  # line 4: one step\n"
        "    # backward\n"
        "    # the start\n"
        "    x = y          # line 4\n"
        "    x = a\n"
        "    return x       # line 2\n"
    )
    places = {number: origin.line for number, origin in render(fn).lines.items()}
    assert places == {4: 2, 6: 3, 7: 4, 10: 4, 11: 4, 12: 2}


def test_without_origins_the_users_comments_stay() -> None:
    fn = function(Assign(y, a, Origin(2, comment="kept")), Return(y, Origin(3)))
    assert render(fn, origins=False).text == "def f():\n    y = a  # kept\n    return y\n"


def test_a_comment_that_does_not_fit_stands_above() -> None:
    fn = function(Assign(y, a, Origin(2, comment="long " * 20)), Return(y))
    first, second = render(fn).text.splitlines()[1:3]
    assert first.startswith("    # line 2: long long") and second == "    y = a"
    assert render(fn).lines[3].line == 2


def test_comments_do_not_go_far_to_the_right() -> None:
    far = Call(Ref("np.maximum", max), tuple(Var(f"argument_{n}") for n in range(5)))
    fn = function(Assign(y, far, Origin(2)), Assign(x, y, Origin(3)))
    lines = render(fn).text.splitlines()
    assert lines[1].endswith("argument_4)  # line 2")
    assert lines[2].index("#") == 48


LONG = [
    "    z = first, second_one, complex(-0.0, 1.0), third(2.0), fourth_thing, fifth, sixth",
    "    return first_factor * second_factor_of_it + third_factor * fourth_factor - (a + b)",
    "    x[i, 1:-1] += first_factor * second_factor_of_it + third_factor * fourth_factor_of_it",
    '    h_bar = function_name(first_argument, "text, with a comma", other(inner_one, inner_two))',
    "    if function_name(first_argument, second_argument) and other_function(third, fourth):",
    "    for a, b in zip(first_argument_of_this_one, second_argument_of_this_one, third_argument):",
    "    x = np.where(condition_one, np.where(condition_two, first_value, second), third_value)",
    "    first_one, the_second, the_third, the_fourth, the_fifth, the_sixth, the_last = saved",
]


@pytest.mark.parametrize("line", LONG)
@pytest.mark.parametrize("width", [40, 50, 60, 80])
def test_a_broken_line_means_the_same(line: str, width: int) -> None:
    def tree(lines: list[str]) -> str:
        inside = "\n            pass\n" if line.endswith(":") else "\n"
        return ast.dump(ast.parse("def f():\n" + "\n".join(lines) + inside))

    broken = wrap(line, width)
    assert tree(broken) == tree([line])
    assert len(broken) > 1
    if width >= 60:
        assert max(map(len, broken)) <= width


def test_a_broken_import_means_the_same() -> None:
    line = "from srcad.runtime import add_item, as_like, matmul_bar_b, unbroadcast"
    broken = wrap(line, 40)
    assert ast.dump(ast.parse("\n".join(broken))) == ast.dump(ast.parse(line))
    assert max(map(len, broken)) <= 40


def test_lines_of_a_broken_statement_have_its_origin() -> None:
    call = Call(Ref("f", max), tuple(Var(f"argument_number_{n}") for n in range(12)))
    rendered = render(function(Assign(x, call, Origin(9)), Return(x)))
    lines = rendered.text.splitlines()
    assert lines[1] == "    # line 9"
    assert len(lines) > 4
    assert [n for n, o in rendered.lines.items() if o.line == 9] == list(range(2, len(lines)))
    assert max(map(len, lines)) <= 100


def test_the_same_text_each_time() -> None:
    fn = function(Assign(y, op("add", a, b), Origin(2)), Return(y))
    assert render(fn) == render(fn)
