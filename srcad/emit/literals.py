"""Literal factors of adjoints in front of products: ``2 * y_bar * x``, not ``2 * (y_bar * x)``."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Final

from srcad.ir.naming import is_adjoint
from srcad.ir.nodes import (
    Call,
    Const,
    Expr,
    Var,
)
from srcad.ir.rebuild import changed
from srcad.ir.refs import DIV, MUL, NEG
from srcad.ir.walk import variables
from srcad.types.lattice import Array, Scalar, Type
from srcad.types.operands import expression_type

__all__ = ["literals_first"]

_COMPARISONS: Final[frozenset[object]] = frozenset(
    vars(operator)[name] for name in ("lt", "le", "gt", "ge", "eq", "ne")
)


def literals_first(call: Call, types: Mapping[Var, Type]) -> Call:
    """Write ``c * a * b`` for ``c * (a * b)``, and ``c * a / b`` for ``c * (a / b)``.

    Parameters
    ----------
    call : Call
        Part of what makes an adjoint. Numbers of the user's stay the very same.
    types : Mapping
        The types of the variables, where they are known: ``2 * i`` may be too large for an int.

    Returns
    -------
    Call
        The same computation, but for the rounding of literals that are no powers of two.
    """
    match call.args:
        case (Const(int() | float()) as c, Call() as x) if (
            call.fn == MUL and _is_product(x) and _is_float(_first(x), types)
        ):
            return _times(c, x)
        case (Call() as x,) if call.fn == NEG and _is_product(x):
            match _first(x):
                case Const(int() | float() as value) if value > 0:
                    return _with_first(x, Const(-value))
                case _:
                    return call
        case _:
            return call


def _is_float(x: Expr, types: Mapping[Var, Type]) -> bool:
    if any(map(is_adjoint, variables(x))):
        return True
    t = expression_type(x, types)
    return isinstance(t, (Scalar, Array)) and t.dtype.kind in "fc"


def _is_product(x: Expr) -> bool:
    return isinstance(x, Call) and (x.fn == MUL or x.fn == DIV)


def _first(x: Expr) -> Expr:
    """The factor that ``x``, a product of products and quotients, begins with."""
    while isinstance(x, Call) and _is_product(x):
        x = x.args[0]
    return x


def _with_first(x: Call, first: Expr) -> Call:
    """``x`` with another factor to begin with."""
    inner = x.args[0]
    start = _with_first(inner, first) if isinstance(inner, Call) and _is_product(inner) else first
    return changed(x, args=(start, *x.args[1:]))


def _times(c: Const, x: Expr) -> Call:
    if not (isinstance(x, Call) and _is_product(x)):
        return Call(MUL, (c, x))
    return _with_first(x, Call(MUL, (c, _first(x))))
