"""In-place updates of one-dimensional arrays as loops over numbers.

Numba makes a temporary array of every slice expression, and takes seconds to compile a few of
them; the loop that an expert would write runs ten times as fast and compiles at once. Here each
assignment ``v[a:b] = ...`` and ``v[a:b] += ...`` becomes such a loop, into which the expressions
that it uses are drawn. Neighbouring loops over the same indices become one where no turn reads
what another writes. Only what is certain is rewritten: `float64`, no broadcasting, no
memory shared.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from srcad.backends.numba.draft import Draft, call
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Note,
    Origin,
    Ref,
    Slice,
    Stmt,
    Store,
    Var,
)
from srcad.ir.walk import blocks, bound, map_stmt, statements, used
from srcad.types.lattice import FLOAT, Array, Dim, Scalar, Sym

__all__ = ["loop_over_items"]

_OPS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        operator.add,
        operator.sub,
        operator.mul,
        operator.truediv,
        operator.neg,
        *(np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.tanh),
        *(np.sinh, np.cosh, np.arctan, np.abs, np.log1p, np.expm1),
    }
)
_CHEAP: Final[frozenset[Callable[..., Any]]] = frozenset(
    {operator.add, operator.sub, operator.mul, operator.neg}
)
_FRESH: Final[frozenset[Callable[..., Any]]] = frozenset(
    {np.copy, np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like, *_OPS}
)
_HARMLESS: Final[frozenset[Callable[..., Any]]] = frozenset(
    {operator.getitem, len, max, min, abs, np.sum, np.dot, np.mean}
)
_COPY: Final = Ref("np.copy", np.copy)
_ADD: Final = Ref("operator.add", operator.add)
_AUGMENTS: Final = (operator.add, operator.sub, operator.mul)


@dataclass(frozen=True, slots=True)
class _View:
    """``array[first : len(array) - short]``."""

    array: Var
    first: int
    short: int


@dataclass(frozen=True, slots=True)
class _Made:
    """What an elementwise call gives, not computed yet; its operands are numbers, views, others."""

    fn: Ref
    args: tuple[_Item, ...]
    spell: str = ""


_Item = _View | _Made | Var | Const


@dataclass(frozen=True, slots=True)
class _Sum:
    """``target += item``, where ``item`` does not read the array of ``target``."""

    target: _View
    item: _Item
    origin: Origin | None


@dataclass(slots=True)
class _Loop:
    """A loop being written: ``for index in range(first, len(array) - short)``."""

    over: _View
    dim: Dim
    index: Var
    origin: Origin | None
    body: list[Stmt] = field(default_factory=list[Stmt])
    reads: set[tuple[Var, int]] = field(default_factory=set[tuple[Var, int]])
    writes: set[tuple[Var, int]] = field(default_factory=set[tuple[Var, int]])
    numbers: dict[Var, Var] = field(default_factory=dict[Var, Var])
    sums: list[_Sum] = field(default_factory=list[_Sum])


def loop_over_items(fn: Function, draft: Draft) -> Function:
    """Write the in-place updates of one-dimensional arrays of ``fn`` as loops.

    Accepts and returns normal IR; ``draft`` learns the types of new variables.
    """
    if not any(isinstance(s, Store | AugAssign) for s in statements(fn.body)):
        return fn
    return replace(fn, body=_Rewriting(fn, draft).block(fn.body))


class _Rewriting:
    def __init__(self, fn: Function, draft: Draft) -> None:
        self.draft = draft
        # How often each variable is still to be read.
        self.left = Counter(v for stmt in statements(fn.body) for v in used(stmt))
        self._fresh = _fresh_arrays(fn)
        self._steady = self._fresh | {p.var for p in fn.params}
        for stmt in statements(fn.body):
            self._steady -= {v for v in bound(stmt) if v not in self._fresh}

    def block(self, block: Block) -> Block:
        return _Block(self, draft=self.draft).run(block)

    def may_write(self, var: Expr) -> bool:
        """Whether ``var`` is an array that nothing else shares memory with."""
        return isinstance(var, Var) and var in self._fresh and self.dim(var) is not None

    def may_read(self, var: Var) -> bool:
        """Whether ``var`` is an array that is no view of one that is written."""
        return var in self._steady and self.dim(var) is not None

    def dim(self, var: Var) -> Dim:
        """The extent of a one-dimensional array of `float64`, if that is known."""
        match self.draft.types.get(var):
            case Array(dtype, (dim,)) if dtype == np.float64:
                return dim
            case _:
                return None


class _Block:
    """One block being rewritten: what is not computed yet, and the loop that is still open."""

    def __init__(self, whole: _Rewriting, draft: Draft) -> None:
        self.whole = whole
        self.draft = draft
        self.out: list[Stmt] = []
        self.waiting: dict[Var, tuple[_View | _Made, Assign]] = {}
        self.loop: _Loop | None = None

    def run(self, block: Block) -> Block:
        for stmt in block:
            if not (self._wait(stmt) or self._write(stmt)):
                self._plain(stmt)
        self._settle()
        return tuple(self.out)

    # --- statements

    def _plain(self, stmt: Stmt) -> None:
        if isinstance(stmt, Note) or blocks(stmt):
            self._settle()
        elif _is_harmless(stmt):
            self._settle(only=set(used(stmt)) | set(bound(stmt)))
        else:
            # It may write to an array under another name.
            self._settle()
        self.out.append(map_stmt(stmt, lambda e: e, self.whole.block))

    def _wait(self, stmt: Stmt) -> bool:
        """Whether ``stmt`` defines a vector that can be computed where it is used."""
        if not (isinstance(stmt, Assign) and isinstance(stmt.target, Var)):
            return False
        var, value = stmt.target, stmt.value
        if var in self.waiting:
            return False
        if not isinstance(value, Call) or not isinstance(value.fn, Ref) or value.kwargs:
            return False
        item = self._vector(value)
        if item is None or self._extent(item) is None:
            return False
        if self._extent(item) != self.whole.dim(var):
            return False
        for other, (waiting, _) in list(self.waiting.items()):
            if var in _arrays(waiting) or var in _vars_of(waiting):
                self._keep(other)
        if var in _arrays(item) or (self.loop is not None and self._in_loop(var)):
            return False
        self.waiting[var] = (item, stmt)
        return True

    def _in_loop(self, var: Var) -> bool:
        """Whether the open loop has to do with what ``var`` was till now."""
        assert self.loop is not None
        return any(v == var for v, _ in self.loop.reads | self.loop.writes)

    def _vector(self, value: Call) -> _View | _Made | None:
        assert isinstance(value.fn, Ref)
        match value.fn.value, value.args:
            case operator.getitem, (Var() as array, Slice() as index):
                return self._view(array, index)
            case np.copy, (Var() as array,):
                inner = self._operand(array)
                return _Made(value.fn, (inner,)) if isinstance(inner, _View) else None
            case f, args if f in _OPS:
                items = [self._operand(a) for a in args]
                found = tuple(i for i in items if i is not None)
                return _Made(value.fn, found, value.spell) if len(found) == len(items) else None
            case _:
                return None

    def _view(self, array: Expr, index: Expr | None) -> _View | None:
        if not isinstance(array, Var) or not self.whole.may_read(array):
            return None
        self._keep(array)
        match index:
            case None:
                return _View(array, 0, 0)
            case Slice(Const(None | int() as start), Const(None | int() as stop), Const(None)):
                if (start or 0) < 0 or (stop is not None and stop >= 0):
                    return None
                return _View(array, start or 0, -(stop or 0))
            case _:
                return None

    def _operand(self, expr: Expr) -> _Item | None:
        if isinstance(expr, Const):
            return expr if isinstance(expr.value, int | float) else None
        if not isinstance(expr, Var):
            return None
        if expr in self.waiting:
            item, _ = self.waiting[expr]
            if isinstance(item, _View) or self.whole.left[expr] == 1 or _is_cheap(item):
                return item
            self._number(expr)
            return expr
        if isinstance(self.draft.types.get(expr), Scalar):
            return expr
        if self.loop is not None and expr in self.loop.numbers:
            return expr
        return self._view(expr, None)

    def _extent(self, item: _Item) -> Dim:
        """The one extent of all vectors in ``item``; ``None`` if it is not sure."""
        match item:
            case _View(array, first, short):
                match self.whole.dim(array):
                    case Sym(n, minus):
                        return Sym(n, minus + first + short)
                    case int(n):
                        return max(n - first - short, 0)
                    case _:
                        return None
            case _Made(_, args):
                found = [self._extent(a) for a in args if not self._is_number(a)]
                return found[0] if found and len(set(found)) == 1 else None
            case Var():
                return self.whole.dim(item)
            case _:
                return None

    def _is_number(self, item: _Item) -> bool:
        if isinstance(item, Const):
            return True
        return isinstance(item, Var) and isinstance(self.draft.types.get(item), Scalar)

    def _write(self, stmt: Stmt) -> bool:
        """Whether ``stmt`` updates an array, and is now a loop."""
        match stmt:
            case Store(obj, index, value):
                op = None
            case AugAssign(obj, index, Ref(_, f) as op, value) if f in _AUGMENTS:
                pass
            case _:
                return False
        if not self.whole.may_write(obj) or not isinstance(value, Var | Const):
            return False
        target = self._view(obj, index)
        if target is None or (index is None and op is None):
            return False
        extent = self._extent(target)
        known = isinstance(value, Const) or value in self.waiting or self._operand(value)
        item = self._operand(value) if known else None
        if item is None or extent is None:
            return False
        if not self._is_number(item) and self._extent(item) != extent:
            return False
        # What waits was made of the values before this update.
        drawn = self._drawn(value)
        for var, (waiting, _) in list(self.waiting.items()):
            is_made = isinstance(waiting, _Made) and target.array in _arrays(waiting)
            if not is_made or var in drawn or var not in self.waiting:
                continue
            self._number(var)
            if var == value:
                item = var
        if not self._at_home(item, target):
            if not isinstance(value, Var) or value not in self.waiting:
                return False
            waiting, made = self.waiting[value]
            if isinstance(waiting, _View):
                self.waiting[value] = (_Made(_COPY, (waiting,)), made)
            self._number(value)
            self._close()
            item = _View(value, 0, 0)
        item = self._still(item)
        self._add(target, op, item, stmt)
        if isinstance(value, Var):
            self._used(value)
        return True

    def _drawn(self, value: Expr) -> set[Var]:
        """What waits for ``value`` only, itself too."""
        found: set[Var] = set()
        todo = [value]
        while todo:
            var = todo.pop()
            if isinstance(var, Var) and var in self.waiting and self.whole.left[var] == 1:
                found.add(var)
                todo += used(self.waiting[var][1])
        return found

    def _still(self, item: _Item) -> _Item:
        """``item`` where the numbers of a closed loop have become arrays."""
        open_numbers = self.loop.numbers if self.loop is not None else {}
        if isinstance(item, Var) and not self._is_number(item) and item not in open_numbers:
            return _View(item, 0, 0)
        if isinstance(item, _Made):
            return replace(item, args=tuple(map(self._still, item.args)))
        return item

    def _at_home(self, item: _Item, target: _View) -> bool:
        """Whether ``item`` reads the array that is written at the very place only."""
        return all(v.array != target.array or v.first == target.first for v in _views(item))

    # --- loops

    def _add(self, target: _View, op: Ref | None, item: _Item, stmt: Stmt) -> None:
        adds = op == _ADD and target.array not in _arrays(item)
        if adds and self.loop is not None and self.loop.sums:
            found = self.loop.sums[0].target
            if found.array == target.array and not _vars_of(item) & set(self.loop.numbers):
                self.loop.sums.append(_Sum(target, self._still(item), stmt.origin))
                return
        reads = {(v.array, v.first - target.first) for v in _views(item)}
        if op is not None:
            reads.add((target.array, 0))
        self._enter(target, reads, {(target.array, 0)}, item, stmt.origin)
        item = self._still(item)
        loop = self.loop
        assert loop is not None
        if adds and not loop.body:
            loop.sums = [_Sum(target, item, stmt.origin)]
        value = self._scalar(item, loop)
        at = self._at(loop, target.first)
        if op is None:
            loop.body.append(Store(target.array, at, value, stmt.origin))
        else:
            loop.body.append(AugAssign(target.array, at, op, value, stmt.origin))

    def _enter(
        self,
        over: _View,
        reads: set[tuple[Var, int]],
        writes: set[tuple[Var, int]],
        item: _Item,
        origin: Origin | None,
    ) -> None:
        """Open a loop for accesses at these offsets from ``over``, or go on with the open one."""
        loop = self.loop
        if loop is not None:
            shift = over.first - loop.over.first
            reads = {(v, k + shift) for v, k in reads}
            writes = {(v, k + shift) for v, k in writes}
            many = len(loop.sums) > 1
            if not many and self._extent(over) == loop.dim and _independent(loop, reads, writes):
                loop.sums = []
                loop.reads |= reads
                loop.writes |= writes
                return
            self._close()
            reads = {(v, k - shift) for v, k in reads}
            writes = {(v, k - shift) for v, k in writes}
        for var in _vars(item):
            if not self._is_number(var):
                reads.add((var, -over.first))
        self.loop = _Loop(over, self._extent(over), self.draft.fresh("k"), origin)
        self.loop.reads |= reads
        self.loop.writes |= writes

    def _number(self, var: Var) -> None:
        """Compute ``var``, which waits, in the loop: a number in each turn."""
        item, stmt = self.waiting.pop(var)
        assert isinstance(item, _Made)
        item = self._still(item)
        views = _views(item)
        over = views[0] if views else self._loop_view()
        reads = {(v.array, v.first - over.first) for v in views}
        self._enter(over, reads, set(), item, stmt.origin)
        loop = self.loop
        assert loop is not None
        value = self._scalar(self._still(item), loop)
        number = self.draft.fresh(var.base, FLOAT)
        loop.body.append(Assign(number, value, stmt.origin))
        loop.numbers[var] = number
        for inner in set(used(stmt)):
            self._used(inner)

    def _loop_view(self) -> _View:
        assert self.loop is not None
        return self.loop.over

    def _close(self) -> None:
        """Write the open loop; what is needed after it is kept in an array."""
        loop, self.loop = self.loop, None
        if loop is None:
            return
        if len(loop.sums) > 1:
            self._gather(loop)
            return
        over = loop.over
        length = self.draft.temp(call(len, "len", over.array), self.out)
        stop = self.draft.sum(length, Const(-over.short), self.out)
        for var, number in loop.numbers.items():
            if self.whole.left[var] <= 0:
                continue
            size = self.draft.sum(stop, Const(-over.first), self.out)
            least = self.draft.temp(call(max, "max", size, Const(0)), self.out)
            self.out.append(Assign(var, call(np.empty, "np.empty", least)))
            loop.body.append(Store(var, self._at(loop, 0), number))
            self.whole._fresh.add(var)
            self.whole._steady.add(var)
        first = () if over.first == 0 else (Const(over.first),)
        run = Call(Ref("range", range), (*first, stop))
        self.out.append(For(loop.index, run, tuple(loop.body), (), loop.origin))

    def _gather(self, loop: _Loop) -> None:
        """Add several terms to one array in one loop, where they overlap, and one by one beside it.

        Terms at different offsets would each read and write the array anew, or, in one loop, make
        each turn wait for the last one's result.
        """
        sums = loop.sums
        array = sums[0].target.array
        first = max(s.target.first for s in sums)
        short = max(s.target.short for s in sums)
        n = self.draft.temp(call(len, "len", array), self.out)
        last = self.draft.sum(n, Const(-short), self.out)
        last = self.draft.temp(call(max, "max", last, Const(first)), self.out)
        for s in sums:
            if s.target.first < first:
                end = self.draft.sum(n, Const(-s.target.short), self.out)
                end = self.draft.temp(call(min, "min", end, Const(first)), self.out)
                self._sum_up(array, [s], Const(s.target.first), end)
        self._sum_up(array, sums, Const(first), last)
        for s in sums:
            if s.target.short < short:
                self._sum_up(array, [s], last, self.draft.sum(n, Const(-s.target.short), self.out))

    def _sum_up(self, array: Var, sums: list[_Sum], start: Expr, stop: Expr) -> None:
        loop = _Loop(_View(array, 0, 0), None, self.draft.fresh("k"), sums[0].origin)
        total: Expr | None = None
        for s in sums:
            # The turn is the place in the array itself: views are read relative to the target's.
            loop.over = _View(array, s.target.first, 0)
            value = self._scalar(s.item, loop)
            total = (
                value
                if total is None
                else self.draft.temp(Call(_ADD, (total, value)), loop.body, FLOAT)
            )
        assert total is not None
        loop.body.append(AugAssign(array, loop.index, _ADD, total, sums[0].origin))
        run = Call(Ref("range", range), (stop,) if start == Const(0) else (start, stop))
        self.out.append(For(loop.index, run, tuple(loop.body), (), sums[0].origin))

    def _at(self, loop: _Loop, first: int) -> Expr:
        """The index that belongs to this turn in a view that begins at ``first``."""
        return self.draft.sum(loop.index, Const(first - loop.over.first), loop.body)

    def _scalar(self, item: _Item, loop: _Loop) -> Expr:
        match item:
            case _View(array, first, _):
                index = self._at(loop, first)
                value = call(operator.getitem, "operator.getitem", array, index)
                return self.draft.temp(value, loop.body, FLOAT)
            case _Made(Ref(_, np.copy), (inner,)):
                return self._scalar(inner, loop)
            case _Made(fn, args, spell):
                values = tuple(self._scalar(a, loop) for a in args)
                return self.draft.temp(Call(fn, values, spell=spell), loop.body, FLOAT)
            case Var():
                return loop.numbers.get(item, item)
            case _:
                return item

    def _used(self, var: Var) -> None:
        """One mention of ``var`` less is left; of what waits for nobody nothing is computed."""
        self.whole.left[var] -= 1
        if self.whole.left[var] <= 0 and var in self.waiting:
            _, stmt = self.waiting.pop(var)
            for inner in used(stmt):
                self._used(inner)

    def _settle(self, only: set[Var] | None = None) -> None:
        """Compute what still waits, all of it or what has to do with ``only``."""
        if only is None or self.loop is not None:
            for var, (item, _) in list(self.waiting.items()):
                if isinstance(item, _Made) and self.loop is not None and _vars_of(item):
                    self._keep(var)
            self._close()
        for var, (item, _) in list(self.waiting.items()):
            if only is None or var in only or _vars_of(item) & only or _arrays(item) & only:
                self._keep(var)

    def _keep(self, var: Var) -> None:
        """Emit the definition of ``var`` as it was, after those that it needs."""
        if var not in self.waiting:
            return
        _, stmt = self.waiting.pop(var)
        for inner in used(stmt):
            self._keep(inner)
        if self.loop is not None:
            self._close()
        self.out.append(stmt)


def _fresh_arrays(fn: Function) -> set[Var]:
    """The variables whose every definition makes a new array that has no other name."""
    params = {p.var for p in fn.params}
    found: set[Var] = set()
    other: set[Var] = set(params)
    for stmt in statements(fn.body):
        match stmt:
            case Assign(Var() as var, Call(Ref(_, f))) if f in _FRESH:
                found.add(var)
            case Assign(_, Var() as source):
                other |= {source, *bound(stmt)}
            case _:
                other.update(bound(stmt))
    return found - other


def _independent(loop: _Loop, reads: set[tuple[Var, int]], writes: set[tuple[Var, int]]) -> bool:
    """Whether no turn of ``loop`` touches what another turn writes."""
    written = {*loop.writes, *writes}
    everything = written | loop.reads | reads
    return all(v != w or k == m for v, k in written for w, m in everything)


def _views(item: _Item) -> list[_View]:
    if isinstance(item, _View):
        return [item]
    return [v for a in item.args for v in _views(a)] if isinstance(item, _Made) else []


def _vars(item: _Item) -> list[Var]:
    if isinstance(item, Var):
        return [item]
    return [v for a in item.args for v in _vars(a)] if isinstance(item, _Made) else []


def _vars_of(item: _Item) -> set[Var]:
    return set(_vars(item))


def _arrays(item: _Item) -> set[Var]:
    return {v.array for v in _views(item)}


def _is_cheap(item: _Item) -> bool:
    """Whether computing ``item`` again costs no more than keeping it."""
    match item:
        case _Made(fn, args):
            simple = all(isinstance(a, Var | Const) for a in args)
            return fn.value in _CHEAP and simple
        case _:
            return True


def _is_harmless(stmt: Stmt) -> bool:
    """Whether ``stmt`` surely writes to no array."""
    if not isinstance(stmt, Assign):
        return False
    match stmt.value:
        case Call(Ref(_, f), _, ()):
            return f in _FRESH or f in _HARMLESS
        case Call():
            return False
        case _:
            return True
