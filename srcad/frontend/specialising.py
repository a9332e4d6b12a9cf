"""Functions that are given local functions: copies of them in which these have a name.

A function that lives inside another is no value that could be handed over. Where it is an argument,
as in ``newton(lambda t: t * t - a, 1.0)``, the callee is copied: in the copy the parameter is the
name of that function, and the variables that it reads are parameters instead.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Final

import libcst as cst

from srcad.errors import NoSourceError
from srcad.frontend.evaluation import Evaluation
from srcad.frontend.imports import Imported
from srcad.frontend.lifting import (
    NAMELESS,
    Lifted,
    LocalFunction,
    is_local_function,
    lifted_function,
    lifting_of,
    names_in,
    plain_tree,
    without_parameters,
)
from srcad.frontend.refusals import code_of
from srcad.frontend.scope import assigned_names
from srcad.frontend.source import Parsed, parse_function
from srcad.ir.names import Names
from srcad.ir.nodes import Call, Expr, Ref, Star, Var
from srcad.ir.written import known_way
from srcad.notes import note
from srcad.plain import original

__all__ = ["with_functions"]

_DEEPEST: Final = 12
_FOREIGN: Final = ("numpy", "scipy", "srcad", "numba")

_WRITTEN_OUT: Final = (
    "write out the calls, or give it to a Python function at the top level of a module that"
    " calls it"
)

Keywords = Sequence[tuple[str, Expr]]


def with_functions(
    lowering: Evaluation,
    node: cst.Call,
    callee: LocalFunction,
    args: Sequence[Expr],
    kwargs: Keywords,
) -> tuple[LocalFunction, list[Expr], list[tuple[str, Expr]]]:
    """What to call instead of ``callee``, and with which of the arguments.

    It is ``callee`` itself if there is no local function among the arguments.
    """
    if not any(map(is_local_function, (*args, *(v for _, v in kwargs)))):
        return callee, list(args), list(kwargs)
    parsed = _source(lowering, node, callee)
    given = _by_parameter(lowering, node, callee, args, kwargs)
    if isinstance(parsed.node, cst.FunctionDef):
        for name in assigned_names(parsed.node.body):
            if name in given:
                raise lowering.refused(node, "rebound parameter", name=name, owner=callee.name)
    made = _specialised(lowering, node, callee, given, parsed)
    rest = [a for a in args if _function(a) is None]
    return made, rest, [(name, v) for name, v in kwargs if _function(v) is None]


def _function(value: Expr) -> LocalFunction | None:
    """The local function that ``value`` is, or a function from outside as if it were one.

    Beside local functions these have to be known too: one may be called with the other.
    """
    match value:
        case Ref(_, LocalFunction() as local):
            return local
        case Ref(path, FunctionType() as live):
            return LocalFunction(path.rpartition(".")[2], live)
        case _:
            return None


def _source(lowering: Evaluation, node: cst.Call, callee: LocalFunction) -> Parsed:
    """The source of ``callee``, which is to be copied."""
    live = callee.fn
    if isinstance(live, FunctionType):
        module = str(live.__globals__.get("__name__", ""))
        if module.partition(".")[0] not in _FOREIGN or original(live) is not None:
            try:
                return parse_function(live)
            except NoSourceError:
                pass
    name = code_of(node.func)
    way = known_way(Call(Ref(name, live), ()), name) or _WRITTEN_OUT
    raise lowering.refused(node, "function given away", name=name, way=way)


def _by_parameter(
    lowering: Evaluation,
    node: cst.Call,
    callee: LocalFunction,
    args: Sequence[Expr],
    kwargs: Keywords,
) -> dict[str, LocalFunction]:
    """The local functions among the arguments, by the parameter that they are given for."""
    code = callee.fn.__code__
    own = code.co_varnames[len(callee.captured) : code.co_argcount]
    every = (*own, *code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount])
    given: dict[str, LocalFunction] = {}
    starred = False
    for i, arg in enumerate(args):
        starred = starred or isinstance(arg, Star)
        if (function := _function(arg)) is not None:
            _check_reads_only(lowering, node, callee, function)
            if starred or i >= len(own):
                raise lowering.refused(node, "function among the rest", owner=callee.name)
            given[own[i]] = function
    for name, value in kwargs:
        if (function := _function(value)) is not None:
            _check_reads_only(lowering, node, callee, function)
            if name not in every:
                raise lowering.refused(node, "function among the rest", owner=callee.name)
            given[name] = function
    if not starred and all(name != "**" for name, _ in kwargs):
        passed = {*own[: len(args)], *(name for name, _ in kwargs)}
        for name, value in _defaults(callee.fn, passed).items():
            if isinstance(value, FunctionType):
                given[name] = LocalFunction(value.__name__, value)
    return given


def _check_reads_only(
    lowering: Evaluation, node: cst.Call, callee: LocalFunction, given: LocalFunction
) -> None:
    if given.writes:
        names = {"name": given.writes[0].name, "owner": callee.name}
        raise lowering.refused(node, "assigning function", **names)


def _specialised(
    lowering: Evaluation,
    node: cst.Call,
    callee: LocalFunction,
    given: Mapping[str, LocalFunction],
    parsed: Parsed,
) -> LocalFunction:
    """``callee`` with the local functions ``given`` for these parameters."""
    fn: FunctionType = callee.fn
    tree = without_parameters(plain_tree(parsed.positions.tree(parsed.node), fn.__name__), given)
    # A variable that several of the functions read is handed over once.
    inside = dict(zip(callee.captured, fn.__code__.co_varnames, strict=False))
    taken = Names({*names_in(tree), *fn.__code__.co_varnames})
    leading: list[Var] = []
    for function in given.values():
        theirs = function.fn.__code__.co_varnames
        for i, var in enumerate(function.needs):
            if var not in inside:
                name = theirs[i] if i < len(function.captured) else var.name
                inside[var] = taken.fresh(name).name
                leading.append(var)
    seen = {
        name: f.seen_from(inside, name if f.name == NAMELESS else "") for name, f in given.items()
    }
    known = lifting_of(fn)
    first = (*(inside[v] for v in leading), *(known.leading if known else ()))
    key = (fn, fn.__code__, first, tuple((n, f.fn, f.needs) for n, f in seen.items()))
    behind = [found for f in given.values() if (found := lifting_of(f.fn)) is not None]
    made = behind[0].copies.get(key)
    if made is None:
        depth = 1 + max(found.depth for found in (*behind, *([known] if known else [])))
        if depth > _DEEPEST:
            raise lowering.refused(node, "endless functions", owner=callee.name)
        imports = known.imports if known else dict[str, Imported]()
        made = lifted_function(tree, fn, first, fn.__qualname__, _defaults(fn, given), imports)
        title = "_".join((fn.__name__, *(f.name for f in seen.values())))
        functions = {**(known.functions if known else {}), **seen}
        writes = known.writes if known else ()
        note(made, lifted=Lifted(parsed, functions, title, first, depth, imports, writes))
        made = behind[0].copies.setdefault(key, made)
    return replace(callee, fn=made, captured=(*leading, *callee.captured))


def _defaults(fn: FunctionType, given: Container[str]) -> dict[str, object]:
    """The defaults of all parameters but those that are ``given``."""
    code = fn.__code__
    values = fn.__defaults__ or ()
    places = code.co_varnames[: code.co_argcount]
    found = dict(zip(places[len(places) - len(values) :], values, strict=True))
    found |= fn.__kwdefaults__ or {}
    return {name: value for name, value in found.items() if name not in given}
