"""``f(x, *params)``, where it follows from the function how many items ``params`` has."""

from __future__ import annotations

from dataclasses import replace
from inspect import Parameter

import numpy as np

from srcad.ir.nodes import Call, Origin, Ref, Star, Stmt, Unpack, Var
from srcad.runtime.records import is_plainly_made
from srcad.signature import signature_of
from srcad.types.calls import python_function
from srcad.types.containers import element_type
from srcad.types.lattice import UNKNOWN
from srcad.types.run import Run

__all__ = ["with_as_many_as_fit"]


def with_as_many_as_fit(
    run: Run, call: Call, written: Call, before: list[Stmt], where: Origin | None
) -> Call:
    """``call`` with the one ``*xs`` unpacked into variables, if only one number of them fits.

    With any other number of items the call would raise an error, and so does the unpacking.
    ``written`` is the call before its operands were resolved.
    """
    at = next(i for i, arg in enumerate(call.args) if isinstance(arg, Star))
    star, missing = call.args[at], _missing(call)
    if missing is None or not isinstance(star, Star) or not isinstance(star.value, Var):
        return call
    xs = star.value
    items = [run.beside(written, f"item {i}", f"{xs.base}_{i}") for i in range(missing)]
    before.append(Unpack(tuple(items), xs, where))
    for item in items:
        run.bind(item, element_type(run.type(xs) or UNKNOWN))
    return replace(call, args=(*call.args[:at], *items, *call.args[at + 1 :]))


def _missing(call: Call) -> int | None:
    """How many arguments the starred one of ``call`` stands for, if that is sure."""
    stars = sum(isinstance(arg, Star) for arg in call.args)
    given = {name for name, _ in call.kwargs}
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if stars != 1 or "**" in given:
        return None
    if isinstance(fn, np.ufunc):
        # What is unpacked of an array are numbers: none of them is for `out`.
        wanted = fn.nin
    elif (inner := fn if _is_of_fields(fn) else python_function(fn)) is not None:
        parameters = list(signature_of(inner).parameters.values())
        if any(p.kind is Parameter.VAR_POSITIONAL for p in parameters):
            return None
        free = [p for p in parameters if p.kind is not Parameter.KEYWORD_ONLY]
        first_given = next((i for i, p in enumerate(free) if p.name in given), len(free))
        free = free[:first_given]
        if any(p.default is not Parameter.empty for p in free):
            return None
        wanted = len(free)
    else:
        return None
    missing = wanted - (len(call.args) - 1)
    return missing if missing >= 0 else None


def _is_of_fields(fn: object) -> bool:
    """Whether ``fn`` is the class of a plain dataclass or named tuple."""
    return isinstance(fn, type) and is_plainly_made(fn)
