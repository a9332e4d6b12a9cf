"""Dataclasses and named tuples copied with other fields, or as dicts: written out by fields."""

from __future__ import annotations

import copy
import dataclasses
from types import FunctionType
from typing import Any, Final, cast

from srcad.ir.nodes import Assign, Call, Const, Dict, Expr, Ref, Stmt, Tuple, Var
from srcad.ir.refs import COPY, GETATTR
from srcad.types.lattice import Array, Record, Scalar
from srcad.types.run import Run

__all__ = ["named_tuple_method", "replaced_dataclass"]

_REPLACE: Final = (dataclasses.replace, getattr(copy, "replace", None))

_TAKE_APART: Final = (dataclasses.asdict, dataclasses.astuple)

Keywords = tuple[tuple[str, Expr], ...]


def replaced_dataclass(
    run: Run,
    fn: object,
    call: Call,
    args: tuple[Expr, ...],
    kwargs: Keywords,
    before: list[Stmt],
) -> Expr | None:
    """What ``dataclasses.replace(x, a=y)``, ``asdict`` or ``astuple`` makes; else ``None``."""
    if not isinstance(fn, FunctionType) or fn not in (*_REPLACE, *_TAKE_APART) or len(args) != 1:
        return None
    t = run.type(args[0])
    if not isinstance(t, Record) or not dataclasses.is_dataclass(t.cls):
        return None
    if fn in _TAKE_APART:
        return None if kwargs else _taken_apart(run, fn, call, args[0], t, before)
    fields = dataclasses.fields(cast("Any", t.cls))
    values = _values(run, call, args[0], t, kwargs, before)
    if values is None or [f.name for f in fields if f.init] != list(values):
        return None
    return Call(Ref(t.cls.__name__, t.cls), (), tuple(values.items()), origin=call.origin)


def _taken_apart(
    run: Run, fn: FunctionType, call: Call, obj: Expr, t: Record, before: list[Stmt]
) -> Expr | None:
    """The dict or tuple of the fields, with copies of arrays; ``None`` where one is a container."""
    if not all(isinstance(field, (Array, Scalar)) for _, field in t.fields):
        return None
    values = _values(run, call, obj, t, (), before)
    if values is None:
        return None
    for name, field in t.fields:
        if isinstance(field, Array):
            copied = run.beside(call, f"copy of {name}", name)
            before.append(Assign(copied, Call(COPY, (values[name],)), call.origin))
            run.bind(copied, field)
            values[name] = copied
    if fn is dataclasses.asdict:
        return Dict(tuple(map(Const, values)), tuple(values.values()))
    return Tuple(tuple(values.values()))


def named_tuple_method(
    run: Run, call: Call, obj: Expr, t: Record, name: str, before: list[Stmt]
) -> Expr | None:
    """``p._replace(a=y)`` or ``p._asdict()`` of a plain named tuple; ``None`` for what is not."""
    if t.cls.__bases__ != (tuple,) or call.args:
        return None
    match name:
        case "_replace":
            values = _values(run, call, obj, t, call.kwargs, before)
            if values is None:
                return None
            made = Ref(t.cls.__name__, t.cls)
            return Call(made, tuple(values.values()), origin=call.origin)
        case "_asdict" if not call.kwargs:
            values = _values(run, call, obj, t, (), before)
            if values is None:
                return None
            return Dict(tuple(map(Const, values)), tuple(values.values()))
        case _:
            return None


def _values(
    run: Run, call: Call, obj: Expr, t: Record, kwargs: Keywords, before: list[Stmt]
) -> dict[str, Expr] | None:
    """The fields of ``obj``, those in ``kwargs`` with other values."""
    names = [name for name, _ in t.fields]
    given = dict(kwargs)
    if not set(given) <= set(names) or not isinstance(obj, Var | Ref):
        return None
    found: dict[str, Expr] = {}
    for name in names:
        if name in given:
            found[name] = given[name]
            continue
        part = run.beside(call, f"field {name}", name)
        stmt = Assign(part, Call(GETATTR, (obj, Const(name))), call.origin)
        before.append(stmt)
        run.bind(part, run.value_type(stmt.value))
        found[name] = part
    return found
