"""Calls that are written out where enough is known of their arguments, and refused where not."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.errors import UnknownFunctionError
from srcad.ir.nodes import Call, Expr, Origin, Ref, Source, Star
from srcad.ir.refs import COLUMNS, DICT

__all__ = ["untold"]

_UNTOLD: Mapping[Ref, tuple[str, str, str]] = {
    DICT: (
        "srcad cannot tell which keys this dict has",
        "the keys of a dict are part of its type, and do not follow here from the text and the"
        " types of the arguments",
        "make a dict whose keys depend on no values, or use a list",
    ),
    COLUMNS: (
        "srcad cannot tell what this `zip` gives",
        "how many items it has, and how many are in each, does not follow here from the text and"
        " the types of the arguments",
        "take the columns by themselves, `a = [row[0] for row in rows]`",
    ),
}


def untold(call: Expr, source: Source, origin: Origin | None) -> UnknownFunctionError | None:
    """The error for ``call`` if it is such a one, as it is still there; else ``None``."""
    match call:
        case Call(Ref() as fn) if fn in _UNTOLD:
            pass
        case Call(Ref(_, live), args) if live is zip and any(isinstance(a, Star) for a in args):
            fn = COLUMNS
        case _:
            return None
    message, why, instead = _UNTOLD[fn]
    return UnknownFunctionError(message, source=source, origin=origin, why=why, instead=instead)
