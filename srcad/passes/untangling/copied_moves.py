"""An array whose only name is given up for another is copied: ``a, b = b, a.copy()``.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.exchanges import exchanged_names
from srcad.analysis.liveness import liveness
from srcad.analysis.sharing import Link, viewed
from srcad.ir.nodes import Assign, Call, For, Function, Stmt, Unpack, Var
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import COPY
from srcad.ir.walk import bound, statements, variables
from srcad.passes.untangling.known import Known, reached

__all__ = ["copied_moves"]


def copied_moves(fn: Function, known: Known) -> tuple[Function, frozenset[Var]]:
    """Copy arrays that only change their name; returns the parameters among them as well."""
    moves, alive = _moves(fn, known)
    found = known.links(fn)
    beside = _neighbours(found, moves)
    outside = _from_outside(fn, known)
    while bad := {s for s, v in moves.items() if reached(v, beside) & (alive[s] | outside)}:
        moves = {s: v for s, v in moves.items() if s not in bad}
        beside = _neighbours(found, moves)

    def stmt(old: Stmt) -> Stmt:
        if id(old) in moves and isinstance(old, Assign):
            return replace(old, value=Call(COPY, (old.value,), spell=".copy"))
        return map_blocks(old, lambda b: tuple(map(stmt, b)))

    if moves:
        fn = replace(fn, body=tuple(map(stmt, fn.body)))
    given_up = {v for moved in moves.values() for v in reached(moved, beside)}
    return fn, frozenset(given_up & {p.var for p in fn.params})


def _from_outside(fn: Function, known: Known) -> set[Var]:
    """The variables that may be an array which others than the function's names hold."""
    found: set[Var] = set()
    for stmt in statements(fn):
        match stmt:
            case Assign(_, Var()):
                continue
            case Assign(_, Call() as call) if known.is_new(call) or viewed(call, known.types):
                continue
            case Unpack() if exchanged_names(stmt):
                continue
            case _:
                found.update(bound(stmt))
    return found


def _moves(fn: Function, known: Known) -> tuple[dict[int, Var], dict[int, frozenset[Var]]]:
    """The copies of names, with what is alive or run over after each."""
    facts = liveness(fn)
    run_over = {v for s in statements(fn) if isinstance(s, For) for v in variables(s.iter)}
    moves: dict[int, Var] = {}
    alive: dict[int, frozenset[Var]] = {}
    for stmt, after in zip(statements(fn), facts.after, strict=True):
        match stmt:
            case Assign(Var(), Var() as source) if known.is_array(source):
                moves[id(stmt)] = source
                alive[id(stmt)] = facts.members(after) | run_over
            case _:
                pass
    return moves, alive


def _neighbours(found: list[Link], without: Mapping[int, Var]) -> dict[Var, set[Var]]:
    """By variable, those that it shares memory with by a statement that is not ``without``."""
    beside: dict[Var, set[Var]] = {}
    for link in found:
        if id(link.stmt) not in without:
            beside.setdefault(link.origin, set()).add(link.target)
            beside.setdefault(link.target, set()).add(link.origin)
    return beside
