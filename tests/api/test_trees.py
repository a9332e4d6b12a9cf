"""Trees: taken apart, put together, and told apart."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
import pytest

from srcad.calls.trees import difference, flatten, leaves_with_paths, tree_map
from tests.api.functions import Frozen, Pair, Weights


@dataclass
class Derived:
    x: float
    twice: float = field(init=False)

    def __post_init__(self):
        self.twice = 2 * self.x


@pytest.mark.parametrize(
    "tree",
    [
        1.0,
        None,
        (),
        [1.0, (2.0, [3.0])],
        {"b": 1.0, "a": {"c": [2.0]}},
        OrderedDict(b=1.0, a=2.0),
        Pair(1.0, [2.0]),
        Weights(1.0, 2.0),
        [Weights({"k": 1.0}, (2.0,)), None, 3.0],
        Frozen(1.0, Weights(2.0, 3.0)),
    ],
)
def test_round_trip(tree):
    leaves, structure = flatten(tree)
    assert structure.unflatten(leaves) == tree
    assert type(structure.unflatten(leaves)) is type(tree)


def test_a_field_that_is_not_an_argument():
    leaves, structure = flatten(Derived(1.0))
    assert leaves == [1.0, 2.0]
    again = structure.unflatten([5.0, 7.0])
    assert (again.x, again.twice) == (5.0, 7.0)


def test_map_and_paths():
    tree = {"w": [1.0, Weights(2.0, None)]}
    assert tree_map(lambda x: x if x is None else 2 * x, tree) == {"w": [2.0, Weights(4.0, None)]}
    assert [p for p, _ in leaves_with_paths(tree, "t")] == [
        't["w"][0]',
        't["w"][1].w',
        't["w"][1].b',
    ]
    assert list(leaves_with_paths({3: (Pair(1.0, 2.0),)}, "t")) == [
        ("t[3][0].a", 1.0),
        ("t[3][0].b", 2.0),
    ]


def test_wrong_number_of_leaves():
    with pytest.raises(ValueError, match="2 leaves wanted, 1 given"):
        flatten([1.0, 2.0])[1].unflatten([1.0])


@pytest.mark.parametrize(
    ("wanted", "given", "text"),
    [
        ((1.0,), [1.0], "t should be a tuple of length 1, not a list of length 1"),
        ([1.0, 2.0], [1.0], "t should be a list of length 2, not a list of length 1"),
        (
            {"a": 1.0},
            {"b": 1.0},
            't should be a dict with the keys "a", not a dict with the keys "b"',
        ),
        ({"a": [1.0]}, {"a": 1.0}, 't["a"] should be a list of length 1, not a float'),
        (Weights(1.0, 2.0), (1.0, 2.0), "t should be a Weights, not a tuple of length 2"),
        (np.ones(2), [1.0, 2.0], "t should be an ndarray, not a list of length 2"),
        ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}, ""),
        (1.0, np.ones(2), ""),
    ],
)
def test_difference(wanted, given, text):
    assert difference(wanted, given, "t") == text


def test_a_class_is_not_kept_alive():
    @dataclass
    class Local:
        x: float

    leaves, structure = flatten([Local(1.0)])
    seen = weakref.ref(Local)
    del Local, leaves, structure
    gc.collect()
    assert seen() is None
