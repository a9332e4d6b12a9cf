"""The parameters of a function, and their values in a call."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType, MappingProxyType
from typing import Any

from srcad.errors import ArgumentError

__all__ = ["Callee", "place_of", "signature_of"]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Callee:
    """A plain Python function, with what a method or a `functools.partial` has already given it.

    Parameters
    ----------
    fn : FunctionType
        The function that will be differentiated.
    signature : inspect.Signature
        Its own signature, whatever it wraps.
    leading : tuple
        The values of its first parameters: ``self``, or the arguments of a partial.
    keywords : mapping
        The keyword arguments of a partial.
    """

    # Not `FunctionType`, which type checkers take for a method of this class.
    fn: Any
    signature: inspect.Signature
    leading: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        return self.fn.__name__

    @property
    def parameters(self) -> tuple[inspect.Parameter, ...]:
        """All parameters of ``fn``, in order."""
        return tuple(self.signature.parameters.values())

    @property
    def positional(self) -> tuple[int, ...]:
        """The places of the parameters that ``argnums`` counts: by position, and not yet given."""
        at = [i for i, p in enumerate(self.parameters) if p.kind in _POSITIONAL]
        return tuple(at[len(self.leading) :])

    @property
    def given(self) -> tuple[int, int]:
        """How many parameters ``leading`` fills, and how many items of ``*args`` after them."""
        takers = sum(p.kind in _POSITIONAL for p in self.parameters)
        filled = min(takers, len(self.leading))
        return filled, len(self.leading) - filled

    @property
    def star(self) -> int | None:
        """The place of ``*args``, if there is one."""
        kinds = [p.kind for p in self.parameters]
        var = inspect.Parameter.VAR_POSITIONAL
        return kinds.index(var) if var in kinds else None

    @property
    def double_star(self) -> int | None:
        """The place of ``**kwargs``, if there is one."""
        kinds = [p.kind for p in self.parameters]
        var = inspect.Parameter.VAR_KEYWORD
        return kinds.index(var) if var in kinds else None

    @property
    def is_plain(self) -> bool:
        """Whether a call by position gives every parameter, one value each."""
        return (
            not self.leading and not self.keywords and len(self.positional) == len(self.parameters)
        )

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """The value of every parameter of ``fn`` in this call.

        Parameters
        ----------
        args, kwargs
            The arguments of the call.

        Returns
        -------
        tuple
            In order; ``*args`` is one tuple, ``**kwargs`` one dict, defaults are filled in.

        Raises
        ------
        ArgumentError
            If the call does not fit the signature.

        Examples
        --------
        >>> def f(x, n=3, *rest, **options): ...
        >>> Callee(f, signature_of(f)).bind((1.0,), {"tol": 0.5})
        (1.0, 3, (), {'tol': 0.5})
        """
        try:
            bound = self.signature.bind(*self.leading, *args, **{**self.keywords, **kwargs})
        except TypeError as error:
            raise ArgumentError(
                f"the call does not fit `{self.name}`: {error}",
                **place_of(self.fn),
                instead=f"call it with the arguments of `{self.name}{self.signature}`",
            ) from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())


def signature_of(fn: Any) -> inspect.Signature:
    """The signature of ``fn`` itself, whatever it wraps.

    From Python 3.14 on annotations are run when they are read, and may name what does not exist.

    Examples
    --------
    >>> def f(x: float, n=3): ...
    >>> list(signature_of(f).parameters)
    ['x', 'n']
    """
    lazily: dict[str, Any] = {}
    if sys.version_info >= (3, 14):
        lazily["annotation_format"] = importlib.import_module("annotationlib").Format.FORWARDREF
    return inspect.signature(fn, follow_wrapped=False, **lazily)


def place_of(fn: FunctionType, line: int | None = None) -> dict[str, Any]:
    """The keywords that point an error at a ``line`` of ``fn``, by default that of its ``def``."""
    from srcad.ir.nodes import Origin, Source

    code = fn.__code__
    first = code.co_firstlineno
    lines = linecache.getlines(code.co_filename)
    number = line or _line_of_def(first, lines)
    source = Source(code.co_filename, first, fn.__qualname__)
    if not 1 <= number <= len(lines):
        return {"source": source}
    text = lines[number - 1].rstrip()
    start = len(text) - len(text.lstrip())
    return {"source": source, "origin": Origin(number, start, number, len(text))}


def _line_of_def(first: int, lines: list[str]) -> int:
    # co_firstlineno is the line of the first decorator.
    for number in range(first, min(first + 30, len(lines) + 1)):
        text = lines[number - 1].lstrip()
        if text.startswith(("def ", "async def ")) or "lambda" in text:
            return number
    return first
