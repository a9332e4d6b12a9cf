"""Functions that change what they are given, as the statements that do the same.

``y.fill(v)`` is ``y[...] = v``, and ``xs.extend(ys)`` appends each of ``ys``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Do,
    Expr,
    For,
    List,
    Origin,
    Ref,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.refs import APPEND, ARANGE, LIST
from srcad.types.lattice import Array, FixedList, ListOf, Scalar, TupleOf, Type
from srcad.types.placed import has_rule
from srcad.types.run import Run

__all__ = ["IN_PLACE", "changed_array", "extended", "written_out"]

IN_PLACE: Final = frozenset(
    {np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask}
)
"""NumPy's functions of which `changed_array` knows."""

_WHERE: Final = Ref("np.where", np.where)
_SIZE: Final = Ref("np.size", np.size)
_EXPAND: Final = Ref("np.expand_dims", np.expand_dims)
_SORT: Final = Ref("np.sort", np.sort)
_DIAGONAL: Final = Ref("np.diag_indices_from", np.diag_indices_from)


def changed_array(run: Run, call: Call, name: str, before: list[Stmt]) -> Const | None:
    """What ``y.fill(v)``, ``np.copyto(y, v)`` and the like give, their assignment ``before``.

    ``call`` has the array as its first argument. ``None`` for what is no such call.
    """
    match name, call.args:
        case (("fill" | "copyto"), ((Var() | Ref()) as array, value)) if not call.kwargs:
            stored = value
        case "copyto", ((Var() | Ref()) as array, value):
            (key, mask), *others = call.kwargs
            if key != "where" or others:
                return None
            stored = _chosen(run, call, mask, value, array, before)
        case (("place" | "putmask"), ((Var() | Ref()) as array, mask, value)) if not call.kwargs:
            # Of fewer values, or more, NumPy takes them in turn.
            of_each = name == "putmask" and _is_alike(run.type(array), run.type(value))
            if not of_each and not _is_number(run.type(value)):
                return None
            stored = _chosen(run, call, mask, value, array, before)
        case "put", ((Var() | Ref()) as array, index, value) if not call.kwargs:
            if _rank(run, array) != 1:
                return None
            return _stored_at(run, call, array, index, value, before)
        case "put_along_axis", ((Var() | Ref()) as array, *_):
            return _stored_along(run, call, array, before)
        case "sort", (Var() as array, *_):
            stored = run.beside(call, "sorted", array)
            in_order = replace(call, fn=_SORT, spell="")
            before.extend(run.stmt(Assign(stored, in_order, call.origin)))
        case "fill_diagonal", ((Var() | Ref()) as array, value) if not call.kwargs:
            if not _fits_diagonal(run.type(array), run.type(value)):
                return None
            index = _held(run, call, "diagonal", Call(_DIAGONAL, (array,)), before)
            return _stored_at(run, call, array, index, value, before)
        case _:
            return None
    if not isinstance(run.type(array), Array):
        return None
    before.extend(run.stmt(Store(array, Const(Ellipsis), stored, call.origin)))
    return Const(None)


def _held(run: Run, call: Call, name: str, value: Call, before: list[Stmt]) -> Var:
    """The variable that has ``value``, its assignment ``before``."""
    held = run.beside(call, name, name)
    before.extend(run.stmt(Assign(held, value, call.origin)))
    return held


def _chosen(run: Run, call: Call, mask: Expr, value: Expr, array: Expr, before: list[Stmt]) -> Var:
    chosen = Call(_WHERE, (mask, value, array), origin=call.origin)
    return _held(run, call, "values", chosen, before)


def _stored_at(
    run: Run, call: Call, array: Var | Ref, index: Expr, value: Expr, before: list[Stmt]
) -> Const:
    before.extend(run.stmt(Store(array, index, value, call.origin)))
    return Const(None)


