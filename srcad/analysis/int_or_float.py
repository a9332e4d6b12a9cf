"""Numbers that are ints at one time and floats at another, and arrays made of them.

``s = 0`` before a loop that adds floats to ``s``, ``max(n, x)``, ``n if c else x``: the type of
such a number is that of floats, which is right for all that is computed. An array that is made of
it may be one of ints, which cuts off what is stored in it later.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from srcad.analysis.mutations import refusal
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    List,
    Ref,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.refs import APPEND
from srcad.ir.walk import statements
from srcad.kinds import among
from srcad.types.lattice import Array, FixedList, Scalar, TupleOf, Type

__all__ = ["check_made_of_floats"]

_EXACT: Final[frozenset[object]] = frozenset(
    vars(operator)[name] for name in ("add", "sub", "mul", "floordiv", "mod", "neg", "pos", "abs")
) | {builtins.abs, np.array, np.asarray, np.copy, np.arange, np.ravel, np.reshape, np.transpose}
"""What makes ints, and arrays of ints, where all that it is given is such."""

_CHOICES: Final[frozenset[object]] = frozenset({builtins.max, builtins.min})


def check_made_of_floats(fn: Function, types: Mapping[Var, Type], buffers: frozenset[Var]) -> None:
    """Raise if floats are stored in an array, one of ``buffers``, that may be one of ints."""
    stmts = statements(fn)
    stores = [s for s in stmts if isinstance(s, (Store, AugAssign)) and s.obj in buffers]
    if not stores:
        return
    found = _Found(types)
    while found.grow(stmts):
        pass
    for stmt in stores:
        obj = stmt.obj
        if not isinstance(obj, Var) or obj not in found.vars or found.may_be_int(stmt.value):
            continue
        name = "it" if is_nameless(obj) else f"`{obj.base}`"
        raise refusal(
            fn,
            "an array that may hold ints is given floats",
            stmt,
            f"{name} is made of a number that is an int at one time and a float at another:"
            " NumPy may make an array of ints of it, and cut off what is stored there",
            "make it of floats, `np.full(n, float(v))`, or give it `dtype=float`",
        )


class _Found:
    """The variables that are typed as floats and may be ints, or arrays of ints."""

    def __init__(self, types: Mapping[Var, Type]) -> None:
        self._types = types
        self.vars: set[Var] = set()

    def grow(self, stmts: Sequence[Stmt]) -> bool:
        """Whether there are more than was known."""
        before = len(self.vars)
        for stmt in stmts:
            match stmt:
                case Assign(Var() as var, value):
                    if self._is_float(var) and self.may_be_int(value):
                        self.vars.add(var)
                case For(Var() as var, run):
                    if self._is_float(var) and self._holds_ints(run):
                        self.vars.add(var)
                case Do(Call(fn, (Var() as xs, value), ())) if fn == APPEND:
                    if self.may_be_int(value):
                        self.vars.add(xs)
                case _:
                    pass
        return len(self.vars) > before

    def _holds_ints(self, run: Expr) -> bool:
        """Whether an item of the list or tuple ``run`` may be an int."""
        if isinstance(run, (List, Tuple)):
            return any(map(self.may_be_int, run.items))
        t = self._types.get(run) if isinstance(run, Var) else None
        ints = isinstance(t, (FixedList, TupleOf)) and any(map(_is_int, t.items))
        return ints or run in self.vars

    def _is_float(self, var: Var) -> bool:
        t = self._types.get(var)
        return isinstance(t, (Array, Scalar)) and t.dtype == np.float64

    def may_be_int(self, value: Expr) -> bool:
        match value:
            case Const():
                return isinstance(value.value, int)
            case Var():
                return _is_int(self._types.get(value)) or value in self.vars
            case List(items) | Tuple(items):
                return all(map(self.may_be_int, items))
            case Call(Ref(_, fn), args) if fn is np.full:
                return not value.kwargs and len(args) == 2 and self.may_be_int(args[1])
            case Call(Ref(_, fn), args) if among(fn, _CHOICES):
                return any(map(self.may_be_int, args))
            case Call(Ref(_, fn), args) if among(fn, _EXACT):
                return not value.kwargs and all(map(self.may_be_int, args))
            case Call(Ref(_, fn), (x, _)) if fn is operator.getitem:
                return self._holds_ints(x)
            case _:
                return False


def _is_int(t: Type | None) -> bool:
    return isinstance(t, (Array, Scalar)) and t.dtype.kind in "biu"
