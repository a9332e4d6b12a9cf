"""The parameters that say how long arrays are, as ``n`` does with ``np.zeros(n)``.

An int that is given for one of them is an extent in the call's types, as those of arrays are: what
is made with the same ``n`` is then known to be of one length.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Final

import numpy as np

from srcad.construction.extents import draws, operations
from srcad.construction.normal import normal_form
from srcad.errors import SrcadError
from srcad.ir.nodes import Assign, Attr, Call, Expr, Function, Ref, Tuple, Var
from srcad.ir.walk import statements, variables
from srcad.kinds import among
from srcad.rules.table import rule_for
from srcad.types.calls import bind_arguments, python_function

__all__ = ["counting_parameters"]

_SHAPE_FIRST: Final[frozenset[object]] = frozenset({np.zeros, np.ones, np.empty, np.full})
_ALL_COUNT: Final[frozenset[object]] = frozenset({np.eye, np.identity, np.arange})
_SHAPE_SECOND: Final[frozenset[object]] = frozenset(
    {np.reshape, np.broadcast_to, np.tile, np.repeat}
)
_SIZES: Final = frozenset({"shape", "num", "reps", "repeats", "size", "N", "M"})
_METHODS: Final = frozenset({"reshape", "repeat"})
_FOLLOWED: Final[frozenset[object]] = frozenset(
    {int, *(vars(operator)[name] for name in ("add", "sub", "mul"))}
)

Places = frozenset[int]
_NONE: Final[Places] = frozenset()


def counting_parameters(fn: FunctionType) -> Places:
    """The places of the parameters of ``fn`` that it, or a function it calls, makes arrays by.

    They only choose how much a call's types say: to miss one, or to name one too many, is harmless.

    Parameters
    ----------
    fn
        A plain Python function.

    Examples
    --------
    >>> def f(rate, n, turns):
    ...     y = np.zeros((n, 2))
    ...     for _ in range(turns):
    ...         y = y * rate + 1
    ...     return y.sum()
    >>> counting_parameters(f)
    frozenset({1})
    """
    return _places(fn, {})


def _places(fn: FunctionType, known: dict[FunctionType, Places]) -> Places:
    if fn in known:
        return known[fn]
    known[fn] = _NONE  # while it is looked for: a function may call itself
    try:
        ir = normal_form(fn)
    except SrcadError:
        return _NONE  # the derivative itself will say why
    counting = _counting(ir, known)
    known[fn] = frozenset(i for i, p in enumerate(ir.params) if p.var in counting)
    return known[fn]


def _counting(ir: Function, known: dict[FunctionType, Places]) -> set[Var]:
    """The variables of ``ir`` that extents are made of."""
    found: set[Var] = set()
    for expr in operations(ir):
        if isinstance(expr, Call):
            for extent in _extents(expr, known):
                found.update(variables(extent))
    made: dict[Var, list[Expr]] = {}
    for stmt in statements(ir):
        if isinstance(stmt, Assign) and isinstance(stmt.target, Var) and _is_followed(stmt.value):
            made.setdefault(stmt.target, []).append(stmt.value)
    todo = list(found)
    while todo:
        for value in made.get(todo.pop(), ()):
            fresh = set(variables(value)) - found
            found |= fresh
            todo.extend(fresh)
    return found


def _is_followed(value: Expr) -> bool:
    if isinstance(value, Call):
        return isinstance(value.fn, Ref) and among(value.fn.value, _FOLLOWED)
    return isinstance(value, Var | Tuple)


def _extents(call: Call, known: dict[FunctionType, Places]) -> Iterator[Expr]:
    """The operands of ``call`` that say how long something is."""
    named: Mapping[str, Expr] = dict(call.kwargs)
    yield from (value for name, value in named.items() if name in _SIZES)
    if draws(call.fn):
        yield from call.args
        return
    if isinstance(call.fn, Attr):
        yield from call.args if call.fn.name in _METHODS else ()
        return
    if not isinstance(call.fn, Ref):
        return
    fn = call.fn.value
    if among(fn, _SHAPE_FIRST):
        yield from call.args[:1]
    elif among(fn, _ALL_COUNT):
        yield from call.args
    elif among(fn, _SHAPE_SECOND):
        yield from call.args[1:2]
    elif fn is np.linspace:
        yield from call.args[2:3]
    elif (inner := python_function(fn)) is not None and rule_for(fn) is None:
        places = _places(inner, known)
        try:
            operands = bind_arguments(inner, call) if places else ()
        except SrcadError:
            return
        yield from (operands[i] for i in sorted(places))
