"""``np.mgrid[:n, 0:1:5j]`` and ``np.ogrid[...]``: the arrays that such an index makes."""

from __future__ import annotations

import numpy as np

from srcad.types.lattice import INT, Array, Dim, Scalar, SliceOf, Static, TupleOf, Type

__all__ = ["grid_type"]


def grid_type(grid: object, index: Type) -> Type | None:
    """The type of ``grid[index]``; ``None`` where ``grid`` makes no grid, or that is not known.

    Examples
    --------
    >>> rows = SliceOf(Static(None), INT, Static(None))
    >>> grid_type(np.mgrid, TupleOf((rows, rows)))
    Array(dtype=dtype('int64'), shape=(2, None, None))
    """
    if grid is not np.mgrid and grid is not np.ogrid:
        return None
    cuts = index.items if isinstance(index, TupleOf) else (index,)
    bounds = [b for cut in cuts if isinstance(cut, SliceOf) for b in _bounds(cut)]
    if len(bounds) != 3 * len(cuts) or None in bounds:
        return None
    dtype = np.dtype(float) if any(b != INT.dtype for b in bounds) else INT.dtype
    ndim = len(cuts)
    if not isinstance(index, TupleOf):
        return Array(dtype, (None,))
    if grid is np.mgrid:
        return Array(dtype, (ndim, *(None,) * ndim))
    return TupleOf(tuple(Array(dtype, _open(axis, ndim)) for axis in range(ndim)))


def _bounds(cut: SliceOf) -> tuple[np.dtype | None, ...]:
    return tuple(map(_dtype, (cut.start, cut.stop, cut.step)))


def _dtype(bound: Type) -> np.dtype | None:
    match bound:
        case Static(None):
            return INT.dtype
        case Scalar(dtype) if dtype.str[1:] in ("i8", "f8", "c16"):
            return dtype
        case _:
            return None


def _open(axis: int, ndim: int) -> tuple[Dim, ...]:
    return tuple(None if k == axis else 1 for k in range(ndim))
