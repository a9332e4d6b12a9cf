"""``out=`` of NumPy's elementwise functions: as plain results, or as what they write where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Final

import numpy as np

from srcad.analysis.liveness import liveness
from srcad.analysis.owned import is_new, owned_by
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Function,
    Ref,
    Stmt,
    Store,
    Var,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import ADD, DIV, MUL, NEG, SUB
from srcad.ir.walk import blocks, bound, statements, used
from srcad.types.lattice import Array, Type, same_shape
from srcad.types.operands import expression_type

__all__ = ["plain_outputs"]

_OPERATORS: Final[Mapping[object, Ref]] = {
    np.add: ADD,
    np.subtract: SUB,
    np.multiply: MUL,
    np.divide: DIV,
    np.negative: NEG,
}


def plain_outputs(fn: Function, types: Mapping[Var, Type]) -> tuple[Function, Mapping[Var, Type]]:
    """Write ``y = np.exp(x)`` for ``y = np.exp(x, out=x)``, where nobody sees that ``x`` changes.

    Accepts and returns normal IR, with what ``types`` knows of the variables. Where somebody may
    see it, the result is stored: ``t = np.exp(x)``, ``x[...] = t``, ``y = x``. What changes an
    array that has just been made, ``x += e`` included, is seen by nobody.
    """
    if not any(map(_changes_array, statements(fn))):
        return fn, types
    fn = replace(fn, body=_made_at_once(fn.body, types))
    found = {n: hit for n, s in enumerate(statements(fn)) if (hit := _writes(s))}
    if not found:
        return fn, types
    live = liveness(fn)
    run = _Outputs(fn, types, frozenset(found))
    # One that must be stored makes its target share memory, which others may then have to mind.
    while True:
        written = run.function()
        owned = owned_by(written, run.types)
        plain = frozenset(
            n
            for n in run.plain
            if _is_alike(*found[n][:2], types)
            and (sharing := owned.sharing(found[n][1])) is not None
            and not any(live.after[n] & live.bits.get(v, 0) for v in sharing - {found[n][2]})
        )
        if plain == run.plain:
            return written, run.types
        run = _Outputs(fn, types, plain)


def _changes_array(stmt: Stmt) -> bool:
    match stmt:
        case AugAssign(Var(), None):
            return True
        case _:
            return _writes(stmt) is not None


def _made_at_once(block: Block, types: Mapping[Var, Type]) -> Block:
    """``block`` with what changes an array right after it was made as part of its making."""
    out: list[Stmt] = []
    new: set[Var] = set()  # arrays that were just made and not mentioned since
    for old in block:
        stmt = old
        if blocks(old):
            stmt = map_stmt(old, lambda e: e, lambda inner: _made_at_once(inner, types))
        hit = _writes(stmt)
        match stmt:
            case AugAssign(Var() as x, None, op, value) if x in new:
                call = Call(op, (x, value), origin=stmt.origin)
                if _is_alike(call, x, types):
                    stmt = Assign(x, call, stmt.origin)
            case _ if hit and hit[1] == hit[2] and hit[1] in new and _is_alike(*hit[:2], types):
                stmt = Assign(hit[1], _as_operator(hit[0]), getattr(stmt, "origin", None))
            case _:
                pass
        for inner in statements((stmt,)):
            new.difference_update(used(inner), bound(inner))
        match stmt:
            case Assign(Var() as target, Call() as call) if is_new(call, types):
                new.add(target)
            case _:
                pass
        out.append(stmt)
    return tuple(out)


def _as_operator(call: Call) -> Call:
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    return replace(call, fn=_OPERATORS.get(fn, call.fn))


def _writes(stmt: Stmt) -> tuple[Call, Var, Var] | None:
    """The call without ``out``, where it writes to, and what the result is called."""
    match stmt:
        case Assign(Var() as target, Call(Ref(_, np.ufunc()), _, (("out", Var() as out),)) as call):
            return replace(call, kwargs=()), out, target
        case Do(Call(Ref(_, np.ufunc()), _, (("out", Var() as out),)) as call):
            return replace(call, kwargs=()), out, out
        case _:
            return None


def _is_alike(call: Call, out: Var, types: Mapping[Var, Type]) -> bool:
    """Whether the result has the shape and dtype of what it is written to."""
    made, wanted = expression_type(call, types), types.get(out)
    if not (isinstance(made, Array) and isinstance(wanted, Array)):
        return False
    return made.dtype == wanted.dtype and same_shape(made, wanted)


class _Outputs:
    """``fn`` with the statements numbered in ``plain`` written plainly, and the others stored."""

    def __init__(self, fn: Function, types: Mapping[Var, Type], plain: frozenset[int]) -> None:
        self.fn = fn
        self.types = dict(types)
        self.plain = plain
        self._names = Names(p.var.name for p in fn.params)
        self._names.reserve(v.name for v in occurrences(fn.body))

    def function(self) -> Function:
        return replace(self.fn, body=self._block(self.fn.body, count()))

    def _block(self, block: Block, numbers: Iterator[int]) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            number = next(numbers)
            if blocks(stmt):
                out.append(map_stmt(stmt, lambda e: e, lambda b: self._block(b, numbers)))
            elif (hit := _writes(stmt)) is not None:
                out.extend(self._written(stmt, *hit, number in self.plain))
            else:
                out.append(stmt)
        return tuple(out)

    def _written(self, stmt: Stmt, call: Call, out: Var, target: Var, plain: bool) -> Block:
        origin = getattr(stmt, "origin", None)
        if plain:
            return (Assign(target, _as_operator(call), origin),)
        made = self._names.fresh("t")
        self.types[made] = expression_type(call, self.types)
        stored = (Assign(made, call, origin), Store(out, Const(...), made, origin))
        return stored if target == out else (*stored, Assign(target, out, origin))
