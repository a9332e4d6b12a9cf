"""An array that is bound anew while a view of the old one is in use gets its name after that.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.sharing import Link
from srcad.ir.nodes import Assign, Block, Function, Return, Stmt, Unpack, Var
from srcad.ir.places import occurrences, places
from srcad.ir.rebuild import renamed
from srcad.ir.walk import bound, may_break, mention_counts, statements
from srcad.passes.untangling.blocks import with_block
from srcad.passes.untangling.known import Known

__all__ = ["bound_later"]


def bound_later(fn: Function, known: Known) -> Function:
    """Do that for the arrays behind views."""
    for link in known.links(fn):
        if link.kind in ("view", "maybe", "copy") and known.is_array(link.origin):
            where = places(fn.body).get(id(link.stmt))
            if where is None:  # it has been rewritten since
                continue
            moved = _later(fn, known, where.block, where.index, link)
            if moved is not None:
                fn = replace(fn, body=with_block(fn.body, where.block, moved))

    return fn


def _later(fn: Function, known: Known, block: Block, at: int, link: Link) -> Block | None:
    view, parent = link.target, link.origin
    rest = block[at + 1 :]
    uses = [i for i, s in enumerate(rest) if view in occurrences((s,))]
    inside = mention_counts(rest)[view] + 1
    if not uses or mention_counts(fn.body)[view] != inside:
        return None
    binds = [
        i for i, s in enumerate(rest) if parent in {v for t in statements((s,)) for v in bound(t)}
    ]
    last = uses[-1]
    if not binds or binds[0] >= last or not isinstance(rest[binds[0]], Assign | Unpack):
        return None
    moved = rest[binds[0] : last + 1]
    if may_break(moved) or any(isinstance(s, Return) for s in moved[:-1]):
        return None
    new = known.another(parent)
    head = _target_renamed(moved[0], parent, new)
    tail = renamed(moved[1:], {parent: new})
    end: Block = ()
    if not isinstance(tail[-1], Return):
        end = (Assign(parent, new, moved[0].origin),)
    return (*block[: at + 1], *rest[: binds[0]], head, *tail, *end, *rest[last + 1 :])


def _target_renamed(stmt: Stmt, var: Var, new: Var) -> Stmt:
    match stmt:
        case Assign():
            return replace(stmt, target=new)
        case Unpack(targets, _):
            return replace(stmt, targets=tuple(new if t == var else t for t in targets))
        case _:
            raise AssertionError("only these bind a variable and have no block")
