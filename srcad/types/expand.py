"""Containers written out item by item, where their length or keys are known."""

from __future__ import annotations

from keyword import iskeyword

from srcad.errors import ArgumentError
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Dict,
    Expr,
    List,
    Origin,
    Ref,
    Star,
    Stmt,
    Tuple,
    Var,
)
from srcad.ir.rebuild import same_or_new
from srcad.ir.refs import GETITEM, LIST
from srcad.ir.walk import ATOMIC
from srcad.types.lattice import Array, DictOf, FixedList, ListOf, Record, TupleOf
from srcad.types.run import Run

__all__ = [
    "copied_sequence",
    "display_items",
    "expanded",
    "expanded_keywords",
    "item_of",
    "item_of_literal",
    "name_of_key",
    "plain_tuple",
]


def expanded(
    run: Run, args: tuple[Expr, ...], before: list[Stmt], origin: Origin | None
) -> tuple[Expr, ...]:
    """Operands for ``args``, with each ``*xs`` of known length written out."""
    if ATOMIC.issuperset(map(type, args)):
        return args  # as most are
    out: list[Expr] = []
    for arg in args:
        if not isinstance(arg, Star):
            out.append(run.operand(arg, before, origin))
            continue
        value = plain_tuple(run, run.operand(arg.value, before, origin), before)
        if isinstance(value, (Tuple, List)):
            out.extend(value.items)
            continue
        t = run.type(value)
        if isinstance(t, (TupleOf, FixedList)) and isinstance(value, (Var, Ref)):
            base = value.base if isinstance(value, Var) else "item"
            for i in range(len(t.items)):
                out.append(item_of(run, value, Const(i), f"{base}_{i}", before))
        else:
            out.append(Star(value))
    return same_or_new(args, out)


def display_items(
    run: Run, items: tuple[Expr, ...], before: list[Stmt], origin: Origin | None
) -> tuple[Expr, ...]:
    """The `expanded` items of a display, in which ``*x`` of an array becomes ``*xs`` of a list.

    So the cotangent of each part is a list, as that of the whole is.
    """
    out: list[Expr] = []
    for item in items:
        parts = expanded(run, (item,), before, origin)
        match parts:
            case (Star(Var() as value),) if isinstance(run.type(value), Array):
                held, made = run.beside(item, "items", value.base), Call(LIST, (value,))
                before.append(Assign(held, made))
                run.bind(held, run.value_type(made))
                out.append(Star(held))
            case _:
                out.extend(parts)
    return same_or_new(items, out)


def expanded_keywords(
    run: Run,
    kwargs: tuple[tuple[str, Expr], ...],
    before: list[Stmt],
    origin: Origin | None,
) -> tuple[tuple[str, Expr], ...]:
    """Operands for ``kwargs``, with a ``**mapping`` of known keys written out."""
    if not kwargs:
        return kwargs
    operands = [(name, run.operand(value, before, origin)) for name, value in kwargs]
    out: list[tuple[str, Expr]] = []
    for name, value in operands:
        t = run.type(value)
        if name == "**" and isinstance(t, DictOf) and isinstance(value, (Var, Ref)):
            for key, _ in t.items:
                word = _keyword(run, key, origin)
                out.append((word, item_of(run, value, Const(key), word, before)))
        elif name == "**" and isinstance(value, Dict) and all(map(_is_text, value.keys)):
            for key, item in zip(value.keys, value.values, strict=True):
                assert isinstance(key, Const)
                out.append((_keyword(run, key.value, origin), item))
        else:
            out.append((name, value))
    names = [name for name, _ in out if name != "**"]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(
            f"a call is given the keyword `{twice}` twice",
            source=run.fn.source,
            origin=origin,
            why="what is unpacked by `**` has it as well",
            instead="leave one of them out",
        )
    return tuple(out)


def _is_text(key: Expr) -> bool:
    return isinstance(key, Const) and isinstance(key.value, str)


def _keyword(run: Run, key: object, origin: Origin | None) -> str:
    """The name that ``key`` of a ``**mapping`` gives its item in the call."""
    if isinstance(key, str) and key.isidentifier() and not iskeyword(key):
        return key
    raise ArgumentError(
        f"the key {key!r} of what is unpacked by `**` is no name",
        source=run.fn.source,
        origin=origin,
        why="each key becomes the name of an argument of the call",
        instead="rename the key, or pass the dict as one argument",
    )


def item_of(run: Run, value: Var | Ref, key: Const, base: str, before: list[Stmt]) -> Var:
    """A variable for ``value[key]``, whose assignment goes to ``before``."""
    part = run.part(value, key, Var(base))
    stmt = Assign(part, Call(GETITEM, (value, key)))
    before.append(stmt)
    run.bind(part, run.value_type(stmt.value))
    return part


def name_of_key(key: object, default: str) -> str:
    """What to call a variable that holds the item under ``key``.

    Examples
    --------
    >>> name_of_key("w", "item"), name_of_key(0, "item"), name_of_key("class", "item")
    ('w', 'item', 'item')
    """
    return key if isinstance(key, str) and key.isidentifier() and not iskeyword(key) else default


def item_of_literal(literal: Expr, index: Expr) -> Expr | None:
    """The item of a container that is written out, where the key is a constant."""
    match literal, index:
        case ((Tuple(items) | List(items)), Const(int() as k)) if -len(items) <= k < len(items):
            counted = items[: k + 1] if k >= 0 else items[k:]
            return None if any(isinstance(i, Star) for i in counted) else items[k]
        case Dict(keys, values), Const():
            return dict(zip(keys, values, strict=True)).get(index)
        case _:
            return None


def copied_sequence(run: Run, call: Call, source: Expr, before: list[Stmt]) -> Expr:
    """``list(xs)`` or ``tuple(xs)``: the items written out, where there are so many as is known.

    A tuple of any length is ``(*xs,)``.
    """
    make = List if isinstance(call.fn, Ref) and call.fn.value is list else Tuple
    if isinstance(source, (Tuple, List)):
        return make(source.items)
    source = plain_tuple(run, source, before)
    if isinstance(source, Tuple):
        return make(source.items)
    t = run.type(source)
    if isinstance(t, (TupleOf, FixedList)) and isinstance(source, Var):
        parts = (
            item_of(run, source, Const(i), f"{source.base}_{i}", before)
            for i in range(len(t.items))
        )
        return make(tuple(parts))
    if make is Tuple and isinstance(t, (ListOf, Array)) and isinstance(source, Var):
        return Tuple(display_items(run, (Star(source),), before, call.origin))
    return call


def plain_tuple(run: Run, xs: Expr, before: list[Stmt]) -> Expr:
    """``xs``, or the fields of a named tuple: to run over them, its own kind does not matter."""
    t = run.type(xs) if isinstance(xs, (Var, Ref)) else None
    if not isinstance(xs, (Var, Ref)) or not isinstance(t, Record) or not issubclass(t.cls, tuple):
        return xs
    names = (name for name, _ in t.fields)
    return Tuple(tuple(item_of(run, xs, Const(i), n, before) for i, n in enumerate(names)))
