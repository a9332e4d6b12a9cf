"""What is read to make a zero adjoint: it has the shape of an array, the length of a list.

In a loop a variable may name an array of another shape in each turn. Where its adjoint may have to
be made from nothing, the object that it named in that turn must be at hand.
"""

from __future__ import annotations

from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.writes import touched
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Do,
    Expr,
    For,
    Stmt,
    Store,
    Unpack,
    Var,
    While,
)
from srcad.ir.places import exposed, mentions
from srcad.ir.refs import POP
from srcad.ir.walk import blocks, bound, statements, used, variables
from srcad.transform.prepared import Prepared
from srcad.types.lattice import UNKNOWN, FixedList, ListOf, is_of_one_shape

__all__ = ["zero_reads", "zeroed"]


def zeroed(stmt: Stmt, prepared: Prepared) -> frozenset[Var]:
    """The variables of whose adjoints the reverse of a statement without blocks may make zeros."""
    storage = prepared.storage

    def views(*operands: Expr) -> set[Var]:
        inside = (v for operand in operands for v in variables(operand))
        return {storage.root(v) for v in inside if v in storage.views}

    match stmt:
        case Assign(_, Call(fn, (Var() as xs, *_))) if fn == POP:
            return frozenset({xs})
        case Assign() if id(stmt) in prepared.terms:
            found: set[Var] = set()
            for term in prepared.terms[id(stmt)]:
                if term.index is not None and isinstance(term.operand, Var):
                    found.add(storage.root(term.operand))
                found |= views(term.operand)
            return frozenset(found)
        case Assign(_, Var() as value):
            return frozenset(views(value))
        case Unpack(_, Var() as value) if id(stmt) not in prepared.calls:
            return frozenset({storage.root(value)})
        case Store(_, _, value) | AugAssign(_, _, _, value):
            return frozenset(views(value))
        case Unpack() | Do():
            return frozenset(views(*used(stmt)))
        case _:
            return frozenset()


def zero_reads(prepared: Prepared, slotted: frozenset[Var]) -> dict[int, Reads]:
    """By statement, the objects that its reverse reads to make zeros like them.

    The adjoints of ``slotted`` containers are kept by leaf, and are made of what is added to them.
    Where one is taken as a whole, zeros are made of the leaves to which nothing was added.
    """
    found: dict[int, Reads] = {}
    everywhere = mentions(prepared.fn.body)
    params = frozenset(p.var for p in prepared.fn.params)

    def walk(block: Block, local: frozenset[Var] | None) -> None:
        """``local``: the variables that live in one turn of the loop around ``block`` only."""
        for stmt in block:
            wanted = _touched_inside(stmt, prepared) if blocks(stmt) else zeroed(stmt, prepared)
            if isinstance(stmt, Assign) and isinstance(stmt.value, Call) and stmt.value.fn == POP:
                # An item that nothing contributed to is given back with a zero adjoint.
                wanted |= frozenset(bound(stmt))
            if blocks(stmt):
                mine = {id(s) for s in statements((stmt,))}
                wanted = frozenset(v for v in wanted if v in params or not everywhere[v] <= mine)
            if local is None:
                # Every change of a list outside loops is mirrored by its adjoint.
                wanted = frozenset(v for v in wanted if not _is_list(v, prepared))
            else:
                wanted &= local
            wanted -= slotted
            if local is not None and not blocks(stmt):
                wanted |= local & slotted & frozenset(bound(stmt))
            reads = _reads_like(wanted & prepared.active, prepared)
            if reads:
                found[id(stmt)] = reads
            for inner in blocks(stmt):
                if isinstance(stmt, (For, While)):
                    here = {id(s) for s in statements(inner)}
                    open_ = exposed(inner)
                    walk(
                        inner,
                        frozenset(
                            v for v, at in everywhere.items() if at <= here and v not in open_
                        ),
                    )
                else:
                    walk(inner, local)

    walk(prepared.fn.body, None)
    return found


def _touched_inside(stmt: Stmt, prepared: Prepared) -> frozenset[Var]:
    found: set[Var] = set()
    for inner in (s for block in blocks(stmt) for s in statements(block)):
        found.update((*bound(inner), *used(inner)))
        if (obj := touched(inner)) is not None:
            found.add(obj)
    return frozenset(map(prepared.storage.root, found))


def _is_list(var: Var, prepared: Prepared) -> bool:
    return isinstance(prepared.types.get(var), (ListOf, FixedList))


def _reads_like(variables: frozenset[Var], prepared: Prepared) -> Reads:
    if not variables:
        return NOTHING
    objects: set[Var] = set()
    memory: set[Var] = set()
    for var in variables:
        if is_of_one_shape(prepared.types.get(var, UNKNOWN)):
            continue
        objects.add(var)
        if _is_list(var, prepared):
            memory.add(var)
    return Reads(objects=frozenset(objects), memory=frozenset(memory))
