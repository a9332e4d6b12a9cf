"""The reverse of a loop: the loop from its last turn to its first."""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.recording import block_key
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Origin,
    Ref,
    Slice,
    Stmt,
    Var,
    While,
)
from srcad.ir.refs import GETITEM, LIST, NONE, POP, RANGE, REVERSED, ZIP
from srcad.ir.walk import statements, used
from srcad.transform.adjoints import Bar, Cell
from srcad.transform.build import line_only
from srcad.transform.filling import begin, end, filled_by, is_filled
from srcad.transform.loop_cells import cells_added_to
from srcad.transform.restoring import pop
from srcad.transform.sweep import Backward, Sweep
from srcad.types.containers import item_count
from srcad.types.lattice import Array, FixedList, ListOf
from srcad.types.operands import operand_type

__all__ = ["reverse_loop"]


def reverse_loop(sweep: Sweep, stmt: For | While, backward: Backward, *, in_loop: bool) -> None:
    """Write the reverse of ``stmt``: a loop over its turns from the last to the first."""
    adjoints = sweep.adjoints
    outer = sweep.build
    origin = line_only(stmt.origin)
    outer.origin = origin
    added_to = cells_added_to(sweep, stmt.body)
    filled = filled_by(sweep, stmt, added_to)
    for cell in added_to:
        if cell not in filled:
            _settle(sweep, cell, stmt)
    if isinstance(stmt, For):
        begin(adjoints, filled, stmt)
    entry = dict(adjoints.cells)
    promoted: set[Cell] = set()
    copied_around = adjoints.copied
    while True:
        inner = outer.nested()
        sweep.enter(inner, entry)
        adjoints.copied = set()
        for var in reversed(sweep.records.at_end.get(block_key(stmt, "body"), ())):
            pop(sweep, var)
        backward(sweep, stmt.body, True)
        inner.origin = origin
        if broken := [c for c in filled if not is_filled(adjoints, c, inner.block())]:
            sweep.enter(outer, {c: bar for c, bar in entry.items() if c not in broken})
            for cell in broken:
                del adjoints.filling[cell]
                _settle(sweep, cell, stmt)
            filled = tuple(c for c in filled if c not in broken)
            entry = dict(adjoints.cells)
            continue
        weaker = dict(entry)
        for cell, bar in entry.items():
            now = adjoints.cells.get(cell)
            if now is None:
                if sweep.unsure.at(cell[0], stmt, inside=True):
                    adjoints.may_be_unbound(cell)
                adjoints.zero_cell(cell)
            elif now != bar:
                adjoints.canonical(cell)
            if bar.owned and not adjoints.cells[cell].owned:
                if cell in promoted:
                    adjoints.ensure_owned(cell)
                else:
                    weaker[cell] = Bar(bar.value, False)
        shared = [c for c, b in entry.items() if not b.owned and c in adjoints.copied]
        if shared:
            promoted.update(shared)
            # One copy before the loop in place of one in each turn.
            sweep.enter(outer, entry)
            for cell in shared:
                adjoints.ensure_owned(cell)
            copied_around.update(shared)
            entry = dict(adjoints.cells)
            continue
        if weaker == entry:
            break
        entry = weaker
    adjoints.copied = copied_around
    sweep.enter(outer, entry)
    turn = inner.block()
    loop = _loop_head(sweep, stmt, turn, origin, in_loop=in_loop) if turn else None
    end(adjoints, filled, loop)


def _settle(sweep: Sweep, cell: Cell, loop: For | While) -> None:
    """Make the adjoint in ``cell`` what each turn of ``loop`` can add to."""
    if cell not in sweep.adjoints.cells and sweep.unsure.at(cell[0], loop):
        sweep.adjoints.may_be_unbound(cell)
    sweep.adjoints.settle(cell)


def _loop_head(
    sweep: Sweep, stmt: For | While, body: Block, origin: Origin | None, *, in_loop: bool
) -> Stmt:
    trips = sweep.prepared.trips.get(id(stmt))
    if isinstance(stmt, While):
        assert trips is not None
        guide = None if in_loop else _guide(sweep, body)
        if guide is not None:
            return While((), guide, body, (), origin)
        turn = sweep.build.names.fresh("_")
        return For(turn, Call(RANGE, (trips,)), body, (), origin)
    if (items := sweep.prepared.items.get(id(stmt))) is not None:
        return For(stmt.target, Call(REVERSED, (items,)), body, (), origin)
    return For(stmt.target, _reversed(sweep, stmt.iter, trips), body, (), origin)


def _guide(sweep: Sweep, body: Block) -> Var | None:
    """A stack of which each turn pops exactly one item, so that it tells when to stop."""
    counts: dict[Var, int] = {}
    for s in statements(body):
        for v in used(s):
            if isinstance(s, Assign) and isinstance(s.value, Call) and s.value.fn == POP:
                counts[v] = counts.get(v, 0) + 1
    tops = [
        s.value.args[0]
        for s in body
        if isinstance(s, Assign) and isinstance(s.value, Call) and s.value.fn == POP
    ]
    stacks = set(sweep.kept.stacks)
    for v in tops:
        if not (isinstance(v, Var) and v in stacks and counts[v] == 1):
            continue
        if sweep.kept.is_pushed_once(v, sweep.records):
            return v
    return None


def _reversed(sweep: Sweep, iterable: Expr, trips: Var | None) -> Expr:
    match iterable:
        case Call(Ref(_, fn)) if fn is range:
            run: Expr = iterable
            if trips is not None:
                run = sweep.build.temp(Call(GETITEM, (sweep.build.temp(run), _first_n(trips))))
            return Call(REVERSED, (run,))
        case Call(fn, (Call(inner) as run,)) if trips is None and fn == REVERSED and inner == RANGE:
            return run
        case Call(fn, runs) if trips is None and fn == ZIP and _are_as_long(sweep, iterable):
            return Call(ZIP, tuple(_reversed(sweep, run, None) for run in runs))
        case Call():
            listed = sweep.build.temp(Call(LIST, (_hoisted(sweep, iterable),)))
            if trips is not None:
                listed = sweep.build.temp(Call(GETITEM, (listed, _first_n(trips))))
            return Call(REVERSED, (listed,))
        case _:
            t = operand_type(iterable, sweep.types)
            if trips is not None:
                iterable = sweep.build.temp(Call(GETITEM, (iterable, _first_n(trips))))
            if isinstance(t, Array):
                flip = Slice(NONE, NONE, Const(-1))
                return sweep.build.temp(Call(GETITEM, (iterable, flip)))
            return Call(REVERSED, (iterable,))


def _are_as_long(sweep: Sweep, pairs: Call) -> bool:
    """Whether ``pairs`` is a `zip` of arrays and lists that all have as many items."""
    types = [operand_type(run, sweep.types) for run in pairs.args]
    if not all(isinstance(t, (Array, ListOf, FixedList)) for t in types):
        return False
    if ("strict", Const(True)) in pairs.kwargs:
        return True
    counts = {t.shape[0] if isinstance(t, Array) else item_count(t) for t in types}
    return len(counts) == 1 and None not in counts


def _hoisted(sweep: Sweep, call: Call) -> Call:
    """Nested iterator calls, each in a variable of its own."""
    args = tuple(
        sweep.build.temp(_hoisted(sweep, a)) if isinstance(a, Call) else a for a in call.args
    )
    return replace(call, args=args)


def _first_n(count: Var) -> Expr:
    return Slice(NONE, count, NONE)
