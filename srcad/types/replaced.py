"""Lists and dicts copied, joined, or with an item replaced: written out item by item."""

from __future__ import annotations

import operator
from typing import Final

from srcad.errors import MutationError, UnsupportedSyntaxError
from srcad.ir.displays import dict_display
from srcad.ir.nodes import Assign, Call, Const, Dict, Expr, List, Ref, Star, Stmt, Tuple, Var
from srcad.ir.refs import GETITEM, OR
from srcad.runtime import (
    check_alike,
    check_apart,
    check_number,
    check_pair,
    check_plain,
    check_real,
    columns,
    with_item,
)
from srcad.runtime.alike import not_alike
from srcad.runtime.items import array_update, item_update, run_update
from srcad.types.alike import are_alike
from srcad.types.containers import constant_key
from srcad.types.expand import name_of_key
from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    ListOf,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
    Unknown,
    join,
    join_all,
)
from srcad.types.returned import check_pair_type, is_real
from srcad.types.run import Run
from srcad.types.turned_rows import turned_rows

__all__ = ["new_container", "repeated_type", "replaced_type"]

_MOST_ITEMS: Final = 16
"""How many items are written out in place of one that is replaced."""


def new_container(
    run: Run,
    fn: object,
    call: Call,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Expr | None:
    """The display or constant that a call stands for that makes a list or dict; else ``None``."""
    if fn is with_item:
        return _with_item(run, call, args, before)
    if fn is check_apart:
        return _apart(run, call, args)
    if fn is check_number:
        return _number(run, call, args[0])
    if fn is columns:
        return _columns(run, call, args, kwargs, before)
    if fn is check_plain:
        known = isinstance(run.type(args[0]), (Scalar, Array))
        return Const(None) if known else None
    if fn is check_real:
        return Const(None) if is_real(run.type(args[0])) else None
    if fn is check_alike:
        return _alike(run, call, args)
    if fn is check_pair:
        return _pair(run, call, args)
    if fn is dict:
        return _dict(run, call, args, kwargs, before)
    if fn is operator.add and len(args) == 2:
        return _joined(run, call, args, before)
    if fn is operator.mul and len(args) == 2:
        return _repeated(run, call, args, before)
    if fn is OR.value and len(args) == 2:
        parts = [_entries(run, call, a, before) for a in args]
        both = [p for p in parts if p is not None]
        return _merged(both) if len(both) == 2 else None
    return None


def _alike(run: Run, call: Call, args: tuple[Expr, ...]) -> Expr | None:
    alike = are_alike(run.type(args[0]), run.type(args[1]))
    if alike is False:
        role = args[2].value if isinstance(args[2], Const) else "cotangent"
        raise not_alike(str(role), source=run.fn.source, origin=call.origin)
    return Const(None) if alike else None


def _pair(run: Run, call: Call, args: tuple[Expr, ...]) -> Expr | None:
    name = args[1].value if isinstance(args[1], Const) else ""
    where = {"source": run.fn.source, "origin": call.origin}
    return Const(None) if check_pair_type(run.type(args[0]), str(name), **where) else None


def replaced_type(container: Type, key: Type, item: Type) -> Type | None:
    """The type of ``with_item(container, key, item)``, where that is known to be a list."""
    match container:
        case FixedList(items):
            return FixedList(tuple(join(old, item) for old in items))
        case ListOf(old):
            return ListOf(item if old is None else join(old, item))
        case _:
            return None


def _with_item(run: Run, call: Call, args: tuple[Expr, ...], before: list[Stmt]) -> Expr | None:
    xs, index, value = args
    t, key = run.type(xs), run.type(index)
    if t is None or key is None:
        return None
    try:
        at = constant_key(key)
    except LookupError:
        at = None
    match t:
        case Array():
            raise array_update(source=run.fn.source, origin=call.origin)
        case FixedList() | ListOf() if isinstance(key, SliceOf):
            raise run_update(source=run.fn.source, origin=call.origin)
        case DictOf() if at is None and key != Static(None):
            raise UnsupportedSyntaxError(
                "srcad cannot tell which item of a dict is assigned",
                source=run.fn.source,
                origin=call.origin,
                why="the keys of a dict are part of its type, and must be known",
                instead="write the key out, or loop over the dict itself: `for k in d`",
            )
        case DictOf():
            entries = _entries(run, call, xs, before)
            return None if entries is None else _merged([entries, {Const(at): value}])
        case FixedList(items) if isinstance(at, int) and len(items) <= _MOST_ITEMS:
            n = len(items)
            known = _sequence(run, call, xs, before, but=at % n) if -n <= at < n else None
            if known is None:
                return None
            made = list(known.items)
            made[at] = value
            return List(tuple(made))
        case _:
            return None


def _entries(run: Run, call: Call, xs: Expr, before: list[Stmt]) -> dict[Expr, Expr] | None:
    """The items of a dict by key; those of a variable get names of their own."""
    if isinstance(xs, Dict):
        return dict(zip(xs.keys, xs.values, strict=True))
    t = run.type(xs)
    if not isinstance(t, DictOf) or not isinstance(xs, (Var, Ref)):
        return None
    return {Const(k): _item(run, call, xs, Const(k), before) for k, _ in t.items}


def _item(run: Run, call: Call, xs: Var | Ref, key: Const, before: list[Stmt]) -> Var:
    """A variable for ``xs[key]`` that is only there for ``call``."""
    base = name_of_key(key.value, xs.base if isinstance(xs, Var) else "item")
    part = run.beside(call, f"{xs!r} {key.value!r}", Var(base))
    stmt = Assign(part, Call(GETITEM, (xs, key)), call.origin)
    before.append(stmt)
    run.bind(part, run.value_type(stmt.value))
    return part


def _merged(parts: list[dict[Expr, Expr]]) -> Dict:
    return dict_display(item for part in parts for item in part.items())


def _sequence(
    run: Run, call: Call, xs: Expr, before: list[Stmt], but: int | None = None
) -> List | Tuple | None:
    """The items of a list or tuple; ``but`` one that is not wanted."""
    if isinstance(xs, (List, Tuple)):
        return None if any(isinstance(i, Star) for i in xs.items) else xs
    t = run.type(xs)
    if not isinstance(t, (FixedList, TupleOf)) or not isinstance(xs, (Var, Ref)):
        return None
    items: list[Expr] = [
        Const(None) if i == but else _item(run, call, xs, Const(i), before)
        for i in range(len(t.items))
    ]
    return List(tuple(items)) if isinstance(t, FixedList) else Tuple(tuple(items))


def _joined(run: Run, call: Call, args: tuple[Expr, ...], before: list[Stmt]) -> Expr | None:
    """``xs + ys`` written out; a list of any length stands in it as ``*xs``."""
    if not all(isinstance(run.type(a), (FixedList, TupleOf, ListOf)) for a in args):
        return None
    parts = [
        List((Star(a),))
        if isinstance(a, Var) and isinstance(run.type(a), ListOf)
        else _sequence(run, call, a, before)
        for a in args
    ]
    match parts:
        case [List(left), List(right)]:
            return List((*left, *right))
        case [Tuple(left), Tuple(right)]:
            return Tuple((*left, *right))
        case _:
            return None


def _repeated(run: Run, call: Call, args: tuple[Expr, ...], before: list[Stmt]) -> Expr | None:
    for xs, times in (args, args[::-1]):
        t = run.type(times)
        if not isinstance(t, Scalar) or not isinstance(t.known, int):
            continue
        t_xs = run.type(xs)
        if not isinstance(t_xs, (FixedList, TupleOf)):
            continue
        if len(t_xs.items) * t.known > _MOST_ITEMS:
            return None
        known = _sequence(run, call, xs, before)
        return None if known is None else type(known)(known.items * int(t.known))
    return None


def _columns(
    run: Run,
    call: Call,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Expr | None:
    if (turned := turned_rows(run, call, args, before)) is not None:
        return turned
    rows = [_sequence(run, call, a, before) for a in args]
    known = [row.items for row in rows if row is not None]
    uneven = len({len(items) for items in known}) > 1
    if len(known) != len(rows) or (uneven and kwargs):
        return None
    return Tuple(tuple(map(Tuple, zip(*known, strict=False))))


def _dict(
    run: Run,
    call: Call,
    args: tuple[Expr, ...],
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
) -> Expr | None:
    parts = [_entries(run, call, a, before) for a in args]
    if len(args) > 1 or any(p is None for p in parts) or any(k == "**" for k, _ in kwargs):
        return None
    named: dict[Expr, Expr] = {Const(k): v for k, v in kwargs}
    return _merged([*(p for p in parts if p is not None), named])


def _number(run: Run, call: Call, item: Expr) -> Expr | None:
    match run.type(item):
        case None | Unknown():
            return None
        case Scalar() | TupleOf() | Static():
            return Const(None)
        case _:
            raise item_update(source=run.fn.source, origin=call.origin)


def _apart(run: Run, call: Call, args: tuple[Expr, ...]) -> Expr:
    result, xs = args
    t = run.type(result)
    if t is None or _holds_no_list(t):
        return Const(None)
    name = xs.base if isinstance(xs, Var) else "xs"
    raise MutationError(
        f"`{name}` may be in the result of this call, and an item of it is assigned",
        source=run.fn.source,
        origin=call.origin,
        why="the assignment would show through that result too",
        instead=f"give the function a copy: `{'dict' if _is_dict(run, xs) else 'list'}({name})`",
    )


def _holds_no_list(t: Type) -> bool:
    if isinstance(t, TupleOf):
        return all(map(_holds_no_list, t.items))
    return isinstance(t, (Scalar, Array, Static))


def _is_dict(run: Run, xs: Expr) -> bool:
    return isinstance(run.type(xs), DictOf)


def repeated_type(a: Type, b: Type) -> Type | None:
    """The type of ``xs * n``, where one of them is a list and the other an int."""
    for xs, times in ((a, b), (b, a)):
        if isinstance(times, Scalar) and times.dtype.kind == "i":
            match xs:
                case FixedList(items):
                    return ListOf(join_all(items))
                case ListOf():
                    return xs
                case _:
                    pass
    return None
