"""Tuples that functions return: which of their items nobody else holds.

``u, v = start(n)`` binds arrays that may be changed in place, if `start` made them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from srcad.analysis.effects import has_memory, is_fresh, runtime_name
from srcad.analysis.sharing import CalleeOwn, Link
from srcad.errors import SrcadError
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Expr,
    Function,
    Ref,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.places import definitions
from srcad.ir.walk import bound, mention_counts, statements
from srcad.rules.table import has_own_rule, rule_for
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import UNKNOWN, Record, TupleOf, Type
from srcad.types.operands import operand_type

__all__ = ["Path", "leaves_of", "makes_new_tuple", "own_items", "own_unpacked"]

Path = tuple[int, ...]
"""The positions that lead to a part of a tuple of tuples."""


def leaves_of(fn: Function, value: Expr) -> tuple[list[tuple[Path, Expr]], frozenset[Var]]:
    """The parts of ``value``, and the variables that only stand for tuples on the way to them."""
    counts = mention_counts(fn.body)
    defs = definitions(fn.body)
    only_built: set[Var] = set()

    leaves: list[tuple[Path, Expr]] = []
    todo: list[tuple[Path, Expr]] = [((), value)]
    while todo:
        path, part = todo.pop()
        if isinstance(part, Var) and counts[part] == 2:
            match defs.get(part, ()):
                case (Assign(_, Tuple() as made),):
                    only_built.add(part)
                    part = made
                case _:
                    pass
        if isinstance(part, Tuple):
            todo += reversed([((*path, i), item) for i, item in enumerate(part.items)])
        else:
            leaves.append((path, part))
    return leaves, frozenset(only_built)


def makes_new_tuple(stmt: Stmt, types: Mapping[Var, Type]) -> bool:
    """Whether ``stmt`` is a function of NumPy's making a tuple of new arrays, each an own one."""
    match stmt:
        case Assign(Var() as t, Call(Ref(_, fn)) as call):
            is_tuple = isinstance(types.get(t), TupleOf | Record)
            return is_tuple and has_own_rule(fn) and is_fresh(call, types)
        case _:
            return False


def own_items(
    fn: Function, types: Mapping[Var, Type], links: Sequence[Link], params: AbstractSet[Var]
) -> frozenset[Path]:
    """Where in the tuple that ``fn`` returns there is what neither the caller nor another item
    holds; ``links`` are all of ``fn``."""
    last = fn.body[-1] if fn.body else None
    if not isinstance(last, Return):
        return frozenset()
    leaves, only_built = leaves_of(fn, last.value)
    new = {v for s in statements(fn) for v in bound(s) if makes_new_tuple(s, types)}
    if leaves[:1] == [((), last.value)] and last.value not in new:
        return frozenset()
    unpacked = _mentioned_once_more(new, fn)
    groups: dict[Var, set[Var]] = {}
    for link in links:
        if link.target not in only_built and link.origin not in unpacked:
            joined = groups.setdefault(link.target, {link.target})
            joined |= groups.get(link.origin, {link.origin})
            groups.update(dict.fromkeys(joined, joined))
    held = [(path, v) for path, v in leaves if _has_memory(v, types)]
    found: set[Path] = set()
    for path, var in held:
        if not isinstance(var, Var) or (isinstance(types.get(var), TupleOf) and var not in new):
            continue
        joined = groups.get(var, {var})
        others = [v for p, v in held if p != path]
        apart = all(isinstance(v, Var) and v not in joined for v in others)
        if apart and joined.isdisjoint(params):
            found.update(_with_memory(types[var], path) if var in new else (path,))
    return frozenset(found)


def _mentioned_once_more(variables: set[Var], fn: Function) -> set[Var]:
    if not variables:
        return variables
    counts = mention_counts(fn.body)
    return {v for v in variables if counts[v] == 2}


def _has_memory(value: Expr, types: Mapping[Var, Type]) -> bool:
    if isinstance(value, Var):
        return has_memory(types.get(value, UNKNOWN))
    return not isinstance(value, Const)


def own_unpacked(
    fn: Function, types: Mapping[Var, Type], own: CalleeOwn
) -> frozenset[tuple[int, Var]]:
    """The variables to which ``fn`` unpacks what a function made for it alone, each with the
    identity of the statement."""
    paths: dict[Var, frozenset[Path]] = {}
    found: set[tuple[int, Var]] = set()
    for stmt in statements(fn):
        match stmt:
            case Assign(Var() as target, Call() as call):
                if isinstance(call.fn, Ref) and runtime_name(call.fn.value) == "copied_tree":
                    paths[target] = frozenset(_with_memory(types.get(target, UNKNOWN)))
                elif inside := _own(call, types, own):
                    paths[target] = inside
            case Unpack(targets, Var() as whole) if whole in paths:
                for i, target in enumerate(targets):
                    inside = frozenset(p[1:] for p in paths[whole] if p[:1] == (i,))
                    if isinstance(target, Var) and inside:
                        paths[target] = inside
                        if inside.issuperset(_with_memory(types.get(target, UNKNOWN))):
                            found.add((id(stmt), target))
            case _:
                pass
    return frozenset(found)


def _with_memory(t: Type, path: Path = ()) -> Iterator[Path]:
    """Where in a tuple of tuples there is what can be changed."""
    if isinstance(t, TupleOf | Record):
        items = t.items if isinstance(t, TupleOf) else (item for _, item in t.fields)
        for i, item in enumerate(items):
            yield from _with_memory(item, (*path, i))
    elif has_memory(t):
        yield path


def _own(call: Call, types: Mapping[Var, Type], own: CalleeOwn) -> frozenset[Path]:
    inner = python_function(call.fn.value) if isinstance(call.fn, Ref) else None
    if inner is None or rule_for(inner) is not None:
        return frozenset()
    try:
        operands = bind_arguments(inner, call)
        return own(inner, tuple(operand_type(o, types) for o in operands))
    except SrcadError:
        return frozenset()
