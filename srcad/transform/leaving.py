"""Branches by which a loop is left before it has done anything that has a reverse."""

from __future__ import annotations

from srcad.ir.nodes import Assign, Block, Break, Const, For, If, Var, While
from srcad.ir.places import occurrences
from srcad.ir.walk import bound, may_break, mention_counts, statements, used, variables
from srcad.transform.prepared import Preparation
from srcad.types.lattice import Scalar

__all__ = ["leaving_branch"]


def leaving_branch(prep: Preparation, loop: For | While, users: For | While) -> If | None:
    """The branch that ends the body of ``loop``, if the turn that leaves there has no reverse.

    What comes before it serves its test alone, and what it does before it leaves is to set flags
    that are read behind the loop only. So the loop is reversed without it.

    Parameters
    ----------
    prep
        The function.
    loop
        The loop, prepared.
    users
        The same loop as it stands in the function.
    """
    if not loop.body or not isinstance(loop.body[-1], If):
        return None
    *before, last = loop.body
    assert isinstance(last, If)
    if not last.then or not isinstance(last.then[-1], Break):
        return None
    if not last.orelse or may_break(last.orelse):
        return None
    if _serves(prep, tuple(before), last) and _flags(prep, last.then[:-1], loop, users):
        return last
    return None


def _serves(prep: Preparation, before: Block, last: If) -> bool:
    """Whether ``before`` computes numbers for the test of ``last``, and nothing else."""
    here = mention_counts(before)
    for v in variables(last.test):
        here[v] += 1
    return all(
        isinstance(s, Assign)
        and isinstance(s.target, Var)
        and s.target not in prep.active
        and isinstance(prep.types.get(s.target), Scalar)
        and prep.mentions.get(s.target) == here[s.target]
        for s in before
    )


def _flags(prep: Preparation, then: Block, loop: For | While, users: For | While) -> bool:
    """Whether ``then`` gives literals to variables that are read behind the loop only."""
    flags = {v for s in then for v in bound(s)}
    if not all(isinstance(s, Assign) and isinstance(s.value, Const) for s in then):
        return False
    if not flags.isdisjoint(prep.active) or not flags.isdisjoint(occurrences(_others(loop))):
        return False
    read: set[Var] = set()
    for top in prep.fn.body:
        if top is users:
            return flags.isdisjoint(read)
        read.update(v for s in statements((top,)) for v in used(s))
    return False


def _others(loop: For | While) -> Block:
    """The statements of the loop other than those of the branch that leaves it."""
    *before, last = loop.body
    assert isinstance(last, If)
    return (*(loop.header if isinstance(loop, While) else ()), *before, *last.orelse)
