"""What the forward half hands over: each value once, as it was made, and under one name in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from srcad.analysis.effects import is_pure
from srcad.analysis.memory import memory_of
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, Function, Return, Tuple, Unpack, Var
from srcad.ir.rebuild import map_block, map_stmt, substituted
from srcad.ir.walk import bound, statements, variables
from srcad.transform.assemble import packed
from srcad.types.lattice import Scalar, Type

__all__ = ["HandedOver", "handed_over", "known_of", "names_in"]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The two halves, and the variables of the backward one that the forward one ``saved``."""

    forward: Function
    backward: Function
    saved: tuple[Var, ...]


def handed_over(
    forward: Function, backward: Function, free: Sequence[Var], types: Mapping[Var, Type]
) -> HandedOver:
    """The halves with nothing handed over twice, nor what is a constant.

    Parameters
    ----------
    forward : Function
        Normal IR, improved; it returns the value and the ``free`` variables, packed.
    backward : Function
        Normal IR, improved, that reads the ``free`` variables.
    free : sequence of Var
        What the backward half reads, in any order.
    types : Mapping
        The types of the backward half's variables.
    """
    last = forward.body[-1]
    assert isinstance(last, Return)
    assert isinstance(last.value, Tuple)
    *parts, kept = last.value.items
    items = (kept,) if len(free) == 1 or not isinstance(kept, Tuple) else kept.items
    given = dict(zip(free, items, strict=True))
    order = {v: i for i, v in enumerate(_in_order_of_binding(forward))}
    ordered = sorted(free, key=lambda v: order.get(given[v], len(order)))
    values = _known(backward, {v: given[v] for v in ordered}, types)
    saved = tuple(v for v in ordered if v not in values)
    value = Tuple((*parts, packed([given[v] for v in saved]) if saved else Tuple(())))
    return HandedOver(
        replace(forward, body=(*forward.body[:-1], replace(last, value=value))),
        replace(backward, body=_substituted(backward.body, values)) if values else backward,
        saved,
    )


def names_in(forward: Function, backward: Function) -> dict[Var, Var]:
    """What the printed ``forward`` half calls the variables that ``backward`` unpacks first."""
    match forward.body[-1], backward.body[0]:
        case Return(Tuple((*_, Tuple(items)))), Unpack(saved) if len(items) == len(saved):
            found = zip(saved, items, strict=True)
        case Return(Tuple((*_, item))), Assign(v, Var()):
            found = ((v, item),)
        case _:
            return {}
    return {v: item for v, item in found if isinstance(v, Var) and isinstance(item, Var)}


def _in_order_of_binding(fn: Function) -> Iterable[Expr]:
    found = dict.fromkeys(p.var for p in fn.params)
    for stmt in statements(fn):
        found.update((v, None) for v in bound(stmt) if v not in found)
    return found


def _known(
    backward: Function, given: Mapping[Var, Expr], types: Mapping[Var, Type]
) -> dict[Var, Expr]:
    """What may stand for a variable: the constant that it is, or another that is the same."""
    own = {v for stmt in statements(backward) for v in bound(stmt)}
    firsts: dict[Expr, Var] = {}
    twins = [
        (v, firsts[item])
        for v, item in given.items()
        if isinstance(item, Var) and v not in own and firsts.setdefault(item, v) != v
    ]
    values: dict[Var, Expr] = {
        v: item for v, item in given.items() if isinstance(item, Const) and v not in own
    }
    memory = None
    for v, first in twins:
        if not isinstance(types.get(v), Scalar):
            # Each of two arrays is changed for itself; one that is handed over twice is one.
            memory = memory or memory_of(backward, types)
            if memory.mutated & (memory.objects(v) | memory.objects(first)):
                continue
        values[v] = first
    return values


def _substituted(block: Block, values: Mapping[Var, Expr]) -> Block:
    def inner(block: Block) -> Block:
        return map_block(
            block, lambda stmt: map_stmt(stmt, lambda e: substituted(e, values), inner)
        )

    return inner(block)


def known_of(forward: Function, types: Mapping[Var, Type], free: Sequence[Var]) -> dict[Var, Call]:
    """The calls that give ``free`` variables of the backward half, made of others of them.

    Parameters
    ----------
    forward : Function
        The forward half, which returns the ``free`` variables, packed.
    types : Mapping
        The types of its variables.
    free : sequence of Var
        What the backward half reads.
    """
    last = forward.body[-1]
    assert isinstance(last, Return)
    assert isinstance(last.value, Tuple)
    kept = last.value.items[-1]
    if len(free) < 2 or not isinstance(kept, Tuple):
        return {}
    again = {v: w for v, w in zip(kept.items, free, strict=True) if isinstance(v, Var)}
    made = Counter(v for s in statements(forward) for v in bound(s))
    found: dict[Var, Call] = {}
    memory = None
    for stmt in forward.body:
        match stmt:
            case Assign(Var() as v, Call() as call) if v in again and is_pure(call):
                pass
            case _:
                continue
        operands = variables(call)
        if not operands or not all(u in again and made[u] <= 1 for u in (v, *operands)):
            continue
        memory = memory or memory_of(forward, types)
        if all(memory.mutated.isdisjoint(memory.objects(u)) for u in (v, *operands)):
            value = substituted(call, again)
            assert isinstance(value, Call)
            found[again[v]] = value
    return found
