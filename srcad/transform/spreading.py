"""Numbers that were spread out only to be multiplied by what has a shape already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from srcad.analysis.writes import touched
from srcad.ir.nodes import Assign, Call, Expr, Ref, Stmt, Var
from srcad.ir.refs import DIV, MUL, NEG
from srcad.ir.walk import bound, statements, variables
from srcad.transform.helpers import UNBROADCAST
from srcad.transform.terms import G, Term
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type, same_shape

__all__ = ["spread_value", "takes_unspread"]

_PRODUCTS: Final = (MUL, DIV, NEG)
_DOUBLE: Final = (np.dtype(float), np.dtype(complex))


def spread_value(bar: Expr, written: Sequence[Stmt]) -> Expr | None:
    """``c`` where the adjoint ``bar`` is ``np.broadcast_to(c, shape)``, by what was ``written``."""
    since: set[Expr | None] = set()
    for stmt in reversed(written):
        match stmt:
            case Assign(made, Call(Ref(_, fn), (value, _), ())) if made == bar:
                kept = since.isdisjoint((bar, *variables(value)))
                return value if fn is np.broadcast_to and kept else None
            case _:
                since.update(v for s in statements((stmt,)) for v in (*bound(s), touched(s)))
        if bar in since:
            return None
    return None


def takes_unspread(term: Term, call: Call, target: Var, types: Mapping[Var, Type]) -> bool:
    """Whether in ``term``, of ``target = call``, `G` need not have the shape of ``target``.

    A product that is summed down to one operand has the axes of the others, over which there is
    something to sum; along the rest `unbroadcast` repeats what the sum would find there. Nor where
    it is multiplied by what has that shape.
    """
    match term.value:
        case Call(fn, (value, like)) if fn == UNBROADCAST and _is_product(value):
            factors = set(variables(value))
            others = {v for v in variables(call) if not isinstance(types.get(v), Scalar)} - {like}
            complete = target in factors or others <= factors
            return complete and _are_double(factors - {G}, types)
        case Call() as value if _is_product(value):
            others = {v: types.get(v, UNKNOWN) for v in variables(value) if v != G}
            shape = types.get(target, UNKNOWN)
            return any(same_shape(t, shape) for t in others.values()) and _are_double(others, types)
        case _:
            return False


def _is_product(expr: Expr) -> bool:
    if isinstance(expr, Call):
        return expr.fn in _PRODUCTS and all(map(_is_product, expr.args))
    return True


def _are_double(factors: Iterable[Var], types: Mapping[Var, Type]) -> bool:
    """Whether a Python number beside them does not lower their precision."""
    of = [types.get(v, UNKNOWN) for v in factors]
    return all(isinstance(t, (Array, Scalar)) and t.dtype in _DOUBLE for t in of)
