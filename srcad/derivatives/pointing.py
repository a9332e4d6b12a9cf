"""Refusals of what was generated point at the user's function all the same."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from srcad.errors import SrcadError, UnsupportedSyntaxError
from srcad.signature import place_of

if TYPE_CHECKING:
    from srcad.ir.nodes import Source

__all__ = ["point_at", "shorten", "too_deep"]

_HERE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def point_at(error: SrcadError, fn: Any) -> None:
    """Have ``error`` point at the user's line, if it points into a text that srcad wrote.

    Parameters
    ----------
    error : SrcadError
    fn : FunctionType
        The user's function, whose derivative was to be made.

    Examples
    --------
    >>> from srcad.ir.nodes import Source
    >>> def f(x): ...
    >>> error = SrcadError("no", source=Source("<srcad f 1>", 1, "f_grad"))
    >>> point_at(error, f)
    >>> error.qualname
    'f'
    """
    found: Any = importlib.import_module("srcad.emit.load").place_of
    while _is_own(error.source):
        assert error.source is not None
        place = found(error.source.filename, error.line)
        if place is None or place[1] is None:
            where = place_of(fn)
            error.source, error.origin = where["source"], where.get("origin")
            return
        error.source, error.origin = place


def shorten(error: SrcadError) -> None:
    """Drop from the traceback of ``error`` what lies inside srcad below the frame that calls this.

    The message says all that a user can use. ``python -X dev`` keeps the frames.

    Parameters
    ----------
    error : SrcadError
        As it is caught.

    Examples
    --------
    >>> try:
    ...     SrcadError.nothing
    ... except AttributeError as error:
    ...     shorten(error)
    ...     error.__traceback__.tb_next is None
    True
    """
    at = error.__traceback__
    while at is not None and not sys.flags.dev_mode:
        below = at.tb_next
        while below is not None and below.tb_frame.f_code.co_filename.startswith(_HERE):
            below = below.tb_next
        at.tb_next = below
        at = below


def _is_own(source: Source | None) -> bool:
    return source is not None and source.filename.startswith(("<srcad ", _HERE))


def too_deep(fn: Any) -> UnsupportedSyntaxError:
    """The refusal of ``fn`` where Python's limit of recursion was met."""
    return UnsupportedSyntaxError(
        f"the derivative of `{fn.__name__}` takes more recursion than Python allows",
        **place_of(fn),
        why="an expression or a block in it is nested too deeply, or a function in it calls itself"
        " with arguments of ever new types",
        instead="give names to parts of the expression, or write a loop",
    )
