"""What may share memory is copied if done with before anything changes: ``np.diag(a).copy()``.

And so is what changes, where it may be a view of what has no name: ``np.real(a * b).copy()``.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.effects import mutated
from srcad.analysis.sharing import Link
from srcad.ir.nodes import Assign, Block, Call, Function, Stmt, Var
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import COPY
from srcad.ir.walk import blocks, mention_counts, statements
from srcad.passes.untangling.known import Known, reached

__all__ = ["copied_reads"]


def copied_reads(fn: Function, known: Known) -> Function:
    """Do that where nothing is changed in place between the call and the last use.

    Likewise where the call has the last use of a new array, of which it may return a view.
    """
    after: dict[Var, set[Var]] = {}
    held: dict[int, Link] = {}
    origins: dict[int, set[Var]] = {}
    changed = {v for s in statements(fn) for v in mutated(s)}
    for link in known.links(fn):
        after.setdefault(link.origin, set()).add(link.target)
        origins.setdefault(id(link.stmt), set()).add(link.origin)
        unsure = link.kind in ("held", "maybe")
        if unsure and known.is_array(link.target) and known.is_array(link.origin):
            held[id(link.stmt)] = link
    everywhere = mention_counts(fn.body)

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for at, stmt in enumerate(old):
            link = held.get(id(stmt))
            family = set[Var]() if link is None else reached(link.target, after)
            if isinstance(stmt, Assign) and (
                (family and done_with(family, old[at:]))
                or (changed & family and given_up(origins[id(stmt)], old[:at]))
            ):
                assert isinstance(stmt.target, Var)
                shared = known.another(stmt.target)
                new.append(replace(stmt, target=shared))
                copy = Call(COPY, (shared,), spell=".copy")
                new.append(Assign(stmt.target, copy, stmt.origin))
            else:
                new.append(map_blocks(stmt, block))
        return tuple(new)

    def done_with(family: set[Var], rest: Block) -> bool:
        last = max(i for i, s in enumerate(rest) if family & occurrences((s,)))
        here = mention_counts(rest[: last + 1])
        if any(everywhere[v] != here[v] for v in family) or blocks(rest[last]):
            return False
        if any(mutated(s) for s in statements(rest[1:last])):
            return False
        return family.isdisjoint(mutated(rest[last]))

    def given_up(shared: set[Var], before: Block) -> bool:
        made = {s.target for s in before if isinstance(s, Assign) and known.is_new(s.value)}
        return shared <= made and all(everywhere[v] == 2 for v in shared)

    return replace(fn, body=block(fn.body))
