"""Records of one value under two names, where what the user computes twice is computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcad.ir.naming import is_record
from srcad.ir.nodes import Assign, Block, Call, Do, Function, List, Stmt, Var
from srcad.ir.rebuild import map_block, map_blocks, renamed
from srcad.ir.refs import APPEND, POP
from srcad.ir.walk import COMPOUND, blocks, bound, mention_counts, nested_blocks, statements
from srcad.optimise.recorded import popped
from srcad.types.lattice import Type

__all__ = ["one_record"]


def one_record(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Keep one of two lists to which the same value is appended each time.

    Accepts and returns normal IR. Each list is made once, appended to at one place and popped at
    one, into a variable that is bound nowhere else; so the two variables hold one object.
    """
    pairs = list(_appended_together(fn.body))
    if not pairs:
        return fn
    stmts = statements(fn)
    mentions = mention_counts(fn.body)
    made = Counter(v for s in stmts for v in bound(s))
    taken = {xs: v for s in stmts for v, xs in popped(s)}
    order = {v: at for at, v in enumerate(taken.values())}
    together = [{v for s in block for v, _ in popped(s)} for block in nested_blocks(fn.body)]
    names: dict[Var, Var] = {}
    gone: set[Var] = set()
    for first, second in pairs:
        lists = (first, second)
        if gone.intersection(lists) or any(mentions[xs] != 3 for xs in lists):
            continue
        if not taken.keys() >= set(lists):
            continue
        kept, other = sorted((taken[xs] for xs in lists), key=order.__getitem__)
        if made[kept] != 1 or made[other] != 1 or types.get(kept) != types.get(other):
            continue
        if not any({kept, other} <= found for found in together):
            continue
        names[other] = names.get(kept, kept)
        gone.add(first if taken[first] == other else second)
    if not gone:
        return fn

    def block(old: Block) -> Block:
        return map_block(tuple(s for s in old if not _is_about(s, gone)), inside)

    def inside(stmt: Stmt) -> Stmt:
        return map_blocks(stmt, block)

    return replace(fn, body=renamed(block(fn.body), names))


def _appended_together(block: Block) -> Iterator[tuple[Var, Var]]:
    """The lists of records to which one variable is appended in a row of such statements."""
    seen: dict[Var, Var] = {}
    for stmt in block:
        kind = type(stmt)
        if kind in COMPOUND:
            for inner in blocks(stmt):
                yield from _appended_together(inner)
        elif kind is Do:
            match stmt:
                case Do(Call(fn, (Var() as xs, Var() as v), ())) if fn == APPEND and is_record(xs):
                    if v in seen:
                        yield seen[v], xs
                    else:
                        seen[v] = xs
                    continue
                case _:
                    pass
        if seen:
            seen = {}


def _is_about(stmt: Stmt, lists: set[Var]) -> bool:
    """Whether ``stmt`` makes one of ``lists``, appends to it or pops from it."""
    match stmt:
        case Assign(Var() as xs, List(())):
            return xs in lists
        case Assign(_, Call(fn, (Var() as xs,), ())):
            return fn == POP and xs in lists
        case Do(Call(fn, (Var() as xs, _), ())):
            return fn == APPEND and xs in lists
        case _:
            return False
