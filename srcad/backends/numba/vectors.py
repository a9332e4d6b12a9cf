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
from dataclasses import replace

import numpy as np

from srcad.backends.numba.draft import Draft, call
from srcad.backends.numba.items import (
    AUGMENTS,
    OPS,
    Arrays,
    Item,
    Loop,
    Made,
    Sum,
    View,
    are_independent,
    arrays_of,
    is_cheap,
    is_harmless,
    vars_in,
    vars_of,
    views_of,
)
from srcad.backends.numba.loops import gather, may_clear, place_in, scalar_of
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
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import ADD, COPY, RANGE
from srcad.ir.walk import blocks, bound, statements, used
from srcad.types.lattice import FLOAT, Dim, Scalar, Sym

__all__ = ["loop_over_items"]


def loop_over_items(fn: Function, draft: Draft) -> Function:
    """Write the in-place updates of one-dimensional arrays of ``fn`` as loops.

    Accepts and returns normal IR; ``draft`` learns the types of new variables.
    """
    if not any(isinstance(s, Store | AugAssign) for s in statements(fn)):
        return fn
    return replace(fn, body=_Block(Arrays(fn, draft), draft).run(fn.body))


class _Block:
    """One block being rewritten: what is not computed yet, and the loop that is still open."""

    def __init__(self, whole: Arrays, draft: Draft) -> None:
        self.whole = whole
        self.draft = draft
        self.out: list[Stmt] = []
        self.waiting: dict[Var, tuple[View | Made, Assign]] = {}
        self.loop: Loop | None = None
        self.closed: tuple[Loop, For] | None = None

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
        elif is_harmless(stmt):
            self._settle(only=set(used(stmt)) | set(bound(stmt)))
        else:
            # It may write to an array under another name.
            self._settle()
        self.out.append(
            map_stmt(stmt, lambda e: e, lambda b: _Block(self.whole, self.draft).run(b))
        )

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
            if var in arrays_of(waiting) or var in vars_of(waiting):
                self._keep(other)
        if var in arrays_of(item) or (self.loop is not None and self._in_loop(var)):
            return False
        self.waiting[var] = (item, stmt)
        return True

    def _in_loop(self, var: Var) -> bool:
        """Whether the open loop has to do with what ``var`` was till now."""
        assert self.loop is not None
        return any(v == var for v, _ in self.loop.reads | self.loop.writes)

    def _vector(self, value: Call) -> View | Made | None:
        assert isinstance(value.fn, Ref)
        match value.fn.value, value.args:
            case f, (Var() as array, Slice() as index) if f is operator.getitem:
                return self._view(array, index)
            case f, (Var() as array,) if f is np.copy:
                inner = self._operand(array)
                return Made(value.fn, (inner,)) if isinstance(inner, View) else None
            case f, args if f in OPS:
                items = [self._operand(a) for a in args]
                found = tuple(i for i in items if i is not None)
                return Made(value.fn, found, value.spell) if len(found) == len(items) else None
            case _:
                return None

    def _view(self, array: Expr, index: Expr | None) -> View | None:
        if not isinstance(array, Var):
            return None
        if self.loop is not None and array in self.loop.numbers:
            self._close()
        if not self.whole.may_read(array):
            return None
        self._keep(array)
        match index:
            case None:
                return View(array, 0, 0)
            case Slice(Const(None | int() as start), Const(None | int() as stop), Const(None)):
                if (start or 0) < 0 or (stop is not None and stop >= 0):
                    return None
                return View(array, start or 0, -(stop or 0))
            case _:
                return None

    def _operand(self, expr: Expr) -> Item | None:
        if isinstance(expr, Const):
            return expr if isinstance(expr.value, int | float) else None
        if not isinstance(expr, Var):
            return None
        if expr in self.waiting:
            item, _ = self.waiting[expr]
            if isinstance(item, View) or self.whole.left[expr] == 1 or is_cheap(item):
                return item
            self._number(expr)
            return expr
        if isinstance(self.draft.types.get(expr), Scalar):
            return expr
        if self.loop is not None and expr in self.loop.numbers:
            return expr
        return self._view(expr, None)

    def _extent(self, item: Item) -> Dim:
        """The one extent of all vectors in ``item``; ``None`` if it is not sure."""
        match item:
            case View(array, first, short):
                match self.whole.dim(array):
                    case Sym(n, minus):
                        return Sym(n, minus + first + short)
                    case int(n):
                        return max(n - first - short, 0)
                    case _:
                        return None
            case Made(_, args):
                found = [self._extent(a) for a in args if not self._is_number(a)]
                return found[0] if found and len(set(found)) == 1 else None
            case Var():
                return self.whole.dim(item)
            case _:
                return None

    def _is_number(self, item: Item) -> bool:
        if isinstance(item, Const):
            return True
        return isinstance(item, Var) and isinstance(self.draft.types.get(item), Scalar)

    def _write(self, stmt: Stmt) -> bool:
        """Whether ``stmt`` updates an array, and is now a loop."""
        match stmt:
            case Store(obj, index, value):
                op = None
            case AugAssign(obj, index, Ref(_, f) as op, value) if f in AUGMENTS:
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
            is_made = isinstance(waiting, Made) and target.array in arrays_of(waiting)
            if not is_made or var in drawn or var not in self.waiting:
                continue
            self._number(var)
            if var == value:
                item = var
        item = self._still(item)
        if not self._at_home(item, target):
            if not isinstance(value, Var) or value not in self.waiting:
                return False
            waiting, made = self.waiting[value]
            if isinstance(waiting, View):
                if self.whole.left[value] > 1:
                    return False  # the view is read again, and shows what is written here
                self.waiting[value] = (Made(COPY, (waiting,)), made)
            self._number(value)
            self._close()
            item = View(value, 0, 0)
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

    def _still(self, item: Item) -> Item:
        """``item`` where the numbers of a closed loop have become arrays."""
        open_numbers = self.loop.numbers if self.loop is not None else {}
        if isinstance(item, Var) and not self._is_number(item) and item not in open_numbers:
            return View(item, 0, 0)
        return self._still_made(item) if isinstance(item, Made) else item

    def _still_made(self, item: Made) -> Made:
        return replace(item, args=tuple(map(self._still, item.args)))

    def _at_home(self, item: Item, target: View) -> bool:
        """Whether ``item`` reads the array that is written at the very place only."""
        return all(v.array != target.array or v.first == target.first for v in views_of(item))

    # --- loops

    def _add(self, target: View, op: Ref | None, item: Item, stmt: Stmt) -> None:
        adds = op == ADD and target.array not in arrays_of(item)
        if adds and self.loop is not None and self.loop.sums:
            found = self.loop.sums[0].target
            if found.array == target.array and not vars_of(item) & set(self.loop.numbers):
                self.loop.sums.append(Sum(target, self._still(item), stmt.origin))
                return
        reads = {(v.array, v.first - target.first) for v in views_of(item)}
        if op is not None:
            reads.add((target.array, 0))
        self._enter(target, reads, {(target.array, 0)}, item, stmt.origin)
        item = self._still(item)
        loop = self.loop
        assert loop is not None
        if adds and not loop.body:
            loop.sums = [Sum(target, item, stmt.origin)]
        value = scalar_of(item, loop, self.draft)
        at = place_in(loop, target.first, self.draft)
        if op is None:
            loop.body.append(Store(target.array, at, value, stmt.origin))
        else:
            loop.body.append(AugAssign(target.array, at, op, value, stmt.origin))

    def _enter(
        self,
        over: View,
        reads: set[tuple[Var, int]],
        writes: set[tuple[Var, int]],
        item: Item,
        origin: Origin | None,
    ) -> None:
        """Open a loop for accesses at these offsets from ``over``, or go on with the open one."""
        loop = self.loop
        if loop is not None:
            shift = over.first - loop.over.first
            reads = {(v, k + shift) for v, k in reads}
            writes = {(v, k + shift) for v, k in writes}
            many = len(loop.sums) > 1
            if not many and self._extent(over) == loop.dim and are_independent(loop, reads, writes):
                loop.sums = []
                loop.reads |= reads
                loop.writes |= writes
                return
            self._close()
            reads = {(v, k - shift) for v, k in reads}
            writes = {(v, k - shift) for v, k in writes}
        for var in vars_in(item):
            if not self._is_number(var):
                reads.add((var, -over.first))
        self.loop = Loop(over, self._extent(over), self.draft.fresh("k"), origin)
        self.loop.reads |= reads
        self.loop.writes |= writes

    def _number(self, var: Var) -> None:
        """Compute ``var``, which waits, in the loop: a number in each turn."""
        item, stmt = self.waiting.pop(var)
        assert isinstance(item, Made)
        item = self._still(item)
        views = views_of(item)
        over = views[0] if views else self._loop_view()
        reads = {(v.array, v.first - over.first) for v in views}
        self._enter(over, reads, set(), item, stmt.origin)
        loop = self.loop
        assert loop is not None
        value = scalar_of(self._still(item), loop, self.draft)
        number = self.draft.fresh(var.base, FLOAT)
        loop.body.append(Assign(number, value, stmt.origin))
        loop.numbers[var] = number
        for inner in set(used(stmt)):
            self._used(inner)

    def _loop_view(self) -> View:
        assert self.loop is not None
        return self.loop.over

    def _close(self) -> None:
        """Write the open loop; what is needed after it is kept in an array."""
        loop, self.loop = self.loop, None
        if loop is None:
            return
        for var, (item, stmt) in self.waiting.items():
            if isinstance(item, Made):
                self.waiting[var] = (self._still_made(item), stmt)
        if len(loop.sums) > 1:
            gather(loop, self._cleared(loop), self.draft, self.out)
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
            loop.body.append(Store(var, place_in(loop, 0, self.draft), number))
            self.whole.made(var)
        first = () if over.first == 0 else (Const(over.first),)
        run = Call(RANGE, (*first, stop))
        written = For(loop.index, run, tuple(loop.body), (), loop.origin)
        self.out.append(written)
        self.closed = loop, written

    def _cleared(self, loop: Loop) -> View | None:
        """What the loop just written sets to zero for ``loop`` to add to; it then does not."""
        if self.closed is None or not self.out or self.out[-1] is not self.closed[1]:
            return None
        before, written = self.closed
        array = loop.sums[0].target.array
        over = before.over
        view = View(array, over.first, over.short)
        touching = [s for s in written.body if array in used(s)]
        match touching[-1:]:
            case [Store(_, before.index, Const(int() | float() as zero))] if zero == 0:
                pass
            case _:
                return None
        if self.whole.dim(array) != self.whole.dim(over.array) or not may_clear(loop, view):
            return None
        rest = tuple(s for s in written.body if s is not touching[-1])
        self.out[-1:] = [replace(written, body=rest)] if rest else []
        return view

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
                if isinstance(item, Made) and self.loop is not None and vars_of(item):
                    self._keep(var)
            self._close()
        for var, (item, _) in list(self.waiting.items()):
            if only is None or var in only or vars_of(item) & only or arrays_of(item) & only:
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
