"""Keywords that say how something is computed, as ``dtype=`` does: dropped, or made steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from srcad.ir.nodes import Assign, Call, Const, Expr, Ref, Stmt, Tuple
from srcad.ir.refs import ARRAY, ASARRAY
from srcad.kinds import among, attribute
from srcad.types.lattice import Array, Scalar, Static, Type, Unknown, ndim_of
from srcad.types.run import Run

__all__ = ["KEYWORDS", "Told", "told"]

Keywords = tuple[tuple[str, Expr], ...]

_FUNCTION: Final = vars(np).get("astype")  # from NumPy 2.1 on
_ASTYPE: Final = Ref("np.ndarray.astype", np.ndarray.astype)
_COPY: Final = Ref("np.copy", np.copy)
_IN_ORDER: Final = Ref("np.ascontiguousarray", np.ascontiguousarray)
_SWAPAXES: Final = Ref("np.swapaxes", np.swapaxes)
_TURNED: Final = frozenset(
    {vars(home).get("matrix_transpose") for home in (np, np.linalg)} - {None}
)
_TRANSPOSE: Final = Ref("np.transpose", np.transpose)

_DEFAULTS: Final[Mapping[str, tuple[object, ...]]] = MappingProxyType(
    {
        "copy": (None,),
        "device": (None, "cpu"),
        "dtype": (None,),
        "order": (None,),
        "subok": (False,),
        "where": (True,),
    }
)
"""What these keywords are where they are left out, or what comes to the same."""

KEYWORDS: Final = frozenset({*_DEFAULTS, "casting", "kind", "ndmin", "stable"})

_NAMES: Final = (
    "cumprod cumsum mean nancumsum nanmean nanprod nanstd nansum nanvar prod std sum trace var"
    " cumulative_prod cumulative_sum"
)
_REDUCTIONS: Final = frozenset({vars(np).get(name) for name in _NAMES.split()} - {None})
"""They add or multiply in the ``dtype``: the operand has it first."""

_JOINS: Final[frozenset[object]] = frozenset(
    {np.concatenate, np.stack, np.vstack, np.hstack, np.linspace}
)
"""What they give has the ``dtype``."""

_NEW: Final[frozenset[object]] = frozenset({np.zeros, np.ones, np.empty, np.full, np.eye})
_CONVERSIONS: Final[frozenset[object]] = frozenset({np.array, np.asarray, np.copy, _ASTYPE.value})
_UNORDERED: Final[frozenset[object]] = frozenset({np.reshape, np.ravel, np.ndarray.flatten})


@dataclass(frozen=True)
class Told:
    """The same call without the keyword, and the function that is applied to its result."""

    fn: Ref
    args: tuple[Expr, ...]
    kwargs: Keywords
    then: Ref | None = None
    to: tuple[Expr, ...] = ()


def told(
    run: Run,
    call: Call,
    ref: Ref,
    args: tuple[Expr, ...],
    kwargs: Keywords,
    before: list[Stmt],
) -> Told | None:
    """The call without one of the keywords that say how it is done; ``None`` if it has none."""
    fn = ref.value
    if fn is not None and fn is _FUNCTION:
        return Told(_ASTYPE, args, kwargs)
    if among(fn, _TURNED) and len(args) == 1 and not kwargs:
        return Told(_SWAPAXES, (args[0], Const(-1), Const(-2)), ())
    if fn is np.asarray and len(args) == 2 and not kwargs:
        x, given = args
        return Told(ref, (x,), ()) if _is_of(run.type(x), _dtype(run, given)) else None
    if KEYWORDS.isdisjoint(name for name, _ in kwargs) or not _is_numpys(fn):
        return None
    for name, given in kwargs:
        rest = tuple((k, v) for k, v in kwargs if k != name)
        left = Told(ref, args, rest)
        value = given.value if isinstance(given, Const) else _OPEN
        if value in _DEFAULTS.get(name, ()) and not (name == "copy" and fn is np.array):
            return left
        match name:
            case "dtype":
                if fn is np.asarray and len(args) == 1:
                    return told(run, call, ref, (*args, given), rest, before)
                if fn is _ASTYPE.value:
                    return Told(ref, (*args, given), rest) if len(args) == 1 else None
                found = _with_dtype(run, call, left, given, before)
            case "copy":
                found = _copied(run, call, left, value)
            case "order":
                found = _in_order(run, call, left, value, before)
            case "ndmin":
                found = _with_axes(run, call, left, value)
            case "kind" | "stable":
                found = left if fn is np.sort else None  # equal items are equal
            case "casting":
                found = left if among(fn, _JOINS) or fn is _ASTYPE.value else None
            case _:
                found = None
        if found is not None:
            return found
    return None


_OPEN: Final = object()


def _is_numpys(fn: object) -> bool:
    home = attribute(fn, "__objclass__", None) or attribute(fn, "__module__", "")
    return isinstance(fn, np.ufunc) or home is np.ndarray or str(home).partition(".")[0] == "numpy"


def _with_dtype(run: Run, call: Call, left: Told, given: Expr, before: list[Stmt]) -> Told | None:
    """The call without ``dtype=given``: what it is given, or what it gives, is cast."""
    wanted = _dtype(run, given)
    if among(left.fn.value, _REDUCTIONS):
        x, *others = left.args
        t = run.type(x)
        if t is None or _is_of(t, wanted):
            return left
        cast = Call(_ASTYPE, (x, given), spell=".astype", origin=call.origin)
        if not isinstance(t, Array):
            cast = Call(ASARRAY, (x, given), origin=call.origin)
        held = run.beside(call, "cast", "t")
        before.append(Assign(held, cast, call.origin))
        run.bind(held, run.value_type(cast))
        return Told(left.fn, (held, *others), left.kwargs)
    without = Call(left.fn, left.args, left.kwargs, call.spell, call.origin)
    if wanted is None or wanted.kind not in "fc" or "out" in dict(left.kwargs):
        return None
    if isinstance(left.fn.value, np.ufunc):
        t = run.value_type(without)
        return left if _is_of(t, wanted) else None
    if among(left.fn.value, _JOINS):
        t = run.value_type(without)
        if _is_of(t, wanted):
            return left
        return Told(left.fn, left.args, left.kwargs, _ASTYPE, (given,))
    return None


def _is_of(t: Type | None, dtype: np.dtype[Any] | None) -> bool:
    return isinstance(t, (Scalar, Array)) and t.dtype == dtype


def _dtype(run: Run, given: Expr) -> np.dtype[Any] | None:
    """The dtype that ``given`` surely names."""
    match run.type(given):
        case Static(value):
            try:
                return np.dtype(value)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]
            except TypeError:
                return None
        case _:
            return None


def _copied(run: Run, call: Call, left: Told, value: object) -> Told | None:
    """The call without ``copy=value``."""
    fn = left.fn.value
    if fn is np.array:
        if value is True:
            return left
        return Told(ASARRAY, left.args, left.kwargs) if value in (None, False) else None
    if fn is np.asarray:
        if value is True:
            return Told(ARRAY, left.args, left.kwargs)
        return left if value in (None, False) else None
    if fn is _ASTYPE.value:
        if value is True:
            return left
        return Told(ASARRAY, left.args, left.kwargs) if value is False else None
    if fn is np.reshape and isinstance(value, bool):
        return Told(left.fn, left.args, left.kwargs, _COPY) if value else left
    return left if fn is np.nan_to_num and value is True else None


def _in_order(run: Run, call: Call, left: Told, value: object, before: list[Stmt]) -> Told | None:
    """The call without ``order=value``."""
    fn = left.fn.value
    if value == "K" and among(fn, _CONVERSIONS) and call.spell != ".copy":
        return left
    if value == "C" and (among(fn, _NEW) or among(fn, _UNORDERED) or call.spell == ".copy"):
        return left
    if value == "C" and among(fn, _CONVERSIONS):
        x, *others = left.args
        t = run.type(x)
        if not isinstance(t, Array):
            return None if t is None or isinstance(t, Unknown) else left
        if t.ndim < 2:
            return left
        if fn is np.asarray and not others and not left.kwargs:
            return Told(_IN_ORDER, left.args, ())
        return Told(
            left.fn,
            (_held(run, call, Call(_IN_ORDER, (x,)), "in order", before), *others),
            left.kwargs,
        )
    if value == "F" and among(fn, _UNORDERED):
        x, *others = left.args
        turned = _held(run, call, Call(_TRANSPOSE, (x,), spell="@T"), "turned", before)
        match others:
            case []:
                return Told(left.fn, (turned,), left.kwargs)
            case [Tuple(items)]:
                return Told(left.fn, (turned, Tuple(items[::-1])), left.kwargs, _TRANSPOSE)
            case [shape] if isinstance(run.type(shape), Scalar):
                return Told(left.fn, (turned, shape), left.kwargs)
            case _:
                return None
    return None


def _held(run: Run, call: Call, value: Call, role: str, before: list[Stmt]) -> Expr:
    held = run.beside(call, role, "t")
    before.append(Assign(held, value, call.origin))
    run.bind(held, run.value_type(value))
    return held


def _with_axes(run: Run, call: Call, left: Told, value: object) -> Told | None:
    """``np.array(x, ndmin=value)`` as an array with axes in front."""
    made = run.value_type(Call(left.fn, left.args, left.kwargs, call.spell, call.origin))
    ndim = None if made is None else ndim_of(made)
    if left.fn.value is not np.array or not isinstance(value, int) or ndim is None:
        return None
    missing = tuple(Const(i) for i in range(value - ndim))
    if not missing:
        return left
    axes = missing[0] if len(missing) == 1 else Tuple(missing)
    return Told(left.fn, left.args, left.kwargs, Ref("np.expand_dims", np.expand_dims), (axes,))
