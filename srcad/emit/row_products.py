"""Sums of products over the last axis: ``np.vecdot`` makes no array of the products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from srcad.ir.nodes import Call, Const, Expr, Ref, Var
from srcad.ir.refs import MUL, SUM
from srcad.types.lattice import Array, Type, same_shape
from srcad.types.operands import expression_type

__all__ = ["row_products"]

_VECDOT: Final = Ref("np.vecdot", np.vecdot)
_EXPAND_DIMS: Final = Ref("np.expand_dims", np.expand_dims)


def row_products(call: Call, types: Mapping[Var, Type]) -> Call:
    """Write ``np.vecdot(a, b)[:, None]`` for ``(a * b).sum(axis=1, keepdims=True)``.

    Parameters
    ----------
    call : Call
        Part of what makes an adjoint.
    types : Mapping
        The types of the variables: both factors must be real arrays of one shape.

    Returns
    -------
    Call
        The same computation, but for rounding: as that of `numpy.dot`, where the sum of an array
        adds its items in pairs.
    """
    options = dict(call.kwargs)
    match call:
        case Call(fn, (Call(product, (a, b), ()),)) if fn == SUM and product == MUL:
            ndim = _axes_of_both(a, b, types)
            last = (Const(-1), Const(ndim - 1))
            if ndim < 2 or options.get("axis") not in last or options.keys() - {"axis", "keepdims"}:
                return call
            sums = Call(_VECDOT, (a, b), origin=call.origin)
            if options.get("keepdims") != Const(True):
                return sums
            at = last[ndim == 2]
            return Call(_EXPAND_DIMS, (sums, at), spell="[None]", origin=call.origin)
        case _:
            return call


def _axes_of_both(a: Expr, b: Expr, types: Mapping[Var, Type]) -> int:
    """How many axes two real arrays of one shape have; none if they are not such."""
    x, y = expression_type(a, types), expression_type(b, types)
    if not (isinstance(x, Array) and isinstance(y, Array)):
        return 0
    return x.ndim if same_shape(x, y) and x.dtype == y.dtype and x.dtype.kind == "f" else 0
