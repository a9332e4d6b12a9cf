"""Folding: simpler calls for the same values, and branches that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    Function,
    If,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.walk import bound, statements, used, variables
from srcad.optimise.algebra import MUL, Algebra
from srcad.optimise.available import Available, Merges
from srcad.types.lattice import Type

__all__ = ["fold_calls"]


def fold_calls(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Simplify calls by algebra that keeps values, types, shapes and dtypes.

    Accepts and returns normal IR: ``1 * x`` becomes ``x``, ``a + (-b)`` becomes ``a - b``,
    ``x ** 2`` becomes ``x * x``, literals are computed, items of a known tuple are read directly,
    an ``if`` on a literal becomes its branch. `srcad.optimise.algebra` lists them all.
    """
    if memory is None:
        memory = memory_of(fn, types)
    known = Available(memory, types)
    body = _Fold(known, Merges(memory), types, fn).run(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Fold:
    def __init__(
        self, known: Available, merges: Merges, types: Mapping[Var, Type], fn: Function
    ) -> None:
        self.fn = fn
        self.names: Names | None = None
        self.known = known
        self.merges = merges
        self.algebra = Algebra(types, known)

    def run(self, body: Block) -> Block:
        return self.known.walk(body, self.visit)

    def visit(self, stmt: Stmt) -> Block:
        match stmt:
            case Assign(Var() as target, Call() as call):
                return self._assign(stmt, target, call)
            case Unpack(targets, Tuple(items)) if _in_turn(targets, items):
                pairs = zip(targets, items, strict=True)
                return tuple(Assign(t, x, stmt.origin) for t, x in pairs if t is not None)
            case If(test, then, orelse) if (literal := self._literal(test)) is not None:
                return then if literal.value else orelse
            case _:
                return (stmt,)

    def _fresh(self) -> Var:
        if self.names is None:
            self.names = Names(p.var.name for p in self.fn.params)
            for stmt in statements(self.fn.body):
                self.names.reserve(v.name for v in (*used(stmt), *bound(stmt)))
        return self.names.fresh("t")

    def _literal(self, test: Expr) -> Const | None:
        if isinstance(test, Const):
            return test
        value = self.known.value.get(test) if isinstance(test, Var) else None
        return value if isinstance(value, Const) else None

    def _assign(self, stmt: Assign, target: Var, call: Call) -> Block:
        cube = self.algebra.cube(call)
        if cube is not None:
            square = self._fresh()
            first = Assign(square, Call(MUL, (cube, cube), origin=call.origin), stmt.origin)
            return (first, replace(stmt, value=Call(MUL, (square, cube), origin=call.origin)))
        value: Expr = call
        for _ in range(4):
            simpler = self.algebra.simplify(value) if isinstance(value, Call) else None
            if simpler is None:
                break
            if (
                isinstance(simpler.value, Var)
                and not simpler.shares
                and not self.merges.allow(target, simpler.value)
            ):
                break
            value = simpler.value
        return (stmt if value is call else replace(stmt, value=value),)


def _in_turn(targets: tuple[Var | None, ...], items: tuple[Expr, ...]) -> bool:
    """Whether assigning one by one is the same as assigning all at once."""
    if len(targets) != len(items):
        return False
    made: set[Var] = set()
    for target, item in zip(targets, items, strict=True):
        if not made.isdisjoint(variables(item)):
            return False
        if target is not None:
            made.add(target)
    return True
