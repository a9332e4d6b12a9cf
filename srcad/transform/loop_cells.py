"""Which adjoints the reverse of a loop adds to from turn to turn."""

from __future__ import annotations

from srcad.analysis.writes import written
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Const, Do, Ref, Stmt, Store, Unpack, Var
from srcad.ir.places import exposed
from srcad.ir.refs import GETATTR, GETITEM, LIST_APPEND
from srcad.ir.walk import bound, statements, used, variables
from srcad.transform.adjoints import Cell
from srcad.transform.slots import Path, leaf_key
from srcad.transform.sweep import Sweep
from srcad.types.lattice import UNKNOWN

__all__ = ["cells_added_to"]


def cells_added_to(sweep: Sweep, body: Block) -> list[Cell]:
    """The cells, of variables that outlive a turn, to which the reverse of ``body`` may add."""
    inside = {id(s) for s in statements(body)}
    open_ = exposed(body)
    outside = [s for s in statements(sweep.prepared.fn) if id(s) not in inside]
    defined = {v for s in outside for v in (*bound(s), *used(s))}
    params = {p.var for p in sweep.prepared.fn.params}
    found: dict[Cell, None] = {}
    for stmt in statements(body):
        for var in (*used(stmt), *bound(stmt), *_written(stmt)):
            if var not in sweep.prepared.active:
                continue
            root, _ = sweep.adjoints.place(var)
            if not (root in params or root in defined or root in open_):
                continue
            for cell, _ in sweep.adjoints.leaves(root):
                if cell in sweep.adjoints.cells or _gains(sweep, cell, body):
                    found[cell] = None
    return list(found)


def _written(stmt: Stmt) -> tuple[Var, ...]:
    part = written(stmt)
    return () if part is None else (part[0],)


def _gains(sweep: Sweep, cell: Cell, body: Block) -> bool:
    """Whether the reverse of ``body`` reads ``cell``'s variable as an active operand."""
    var, path = cell
    group = sweep.storage.memory(var)
    for stmt in statements(body):
        reads = set(used(stmt))
        if group & reads and not (path and _is_left_out(sweep, stmt, var, path)):
            targets = set(bound(stmt)) | set(_written(stmt)) | _listed(stmt)
            if targets & sweep.prepared.active or isinstance(stmt, (AugAssign, Store)):
                return True
    return False


def _is_left_out(sweep: Sweep, stmt: Stmt, var: Var, path: Path) -> bool:
    """Whether the reverse of ``stmt``, which reads ``var``, adds nothing to it at ``path``."""
    match stmt:
        case Assign(_, Call(fn, (whole, Const(key)))) if whole == var and fn in (GETITEM, GETATTR):
            return leaf_key(sweep.types.get(var, UNKNOWN), key) != path[0]
        case Unpack() if (call := sweep.prepared.calls.get(id(stmt))) is not None:
            return all(
                any(path[: len(p)] == p for p in absent)
                if operand == var
                else var not in variables(operand)
                for operand, absent in zip(call.operands, call.absent, strict=True)
            )
        case _:
            return False


def _listed(stmt: Stmt) -> set[Var]:
    match stmt:
        case Do(Call(Ref(_, fn), (Var() as xs, *_))) if fn is LIST_APPEND:
            return {xs}
        case _:
            return set()
