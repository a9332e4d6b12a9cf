"""Generated text made a function, whose source tracebacks and debuggers can show."""

from __future__ import annotations

import linecache
import os
import re
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType, TracebackType
from typing import Final

from srcad.errors import SrcadError
from srcad.ir.nodes import Origin, Source
from srcad.texts import enter

__all__ = ["annotate", "load", "place_of"]

_HERE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@dataclass(frozen=True, slots=True)
class _Record:
    """What is known of one generated text: the origin of each line, and the file they refer to."""

    origins: Mapping[int, Origin]
    source: Source


class _Life:
    """Stands among the globals of a generated text and dies with the last function made of it."""

    __slots__ = ("__weakref__",)


_lock = threading.Lock()
_records: dict[str, _Record] = {}
_numbers: dict[str, int] = {}


def load(
    text: str,
    name: str,
    globals: Mapping[str, object],
    *,
    filename: str,
    origins: Mapping[int, Origin],
    source: Source,
) -> FunctionType:
    """Compile ``text`` and return the function called ``name`` that it defines.

    The text is entered in `linecache`, so that tracebacks, `pdb` and `inspect.getsource` show it;
    the entry goes some time after the function does.

    Parameters
    ----------
    text : str
        One or more ``def`` statements, perhaps after imports.
    name : str
        The function to return.
    globals : Mapping
        The objects that the text's global names stand for. It is copied.
    filename : str
        A name such as ``"<srcad loss grad 1>"``. Of one that was used before, the number is raised.
    origins : Mapping
        For lines of ``text``, counted from 1, the place in the user's file they come from.
    source : Source
        The user's file.

    Returns
    -------
    FunctionType
        The function.

    Examples
    --------
    >>> import inspect
    >>> source = Source("f.py", 1, "f")
    >>> text = "def double(x):\\n    return 2 * x\\n"
    >>> double = load(text, "double", {}, filename="<srcad f 1>", origins={}, source=source)
    >>> double(21)
    42
    >>> print(inspect.getsource(double), end="")
    def double(x):
        return 2 * x
    """
    filename = _unused(filename)
    life = _Life()
    namespace: dict[str, object] = {"__name__": "srcad.generated", **globals}
    namespace["__srcad_life__"] = life
    exec(compile(text, filename, "exec", dont_inherit=True), namespace)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    with _lock:
        _records[filename] = _Record(dict(origins), source)
    enter(filename, text, life)
    # No lock: a finalizer may interrupt the very thread that holds it. This is atomic.
    weakref.finalize(life, _records.pop, filename, None).atexit = False
    return function


def _unused(filename: str) -> str:
    """``filename``, its number raised past those given: no traceback shows another's text."""
    found = re.fullmatch(r"(.*?)(?: (\d+))?>", filename)
    stem = found[1] if found else filename
    wanted = int(found[2]) if found and found[2] else 1
    with _lock:
        number = max(wanted, _numbers.get(stem, 0) + 1)
        _numbers[stem] = number
    return f"{stem} {number}>"


def place_of(filename: str, line: int) -> tuple[Source, Origin | None] | None:
    """The user's file, and the place in it that a line of a generated text comes from, if known.

    Parameters
    ----------
    filename : str
        As the generated function's code names it.
    line : int
        Counted from 1.

    Returns
    -------
    tuple or None
        ``None`` if no such text was loaded.
    """
    with _lock:
        record = _records.get(filename)
    return None if record is None else (record.source, record.origins.get(line))


# --- exceptions that pass through ----------------------------------------------------------------

_PREFIX = "In the user's code: "


def annotate(exc: BaseException) -> None:
    """Add to ``exc``, once, where in the user's code the generated line stands that raised it.

    A refusal of srcad's that has no place gets this one, any other exception a note.

    Parameters
    ----------
    exc : BaseException
        An exception being handled. Nothing is added if its traceback does not pass through a
        generated function, or if it has such a note.
    """
    if any(note.startswith(_PREFIX) for note in getattr(exc, "__notes__", ())):
        return
    if isinstance(exc, SrcadError) and exc.source is not None:
        return
    passed: list[tuple[_Record, int]] = []
    for filename, number in reversed(_frames(exc.__traceback__)):
        with _lock:
            record = _records.get(filename)
        if record is not None:
            passed.append((record, number))
    # What NumPy does in one call may be written out by srcad: then the call is the place.
    users = (p for p in passed if not p[0].source.filename.startswith(_HERE))
    record, number = next(users, passed[0] if passed else (None, 0))
    if record is None:
        return
    if isinstance(exc, SrcadError):
        exc.source, exc.origin = record.source, record.origins.get(number)
    else:
        exc.add_note(_note(record, number))


def _frames(traceback: TracebackType | None) -> list[tuple[str, int]]:
    """The file and line of each frame of ``traceback``, outermost first."""
    frames: list[tuple[str, int]] = []
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    return frames


def _note(record: _Record, number: int) -> str:
    source, origin = record.source, record.origins.get(number)
    if origin is None:
        # A line that srcad added, to make a zero adjoint, say: only the function is known.
        place = f'File "{source.filename}", line {source.first_line}, in {source.qualname}'
        return f"{_PREFIX}{place} (a line of its derivative that has no counterpart there)"
    note = f'{_PREFIX}File "{source.filename}", line {origin.line}, in {source.qualname}'
    if 1 <= origin.line <= len(source.lines):
        shown = source.lines[origin.line - 1]
    else:
        shown = linecache.getline(source.filename, origin.line)
    return f"{note}\n    {shown.strip()}" if shown.strip() else note
