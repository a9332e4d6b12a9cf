"""Adjoints of lists that a loop reads item by item, and so fills item by item.

Where each turn adds once to the adjoint of its own item, there is nothing to add to: the list of
adjoints begins empty, the loop appends from the last item to the first, and the list is turned
round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcad.analysis.effects import mutated
from srcad.ir.nodes import (
    Assign,
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
from srcad.ir.refs import APPEND, COPY, GETITEM, LEN, MIN, NONE, RANGE
from srcad.ir.walk import bound, statements, used
from srcad.transform.adjoints import Adjoints, Bar, Cell
from srcad.transform.sweep import Sweep
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
    made: dict[Var, list[Expr | None]] = {p.var: [None] for p in fn.params}
    for stmt in statements(fn.body):
        if xs in mutated(stmt):
            return False
        for var in bound(stmt):
            made.setdefault(var, []).append(stmt.value if isinstance(stmt, Assign) else None)
    if len(made.get(xs, ())) != 1:
        return False

    def measures(n: Expr) -> bool:
        """Whether ``n`` is as many as ``xs`` has, told by itself or by a list of that many."""
        if isinstance(n, Const):
            return n.value == _count(t)
        match made.get(n, ()) if isinstance(n, Var) else ():
            case [Call(asks, (Var() as of,))] if asks == LEN:
                same = _count(t) is not None and _count(types.get(of)) == _count(t)
                return of == xs or (same and len(made.get(of, ())) == 1)
            case [Call(least, lengths)] if least == MIN:
                return all(map(measures, lengths))
            case _:
                return False

    return measures(length)


def _count(t: Type | None) -> int | None:
    return len(t.items) if isinstance(t, (FixedList, TupleOf)) else None


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
