"""Tuples that grow: ``t += (y,)`` and ``t = t + (y,)`` as ``t = (*t, y)``.

They do where ``t`` is nothing but a tuple: all that is assigned to it is written out. An array
would be added to in place, and a list extended.

Accepts and returns lowered IR.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.ir.nodes import Assign, AugAssign, Block, Call, Function, Star, Stmt, Tuple, Var
from srcad.ir.places import definitions
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.refs import ADD
from srcad.ir.walk import statements

__all__ = ["grown_tuples"]


def grown_tuples(fn: Function) -> Function:
    """See the module."""
    grown = {v for s in statements(fn) if (v := _grown(s)) is not None}
    if not grown:
        return fn
    defs = definitions(fn.body)
    changes = [s for s in statements(fn) if isinstance(s, AugAssign) and s.index is None]
    params = {p.var for p in fn.params}
    chosen = {
        v
        for v in grown - params
        if any(_is_display(s) for s in defs.get(v, ()))
        and all(_is_display(s) or _grown(s) == v for s in defs.get(v, ()))
        and all(_grown(s) == v for s in changes if s.obj == v)
    }
    return replace(fn, body=_rewritten(fn.body, chosen)) if chosen else fn


def _is_display(stmt: Stmt) -> bool:
    return isinstance(stmt, Assign) and isinstance(stmt.value, Tuple)


def _grown(stmt: Stmt) -> Var | None:
    """The variable to which ``stmt`` adds items of a tuple that is written out."""
    match stmt:
        case AugAssign(Var() as var, None, op, Tuple()) if op == ADD:
            return var
        case Assign(Var() as var, Call(fn, (first, Tuple()))) if fn == ADD and first == var:
            return var
        case _:
            return None


def _rewritten(block: Block, chosen: set[Var]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        match stmt:
            case AugAssign(var, None, _, Tuple(items)) | Assign(
                var, Call(_, (_, Tuple(items)))
            ) if var in chosen and _grown(stmt) == var:
                out.append(Assign(var, Tuple((Star(var), *items)), stmt.origin))
            case _:
                out.append(map_blocks(stmt, lambda inner: _rewritten(inner, chosen)))
    return same_or_new(block, out)
