"""Functions that say where in an array something is: arrays of indices, one for each axis."""

from __future__ import annotations

import numpy as np

from srcad import runtime
from srcad.rules.declare import constant
from srcad.rules.samples import array, of
from srcad.types.lattice import INT, Array, Scalar, TupleOf, Type
from srcad.types.layouts import as_index, dims_of
from srcad.types.shapes import known_value, made, shape_of

__all__: list[str] = []


def _found(ndim: int) -> TupleOf:
    """As many indices as there turn out to be, for each of ``ndim`` axes."""
    return TupleOf((Array(INT.dtype, (None,)),) * ndim)


def _of_each_axis(arr: Type, k: Type = INT) -> Type:
    del k
    return _found(len(shape_of(arr)))


def _count(n: Type) -> int:
    known = known_value(n)
    if not isinstance(known, int):
        raise LookupError(f"{n} is no number that is known")
    return known


def _unravelled(indices: Type, shape: Type) -> Type:
    one = made(Scalar(INT.dtype, False), shape_of(as_index(indices)))
    return TupleOf((one,) * len(dims_of(shape)))


constant(
    np.nonzero,
    "x -> i",
    result=lambda x: _found(len(shape_of(x))),
    samples=lambda: (of(array(3)), of(array(2, 3))),
)
constant(
    np.flatnonzero,
    "a -> i",
    result=lambda a: Array(INT.dtype, (None,)),
    samples=lambda: (of(array(3)), of(array(2, 3))),
)
constant(
    np.argwhere,
    "a -> i",
    result=lambda a: Array(INT.dtype, (None, len(shape_of(a)))),
    samples=lambda: (of(array(3)), of(array(2, 3))),
)
constant(
    np.unravel_index,
    "indices, shape -> i",
    result=_unravelled,
    samples=lambda: (of(np.array([1, 4]), (2, 3)), of(5, (2, 3))),
)
constant(
    np.diag_indices,
    "n, ndim=2 -> i",
    result=lambda n, ndim: _found(_count(ndim)),
    samples=lambda: (of(3), of(2, 3)),
)
constant(
    np.diag_indices_from,
    "arr -> i",
    result=_of_each_axis,
    samples=lambda: (of(array(3, 3)),),
)
for _fn in (np.tril_indices, np.triu_indices):
    constant(
        _fn,
        "n, k=0, m=None -> i",
        result=lambda n, k, m: _found(2),
        samples=lambda: (of(3), of(3, 1), of(2, 0, 3)),
    )
for _fn in (np.tril_indices_from, np.triu_indices_from):
    constant(
        _fn,
        "arr, k=0 -> i",
        result=_of_each_axis,
        samples=lambda: (of(array(3, 3)), of(array(2, 3), 1)),
    )
constant(
    runtime.padded_places,
    "n, widths, mode -> i",
    result=lambda n, widths, mode: Array(INT.dtype, (None,)),
    samples=lambda: (of(3, (1, 2), "wrap"),),
)
