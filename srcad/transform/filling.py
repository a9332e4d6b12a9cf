"""Adjoints of lists that a loop reads item by item, and so fills item by item.

Where each turn adds once to the adjoint of its own item, there is nothing to add to: the list of
adjoints begins empty, the loop appends from the last item to the first, and the list is turned
round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcad.analysis.effects import mutated
from srcad.analysis.lengths import made_by, measured
from srcad.ir.nodes import (
    Block,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    List,
    Slice,
    Stmt,
    Tuple,
    Var,
    While,
)
from srcad.ir.refs import APPEND, COPY, GETITEM, NONE, RANGE
from srcad.ir.walk import bound, statements, used
from srcad.transform.adjoints import Adjoints, Bar, Cell
from srcad.transform.sweep import Sweep
from srcad.types.containers import item_count
from srcad.types.lattice import Array, FixedList, ListOf, Scalar, TupleOf, Type

__all__ = ["append", "begin", "end", "filled_by", "is_filled"]


def filled_by(sweep: Sweep, loop: For | While, cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Those of ``cells`` whose items ``loop`` runs over, each in a turn of its own."""
    if not isinstance(loop, For) or id(loop) in sweep.prepared.trips:
        return ()
    match loop.iter:
        case Call(fn, (length,)) if fn == RANGE:
            pass
        case _:
            return ()
    return tuple(
        (var, path)
        for var, path in cells
        if not path
        and (var, path) not in sweep.adjoints.cells
        and _is_length(length, var, sweep.types, sweep.prepared.fn)
    )


def _is_length(length: Expr, xs: Var, types: Mapping[Var, Type], fn: Function) -> bool:
    """Whether ``xs`` is one list or tuple throughout, and has ``length`` items."""
    t = types.get(xs)
    if not isinstance(t, (ListOf, FixedList, TupleOf)):
        return False
    made = made_by(fn)
    if len(made.get(xs, ())) != 1 or any(xs in mutated(s) for s in statements(fn)):
        return False
    count = item_count(t)

    def is_as_long(other: Var | Const) -> bool:
        counted = other.value if isinstance(other, Const) else item_count(types.get(other))
        return other == xs or (count is not None and counted == count)

    found = measured(length, made)
    return found is not None and all(map(is_as_long, found))


def begin(adjoints: Adjoints, cells: Iterable[Cell], loop: For) -> None:
    """Let ``cells`` be filled by the reverse of ``loop``, which is written next."""
    for cell in cells:
        assert isinstance(loop.target, Var)
        adjoints.filling[cell] = loop.target
        adjoints.cells[cell] = Bar(adjoints.bar_name(cell), True)


def append(adjoints: Adjoints, cell: Cell, item: Type, value: Expr, *, owned: bool) -> bool:
    """Append ``value`` to the adjoint in ``cell``; ``False`` if nothing was written."""
    kept = value if owned else _copied(item, value)
    if kept is None or (isinstance(item, Array) and isinstance(kept, Const)):
        return False
    build = adjoints.build
    name = adjoints.bar_name(cell)
    if adjoints.is_shallow(kept):
        adjoints.shallow.add(name)
    build.add(Do(Call(APPEND, (name, build.operand(kept)), spell=".append"), build.origin))
    return True


def _copied(t: Type, value: Expr) -> Expr | None:
    """``value`` as what nobody else holds, if that is simple."""
    match value:
        case Tuple(items) if isinstance(t, TupleOf):
            made = [_copied(part, item) for part, item in zip(t.items, items, strict=True)]
            return None if None in made else Tuple(tuple(m for m in made if m is not None))
        case Dict() | List() | Tuple():
            return None
        case _ if isinstance(t, Scalar):
            return value
        case _ if isinstance(t, Array) and t.ndim:
            return Call(COPY, (value,), spell=".copy")
        case _:
            return None


def is_filled(adjoints: Adjoints, cell: Cell, turn: Block) -> bool:
    """Whether each ``turn`` of the loop appends one item to ``cell`` and does no more with it."""
    name = adjoints.bar_name(cell)
    mentions = [s for s in statements(turn) if name in used(s) or name in bound(s)]
    return len(mentions) == 1 and any(s is mentions[0] for s in turn) and _appends(mentions[0])


def _appends(stmt: Stmt) -> bool:
    return isinstance(stmt, Do) and isinstance(stmt.call, Call) and stmt.call.fn == APPEND


def end(adjoints: Adjoints, cells: Iterable[Cell], loop: Stmt | None) -> None:
    """Write the ``loop`` that fills ``cells``, between what begins and what finishes them."""
    build = adjoints.build
    for cell in cells:
        del adjoints.filling[cell]
        build.assign(adjoints.bar_name(cell), List(()))
    if loop is not None:
        build.add(loop)
    turned = Slice(NONE, NONE, Const(-1))
    for cell in cells:
        name = adjoints.bar_name(cell)
        build.assign(name, Call(GETITEM, (name, turned)))
