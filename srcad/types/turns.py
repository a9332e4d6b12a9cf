"""The turns of a loop that is written out: over a dict, over functions, over unlike items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from srcad.ir.nodes import Call, Const, Expr, List, Ref, Star, Tuple, Var
from srcad.ir.refs import GETITEM
from srcad.types.containers import constant_key
from srcad.types.lattice import UNKNOWN, DictOf, FixedList, Static, TupleOf, Type, join_all

if TYPE_CHECKING:
    from srcad.types.infer import Inference

__all__ = ["turns_of"]

_MOST_TURNS: Final = 64


def turns_of(run: Inference, iterable: Expr) -> tuple[Expr, ...] | None:
    """The element of each turn; ``None`` for a loop that stays a loop.

    A call among the elements, or inside one, reads an item of a container.
    """
    t = run.type(iterable) if isinstance(iterable, (Var, Ref)) else None
    if isinstance(t, DictOf) and len(t.items) <= _MOST_TURNS:
        return tuple(Const(k) for k, _ in t.items)
    if _runs_over_functions(run, iterable):
        return _elements(run, iterable)
    if _is_counted(iterable) and 0 < len(iterable.items) <= _MOST_TURNS:
        inner = run.all(iterable.items)
        joined = None if inner is None else join_all(inner)
        if joined is not None and _is_vague(joined):
            return iterable.items
    return None


def _is_counted(iterable: Expr) -> TypeGuard[Tuple | List]:
    """Whether ``iterable`` is written out, without a ``*xs`` of unknown length in it."""
    return isinstance(iterable, (Tuple, List)) and not any(
        isinstance(i, Star) for i in iterable.items
    )


def _runs_over_functions(run: Inference, iterable: Expr) -> bool:
    match iterable:
        case Call(Ref(), args):
            return any(_runs_over_functions(run, a) for a in args)
        case Var() | Ref():
            t = run.type(iterable)
            return isinstance(t, (TupleOf, FixedList)) and any(map(_is_function, t.items))
        case _:
            return False


def _elements(run: Inference, iterable: Expr) -> tuple[Expr, ...] | None:
    """The elements of what has a known length."""
    match iterable:
        case Call(Ref(_, fn), args, kwargs) if fn is zip:
            parts = [_elements(run, a) for a in args]
            known = [p for p in parts if p is not None]
            strict = any(k == "strict" and v != Const(False) for k, v in kwargs)
            if len(known) != len(parts) or (strict and len({len(p) for p in known}) > 1):
                return None
            return tuple(map(Tuple, zip(*known, strict=False)))
        case Call(Ref(_, fn), (run_over, *rest), kwargs) if fn is enumerate:
            given = rest[0] if rest else dict(kwargs).get("start", Const(0))
            t, inner = run.type(given), _elements(run, run_over)
            try:
                start = constant_key(UNKNOWN if t is None else t)
            except LookupError:
                return None
            if inner is None or not isinstance(start, int):
                return None
            return tuple(Tuple((Const(start + i), e)) for i, e in enumerate(inner))
        case Call(Ref(_, fn), (run_over,)) if fn is reversed:
            inner = _elements(run, run_over)
            return None if inner is None else inner[::-1]
        case Tuple(items) | List(items):
            return items if _is_counted(iterable) else None
        case Var() | Ref():
            t = run.type(iterable)
            if not isinstance(t, (TupleOf, FixedList)) or len(t.items) > _MOST_TURNS:
                return None
            return tuple(Call(GETITEM, (iterable, Const(i))) for i in range(len(t.items)))
        case _:
            return None


def _is_function(t: Type) -> bool:
    """Whether ``t`` is a function, or holds one: each is called in its own way."""
    if isinstance(t, (TupleOf, FixedList)):
        return any(map(_is_function, t.items))
    return isinstance(t, Static) and callable(t.value) and not isinstance(t.value, type)


def _is_vague(t: Type) -> bool:
    """Whether some part of ``t`` is `Unknown`."""
    if isinstance(t, (TupleOf, FixedList)):
        return any(map(_is_vague, t.items))
    return t == UNKNOWN
