"""Arithmetic on literals, done when the derivative is made."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from srcad.ir.nodes import Const, Dict, Expr, Ref, Star, Tuple

__all__ = ["evaluate", "has_key", "is_number", "item_of", "operation", "whole_as"]

_SAFE: Final[frozenset[Callable[..., Any]]] = frozenset(
    getattr(operator, name)
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "neg", "pos", "abs"),
        *("lt", "le", "gt", "ge", "eq", "ne", "not_", "is_", "is_not"),
    )
)
_LARGEST = 2**53


def operation(name: str) -> Ref:
    """The operator of that name; their types are only partially known to type checkers."""
    return Ref(f"operator.{name}", getattr(operator, name))


def is_number(expr: Expr, value: float | None = None) -> bool:
    """Whether ``expr`` is a literal real number, and equal to ``value`` if that is given.

    Examples
    --------
    >>> is_number(Const(2)), is_number(Const(True)), is_number(Const(2.0), 2)
    (True, False, True)
    """
    if type(expr) is not Const or type(expr.value) not in (int, float):
        return False
    return value is None or expr.value == value


def evaluate(fn: object, args: tuple[Expr, ...]) -> Const | None:
    """The literal that the call amounts to; ``None`` if it is none or would not read as one.

    Examples
    --------
    >>> evaluate(operator.sub, (Const(3), Const(1)))
    Const(value=2)
    >>> evaluate(operator.truediv, (Const(1), Const(0))) is None
    True
    """
    if fn is len and len(args) == 1 and isinstance(args[0], Tuple):
        items = args[0].items
        return None if any(isinstance(i, Star) for i in items) else Const(len(items))
    values = [a.value for a in args if isinstance(a, Const)]
    if len(values) != len(args):
        return None
    operate = next((f for f in _SAFE if f is fn), None)
    if operate is None:
        return None
    kinds = set(map(type, values))
    of_texts = kinds == {str} and fn in (operator.eq, operator.ne)
    of_anything = fn in (operator.is_, operator.is_not, operator.not_)
    if not (of_texts or of_anything or kinds <= {int, float}):
        return None
    if fn in (operator.is_, operator.is_not) and None not in values:
        return None  # identity of numbers and strings is an accident
    return _literal(operate, values)


def whole_as(literal: Const, *of: Expr) -> Const:
    """``literal`` as an int if it is a whole float, and one of those it was computed from an int.

    Examples
    --------
    >>> whole_as(Const(6.0), Const(2), Const(3.0)), whole_as(Const(6.0), Const(3.0))
    (Const(value=6), Const(value=6.0))
    """
    value = literal.value
    from_int = any(isinstance(e, Const) and type(e.value) is int for e in of)
    if from_int and isinstance(value, float) and value.is_integer():
        return Const(int(value))
    return literal


def _literal(operate: Callable[..., Any], values: list[object]) -> Const | None:
    if operate is operation("pow").value and any(
        isinstance(v, (int, float)) and abs(v) > 64 for v in values
    ):
        return None
    try:
        result: object = operate(*values)
    except (ArithmeticError, TypeError, ValueError):
        return None
    if isinstance(result, bool):
        return Const(result)
    if isinstance(result, int) and abs(result) < _LARGEST:
        return Const(result)
    if isinstance(result, float) and math.isfinite(result) and _is_short(result, values):
        return Const(result)
    return None


def _is_short(result: float, values: list[object]) -> bool:
    """``1 / 3`` tells more than ``0.3333333333333333``."""
    return len(repr(result)) <= max(6, *(len(repr(v)) for v in values))


def item_of(made: Expr | None, index: Const) -> Expr | None:
    """What stands under ``index`` in a tuple or dict that is written out, where that is certain."""
    key = index.value
    match made:
        case Tuple(items) if isinstance(key, int) and not isinstance(key, bool):
            inside = -len(items) <= key < len(items)
            is_known = inside and not any(isinstance(item, Star) for item in items)
            return items[key] if is_known else None
        case Dict(keys, values) if all(map(_is_plain_key, (index, *keys))):
            last_first = zip(reversed(keys), reversed(values), strict=True)
            return next((value for k, value in last_first if k == index), None)
        case _:
            return None


def has_key(made: Expr | None, key: Expr) -> Const | None:
    """Whether a dict that is written out has ``key``, where that is certain."""
    match made:
        case Dict(keys, _) if all(map(_is_plain_key, (key, *keys))):
            return Const(key in keys)
        case _:
            return None


def _is_plain_key(key: Expr) -> bool:
    """Whether ``key`` is no other key's equal: ``True``, ``1`` and ``1.0`` are one."""
    return isinstance(key, Const) and type(key.value) in (str, int)
