"""``np.add.at``, which Numba does not know, as `srcad.runtime.add_at`, of which it is told."""

from __future__ import annotations

from dataclasses import replace

from srcad.ir.nodes import Block, Call, Do, Function, Stmt
from srcad.ir.rebuild import map_block, map_blocks
from srcad.ir.refs import ADD_AT
from srcad.transform.helpers import ADD_AT_ANY

__all__ = ["name_repeated"]


def name_repeated(fn: Function) -> Function:
    """Accepts and returns normal IR."""

    def stmt(old: Stmt) -> Stmt:
        match old:
            case Do(Call(called, _, ())) if called == ADD_AT:
                return replace(old, call=replace(old.call, fn=ADD_AT_ANY))
            case _:
                return map_blocks(old, block)

    def block(old: Block) -> Block:
        return map_block(old, stmt)

    return replace(fn, body=block(fn.body))
