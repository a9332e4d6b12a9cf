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

__all__ = ["over_columns", "turned_rows"]

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
            n = _column_count(run, rows)
        case _:
            return None
    if n is None:
        return None
    at = call.origin
    error = Call(
        _VALUE_ERROR, (Const("not enough values to unpack: there are no rows"),), origin=at
    )
    columns, made = _columns(run, call, rows, n)
    for stmt in (If(Call(NOT, (rows,), origin=at), (Raise(error, at),), (), at), *made):
        before.extend(run.stmt(stmt))
    return columns


def _columns(run: Run, call: Call, rows: Var, n: int) -> tuple[Tuple, list[Stmt]]:
    """The ``n`` columns of ``rows``, of which there is one at least, and what makes them."""
    at = call.origin
    row = run.beside(call, "row", "row")
    lists = [run.beside(call, f"list {i}", "column") for i in range(n)]
    made: list[Stmt] = [Assign(column, List(()), at) for column in lists]
    items: list[Stmt] = []
    for i, column in enumerate(lists):
        item = run.beside(call, f"item {i}", "item")
        items.append(Assign(item, Call(GETITEM, (row, Const(i)), origin=at), at))
        items.append(Do(Call(APPEND, (column, item), spell=".append", origin=at), at))
    made.append(For(row, rows, tuple(items), (), at))
    columns = [run.beside(call, f"column {i}", "column") for i in range(n)]
    made += [Assign(c, Tuple((Star(x),)), at) for c, x in zip(columns, lists, strict=True)]
    return Tuple(tuple[Expr, ...](columns)), made


def over_columns(run: Run, loop: For, target: Var) -> If | None:
    """``for c in zip(*rows)`` where there are rows: of none `zip` gives nothing.

    It runs over the columns, or over rows with a name each: ``for a, b in zip(*rows)`` says how
    many there are. ``None`` for any other loop.
    """
    match loop.iter:
        case Call(Ref(_, fn), (Star(Var() as rows),), ()) as call if fn is zip:
            iterable, made = _made_of(run, call, rows, target, loop.body)
        case Call(Ref(_, fn), (Call(Ref(_, inner), (Star(Var() as rows),), ()) as call, *rest)) if (
            fn is enumerate and inner is zip
        ):
            iterable, made = _made_of(run, call, rows, None, loop.body)
            if iterable is not None:
                iterable = replace(loop.iter, args=(iterable, *rest))
        case _:
            return None
    if iterable is None:
        return None
    return If(rows, (*made, replace(loop, iter=iterable)), (), loop.origin)


def _made_of(
    run: Run, call: Call, rows: Var, target: Var | None, body: Block
) -> tuple[Expr | None, list[Stmt]]:
    """What to run over in place of ``call``, ``zip(*rows)``, and what makes it."""
    t = run.type(rows)
    if not isinstance(t, ListOf):
        return None, []
    n = _column_count(run, rows)
    if n is not None:
        return _columns(run, call, rows, n)
    if t.item is not None and _row_length(t.item) is not None:
        return None, []
    match body:
        case (Unpack(targets, of), *_) if of == target and 1 < len(targets) <= _MOST_COLUMNS:
            return _named_rows(run, call, rows, len(targets))
        case _:
            return None, []


def _named_rows(run: Run, call: Call, rows: Var, n: int) -> tuple[Expr, list[Stmt]]:
    """``zip`` of ``n`` rows with a name each. Where there are more or fewer there is an error."""
    at = call.origin
    length, other = run.beside(call, "length", "n"), run.beside(call, "other", "t")
    text = f"the rows cannot be unpacked: there are not {n}"
    made: list[Stmt] = [
        Assign(length, Call(LEN, (rows,), origin=at), at),
        Assign(other, Call(_NE, (length, Const(n)), origin=at), at),
        If(other, (Raise(Call(_VALUE_ERROR, (Const(text),), origin=at), at),), (), at),
    ]
    names = [run.beside(call, f"row {i}", "row") for i in range(n)]
    for i, name in enumerate(names):
        made.append(Assign(name, Call(GETITEM, (rows, Const(i)), origin=at), at))
    return replace(call, args=tuple(names)), made


def _column_count(run: Run, rows: Var) -> int | None:
    """How many items all of ``rows`` have, where that is known."""
    t = run.type(rows)
    n = _row_length(t.item) if isinstance(t, ListOf) and t.item is not None else None
    return n if n is not None and 0 < n <= _MOST_COLUMNS else None


def _row_length(row: Type) -> int | None:
    match row:
        case TupleOf(items) | FixedList(items):
            return len(items)
        case Record(cls, fields) if issubclass(cls, tuple):
            return len(fields)
        case _:
            return None
