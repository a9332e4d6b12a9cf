"""Arrays that the loops over items need less of: buffers made once, zeros not kept at all."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator
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
    Expr,
    For,
    Function,
    Ref,
    Stmt,
    Store,
    Var,
    While,
)
from srcad.ir.rebuild import map_expr, map_stmt
from srcad.ir.refs import ADD, SUB, ZEROS
from srcad.ir.walk import blocks, bound, statements, used, variables
from srcad.kinds import among
from srcad.optimise.copies import propagate_copies
from srcad.optimise.dead import dead_code
from srcad.types.lattice import FLOAT, Array, Scalar

__all__ = ["drop_zeros", "lift_buffers"]

# Their signatures are partly unknown to type checkers.
op: Any = operator

_GETITEM: Final = op.getitem
_SIZES: Final = (len, max, min, op.add, op.sub)


# --- buffers -------------------------------------------------------------------------------------


def lift_buffers(fn: Function, draft: Draft) -> Function:
    """Make an array once before a loop that would make it, of one size, in every turn.

    Accepts and returns normal IR. Only arrays made by `np.empty` and used item by item: nobody can
    tell them apart from new ones.
    """
    lifting = _Lifting(fn, draft)
    return replace(fn, body=lifting.block(fn.body)) if lifting.buffers else fn


class _Lifting:
    def __init__(self, fn: Function, draft: Draft) -> None:
        self.draft = draft
        self.times = _binding_counts(fn)
        made = {
            stmt.target
            for stmt in statements(fn)
            if isinstance(stmt, Assign) and isinstance(stmt.target, Var) and _is_empty(stmt.value)
        }
        by_item = _used_by_item(fn, draft)
        self.buffers = {var for var in made if self.times[var] == 1 and var in by_item}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            new = map_stmt(stmt, _same, self.block)
            if isinstance(new, For | While):
                new = self._loop(new, out)
            out.append(new)
        return tuple(out)

    def _loop(self, loop: For | While, out: list[Stmt]) -> For | While:
        """``loop`` without the buffers that need no turn to be made; they go to ``out``."""
        inside = {v for s in statements((loop,)) for v in bound(s)}
        sizes: dict[Var, Assign] = {}
        lifted: dict[Var, Assign] = {}
        for stmt in loop.body:
            if not (isinstance(stmt, Assign) and isinstance(stmt.target, Var)):
                continue
            if self.times[stmt.target] != 1 or not isinstance(stmt.value, Call):
                continue
            reads = set(variables(stmt.value))
            if any(v in inside and v not in sizes for v in reads):
                continue
            if stmt.target in self.buffers:
                self._draw(stmt, sizes, lifted)
            elif self._is_size(stmt.value):
                sizes[stmt.target] = stmt
        if not lifted:
            return loop
        out += lifted.values()
        kept = tuple(s for s in loop.body if not any(s is x for x in lifted.values()))
        return replace(loop, body=kept)

    def _draw(self, stmt: Assign, sizes: dict[Var, Assign], lifted: dict[Var, Assign]) -> None:
        for var in variables(stmt.value):
            if var in sizes and var not in lifted:
                self._draw(sizes[var], sizes, lifted)
        assert isinstance(stmt.target, Var)
        lifted[stmt.target] = stmt

    def _is_size(self, value: Call) -> bool:
        """Whether ``value`` is a number that can be computed at any time, without an error."""
        f = value.fn.value if isinstance(value.fn, Ref) else None
        if not any(f is size for size in _SIZES) or value.kwargs:
            return False
        if f is len:
            return isinstance(self.draft.type_of(value.args[0]), Array)
        return all(_is_int(a, self.draft) for a in value.args)


def _is_empty(value: Expr) -> bool:
    return isinstance(value, Call) and isinstance(value.fn, Ref) and value.fn.value is np.empty


# --- zeros ---------------------------------------------------------------------------------------


def drop_zeros(fn: Function, draft: Draft) -> Function:
    """Do without the arrays that are zero again whenever a loop has worked on one of their items.

    Accepts and returns normal IR. Such is the adjoint of an array that the primal overwrites as a
    whole in each turn: what it holds between two statements of a turn becomes a number.
    """
    times = _binding_counts(fn)
    by_item = _used_by_item(fn, draft)
    todo = [
        (stmt.target, stmt.value)
        for stmt in statements(fn)
        if isinstance(stmt, Assign)
        and isinstance(stmt.target, Var)
        and isinstance(stmt.value, Call)
        and isinstance(stmt.value.fn, Ref)
        and among(stmt.value.fn.value, ZEROS)
    ]
    before = fn
    for array, made in todo:
        t = draft.type_of(array)
        if not (isinstance(t, Array) and t.ndim == 1 and t.dtype == np.float64):
            continue
        if times[array] == 1 and array in by_item:
            body = _Zeros(array, made, draft, times).run(fn.body)
            fn = fn if body is None else replace(fn, body=body)
    if fn is before:
        return fn
    return dead_code(propagate_copies(fn, draft.types), draft.types)


class _NotZero(Exception):
    """Something may be left in the array."""


class _Zeros:
    """The array ``array`` taken out of a function."""

    def __init__(self, array: Var, made: Call, draft: Draft, times: Counter[Var]) -> None:
        self.array = array
        self.draft = draft
        self.times = times
        # Whose length it has.
        source = made.args[0] if made.args else None
        is_like = isinstance(made.fn, Ref) and made.fn.value is np.zeros_like
        self.like = source if is_like and isinstance(source, Var) and times[source] <= 1 else None

    def run(self, body: Block) -> Block | None:
        """``body`` without the array; ``None`` where it is needed."""
        try:
            return self._block(body)
        except _NotZero:
            return None

    def _block(self, block: Block) -> Block:
        out: list[Stmt] = []
        at: Expr | None = None
        held: Expr = Const(0.0)
        for stmt in block:
            index = self._index(stmt)
            if index is None:
                # Only between two items of work is the array zero as a whole.
                if any(self._index(s) is not None for b in blocks(stmt) for s in statements(b)):
                    if held != Const(0.0):
                        raise _NotZero
                    stmt = map_stmt(stmt, _same, self._block)  # noqa: PLW2901
                    if isinstance(stmt, For) and not stmt.body and not stmt.orelse:
                        continue
                    if not blocks(stmt)[0] and not isinstance(stmt, While):
                        raise _NotZero
                elif at is not None and at in bound(stmt):
                    if held != Const(0.0):
                        raise _NotZero
                    at = None
                if not (isinstance(stmt, Assign) and stmt.target == self.array):
                    out.append(self._without_len(stmt))
                continue
            if at is not None and index != at and held != Const(0.0):
                raise _NotZero
            at = index
            match stmt:
                case Assign(_, _):
                    out.append(replace(stmt, value=held))
                case Store(_, _, value):
                    held = self._kept(value, out)
                case AugAssign(_, _, ref, value):
                    held = self._updated(held, ref, value, out)
                case _:
                    raise _NotZero
        if held != Const(0.0):
            raise _NotZero
        return tuple(self._adds_something(out))

    def _index(self, stmt: Stmt) -> Expr | None:
        """The index of the item that ``stmt`` reads or writes."""
        match stmt:
            case Assign(_, Call(Ref(_, f), (array, index))) if f is _GETITEM:
                return index if array == self.array else None
            case Store(array, index, _) | AugAssign(array, index, _, _):
                return index if array == self.array else None
            case _:
                return None

    def _kept(self, value: Expr, out: list[Stmt]) -> Expr:
        """``value`` under a name that keeps it."""
        if isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(float(value.value) + 0.0)
        t = self.draft.type_of(value)
        if not (isinstance(t, Scalar) and t.dtype == np.float64):
            raise _NotZero
        if isinstance(value, Var) and self.times[value] == 1:
            return value
        var = self.draft.fresh("t", FLOAT)
        self.times[var] = 1
        out.append(Assign(var, value))
        return var

    def _updated(self, held: Expr, ref: Ref, value: Expr, out: list[Stmt]) -> Expr:
        if held == Const(0.0) and ref == ADD:
            return self._kept(value, out)
        var = self.draft.fresh("t", FLOAT)
        self.times[var] = 1
        out.append(Assign(var, Call(ref, (held, value))))
        return var

    def _adds_something(self, block: list[Stmt]) -> Iterator[Stmt]:
        """``block`` without the numbers known to be zero, and without what adds them."""
        zeros: set[Expr] = {
            stmt.target
            for stmt in block
            if isinstance(stmt, Assign)
            and isinstance(stmt.target, Var)
            and stmt.value == Const(0.0)
            and self.times[stmt.target] == 1
        }
        for stmt in block:
            match stmt:
                case AugAssign(_, _, ref, value) if value in zeros and ref in (ADD, SUB):
                    pass
                case _:
                    yield stmt

    def _without_len(self, stmt: Stmt) -> Stmt:
        """``stmt`` with the length of the array taken from the one that it was made like."""
        if self.array not in used(stmt):
            return stmt
        like = self.like
        if like is None:
            raise _NotZero

        def other(expr: Expr) -> Expr:
            return like if expr == self.array else map_expr(expr, other)

        return map_stmt(stmt, other)


# --- uses ----------------------------------------------------------------------------------------


def _binding_counts(fn: Function) -> Counter[Var]:
    counts = Counter(v for stmt in statements(fn) for v in bound(stmt))
    counts.update(p.var for p in fn.params)
    return counts


def _used_by_item(fn: Function, draft: Draft) -> set[Var]:
    """The variables of which only single items are read and written, and the length."""
    found: set[Var] = set()
    other: set[Var] = set()
    for stmt in statements(fn):
        match stmt:
            case Assign(_, Call(Ref(_, f), (Var() as array,))) if f is len:
                found.add(array)
                rest = ()
            case Assign(_, Call(Ref(_, f), (Var() as array, index))) if f is _GETITEM and _is_int(
                index, draft
            ):
                found.add(array)
                rest = ()
            case Store(Var() as array, index, value) if _is_int(index, draft):
                found.add(array)
                rest = variables(value)
            case AugAssign(Var() as array, Var() | Const() as index, _, value) if _is_int(
                index, draft
            ):
                found.add(array)
                rest = variables(value)
            case _:
                rest = used(stmt)
        other.update(rest)
    return found - other


def _is_int(operand: Expr, draft: Draft) -> bool:
    t = draft.type_of(operand)
    return isinstance(t, Scalar) and t.dtype.kind == "i"


def _same(expr: Expr) -> Expr:
    return expr
