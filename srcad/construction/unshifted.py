"""A backward half without what its maximum shifts, where the two halves together say it is zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcad.ir.nodes import Assign, Block, Call, Const, Function, Stmt, Var
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import MUL
from srcad.ir.walk import assigned_call, mention_counts, statements
from srcad.optimise.shifts import is_share
from srcad.transform.reverse import Sweeps

__all__ = ["has_shares", "unshifted"]


def has_shares(block: Block) -> bool:
    """Whether a share in the adjoint of a maximum is made in ``block``."""
    return any(_share(stmt) is not None for stmt in statements(block))


def unshifted(sweeps: Sweeps, improved: Callable[[], Function]) -> Sweeps:
    """``sweeps``, whose backward one adds zero for the shares, if that is what they come to.

    Parameters
    ----------
    sweeps : Sweeps
        The two sweeps of a function.
    improved : callable
        Gives the one function that does both, optimised. There it is seen what exponentials are
        divided by.
    """
    shares = {v for s in statements(sweeps.backward) if (v := _share(s)) is not None}
    mentions = mention_counts(sweeps.backward)
    if not shares or any(mentions[v] != 2 for v in shares) or has_shares(improved().body):
        return sweeps

    def block(old: Block) -> Block:
        return tuple([zero(stmt) for stmt in old if _share(stmt) is None])

    def zero(stmt: Stmt) -> Stmt:
        match stmt:
            case Assign(_, Call(fn, (a, b))) if fn == MUL and (a in shares or b in shares):
                return replace(stmt, value=Const(0.0))
            case _:
                return map_blocks(stmt, block)

    made = replace(sweeps, backward=block(sweeps.backward))
    rest = mention_counts(made.backward)
    return sweeps if any(rest[v] for v in shares) else made


def _share(stmt: Stmt) -> Var | None:
    made = assigned_call(stmt)
    return made[0] if made is not None and is_share(made[1]) else None
