"""Arguments on which the tests try the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from srcad.rules.table import Sample

__all__ = ["array", "elementwise", "of"]

Interval = tuple[float, float]


def array(*shape: int, seed: int = 0, low: float = -2.0, high: float = 2.0) -> np.ndarray[Any, Any]:
    """Distinct numbers spread over ``(low, high)``, in no order, none of them special.

    Examples
    --------
    >>> bool(np.all(np.abs(array(2, 3)) < 2.0))
    True
    """
    n = int(np.prod(shape, dtype=int))
    fractions = (np.arange(1, n + 1) * 0.6180339887498949 + seed * 0.2360679774997896) % 1.0
    return (low + (high - low) * (0.02 + 0.96 * fractions)).reshape(shape)


def of(*arguments: object, wrt: tuple[str, ...] | None = None, **kwargs: object) -> Sample:
    """A sample written like a call."""
    return Sample(arguments, kwargs, wrt)


def elementwise(
    n: int, domain: Interval | tuple[Interval, ...], kinds: str
) -> Callable[[], Iterator[Sample]]:
    """Samples for an elementwise function of ``n`` arguments."""
    each: tuple[Any, ...] = domain if isinstance(domain[0], tuple) else (domain,) * n

    def make() -> Iterator[Sample]:
        if "s" in kinds:
            yield Sample(tuple(lo + 0.37 * (hi - lo) - 0.05 * k for k, (lo, hi) in enumerate(each)))
        if "a" in kinds:
            yield Sample(_arrays(each, [(3,)] * n))
        if "d" in kinds and n == 2:
            for shapes in product([(2, 3), (3,), (2, 1), ()], repeat=2):
                if shapes[0] != shapes[1]:
                    yield Sample(_arrays(each, list(shapes)))
        if "c" in kinds:
            reals, imags = _arrays(each, [(3,)] * n), _arrays(each, [(3,)] * n, seed=5)
            yield Sample(tuple(re + 0.5j * im for re, im in zip(reals, imags, strict=True)))
            if n == 2:
                yield Sample((reals[0], reals[1] + 0.5j * imags[1]))
                yield Sample((reals[0] + 0.5j * imags[0], reals[1]))

    return make


def _arrays(each: Any, shapes: list[tuple[int, ...]], seed: int = 0) -> tuple[Any, ...]:
    made: list[Any] = []
    for k, ((lo, hi), shape) in enumerate(zip(each, shapes, strict=True)):
        values = array(*shape, seed=3 * k + seed + 1, low=lo, high=hi)
        made.append(values if shape else float(values))
    return tuple(made)
