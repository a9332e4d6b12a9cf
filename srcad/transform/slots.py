"""Containers whose adjoint is kept in one cell for each leaf.

These are the tuples, dicts, records and lists of fixed structure that are only taken apart by
constant keys: they need no container of adjoints.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

from srcad.ir.nodes import Assign, Call, Const, Function, Ref, Unpack, Var
from srcad.ir.refs import GETATTR, GETITEM
from srcad.ir.walk import expressions, statements, subexpressions, variables
from srcad.types.containers import constant_key, parts_of
from srcad.types.lattice import (
    UNKNOWN,
    DictOf,
    FixedList,
    Record,
    Static,
    TupleOf,
    Type,
    is_differentiable,
)
from srcad.types.operands import operand_type

__all__ = [
    "Path",
    "below",
    "closed_parts",
    "leaf_key",
    "slotted_variables",
    "type_at",
    "without_parts",
]

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
    for stmt in statements(fn):
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


def closed_parts(
    fn: Function, types: Mapping[Var, Type], slotted: frozenset[Var]
) -> frozenset[tuple[Var, Path]]:
    """The parts of ``slotted`` containers that are containers themselves and only taken whole.

    Each is read into a variable that is not slotted, as of a list over which a loop runs: its
    adjoint is one container as well.
    """
    readers: dict[tuple[Var, object], set[Var]] = {}
    if not slotted:
        return frozenset()
    for stmt in statements(fn):
        match stmt:
            case Assign(Var() as part, Call(read, (Var() as whole, Const(key)))) if (
                whole in slotted and read in (GETITEM, GETATTR)
            ):
                at = leaf_key(types.get(whole, UNKNOWN), key)
                readers.setdefault((whole, at), set()).add(part)
            case Unpack(targets, Var() as whole) if whole in slotted:
                t = types.get(whole, UNKNOWN)
                for i, part in enumerate(targets):
                    if part is not None:
                        readers.setdefault((whole, leaf_key(t, i)), set()).add(part)
            case _:
                pass

    closed: set[tuple[Var, Path]] = set()
    todo: list[tuple[Var, Path, Var, frozenset[Var]]] = [
        (var, (), var, frozenset((var,))) for var in slotted
    ]
    while todo:
        whole, path, var, inside = todo.pop()
        for key, part in parts_of(types.get(var, UNKNOWN)) or ():
            found = readers.get((var, key))
            if not found or parts_of(part) is None:
                continue
            if found.isdisjoint(slotted):
                closed.add((whole, (*path, key)))
            elif len(found) == 1 and not found <= inside:
                (reader,) = found
                todo.append((whole, (*path, key), reader, inside | found))
    return frozenset(closed)


def type_at(t: Type, path: Path) -> Type:
    """The type of the part of a ``t`` to which ``path`` leads."""
    for key in path:
        t = dict(parts_of(t) or ()).get(key, UNKNOWN)
    return t


def without_parts(t: Type, absent: frozenset[Path]) -> Type:
    """The type of a ``t`` without the parts ``absent``: no keys of a dict, ``None`` elsewhere."""
    if () in absent:
        return Static(None)
    parts = parts_of(t) if absent else None
    if parts is None:
        return t
    left = tuple((k, without_parts(part, below(absent, k))) for k, part in parts)
    match t:
        case DictOf():
            return DictOf(tuple((k, part) for k, part in left if (k,) not in absent))
        case Record(cls):
            return Record(cls, tuple((str(k), part) for k, part in left))
        case FixedList():
            return FixedList(tuple(part for _, part in left))
        case _:
            return TupleOf(tuple(part for _, part in left))


def below(paths: frozenset[Path], key: object) -> frozenset[Path]:
    """The rest of those of ``paths`` that begin with ``key``."""
    return frozenset(path[1:] for path in paths if path[:1] == (key,))


def leaf_key(t: Type, key: object) -> object:
    """The key as `parts_of` has it: not counted from the end, and a field by its name."""
    match t, key:
        case ((TupleOf(items) | FixedList(items)), int()) if key < 0:
            return key + len(items)
        case Record(_, fields), int() if -len(fields) <= key < len(fields):
            return fields[key][0]
        case _:
            return key
