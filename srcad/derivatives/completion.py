"""A call of a derivative inside a differentiated function, completed to all parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from types import FunctionType
from typing import Any

from srcad.calls.compose import define, fresh, tuple_text
from srcad.kinds import DICT, TUPLE
from srcad.signature import Callee
from srcad.types.lattice import DictOf, TupleOf, Type
from srcad.types.of_value import type_of

__all__ = ["completed", "composed_text"]


def completed(
    callee: Callee, types: tuple[Type, ...], keywords: tuple[str, ...] = ()
) -> tuple[list[str], dict[str, Any], tuple[Type, ...]]:
    """A call completed to all parameters of the function behind.

    Parameters
    ----------
    callee : Callee
    types : tuple of Type
        Those of the arguments of the call.
    keywords : tuple of str
        The names of those, at the end, that are given by keyword.

    Returns
    -------
    arguments : list of str
        The text of each argument of the complete call; ``a0``, ``a1``, ... are those of the call.
    names : dict
        The values of the other names in ``arguments``.
    types : tuple of Type
        Those of all parameters.
    """
    marks = [_Mark(i) for i in range(len(types))]
    first = len(types) - len(keywords)
    values = callee.bind(tuple(marks[:first]), dict(zip(keywords, marks[first:], strict=True)))
    names: dict[str, Any] = {}
    arguments: list[str] = []
    all_types: list[Type] = []
    for p, value in zip(callee.parameters, values, strict=True):
        text, t = _complete(value, p.name, names, types)
        arguments.append(text)
        all_types.append(t)
    return arguments, names, tuple(all_types)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands for an argument of a call while it is bound."""

    at: int


def _complete(
    value: Any, name: str, names: dict[str, Any], types: tuple[Type, ...]
) -> tuple[str, Type]:
    if isinstance(value, _Mark):
        return f"a{value.at}", types[value.at]
    if isinstance(value, TUPLE) and any(isinstance(x, _Mark) for x in value):  # pyright: ignore[reportUnknownVariableType]
        items = [_complete(x, name, names, types) for x in value]  # pyright: ignore[reportUnknownVariableType]
        return tuple_text([text for text, _ in items]), TupleOf(tuple(t for _, t in items))
    if isinstance(value, DICT) and value:
        pairs = [(k, _complete(v, _part_name(name, k), names, types)) for k, v in value.items()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        text = ", ".join(f"{k!r}: {text}" for k, (text, _) in pairs)
        return "{" + text + "}", DictOf(tuple((k, t) for k, (_, t) in pairs))  # pyright: ignore[reportUnknownArgumentType]
    if _is_literal(value):
        return repr(value), type_of(value)
    given = fresh(f"{name}_given", {*names})
    names[given] = value
    return given, type_of(value)


def _is_literal(value: Any) -> bool:
    """Whether ``repr(value)`` is the text of a constant, or of an empty container."""
    if isinstance(value, float):
        return type(value) is float and isfinite(value)
    if isinstance(value, (TUPLE, DICT)):
        return type(value) in (tuple, dict) and not value  # pyright: ignore[reportUnknownArgumentType]
    return value is None or type(value) in (bool, int, str)


def _part_name(name: str, key: object) -> str:
    part = f"{name}_{key}"
    return part if part.isidentifier() else name


def composed_text(
    name: str, count: int, arguments: list[str], inner: FunctionType, names: dict[str, Any]
) -> FunctionType:
    """A function of ``count`` arguments ``a0``, ... that calls ``inner`` with ``arguments``."""
    own = [f"a{i}" for i in range(count)]
    callee = fresh(inner.__name__, {name, *own, *names})
    text = f"def {name}({', '.join(own)}):\n    return {callee}({', '.join(arguments)})\n"
    return define(name, text, {**names, callee: inner})
