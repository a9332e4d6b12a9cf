"""Names that can only ever be one array become one name.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from dataclasses import replace

from srcad.ir.nodes import Assign, Function, Stmt, Var
from srcad.ir.places import definitions
from srcad.ir.rebuild import renamed
from srcad.ir.walk import bound, statements
from srcad.passes.untangling.blocks import without_self_copies
from srcad.passes.untangling.known import Known

__all__ = ["with_one_name"]


def with_one_name(fn: Function, known: Known) -> Function:
    """Give one name to variables that only ever hold one array."""
    parent: dict[Var, Var] = {}

    def find(v: Var) -> Var:
        while (up := parent.get(v, v)) != v:
            v = up
        return v

    made: dict[Var, list[Stmt | None]] = {p.var: [None] for p in fn.params}
    for stmt in statements(fn):
        match stmt:
            case Assign(Var() as target, Var() as source) if known.is_array(target):
                a, b = find(target), find(source)
                if a != b:
                    parent[a] = b
            case _:
                for v in bound(stmt):
                    made.setdefault(v, []).append(stmt)
    groups: dict[Var, set[Var]] = {}
    for v in list(parent):
        groups.setdefault(find(v), {find(v)}).add(v)
    defs = definitions(fn.body)
    top = {id(s) for s in fn.body}
    names: dict[Var, Var] = {}
    for group in groups.values():
        origins = [(v, s) for v in group for s in made.get(v, ())]
        if len(origins) != 1 or all(len(defs.get(v, ())) < 2 for v in group):
            continue
        root, stmt = origins[0]
        if stmt is None or id(stmt) in top:
            names.update({v: root for v in group if v != root})
    if not names:
        return fn
    return replace(fn, body=without_self_copies(renamed(fn.body, names)))
