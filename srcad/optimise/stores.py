"""Dead stores: writes into memory that nobody looks at afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcad.analysis.effects import calls_in, is_mutator, is_pure
from srcad.analysis.liveness import Liveness, liveness
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Do, Function, Stmt, Store, Var
from srcad.ir.rebuild import map_blocks, same_or_new
from srcad.ir.walk import assigned_call
from srcad.types.iterators import takes_items
from srcad.types.lattice import Type

__all__ = ["dead_stores"]


def dead_stores(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Drop assignments and in-place updates whose effect is not seen from where they stand.

    Accepts and returns normal IR. Unlike `dead_code` it minds the order: ``x_bar[i] = 0`` goes
    where no variable that may share memory with ``x_bar`` is read later.
    """
    memory = memory if memory is not None else memory_of(fn, types)
    while True:
        sweep = _Sweep(memory, liveness(fn), types)
        body = sweep.block(fn.body)
        fn = fn if body is fn.body else replace(fn, body=body)
        # A change counts as a reader of the changes before it.
        if sweep.dropped.isdisjoint(sweep.kept):
            return fn


class _Sweep:
    def __init__(self, memory: Memory, facts: Liveness, types: Mapping[Var, Type]) -> None:
        self.memory = memory
        self.types = types
        self.facts = facts
        self.bit = facts.bits
        self.holders: dict[int, int] = {}
        self.places: Iterator[int] = iter(range(len(facts.after)))
        # The objects that are changed by statements that go, and by those that stay.
        self.dropped: set[int] = set()
        self.kept: set[int] = set()

    def block(self, block: Block) -> Block:
        kept: list[Stmt] = []
        for stmt in block:
            alive = self.facts.after[next(self.places)]
            seen = self._seen(stmt, alive)
            if isinstance(stmt, (Store, AugAssign)):
                (self.kept if seen else self.dropped).update(self.memory.touched(stmt))
            if seen:
                kept.append(map_blocks(stmt, self.block))
        return same_or_new(block, kept)

    def _seen(self, stmt: Stmt, alive: int) -> bool:
        if takes_items(stmt, self.types):
            return True
        if (made := assigned_call(stmt)) is not None:
            target, call = made
            if self._is_alive(target, alive) or not (is_pure(call) or is_mutator(call)):
                return True
            return not is_pure(call) and self._changes_seen(stmt, alive)
        match stmt:
            case Assign(Var() as target, _):
                return self._is_alive(target, alive)
            case AugAssign(Var() as obj, None, _, _):
                return self._is_alive(obj, alive) or self._changes_seen(stmt, alive)
            case Store() | AugAssign():
                return self._changes_seen(stmt, alive)
            case Do(Call()):
                (call,) = calls_in(stmt)
                if is_pure(call):
                    return False
                return not is_mutator(call) or self._changes_seen(stmt, alive)
            case _:
                return True

    def _is_alive(self, var: Var, alive: int) -> bool:
        return bool(self.bit.get(var, 0) & alive)

    def _changes_seen(self, stmt: Stmt, alive: int) -> bool:
        touched = self.memory.touched(stmt)
        # Nothing known to be touched: the object is not one that the analysis follows.
        if not touched or not touched.isdisjoint(self.memory.outside):
            return True
        return any(self._mask(obj) & alive for obj in touched)

    def _mask(self, obj: int) -> int:
        if obj not in self.holders:
            mask = 0
            for var in self.memory.holders(obj):
                mask |= self.bit.get(var, 0)
            self.holders[obj] = mask
        return self.holders[obj]
