"""Derivatives of local functions: ``grad(lambda t: a * t * t)(x)`` in a differentiated function.

A function that lives inside another takes the variables that it reads as its first arguments. So
does its derivative, by the same arguments as before, which stand further back now.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import libcst as cst

from srcad.errors import ArgumentError
from srcad.frontend.evaluation import Evaluation
from srcad.frontend.lifting import LocalFunction
from srcad.ir.nodes import Call, Const, Expr, List, Ref, Tuple
from srcad.ir.refs import NEG
from srcad.notes import notes_of

__all__ = ["derived_local", "is_derived"]


def is_derived(expr: Expr) -> bool:
    """Whether ``expr`` stands for the derivative of a local function, which can only be called."""
    local = expr.value if isinstance(expr, Ref) else None
    return isinstance(local, LocalFunction) and not inspect.isfunction(local.fn)


def derived_local(
    lowering: Evaluation,
    node: cst.Call,
    fn: Expr,
    args: Sequence[Expr],
    kwargs: Sequence[tuple[str, Expr]],
    *,
    called: bool,
) -> Expr | None:
    """What ``grad(f)`` and its kin are of local functions; ``None`` for a call of anything else.

    Of functions that read no variables around them it is a call like any other. Of others it can
    be ``called``, where it stands.
    """
    known = notes_of(fn.value) if isinstance(fn, Ref) else None
    if not isinstance(fn, Ref) or known is None or not (known.at_once or known.stand_in):
        return None
    given = [_local(e) for e in (*args, *(v for _, v in kwargs))]
    if all(f is None or (f.is_plain and inspect.isfunction(f.fn)) for f in given):
        named = tuple((k, _plain(v)) for k, v in kwargs)
        return Call(fn, tuple(map(_plain, args)), named, origin=lowering.origin_of(node))
    local = _local(args[0]) if args else next((_local(v) for k, v in kwargs if k == "fun"), None)
    rest = [_value(v) for v in args[1:]]
    named = {k: _value(v) for k, v in kwargs if k != "fun"}
    name = fn.path.rpartition(".")[2]
    if local is None or local.defaults or local.writes or not known.at_once:
        raise lowering.refused(node, "derived function", name=name)
    if not called or _OPEN in (*rest, *named.values()):
        raise lowering.refused(node, "derivative as a value", name=name)
    try:
        bound = inspect.signature(cast("Any", fn.value)).bind(local.fn, *rest, **named)
    except TypeError:
        raise lowering.refused(node, "derivative as a value", name=name) from None
    bound.apply_defaults()
    options = dict(bound.arguments)
    del options["fun"]
    argnums = options["argnums"]
    every = cast("tuple[Any, ...]", argnums if isinstance(argnums, tuple) else (argnums,))
    if not all(_is_own(n, local) for n in every):
        inner = str(local.fn.__qualname__).rpartition(".")[2]
        raise ArgumentError(
            f"{name}: argnums={argnums!r} does not fit `{inner}`",
            source=lowering.source,
            origin=lowering.origin_of(node),
            why="an argument is chosen by its position or its name",
            instead="count its own positional arguments from 0, or give the name of one",
        )
    options["argnums"] = _further_back(argnums, len(local.captured))
    made = _made(cast("Any", fn.value), local.fn, tuple(sorted(options.items())))
    name = str(getattr(made, "generated_name", name))
    return Ref(name, LocalFunction(name, made, local.captured))


# The very object each time that a text is read, for types compare it.
@lru_cache(maxsize=256)
def _made(maker: Callable[..., Any], fn: Any, options: tuple[tuple[str, Any], ...]) -> Any:
    return maker(fn, **dict(options))


def _local(expr: Expr) -> LocalFunction | None:
    return expr.value if isinstance(expr, Ref) and isinstance(expr.value, LocalFunction) else None


def _plain(expr: Expr) -> Expr:
    local = _local(expr)
    return expr if local is None else Ref(local.name, local.fn)


_OPEN: Final = object()


def _value(expr: Expr) -> Any:
    """The value of an option that is written out."""
    match expr:
        case Const(value):
            return value
        case Call(fn, (Const(int() | float() as value),)) if fn == NEG:
            return -value
        case Tuple(items) | List(items):
            values = tuple(map(_value, items))
            return _OPEN if _OPEN in values else values
        case _:
            return _OPEN


def _is_own(n: object, local: LocalFunction) -> bool:
    """Whether ``n`` chooses an argument of the function itself, and no variable that it reads."""
    fn = local.fn if inspect.isfunction(local.fn) else local.fn.callee.fn
    code = fn.__code__
    first, count = len(local.captured), code.co_argcount - len(local.captured)
    if isinstance(n, int):
        return -count <= n < count or (n >= 0 and bool(code.co_flags & inspect.CO_VARARGS))
    return n in code.co_varnames[first : code.co_argcount + code.co_kwonlyargcount]


def _further_back(argnums: Any, by: int) -> Any:
    if isinstance(argnums, tuple):
        return tuple([_further_back(n, by) for n in cast("tuple[Any, ...]", argnums)])
    return argnums + by if type(argnums) is int and argnums >= 0 else argnums
