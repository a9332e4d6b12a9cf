"""An array that a function of NumPy's hands out in a tuple is copied where it is changed then.

``U, s, Vt = np.linalg.svd(a)`` and ``Vt[-1] *= -1``: the tuple holds what was computed, which
the derivative of the decomposition reads, and the program changes an array of its own.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.analysis.effects import mutated
from srcad.analysis.own_items import makes_new_tuple
from srcad.ir.nodes import Assign, Block, Call, Function, Stmt, Unpack, Var
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import COPY
from srcad.ir.walk import bound, mention_counts, statements
from srcad.passes.untangling.known import Known, reached, targets

__all__ = ["unpacked_apart"]


def unpacked_apart(fn: Function, known: Known) -> Function:
    """Do that where nothing else names the tuple."""
    made = {t for s in statements(fn) for t in bound(s) if makes_new_tuple(s, known.types)}
    if not made:
        return fn
    counts = mention_counts(fn.body)
    after = targets(known.links(fn))
    changed = {v for s in statements(fn) for v in mutated(s)}

    def is_changed(var: Var) -> bool:
        return known.is_array(var) and bool(reached(var, after) & changed)

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            match stmt:
                case Unpack(names, Var() as t) if t in made and counts[t] == 2:
                    own = {v: known.another(v) for v in names if v is not None and is_changed(v)}
                    held = (v if v is None else own.get(v, v) for v in names)
                    new.append(replace(stmt, targets=tuple(held)))
                    copies = ((v, Call(COPY, (o,), spell=".copy")) for v, o in own.items())
                    new.extend(Assign(v, copy, stmt.origin) for v, copy in copies)
                case _:
                    new.append(map_blocks(stmt, block))
        return tuple(new)

    return replace(fn, body=block(fn.body))
