"""Changes in place that would reach beyond the function, or who knows what, are refused."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad, jvp
from srcad.errors import MutationError, SrcadError, UnsupportedSyntaxError

x = np.array([0.3, -0.7, 1.1])
weights = np.ones(3)
items: list[np.ndarray] = []


def overwrite(u):
    u[0] = 9.0


def same(u):
    return u


def of_globals():
    return weights


def add_to(xs, x):
    xs.append(x)


def by_a_helper(x):
    overwrite(weights)
    return np.sum(weights * x)


def by_two_names(x):
    w = weights
    v = w
    overwrite(v)
    return np.sum(weights * x)


def by_asarray(x):
    w = np.asarray(weights)
    w[0] = 5.0
    return np.sum(weights * x)


def returned_by_a_helper(x):
    w = same(weights)
    w[0] = 5.0
    return np.sum(weights * x)


def found_by_a_helper(x):
    w = of_globals()
    w[0] = 5.0
    return np.sum(weights * x)


def updated(x):
    w = of_globals()
    w += x
    return np.sum(weights * x)


def in_a_tuple(x):
    w, _ = (weights, x)
    w[0] = 4.0
    return np.sum(weights * x)


def appended(x):
    add_to(items, x)
    return np.sum(items[-1] * x)


@pytest.mark.parametrize(
    "f",
    [
        by_a_helper,
        by_two_names,
        by_asarray,
        returned_by_a_helper,
        found_by_a_helper,
        updated,
        in_a_tuple,
        appended,
    ],
)
def test_globals(f):
    for derivative in (grad(f), lambda x: jvp(f, (x,), (x,))):
        with pytest.raises(SrcadError):
            derivative(x)
    assert np.array_equal(weights, np.ones(3))
    assert not items


def in_a_dict(d, x):
    d["l"].append(x)
    return np.sum(d["l"][-1] * x)


def in_a_list(xs, x):
    xs[0].append(x)
    return np.sum(xs[0][-1] * x)


def in_a_loop(xs, x):
    for inner in xs:
        inner.append(x)
    return np.sum(xs[0][-1] * x)


def named_by_a_helper(xs, x):
    inner = same(xs[0])
    inner.append(x)
    return np.sum(xs[0][-1] * x)


@pytest.mark.parametrize(
    ("f", "make"),
    [
        (in_a_dict, lambda: {"l": [x]}),
        (in_a_list, lambda: [[x]]),
        (in_a_loop, lambda: [[x]]),
        (named_by_a_helper, lambda: [[x]]),
    ],
)
def test_lists_of_the_caller(f, make):
    given = make()
    with pytest.raises(MutationError):
        grad(f, argnums=1)(given, x)
    assert len(given["l"] if isinstance(given, dict) else given[0]) == 1


def rows(x):
    made = [[], []]
    for i in range(3):
        made[i % 2].append(x[i] * 2.0)
    return made[0][1] * made[1][0]


def in_its_own_tuple(x):
    both = (x, [])
    both[1].append(x * 2)
    return np.sum(both[1][0] * both[0])


def test_lists_inside_a_list():
    assert np.array_equal(grad(rows)(x), [0.0, 4 * x[2], 4 * x[1]])


def test_lists_inside_a_tuple():
    with pytest.raises(MutationError, match="is an item of a container, and is changed"):
        grad(in_its_own_tuple)(x)


def risky(u):
    try:
        u[0] = 2.0 * u[1]
    except ValueError:
        pass


def generated(u):
    u[0] = 3.0
    yield u


def calls_risky(x):
    u = x.copy()
    risky(u)
    return np.sum(u * u)


def calls_generated(x):
    u = x.copy()
    generated(u)
    return np.sum(u * u)


@pytest.mark.parametrize(("f", "line"), [(calls_risky, "try:"), (calls_generated, "yield")])
def test_a_helper_that_cannot_be_read_is_given_no_array(f, line):
    with pytest.raises(UnsupportedSyntaxError) as caught:
        grad(f)(x)
    assert line in str(caught.value)


def object_array(x):
    made = np.empty(2, dtype=object)
    made[0], made[1] = x * 2, x
    return made[0] * made[1]


def cast_to_objects(x):
    made = x.astype(object)
    return np.sum(made * made)


def listed_objects(x):
    made = np.array([x, None], dtype="O")
    return made[0] * x


@pytest.mark.parametrize(
    ("f", "at", "line"),
    [
        (object_array, 1.5, "np.empty(2, dtype=object)"),
        (cast_to_objects, x, "x.astype(object)"),
        (listed_objects, 1.5, 'np.array([x, None], dtype="O")'),
    ],
)
def test_arrays_of_objects(f, at, line):
    with pytest.raises(UnsupportedSyntaxError, match="an array of objects") as caught:
        grad(f)(at)
    assert line in str(caught.value)


def diagonal_of_a_vector(x):
    return np.sum(np.diagonal(x))


def test_what_numpy_refuses_numpy_refuses():
    with pytest.raises(ValueError, match="two dimensions"):
        grad(diagonal_of_a_vector)(x)
