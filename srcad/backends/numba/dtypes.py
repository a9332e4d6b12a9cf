"""``dtype=int`` as ``dtype=np.int64``: Numba knows the classes of NumPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from srcad.ir.nodes import Block, Call, Expr, Function, Ref
from srcad.ir.rebuild import map_block, map_expr, map_stmt

__all__ = ["name_dtypes"]

_CLASSES: Final[Mapping[object, Ref]] = MappingProxyType(
    {
        cls: Ref(f"np.{np.dtype(cls).type.__name__}", np.dtype(cls).type)
        for cls in (bool, int, float, complex)
    }
)


def name_dtypes(fn: Function) -> Function:
    """Write NumPy's classes for those of Python where NumPy's functions get them.

    Accepts and returns normal IR.
    """

    def expr(e: Expr) -> Expr:
        if isinstance(e, Call) and _is_numpy(e):
            kwargs = tuple((name, named(value)) for name, value in e.kwargs)
            return replace(e, args=tuple(map(named, e.args)), kwargs=kwargs)
        return map_expr(e, expr)

    def named(e: Expr) -> Expr:
        return _CLASSES.get(e.value, e) if isinstance(e, Ref) and isinstance(e.value, type) else e

    def block(old: Block) -> Block:
        return map_block(old, lambda stmt: map_stmt(stmt, expr, block))

    return replace(fn, body=block(fn.body))


def _is_numpy(call: Call) -> bool:
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    is_method = getattr(fn, "__objclass__", None) is np.ndarray
    return is_method or str(getattr(fn, "__module__", "")).startswith("numpy")
