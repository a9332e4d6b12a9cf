"""Ints that are surely not negative, as exponents have to be for a power that is an int."""

from __future__ import annotations

from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    For,
    Function,
    Ref,
    Stmt,
    Unpack,
    Var,
)
from srcad.ir.refs import ADD, LEN, MUL, RANGE, REVERSED
from srcad.ir.walk import may_bind, statements

__all__ = ["natural_variables"]


def natural_variables(fn: Function) -> frozenset[Var]:
    """The variables of ``fn`` that, if they hold ints, hold none below zero.

    Counters of loops over `range` and `enumerate` are such, and what counts up from there. All
    statements that bind a variable have to be known for it.
    """
    defs: dict[Var, list[Stmt]] = {}
    for stmt in statements(fn):
        for var in may_bind(stmt):
            defs.setdefault(var, []).append(stmt)
    found = defs.keys() - {p.var for p in fn.params}
    rows = {v: _places(defs[v][0]) for v in found if len(defs[v]) == 1}
    while True:
        kept = {v for v in found if all(_is_natural(v, s, found, rows) for s in defs[v])}
        if kept == found:
            return frozenset(found)
        found = kept


def _places(stmt: Stmt) -> frozenset[int]:
    """Where in the tuples that a loop runs over there are counts."""
    match stmt:
        case For(Var(), Call(Ref(_, fn), args, kwargs)) if fn is enumerate:
            starts = (*args[1:], *[v for _, v in kwargs])
            return frozenset({0} if all(map(_is_literal, starts)) else ())
        case For(Var(), Call(Ref(_, fn), args)) if fn is zip:
            return frozenset(i for i, run in enumerate(args) if _counts(run))
        case _:
            return frozenset()


def _counts(run: Expr) -> bool:
    """Whether ``run`` is a range that begins at zero or above and does not go down."""
    match run:
        case Call(fn, (inner,), ()) if fn == REVERSED:
            return _counts(inner)
        case Call(fn, (_,), ()) if fn == RANGE:
            return True
        case Call(fn, (start, _, *steps), ()) if fn == RANGE:
            return all(map(_is_literal, (start, *steps)))
        case _:
            return False


def _is_literal(expr: Expr) -> bool:
    return isinstance(expr, Const) and type(expr.value) is int and expr.value >= 0


def _is_natural(var: Var, stmt: Stmt, known: set[Var], rows: dict[Var, frozenset[int]]) -> bool:
    """Whether ``stmt`` binds ``var`` to an int from zero on, if those in ``known`` are such."""

    def natural(value: Expr) -> bool:
        return value in known if isinstance(value, Var) else _is_literal(value)

    match stmt:
        case For(Var(), run):
            return _counts(run)
        case Unpack(targets, Var() as row):
            return targets.index(var) in rows.get(row, ())
        case AugAssign(_, None, op, value):
            return op in (ADD, MUL) and natural(value)
        case Assign(_, Call(fn, args, ())):
            return fn == LEN or (fn in (ADD, MUL) and all(map(natural, args)))
        case Assign(_, value):
            return natural(value)
        case _:
            return False
