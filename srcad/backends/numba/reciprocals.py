"""One division in place of several by the same number, in the backward sweep.

A division takes as long as four products, and LLVM keeps each, since `a * (1 / x)` is not always
`a / x` rounded. For the primal that may matter, as the argument of a `floor`, say, so the forward
sweep stays as it is, and in the backward sweep whatever decides a branch, an index or a step of
some function; an adjoint is off by a rounding error at most.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from srcad.backends.numba.draft import Draft
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Function,
    Note,
    Ref,
    Return,
    Stmt,
    Store,
    Var,
)
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import DIV, MUL
from srcad.ir.walk import blocks, bound, statements, used, variables
from srcad.types.lattice import FLOAT, Scalar

__all__ = ["share_reciprocals"]

# Their signatures are partly unknown to type checkers.
op: Any = operator

_SMOOTH: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        *(op.add, op.sub, op.mul, op.truediv, op.neg),
        *(op.pow, np.copy, abs, np.abs),
        *(np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.tanh, np.sinh, np.cosh, np.arctan),
        *(math.sin, math.cos, math.tan, math.exp, math.log, math.sqrt, math.tanh, math.atan),
    }
)


def share_reciprocals(fn: Function, draft: Draft) -> Function:
    """Multiply by the reciprocal where the backward sweep of ``fn`` divides by a number repeatedly.

    Accepts and returns normal IR; ``draft`` learns the types of new variables.
    """
    at = next((i for i, s in enumerate(fn.body) if s == Note("backward")), None)
    if at is None:
        return fn
    exact = _exact(fn.body)
    return replace(fn, body=(*fn.body[:at], *_shared(fn.body[at:], draft, exact)))


def _exact(body: Block) -> set[Var]:
    """The variables on whose last bit more than a last bit may depend."""
    made_of: dict[Var, set[Var]] = {}
    todo: list[Var] = []
    for stmt in statements(body):
        match stmt:
            case Assign(Var() as var, Call(Ref(_, f), args)) if f in _SMOOTH:
                made_of.setdefault(var, set()).update(a for a in args if isinstance(a, Var))
            case Assign(Var() as var, Var() as source):
                made_of.setdefault(var, set()).add(source)
            case Assign(Var() as var, Call(Ref(_, f), (Var() as array, *index))) if f is op.getitem:
                made_of.setdefault(var, set()).add(array)
                todo += (v for i in index for v in variables(i))
            case Store(Var() as array, index, value) | AugAssign(Var() as array, index, _, value):
                made_of.setdefault(array, set()).update(variables(value))
                todo += () if index is None else variables(index)
            case Return():
                pass
            case _:
                todo += used(stmt)
    found: set[Var] = set()
    while todo:
        var = todo.pop()
        if var not in found:
            found.add(var)
            todo += made_of.get(var, ())
    return found


def _shared(block: Block, draft: Draft, exact: set[Var]) -> Block:
    runs: dict[Var, list[int]] = {}
    chosen: dict[int, Var] = {}
    first: dict[int, list[Var]] = {}

    def end(var: Var) -> None:
        run = runs.pop(var, [])
        if len(run) > 1:
            chosen.update(dict.fromkeys(run, var))
            first.setdefault(run[0], []).append(var)

    for i, stmt in enumerate(block):
        by = _divisor(stmt, draft, exact)
        if by is not None:
            runs.setdefault(by, []).append(i)
        for var in bound(stmt):
            end(var)
        for inner in (s for b in blocks(stmt) for s in statements(b)):
            for var in bound(inner):
                end(var)
    for var in list(runs):
        end(var)
    inverses: dict[Var, Var] = {}
    out: list[Stmt] = []
    for i, stmt in enumerate(block):
        for var in first.get(i, ()):
            inverses[var] = draft.fresh("inverse", FLOAT)
            out.append(Assign(inverses[var], Call(DIV, (Const(1), var)), stmt.origin))
        if i in chosen and isinstance(stmt, Assign) and isinstance(stmt.value, Call):
            product = Call(MUL, (stmt.value.args[0], inverses[chosen[i]]))
            out.append(replace(stmt, value=product))
        else:
            out.append(map_stmt(stmt, lambda e: e, lambda b: _shared(b, draft, exact)))
    return tuple(out)


def _divisor(stmt: Stmt, draft: Draft, exact: set[Var]) -> Var | None:
    """The number by which ``stmt`` divides a number, both in double precision."""
    match stmt:
        case Assign(Var() as target, Call(fn, (_, Var() as by))) if fn == DIV:
            doubles = _is_double(target, draft) and _is_double(by, draft)
            return by if doubles and target not in exact else None
        case _:
            return None


def _is_double(var: Var, draft: Draft) -> bool:
    t = draft.types.get(var)
    return isinstance(t, Scalar) and t.dtype == np.float64
