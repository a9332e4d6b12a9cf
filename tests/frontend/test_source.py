"""A function's own text is found, or its lack is explained."""

from __future__ import annotations

import functools
import linecache
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from srcad.errors import NoSourceError
from srcad.frontend.lower import lower
from srcad.frontend.source import parse_function
from tests.frontend.refused import load
from tests.ir_interpreter import run

two_on_a_line = (lambda x: x + 1), (lambda x: x + 2)
same_on_a_line = (lambda x: x * 5), (lambda x: x * 5)
nested = {
    "a": lambda x: x * 3,
    "b": [lambda x, k=2: (
        x ** k
        - 1
    )],
    "c": functools.partial(lambda x, y: x - y, 10),
}  # fmt: skip
inner_lambda = (lambda: lambda x: -x)()  # noqa: PLC3002


def closure(k: float) -> Callable[[float], float]:
    return lambda x: x * k


def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
    return fn


@decorate
@decorate
def decorated(x: float) -> float:
    return x + 7


class Model:
    scale = 3.0

    def method(self, x: float) -> float:
        text = """a
  b"""
        return self.scale * x + len(text)

    def private(self, x: float) -> float:
        return self.__hidden(x)

    def __hidden(self, x: float) -> float:
        return x + 0.5

    @staticmethod
    def static(x: float) -> float:
        return x * 11


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (two_on_a_line[0], (1,)),
        (two_on_a_line[1], (1,)),
        (same_on_a_line[1], (1,)),
        (nested["a"], (2,)),
        (nested["b"][0], (3,)),
        (nested["c"].func, (3, 4)),
        (inner_lambda, (3,)),
        (closure(2.5), (3,)),
        (decorated, (3,)),
        (Model.method, (Model(), 3)),
        (Model.static, (3,)),
    ],
)
def test_finds(fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    assert run(lower(fn), *args) == fn(*args)


def test_mangled_names_are_found() -> None:
    assert lower(Model.private).params[0].var.name == "self"


def test_identical_lambdas_are_told_apart_by_their_columns() -> None:
    columns = [lower(f).body[-1].origin.col for f in same_on_a_line]  # type: ignore[union-attr]  # every statement has one
    line = Path(__file__).read_text().split("\n")[lower(same_on_a_line[0]).source.first_line - 1]
    assert [line[c : c + 5] for c in columns] == ["x * 5", "x * 5"]
    assert columns[0] < columns[1]


def test_first_line_is_that_of_the_def() -> None:
    source = lower(decorated).source
    assert source.lines[source.first_line - 1] == "def decorated(x: float) -> float:"
    assert source.qualname == "decorated"
    assert source.filename == __file__


@pytest.mark.parametrize(
    ("end", "value"),
    [
        ("    return (\n        x\n        * x\n    )\n", 9.0),
        ("    y = (\n        x + 1\n    )\n    return y\n    # that was it\n", 4.0),
        ("    return x * 2\n    z = 3\n", 6.0),
        ("    if x > 0:\n        return x * 4\n    else:\n        return x\n    y: int\n", 12.0),
        ('    return x * 5\n    if False:\n        x = """\n  text\n"""\n', 15.0),
    ],
)
def test_what_ends_after_its_code(end: str, value: float, tmp_path: Path) -> None:
    text = f"def f(x):\n{end}\n\ndef g(x):\n    return x\n"
    fn = load(text, tmp_path).f
    assert parse_function(fn).text.startswith("def f(x):\n")
    assert run(lower(fn), 3.0) == value


def test_name_of_a_lambda() -> None:
    assert lower(two_on_a_line[0]).name == "lam"


def test_generated_text_in_linecache() -> None:
    text = "def f(x):\n    return x * 13\n"
    name = "<srcad test 1>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {}
    exec(compile(text, name, "exec"), namespace)
    assert run(lower(namespace["f"]), 2) == 26
    del linecache.cache[name]


def test_no_text() -> None:
    namespace: dict[str, Any] = {}
    exec("def f(x):\n    return x\n", namespace)
    with pytest.raises(NoSourceError) as caught:
        lower(namespace["f"])
    assert str(caught.value) == (
        "the source of `f` cannot be found\n"
        '  File "<string>", line 1, in f\n'
        "Why: srcad differentiates a function by rewriting its text. One that was typed at the"
        " interactive prompt, given to `python -c` or made by `exec` leaves none behind.\n"
        "Instead: put the function in a file or in a notebook cell."
    )


def test_python_c() -> None:
    program = (
        "from srcad.frontend.lower import lower\n"
        "def f(x): return x\n"
        "try: lower(f)\n"
        "except Exception as e: print(type(e).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    # Python 3.13 keeps the text given to `-c`, and of those after it some releases do.
    assert done.stdout in ("NoSourceError\n", "")
    if sys.version_info < (3, 14):
        assert (done.stdout == "") == (sys.version_info >= (3, 13))


@pytest.mark.parametrize(
    "fn", [np.sin, len, Model, Model().method, functools.partial(decorated), 3]
)
def test_no_plain_function(fn: object) -> None:
    with pytest.raises(NoSourceError, match="has no Python source"):
        lower(fn)


@pytest.mark.parametrize(
    "new",
    [
        "def f(x):\n    return x - 1\n",
        "def f(x):\n    return x + 2\n",
        "def g(x):\n    return x + 1\n",
        "def f(y):\n    return y + 1\n",
        "\n\n\n",
        "def f(x:\n",
        "",
    ],
)
def test_changed_file(new: str, tmp_path: Path) -> None:
    f = load("def f(x):\n    return x + 1\n", tmp_path).f
    (tmp_path / "f.py").write_text(new + "# a comment to change the size\n")
    with pytest.raises(NoSourceError, match="has changed since it was defined"):
        lower(f)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x - 2 * x * y", "return x * y - 2 * x"),
        ("return x * y", "return y * y"),
        ("return max(x, abs(y))", "return max(abs(x), y)"),
        ("return x if y is None else y", "return x if y is not None else y"),
        ("a = x; b = y\n    return a", "a = x; b = y\n    return b"),
        ("for i in y:\n        break\n    return x", "for i in y:\n        continue\n    return x"),
        ("assert x > y\n    return x", "assert x > y\n    return y"),
    ],
)
def test_changed_only_in_what_stands_where(old: str, new: str, tmp_path: Path) -> None:
    f = load(f"def f(x, y):\n    {old}\n", tmp_path).f
    (tmp_path / "f.py").write_text(f"def f(x, y):\n    {new}\n# a comment\n")
    with pytest.raises(NoSourceError, match="has changed since it was defined"):
        lower(f)


def test_changed_lambda(tmp_path: Path) -> None:
    f = load("f = lambda x: x + 1\n", tmp_path).f
    (tmp_path / "f.py").write_text("f = lambda x: x + 10\n")
    with pytest.raises(NoSourceError, match="has changed since it was defined"):
        lower(f)


def test_other_text_in_the_file_may_change(tmp_path: Path) -> None:
    f = load("def f(x):\n    return x + 1\n", tmp_path).f
    (tmp_path / "f.py").write_text("def f(x):\n    return x + 1\n\ndef g(x):\n    return x\n")
    assert run(lower(f), 1) == 2


def test_positions_count_characters(tmp_path: Path) -> None:
    f = load("def f(x):\n    return 'äöü', x * 2\n", tmp_path).f
    assert isinstance(f, FunctionType)
    parsed = parse_function(f)
    value = lower(f).body[-1].value.items[1]  # type: ignore[union-attr]  # a tuple is returned
    text = parsed.source.lines[value.origin.line - 1]
    assert text[value.origin.col : value.origin.end_col] == "x * 2"
