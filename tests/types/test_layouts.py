"""Symbolic extents of slices: two that are equal are equal for every length."""

from __future__ import annotations

import operator
from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from srcad.types.constants import known_result
from srcad.types.lattice import Derived, Dim, Scalar, SliceOf, Static, Sym, Type
from srcad.types.layouts import sliced, sum_dims

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


def counted(k: int) -> Type:
    """The type of the int ``n + k``."""
    n, more = Scalar(np.dtype(np.int64), True, Sym(0)), bound(abs(k))
    found = known_result(operator.add if k >= 0 else operator.sub, (n, more))
    assert found is not None
    return found


def test_slices_by_counts_that_are_equal_are_equal() -> None:
    ends = [(bound(b), lambda n, b=b: b) for b in (None, -3, -1, 0, 1, 2)]
    ends += [(counted(k), lambda n, k=k: n + k) for k in range(-3, 3)]
    found: dict[Dim, set[tuple[int, ...]]] = defaultdict(set)
    for k, (one, start), (other, stop) in product(range(-2, 3), ends, ends):
        dim = sliced(Sym(0, -k), SliceOf(one, other, Static(None)))
        taken = (len(range(max(n + k, 0))[start(n) : stop(n)]) for n in LENGTHS)
        found[dim].add(tuple(taken))
    assert not [dim for dim, ways in found.items() if dim is not None and len(ways) > 1]
    for dim, (way,) in ((d, w) for d, w in found.items() if isinstance(d, Sym)):
        assert way == tuple(max(n - dim.minus, 0) for n in LENGTHS)


def test_one_more_and_one_less() -> None:
    assert sliced(Sym(0, -1), SliceOf(bound(1), bound(None), bound(None))) == Sym(0)
    assert sliced(Sym(0, -1), SliceOf(bound(None), counted(0), bound(None))) == Sym(0)
    assert sliced(Sym(0), SliceOf(bound(None), counted(1), bound(None))) == Sym(0)
    assert sum_dims((Sym(0, -1), 2)) == Sym(0, -3)
    # One and what is less than no items make one.
    assert sum_dims((Sym(0, 1), 1)) != Sym(0)
    n, m = (Scalar(np.dtype(np.int64), True, Sym(i)) for i in (0, 1))
    assert known_result(operator.mul, (n, m)) == known_result(operator.mul, (m, n)) is not None
    assert known_result(operator.add, (n, bound(-1))) is None
    assert known_result(operator.add, (counted(-1), bound(1))) is None
    assert known_result(operator.sub, (n, m)) is None
