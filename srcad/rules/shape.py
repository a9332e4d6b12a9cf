"""Reshaping, transposing, broadcasting, repeating, rearranging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcad.rules.declare import linear
from srcad.rules.samples import array, of
from srcad.runtime import inverse_axes
from srcad.types.lattice import Array, Dim, Scalar, Static, Sym, Type
from srcad.types.layouts import dims_of, is_count, product_dims, sum_dims
from srcad.types.shapes import (
    axes_of,
    dtype_of,
    is_known,
    is_some_axis,
    known_int,
    known_value,
    shape_of,
)

__all__: list[str] = []


def _of(x: Type, shape: tuple[Dim, ...]) -> Type:
    return Array(dtype_of(x), shape)


def _same(x: Type, **others: Type) -> Type:
    del others
    return _of(x, shape_of(x))


def _is_numpys_number(x: Type) -> bool:
    """Whether ``x`` has methods of its own that give numbers back, not arrays without axes."""
    return isinstance(x, Scalar) and not x.weak


def reshaped(x: Type, shape: Type) -> Type:
    """The type of ``np.reshape(x, shape)``."""
    old, new = shape_of(x), dims_of(shape)
    # What is less than an extent, or any number, may be -1, which asks for what is left.
    new = tuple(d if isinstance(d, int) or _is_whole(d) else None for d in new)
    if not new and _is_numpys_number(x):
        return x
    if -1 not in new:
        return _of(x, new)
    at = new.index(-1)
    others = tuple(d for k, d in enumerate(new) if k != at)
    rest: Dim = None
    whole, taken = product_dims(old), product_dims(others)
    if isinstance(whole, int) and isinstance(taken, int) and taken:
        rest = whole // taken
    elif all(d == 1 for d in others):
        rest = whole
    elif sum(d not in others for d in old) <= 1 and None not in others:
        left = list(old)
        for d in others:
            if d in left:
                left.remove(d)
            elif d != 1:
                return _of(x, tuple(None if k == at else d for k, d in enumerate(new)))
        rest = product_dims(tuple(left))
    return _of(x, tuple(rest if k == at else d for k, d in enumerate(new)))


def _is_whole(d: Dim) -> bool:
    return isinstance(d, Sym) and is_count(d)


linear(
    np.reshape,
    "x, shape -> y",
    x="np.reshape(g, np.shape(x))",
    result=reshaped,
    shares=("x",),
    samples=lambda: (
        of(array(2, 3), (3, 2)),
        of(array(2, 3), -1),
        of(array(6), (2, -1)),
        of(array(2, 3, 4), (2, -1)),
        of(array(4), (4, 1)),
    ),
)
linear(
    np.ravel,
    "x -> y",
    x="np.reshape(g, np.shape(x))",
    result=lambda x: _of(x, (product_dims(shape_of(x)),)),
    shares=("x",),
    samples=lambda: (of(array(2, 3)), of(array(4))),
)
linear(
    np.ndarray.flatten,
    "x -> y",
    x="np.reshape(g, np.shape(x))",
    result=lambda x: _of(x, (product_dims(shape_of(x)),)),
    samples=lambda: (of(array(2, 3)),),
)


def _rearranged(result: Callable[..., Type]) -> Callable[..., Type]:
    """``result``, or as many axes of unknown extents where it is not known which goes where."""

    def found(x: Type, **axes: Type) -> Type:
        if all(map(is_known, axes.values())):
            return result(x, **axes)
        return _of(x, (None,) * len(shape_of(x)))

    return found


def _swapped(x: Type, axis1: Type, axis2: Type) -> Type:
    shape = list(shape_of(x))
    i, j = known_int(axis1), known_int(axis2)
    shape[i], shape[j] = shape[j], shape[i]
    return _of(x, tuple(shape))


def _transposed(x: Type, axes: Type) -> Type:
    if _is_numpys_number(x):
        return x
    shape = shape_of(x)
    if axes == Static(None):
        return _of(x, shape[::-1])
    return _of(x, tuple(shape[k] for k in axes_of(axes, len(shape))))


def _back(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """The way back of a transposition by axes that are known."""
    del real
    axes = known.get("axes", ())
    if axes is None:
        return {"x": "np.transpose(g)"}
    return (
        {"x": f"np.transpose(g, {inverse_axes(axes)})"} if isinstance(axes, tuple) and axes else {}
    )


linear(
    np.transpose,
    "x, axes=None -> y",
    x="np.transpose(g, inverse_axes(axes))",
    at_rank={(0,): {"x": "g"}, (2,): {"x": "g.T"}},
    at_constant=_back,
    result=_rearranged(_transposed),
    shares=("x",),
    samples=lambda: (
        *(of(array(2, 3)), of(array(2, 3, 4), (1, 2, 0)), of(array(2, 3, 4))),
        of(array(3), 0),
    ),
)
linear(
    np.swapaxes,
    "x, axis1, axis2 -> y",
    x="np.swapaxes(g, axis1, axis2)",
    result=_rearranged(_swapped),
    shares=("x",),
    samples=lambda: (of(array(2, 3, 4), 0, -1),),
)


def _moved(x: Type, source: Type, destination: Type) -> Type:
    shape = shape_of(x)
    if is_some_axis(source) or is_some_axis(destination):
        return _of(x, (None,) * len(shape))
    given, wanted = axes_of(source, len(shape)), axes_of(destination, len(shape))
    if len(given) != len(wanted):
        raise LookupError("as many axes go as come")
    order = [k for k in range(len(shape)) if k not in given]
    for to, k in sorted(zip(wanted, given, strict=True)):
        order.insert(to, k)
    return _of(x, tuple(shape[k] for k in order))


linear(
    np.moveaxis,
    "x, source, destination -> y",
    x="np.moveaxis(g, destination, source)",
    result=_rearranged(_moved),
    shares=("x",),
    samples=lambda: (of(array(2, 3, 4), 0, -1), of(array(2, 3, 4), (0, 1), (1, 2))),
)


def _expanded(x: Type, axis: Type) -> Type:
    shape = shape_of(x)
    count = np.size(known_value(axis))  # pyright: ignore[reportArgumentType]  # an int or ints
    axes = axes_of(axis, len(shape) + count)
    left = iter(shape)
    return _of(x, tuple(1 if k in axes else next(left) for k in range(len(shape) + count)))


def _squeezed(x: Type, axis: Type) -> Type:
    if _is_numpys_number(x):
        return x
    shape = shape_of(x)
    if axis == Static(None):
        if not all(isinstance(d, int) for d in shape):
            raise LookupError("an unknown extent may be 1")
        return _of(x, tuple(d for d in shape if d != 1))
    axes = axes_of(axis, len(shape))
    return _of(x, tuple(d for k, d in enumerate(shape) if k not in axes))


linear(
    np.expand_dims,
    "x, axis -> y",
    x="np.reshape(g, np.shape(x))",
    result=_expanded,
    shares=("x",),
    samples=lambda: (of(array(2, 3), 1), of(array(3), (0, 2)), of(array(2, 3), -1)),
)
linear(
    np.squeeze,
    "x, axis=None -> y",
    x="np.reshape(g, np.shape(x))",
    result=_squeezed,
    shares=("x",),
    samples=lambda: (of(array(2, 1, 3)), of(array(1, 3), 0), of(array(2, 1), -1)),
)
linear(
    np.broadcast_to,
    "x, shape -> y",
    x="unbroadcast(g, x)",
    result=lambda x, shape: _of(x, dims_of(shape)),
    shares=("x",),
    samples=lambda: (of(array(3), (2, 3)), of(array(2, 1), (2, 3)), of(1.5, (2,))),
)


def _at_least(n: int) -> Callable[..., Type]:
    def result(x: Type) -> Type:
        shape = shape_of(x)
        return _of(x, (1,) * (n - len(shape)) + shape)

    return result


for _fn, _n in ((np.atleast_1d, 1), (np.atleast_2d, 2)):
    linear(
        _fn,
        "x, / -> y",
        x="np.reshape(g, np.shape(x))",
        result=_at_least(_n),
        shares=("x",),
        samples=lambda: (of(1.5), of(array(3)), of(array(2, 3))),
    )


# --- the same elements elsewhere -----------------------------------------------------------------

linear(
    np.flip,
    "x, axis=None -> y",
    x="np.flip(g, axis)",
    result=lambda x, axis: _same(x),
    shares=("x",),
    samples=lambda: (of(array(3)), of(array(2, 3)), of(array(2, 3), 0), of(array(2, 3), (0, 1))),
)
for _fn in (np.flipud, np.fliplr):
    linear(
        _fn,
        "x -> y",
        x=f"np.{_fn.__name__}(g)",
        result=_same,
        shares=("x",),
        samples=lambda: (of(array(2, 3)),),
    )


linear(
    np.roll,
    "x, shift, axis=None -> y",
    x="np.roll(g, opposite(shift), axis)",
    at_constant=lambda known, real: (
        {"x": "np.roll(g, -shift, axis)"} if isinstance(known.get("shift"), int) else {}
    ),
    result=lambda x, shift, axis: _same(x),
    samples=lambda: (
        of(array(4), 1),
        of(array(2, 3), 2),
        of(array(2, 3), -1, 1),
        of(array(2, 3), (1, 1), (0, 1)),
    ),
)


def _differences(x: Type, n: Type, axis: Type) -> Type:
    del n
    shape = shape_of(x)
    (k,) = axes_of(axis, len(shape))
    d = shape[k]
    match d:
        case int():
            less: Dim = max(d - 1, 0)
        case Sym(id, minus):
            less = Sym(id, minus + 1)
        case _:
            less = None
    return _of(x, (*shape[:k], less, *shape[k + 1 :]))


linear(
    np.diff,
    "x, n=1, axis=-1 -> y",
    x="diff_bar(g, axis)",
    only={"n": (1,)},
    result=_differences,
    samples=lambda: (of(array(4)), of(array(3, 2), axis=0), of(array(2, 3), 1, 1)),
)


def _repeated(x: Type, repeats: Type, axis: Type) -> Type:
    shape = shape_of(x)
    times = repeats.known if isinstance(repeats, Scalar) else None

    def more(d: Dim) -> Dim:
        return None if times is None else product_dims((d, times))

    if axis == Static(None):
        return _of(x, (more(product_dims(shape)),))
    (k,) = axes_of(axis, len(shape))
    return _of(x, tuple(more(d) if i == k else d for i, d in enumerate(shape)))


linear(
    np.repeat,
    "x, repeats, axis=None -> y",
    x="repeat_bar(g, x, repeats, axis)",
    result=_repeated,
    samples=lambda: (
        of(array(3), 2),
        of(array(2, 3), 2, 1),
        of(array(2, 3), np.array([1, 2]), 0),
        of(array(2, 3), 2),
    ),
)


def _tiled(x: Type, reps: Type) -> Type:
    counts, shape = dims_of(reps), shape_of(x)
    ndim = max(len(counts), len(shape))
    pairs = zip(
        (1,) * (ndim - len(counts)) + counts, (1,) * (ndim - len(shape)) + shape, strict=True
    )
    return _of(x, tuple(product_dims(pair) for pair in pairs))


linear(
    np.tile,
    "x, reps -> y",
    x="tile_bar(g, x, reps)",
    result=_tiled,
    samples=lambda: (of(array(3), 2), of(array(2, 3), (2, 1)), of(array(3), (2, 2))),
)


def _padded(x: Type, pad_width: Type, mode: Type) -> Type:
    if mode != Static("constant"):
        raise LookupError("only constant padding has a rule")
    shape = shape_of(x)
    try:
        widths = np.broadcast_to(np.asarray(known_value(pad_width)), (len(shape), 2))
    except (LookupError, ValueError):  # they may be for another number of axes: NumPy says so
        return _of(x, (None,) * len(shape))
    return _of(
        x,
        tuple(
            sum_dims((d, int(w.sum()))) if w.any() else d
            for d, w in zip(shape, widths, strict=True)
        ),
    )


linear(
    np.pad,
    "x, pad_width, mode='constant' -> y",
    x="pad_bar(g, x, pad_width)",
    only={"mode": ("constant",)},
    result=_padded,
    samples=lambda: (
        of(array(3), 1),
        of(array(2, 3), (1, 2)),
        of(array(2, 3), ((0, 1), (2, 0)), "constant"),
    ),
)


# --- copies and conversions ----------------------------------------------------------------------

linear(
    np.copy,
    "x -> y",
    x="g",
    result=lambda x: _of(x, shape_of(x)),
    samples=lambda: (of(array(2, 3)),),
)
linear(
    np.ndarray.copy,
    "x -> y",
    x="g",
    result=lambda x: _of(x, shape_of(x)),
    samples=lambda: (of(array(2, 3)),),
)


def _cast(x: Type, dtype: Type, **others: Type) -> Type:
    del others
    try:
        wanted: Any = np.dtype(known_value(dtype))  # pyright: ignore[reportArgumentType, reportCallIssue]
    except TypeError as error:
        raise LookupError("no dtype") from error
    shape = shape_of(x)
    return Array(wanted, shape) if isinstance(x, Array) else Scalar(wanted, False)


linear(
    np.ndarray.astype,
    "x, dtype -> y",
    x="broadcast_like(g, x)",
    result=_cast,
    samples=lambda: (of(array(3), float), of(array(3), "complex128"), of(array(3), np.float64)),
)
linear(
    np.ndarray.item,
    "x -> y",
    x="broadcast_like(g, x)",
    result=lambda x: Scalar(dtype_of(x)),
    samples=lambda: (of(array(1)), of(array(1, 1))),
)
