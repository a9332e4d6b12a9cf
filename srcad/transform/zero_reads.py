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
    walk = _Walk(prepared, slotted)
    walk.block(prepared.fn.body, None)
    return walk.found


class _Walk:
    def __init__(self, prepared: Prepared, slotted: frozenset[Var]) -> None:
        self.found: dict[int, Reads] = {}
        self._prepared = prepared
        self._slotted = slotted
        self._everywhere = mentions(prepared.fn.body)
        self._params = frozenset(p.var for p in prepared.fn.params)

    def block(self, block: Block, local: frozenset[Var] | None) -> None:
        """``local``: the variables that live in one turn of the loop around ``block`` only."""
        for stmt in block:
            wanted = self._wanted(stmt, local)
            reads = _reads_like(wanted & self._prepared.active, self._prepared)
            if reads:
                self.found[id(stmt)] = reads
            for inner in blocks(stmt):
                is_loop = isinstance(stmt, (For, While))
                self.block(inner, self._local(inner) if is_loop else local)

    def _wanted(self, stmt: Stmt, local: frozenset[Var] | None) -> frozenset[Var]:
        prepared = self._prepared
        wanted = _touched_inside(stmt, prepared) if blocks(stmt) else zeroed(stmt, prepared)
        if isinstance(stmt, Assign) and isinstance(stmt.value, Call) and stmt.value.fn == POP:
            # An item that nothing contributed to is given back with a zero adjoint.
            wanted |= frozenset(bound(stmt))
        if blocks(stmt):
            mine = {id(s) for s in statements((stmt,))}
            wanted = frozenset(
                v for v in wanted if v in self._params or not self._everywhere[v] <= mine
            )
        if local is None:
            # Every change of a list outside loops is mirrored by its adjoint.
            wanted = frozenset(v for v in wanted if not _is_list(v, prepared))
        else:
            wanted &= local
        wanted -= self._slotted
        if local is not None and not blocks(stmt):
            wanted |= local & self._slotted & frozenset(bound(stmt))
        return wanted

    def _local(self, body: Block) -> frozenset[Var]:
        here = {id(s) for s in statements(body)}
        open_ = exposed(body)
        return frozenset(v for v, at in self._everywhere.items() if at <= here and v not in open_)


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
