"""Updates as values: ``x += e`` as ``x_1 = x + e``, so that the passes can see through the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.naming import is_derivative
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Function, Stmt, Var
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_blocks, renamed, same_or_new
from srcad.ir.refs import ADDING, refers_to
from srcad.ir.walk import bound, mention_counts, mentioned, nested_blocks, statements
from srcad.optimise.inplace import owned_arrays
from srcad.types.lattice import Type

__all__ = ["updates_as_values"]


def updates_as_values(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> tuple[Function, Mapping[Var, Type]]:
    """Give each sum into an array a name of its own.

    Accepts and returns normal IR. In a loop or a branch that is done with the derivatives of which
    nothing outside knows. `in_place` makes updates of what is still a sum afterwards.
    """
    asked = _asked(fn)
    if not asked:
        return fn, types
    memory = memory_of(fn, types) if memory is None else memory
    chosen = owned_arrays(fn, types, memory, asked, lambda x: _later(x, asked[x], fn))
    if not chosen:
        return fn, types
    values = _Values(fn, types, chosen)
    return replace(fn, body=values.block(fn.body)), values.types


def _asked(fn: Function) -> dict[Var, Block]:
    """What is made once, and updated in the block that makes it: that block."""
    found: dict[Var, Block] = {}
    made: Counter[Var] | None = None
    mentions: Counter[Var] | None = None
    for block in nested_blocks(fn.body):
        here = {x for s in block if (x := _updated(s, outermost=block is fn.body)) is not None}
        if not here:
            continue
        made = made or Counter(v for s in statements(fn) for v in bound(s))
        here &= {v for s in block if isinstance(s, Assign) for v in bound(s) if made[v] == 1}
        if here and block is not fn.body:
            mentions = mentions or mention_counts(fn.body)
            here &= _private(block, mentions)
        found.update(dict.fromkeys(here, block))
    return found


def _later(x: Var, block: Block, fn: Function) -> set[Var]:
    """What only stands after the last update of ``x`` in ``block``, so that it sees no change.

    Nothing where ``x`` is the user's, whose updates stay if they can.
    """
    if not is_derivative(x):
        return set()
    last = max(i for i, s in enumerate(block) if _updated(s, outermost=True) == x)
    mentions, after = mention_counts(fn.body), mention_counts(block[last + 1 :])
    return {v for v, n in after.items() if n == mentions[v]}


def _private(block: Block, mentions: Counter[Var]) -> set[Var]:
    """What is mentioned in ``block`` only, and made there first, so that no turn sees another's."""
    inside = mention_counts(block)
    found: set[Var] = set()
    seen: set[Var] = set()
    for stmt in block:
        found.update(v for v in bound(stmt) if v not in seen and inside[v] == mentions[v])
        seen.update(mentioned(stmt))
    return found


class _Values:
    def __init__(self, fn: Function, types: Mapping[Var, Type], chosen: frozenset[Var]) -> None:
        self.types = dict(types)
        self._chosen = chosen
        self._names = Names(p.var.name for p in fn.params)
        self._names.reserve(v.name for v in occurrences(fn.body))

    def block(self, block: Block) -> Block:
        own: set[Var] = set()
        now: dict[Var, Var] = {}
        out: list[Stmt] = []
        for old in block:
            (stmt,) = renamed((old,), now) if now else (old,)
            match old, stmt:
                case AugAssign(Var() as x, None), AugAssign() if x in own:
                    new = self._names.fresh(x)
                    out.append(Assign(new, Call(stmt.op, (stmt.obj, stmt.value)), stmt.origin))
                    now[x], self.types[new] = new, self.types[x]
                case _:
                    own.update(self._chosen.intersection(bound(stmt)))
                    out.append(map_blocks(stmt, self.block))
        return same_or_new(block, out)


def _updated(stmt: Stmt, *, outermost: bool) -> Var | None:
    """The array that ``stmt`` changes as a whole."""
    match stmt:
        case AugAssign(Var() as x, None, op):
            return x if outermost or (is_derivative(x) and refers_to(op, ADDING)) else None
        case _:
            return None
