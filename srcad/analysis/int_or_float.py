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

from srcad.errors import MutationError
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    Function,
    List,
    Ref,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.walk import statements
from srcad.kinds import among
from srcad.types.lattice import Array, Scalar, Type

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
        raise MutationError(
            "an array that may hold ints is given floats",
            source=fn.source,
            origin=stmt.origin,
            why=f"{name} is made of a number that is an int at one time and a float at another:"
            " NumPy may make an array of ints of it, and cut off what is stored there",
            instead="make it of floats, `np.full(n, float(v))`, or give it `dtype=float`",
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
            if not isinstance(stmt, Assign) or not isinstance(stmt.target, Var):
                continue
            if self._is_float(stmt.target) and self.may_be_int(stmt.value):
                self.vars.add(stmt.target)
        return len(self.vars) > before

    def _is_float(self, var: Var) -> bool:
        t = self._types.get(var)
        return isinstance(t, (Array, Scalar)) and t.dtype == np.float64

    def may_be_int(self, value: Expr) -> bool:
        match value:
            case Const():
                return isinstance(value.value, int)
            case Var():
                t = self._types.get(value)
                is_int = isinstance(t, (Array, Scalar)) and t.dtype.kind in "biu"
                return is_int or value in self.vars
            case List(items) | Tuple(items):
                return all(map(self.may_be_int, items))
            case Call(Ref(_, fn), args) if fn is np.full:
                return not value.kwargs and len(args) == 2 and self.may_be_int(args[1])
            case Call(Ref(_, fn), args) if among(fn, _CHOICES):
                return any(map(self.may_be_int, args))
            case Call(Ref(_, fn), args) if among(fn, _EXACT):
                return not value.kwargs and all(map(self.may_be_int, args))
            case Call(Ref(_, fn), (x, _)) if fn is operator.getitem:
                return x in self.vars
            case _:
                return False
