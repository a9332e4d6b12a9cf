"""A Python function in normal IR, kept for whoever asks again."""

from __future__ import annotations

import threading
from copy import copy
from dataclasses import replace
from types import FunctionType
from weakref import WeakKeyDictionary

from srcad.errors import UnsupportedSyntaxError
from srcad.frontend.lower import lower
from srcad.ir.nodes import Function, Var
from srcad.ir.rebuild import renamed
from srcad.modules import modules_read
from srcad.notes import notes_of
from srcad.passes.atoms import atoms
from srcad.passes.grown_tuples import grown_tuples
from srcad.passes.item_stores import replaced_items
from srcad.passes.parts_apart import parts_apart
from srcad.passes.row_changes import replaced_rows
from srcad.passes.single_exit import single_exit
from srcad.passes.webs import separate_webs

__all__ = ["normal_form"]

_lock = threading.Lock()
# What is refused is asked for again and again where no derivative flows through it.
_kept: WeakKeyDictionary[FunctionType, tuple[object, Function | UnsupportedSyntaxError]] = (
    WeakKeyDictionary()
)


def normal_form(fn: FunctionType) -> Function:
    """``fn`` in normal IR with webs apart; kept until something that it reads is rebound.

    Raises
    ------
    SrcadError
        If ``fn`` cannot be differentiated as it is written; this is kept likewise.
    """
    code = (fn.__code__, tuple(_cells(fn)), _globals_read(fn))
    with _lock:
        held = _kept.get(fn)
    if held is not None and held[0] == code:
        known = held[1]
    else:
        known = _made(fn)
        with _lock:
            _kept[fn] = (code, known)
    if isinstance(known, UnsupportedSyntaxError):
        raise copy(known)
    return known


def _made(fn: FunctionType) -> Function | UnsupportedSyntaxError:
    try:
        ir = separate_webs(
            _told_apart(fn, atoms(single_exit(parts_apart(grown_tuples(lower(fn))))))
        )[0]
        replaced = replaced_items(replaced_rows(ir))
    except UnsupportedSyntaxError as error:
        return error.with_traceback(None)
    return ir if replaced is ir else separate_webs(replaced)[0]


def _told_apart(fn: FunctionType, ir: Function) -> Function:
    """``ir`` with srcad's own variables as such, if srcad generated ``fn``."""
    made = {Var(v.name): v for v in notes_of(fn).made}
    if not made:
        return ir
    params = tuple(replace(p, var=made.get(p.var, p.var)) for p in ir.params)
    return replace(ir, params=params, body=renamed(ir.body, made))


def _cells(fn: FunctionType) -> list[object]:
    found: list[object] = []
    for cell in fn.__closure__ or ():
        try:
            found.append(_identity(cell.cell_contents))
        except ValueError:
            found.append(None)
    return found


def _identity(value: object) -> object:
    # A function that is given another is copied, and may be edited where it is.
    return (id(value), value.__code__) if isinstance(value, FunctionType) else id(value)


def _globals_read(fn: FunctionType) -> tuple[object, ...]:
    space, names = fn.__globals__, fn.__code__.co_names
    values = [space[n] for n in names if n in space]
    # ``module.helper`` may be replaced too.
    inside = [vars(module) for module in modules_read(fn)]
    values += [attributes[n] for attributes in inside for n in names if n in attributes]
    return tuple(map(_identity, values))
