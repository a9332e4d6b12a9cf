"""``zip(*rows)`` of a list of any length, whose rows have so many items as is known; or of one of
which it is known how many rows it must have."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Final

from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    If,
    List,
    Raise,
    Ref,
    Star,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import APPEND, GETITEM, LEN, NOT
from srcad.types.lattice import FixedList, ListOf, Record, TupleOf, Type
from srcad.types.run import Run

__all__ = ["read_rows", "turned_rows"]

_MOST_COLUMNS: Final = 16
_NE: Final = Ref("operator.ne", operator.ne)
_VALUE_ERROR: Final = Ref("ValueError", ValueError)


def turned_rows(run: Run, call: Call, args: tuple[Expr, ...], before: list[Stmt]) -> Tuple | None:
    """The columns, a tuple each, made ``before``; ``None`` where not enough is known of the rows.

    ``args`` are the resolved arguments of ``call``.

    Of no rows `zip` gives nothing, so that there would be nothing to unpack: that is raised.
    """
    match args:
        case (Star(Var() as rows),) if not call.kwargs:
            t = run.type(rows)
        case _:
            return None
    n = _row_length(t.item) if isinstance(t, ListOf) and t.item is not None else None
    if n is None or not 0 < n <= _MOST_COLUMNS:
        return None
    at = call.origin
    error = Call(
        _VALUE_ERROR, (Const("not enough values to unpack: there are no rows"),), origin=at
    )
    made: list[Stmt] = [If(Call(NOT, (rows,), origin=at), (Raise(error, at),), (), at)]
    row = run.beside(call, "row", "row")
    lists = [run.beside(call, f"list {i}", "column") for i in range(n)]
    made += [Assign(column, List(()), at) for column in lists]
    items: list[Stmt] = []
    for i, column in enumerate(lists):
        item = run.beside(call, f"item {i}", "item")
        items.append(Assign(item, Call(GETITEM, (row, Const(i)), origin=at), at))
        items.append(Do(Call(APPEND, (column, item), spell=".append", origin=at), at))
    made.append(For(row, rows, tuple(items), (), at))
    columns = [run.beside(call, f"column {i}", "column") for i in range(n)]
    made += [Assign(c, Tuple((Star(x),)), at) for c, x in zip(columns, lists, strict=True)]
    for stmt in made:
        before.extend(run.stmt(stmt))
    return Tuple(tuple[Expr, ...](columns))


def read_rows(run: Run, target: Var, iterable: Expr, body: Block, before: list[Stmt]) -> Expr:
    """What ``for a, b in zip(*rows)`` runs over: two rows, each with a name made ``before``.

    Else it is ``iterable`` itself. Where there are more rows or fewer there is an error, as there
    would be at the first turn.
    """
    match iterable, body:
        case Call(Ref(_, fn), (Star(Var() as rows),)), (Unpack(targets, of), *_) if (
            fn is zip and of == target and 1 < len(targets) <= _MOST_COLUMNS
        ):
            t = run.type(rows)
        case _:
            return iterable
    if not isinstance(t, ListOf) or (t.item is not None and _row_length(t.item) is not None):
        return iterable
    at = iterable.origin
    length, other = run.beside(iterable, "length", "n"), run.beside(iterable, "other", "t")
    text = f"the rows cannot be unpacked: there are not {len(targets)}"
    made: list[Stmt] = [
        Assign(length, Call(LEN, (rows,), origin=at), at),
        Assign(other, Call(_NE, (length, Const(len(targets))), origin=at), at),
        If(other, (Raise(Call(_VALUE_ERROR, (Const(text),), origin=at), at),), (), at),
    ]
    names = [run.beside(iterable, f"row {i}", "row") for i in range(len(targets))]
    for i, name in enumerate(names):
        made.append(Assign(name, Call(GETITEM, (rows, Const(i)), origin=at), at))
    for stmt in made:
        before.extend(run.stmt(stmt))
    return replace(iterable, args=tuple(names))


def _row_length(row: Type) -> int | None:
    match row:
        case TupleOf(items) | FixedList(items):
            return len(items)
        case Record(cls, fields) if issubclass(cls, tuple):
            return len(fields)
        case _:
            return None
