"""Values that the forward sweep recorded, read in place of computing them again.

The adjoint of ``c = cos(x)`` asks for ``sin(x)``. Where the primal has computed that too, and both
it and ``x`` were recorded in the same turn, it is there already: a sine costs Numba as much as
twenty products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from srcad.backends.numba.draft import Draft
from srcad.backends.numba.records import Uses, record_uses
from srcad.ir.nodes import Assign, Block, Call, Const, Do, Expr, Function, Ref, Stmt, Var
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import LIST_POP
from srcad.ir.walk import blocks, bound, statements
from srcad.optimise.copies import propagate_copies
from srcad.optimise.dead import dead_code

__all__ = ["reuse_recorded"]

_COSTLY: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        *(np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.tanh, np.sinh, np.cosh, np.arctan),
        *(np.arcsin, np.arccos, np.log1p, np.expm1, np.exp2, np.log2, np.log10),
        *(math.sin, math.cos, math.tan, math.exp, math.log, math.sqrt, math.tanh, math.sinh),
        *(math.cosh, math.atan, math.asin, math.acos, math.log1p, math.expm1, math.pow),
    }
)


@dataclass(frozen=True, slots=True)
class _Equation:
    """What was recorded in ``record`` is ``fn(*args)``; a record there stands for its item."""

    record: Var
    fn: Ref
    args: tuple[Expr, ...]


def reuse_recorded(fn: Function, draft: Draft) -> Function:
    """Read recorded results of costly functions of ``fn`` where they are computed again.

    Accepts and returns normal IR.
    """
    groups: dict[tuple[int, ...], dict[Var, Uses]] = {}
    for record, uses in record_uses(fn.body).items():
        if not uses.escapes and len(uses.made) == len(uses.pushed) == len(uses.popped) == 1:
            # Records of one group are pushed and popped in step: what is read in one turn of the
            # backward sweep was written in one turn of the forward sweep.
            places = uses.made[0], uses.pushed[0], uses.popped[0]
            key = tuple(id(place.block) for place in places)
            groups.setdefault(key, {})[record] = uses
    known: dict[int, list[_Equation]] = {}
    steady = _never_bound(fn)
    for (_, _, backward), group in groups.items():
        forward = next(iter(group.values())).pushed[0].block
        known.setdefault(backward, []).extend(_equations(forward, set(group), steady))
    if not any(known.values()):
        return fn
    fn = replace(fn, body=_read(fn.body, known, draft))
    return dead_code(propagate_copies(fn, draft.types), draft.types)


def _never_bound(fn: Function) -> set[Var]:
    """The parameters that keep the value they were called with."""
    return {p.var for p in fn.params} - {v for s in statements(fn) for v in bound(s)}


def _equations(forward: Block, records: set[Var], steady: set[Var]) -> list[_Equation]:
    version: dict[Var, int] = {}
    made: dict[tuple[Var, int], tuple[Ref, tuple[tuple[Expr, int], ...]]] = {}
    kept: dict[tuple[Var, int], Var] = {}
    for stmt in forward:
        match stmt:
            case Do(Call(_, (Var() as record, Var() as item))) if record in records:
                kept[item, version.get(item, 0)] = record
                continue
            case Assign(Var() as var, Call(Ref(_, f) as ref, args, ())) if f in _COSTLY:
                drawn = tuple((a, version.get(a, 0) if isinstance(a, Var) else 0) for a in args)
                version[var] = version.get(var, 0) + 1
                made[var, version[var]] = ref, drawn
            case _:
                for var in _bound_within(stmt):
                    version[var] = version.get(var, 0) + 1
    found: list[_Equation] = []
    for item, record in kept.items():
        if item in made:
            ref, drawn = made[item]
            args = [_recorded(a, v, kept, steady) for a, v in drawn]
            if all(a is not None for a in args):
                found.append(_Equation(record, ref, tuple(a for a in args if a is not None)))
    return found


def _recorded(
    arg: Expr, version: int, kept: dict[tuple[Var, int], Var], steady: set[Var]
) -> Expr | None:
    """What stands for ``arg`` in the backward sweep: itself, or the record that it is in."""
    if isinstance(arg, Const) or arg in steady:
        return arg
    return kept.get((arg, version)) if isinstance(arg, Var) else None


def _read(block: Block, known: dict[int, list[_Equation]], draft: Draft) -> Block:
    """``block`` with recorded results in place of calls."""
    equations = known.get(id(block), [])
    now: dict[Var, Var] = {}
    out: list[Stmt] = []
    for stmt in block:
        match stmt:
            case Assign(Var() as target, Call(Ref() as ref, args, ())) if draft.is_number(target):
                held = _held(ref, args, equations, now)
                new = stmt if held is None else replace(stmt, value=held)
            case _:
                new = map_stmt(stmt, lambda e: e, lambda b: _read(b, known, draft))
        out.append(new)
        changed = set(_bound_within(stmt))
        now = {record: var for record, var in now.items() if var not in changed}
        match stmt:
            case Assign(Var() as target, Call(Ref(_, f), (Var() as record,))) if f is LIST_POP:
                now[record] = target
            case _:
                pass
    return tuple(out)


def _held(
    ref: Ref, args: tuple[Expr, ...], equations: list[_Equation], now: dict[Var, Var]
) -> Var | None:
    """The variable that holds ``ref(*args)`` already, read from its record."""
    for equation in equations:
        here = tuple(now.get(a, a) if isinstance(a, Var) else a for a in equation.args)
        if equation.fn == ref and here == args and equation.record in now:
            return now[equation.record]
    return None


def _bound_within(stmt: Stmt) -> Iterator[Var]:
    yield from bound(stmt)
    for inner in blocks(stmt):
        for each in statements(inner):
            yield from bound(each)
