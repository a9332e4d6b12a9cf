"""What can be run over only once: generators, files, `itertools`; and what may be one of these."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from srcad.ir.nodes import Call, Const, Expr, For, Ref, Stmt, Unpack, Var
from srcad.ir.walk import call_of, variables
from srcad.kinds import among
from srcad.types.lattice import UNKNOWN, Record, Static, Type, Unknown
from srcad.types.operands import operand_type

__all__ = ["consumes", "runs_once", "takes_items"]

_LAZY: Final[frozenset[object]] = frozenset({range, zip, enumerate, reversed})
_CONSUMERS: Final[frozenset[object]] = frozenset(
    {list, tuple, dict, set, frozenset, sorted, sum, min, max, any, all}
    | {enumerate, zip, map, filter, next, iter, reversed}
)


def runs_once(iterable: Expr, types: Mapping[Var, Type], but: Set[Var]) -> bool:
    """Whether part of what a loop runs over may be gone after it, or has no reverse order.

    What is in ``but`` is taken by index.
    """
    match iterable:
        case Call(Ref(_, fn), args) if fn is zip or fn is enumerate:
            return any(runs_once(a, types, but) for a in args[: None if fn is zip else 1])
        case Call(Ref(_, fn)) if among(fn, _LAZY):
            return False
        case Const():
            return False
        case _:
            return _may_be_iterator(operand_type(iterable, types)) and not any(
                v in but for v in variables(iterable)
            )


def consumes(call: Call, types: Mapping[Var, Type]) -> bool:
    """Whether ``call`` may take items from an iterator, so that a second one gives others."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    return among(fn, _CONSUMERS) and any(
        isinstance(a, Var) and _may_be_iterator(types.get(a, UNKNOWN)) for a in call.args
    )


def takes_items(stmt: Stmt, types: Mapping[Var, Type]) -> bool:
    """Whether ``stmt`` may take items from an iterator, which who comes after it does not get."""
    if (call := call_of(stmt)) is not None and not isinstance(stmt, Unpack):
        return consumes(call, types)
    match stmt:
        case Unpack(_, Var() as run):
            return _may_be_iterator(types.get(run, UNKNOWN))
        case For(_, run):
            return runs_once(run, types, frozenset())
        case _:
            return False


def _may_be_iterator(t: Type) -> bool:
    match t:
        case Static(range() | str() | bytes()):
            return False
        case Record(cls, _):
            return not issubclass(cls, tuple)
        case Static() | Unknown():
            return True
        case _:
            return False
