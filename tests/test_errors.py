"""How errors look, and that they survive pickling."""

from __future__ import annotations

import pickle

import pytest

from srcad import errors
from srcad.errors import ArgumentError, SrcadError, UnsupportedSyntaxError
from srcad.ir.nodes import Origin, Source

SOURCE = Source("f.py", 1, "f", ("def f(x):", "\tif x:", "        return {x}", ""))


def test_whole_text() -> None:
    error = SrcadError(
        "no sets", source=SOURCE, origin=Origin(3, 15, 3, 18), why="order.", instead="a list."
    )
    assert str(error) == (
        "no sets\n"
        '  File "f.py", line 3, column 16, in f\n'
        "    return {x}\n"
        "           ^^^\n"
        "Why: order.\n"
        "Instead: a list."
    )
    assert (error.filename, error.line, error.column, error.qualname) == ("f.py", 3, 16, "f")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, '  File "f.py", line 1, in f\n    def f(x):'),
        (Origin(2, 1, 3, 5), '  File "f.py", line 2, column 2, in f\n    if x:\n    ^^^^^'),
        (Origin(2, 4, 2, 5), '  File "f.py", line 2, column 5, in f\n    if x:\n       ^'),
        (Origin(2, 4), '  File "f.py", line 2, column 5, in f\n    if x:\n       ^^'),
        (Origin(4, 0), '  File "f.py", line 4, column 1, in f'),
        (Origin(9, 0), '  File "f.py", line 9, column 1, in f'),
    ],
)
def test_places(origin: Origin | None, expected: str) -> None:
    assert str(SrcadError("m", source=SOURCE, origin=origin)) == "m\n" + expected


def test_message_alone() -> None:
    error = SrcadError("m")
    assert str(error) == "m"
    assert (error.filename, error.line, error.column, error.qualname) == (None, None, None, None)


@pytest.mark.parametrize("name", [n for n in errors.__all__ if n != "InternalError"])
def test_pickles(name: str) -> None:
    cls = getattr(errors, name)
    error = cls("m", source=SOURCE, origin=Origin(3, 15, 3, 18), why="w", instead="i")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert str(again) == str(error)
    assert (again.source, again.origin) == (SOURCE, Origin(3, 15, 3, 18))


def test_bases() -> None:
    assert issubclass(ArgumentError, TypeError)
    assert issubclass(errors.OutputError, TypeError)
    assert issubclass(errors.GradientCheckError, AssertionError)
    assert not issubclass(errors.InternalError, SrcadError)
    assert issubclass(UnsupportedSyntaxError, SrcadError)
