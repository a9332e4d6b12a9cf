"""What is at kinks and ties, and Numba does not know, by comparisons."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Final

import numpy as np

from srcad.analysis.effects import runtime_name
from srcad.backends.numba.draft import Draft, call
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, Function, If, Ref, Stmt, Var
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import ADD, DIV, MUL, POW, SUB
from srcad.types.lattice import BOOL, FLOAT, UNKNOWN, Array, Scalar, Type

__all__ = ["compare_at_kinks"]

_TESTS: Final = (Ref("operator.gt", operator.gt), Ref("operator.ge", operator.ge))
_EQUAL: Final = Ref("operator.eq", operator.eq)
_UNEQUAL: Final = Ref("operator.ne", operator.ne)


def compare_at_kinks(fn: Function, draft: Draft) -> Function:
    """Write comparisons for steps at zero, shares of ties, quotients by zero and powers of zero.

    Accepts and returns normal IR.
    """

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            lowered = _lowered(stmt, draft, new)
            new.extend([map_blocks(stmt, block)] if lowered is None else lowered)
        return tuple(new)

    return replace(fn, body=block(fn.body))


def _lowered(stmt: Stmt, draft: Draft, out: list[Stmt]) -> Block | None:
    """What stands for ``stmt``, after what it adds to ``out``; ``None`` if Numba knows it."""
    match stmt:
        case Assign(Var() as step, Call(Ref(_, f), (z, Const(0.5)))) if f is np.heaviside:
            t = draft.types.get(step, UNKNOWN)
            parts = [_half(Call(test, (z, Const(0))), t, draft, out) for test in _TESTS]
            return (replace(stmt, value=Call(ADD, tuple(parts))),)
        case Assign(Var(), Call(Ref(_, f), (x, y, Const(None), _))) if _is(f, "tie_share"):
            share = _share(x, y, draft, out)
            return None if share is None else (replace(stmt, value=share),)
        case Assign(Var() as quotient, Call(Ref(_, f), (a, b))) if _is(f, "over"):
            return _quotient(stmt, quotient, a, b, draft, out)
        case Assign(Var() as slope, Call(Ref(_, f), (x, n))) if _is(f, "power_slope"):
            return _slope_of_power(stmt, slope, x, n, draft, out)
        case _:
            return None


def _is(fn: object, name: str) -> bool:
    return runtime_name(fn) == name


def _half(test: Call, t: Type, draft: Draft, out: list[Stmt]) -> Expr:
    holds = draft.temp(test, out, _truth_like(t))
    return draft.temp(Call(MUL, (Const(0.5), holds)), out, t)


def _truth_like(t: Type) -> Type:
    return Array(BOOL.dtype, t.shape) if isinstance(t, Array) else BOOL


def _share(x: Expr, y: Expr, draft: Draft, out: list[Stmt]) -> Call | None:
    """The share of each item of ``x`` in its extremum ``y``."""
    t = draft.type_of(x)
    if not (isinstance(t, Array) and t.dtype == FLOAT.dtype and draft.is_number(y)):
        return None
    at = draft.temp(Call(_EQUAL, (x, y)), out, _truth_like(t))
    count = draft.temp(call(np.count_nonzero, "np.count_nonzero", at), out)
    return Call(DIV, (at, count))


def _quotient(
    stmt: Assign, target: Var, a: Expr, b: Expr, draft: Draft, out: list[Stmt]
) -> Block | None:
    """``a / b``, but 0 where ``b`` is 0, of numbers."""
    if not _is_of_numbers(target, (a, b), draft):
        return None
    divided = replace(stmt, value=Call(DIV, (a, b)))
    return _unless_zero(b, replace(stmt, value=Const(0.0)), (divided,), draft, out)


def _slope_of_power(
    stmt: Assign, target: Var, x: Expr, n: Expr, draft: Draft, out: list[Stmt]
) -> Block | None:
    """``n * x ** (n - 1)``, but 0 where ``n`` is 0, of numbers."""
    if not _is_of_numbers(target, (x, n), draft):
        return None
    inside: list[Stmt] = []
    less = draft.temp(Call(SUB, (n, Const(1))), inside, draft.type_of(n))
    power = draft.temp(Call(POW, (x, less)), inside, FLOAT)
    inside.append(replace(stmt, value=Call(MUL, (n, power))))
    at_zero = replace(stmt, value=Call(MUL, (Const(0.0), x)))
    return _unless_zero(n, at_zero, tuple(inside), draft, out)


def _unless_zero(x: Expr, at_zero: Assign, else_: Block, draft: Draft, out: list[Stmt]) -> Block:
    """``at_zero``, and then ``else_`` where ``x`` is not 0."""
    test = draft.temp(Call(_UNEQUAL, (x, Const(0))), out, BOOL)
    return (at_zero, If(test, else_, (), at_zero.origin))


def _is_of_numbers(target: Var, operands: tuple[Expr, ...], draft: Draft) -> bool:
    """Whether ``target`` is a float64 number, made of other numbers."""
    t = draft.types.get(target)
    is_float = isinstance(t, Scalar) and t.dtype == FLOAT.dtype
    return is_float and target not in operands and all(map(draft.is_number, operands))
