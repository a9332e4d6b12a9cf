"""What is the same in every turn: values made in loops of what no loop changes."""

from __future__ import annotations

from collections.abc import Mapping

from srcad.analysis.effects import calls_in, is_mutable, is_opaque, is_pure
from srcad.analysis.storage import Storage
from srcad.ir.nodes import Assign, Block, Call, For, Ref, Stmt, Var, While
from srcad.ir.places import definitions
from srcad.ir.walk import blocks, statements, subexpressions, used
from srcad.types.iterators import takes_items
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["steady_variables"]


def steady_variables(
    body: Block, params: frozenset[Var], types: Mapping[Var, Type], storage: Storage
) -> frozenset[Var]:
    """The arrays and numbers that each turn of the loops in ``body`` makes anew, and alike.

    Such a variable, ``t = 2 * X.T`` in a loop that leaves ``X`` alone, is bound by one statement,
    which reads what is bound outside loops, and other such variables; nobody changes what is in any
    of these. Who reads it after the loop finds what was there in each turn.
    """
    stmts = statements(body)
    if any(is_opaque(call) for stmt in stmts for call in calls_in(stmt)):
        return frozenset()
    defs = definitions(body)
    in_loops = frozenset(map(id, _in_loops(body)))
    steady: set[Var] = set()

    def stays(var: Var) -> bool:
        """Whether ``var`` is the same whenever it is read."""
        if storage.is_buffer(var) or not isinstance(types.get(var), (Array, Scalar)):
            return False
        made = defs.get(var, ())
        if var in params:
            return not made
        return var in steady or (len(made) == 1 and id(made[0]) not in in_loops)

    for stmt in stmts:
        if id(stmt) in in_loops and (var := _made_alike(stmt, types)) is not None:
            alone = len(defs[var]) == 1 and var not in params and not storage.is_buffer(var)
            if alone and all(map(stays, used(stmt))):
                steady.add(var)
    return frozenset(steady)


def _in_loops(block: Block) -> list[Stmt]:
    """The loops of ``block``, and the statements in them."""
    found: list[Stmt] = []
    for stmt in block:
        if isinstance(stmt, (For, While)):
            found += statements((stmt,))
        else:
            for inner in blocks(stmt):
                found += _in_loops(inner)
    return found


def _made_alike(stmt: Stmt, types: Mapping[Var, Type]) -> Var | None:
    """The array or number that ``stmt`` makes of its operands and of nothing else."""
    match stmt:
        case Assign(Var() as var, Call() as call) if isinstance(types.get(var), (Array, Scalar)):
            reads_more = any(
                isinstance(e, Ref) and is_mutable(e.value) for e in subexpressions(call)
            )
            alike = is_pure(call) and not reads_more and not takes_items(stmt, types)
            return var if alike else None
        case _:
            return None
