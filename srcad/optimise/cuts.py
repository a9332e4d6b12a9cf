"""The parts of what was joined or stacked, by indices: ``z_bar[len(x):]``, ``z_bar[1]``.

`split_like` asks how many axes everything has; where the types tell, a slice says it all.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from srcad import runtime
from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.owned import is_new
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    Function,
    List,
    Ref,
    Slice,
    Star,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import map_blocks, renamed, same_or_new
from srcad.ir.refs import ADD, GETITEM, LEN, NONE
from srcad.ir.walk import assigned_call, bound, mention_counts, statements
from srcad.optimise.constants import evaluate
from srcad.types.lattice import INT, UNKNOWN, Array, Type
from srcad.types.operands import operand_type

__all__ = ["cut_by_slices"]

_WHOLE: Final = Slice(NONE, NONE, NONE)


def cut_by_slices(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """Take the parts into which `split_like` or `unstack` cuts an array by indices, as views.

    Accepts and returns normal IR. The parts have the dtype of the whole, and its axes, or all but
    the one along which it is cut; nobody changes the whole afterwards.
    """
    if not any(_cut(s) for s in statements(fn)):
        return fn, types
    run = _Run(fn, types, memory_of(fn, types) if memory is None else memory)
    body = run.block(fn.body)
    return (fn if body is fn.body else replace(fn, body=body)), run.types


@dataclass(frozen=True, slots=True)
class _Cut:
    """``parts`` are what the whole was joined of; ``None``: it was stacked."""

    whole: Var
    parts: tuple[Expr, ...] | None
    axis: Expr


def _cut(stmt: Stmt) -> _Cut | None:
    match stmt:
        case Unpack(targets, Call(Ref(_, fn), (Var() as whole, parts, axis), ())) if (
            fn is runtime.split_like and isinstance(parts, (List, Tuple))
        ):
            return _Cut(whole, parts.items, axis) if len(targets) == len(parts.items) else None
        case Unpack(_, Call(Ref(_, fn), (Var() as whole, axis), ())) if fn is runtime.unstack:
            return _Cut(whole, None, axis)
        case _:
            return None


class _Run:
    def __init__(self, fn: Function, types: Mapping[Var, Type], memory: Memory) -> None:
        self.types = dict(types)
        self.memory = memory
        self.names = Names(p.var.name for p in fn.params)
        self.names.reserve(v.name for v in (*mention_counts(fn.body), *types))
        everything = statements(fn)
        made = [call for s in everything if (call := assigned_call(s))]
        count = Counter(v for s in everything for v in bound(s))
        self.once = {v: call for v, call in made if count[v] == 1}
        self.bound = count
        self.touching = [s for s in everything if memory.touched(s)]

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for i, stmt in enumerate(block):
            cut = _cut(stmt)
            made = None
            if cut is not None and isinstance(stmt, Unpack) and self._stays(cut.whole, block[:i]):
                made = self._parts(stmt, cut)
            out.extend((map_blocks(stmt, self.block),) if made is None else made)
        return same_or_new(block, out)

    def _stays(self, whole: Var, before: Sequence[Stmt]) -> bool:
        """Whether the array stays as it is: what changes it did so before, and made it anew."""
        objects = self.memory.objects(whole)
        changes = [s for s in self.touching if not self.memory.touched(s).isdisjoint(objects)]
        if not objects or not changes:
            return bool(objects)
        first = next((i for i, s in enumerate(before) if whole in bound(s)), None)
        if first is None or sum(bound(s).count(whole) for s in before) != self.bound[whole]:
            return False
        made = assigned_call(before[first])
        after = before[first + 1 :]
        return made is not None and is_new(made[1], self.types) and all(s in after for s in changes)

    def _parts(self, stmt: Unpack, cut: _Cut) -> list[Stmt] | None:
        whole, axis = self.types.get(cut.whole, UNKNOWN), self._literal(cut.axis)
        if not (isinstance(whole, Array) and whole.ndim and axis is not None):
            return None
        k = axis % whole.ndim
        if cut.parts is None and k == 0 and None not in stmt.targets:
            return [replace(stmt, value=cut.whole)]
        counting: list[Stmt] = []
        places = self._places(stmt.targets, cut.parts, whole, k, counting)
        if places is None:
            return None
        taken = [
            Assign(target, Call(GETITEM, (cut.whole, Tuple((*[_WHOLE] * k, at)) if k else at)))
            for target, at in zip(stmt.targets, places, strict=False)
            if target is not None
        ]
        taken.sort(key=lambda made: made.target == cut.whole)  # until then the others read it
        return self._without_names([*counting, *(replace(s, origin=stmt.origin) for s in taken)])

    def _places(
        self,
        targets: tuple[Var | None, ...],
        parts: tuple[Expr, ...] | None,
        whole: Array,
        k: int,
        counting: list[Stmt],
    ) -> list[Expr] | None:
        """The index of each part along the axis ``k``, up to the last that is wanted.

        The statements ``counting`` make the numbers in them.
        """
        if parts is None:
            return [Const(i) for i in range(len(targets))]
        found: list[Expr] = []
        start: Expr = Const(0)
        last = max((i for i, target in enumerate(targets) if target is not None), default=-1)
        for i, part in enumerate(parts[: last + 1]):
            kind = self._kind(part, whole, wanted=targets[i] is not None)
            if kind is None or (kind == "row" and not isinstance(start, Const)):
                return None
            first, end = NONE if start == Const(0) else start, NONE
            if i < len(parts) - 1:
                size = Const(1) if kind == "row" else self._extent(part, k, counting)
                end = self._sum(start, size, counting)
            found.append(start if kind == "row" else Slice(first, end, NONE))
            start = end
        return found

    def _kind(self, part: Expr, whole: Array, *, wanted: bool) -> Literal["row", "slice"] | None:
        """Whether ``part`` is a slice of ``whole``, or one row of it; ``None``: nobody knows."""
        if isinstance(part, (List, Tuple)):
            plain = whole.ndim == 1 and not any(isinstance(i, Star) for i in part.items)
            return "slice" if plain and not wanted else None
        t = operand_type(part, self.types)
        if not isinstance(t, Array) or t.ndim == 0 or (wanted and t.dtype != whole.dtype):
            return None
        if t.ndim == whole.ndim:
            return "slice"
        return "row" if t.ndim == whole.ndim - 1 else None

    def _without_names(self, made: list[Stmt]) -> list[Stmt]:
        """``made``, where a number that is read once only has no name."""
        count = mention_counts(tuple(made))
        once = {
            v: self.names.fresh("t")
            for s in made
            for v in bound(s)
            if v.base == "n" and count[v] == 2 and self.types.get(v) == INT
        }
        self.types.update((new, INT) for new in once.values())
        return list(renamed(tuple(made), once))

    def _extent(self, part: Expr, k: int, out: list[Stmt]) -> Expr:
        """How long ``part`` is along the axis ``k``."""
        if isinstance(part, (List, Tuple)):
            return Const(len(part.items))
        t = operand_type(part, self.types)
        if isinstance(t, Array) and type(known := t.shape[k]) is int:
            return Const(known)
        if k == 0:
            return self._number(Call(LEN, (part,)), out)
        shape = self.names.fresh("t")
        out.append(Assign(shape, Call(Ref("np.shape", np.shape), (part,), spell="@shape")))
        return self._number(Call(GETITEM, (shape, Const(k))), out)

    def _sum(self, start: Expr, size: Expr, out: list[Stmt]) -> Expr:
        if start == Const(0):
            return size
        made = evaluate(ADD.value, (start, size))
        return self._number(Call(ADD, (start, size)), out) if made is None else made

    def _number(self, call: Call, out: list[Stmt]) -> Var:
        var = self.names.fresh("n")
        self.types[var] = INT
        out.append(Assign(var, call))
        return var

    def _literal(self, expr: Expr) -> int | None:
        """The value of ``expr``, if it is an int that the types tell."""
        match expr:
            case Const(int() as value):
                return value
            case Var() if (call := self.once.get(expr)) is not None:
                return self._known(call)
            case _:
                return None

    def _known(self, call: Call) -> int | None:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is np.ndim:
            t = operand_type(call.args[0], self.types)
            return t.ndim if isinstance(t, Array) else None
        match [self._literal(a) for a in call.args]:
            case [int() as a, int() as b] if fn is operator.sub:
                return a - b
            case [int() as a, int() as b] if fn is min:
                return min(a, b)
            case _:
                return None
