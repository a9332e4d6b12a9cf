"""Second names of lists and dicts that cannot be told from copies, as in ``prev = cur``."""

from __future__ import annotations

from srcad.analysis.liveness import liveness
from srcad.ir.nodes import Assign, AugAssign, Call, Do, Function, Ref, Stmt, Store, Var
from srcad.ir.walk import statements, used
from srcad.rules.table import rule_for

__all__ = ["given_on"]


def given_on(fn: Function) -> frozenset[int]:
    """The identities of such statements ``a = b``.

    Either ``b`` is not read any more until it is bound anew, or neither ``a`` nor ``b`` is given
    on or changed until then. Where nothing else holds the object, who changes it by one name
    changes what is seen by that name only.
    """
    numbered = enumerate(statements(fn))
    copies = [
        (n, s, s.target, s.value)
        for n, s in numbered
        if isinstance(s, Assign) and isinstance(s.target, Var) and isinstance(s.value, Var)
    ]
    if not copies:
        return frozenset()
    read, changed = liveness(fn), liveness(fn, _perhaps_changed)
    return frozenset(
        id(s)
        for n, s, a, b in copies
        if not read.after[n] & read.bits[b]
        or not changed.after[n] & (changed.bits[a] | changed.bits[b])
    )


def _perhaps_changed(stmt: Stmt) -> tuple[Var, ...]:
    """The variables whose list or dict may be changed by ``stmt``, or get another name."""
    match stmt:
        case Assign(_, Call(Ref(_, fn))) if rule_for(fn) is not None:
            return ()
        case Assign() | Do() | Store() | AugAssign():
            return used(stmt)
        case _:
            return ()
