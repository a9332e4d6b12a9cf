"""Loading generated text: what tracebacks, debuggers and exceptions show."""

from __future__ import annotations

import gc
import inspect
import io
import linecache
import pdb
import threading
import traceback
from collections import deque
from types import FunctionType

import pytest

from srcad import texts
from srcad.emit.load import annotate, load
from srcad.ir.nodes import Origin, Source
from srcad.texts import forget_dead

TEXT = "def inverse(x):\n    y = 1 / x\n    return y\n"
SOURCE = Source("user.py", 10, "inverse", ("",) * 10 + ("    return 1 / x  # here",))


def inverse(filename: str = "<srcad inverse 1>", text: str = TEXT) -> FunctionType:
    return load(text, "inverse", {}, filename=filename, origins={2: Origin(11)}, source=SOURCE)


def test_the_globals_are_copied() -> None:
    given: dict[str, object] = {"two": 2}
    fn = load(
        "def f():\n    return two\n",
        "f",
        given,
        filename="<srcad f 1>",
        origins={},
        source=SOURCE,
    )
    assert fn() == 2
    assert given == {"two": 2}


def test_the_source_is_shown_even_after_checkcache() -> None:
    fn = inverse()
    linecache.checkcache()
    assert inspect.getsource(fn) == TEXT
    with pytest.raises(ZeroDivisionError) as caught:
        fn(0)
    assert "y = 1 / x" in "".join(traceback.format_exception(caught.value))


def test_pdb_lists_it() -> None:
    fn = inverse()
    out = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("step\nstep\nlist\ncontinue\n"), stdout=out, nosigint=True)
    debugger.use_rawinput = False
    debugger.runcall(fn, 2.0)
    assert "y = 1 / x" in out.getvalue()


def test_each_text_has_a_filename_of_its_own() -> None:
    stem = "<srcad distinct 1>"
    first, second = inverse(stem), inverse(stem, TEXT.replace("1 / x", "2 / x"))
    assert first.__code__.co_filename == "<srcad distinct 1>"
    assert second.__code__.co_filename == "<srcad distinct 2>"
    assert "1 / x" in inspect.getsource(first)
    assert "2 / x" in inspect.getsource(second)


def test_the_source_goes_with_the_function() -> None:
    fn = inverse("<srcad released 1>")
    filename = fn.__code__.co_filename
    assert filename in linecache.cache
    del fn
    gc.collect()
    linecache.checkcache()  # which goes through all entries: none may go meanwhile
    forget_dead()
    assert filename not in linecache.cache


class Emptied(deque[str]):
    """As another thread leaves it between a look at it and a step."""

    def __bool__(self) -> bool:
        return True


def test_two_threads_forget_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_dead", Emptied())
    forget_dead()


def test_a_helper_keeps_the_text_alive() -> None:
    text = "def helper():\n    return 1\n\ndef main():\n    return helper\n"
    main = load(text, "main", {}, filename="<srcad kept 1>", origins={}, source=SOURCE)
    helper = main()
    del main
    gc.collect()
    assert inspect.getsource(helper) == "def helper():\n    return 1\n"


def caught_from(fn: FunctionType, arg: object) -> BaseException:
    try:
        fn(arg)
    except Exception as error:
        return error
    raise AssertionError("it should have raised")


def test_an_exception_tells_the_users_line_once() -> None:
    error = caught_from(inverse(), 0)
    annotate(error)
    annotate(error)
    assert error.__notes__ == [
        'In the user\'s code: File "user.py", line 11, in inverse\n    return 1 / x  # here'
    ]


def test_the_innermost_generated_frame_counts() -> None:
    inner = inverse()
    outer = load(
        "def outer(x):\n    return inner(x)\n",
        "outer",
        {"inner": inner},
        filename="<srcad outer 1>",
        origins={2: Origin(3)},
        source=Source("other.py", 1, "outer"),
    )
    error = caught_from(outer, 0)
    annotate(error)
    assert "user.py" in error.__notes__[0]


def test_a_line_without_origin_names_the_function() -> None:
    text = "def f(x):\n    return 1 / x\n"
    fn = load(text, "f", {}, filename="<srcad f 1>", origins={}, source=SOURCE)
    error = caught_from(fn, 0)
    annotate(error)
    assert error.__notes__ == [
        'In the user\'s code: File "user.py", line 10, in inverse'
        " (a line of its derivative that has no counterpart there)"
    ]


def test_other_exceptions_are_left_alone() -> None:
    def plain(x: float) -> float:
        return 1 / x

    error = caught_from(plain, 0)  # type: ignore[arg-type] - a plain function
    annotate(error)
    assert not hasattr(error, "__notes__")


def test_many_threads_get_many_names() -> None:
    made: list[FunctionType] = []
    threads = [
        threading.Thread(target=lambda: made.append(inverse("<srcad threads 1>")))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({fn.__code__.co_filename for fn in made}) == 16
