"""What an index picks: by its type, a view or a copy, one item or many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from srcad.ir.nodes import Const, Expr, Slice, Tuple, Var
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    FixedList,
    ListOf,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
)
from srcad.types.layouts import getitem_type
from srcad.types.operands import operand_type

__all__ = ["apart", "is_basic_index", "is_mask", "part_type", "picks_one_item", "without_new_axes"]

_WHOLE: Final = Slice(Const(None), Const(None), Const(None))


def apart(i: Expr, j: Expr) -> bool:
    """Whether ``x[i]`` and ``x[j]`` surely have no item in common, whatever ``x`` is.

    Examples
    --------
    >>> none = Const(None)
    >>> apart(Const(0), Const(1)), apart(Const(0), Const(-1))
    (True, False)
    >>> apart(Const(0), Slice(Const(1), none, none))
    True
    >>> apart(Tuple((_WHOLE, Const(0))), Tuple((_WHOLE, Const(2))))
    True
    """
    if isinstance(i, Tuple) or isinstance(j, Tuple):
        left = i.items if isinstance(i, Tuple) else (i,)
        right = j.items if isinstance(j, Tuple) else (j,)
        for p, q in zip(left, right, strict=False):
            if not (_is_plain(p) and _is_plain(q)):
                return False
            if apart(p, q):
                return True
        return False
    match i, j:
        case Const(int() as a), Const(int() as b):
            return a != b and (a < 0) == (b < 0)
        case _:
            (a, b), (c, d) = _span(i), _span(j)
            return (b is not None and c is not None and b <= c) or (
                d is not None and a is not None and d <= a
            )


def _is_plain(part: Expr) -> bool:
    """Whether ``part`` of an index is for one axis, and takes one item or a slice."""
    if isinstance(part, Const):
        return type(part.value) is int
    return isinstance(part, Slice)


def _span(part: Expr) -> tuple[int | None, int | None]:
    """The first place and that after the last that ``part`` may take, counted from the front."""
    match part:
        case Const(int() as a) if type(a) is int and a >= 0:
            return a, a + 1
        case Slice(Const(start), Const(stop), Const(step)) if step is None or (
            isinstance(step, int) and step > 0
        ):
            first = 0 if start is None else start
            a = first if isinstance(first, int) and first >= 0 else None
            return a, stop if isinstance(stop, int) and stop >= 0 else None
        case _:
            return None, None


def is_basic_index(index: Expr, types: Mapping[Var, Type]) -> bool | None:
    """Whether an index has only integers, slices, ``None``, ``...``; ``None`` if that is open."""
    t = operand_type(index, types)
    parts = t.items if isinstance(t, TupleOf) else (t,)
    answers = [_is_basic(p) for p in parts]
    if False in answers:
        return False
    return None if None in answers else True


def _is_basic(t: Type) -> bool | None:
    match t:
        case Scalar(dtype) if dtype.kind not in "iub":
            return None  # elsewhere its name stands for another number; here it must be an int
        case Scalar(dtype):
            return dtype.kind != "b"
        case SliceOf() | Static():
            return True
        case Array() | FixedList() | ListOf():
            return False
        case _:
            return None


def is_mask(index: Expr, types: Mapping[Var, Type]) -> bool:
    """Whether an index is an array of booleans."""
    t = operand_type(index, types)
    return isinstance(t, Array) and t.dtype.kind == "b"


def picks_one_item(obj: Var, index: Expr, types: Mapping[Var, Type]) -> bool:
    """Whether ``obj[index]`` surely is one number of an array."""
    t = types.get(obj, UNKNOWN)
    parts = index.items if isinstance(index, Tuple) else (index,)
    return (
        isinstance(t, Array)
        and len(parts) == t.ndim
        and all(
            isinstance(p := operand_type(part, types), Scalar) and p.dtype.kind in "iu"
            for part in parts
        )
    )


def without_new_axes(obj: Var, index: Expr, types: Mapping[Var, Type]) -> Expr | None:
    """The index that leads from ``obj[index]`` back to ``obj``, if ``index`` only adds axes.

    Examples
    --------
    >>> import numpy as np
    >>> x, none = Var("x"), Const(None)
    >>> types = {x: Array(np.dtype(float), (3,))}
    >>> without_new_axes(x, Tuple((Const(...), none)), types)
    Tuple(items=(Const(value=Ellipsis), Const(value=0)))
    >>> without_new_axes(x, Tuple((Slice(none, Const(2), none), none)), types) is None
    True
    """
    t = types.get(obj, UNKNOWN)
    parts = index.items if isinstance(index, Tuple) else (index,)
    if not isinstance(t, Array) or t.ndim == 0 or Const(None) not in parts:
        return None
    if not all(p in (Const(None), Const(Ellipsis), _WHOLE) for p in parts):
        return None
    back = tuple(Const(0) if p == Const(None) else p for p in parts)
    return back[0] if len(back) == 1 else Tuple(back)


def part_type(obj: Var, index: Expr | None, types: Mapping[Var, Type]) -> Type:
    """The type of ``obj[index]``; without an index, of ``obj``."""
    whole = types.get(obj, UNKNOWN)
    if index is None:
        return whole
    try:
        return getitem_type(whole, operand_type(index, types))
    except LookupError:
        return UNKNOWN
