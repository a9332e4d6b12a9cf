"""Methods of NumPy's ufuncs, such as ``np.add.reduce``: the functions that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from srcad.ir.nodes import Assign, Call, Const, Expr, Ref, Stmt, Tuple
from srcad.ir.refs import NEG
from srcad.kinds import attribute
from srcad.plain import largest_so_far, logaddexp_reduce, smallest_so_far
from srcad.types.lattice import Array, Scalar, ndim_of
from srcad.types.run import Run

__all__ = ["ufunc_method"]

_ALONG_FIRST: Final[Mapping[tuple[object, str], Ref]] = MappingProxyType(
    {
        (np.add, "reduce"): Ref("np.sum", np.sum),
        (np.add, "accumulate"): Ref("np.cumsum", np.cumsum),
        (np.multiply, "reduce"): Ref("np.prod", np.prod),
        (np.multiply, "accumulate"): Ref("np.cumprod", np.cumprod),
        (np.maximum, "reduce"): Ref("np.max", np.max),
        (np.minimum, "reduce"): Ref("np.min", np.min),
        (np.fmax, "reduce"): Ref("np.nanmax", np.nanmax),
        (np.fmin, "reduce"): Ref("np.nanmin", np.nanmin),
        (np.maximum, "accumulate"): Ref("np.maximum.accumulate", largest_so_far),
        (np.minimum, "accumulate"): Ref("np.minimum.accumulate", smallest_so_far),
        (np.logaddexp, "reduce"): Ref("np.logaddexp.reduce", logaddexp_reduce),
        (np.logical_and, "reduce"): Ref("np.all", np.all),
        (np.logical_or, "reduce"): Ref("np.any", np.any),
    }
)
"""The functions that do the same, but for their ``axis``, which is 0 where none is given."""

Keywords = tuple[tuple[str, Expr], ...]


def ufunc_method(
    run: Run,
    call: Call,
    fn: object,
    args: tuple[Expr, ...],
    kwargs: Keywords,
    before: list[Stmt],
) -> tuple[Ref, tuple[Expr, ...], Keywords] | None:
    """The function and operands that a method of a ufunc stands for; ``None`` if for none."""
    ufunc, name = attribute(fn, "__self__"), attribute(fn, "__name__", "")
    if not isinstance(ufunc, np.ufunc):
        return None
    if (ufunc, name) in _ALONG_FIRST:
        has_axis = len(args) > 1 or any(k == "axis" for k, _ in kwargs)
        named = kwargs if has_axis else (*kwargs, ("axis", Const(0)))
        return _ALONG_FIRST[ufunc, name], args, named
    if name == "outer" and len(args) == 2 and not kwargs:
        return _outer(run, call, ufunc, args, before)
    if name == "at" and ufunc is np.subtract and len(args) == 3 and not kwargs:
        return _subtracted_at(run, call, args, before)
    return None


def _subtracted_at(
    run: Run, call: Call, args: tuple[Expr, ...], before: list[Stmt]
) -> tuple[Ref, tuple[Expr, ...], Keywords] | None:
    """``np.subtract.at(a, i, x)``: ``-x`` is added. What has no sign, has no ``-x`` either."""
    t = run.type(args[2])
    if not isinstance(t, (Scalar, Array)) or t.dtype.kind in "bu":
        return None
    less = run.beside(call, "less", "less")
    before.extend(run.stmt(Assign(less, Call(NEG, (args[2],), origin=call.origin), call.origin)))
    return Ref("np.add.at", np.add.at), (*args[:2], less), ()


def _outer(
    run: Run, call: Call, ufunc: np.ufunc, args: tuple[Expr, ...], before: list[Stmt]
) -> tuple[Ref, tuple[Expr, ...], Keywords] | None:
    """``ufunc.outer(a, b)``: axes of extent 1 in place of those of ``b``, and broadcasting."""
    a, b = args
    types = run.all(args)
    m, n = (None, None) if types is None else map(ndim_of, types)
    if m is None or n is None:
        return None
    if m == n == 1 and ufunc is np.multiply:
        return Ref("np.outer", np.outer), args, ()
    if m and n:
        axes = Tuple(tuple(Const(m + i) for i in range(n))) if n > 1 else Const(m)
        wider = Call(Ref("np.expand_dims", np.expand_dims), (a, axes), origin=call.origin)
        a = run.beside(call, "wider", "t")
        before.append(Assign(a, wider, call.origin))
        run.bind(a, run.value_type(wider))
    function: Any = ufunc
    return Ref(f"np.{ufunc.__name__}", function), (a, b), ()
