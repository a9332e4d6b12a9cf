"""Arrays into whose items something is added after they are made: ``x = e``, then ``x[i] += v``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from srcad.analysis.memory import Memory
from srcad.analysis.writes import accumulates_at
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Expr, Function, Stmt, Var
from srcad.ir.refs import ADD, ADDING, refers_to
from srcad.ir.walk import bound, inside, nested_blocks, statements, variables

__all__ = ["Added", "Filled", "filled_arrays"]


@dataclass(frozen=True, slots=True)
class Added:
    """``sign * value`` in the items at ``index``."""

    sign: int
    index: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Filled:
    """How an array is ``made``, and what is ``added`` to it afterwards."""

    made: Call
    added: tuple[Added, ...]


def filled_arrays(
    fn: Function, memory: Memory, asked: Mapping[Var, Stmt]
) -> dict[Var, dict[Var, Filled]]:
    """Where each of the ``asked`` variables is made: what the arrays before it are made of.

    Parameters
    ----------
    fn : Function
        Normal IR. An array counts if one block makes it and adds to it, and nothing else changes
        it, nor what it is made of.
    memory : Memory
        That of ``fn``.
    asked : Mapping
        The statement that makes each variable.
    """
    places = {id(s): v for v, s in asked.items()}
    made = Counter(v for s in statements(fn) for v in bound(s))
    found: dict[Var, dict[Var, Filled]] = {}
    for block in nested_blocks(fn.body):
        for at, stmt in enumerate(block):
            if (var := places.get(id(stmt))) is not None:
                found[var] = dict(_filled(block[:at], memory, made))
    return found


def _filled(before: Block, memory: Memory, made: Counter[Var]) -> Iterator[tuple[Var, Filled]]:
    def is_fixed(expr: Expr) -> bool:
        return all(
            made[v] <= 1 and memory.mutated.isdisjoint(memory.objects(v)) for v in variables(expr)
        )

    changed = dict.fromkeys(pair[0] for s in before if (pair := _addition(s)) is not None)
    for x in changed:
        at = next((i for i, s in enumerate(before) if x in bound(s)), None)
        first = None if at is None else before[at]
        if at is None or made[x] != 1 or not isinstance(first, Assign):
            continue
        mine = [s for s in before[at:] if not memory.touched(s).isdisjoint(memory.objects(x))]
        inner = (i for s in before[at:] for i in inside(s))
        if any(not memory.touched(i).isdisjoint(memory.objects(x)) for i in inner):
            continue
        pairs = [_addition(s) for s in mine]
        added = [pair[1] for pair in pairs if pair is not None and pair[0] == x]
        parts = (first.value, *(e for a in added for e in (a.index, a.value)))
        if len(added) == len(mine) and isinstance(first.value, Call) and all(map(is_fixed, parts)):
            yield x, Filled(first.value, tuple(added))


def _addition(stmt: Stmt) -> tuple[Var, Added] | None:
    match stmt:
        case AugAssign(Var() as x, index, op, value) if index is not None:
            return (
                (x, Added(1 if op == ADD else -1, index, value)) if refers_to(op, ADDING) else None
            )
        case _:
            found = accumulates_at(stmt)
            return None if found is None else (found[1], Added(1, *found[0].args[1:]))
