"""Blocks inside blocks: whether they bind a variable, and another in the place of one."""

from __future__ import annotations

from srcad.ir.nodes import Assign, Block, Var
from srcad.ir.rebuild import map_blocks, map_stmt
from srcad.ir.walk import bound, statements

__all__ = ["binds_inside", "with_block", "without_self_copies"]


def binds_inside(block: Block, var: Var) -> bool:
    """Whether a block inside a statement of ``block`` binds ``var``."""
    top = {id(s) for s in block}
    return any(var in bound(s) for s in statements(block) if id(s) not in top)


def with_block(body: Block, old: Block, new: Block) -> Block:
    """``body`` with ``new`` in the place of the block ``old``."""
    if body is old:
        return new
    return tuple(map_blocks(s, lambda b: with_block(b, old, new)) for s in body)


def without_self_copies(block: Block) -> Block:
    """``block`` without the assignments of a variable to itself."""
    return tuple(
        map_stmt(s, lambda e: e, without_self_copies)
        for s in block
        if not (isinstance(s, Assign) and s.target == s.value)
    )
