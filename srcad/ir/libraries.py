"""Refusals inside of installed libraries are told where the user calls these."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Generator
from contextlib import contextmanager
from types import FunctionType
from typing import Final

from srcad.errors import SrcadError, UnknownFunctionError
from srcad.ir.nodes import Call, Origin, Source
from srcad.ir.written import behind_decorator, way_out, written
from srcad.signature import place_of

__all__ = ["told_at_the_call", "told_at_the_definition"]

_OWN: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_INSTALLED: Final = tuple(
    sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib", "stdlib", "platstdlib")
)
_PACKAGES: Final = f"{os.sep}site-packages{os.sep}"


@contextmanager
def told_at_the_call(call: Call, source: Source, origin: Origin | None) -> Generator[None]:
    """What is refused in the source of a library is refused at ``call``, which stands outside.

    Nobody can write something else in there. The reason still names the line.

    Raises
    ------
    UnknownFunctionError

    Examples
    --------
    >>> import bisect
    >>> from srcad.ir.nodes import Ref
    >>> call = Call(Ref("bisect.insort", bisect.insort), ())
    >>> with told_at_the_call(call, Source("f.py", 7, "f"), None):
    ...     raise SrcadError("no", source=Source(bisect.__file__, 60, "insort_right"))
    Traceback (most recent call last):
        ...
    srcad.errors.UnknownFunctionError: srcad has no derivative for `bisect.insort`
      File "f.py", line 7, in f
    Why: its source was followed as far as `insort_right`, line 60 of bisect.py: no
    Instead: give it one with `srcad.rule`, or wrap it with `srcad.custom_vjp`; if it needs no \
derivative, call it on `srcad.stop_gradient(x)`
    """
    try:
        yield
    except SrcadError as error:
        inside = error.source
        if inside is None or not _is_library(inside.filename) or _is_library(source.filename):
            raise
        name = written(call, source, origin)
        raise UnknownFunctionError(
            f"srcad has no derivative for `{name}`",
            source=source,
            origin=call.origin or origin,
            why=_followed(inside, error),
            instead=way_out(call, name, "`srcad.stop_gradient(x)`"),
        ) from None


def told_at_the_definition(error: SrcadError, fn: FunctionType) -> SrcadError:
    """``error``, or what is said of it if it is in a library's decorator of the user's ``fn``."""
    inside = error.source
    if inside is None or not _is_library(inside.filename):
        return error
    name, wrapped = fn.__name__, getattr(fn, "__wrapped__", None)
    way = behind_decorator(fn, name)
    if way is None or not _is_library(fn.__code__.co_filename):
        return error
    return UnknownFunctionError(
        f"srcad cannot look through the decorator of `{name}`",
        **(place_of(wrapped) if isinstance(wrapped, FunctionType) else {}),
        why=_followed(inside, error),
        instead=f"differentiate {way}",
    )


def _followed(inside: Source, error: SrcadError) -> str:
    file = os.path.basename(inside.filename)
    return (
        f"its source was followed as far as `{inside.qualname}`, line {error.line} of {file}:"
        f" {error.message}"
    )


def _is_library(filename: str) -> bool:
    if filename.startswith(_OWN):
        return False
    return _PACKAGES in filename or filename.startswith(_INSTALLED)
