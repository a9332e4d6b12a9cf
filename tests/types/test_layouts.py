"""Symbolic extents of slices: two that are equal are equal for every length."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from srcad.types.lattice import Derived, Dim, Scalar, SliceOf, Static, Sym, Type
from srcad.types.layouts import sliced

LENGTHS = range(9)
BOUNDS = (None, *range(-4, 5))
DERIVED = Derived("product", (Sym(0), Sym(1)))


def bound(n: int | None) -> Type:
    return Static(None) if n is None else Scalar(np.dtype(np.int64), True, n)


def extent(dim: Dim, start: int | None, stop: int | None, step: int | None = None) -> Dim:
    return sliced(dim, SliceOf(bound(start), bound(stop), bound(step)))


def lengths(start: int | None, stop: int | None, step: int | None) -> tuple[int, ...]:
    return tuple(len(range(n)[start:stop:step]) for n in LENGTHS)


@pytest.mark.parametrize("dim", [Sym(0), DERIVED])
def test_equal_extents_are_equal(dim: Dim) -> None:
    found: dict[Dim, set[tuple[int, ...]]] = defaultdict(set)
    for start, stop, step in product(BOUNDS, BOUNDS, (None, 1, 2, -1)):
        found[extent(dim, start, stop, step)].add(lengths(start, stop, step))
    assert not [dim for dim, ways in found.items() if dim is not None and len(ways) > 1]


@pytest.mark.parametrize("dim", [Sym(0), DERIVED])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, None), (None, -1)),
        ((1, -1), (2, None)),
        ((None, 3), (-3, None)),
        ((-3, -1), (1, 3)),
        ((2, 2), (-1, -2)),
    ],
)
def test_one_extent_from_the_front_and_from_the_back(
    dim: Dim, one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> None:
    assert extent(dim, *one) == extent(dim, *other) is not None
