"""Every refusal: that it is raised, where, and its whole text."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from srcad.errors import UnsupportedSyntaxError
from srcad.frontend.expressions import parse_expression
from srcad.frontend.lower import lower
from srcad.frontend.refusals import REFUSALS, reason, refuse
from srcad.ir.nodes import Var
from tests.frontend.refused import CODE, load

_TEXTS = Path(__file__).with_name("refusals.txt")

# These need a newer Python than the oldest supported, or stand where no function is lowered, or
# where many are.
_WITHOUT_CODE = {"type alias", "template string", "expression statement", "endless functions"}


def _golden() -> dict[str, str]:
    blocks = _TEXTS.read_text().strip().removeprefix("== ").split("\n\n== ")
    return dict(block.split("\n", 1) for block in blocks)


@pytest.mark.parametrize("row", CODE)
def test_text(row: str, tmp_path: Path) -> None:
    f = load(CODE[row], tmp_path, row.replace(" ", "_")).f
    with pytest.raises(UnsupportedSyntaxError) as caught:
        lower(f)
    text = str(caught.value).replace(str(tmp_path / row.replace(" ", "_")) + ".py", "f.py")
    assert text == _golden()[row]


def test_every_row_has_code_and_text() -> None:
    assert set(CODE) | _WITHOUT_CODE == set(REFUSALS)
    assert set(_golden()) == set(CODE)


def test_every_text_says_why_and_what_instead() -> None:
    for row in REFUSALS:
        error = refuse(row, None, None, name="x", owner="m", way="write it out")
        assert error.message
        assert error.why.endswith(".")
        assert error.instead.endswith((".", "`"))


def test_newer_syntax() -> None:
    alias = cst.TypeAlias(cst.Name("T"), cst.Name("int"))
    assert reason(alias)[0] == "type alias"


@pytest.mark.parametrize("text", ["[x for x in y]", "a < f(b) < c"])
def test_rules_hold_single_expressions(text: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match="needs a statement of its own"):
        parse_expression(text, Var)


@pytest.mark.parametrize(
    ("body", "row"),
    [
        ("async def f(x):\n    return x", "asynchronous code"),
        ("def f(x):\n    x.y += 1\n    return x", "assigning an attribute"),
        ("def f(x):\n    for x.y in x:\n        pass", "assigning an attribute"),
        ("def f(x):\n    del x.y\n    return x", "deleting an attribute"),
        ("def f(x):\n    return iter(v for v in x)", "a generator expression"),
        ("def f(x):\n    from . import sin\n    return sin(x)", "a relative `import` inside"),
        ("def f(x):\n    return filter(lambda v: v, x)", "cannot be given to `filter`"),
        ("def f(x):\n    g = lambda v: v\n    return x.map(g)", r"cannot be given to `x\.map`"),
        ("def f(x):\n    def g(v): return x\n    return g", "cannot be used as a value"),
        ("def f(x):\n    def g(v): return x\n    h = g\n    return h(x)", "used as a value"),
        ("def f(x):\n    def g(v): return x\n    return g is None", "used as a value"),
        ("def f(x):\n    def g(v): return x\n    return {'g': g}", "used as a value"),
        ("def f(x):\n    def g(v): return x\n    return (g if x else abs)(x)", "used as a value"),
        ("def f(x):\n    return lambda v: x", "a lambda inside"),
        ("def f(x):\n    y = g(x)\n    def g(v): return v\n    return y", "may not be defined"),
        ("def f(x):\n    g = lambda v: v\n    g = 2\n    return x", "bound more than once"),
        ("def f(x):\n    def g(v): return v\n    del g\n    return x", "bound more than once"),
        ("def f(x):\n    def g(v):\n        global y\n        y = v\n    g(1)", "a `global`"),
        ("def f(x):\n    def g(v):\n        yield v\n    return list(g(x))", "a generator"),
        ("def f(x):\n    async def g(v):\n        return v\n    return x", "asynchronous code"),
        ("class A:\n    def f(self):\n        return super().f()\nf = A.f", r"`super\(\)`"),
    ],
)
def test_other_forms(body: str, row: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=row) as caught:
        lower(load(body + "\n", tmp_path).f)
    assert caught.value.line is not None
