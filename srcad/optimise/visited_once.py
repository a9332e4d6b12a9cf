"""Cells that a loop visits once each, and clears needlessly: ``x_bar[i] = 0``.

Unlike `srcad.optimise.stores`, which asks whether the whole array is read later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcad.analysis.liveness import Liveness, liveness
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Ref,
    Slice,
    Stmt,
    Store,
    Tuple,
    Var,
    While,
)
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.refs import GETITEM
from srcad.ir.walk import blocks, bound, inside, mentioned, statements, used, variables
from srcad.types.lattice import Scalar, Type

__all__ = ["cells_visited_once"]


def cells_visited_once(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> Function:
    """Drop ``b[i, j] = 0`` where loops count ``i`` and ``j`` and nobody reads that cell again.

    Accepts and returns normal IR. In each turn the loops come to another cell, which is read before
    it is cleared; nothing else in them reads ``b`` or what shares its memory, and nothing does
    after them.
    """
    loops = [s for s in statements(fn) if isinstance(s, For)]
    if not any(map(_clears, (s for loop in loops for s in inside(loop)))):
        return fn
    run = _Run(memory if memory is not None else memory_of(fn, types), liveness(fn), types)
    numbers = {id(s): n for n, s in enumerate(statements(fn))}
    for loop in loops:
        run.look(loop, run.facts.after[numbers[id(loop)]])
    body = _without(fn.body, run.needless)
    return fn if body is fn.body else replace(fn, body=body)


def _clears(stmt: Stmt) -> bool:
    return isinstance(stmt, Store) and isinstance(stmt.value, Const) and isinstance(stmt.obj, Var)


def _without(block: Block, needless: set[int]) -> Block:
    kept = [s for s in block if id(s) not in needless]
    return same_or_new(block, [map_blocks(s, lambda b: _without(b, needless)) for s in kept])


class _Run:
    def __init__(self, memory: Memory, facts: Liveness, types: Mapping[Var, Type]) -> None:
        self.memory = memory
        self.facts = facts
        self.types = types
        self.needless: set[int] = set()

    def look(self, loop: For, alive: int) -> None:
        """Find what the turns of ``loop`` clear needlessly, where what follows reads ``alive``."""
        bindings = Counter(v for s in (loop, *inside(loop)) for v in bound(s))
        for block, counters in _counted(loop, ()):
            for at, stmt in enumerate(block):
                if not (isinstance(stmt, Store) and _clears(stmt) and isinstance(stmt.obj, Var)):
                    continue
                cell = _items(stmt.index)
                once = all(c in cell and bindings[c] == 1 for c in counters)
                if once and self._are_places(cell) and self._is_last(loop, block, at, alive):
                    self.needless.add(id(stmt))

    def _are_places(self, cell: tuple[Expr, ...]) -> bool:
        return all(
            isinstance(self.types.get(item), Scalar)
            if isinstance(item, Var)
            else isinstance(item, (Const, Slice))
            for item in cell
        )

    def _is_last(self, loop: For, block: Block, at: int, alive: int) -> bool:
        """Whether nobody reads what ``block[at]`` clears: the array is read before, by cells."""
        store = block[at]
        assert isinstance(store, Store)
        objects = self.memory.objects(store.obj) if isinstance(store.obj, Var) else frozenset[int]()
        if not objects or not objects.isdisjoint(self.memory.outside):
            return False
        names = {v for obj in objects for v in self.memory.holders(obj)}
        if any(self.facts.bits.get(v, 0) & alive for v in names):
            return False
        before = block[:at]
        own = {id(s) for s in (*before, store)}
        if any(id(s) not in own and not names.isdisjoint(_own(s)) for s in (loop, *inside(loop))):
            return False
        there: set[Var] = set()  # the views of the cell that this turn has made
        index = set(variables(store.index))
        for stmt in before:
            if not names.isdisjoint(mentioned(stmt)) and not (
                self._only_there(stmt, store, names, there)
            ):
                return False
            if not index.isdisjoint(bound(stmt)):
                return False
            there.update(names.intersection(bound(stmt)))
        return True

    def _only_there(self, stmt: Stmt, store: Store, names: set[Var], there: set[Var]) -> bool:
        """Whether ``stmt`` comes to the array of ``store`` in its cell only."""
        array = store.obj
        if array in bound(stmt) or inside(stmt):
            return False
        reads = [v for v in used(stmt) if v in names and v not in there]
        match stmt:
            case Assign(Var(), Call(fn, (obj, index), ())) if fn == GETITEM:
                at_cell = obj == array and index == store.index
            case AugAssign(obj, index) | Store(obj, index):
                at_cell = obj == array and index == store.index
            case _:
                at_cell = False
        return not reads or (at_cell and len(reads) == 1)


def _own(stmt: Stmt) -> set[Var]:
    """What ``stmt`` itself mentions, not in its blocks."""
    return {*bound(stmt), *used(stmt)}


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, Tuple) else (index,)


def _counted(loop: For, outer: tuple[Var, ...]) -> Iterator[tuple[Block, tuple[Var, ...]]]:
    """The blocks in ``loop``, each with the counters of the loops around it."""
    if not (isinstance(loop.target, Var) and _counts_places(loop.iter)):
        return
    counters = (*outer, loop.target)
    todo = [loop.body]
    while todo:
        block = todo.pop()
        yield block, counters
        for stmt in block:
            if isinstance(stmt, For):
                yield from _counted(stmt, counters)
            elif not isinstance(stmt, While):
                todo += blocks(stmt)


def _counts_places(iterable: Expr) -> bool:
    """Whether a loop over ``iterable`` yields ints, none twice and none negative."""
    match iterable:
        case Call(Ref(_, fn), (Call() as counted,), ()) if fn is reversed:
            return _counts_places(counted)
        case Call(Ref(_, fn), (_,), ()) if fn is range:
            return True
        case Call(Ref(_, fn), (start, _), ()) if fn is range:
            return _is_int(start, 0)
        case Call(Ref(_, fn), (start, end, step), ()) if fn is range:
            ascending = _is_int(start, 0) and _is_int(step, 1)
            return ascending or (_is_int(end, -1) and not _is_int(step, 0) and _is_int(step, None))
        case _:
            return False


def _is_int(expr: Expr, least: int | None) -> bool:
    """Whether ``expr`` is written out, and not less than ``least``."""
    value = expr.value if isinstance(expr, Const) else None
    return isinstance(value, int) and (least is None or value >= least)
