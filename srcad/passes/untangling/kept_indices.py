"""A view is made by a name that the index has for it alone: ``k = i; y = x[k:]; i += 1``.

So the index is not bound anew while the view by it is in use.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.lifetimes import outline_of, stays_with
from srcad.analysis.sharing import viewed
from srcad.analysis.storage import index_variables
from srcad.ir.nodes import Assign, Block, Call, Function, Stmt, Var
from srcad.ir.rebuild import map_blocks, renamed
from srcad.passes.untangling.known import Known, reached, targets

__all__ = ["with_kept_indices"]


def with_kept_indices(fn: Function, known: Known) -> Function:
    """Give such indices names that only the view has."""
    outline = outline_of(fn)
    after = targets(known.links(fn))

    def block(old: Block) -> Block:
        return tuple([s for stmt in old for s in kept(stmt)])

    def kept(stmt: Stmt) -> Block:
        match stmt:
            case Assign(Var() as view, Call() as call) if viewed(call, known.types):
                family = frozenset(reached(view, after))
                lost = [
                    v
                    for v in sorted(index_variables(call), key=lambda v: v.name)
                    if not stays_with(outline, v, family, stmt)
                ]
                names = {v: known.another(v) for v in lost}
                keeping = [Assign(new, old, stmt.origin) for old, new in names.items()]
                return (*keeping, *renamed((stmt,), names)) if names else (stmt,)
            case _:
                return (map_blocks(stmt, block),)

    return replace(fn, body=block(fn.body))
