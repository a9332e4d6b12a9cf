"""The extents that a function names itself, as in ``np.zeros(2)``.

An argument's extent that is one of them is that number in the call's types, and no symbol: what the
function makes by numbers is then known to be as long as what it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Final

import numpy as np

from srcad.construction.normal import normal_form
from srcad.errors import SrcadError
from srcad.generators import GENERATORS
from srcad.ir.nodes import Assign, Attr, Call, Const, Expr, Function, List, Ref, Tuple, Var
from srcad.ir.walk import expressions, statements, variables
from srcad.kinds import among
from srcad.rules.table import rule_for
from srcad.types.calls import python_function
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type
from srcad.types.operands import expression_type, operand_type

__all__ = ["draws", "named_extents", "operations"]

_MAKERS: Final[frozenset[object]] = frozenset(
    {np.zeros, np.ones, np.empty, np.full, np.eye, np.identity}
)


_PACKERS: Final[frozenset[object]] = frozenset({np.array, np.asarray, np.stack, np.hstack})


def named_extents(fn: FunctionType) -> frozenset[int]:
    """The literal extents of arrays that ``fn``, or a function that it calls, makes or reads.

    They only choose how much a call's types say: to miss one, or to name one too many, is harmless.

    Parameters
    ----------
    fn
        A plain Python function.

    Examples
    --------
    >>> def f(x):
    ...     start = np.zeros(2)
    ...     return np.sum((x - start) ** 2)
    >>> named_extents(f)
    frozenset({2})
    """
    found: set[int] = set()
    seen: set[FunctionType] = set()
    todo = [fn]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            ir = normal_form(one)
        except SrcadError:
            continue  # the derivative itself will say why
        found.update(_extents(ir))
        todo.extend(_callees(ir))
    return frozenset(found - {0, 1})


def _callees(ir: Function) -> Iterator[FunctionType]:
    for expr in operations(ir):
        if isinstance(expr, Call) and isinstance(expr.fn, Ref):
            inner = python_function(expr.fn.value)
            if inner is not None and rule_for(expr.fn.value) is None:
                yield inner


def _extents(ir: Function) -> set[int]:
    found: set[int] = set()
    known: dict[Var, Type] = {}
    parts: set[int] = set()
    for stmt in statements(ir):
        if isinstance(stmt, Assign) and isinstance(stmt.target, Var):
            t = _type(stmt.value, known)
            if t != UNKNOWN:
                known[stmt.target] = t
    for expr in operations(ir):
        if not isinstance(expr, (Call, Ref)):
            continue
        t = _type(expr, known)
        if isinstance(t, Array):
            found.update(n for n in t.shape if isinstance(n, int))
        elif isinstance(expr, Call) and draws(expr.fn):
            for size in (*expr.args, *(v for name, v in expr.kwargs if name == "size")):
                for item in size.items if isinstance(size, Tuple) else (size,):
                    found.update(_number(item, known))
        elif not (isinstance(expr, Call) and isinstance(expr.fn, Ref)):
            continue
        elif among(expr.fn.value, _PACKERS) and expr.args:
            found.update(_lengths(expr.args[0]))
        elif expr.fn.value is np.split and len(expr.args) > 1:
            parts.update(_number(expr.args[1], known))
        elif among(expr.fn.value, _MAKERS):
            # One extent may be a literal where another is not.
            shape = expr.args[0] if expr.args else dict(expr.kwargs).get("shape", Const(None))
            for item in shape.items if isinstance(shape, Tuple) else (shape,):
                found.update(_number(item, known))
    # What is split into parts that are as long as something else may be.
    return found.union(n * count for n in found for count in parts)


def draws(fn: Expr) -> bool:
    """Whether ``fn`` has the name of a method of random generators."""
    match fn:
        case Attr(_, name):
            return any(hasattr(cls, name) for cls in GENERATORS)
        case Ref(_, value):
            return isinstance(getattr(value, "__self__", None), GENERATORS)
        case _:
            return False


def _number(expr: Expr, known: Mapping[Var, Type]) -> Iterator[int]:
    """The int that ``expr`` is known to be, if it is."""
    t = operand_type(expr, known)
    if isinstance(t, Scalar) and type(t.known) is int:
        yield t.known


def _lengths(packed: Expr) -> Iterator[int]:
    """The lengths of the lists that an array is made of."""
    if isinstance(packed, List | Tuple):
        yield len(packed.items)
        for item in packed.items:
            yield from _lengths(item)


def _type(expr: Expr, known: Mapping[Var, Type]) -> Type:
    """The type of what does not depend on an argument; `Unknown` for all else."""
    if not all(map(known.__contains__, variables(expr))):
        return UNKNOWN
    return expression_type(expr, known)


def operations(ir: Function) -> Iterator[Expr]:
    """The calls of ``ir``, and what stands beside them that is no variable."""
    for stmt in statements(ir):
        for expr in expressions(stmt):
            if not isinstance(expr, Var):
                yield expr
            if isinstance(expr, Call):
                yield from (a for a in expr.args if not isinstance(a, Var))
