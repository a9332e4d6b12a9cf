"""``max``, ``min`` and ``sorted`` of numbers in an array, list or tuple; two of them of tuples."""

from __future__ import annotations

from types import BuiltinFunctionType, MappingProxyType
from typing import Final

import numpy as np

from srcad.ir.nodes import Call, Const, Expr, List, Ref, Star, Tuple, Var
from srcad.ir.refs import GETITEM
from srcad.plain import largest_of, smallest_of
from srcad.types.lattice import FLOAT, Array, FixedList, ListOf, Record, Scalar, TupleOf, Type
from srcad.types.run import Run

__all__ = ["chosen_numbers", "chosen_tuple", "is_int", "numbers_of"]

_OF_ARRAYS: Final = MappingProxyType(
    {max: Ref("np.max", np.max), min: Ref("np.min", np.min), sorted: Ref("np.sort", np.sort)}
)
_OF_TUPLES: Final = MappingProxyType({max: Ref("max", largest_of), min: Ref("min", smallest_of)})
_FALLING: Final = (("reverse", Const(True)),)


def chosen_numbers(
    run: Run, fn: object, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> tuple[Ref, tuple[Expr, ...]] | None:
    """The function of arrays that does the same, and its operand; ``None`` if there is none.

    `sorted` makes a list of what it gives, and turns it round where it is to fall.
    """
    if not isinstance(fn, BuiltinFunctionType) or fn not in _OF_ARRAYS:
        return None
    if any(isinstance(a, Star) for a in args):
        return None
    if kwargs and (fn is not sorted or kwargs != _FALLING):
        return None
    if len(args) > 2 and fn is not sorted:
        args = (List(args),)
    if len(args) != 1:
        return None
    t = run.type(args[0])
    if not _holds_floats(t if fn is sorted else _without_ints(t)):
        return None
    return _OF_ARRAYS[fn], args


def chosen_tuple(
    run: Run, fn: object, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> tuple[Ref, tuple[Expr, ...]] | None:
    """The function that takes the first or last of tuples, in their order, and its operand.

    ``None`` where they are no tuples.
    """
    if not isinstance(fn, BuiltinFunctionType) or fn not in _OF_TUPLES or kwargs:
        return None
    if any(isinstance(a, Star) for a in args):
        return None
    match run.all(args):
        case (_, _, *_) as types if all(map(_is_tuple, types)):
            return _OF_TUPLES[fn], (List(args),)
        case (t,):
            pass
        case _:
            return None
    match t:
        case FixedList(items) | TupleOf(items) if items and all(map(_is_tuple, items)):
            return _OF_TUPLES[fn], args
        case ListOf(item) if item is not None and _is_tuple(item):
            return _OF_TUPLES[fn], args
        case _:
            return None


def numbers_of(run: Run, args: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The numbers in the one list or tuple that ``args`` is; none if they are not known."""
    if len(args) != 1 or not isinstance(args[0], (Var, List, Tuple)):
        return ()
    match run.type(args[0]):
        case FixedList(items) | TupleOf(items) if len(items) > 1:
            pass
        case _:
            return ()
    if not all(isinstance(i, Scalar) for i in items):
        return ()
    if isinstance(args[0], Var):
        return tuple(Call(GETITEM, (args[0], Const(i))) for i in range(len(items)))
    return args[0].items


def _is_tuple(t: Type) -> bool:
    return isinstance(t, (TupleOf, FixedList)) or (
        isinstance(t, Record) and issubclass(t.cls, tuple)
    )


def _without_ints(t: Type | None) -> Type | None:
    """The type without the ints among doubles, ``max(0, a, b)``: arrays make doubles of all."""
    match t:
        case FixedList(items) | TupleOf(items):
            floats = tuple(i for i in items if not is_int(i))
            return FixedList(floats) if FLOAT.dtype in map(_dtype, floats) else t
        case _:
            return t


def is_int(t: Type | None) -> bool:
    """Whether it is the type of an int; of what has no type yet nothing is known."""
    return isinstance(t, Scalar) and t.dtype.kind in "iu"


def _dtype(t: Type) -> np.dtype | None:
    return t.dtype if isinstance(t, Scalar) else None


def _holds_floats(t: Type | None) -> bool:
    """Whether ``t`` holds real numbers of one precision, and nothing else."""
    match t:
        case Array(dtype, (_,)):
            return dtype.kind == "f"
        case FixedList(items) | TupleOf(items):
            first = items[0] if items else None
            return all(isinstance(i, Scalar) and i.dtype.kind == "f" for i in items) and all(
                isinstance(first, Scalar) and isinstance(i, Scalar) and i.dtype == first.dtype
                for i in items
            )
        case ListOf(Scalar(dtype)):
            return dtype.kind == "f"
        case _:
            return False
