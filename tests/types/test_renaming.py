"""Types by a helper's names and back: what is told of a result is true for every length."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from srcad.types.lattice import (
    Array,
    Derived,
    Dim,
    FixedList,
    ListOf,
    Scalar,
    Sym,
    TupleOf,
    Type,
)
from srcad.types.renaming import NAMED, canonical, told

DOUBLE = np.dtype(float)
INT = np.dtype(np.int64)
LENGTHS = range(5)
WIDEST = 9
NAMES = (0, 1)


def array(*shape: Dim) -> Array:
    return Array(DOUBLE, shape)


def number(known: Dim) -> Scalar:
    return Scalar(INT, True, known)


def extent(dim: Dim, lengths: dict[int, int]) -> int | None:
    match dim:
        case Sym(id, minus):
            return max(lengths[id] - minus, 0)
        case Derived("product", of):
            found = [extent(d, lengths) for d in of]
            return None if None in found else int(np.prod(found))
        case Derived("less", (base, n)):
            return max(extent(base, lengths) - n, 0)
        case _:
            return dim


def value(t: Type, lengths: dict[int, int]) -> tuple[int | None, ...]:
    if isinstance(t, Array):
        return tuple(extent(d, lengths) for d in t.shape)
    match t.known:
        case Sym(id, minus):
            return (lengths[id] - minus,)
        case _:
            return (extent(t.known, lengths),)


def worlds(given: tuple[Type, ...], wanted: list[tuple[int | None, ...]]) -> Iterator[dict]:
    """What the helper's names may stand for where its arguments are as they are."""
    for found in product(range(WIDEST), repeat=len(NAMES)):
        lengths = dict(zip(NAMES, found, strict=True))
        inside = [value(t, lengths) for t in given]
        if all(
            a is None or b is None or a == b
            for x, y in zip(inside, wanted, strict=True)
            for a, b in zip(x, y, strict=True)
        ):
            yield lengths


AREA = Derived("product", (Sym(0), Sym(1)))
SIGNATURES = [
    (array(Sym(5)), array(Sym(3))),
    (array(Sym(5, 1)), array(Sym(3, -2))),
    (array(Sym(5, 1)), array(Sym(5, 2))),
    (array(Sym(5), Sym(5, 1)),),
    (array(Sym(5, 1)), number(Sym(5))),
    (array(Sym(5, 1)), number(Sym(5, 1))),
    (array(3), array(Sym(3))),
    (array(Sym(3), Derived("product", (Sym(3), Sym(5)))), array(Sym(5))),
]
RESULTS = [
    *(array(Sym(id, minus)) for id in NAMES for minus in range(-2, 4)),
    *(number(Sym(id, minus)) for id in NAMES for minus in range(4)),
    array(AREA),
    array(Derived("less", (AREA, 1))),
]


@pytest.mark.parametrize("types", SIGNATURES, ids=repr)
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_what_is_told_is_true(types: tuple[Type, ...], result: Type) -> None:
    given = canonical(types)
    outside = told(result, given, types)
    for n, m in product(LENGTHS, repeat=2):
        lengths = {5: n, 3: m}
        (seen,) = value(outside, lengths)
        if seen is None:
            continue
        for inside in worlds(given, [value(t, lengths) for t in types]):
            assert value(result, inside) == (seen,)


@pytest.mark.parametrize(
    ("types", "inside"),
    [
        ((array(Sym(7)), array(Sym(3), Sym(7))), (array(Sym(0)), array(Sym(1), Sym(0)))),
        ((array(None, 2), array(None)), (array(Sym(0), 2), array(Sym(1)))),
        ((array(Sym(7, 1)), array(Sym(7, 1))), (array(Sym(0)), array(Sym(0)))),
        ((array(Sym(7)), array(Sym(7, 1))), (array(Sym(0)), array(Sym(0, 1)))),
        # What an int is less than an extent may be negative.
        ((array(Sym(7, 1)), number(Sym(7, 1))), (array(Sym(0, 1)), number(Sym(0, 1)))),
        ((array(AREA), array(AREA)), (array(Sym(0)), array(Sym(0)))),
    ],
    ids=repr,
)
def test_extents_are_numbered_in_order(types: tuple[Type, ...], inside: tuple[Type, ...]) -> None:
    assert canonical(types) == inside


def test_items_of_a_list_may_differ() -> None:
    items = ListOf(array(None))
    assert canonical((items, FixedList((array(None), array(None))))) == (
        items,
        FixedList((array(Sym(0)), array(Sym(1)))),
    )


def test_names_of_a_moment_do_not_meet_those_of_the_helper() -> None:
    here, there = Derived(NAMED, (3,)), Derived(NAMED, (4,))
    (x, y, n) = canonical((array(here), array(there), number(here)))
    assert x.shape == (n.known,)
    assert n.known not in (here, there, *y.shape)
    assert n.known.how != NAMED
    assert told(x, (x, y, n), (array(here), array(there), number(here))) == array(None)
    assert told(TupleOf((x,)), (x,), (array(9),)) == TupleOf((array(None),))


def test_an_int_of_which_nothing_else_is_said_has_no_name() -> None:
    assert canonical((number(Derived(NAMED, (3,))), array(Sym(2)))) == (
        number(None),
        array(Sym(0)),
    )
