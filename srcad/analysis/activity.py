"""Activity: the variables that depend on the inputs and that the result depends on."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from srcad.analysis.storage import Storage
from srcad.analysis.writes import accumulates_at
from srcad.errors import UnsupportedSyntaxError
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    Ref,
    Return,
    Stmt,
    Store,
    Unpack,
    Var,
)
from srcad.ir.refs import LIST_APPEND, LIST_POP, OR
from srcad.ir.walk import statements, variables
from srcad.rules.binding import bind
from srcad.rules.table import BindError, rule_for
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type, is_differentiable

__all__ = ["Activity", "carriers", "find_activity", "is_rearranging"]


@dataclass(frozen=True, slots=True)
class Activity:
    """``varied``: depends on a differentiated input. ``active``: and the result depends on it."""

    varied: frozenset[Var]
    active: frozenset[Var]


def carriers(call: Call) -> tuple[Expr, ...]:
    """The operands through which a derivative can flow into the result of ``call``."""
    every = (*call.args, *(v for _, v in call.kwargs))
    if not isinstance(call.fn, Ref):
        return (call.fn, *every)  # an object that was made here may hold what varies
    fn = call.fn.value
    if fn is operator.getitem or fn is getattr or fn is LIST_POP:
        return call.args[:1]
    rule = rule_for(fn)
    if rule is None or rule.draws or is_rearranging(fn):
        return every
    try:
        bound = bind(rule, call.args, call.kwargs)
    except BindError:
        return every if rule.kind != "constant" else ()
    return tuple(bound[p] for p in rule.differentiable if p in bound)


_REARRANGING: Final[frozenset[object]] = frozenset(
    {list, tuple, dict, set, frozenset, map, filter, sorted, reversed, iter, next, zip, enumerate}
)


def is_rearranging(fn: object) -> bool:
    """Whether ``fn`` is a builtin that puts its operands' items into a new container."""
    return fn in _REARRANGING


def find_activity(
    fn: Function,
    types: Mapping[Var, Type],
    storage: Storage,
    wrt: frozenset[Var],
) -> Activity:
    """Find what is active when ``fn`` is differentiated with respect to the parameters ``wrt``."""
    flows = [flow for stmt in statements(fn) for flow in _flows(stmt)]
    along = {id(u): pairs for s in statements(fn) for u, pairs in _flows_along(s)}
    straight = (
        [flow for s in statements(fn) for flow in (along[id(s)] if id(s) in along else _flows(s))]
        if along
        else flows
    )

    def can_vary(var: Var) -> bool:
        return is_differentiable(types.get(var, UNKNOWN))

    varied = _closure(set(wrt), iter(straight), storage, can_vary)
    _check_merges(fn, types, varied)
    results = {v for s in statements(fn) if isinstance(s, Return) for v in variables(s.value)}
    useful = _closure(results, ((target, source) for source, target in flows), storage, can_vary)
    return Activity(frozenset(varied), frozenset(varied & useful))


def _check_merges(fn: Function, types: Mapping[Var, Type], varied: set[Var]) -> None:
    """Raise if ``a | b`` may join dicts that vary: of whole numbers it has no derivative."""
    for stmt in statements(fn):
        match stmt:
            case Assign(_, Call(Ref(_, operation)) as call) if operation is OR.value:
                known = (Scalar, Array)
                if any(
                    v in varied and not isinstance(types.get(v), known) for v in variables(call)
                ):
                    raise UnsupportedSyntaxError(
                        "srcad cannot tell what `|` joins here",
                        source=fn.source,
                        origin=call.origin or stmt.origin,
                        why="the keys of a dict are part of its type, and this one is not known",
                        instead="write the new dict out: `{'a': d['a'], 'b': x}`",
                    )
            case _:
                pass


def _closure(
    start: set[Var],
    edges: Iterator[tuple[Var, Var]],
    storage: Storage,
    allowed: Callable[[Var], bool],
) -> set[Var]:
    out: dict[Var, list[Var]] = {}
    for a, b in edges:
        out.setdefault(a, []).append(b)
    seen: set[Var] = set()
    todo = [v for v in start if allowed(v)]
    while todo:
        var = todo.pop()
        if var in seen:
            continue
        seen.add(var)
        for other in (*out.get(var, ()), *storage.members.get(var, ())):
            if other not in seen and allowed(other):
                todo.append(other)
    return seen


def _flows(stmt: Stmt) -> Iterator[tuple[Var, Var]]:
    """The pairs (source, target) between which ``stmt`` itself may pass a derivative."""
    match stmt:
        case Assign(Var() as target, value):
            for source in _sources(value):
                yield source, target
        case Unpack(targets, value):
            for source in _sources(value):
                for target in targets:
                    if target is not None:
                        yield source, target
        case Store(Var() as obj, _, value) | AugAssign(Var() as obj, _, _, value):
            for source in variables(value):
                yield source, obj
        case For(Var() as target, iterable):
            for source in variables(iterable):
                yield source, target
        case Do(Call(Ref(_, fn), (Var() as xs, item))) if fn is LIST_APPEND:
            for source in variables(item):
                yield source, xs
        case Do(Call(args=args)) if (hit := accumulates_at(stmt)) is not None:
            for source in variables(args[2]):
                yield source, hit[1]
        case _:
            return


def _flows_along(stmt: Stmt) -> Iterator[tuple[Unpack, list[tuple[Var, Var]]]]:
    """For ``for a, b in zip(xs, ys)`` the `Unpack` of the pair, and what flows from which one."""
    match stmt:
        case For(target, Call(Ref(_, fn), args), (Unpack(names, value) as unpack, *_)) if (
            fn is zip or fn is enumerate
        ) and value == target:
            runs = args if fn is zip else (Const(0), args[0])
            if len(runs) == len(names):
                pairs = zip(runs, names, strict=True)
                yield unpack, [(v, n) for run, n in pairs if n is not None for v in variables(run)]
        case _:
            pass


def _sources(value: Expr) -> Iterator[Var]:
    if isinstance(value, Call):
        for operand in carriers(value):
            yield from variables(operand)
    else:
        yield from variables(value)
