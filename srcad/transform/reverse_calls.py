"""The reverse of a call of a Python function: a call of its backward half."""

from __future__ import annotations

from srcad.ir.nodes import Call, Const, Expr, Tuple, Unpack, Var
from srcad.ir.refs import ASARRAY, GETITEM
from srcad.notes import notes_of
from srcad.transform.contributions import add, add_present
from srcad.transform.prepared import CallHalves
from srcad.transform.sweep import Sweep
from srcad.types.lattice import Scalar
from srcad.types.operands import operand_type

__all__ = ["reverse_call"]


def reverse_call(sweep: Sweep, call: CallHalves) -> None:
    """Add what the backward half of ``call`` returns to the adjoints of the operands."""
    bar = sweep.adjoints.take(call.result)
    if bar is None:
        return
    operands = call.operands
    made = Call(call.backward, (call.saved, sweep.build.operand(bar.value)))
    owned = not notes_of(call.backward.value).shared
    numbers = [isinstance(operand_type(e, sweep.types), Scalar) for e in operands]
    if not owned and any(numbers):
        _add_numbers(sweep, call, made, numbers)
    elif any(call.absent):
        _add_in_part(sweep, call, made, owned=owned)
    else:
        whole = operands[0] if len(operands) == 1 else Tuple(operands)
        add(sweep.adjoints, whole, made, owned=owned)


def _add_numbers(sweep: Sweep, call: CallHalves, made: Call, numbers: list[bool]) -> None:
    """As the user's function may give an array without axes for a number, take its item."""
    parts: list[Expr] = [sweep.build.temp(made)]
    if len(call.operands) > 1:
        parts = [Call(GETITEM, (parts[0], Const(i))) for i in range(len(call.operands))]
    for operand, part, number in zip(call.operands, parts, numbers, strict=True):
        value = Call(GETITEM, (Call(ASARRAY, (part,)), Tuple(()))) if number else part
        add(sweep.adjoints, operand, value, owned=False)


def _add_in_part(sweep: Sweep, call: CallHalves, made: Call, *, owned: bool) -> None:
    """Where the backward half leaves out zeros."""
    build = sweep.build
    bars = tuple(build.names.fresh(_bar_name(o)) for o in call.operands)
    if len(bars) == 1:
        build.assign(bars[0], made)
    else:
        build.add(Unpack(bars, made, build.origin))
    for operand, bar, absent in zip(call.operands, bars, call.absent, strict=True):
        add_present(sweep.adjoints, operand, bar, absent, owned=owned)


def _bar_name(operand: Expr) -> str:
    return f"{operand.base}_bar" if isinstance(operand, Var) else "t_bar"
