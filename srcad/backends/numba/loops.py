"""Loops over the items of arrays, written out."""

from __future__ import annotations

import operator

from srcad.backends.numba.draft import Draft, call
from srcad.backends.numba.items import Item, Loop, Made, Sum, View
from srcad.ir.nodes import AugAssign, Call, Const, Expr, For, Stmt, Store, Var
from srcad.ir.refs import ADD, COPY, RANGE
from srcad.types.lattice import FLOAT

__all__ = ["gather", "may_clear", "place_in", "scalar_of"]


def may_clear(loop: Loop, view: View) -> bool:
    """Whether `gather` can take on that ``view`` is set to zero first."""
    targets = [s.target for s in loop.sums]
    return view.first <= max(t.first for t in targets) and view.short <= max(
        t.short for t in targets
    )


def gather(loop: Loop, cleared: View | None, draft: Draft, out: list[Stmt]) -> None:
    """Add several terms to one array in one loop, where they overlap, and one by one beside it.

    Terms at different offsets would each read and write the array anew, or, in one loop, make
    each turn wait for the last one's result. Where the array is to be ``cleared`` first, the loop
    sets it.
    """
    sums = loop.sums
    array = sums[0].target.array
    first = max(s.target.first for s in sums)
    short = max(s.target.short for s in sums)
    n = draft.temp(call(len, "len", array), out)
    last = draft.sum(n, Const(-short), out)
    last = draft.temp(call(max, "max", last, Const(first)), out)
    if cleared is not None:
        end = draft.sum(n, Const(-cleared.short), out)
        if cleared.first < first:
            least = draft.temp(call(min, "min", end, Const(first)), out)
            _clear(array, (Const(cleared.first), least), loop, draft, out)
        if cleared.short < short:
            _clear(array, (last, end), loop, draft, out)
    for s in sums:
        if s.target.first < first:
            end = draft.sum(n, Const(-s.target.short), out)
            end = draft.temp(call(min, "min", end, Const(first)), out)
            _sum_up(array, [s], (Const(s.target.first), end), draft, out)
    _sum_up(array, sums, (Const(first), last), draft, out, sets=cleared is not None)
    for s in sums:
        if s.target.short < short:
            end = draft.sum(n, Const(-s.target.short), out)
            _sum_up(array, [s], (last, end), draft, out)


def _clear(array: Var, run: tuple[Expr, Expr], loop: Loop, draft: Draft, out: list[Stmt]) -> None:
    index = draft.fresh("k")
    store = Store(array, index, Const(0), loop.origin)
    out.append(For(index, _range(run), (store,), (), loop.origin))


def _range(run: tuple[Expr, Expr]) -> Call:
    return Call(RANGE, run[1:] if run[0] == Const(0) else run)


def _sum_up(
    array: Var,
    sums: list[Sum],
    run: tuple[Expr, Expr],
    draft: Draft,
    out: list[Stmt],
    *,
    sets: bool = False,
) -> None:
    loop = Loop(View(array, 0, 0), None, draft.fresh("k"), sums[0].origin)
    total: Expr | None = None
    for s in sums:
        # The turn is the place in the array itself: views are read relative to the target's.
        loop.over = View(array, s.target.first, 0)
        value = scalar_of(s.item, loop, draft)
        total = value if total is None else draft.temp(Call(ADD, (total, value)), loop.body, FLOAT)
    assert total is not None
    origin = sums[0].origin
    if sets:
        loop.body.append(Store(array, loop.index, total, origin))
    else:
        loop.body.append(AugAssign(array, loop.index, ADD, total, origin))
    out.append(For(loop.index, _range(run), tuple(loop.body), (), origin))


def place_in(loop: Loop, first: int, draft: Draft) -> Expr:
    """The index that belongs to this turn in a view that begins at ``first``."""
    return draft.sum(loop.index, Const(first - loop.over.first), loop.body)


def scalar_of(item: Item, loop: Loop, draft: Draft) -> Expr:
    """``item`` in this turn, computed at the end of the loop's body."""
    match item:
        case View(array, first, _):
            index = place_in(loop, first, draft)
            value = call(operator.getitem, "operator.getitem", array, index)
            return draft.temp(value, loop.body, FLOAT)
        case Made(fn, (inner,)) if fn == COPY:
            return scalar_of(inner, loop, draft)
        case Made(fn, args, spell):
            values = tuple(scalar_of(a, loop, draft) for a in args)
            return draft.temp(Call(fn, values, spell=spell), loop.body, FLOAT)
        case Var():
            return loop.numbers.get(item, item)
        case _:
            return item
