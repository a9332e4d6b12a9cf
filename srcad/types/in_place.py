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
from srcad.ir.refs import APPEND, LIST
from srcad.types.lattice import Array, FixedList, ListOf, Scalar, TupleOf, Type
from srcad.types.placed import has_rule
from srcad.types.run import Run

__all__ = ["changed_array", "extended", "written_out"]

_SORT: Final = Ref("np.sort", np.sort)
_DIAGONAL: Final = Ref("np.diag_indices_from", np.diag_indices_from)


def changed_array(run: Run, call: Call, name: str, before: list[Stmt]) -> Const | None:
    """What ``y.fill(v)``, ``np.copyto(y, v)`` and the like give, their assignment ``before``.

    ``call`` has the array as its first argument. ``None`` for what is no such call.
    """
    match name, call.args:
        case (("fill" | "copyto"), ((Var() | Ref()) as array, value)) if not call.kwargs:
            stored = value
        case "sort", (Var() as array, *_):
            stored = run.beside(call, "sorted", array)
            in_order = replace(call, fn=_SORT, spell="")
            before.extend(run.stmt(Assign(stored, in_order, call.origin)))
        case "fill_diagonal", ((Var() | Ref()) as array, value) if not call.kwargs:
            if not _fits_diagonal(run.type(array), run.type(value)):
                return None
            index = run.beside(call, "diagonal", "diagonal")
            before.extend(run.stmt(Assign(index, Call(_DIAGONAL, (array,)), call.origin)))
            before.extend(run.stmt(Store(array, index, value, call.origin)))
            return Const(None)
        case _:
            return None
    if not isinstance(run.type(array), Array):
        return None
    before.extend(run.stmt(Store(array, Const(Ellipsis), stored, call.origin)))
    return Const(None)


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
