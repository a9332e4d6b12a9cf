"""``with np.errstate(...="ignore")``: the warnings that a function silences.

Where the silence begins and ends is no part of a derivative, whose steps stand elsewhere: all of it
runs with these warnings silenced. That makes it quieter than the function, but changes no value. A
setting that raises would be another matter.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
import numpy as np

from srcad.frontend.evaluation import Evaluation
from srcad.frontend.refusals import code_of
from srcad.ir.nodes import Call, Const, Ref

__all__ = ["silenced", "silencing"]

_ERRSTATE = Ref("np.errstate", np.errstate)
_IGNORE = Const("ignore")
_KINDS = ("all", "divide", "over", "under", "invalid")


def silenced(lowering: Evaluation, stmt: cst.With) -> frozenset[str]:
    """The kinds of warnings that ``stmt`` silences."""
    if stmt.asynchronous is not None:
        raise lowering.refused(stmt, "await")
    kinds: set[str] = set()
    for item in stmt.items:
        call = item.item
        if not (isinstance(call, cst.Call) and lowering.function(call.func) == _ERRSTATE):
            raise lowering.refused(item.item, "with", name=code_of(item.item))
        if item.asname is not None:
            raise lowering.refused(item.item, "errstate")
        for arg in call.args:
            if arg.keyword is None or lowering.lower(arg.value) != _IGNORE:
                raise lowering.refused(arg.value, "errstate")
            kinds.add(arg.keyword.value)
    return frozenset(kinds)


def silencing(kinds: Iterable[str]) -> Call | None:
    """The call of `numpy.errstate` that silences ``kinds``."""
    found = set(kinds)
    if "all" in found:
        found = {"all"}
    if not found:
        return None
    return Call(_ERRSTATE, (), tuple((kind, _IGNORE) for kind in _KINDS if kind in found))
