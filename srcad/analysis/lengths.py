"""Numbers of turns that are the length of lists: ``n = len(xs)``, ``n = min(len(xs), len(ys))``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srcad.ir.nodes import Assign, Call, Const, Expr, Function, Var
from srcad.ir.refs import LEN, MIN
from srcad.ir.walk import bound, statements

__all__ = ["Made", "made_by", "measured"]

Made = Mapping[Var, Sequence[Expr | None]]
"""What each variable is made of, once for each definition; ``None`` for what is no expression."""


def made_by(fn: Function) -> Made:
    """The definitions in ``fn``, its parameters among them."""
    made: dict[Var, list[Expr | None]] = {p.var: [None] for p in fn.params}
    for stmt in statements(fn):
        for var in bound(stmt):
            made.setdefault(var, []).append(stmt.value if isinstance(stmt, Assign) else None)
    return made


def measured(n: Expr, made: Made) -> tuple[Var | Const, ...] | None:
    """The lists of which ``n`` is the length, or the least; ``None`` where that is not known.

    Each has one definition only; whether it has grown since is for the caller to ask. A constant
    is the length of one that is written out.
    """
    if isinstance(n, Const):
        return (n,)
    match made.get(n, ()) if isinstance(n, Var) else ():
        case [Call(fn, (Var() as xs,))] if fn == LEN:
            return (xs,) if len(made.get(xs, ())) == 1 else None
        case [Call(fn, lengths)] if fn == MIN:
            parts = [measured(length, made) for length in lengths]
            known = [p for p in parts if p is not None]
            return tuple(xs for p in known for xs in p) if len(known) == len(parts) else None
        case _:
            return None
