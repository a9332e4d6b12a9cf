"""Loops over the rows of an array that the loop changes, as loops over an index.

``for row in a: row += 1`` changes ``a``: each ``row`` is a view of it. With ``row = a[i]`` the
program says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.effects import mutated
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Block, Call, For, Function, Stmt, Var
from srcad.ir.refs import GETITEM, LEN, RANGE
from srcad.ir.walk import bound, map_blocks, statements, used
from srcad.types.lattice import INT, UNKNOWN, Array, Type

__all__ = ["index_rows"]


def index_rows(fn: Function, types: Mapping[Var, Type]) -> tuple[Function, Mapping[Var, Type]]:
    """``fn`` with such loops over an index, and the types with those of the new variables.

    Accepts and returns normal IR.
    """
    changed = {v for s in statements(fn.body) for v in mutated(s)}
    rows = {
        s.target
        for s in statements(fn.body)
        if isinstance(s, For)
        and isinstance(s.iter, Var)
        and isinstance(s.target, Var)
        and (s.target in changed or s.iter in changed)
        and isinstance(types.get(s.iter, UNKNOWN), Array)
        and isinstance(types.get(s.target, UNKNOWN), Array)
        # Once the name is bound anew, it is not the array that the loop runs over.
        and not any(s.iter in bound(inner) for inner in statements(s.body))
    }
    if not rows:
        return fn, types
    taken = {v.name for s in statements(fn.body) for v in (*bound(s), *used(s))}
    names = Names(taken | {p.var.name for p in fn.params} | {c.name for c in fn.captures})
    new_types = dict(types)

    def indexed(stmt: For, body: Block) -> Block:
        n, i = names.fresh("n"), names.fresh("i")
        new_types[n] = new_types[i] = INT
        assert isinstance(stmt.target, Var)
        row = Assign(stmt.target, Call(GETITEM, (stmt.iter, i)), stmt.origin)
        loop = replace(stmt, target=i, iter=Call(RANGE, (n,)), body=(row, *body))
        return (Assign(n, Call(LEN, (stmt.iter,)), stmt.origin), loop)

    def block(stmts: Block) -> Block:
        out: list[Stmt] = []
        for stmt in stmts:
            if isinstance(stmt, For) and stmt.target in rows:
                out.extend(indexed(stmt, block(stmt.body)))
            else:
                out.append(map_blocks(stmt, block))
        return tuple(out)

    return replace(fn, body=block(fn.body)), new_types
