"""An array that is filled, and bound anew in a loop after that, is filled under a name of its own.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.effects import mutated
from srcad.analysis.owned import is_new
from srcad.ir.nodes import Assign, Block, Call, Var
from srcad.ir.rebuild import map_blocks, renamed
from srcad.ir.walk import statements
from srcad.passes.untangling.blocks import binds_inside
from srcad.passes.untangling.known import Known

__all__ = ["filled_apart"]


def filled_apart(block: Block, known: Known) -> Block:
    """Give new arrays that are changed only before a loop or branch a name for that time."""
    for at, stmt in enumerate(block):
        match stmt:
            case Assign(Var() as var, Call() as call) if is_new(call, known.types):
                rest = block[at + 1 :]
                n = next((i for i, s in enumerate(rest) if binds_inside((s,), var)), None)
                if n is None or not any(var in mutated(s) for s in statements(rest[:n])):
                    continue
                own = known.another_for(var, call)
                named = Assign(var, own, stmt.origin)
                filled = (replace(stmt, target=own), *renamed(rest[:n], {var: own}), named)
                return (*block[:at], *filled_apart((*filled, *rest[n:]), known))
            case _:
                pass
    return tuple(map_blocks(s, lambda b: filled_apart(b, known)) for s in block)
