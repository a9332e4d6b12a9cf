"""Common subexpressions: what is computed twice from the same operands is computed once."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np

from srcad.analysis.effects import ARITHMETIC, is_pure, runtime_name
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.naming import is_users
from srcad.ir.nodes import Assign, Block, Call, Expr, Function, Ref, Stmt, Var
from srcad.ir.rebuild import map_expr, remade, substituted
from srcad.ir.refs import DIV, refers_to
from srcad.ir.walk import blocks, mention_counts, parts
from srcad.kinds import among
from srcad.optimise.available import Available, Merges
from srcad.optimise.originals import Readers
from srcad.types.iterators import consumes
from srcad.types.lattice import UNKNOWN, Array, Scalar, SliceOf, Static, Type

__all__ = ["common_subexpressions"]

_CHEAP: Final[frozenset[object]] = frozenset(
    {np.shape, np.ndim, np.size, np.transpose, np.swapaxes, len, isinstance, operator.getitem}
    | {operator.not_, operator.is_, operator.is_not, float, int, bool, range, operator.contains}
    | {np.asarray, np.reshape, np.ravel, np.broadcast_to, np.expand_dims, np.squeeze, getattr}
)
_FILLED: Final[frozenset[object]] = frozenset(
    {np.zeros, np.ones, np.full, np.eye, np.zeros_like, np.ones_like, np.full_like}
)
"""What fills an array: the user who makes two of them does not expect one."""

_ONE_SHOT: Final[frozenset[object]] = frozenset({zip, enumerate, reversed, list, dict, set})
_SCALAR_CALLS: Final[frozenset[object]] = frozenset(
    f for f in vars(math).values() if callable(f)
) | {max, min, abs, round, pow, sum}


def common_subexpressions(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> Function:
    """Turn ``b = f(x)`` into ``b = a`` where ``a = f(x)`` still holds.

    Accepts and returns normal IR. Only what costs something is shared: array operations, calls of
    mathematical functions and quotients, not a scalar product or ``x.T``, which read better where
    they stand. Results that are changed in place are shared with what is read before that only, and
    never two results of the function.
    """
    if memory is None:
        memory = memory_of(fn, types)
    body = _Search(fn, Available(memory, types), Merges(memory), types).run(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Search:
    def __init__(
        self, fn: Function, known: Available, merges: Merges, types: Mapping[Var, Type]
    ) -> None:
        self.fn = fn
        self.known = known
        self.merges = merges
        self.types = types

    def run(self, body: Block) -> Block:
        return self.known.walk(body, self.visit)

    def visit(self, stmt: Stmt) -> Block:
        if not isinstance(stmt, Assign) or not isinstance(stmt.value, Call):
            return (stmt,)
        target, call = stmt.target, stmt.value
        if self.known.same and isinstance(seen := substituted(call, self.known.same), Call):
            call = seen
        named_anew = isinstance(target, Var) and is_users(target) and refers_to(call.fn, _FILLED)
        if not isinstance(target, Var) or named_anew or not self._is_work(call):
            return (stmt if call is stmt.value else remade(stmt, value=call),)
        same = self._same(call)
        if same is None or same == target:
            return (stmt if call is stmt.value else remade(stmt, value=call),)
        if not (self.merges.allow(target, same) or self._is_read_before(target, same, stmt)):
            return (stmt if call is stmt.value else remade(stmt, value=call),)
        return (remade(stmt, value=same),)

    def _is_read_before(self, target: Var, same: Var, stmt: Stmt) -> bool:
        """Whether all that reads ``target`` does so while ``same`` is as it is at ``stmt``."""
        if is_users(target) or id(stmt) not in self._places:
            return False
        block, place = self._places[id(stmt)]
        return self._readers.last(target, same, block[place + 1 :]) is not None

    @cached_property
    def _readers(self) -> Readers:
        return Readers(self.types, self.known.memory, mention_counts(self.fn.body))

    @cached_property
    def _places(self) -> dict[int, tuple[Block, int]]:
        """By statement, the block that it stands in and where."""
        found: dict[int, tuple[Block, int]] = {}
        todo = [self.fn.body]
        while todo:
            block = todo.pop()
            for i, stmt in enumerate(block):
                found[id(stmt)] = block, i
                todo.extend(blocks(stmt))
        return found

    def _same(self, call: Call) -> Var | None:
        """The variable that holds the value of ``call``, seen through equal cheap operands."""
        holder = self.known.holder.get(call)
        if holder is None:
            holder = self.known.holder.get(map_expr(call, self._canonical))
        return holder

    def _canonical(self, expr: Expr) -> Expr:
        if isinstance(expr, Var):
            value = self.known.value.get(expr)
            if isinstance(value, Call):
                return self.known.holder.get(value, expr)
            return expr
        return map_expr(expr, self._canonical) if parts(expr) else expr

    def _is_work(self, call: Call) -> bool:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is None or not is_pure(call) or among(fn, _ONE_SHOT) or consumes(call, self.types):
            return False
        if among(fn, _CHEAP) and not (fn is operator.getitem and self._gathers(call)):
            return False
        operands = (*call.args, *(v for _, v in call.kwargs))
        if all(self._is_number(x) for x in operands):
            if fn is DIV.value and isinstance(operands[1], Var):
                return True  # an adjoint divides again by what its value was divided by
            return not among(fn, ARITHMETIC) and (
                isinstance(fn, np.ufunc) or among(fn, _SCALAR_CALLS) or runtime_name(fn) != ""
            )
        return True

    def _gathers(self, call: Call) -> bool:
        return len(call.args) == 2 and isinstance(self._type(call.args[1]), Array)

    def _is_number(self, expr: Expr) -> bool:
        return not isinstance(expr, Var) or isinstance(self._type(expr), (Scalar, Static, SliceOf))

    def _type(self, expr: Expr) -> Type:
        return self.types.get(expr, UNKNOWN) if isinstance(expr, Var) else UNKNOWN
