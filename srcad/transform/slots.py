"""Containers whose adjoint is kept in one cell for each leaf.

These are the tuples, dicts, records and lists of fixed structure that are only taken apart by
constant keys: they need no container of adjoints.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping

from srcad.ir.nodes import Call, Function, Ref, Var
from srcad.ir.walk import expressions, statements, subexpressions, variables
from srcad.types.containers import constant_key, parts_of
from srcad.types.lattice import (
    UNKNOWN,
    DictOf,
    FixedList,
    Record,
    TupleOf,
    Type,
    is_differentiable,
)
from srcad.types.operands import operand_type

__all__ = ["Path", "leaf_key", "leaves_of", "slotted_variables", "type_at"]

Path = tuple[object, ...]
"""The keys that lead from a container to a part of it."""


def slotted_variables(fn: Function, types: Mapping[Var, Type]) -> frozenset[Var]:
    """The containers of fixed structure that are only ever taken apart by constant keys."""
    candidates = {
        v
        for v, t in types.items()
        if isinstance(t, (TupleOf, FixedList, DictOf, Record)) and is_differentiable(t)
    }
    if not candidates:
        return frozenset()
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, Call):
                    candidates -= _taken_whole(part, types)
    return frozenset(candidates)


def _taken_whole(call: Call, types: Mapping[Var, Type]) -> set[Var]:
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if fn is operator.getitem:
        base, index = call.args
        try:
            key = constant_key(operand_type(index, types))
        except LookupError:
            return set(variables(base))
        return set(variables(base)) if isinstance(key, slice) else set()
    if fn is getattr or getattr(fn, "__code__", None) is not None or isinstance(fn, type):
        return set()
    return {v for a in (*call.args, *(x for _, x in call.kwargs)) for v in variables(a)}


def type_at(t: Type, path: Path) -> Type:
    """The type of the part of a ``t`` to which ``path`` leads."""
    for key in path:
        t = dict(parts_of(t) or ()).get(key, UNKNOWN)
    return t


def leaves_of(t: Type, path: Path = ()) -> Iterator[tuple[Path, Type]]:
    """The paths to the leaves of a ``t``, from ``path`` on, with their types."""
    parts = parts_of(t)
    if parts is None:
        yield path, t
        return
    for key, part in parts:
        yield from leaves_of(part, (*path, key))


def leaf_key(t: Type, key: object) -> object:
    """The key as `parts_of` has it: not counted from the end, and a field by its name."""
    match t, key:
        case ((TupleOf(items) | FixedList(items)), int()) if key < 0:
            return key + len(items)
        case Record(_, fields), int() if -len(fields) <= key < len(fields):
            return fields[key][0]
        case _:
            return key
