"""What the backward sweep takes from its records, in terms of what else it takes from them.

If a turn of the forward loop says ``total = np.sum(e)`` and both are recorded, the same holds of
what the backward loop pops, although neither is made there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from srcad.analysis.effects import is_pure
from srcad.analysis.memory import Memory
from srcad.ir.naming import is_record
from srcad.ir.nodes import Assign, Block, Call, Do, Expr, Function, Stmt, Var
from srcad.ir.rebuild import substituted
from srcad.ir.refs import APPEND, POP
from srcad.ir.walk import COMPOUND, assigned_call, bound, nested_blocks, statements, variables

__all__ = ["popped", "recorded_values"]


def recorded_values(fn: Function, memory: Memory) -> dict[Var, list[tuple[Var, Call]]]:
    """By variable that is popped: the calls that give it and others, as soon as it is there.

    Parameters
    ----------
    fn : Function
        Normal IR. Only lists of records count to which one place appends and from which one pops.
    memory : Memory
        That of ``fn``.
    """
    found: dict[Var, list[tuple[Var, Call]]] = {}
    taken = Counter(xs for s in statements(fn) for _, xs in popped(s))
    if len(taken) < 2:
        return found
    records = _Records(fn, memory, taken)
    for block in nested_blocks(fn.body):
        turns: dict[int, _Turn] = {}
        for stmt in block:
            for w, xs in popped(stmt):
                if xs not in records.lists:
                    continue
                of, _, v = records.lists[xs]
                turn = turns.get(id(of)) or _Turn(of, {})
                turns[id(of)] = _Turn(of, {**turn.again, v: w})
                before = {u for u, _ in records.holds(turn)}
                new = [fact for fact in records.holds(turns[id(of)]) if fact[0] not in before]
                if new:
                    found[w] = new
    return found


def popped(stmt: Stmt) -> tuple[tuple[Var, Var], ...]:
    """The variable and the list of ``v = records.pop()``, if ``stmt`` is one such."""
    made = assigned_call(stmt)
    if made is None or made[1].fn != POP:
        return ()
    (xs,) = made[1].args[:1] or (None,)
    return ((made[0], xs),) if isinstance(xs, Var) and is_record(xs) else ()


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn of the forward sweep in a block of the backward one: what is popped, by its name."""

    of: Block
    again: Mapping[Var, Var]


class _Records:
    """Where records are made, and what the forward sweep says of what is recorded."""

    def __init__(self, fn: Function, memory: Memory, taken: Counter[Var]) -> None:
        stmts = statements(fn)
        self._memory = memory
        self._bound = Counter(v for s in stmts for v in bound(s))
        self._lasting = {p.var for p in fn.params} | {
            v for s in fn.body if type(s) not in COMPOUND for v in bound(s)
        }
        made: dict[Var, list[tuple[Block, int, Var]]] = {}
        for block in nested_blocks(fn.body):
            for at, stmt in enumerate(block):
                for xs, v in _appended(stmt):
                    made.setdefault(xs, []).append((block, at, v))
        self.lists = {xs: where[0] for xs, where in made.items() if len(where) == taken[xs] == 1}

    def holds(self, turn: _Turn) -> Iterator[tuple[Var, Call]]:
        """What is true of the variables popped."""
        places = {v: i for i, stmt in enumerate(turn.of) for v in bound(stmt)}
        appended = {v: at for block, at, v in self.lists.values() if block is turn.of}
        for v, w in turn.again.items():
            at = places.get(v)
            stmt = None if at is None else turn.of[at]
            if at is None or not isinstance(stmt, Assign) or not isinstance(stmt.value, Call):
                continue
            operands = variables(stmt.value)
            if not self._is_fixed((v, w, *operands)) or not is_pure(stmt.value):
                continue
            # What is read before it is made, or recorded before, is that of the turn before.
            early = all(places.get(u, -1) < min(at, appended.get(u, at)) for u in operands)
            if not early or at > appended[v]:
                continue
            names = {u: self._again(u, turn, places) for u in operands}
            if all(names.values()):
                call = substituted(stmt.value, {u: n for u, n in names.items() if n is not None})
                assert isinstance(call, Call)
                yield w, call

    def _again(self, u: Var, turn: _Turn, places: Mapping[Var, int]) -> Expr | None:
        if u in turn.again:
            return turn.again[u]
        return u if u in self._lasting and u not in places else None

    def _is_fixed(self, found: Sequence[Var]) -> bool:
        """Whether each is bound once only, and never changed."""
        return all(
            self._bound[v] <= 1 and self._memory.mutated.isdisjoint(self._memory.objects(v))
            for v in found
        )


def _appended(stmt: Stmt) -> Iterator[tuple[Var, Var]]:
    match stmt:
        case Do(Call(fn, (Var() as xs, Var() as v), ())) if fn == APPEND and is_record(xs):
            yield xs, v
        case _:
            return
