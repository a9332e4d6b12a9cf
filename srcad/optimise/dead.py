"""Dead code: statements on which no result and no effect depends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcad.analysis.effects import is_mutator, is_pure
from srcad.analysis.liveness import Liveness, liveness
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.nodes import (
    Assign,
    Block,
    Break,
    Call,
    Do,
    For,
    Function,
    If,
    Note,
    Raise,
    Return,
    Stmt,
    Unpack,
    Var,
    While,
)
from srcad.ir.rebuild import changed, same_or_new
from srcad.ir.refs import POP
from srcad.ir.walk import COMPOUND, blocks, bound, call_of, used
from srcad.types.iterators import takes_items
from srcad.types.lattice import Type

__all__ = ["dead_code"]


def dead_code(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Drop what neither the result, nor an exception, nor an effect of ``fn`` depends on.

    Accepts and returns normal IR. What is needed is marked, starting at the ``Return``: a variable
    needs its definitions and all that mutates it; so a counter that only counts itself goes, and a
    stack whose items nobody reads goes with its pushes and pops, and then the loop around them. An
    item that is popped and overwritten before anybody reads it counts as not read.
    """
    marks = _Marks(fn, memory if memory is not None else memory_of(fn, types), types)
    marks.run()
    body = _sweep(fn.body, marks, iter(range(len(marks.stmts))))
    return fn if body is fn.body else replace(fn, body=body)


class _Marks:
    """Which statements, by their place in textual order, and which variables are needed."""

    def __init__(self, fn: Function, memory: Memory, types: Mapping[Var, Type]) -> None:
        self.memory = memory
        self.types = types
        self.stmts: list[Stmt] = []
        self.parent: list[int] = []
        self.defs: defaultdict[Var, list[int]] = defaultdict(list)
        self.changers: defaultdict[int, list[int]] = defaultdict(list)
        self.breaks: dict[int, list[int]] = {}
        self.needed: list[bool] = []
        self.vars: set[Var] = set()
        self.objects: set[int] = set()
        self._todo: list[int] = []
        self._roots: list[int] = []
        self._collect(fn.body, -1, -1)
        several = (places for places in self.defs.values() if len(places) > 1)
        popped = sorted(i for places in several for i in places if _pops(self.stmts[i]))
        if popped:
            self._forget_overwritten(popped, liveness(fn))

    def _collect(self, block: Block, parent: int, loop: int) -> None:
        for stmt in block:
            i = len(self.stmts)
            self.stmts.append(stmt)
            self.parent.append(parent)
            for var in bound(stmt):
                self.defs[var].append(i)
            touched = self.memory.touched(stmt)
            for obj in touched:
                self.changers[obj].append(i)
            lasting = bool(touched) and not touched.isdisjoint(self.memory.outside)
            if lasting or _is_root(stmt) or takes_items(stmt, self.types):
                self._roots.append(i)
            kind = type(stmt)
            if kind in COMPOUND:
                for inner in blocks(stmt):
                    self._collect(inner, i, loop if kind is If else i)
            elif kind is Break:
                self.breaks.setdefault(loop, []).append(i)

    def _forget_overwritten(self, popped: list[int], facts: Liveness) -> None:
        """Of the places where an item is ``popped``, forget those whose item nobody reads.

        One definition of the variable stays.
        """
        for i in popped:
            (var,) = bound(self.stmts[i])
            if len(self.defs[var]) > 1 and not facts.after[i] & facts.bits[var]:
                self.defs[var].remove(i)

    def run(self) -> None:
        self.needed = [False] * len(self.stmts)
        for i in self._roots:
            self._mark(i)
        while self._todo:
            i = self._todo.pop()
            stmt = self.stmts[i]
            for var in used(stmt):
                self._need(var)
            for j in self.breaks.get(i, ()):
                self._mark(j)
            if self.parent[i] >= 0:
                self._mark(self.parent[i])

    def _mark(self, i: int) -> None:
        if not self.needed[i]:
            self.needed[i] = True
            self._todo.append(i)

    def _need(self, var: Var) -> None:
        if var in self.vars:
            return
        self.vars.add(var)
        for i in self.defs.get(var, ()):
            self._mark(i)
        for obj in self.memory.objects(var):
            if obj not in self.objects:
                self.objects.add(obj)
                for i in self.changers.get(obj, ()):
                    self._mark(i)


def _is_root(stmt: Stmt) -> bool:
    if (call := call_of(stmt)) is None:
        return isinstance(stmt, (Return, Raise))
    # Mutating a local list is no effect by itself: whoever reads the list needs it.
    return not is_pure(call) and not is_mutator(call)


def _pops(stmt: Stmt) -> bool:
    match stmt:
        case Assign(Var(), Call(fn, _, _)):
            return fn == POP
        case _:
            return False


def _sweep(block: Block, marks: _Marks, places: Iterator[int]) -> Block:
    kept: list[Stmt] = []
    for stmt in block:
        i = next(places)
        inner = tuple([_sweep(b, marks, places) for b in blocks(stmt)])
        if marks.needed[i]:
            kept.append(_trim(stmt, inner, marks.vars))
        elif isinstance(stmt, Note):
            kept.append(stmt)
    return same_or_new(block, kept)


def _trim(stmt: Stmt, inner: tuple[Block, ...], needed: set[Var]) -> Stmt:
    """``stmt`` around what is left inside it, without the results that nobody reads."""
    if isinstance(stmt, Assign):
        if stmt.target in needed or not isinstance(stmt.value, Call):
            return stmt
        return stmt if is_pure(stmt.value) else Do(stmt.value, stmt.origin)
    match stmt:
        case If():
            return changed(stmt, then=inner[0], orelse=inner[1])
        case For():
            return changed(stmt, body=inner[0], orelse=inner[1])
        case While():
            return changed(stmt, header=inner[0], body=inner[1], orelse=inner[2])
        case Unpack(targets, value, origin):
            left = tuple([t if t in needed else None for t in targets])
            if isinstance(value, Call) and not any(left):
                return Do(value, origin)
            return stmt if left == targets else replace(stmt, targets=left)
        case _:
            return stmt
