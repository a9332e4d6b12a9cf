"""Indices like ``i - 1`` written out wherever they stand, as one writes them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    Function,
    Slice,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.rebuild import map_stmt, substituted
from srcad.ir.refs import ADD, GETITEM, SUB
from srcad.ir.walk import blocks, bound, expressions, statements, subexpressions, used
from srcad.types.lattice import Scalar, Type

__all__ = ["written_out"]


def written_out(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Write ``x[i - 1] = y[i - 1]`` for ``t = i - 1`` and ``x[t] = y[t]``.

    Parameters
    ----------
    fn : Function
        What `renest` made.
    types : Mapping
        The types of the variables, where they are known.

    Returns
    -------
    Function
        The same computation without those temporaries of which all uses are indices, in the block
        that makes them, where what they are made of is still the same.
    """
    stmts = statements(fn)
    sums = [t for s in stmts if (t := _sum(s)) is not None and _is_int(types.get(t))]
    if not sums:
        return fn
    uses = Counter([v for s in stmts for v in used(s)])
    made = Counter([v for s in stmts for v in bound(s)])
    shared = {t: uses[t] for t in sums if made[t] == 1}
    return replace(fn, body=_block(fn.body, shared)) if shared else fn


def _is_int(t: Type | None) -> bool:
    return isinstance(t, Scalar) and t.dtype.kind == "i"


def _block(block: Block, shared: Mapping[Var, int]) -> Block:
    out: list[Stmt] = []
    done: dict[Var, Expr] = {}
    for place, stmt in enumerate(block):
        match stmt:
            case Assign(Var() as t, value) if t in shared and _is_index_only(
                t, value, block[place + 1 :], shared[t]
            ):
                done[t] = value
            case _ if blocks(stmt):
                out.append(map_stmt(stmt, lambda e: e, lambda inner: _block(inner, shared)))
            case _ if done.keys().isdisjoint(used(stmt)):
                out.append(stmt)
            case _:
                out.append(_filled(stmt, done))
    return tuple(out)


def _is_index_only(t: Var, value: Expr, rest: Block, uses: int) -> bool:
    """Whether all ``uses`` of ``t`` are indices in ``rest``, and ``value`` the same till then."""
    assert isinstance(value, Call)
    for stmt in rest:
        inside = statements((stmt,))
        here = 0 if blocks(stmt) else sum(v == t for v in _indices(stmt))
        if here != sum(v == t for s in inside for v in used(s)):
            return False
        uses -= here
        if uses == 0:
            return True
        if any(v == value.args[0] for s in inside for v in bound(s)):
            return False
    return False


def _sum(stmt: Stmt) -> Var | None:
    """``t``, if the statement makes it as ``i - 1``."""
    match stmt:
        case Assign(Var() as t, Call(fn, (Var() as base, Const(step)), ())) if (
            is_nameless(t) and fn in (ADD, SUB) and type(step) is int and base != t
        ):
            return t
        case _:
            return None


def _indices(stmt: Stmt) -> Iterator[Var]:
    """The variables that are an index, or an end of a slice, in ``stmt``."""
    match stmt:
        case Store(_, index) | AugAssign(_, index) if index is not None:
            yield from _ends(index)
        case _:
            pass
    for expr in expressions(stmt):
        for part in subexpressions(expr):
            if isinstance(part, Call) and part.fn == GETITEM:
                yield from _ends(part.args[1])


def _ends(index: Expr) -> Iterator[Var]:
    match index:
        case Var():
            yield index
        case Tuple(items):
            for item in items:
                yield from _ends(item)
        case Slice(start, stop, step):
            for end in (start, stop, step):
                yield from _ends(end)
        case _:
            pass


def _filled(stmt: Stmt, values: Mapping[Var, Expr]) -> Stmt:
    return map_stmt(stmt, lambda e: substituted(e, values))
