"""Changes of the lists inside a list, as new lists that are put in their place.

``rows[i].append(y)`` becomes ``rows[i] = [*rows[i], y]``, and ``table[i][j] = v`` becomes
``table[i] = with_item(table[i], j, v)``, where nobody can tell the difference: the list and each
list inside it are made in the function, nothing else holds one of these, and none is held while it
may change. What then is assigned, `srcad.passes.item_stores` follows. What this cannot be said of
stays as it is, and is refused later.

Accepts and returns normal IR with webs apart.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from srcad.ir.names import Names
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    List,
    Ref,
    Return,
    Star,
    Stmt,
    Store,
    Unpack,
    Var,
)
from srcad.ir.places import definitions, occurrences, places
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import CHECK_NUMBER, GETITEM, WITH_ITEM
from srcad.ir.walk import bound, mention_counts, statements, used, variables
from srcad.kinds import among
from srcad.rules.table import rule_for

__all__ = ["replaced_rows"]

_READERS: Final[frozenset[object]] = frozenset({len, sum, min, max, any, all})
_MAKERS: Final[frozenset[object]] = frozenset({operator.add, operator.mul})


def replaced_rows(fn: Function) -> Function:
    """See the module."""
    rows = {
        stmt.target: stmt.value.args[0]
        for stmt in statements(fn)
        if isinstance(stmt, Assign) and isinstance(stmt.target, Var) and _is_item(stmt.value)
        if isinstance(stmt.value, Call) and is_nameless(stmt.target)
    }
    changed = [rows[v] for s in statements(fn) if (v := _changed(s)) in rows]
    wanted = dict.fromkeys(v for v in changed if isinstance(v, Var))
    if not wanted:
        return fn
    known = _Tables(fn)
    chosen = {table for table in wanted if known.is_own(table)}
    if not chosen:
        return fn
    taken = {v.name for v in occurrences(fn.body)}
    names = Names(taken | {p.var.name for p in fn.params} | {c.name for c in fn.captures})
    return replace(fn, body=_rewritten(fn.body, chosen, known.items, names))


def _is_item(value: Expr) -> bool:
    return isinstance(value, Call) and value.fn == GETITEM and isinstance(value.args[0], Var)


def _changed(stmt: Stmt) -> Var | None:
    """The list whose items ``stmt`` changes in a way that is followed here."""
    match stmt:
        case Store(Var() as row, Const() | Var()) | AugAssign(Var() as row, Const() | Var()):
            return row
        case Do(Call(Attr(Var() as row, "append"), (Const() | Var(),), ())):
            return row
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Item:
    """A temporary that is ``table[index]``."""

    table: Var
    index: Expr


def _rewritten(block: Block, chosen: set[Var], items: Mapping[Var, _Item], names: Names) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        row = _changed(stmt)
        item = items.get(row) if row is not None else None
        if row is None or item is None or item.table not in chosen:
            out.append(map_blocks(stmt, lambda b: _rewritten(b, chosen, items, names)))
            continue
        new, origin = names.fresh("row"), stmt.origin
        match stmt:
            case Store(_, index, value):
                made: Expr = Call(WITH_ITEM, (row, index, value), origin=origin)
            case AugAssign(_, Const() | Var() as index, op, value):
                old, total = stmt.old, names.fresh("t")
                if old is None:
                    old = names.fresh("t")
                    out.append(Assign(old, Call(GETITEM, (row, index), origin=origin), origin))
                out.append(Do(Call(CHECK_NUMBER, (old,), origin=origin), origin))
                out.append(Assign(total, Call(op, (old, value), origin=origin), origin))
                made = Call(WITH_ITEM, (row, index, total), origin=origin)
            case Do(Call(_, (value,))):
                made = List((Star(row), value))
            case _:
                raise AssertionError(stmt)
        out.append(Assign(new, made, origin))
        out.append(Store(item.table, item.index, new, origin))
    return tuple(out)


class _Tables:
    """Which variables are lists of lists that nobody else holds."""

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.defs = definitions(fn.body)
        self.counts = mention_counts(fn.body)
        self.where = places(fn.body)
        self.items: dict[Var, _Item] = {}
        for stmt in statements(fn):
            match stmt:
                case Assign(Var() as t, Call(fn_, (Var() as table, Const() | Var() as index), ())):
                    if fn_ == GETITEM and is_nameless(t) and len(self.defs[t]) == 1:
                        self.items[t] = _Item(table, index)
                case _:
                    pass

    def is_own(self, table: Var) -> bool:
        """Whether ``table`` and what is in it is made here, and not held by another name."""
        made = self.defs.get(table, ())
        if len(made) != 1 or any(p.var == table for p in self.fn.params):
            return False
        return self._makes_rows(made[0]) and all(
            self._leaves_alone(stmt, table)
            for stmt in statements(self.fn)
            if stmt is not made[0] and table in (*bound(stmt), *used(stmt))
        )

    def _makes_rows(self, made: Stmt) -> bool:
        match made:
            case Assign(_, List(rows)):
                return all(self._is_fresh(row, made) for row in rows)
            case Assign(_, Var() as filled) if is_nameless(filled):
                # A comprehension gives its name to the list that it has filled.
                return self._is_filled(filled, made, self._is_fresh)
            case _:
                return False

    def _is_fresh(self, row: Expr, holder: Stmt) -> bool:
        """Whether ``row`` is a new list each time ``holder`` puts it in, and only mentioned there.

        What is made outside a loop would be one list in all of its turns.
        """
        if isinstance(row, List):
            return True
        defs = self.defs.get(row, ()) if isinstance(row, Var) else ()
        if not isinstance(row, Var) or len(defs) != 1 or not self._are_beside(defs[0], holder):
            return False
        match defs[0]:
            case Assign(_, List()):
                handed_on = self.counts[row] == 2
                return handed_on or self._is_filled(row, None)
            case Assign(_, Call(Ref(_, fn), args)):
                joins = among(fn, _MAKERS) and any(isinstance(a, List) for a in args)
                return self.counts[row] == 2 and (fn is list or joins)
            case Assign(_, Var() as filled) if is_nameless(filled):
                return self.counts[row] == 2 and self._is_filled(filled, defs[0])
            case _:
                return False

    def _are_beside(self, one: Stmt, other: Stmt) -> bool:
        return self.where[id(one)].block is self.where[id(other)].block

    def _is_filled(
        self, xs: Var, last: Stmt | None, fits: Callable[[Expr, Stmt], bool] | None = None
    ) -> bool:
        """Whether ``xs`` is an empty list that is appended to, and then named or held once."""
        made = self.defs.get(xs, ())
        if len(made) != 1 or not isinstance(made[0], Assign) or made[0].value != List(()):
            return False
        if last is not None and not self._are_beside(made[0], last):
            return False
        others = 0
        for stmt in statements(self.fn):
            if xs not in (*bound(stmt), *used(stmt)) or stmt is made[0]:
                continue
            match stmt:
                case Do(Call(Attr(Var() as obj, "append"), (item,), ())) if obj == xs:
                    if item == xs or (fits is not None and not fits(item, stmt)):
                        return False
                case _:
                    others += 1
                    if last is not None and stmt is not last:
                        return False
        return others == 1 and self.counts[xs] == 2 + sum(
            isinstance(s, Do) and _appends_to(s, xs) for s in statements(self.fn)
        )

    def _leaves_alone(self, stmt: Stmt, table: Var) -> bool:
        match stmt:
            case Assign(Var() as t, Call(fn, (Var() as of, _), ())) if (
                fn == GETITEM and of == table
            ):
                return t in self.items and self._is_used_up(t, stmt, table)
            case Assign(_, Call(Ref(_, fn), args, ())):
                return args == (table,) and (among(fn, _READERS) or rule_for(fn) is not None)
            case Do(Call(Attr(Var() as of, "append"), (row,), ())) if of == table:
                return row != table and self._is_fresh(row, stmt)
            case Store(Var() as of, Const() | Var(), row) if of == table:
                return row != table and self._is_fresh(row, stmt)
            case For(Var() as row, iterable, body) if iterable == table:
                return self._is_only_read(row, body, table)
            case Return():
                return True
            case _:
                return False

    def _is_only_read(self, row: Var, body: Block, table: Var) -> bool:
        """Whether a loop over ``table`` lets go of each ``row``, and changes none."""
        inside = statements(body)
        return (
            self.counts[row] == 1 + mention_counts(body)[row]
            and not any(self._changes(s, table) for s in inside)
            and all(self._only_reads(s, row) for s in inside if row in (*bound(s), *used(s)))
        )

    def _is_used_up(self, row: Var, made: Stmt, table: Var) -> bool:
        """Whether ``row``, an item of ``table``, is let go before that changes again."""
        place = self.where[id(made)]
        rest = place.block[place.index + 1 :]
        uses = [i for i, s in enumerate(rest) if row in occurrences((s,))]
        if not uses or mention_counts(rest)[row] + 1 != self.counts[row]:
            return not uses and self.counts[row] == 1
        index = self.items[row].index
        for i, stmt in enumerate(rest[: uses[-1] + 1]):
            is_last = i == uses[-1]
            inside = statements((stmt,))
            if any(index in bound(s) for s in inside) and not is_last:
                return False
            if any(self._changes(s, table) for s in inside) and not (
                is_last and _changed(stmt) == row
            ):
                return False
            if i in uses and not self._only_reads(stmt, row) and _changed(stmt) != row:
                return False
        return True

    def _only_reads(self, stmt: Stmt, row: Var) -> bool:
        match stmt:
            case Assign(_, Call(fn, (Var() as of, index), ())) if fn == GETITEM:
                return of == row and index != row
            case Assign(_, Call(Ref(_, fn), args, ())):
                reads = among(fn, _READERS) or rule_for(fn) is not None
                return reads and fn is not operator.getitem and args == (row,)
            case For(_, iterable, body):
                return iterable == row and row not in occurrences(body)
            case Do(Call(Ref(_, fn), args)):
                return fn is print and row in args
            case Unpack(_, Var() as of):
                return of == row
            case Return(value):
                return value == row
            case _:
                return False

    def _changes(self, stmt: Stmt, table: Var) -> bool:
        """Whether ``stmt`` changes ``table`` or a list in it."""
        row = _changed(stmt)
        item = self.items.get(row) if row is not None else None
        return table in bound(stmt) or (
            row is not None and (row == table or (item is not None and item.table == table))
        )


def _appends_to(stmt: Do, xs: Var) -> bool:
    match stmt.call:
        case Call(Attr(Var() as obj, "append"), (item,), ()):
            return obj == xs and xs not in variables(item)
        case _:
            return False
