"""Displays of dicts, ``{"a": x, "b": y}``."""

from __future__ import annotations

from collections.abc import Iterable

from srcad.ir.nodes import Const, Dict, Expr

__all__ = ["dict_display"]


def dict_display(items: Iterable[tuple[Expr, Expr]]) -> Dict:
    """The display of ``items``; of keys that are equal the first stays, with the last value.

    Keys that are no constants are left alone: which of them are equal is not known.

    Examples
    --------
    >>> from srcad.ir.nodes import Var
    >>> made = dict_display([(Const(1), Var("x")), (Const(2), Var("y")), (Const(True), Var("z"))])
    >>> made.keys, [v.name for v in made.values]
    ((Const(value=1), Const(value=2)), ['z', 'y'])
    """
    pairs = tuple(items)
    found: dict[object, tuple[Expr, Expr]] = {}
    for key, value in pairs:
        if not isinstance(key, Const):
            return Dict(tuple(k for k, _ in pairs), tuple(v for _, v in pairs))
        first, _ = found.get(key.value, (key, value))
        found[key.value] = first, value
    return Dict(tuple(k for k, _ in found.values()), tuple(v for _, v in found.values()))
