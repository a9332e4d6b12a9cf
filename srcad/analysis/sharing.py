"""Who may share memory with whom: what each statement makes one variable hold of another.

A *link* says that ``target`` may hold the object of ``origin``, part of its memory, or a container
of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final, Literal

import numpy as np

from srcad.analysis.effects import has_memory, is_fresh, may_share
from srcad.analysis.exchanges import exchanged_names
from srcad.analysis.indices import is_basic_index, picks_one_item
from srcad.errors import SrcadError
from srcad.ir.nodes import Assign, Call, Dict, Do, Expr, For, List, Ref, Stmt, Tuple, Unpack, Var
from srcad.ir.refs import LIST_APPEND
from srcad.ir.walk import variables
from srcad.notes import notes_of
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    Type,
)
from srcad.types.operands import operand_type

__all__ = ["CalleeOwn", "CalleeShares", "Link", "links", "viewed"]

Kind = Literal["copy", "view", "maybe", "held", "exchange"]
CalleeShares = Callable[[FunctionType, tuple[Type, ...]], frozenset[int]]
"""The parameters of a Python function whose memory its result may share."""
CalleeOwn = Callable[[FunctionType, tuple[Type, ...]], frozenset[tuple[int, ...]]]
"""Where in the tuple that a Python function returns there is what nobody else holds."""


@dataclass(frozen=True, slots=True)
class Link:
    """``copy``: the same object. ``view``: surely a view of it. ``maybe``: a view or a copy of it.
    ``held``: one contains the other, or nothing better is known. ``exchange``: the object of one
    that is no longer called so."""

    target: Var
    origin: Var
    kind: Kind
    stmt: Stmt


_VIEWS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.flip, np.asarray}
)
_MAYBE: Final[frozenset[Callable[..., Any]]] = frozenset({np.reshape, np.ravel})


def viewed(call: Call, types: Mapping[Var, Type]) -> tuple[Var, Kind] | None:
    """The variable of which the call's result is a view, and whether it surely is one."""
    if not (isinstance(call.fn, Ref) and call.args and isinstance(call.args[0], Var)):
        return None
    base, fn = call.args[0], call.fn.value
    t = types.get(base, UNKNOWN)
    if not isinstance(t, Array):
        return None
    if fn is operator.getitem:
        basic = is_basic_index(call.args[1], types)
        if basic is False:
            return None
        return base, "view" if basic else "maybe"
    if fn in _VIEWS and (fn is not np.asarray or len(call.args) + len(call.kwargs) == 1):
        return base, "view"
    if fn in _MAYBE:
        # One stride becomes several: no copy is needed. But what is ravelled has stride one.
        return base, "view" if fn is np.reshape and t.ndim == 1 else "maybe"
    return None


def links(stmt: Stmt, types: Mapping[Var, Type], callee: CalleeShares) -> Iterator[Link]:
    """What ``stmt`` itself makes its targets share."""
    match stmt:
        case Assign(Var() as target, value) if has_memory(types.get(target, UNKNOWN)):
            yield from _assigned(target, value, stmt, types, callee)
        case Unpack() if moved := exchanged_names(stmt):
            for origin, target in moved.items():
                yield Link(target, origin, "exchange", stmt)
        case Unpack(targets, value):
            for target in targets:
                if target is not None and has_memory(types.get(target, UNKNOWN)):
                    held = isinstance(value, Call)
                    for origin in _sources(value, types, callee) if held else variables(value):
                        if has_memory(types.get(origin, UNKNOWN)):
                            yield Link(target, origin, "held", stmt)
        case For(Var() as target, iterable) if has_memory(types.get(target, UNKNOWN)):
            for origin in variables(iterable):
                if has_memory(types.get(origin, UNKNOWN)):
                    yield Link(target, origin, "held", stmt)
        case Do(Call(Ref(_, fn), (Var() as xs, item))) if fn is LIST_APPEND:
            for origin in variables(item):
                if has_memory(types.get(origin, UNKNOWN)):
                    yield Link(xs, origin, "held", stmt)
        case _:
            return


def _assigned(
    target: Var, value: Expr, stmt: Stmt, types: Mapping[Var, Type], callee: CalleeShares
) -> Iterator[Link]:
    match value:
        case Var():
            yield Link(target, value, "copy", stmt)
        case Tuple() | List() | Dict():
            for origin in variables(value):
                if has_memory(types.get(origin, UNKNOWN)):
                    yield Link(target, origin, "held", stmt)
        case Call(Ref(_, fn), (Var() as base, index)) if fn is operator.getitem and picks_one_item(
            base, index, types
        ):
            return  # a number, even if its name is that of an array later on
        case Call():
            view = viewed(value, types)
            if view is not None:
                yield Link(target, view[0], view[1], stmt)
                return
            sources = _sources(value, types, callee)
            if any(k == "copy" for k, _ in value.kwargs):
                # With `copy=False` these may hand out their argument itself.
                sources = tuple(v for a in value.args[:1] for v in variables(a))
            for origin in sources:
                if has_memory(types.get(origin, UNKNOWN)):
                    yield Link(target, origin, "held", stmt)
        case _:
            return


def _sources(call: Expr, types: Mapping[Var, Type], callee: CalleeShares) -> tuple[Var, ...]:
    if not isinstance(call, Call) or not isinstance(call.fn, Ref):
        return variables(call)
    if call.fn.value is operator.getitem and is_basic_index(call.args[1], types) is False:
        base = call.args[0]
        if isinstance(base, Var) and isinstance(types.get(base), Array):
            return ()
    inner = python_function(call.fn.value)
    if notes_of(inner).fresh:
        # A generated gradient hands out arrays that nobody else holds.
        return ()
    if inner is not None:
        from srcad.rules.table import rule_for

        if rule_for(call.fn.value) is None:
            try:
                operands = bind_arguments(inner, call)
                shared = callee(inner, tuple(operand_type(o, types) for o in operands))
            except SrcadError:
                return may_share(call)
            return tuple(v for i in sorted(shared) for v in variables(operands[i]))
    return () if is_fresh(call, types) else may_share(call)
