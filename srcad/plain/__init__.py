"""Functions in other words: Python that does the same, and is differentiated as it stands.

They are NumPy's, some of Python's own, and one of SciPy's. Where nothing is differentiated,
generated code calls the function itself.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType
from typing import Any, Final

import numpy as np

from srcad.generators import GENERATORS
from srcad.plain import (
    arrays,
    iteration,
    layouts,
    linalg,
    polynomials,
    pythons,
    reductions,
    special,
)
from srcad.plain.arrays import logaddexp_reduce
from srcad.plain.layouts import largest_so_far, smallest_so_far
from srcad.plain.linalg import norm_of_matrix
from srcad.plain.pythons import largest_of, largest_or, smallest_of, smallest_or

__all__ = [
    "PADDED_BY_ITEMS",
    "largest_of",
    "largest_or",
    "largest_so_far",
    "logaddexp_reduce",
    "norm_of_matrix",
    "original",
    "plain_function",
    "smallest_of",
    "smallest_or",
    "smallest_so_far",
]

PADDED_BY_ITEMS: Final = ("edge", "reflect", "symmetric", "wrap")
"""The modes of `np.pad` that fill with items of the array, those for which `pad` is right."""

_NAMES: Final = (
    "average convolve corrcoef cov cumprod delete gradient interp kron median meshgrid pad"
    " partition percentile polyval ptp quantile rot90 select take_along_axis trapezoid vander"
)
_LAYOUTS: Final = (
    "apply_along_axis atleast_3d block broadcast_arrays choose correlate diagflat diff dsplit"
    " dstack ediff1d geomspace hsplit insert logspace polyder polyfit polyint resize"
    " rollaxis unique unstack unwrap vsplit"
)
_OF_MATRICES: Final = (
    "cholesky cond cross diagonal lstsq matmul matrix_norm multi_dot outer qr svd"
    " tensordot tensorinv tensorsolve trace vector_norm"
)
_PRODUCTS: Final = "matvec vecdot vecmat"
_POLYNOMIALS: Final = "polyadd polymul polysub"
_REDUCTIONS: Final = (
    "cumulative_prod cumulative_sum nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod"
    " nanquantile nanstd nansum nanvar"
)
_PLAIN: Final[Mapping[Callable[..., Any], FunctionType]] = MappingProxyType(
    {
        getattr(package, name): getattr(room, name)
        for package, room, names in (
            (np, arrays, _NAMES),
            (np, layouts, _LAYOUTS),
            (np, linalg, _PRODUCTS),
            (np, polynomials, _POLYNOMIALS),
            (np, reductions, _REDUCTIONS),
            (np.linalg, linalg, _OF_MATRICES),
        )
        for name in names.split()
        if hasattr(package, name)  # many are there from NumPy 2 on
    }
    | {np.linalg.matrix_power: arrays.matrix_power}
    | {np.linalg.vecdot: linalg.vecdot_of_arrays}
    | {
        np.cross: linalg.cross_along,
        np.diagonal: linalg.diagonal_of_axes,
        np.trace: linalg.trace_of_axes,
        np.polynomial.polynomial.polyval: polynomials.power_series,
    }
    | {
        np.max: reductions.largest,
        np.mean: reductions.mean,
        np.min: reductions.smallest,
        np.prod: reductions.product,
        np.std: reductions.deviation,
        np.sum: reductions.total,
        np.var: reductions.variance,
    }
    | {
        divmod: pythons.quotient_and_rest,
        max: pythons.largest_by,
        min: pythons.smallest_by,
        np.divmod: pythons.quotient_and_rest,
        sorted: pythons.sorted_by,
        np.modf: pythons.fraction_and_whole,
        math.dist: pythons.math_dist,
        math.hypot: pythons.math_hypot,
        math.ldexp: pythons.math_ldexp,
        math.modf: pythons.math_modf,
        math.prod: pythons.math_prod,
    }
    | {
        np.fromiter: iteration.fromiter,
        itertools.accumulate: iteration.accumulate,
        itertools.chain.from_iterable: iteration.end_to_end,
        itertools.islice: iteration.islice,
        itertools.starmap: iteration.starmap,
        itertools.zip_longest: iteration.zip_longest,
    }
    | {vars(math)[name]: pythons.math_sumprod for name in ("sumprod",) if hasattr(math, name)}
    | {np.lib.stride_tricks.sliding_window_view: arrays.sliding_window_view}
    | {
        getattr(cls, name): getattr(arrays, name)
        for cls in GENERATORS
        for name in ("exponential", "lognormal", "normal", "uniform")
    }
)


def plain_function(fn: object) -> FunctionType | None:
    """The function here that does what ``fn``, a function of NumPy's or Python's, does.

    Examples
    --------
    >>> plain_function(np.ptp).__name__
    'ptp'
    """
    try:
        found = _PLAIN.get(fn)  # pyright: ignore[reportArgumentType]  # whatever it is
    except TypeError:  # unhashable
        return None
    if found is None and fn is not None and fn is _logsumexp():
        return special.logsumexp
    return found


def _logsumexp() -> object:
    """SciPy's function; ``None`` where nobody imported it, as srcad does not."""
    return getattr(sys.modules.get("scipy.special"), "logsumexp", None)


_ORIGINALS: Final = MappingProxyType(
    {
        norm_of_matrix: np.linalg.norm,
        logaddexp_reduce: np.logaddexp.reduce,
        largest_so_far: np.maximum.accumulate,
        smallest_so_far: np.minimum.accumulate,
        largest_of: max,
        smallest_of: min,
        largest_or: max,
        smallest_or: min,
    }
    | {plain: fn for fn, plain in _PLAIN.items()}
)


def original(fn: object) -> object:
    """The function of which ``fn`` is the plain one; ``None`` for all others.

    Examples
    --------
    >>> original(plain_function(np.ptp)) is np.ptp
    True
    """
    if fn is special.logsumexp:
        return _logsumexp()
    return _ORIGINALS.get(fn) if isinstance(fn, FunctionType) else None
