"""Every error that srcad raises on purpose.

Each one says what is not possible, shows the place in the user's code, and tells why and what to
write instead.
"""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcad.ir.nodes import Origin, Source

__all__ = [
    "ArgumentError",
    "GradientCheckError",
    "InternalError",
    "MutationError",
    "NoSourceError",
    "OutputError",
    "SrcadError",
    "TypeInferenceError",
    "UnknownFunctionError",
    "UnsupportedSyntaxError",
]


class SrcadError(Exception):
    """The base of srcad's errors.

    Parameters
    ----------
    message
        What is not possible, in one sentence.
    source, origin
        Where: the function's source, and the place within it. Either may be unknown.
    why
        The reason.
    instead
        What to write instead.

    Attributes
    ----------
    message, source, origin, why, instead
        As given.
    filename, qualname, line, column
        The place, as far as it is known, or ``None``; both numbers count from 1.

    Examples
    --------
    >>> from srcad.ir.nodes import Origin, Source
    >>> source = Source("f.py", 1, "f", ("def f(x):", "    return {x}"))
    >>> print(SrcadError("no sets", source=source, origin=Origin(2, 11, 2, 14), instead="a list"))
    no sets
      File "f.py", line 2, column 12, in f
        return {x}
               ^^^
    Instead: a list
    """

    def __init__(
        self,
        message: str,
        *,
        source: Source | None = None,
        origin: Origin | None = None,
        why: str = "",
        instead: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.origin = origin
        self.why = why
        self.instead = instead

    @property
    def filename(self) -> str | None:
        return self.source.filename if self.source is not None else None

    @property
    def qualname(self) -> str | None:
        return self.source.qualname if self.source is not None else None

    @property
    def line(self) -> int | None:
        if self.origin is not None:
            return self.origin.line
        return self.source.first_line if self.source is not None else None

    @property
    def column(self) -> int | None:
        return self.origin.col + 1 if self.origin is not None else None

    def __str__(self) -> str:
        rows = [self.message]
        if self.source is not None:
            column = f", column {self.column}" if self.origin is not None else ""
            rows.append(
                f'  File "{self.source.filename}", line {self.line}{column},'
                f" in {self.source.qualname}"
            )
            rows += _excerpt(self.source, self.origin)
        if self.why:
            rows.append(f"Why: {self.why}")
        if self.instead:
            rows.append(f"Instead: {self.instead}")
        return "\n".join(rows)

    def __reduce__(self) -> tuple[object, ...]:
        # Exception's own __reduce__ passes `args` positionally and would lose the keywords.
        state = {k: v for k, v in self.__dict__.items() if k != "__traceback__"}
        return _rebuild, (type(self), self.message), state


def _rebuild(cls: type[SrcadError], message: str) -> SrcadError:
    return cls(message)


def _excerpt(source: Source, origin: Origin | None) -> list[str]:
    number = origin.line if origin is not None else source.first_line
    if 1 <= number <= len(source.lines):
        text = source.lines[number - 1]
    else:
        text = linecache.getline(source.filename, number)
    text = text.rstrip()
    code = text.lstrip()
    if not code:
        return []
    rows = ["    " + code]
    if origin is not None:
        start = max(origin.col - (len(text) - len(code)), 0)
        end = origin.end_col - (len(text) - len(code)) if origin.end_line == number else len(code)
        width = max(min(end, len(code)) - start, 1)
        # Tabs are kept so that the carets stand below what they mean.
        pad = "".join(c if c == "\t" else " " for c in code[:start])
        rows.append("    " + pad + "^" * width)
    return rows


class UnsupportedSyntaxError(SrcadError):
    """The function uses a piece of Python that srcad does not differentiate."""


class NoSourceError(SrcadError):
    """The source text of a function cannot be found, or a function has none."""


class UnknownFunctionError(SrcadError):
    """A called function has neither a derivative rule nor a source to differentiate."""


class MutationError(SrcadError):
    """An in-place update whose effect on other names for the same memory cannot be followed."""


class TypeInferenceError(SrcadError):
    """The program must fail for the given arguments: there is no value to differentiate."""


class ArgumentError(SrcadError, TypeError):
    """An argument of a derivative, or a choice of arguments, that makes no sense."""


class OutputError(SrcadError, TypeError):
    """The differentiated function returned something that has no gradient."""


class GradientCheckError(SrcadError, AssertionError):
    """A derivative disagrees with finite differences."""


class InternalError(AssertionError):
    """A broken promise between srcad's own passes: a bug in srcad, never in the user's program."""
