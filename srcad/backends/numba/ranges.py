"""Loops that run backwards as ranges that count down: Numba has no `reversed`."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Final

from srcad.backends.numba.draft import Draft, call
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, For, Function, Ref, Slice, Stmt, Var
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import LEN, MUL, RANGE, SUB
from srcad.ir.walk import bound, statements, used
from srcad.types.lattice import UNKNOWN, FixedList, ListOf, TupleOf, Type, join_all

__all__ = ["count_down"]

_RUNS: Final = (range, operator.getitem)


def count_down(fn: Function, draft: Draft) -> Function:
    """Write each loop over ``reversed(...)`` of ``fn`` as one over a range.

    Accepts and returns normal IR; ``draft`` learns the types of new variables.
    """
    lowering = _Lowering(fn, draft)
    body = lowering.block(fn.body)
    left = {v for stmt in statements(body) for v in used(stmt)}
    # What named a part of a range has no reader left, and Numba knows no slice of a range.
    for var in (v for v in lowering.named if v not in left):
        body = _without(body, var, lowering.runs[var])
    left = {v for stmt in statements(body) for v in used(stmt)}
    for var in (v for v in lowering.named if v not in left):
        body = _without(body, var, lowering.runs[var])
    return replace(fn, body=body)


def _without(block: Block, var: Var, value: Call) -> Block:
    """``block`` without the definition of ``var``."""
    return tuple(
        map_stmt(stmt, _same, lambda b: _without(b, var, value))
        for stmt in block
        if not (isinstance(stmt, Assign) and stmt.target == var and stmt.value == value)
    )


class _Lowering:
    def __init__(self, fn: Function, draft: Draft) -> None:
        self.draft = draft
        self.named: dict[Var, None] = {}
        times: dict[Var, int] = {}
        self.runs: dict[Var, Call] = {}
        for stmt in statements(fn):
            for var in bound(stmt):
                times[var] = times.get(var, 0) + 1
            match stmt:
                case Assign(Var() as var, Call(Ref(_, f)) as made) if f in _RUNS:
                    self.runs[var] = made
                case _:
                    pass
        self.runs = {var: made for var, made in self.runs.items() if times[var] == 1}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            match stmt:
                case For(Var(), Call(Ref(_, f), (run,))) if f is reversed:
                    self._loop(stmt, run, out)
                case _:
                    out.append(map_stmt(stmt, _same, self.block))
        return tuple(out)

    def _loop(self, loop: For, run: Expr, out: list[Stmt]) -> None:
        body = self.block(loop.body)
        limits = self._limits(run)
        if limits is not None:
            down = self._reversed_range(*limits, out)
            out.append(replace(loop, iter=down, body=body))
            return
        assert isinstance(loop.target, Var)
        index = self.draft.fresh("k")
        size = self.draft.temp(Call(LEN, (run,)), out)
        last = self.draft.sum(size, Const(-1), out)
        item = Assign(loop.target, call(operator.getitem, "operator.getitem", run, index))
        self.draft.types.setdefault(loop.target, _item(self.draft.type_of(run)))
        down = Call(RANGE, (last, Const(-1), Const(-1)))
        out.append(replace(loop, target=index, iter=down, body=(item, *body)))

    def _limits(self, run: Expr) -> tuple[Call, Expr | None] | None:
        """The range behind ``run``, and how many of its first items are meant if not all."""
        match self.runs.get(run) if isinstance(run, Var) else run:
            case Call(Ref(_, f)) as found if f is range:
                return found, None
            case Call(Ref(_, f), (Var() as whole, Slice(Const(None), Var() as n, Const(None)))) if (
                f is operator.getitem
            ):
                behind = self.runs.get(whole)
                if behind is not None and behind.fn == RANGE and isinstance(run, Var):
                    self.named |= {run: None, whole: None}
                    return behind, n
            case _:
                pass
        return None

    def _reversed_range(self, run: Call, count: Expr | None, out: list[Stmt]) -> Call:
        start, stop, step = _parts(run)
        total = self.draft.sum
        if step == Const(1):
            last = total(stop if count is None else total(start, count, out), Const(-1), out)
            return Call(RANGE, (last, total(start, Const(-1), out), Const(-1)))
        if count is None:
            count = self.draft.temp(Call(LEN, (self.draft.temp(run, out, UNKNOWN),)), out)
        turns = total(count, Const(-1), out)
        last = total(start, self.draft.temp(Call(MUL, (turns, step)), out), out)
        before = self.draft.temp(Call(SUB, (start, step)), out)
        back = self.draft.temp(call(operator.neg, "operator.neg", step), out)
        return Call(RANGE, (last, before, back))


def _parts(run: Call) -> tuple[Expr, Expr, Expr]:
    match run.args:
        case (stop,):
            return Const(0), stop, Const(1)
        case (start, stop):
            return start, stop, Const(1)
        case (start, stop, step):
            return start, stop, step
        case _:
            raise AssertionError("a range has one to three arguments")


def _item(t: Type) -> Type:
    match t:
        case ListOf(item) if item is not None:
            return item
        case TupleOf(items) | FixedList(items):
            return join_all(items) or UNKNOWN
        case _:
            return UNKNOWN


def _same(expr: Expr) -> Expr:
    return expr
