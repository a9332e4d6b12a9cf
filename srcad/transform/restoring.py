"""Bringing back, in the backward sweep, what the forward sweep recorded."""

from __future__ import annotations

from srcad.analysis.writes import written
from srcad.ir.nodes import Assign, Call, Do, Expr, Stmt, Store, Var
from srcad.ir.refs import APPEND, POP
from srcad.transform.sweep import Sweep

__all__ = ["pop", "restore_contents", "restore_variables"]


def pop(sweep: Sweep, var: Var) -> None:
    """Give ``var`` the value that was recorded last."""
    stack = sweep.kept.values(var)
    sweep.build.add(Assign(var, Call(POP, (stack,), spell=".pop"), sweep.build.origin))


def restore_variables(sweep: Sweep, stmt: Stmt, *, in_loop: bool) -> None:
    """Bring back the variables that ``stmt`` bound anew."""
    for var in sorted(sweep.records.before.get(id(stmt), ()), key=lambda v: v.name):
        if in_loop:
            pop(sweep, var)
        else:
            sweep.build.assign(var, sweep.kept.plain(stmt, var, contents=False))


def restore_contents(sweep: Sweep, stmt: Stmt) -> None:
    """Bring back the contents of the memory that ``stmt`` wrote into."""
    if id(stmt) not in sweep.records.contents:
        return
    part = written(stmt)
    if part is None:
        _undo_list(sweep, stmt)
        return
    obj, index = part
    if sweep.kept.has_plain(stmt, obj):
        value: Expr = sweep.kept.plain(stmt, obj, contents=True)
    else:
        stack = sweep.kept.contents(obj, index)
        value = sweep.build.temp(Call(POP, (stack,), spell=".pop"))
    sweep.build.add(Store(obj, index, value, sweep.build.origin))


def _undo_list(sweep: Sweep, stmt: Stmt) -> None:
    match stmt:
        case Do(Call(_, (xs, _))):
            sweep.build.temp(Call(POP, (xs,), spell=".pop"))
        case Assign(target, Call(_, (xs,))):
            sweep.build.add(Do(Call(APPEND, (xs, target), spell=".append")))
        case _:
            pass