def _stored_along(run: Run, call: Call, array: Var | Ref, before: list[Stmt]) -> Const | None:
    """``np.put_along_axis`` of a vector or a matrix."""
    given = dict(zip(("arr", "indices", "values", "axis"), call.args, strict=False))
    given |= dict(call.kwargs)
    rank, axis = _rank(run, array), given.get("axis", Const(None))
    if len(given) < 3 or not isinstance(axis, Const):
        return None
    indices, values = given["indices"], given["values"]
    if rank == 1 and axis.value in (0, -1, None):
        return _stored_at(run, call, array, indices, values, before)
    if rank != 2 or axis.value not in (0, 1, -1, -2):
        return None
    along_rows = axis.value in (1, -1)
    n = _held(run, call, "n", Call(_SIZE, (array, Const(0 if along_rows else 1))), before)
    others = _held(run, call, "others", Call(ARANGE, (n,)), before)
    if not along_rows:
        return _stored_at(run, call, array, Tuple((indices, others)), values, before)
    rows = _held(run, call, "rows", Call(_EXPAND, (others, Const(1))), before)
    return _stored_at(run, call, array, Tuple((rows, indices)), values, before)


def _rank(run: Run, array: Var | Ref) -> int | None:
    t = run.type(array)
    return len(t.shape) if isinstance(t, Array) else None


def _is_number(t: Type | None) -> bool:
    return isinstance(t, Scalar) or (isinstance(t, Array) and t.shape == ())


def _is_alike(a: Type | None, b: Type | None) -> bool:
    """Whether both surely are arrays of one shape."""
    match a, b:
        case Array(_, shape), Array(_, other):
            return shape == other and None not in shape
        case _:
            return False


def written_out(run: Run, call: Call, before: list[Stmt]) -> Var | None:
    """The array that ``np.sum(x, out=y)`` and the like write into, their assignment ``before``.

    ``call`` has its arguments resolved. ``None`` for all other calls, and for ufuncs, whose results
    are written in passing.
    """
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    out = dict(call.kwargs).get("out")
    if not isinstance(out, Var) or isinstance(fn, np.ufunc) or not isinstance(run.type(out), Array):
        return None
    module = str(getattr(fn, "__module__", ""))
    rest = tuple((name, value) for name, value in call.kwargs if name != "out")
    if not module.startswith("numpy") or not has_rule(fn, call.args, rest):
        return None
    made = run.beside(call, "written out", "t")
    result = replace(call, kwargs=rest, spell="")
    before.extend(run.stmt(Assign(made, result, call.origin)))
    before.extend(run.stmt(Store(out, Const(Ellipsis), made, call.origin)))
    return out


def _fits_diagonal(array: Type | None, value: Type | None) -> bool:
    """Whether ``value`` is a number, or has one for each place of the diagonal.

    NumPy repeats, or cuts off, what has fewer or more.
    """
    match array, value:
        case Array(_, (n, m)), Scalar() | Array(_, ()):
            return n is not None and n == m
        case Array(_, (n, m)), Array(_, (k,)):
            return n is not None and n == m == k
        case _:
            return False


def extended(
    run: Run,
    xs: Var,
    value: Expr,
    asked: Call | AugAssign,
    before: list[Stmt],
    origin: Origin | None,
) -> bool:
    """Whether ``xs.extend(value)``, or ``xs += value``, could be told; the appends are ``before``.

    ``asked`` is the call or the statement.
    """
    match value:
        case Tuple(items) | List(items):
            for item in items:
                before.extend(run.stmt(_append(xs, item, origin)))
            return True
        case Var() if isinstance(run.type(value), (TupleOf, FixedList, ListOf, Array)):
            item = run.beside(asked, "item", "item")
            # A list may be extended by itself: its items are those before.
            items = value if isinstance(run.type(value), (Array, TupleOf)) else Call(LIST, (value,))
            held = run.beside(asked, "items", "items")
            before.extend(run.stmt(Assign(held, items, origin)))
            body = (_append(xs, item, origin),)
            before.extend(run.stmt(For(item, held, body, (), origin)))
            return True
        case _:
            return False


def _append(xs: Var, item: Expr, origin: Origin | None) -> Do:
    return Do(Call(APPEND, (xs, item), spell=".append", origin=origin), origin)
