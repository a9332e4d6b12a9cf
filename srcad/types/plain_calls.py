"""Which calls are of a function of `srcad.plain`, and not of one with a rule."""

from __future__ import annotations

from types import FunctionType

import numpy as np

from srcad.errors import UnsupportedSyntaxError
from srcad.ir.nodes import Call, Const, Expr, Tuple
from srcad.plain import (
    PADDED_BY_ITEMS,
    largest_or,
    norm_of_matrix,
    plain_function,
    smallest_or,
)
from srcad.signature import signature_of
from srcad.types.lattice import UNKNOWN, DictOf, is_differentiable, ndim_of
from srcad.types.placed import has_rule
from srcad.types.run import Run

__all__ = ["fitting_plain"]

Keywords = tuple[tuple[str, Expr], ...]


def fitting_plain(
    run: Run, call: Call, fn: object, args: tuple[Expr, ...], kwargs: Keywords
) -> FunctionType | None:
    """The plain function for ``fn`` if this call is one of it; ``None`` if a rule is right."""
    if fn is np.linalg.norm and _is_of_matrix(run, args, kwargs):
        return norm_of_matrix
    if fn is np.pad:
        _refuse_widths_by_axis(run, call, args, kwargs)
    if (fn is max or fn is min) and [name for name, _ in kwargs] == ["default"]:
        return largest_or if fn is max else smallest_or
    plain = plain_function(fn)
    if plain is None or has_rule(fn, args, kwargs) or not _takes(plain, args, kwargs):
        return None
    if fn is np.pad and not _pads_plainly(run, args, kwargs):
        return None
    return plain


def _refuse_widths_by_axis(run: Run, call: Call, args: tuple[Expr, ...], kwargs: Keywords) -> None:
    """Raise if the widths of this call of `np.pad` are a dict."""
    x, width = (*args, None, None)[:2]
    width = width or dict(kwargs).get("pad_width")
    if x is None or width is None or not isinstance(run.type(width), DictOf):
        return
    if is_differentiable(run.type(x) or UNKNOWN):
        raise UnsupportedSyntaxError(
            "the widths of `np.pad` cannot be a dict in a differentiated function",
            source=run.fn.source,
            origin=call.origin,
            why="what is cut off again must be known for each axis",
            instead="write a pair for each axis, `((0, 0), (1, 2))`",
        )


def _pads_plainly(run: Run, args: tuple[Expr, ...], kwargs: Keywords) -> bool:
    """Whether this call of `np.pad` is one that its plain function is right for."""
    named = dict(kwargs)
    mode = args[2] if len(args) == 3 else named.pop("mode", Const("constant"))
    if not isinstance(mode, Const):
        return False
    value = named.pop("constant_values", None)
    if mode.value == "constant" and value is not None:
        return not named and ndim_of(run.type(value) or UNKNOWN) == 0
    return mode.value in PADDED_BY_ITEMS and value is None and not named


def _is_of_matrix(run: Run, args: tuple[Expr, ...], kwargs: Keywords) -> bool:
    """Whether this call of `np.linalg.norm` is of a matrix norm, but not that of Frobenius."""
    given = dict(zip(("x", "ord", "axis"), args, strict=False)) | dict(kwargs)
    t = run.type(given["x"]) if "x" in given else None
    if t is None or given.get("ord", Const(None)) in (Const(None), Const("fro")):
        return False
    axis = given.get("axis", Const(None))
    axes = 2 if axis == Const(None) and ndim_of(t) == 2 else 1
    return axes == 2 or (isinstance(axis, Tuple) and len(axis.items) == 2)


def _takes(plain: FunctionType, args: tuple[Expr, ...], kwargs: Keywords) -> bool:
    """Whether ``plain`` has all these parameters; it may lack some of NumPy's function."""
    try:
        signature_of(plain).bind(*args, **dict(kwargs))
    except TypeError:
        return False
    return True
