"""The reverse of a branch."""

from __future__ import annotations

from srcad.analysis.recording import block_key
from srcad.ir.nodes import Call, If, Raise
from srcad.ir.refs import NOT
from srcad.transform.adjoints import Bar, Cell
from srcad.transform.build import Builder, line_only
from srcad.transform.restoring import pop
from srcad.transform.sweep import Backward, Sweep

__all__ = ["reverse_branch"]


def reverse_branch(sweep: Sweep, stmt: If, backward: Backward, *, in_loop: bool) -> None:
    """Write the reverse of ``stmt``: the same branch of the reverse of its blocks."""
    adjoints = sweep.adjoints
    if id(stmt) in sweep.prepared.leaving:
        for var in sweep.records.at_end.get(block_key(stmt, "orelse"), ()):
            pop(sweep, var)
        backward(sweep, stmt.orelse, in_loop)
        return
    before = dict(adjoints.cells)
    outer = sweep.build
    sides: list[tuple[Builder, dict[Cell, Bar], bool]] = []
    for which, block in (("then", stmt.then), ("orelse", stmt.orelse)):
        sweep.enter(outer.nested(), before)
        for var in sweep.records.at_end.get(block_key(stmt, which), ()):
            if in_loop:
                pop(sweep, var)
        backward(sweep, block, in_loop)
        dead = bool(block) and isinstance(block[-1], Raise)
        sides.append((sweep.build, dict(adjoints.cells), dead))
    (then, a, then_dead), (orelse, b, else_dead) = sides
    if then_dead or else_dead:
        kept, cells, _ = sides[1] if then_dead else sides[0]
        sweep.enter(outer, cells)
        outer.out.extend(kept.out)
        return
    origin = line_only(stmt.origin)
    for build, mine, other in ((then, a, b), (orelse, b, a)):
        sweep.enter(build, mine)
        build.origin = origin
        for cell in sorted({*mine, *other}, key=_cell_order):
            if mine.get(cell) == other.get(cell):
                continue
            if cell not in adjoints.cells:
                if sweep.unsure.at(cell[0], stmt):
                    adjoints.may_be_unbound(cell)
                adjoints.zero_cell(cell)
            else:
                adjoints.canonical(cell)
        mine.clear()
        mine.update(adjoints.cells)
    joined = {
        cell: Bar(bar.value, bar.owned and b[cell].owned) for cell, bar in a.items() if cell in b
    }
    sweep.enter(outer, joined)
    if then.out:
        outer.add(If(stmt.test, then.block(), orelse.block(), origin))
    elif orelse.out:
        other = outer.temp(Call(NOT, (stmt.test,)))
        outer.add(If(other, orelse.block(), (), origin))


def _cell_order(cell: Cell) -> tuple[str, str]:
    return cell[0].name, str(cell[1])
