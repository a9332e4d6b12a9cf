"""The functions of the runtime that Numba is told of, and programs that call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from srcad import SrcadError, grad, runtime
from srcad.backends.numba.functions import is_told, tell_numba
from tests.adapters import restriction
from tests.differences import directional, inner, random_like
from tests.programs.registry import all_programs
from tests.trees import copied

A = np.arange(1.0, 7.0).reshape(2, 3)
PROGRAMS = {p.name: p for p in all_programs()}


@pytest.mark.parametrize(
    ("g", "like", "wanted"),
    [
        (1.5, 2.0, 1.5),
        (A, 2.0, 21.0),
        (2.0, np.zeros(2), [2.0, 2.0]),
        (A, np.zeros(3), [5.0, 7.0, 9.0]),
        (A, np.zeros((2, 1)), [[6.0], [15.0]]),
        (A, np.zeros((1, 1)), [[21.0]]),
        (A, np.zeros((2, 3)), A),
        (A.T, np.zeros((3, 2)), A.T),
        (A[:1], np.zeros((2, 3)), [A[0], A[0]]),
        (A[0], np.zeros((2, 3)), [A[0], A[0]]),
        (A, np.array(0.0), 21.0),
        (np.zeros((0, 3)), np.zeros(3), [0.0, 0.0, 0.0]),
        (A.astype(np.float32), np.zeros((2, 3)), A),
        (A[::-1, ::2], np.zeros(2), [5.0, 9.0]),
    ],
)
def test_sums_to_the_shape_of_an_operand(g: Any, like: Any, wanted: Any) -> None:
    found = compiled(runtime.unbroadcast)(g, like)
    np.testing.assert_array_equal(found, wanted)
    assert np.shape(found) == np.shape(like)
    assert np.asarray(found).dtype == np.float64


@pytest.mark.parametrize(
    ("fn", "operands", "wanted"),
    [
        (runtime.broadcast_like, (2.0, A), np.full((2, 3), 2.0)),
        (runtime.broadcast_like, (A[0], A), np.array([A[0], A[0]])),
        (runtime.as_like, (A, A.astype(np.float32)), A.astype(np.float32)),
        (runtime.as_like, (2.0, np.array(1.0)), np.array(2.0)),
        (runtime.as_like, (2, 1.0), 2.0),
        (runtime.as_like, (2, np.inf), 2.0),
        (runtime.copied_tree, (A,), A),
        (runtime.zeros_like_tree, (A,), np.zeros((2, 3))),
        (runtime.zeros_like_tree, (1.5,), 0.0),
        (runtime.zero_of, (1.5,), 0.0),
        (runtime.zero_of, (3,), 0.0),
        (runtime.zero_of, (np.arange(3),), np.zeros(3)),
        (runtime.diag_bar, (A[0, :2], A, 1), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])),
        (runtime.diag_bar, (A[0, :2], A.T, -1), np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])),
        (runtime.diag_bar, (A, np.zeros(2), 0), np.array([1.0, 5.0])),
        (runtime.diff_bar, (A[0], 0), np.array([-1.0, -1.0, -1.0, 3.0])),
        (runtime.add_trees, (A, A), 2 * A),
        (runtime.add_trees, (1.0, 2.0), 3.0),
        (runtime.power_slope, (A, 3), 3 * A**2),
        (runtime.power_slope, (0.0, 0.0), 0.0),
        (runtime.power_slope, (2.0, 3.0, 2), 12.0),
        (runtime.power_slope, (2.0, np.arange(3)), np.array([0.0, 1.0, 4.0])),
        (
            runtime.power_slope,
            (A, np.array([0.0, 1.0, 2.0])),
            A ** [1.0, 0.0, 1.0] * [0.0, 1.0, 2.0],
        ),
        (runtime.power_slope, (0.0, np.arange(3), 2), np.array([0.0, 0.0, 2.0])),
        (runtime.safe_log, (np.array([0.0, 1.0, np.e]),), np.array([0.0, 0.0, 1.0])),
        (runtime.safe_log, (0.0,), 0.0),
        (runtime.add_trees, (A, A[0]), A + A[0]),
        (runtime.products_of_others, (np.array([2.0, 0.0, 3.0]), None), np.array([0.0, 6.0, 0.0])),
        (runtime.products_of_others, (np.zeros(0), -1), np.zeros(0)),
        (runtime.reversed_cumsum, (A[0], (3,), None), np.array([6.0, 5.0, 3.0])),
        (runtime.diff_bar, (np.array([1.0, 3.0]), -1), np.array([-1.0, -2.0, 3.0])),
        (runtime.diff_bar, (np.zeros(0), 0), np.zeros(1)),
        (runtime.trace_bar, (2.0, A, 1), np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])),
        (runtime.trace_bar, (2.0, A, -1), np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])),
        (runtime.clip_slope, (A, 1.0, 4.0), np.array([[0.5, 1.0, 1.0], [0.5, 0.0, 0.0]])),
        (runtime.clip_slope, (2.0, None, 3.0), 1.0),
        (runtime.unsort, (A[0], np.array([5.0, 4.0, 6.0]), -1), np.array([2.0, 1.0, 3.0])),
        (runtime.unsort, (A[0], np.array([5.0, 4.0, 6.0]), None), np.array([2.0, 1.0, 3.0])),
    ],
)
def test_others(fn: Callable[..., Any], operands: tuple[Any, ...], wanted: Any) -> None:
    found = compiled(fn)(*operands)
    np.testing.assert_array_equal(found, wanted)
    assert np.asarray(found).dtype == np.asarray(wanted).dtype
    assert found is not operands[0]


# Numba warns of every list that is given from outside.
@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPendingDeprecationWarning")
@pytest.mark.parametrize(
    ("fn", "operands", "wanted"),
    [
        (runtime.with_item, ([1.0, 2.0], -1, 5.0), [1.0, 5.0]),
        (runtime.zero_of, ([1, 2],), [0.0, 0.0]),
        (runtime.zero_of, ([A[0], A[1]],), [np.zeros(3), np.zeros(3)]),
        (runtime.zeros_like_tree, ([1.0, 2.0],), [0.0, 0.0]),
        (runtime.zeros_like_tree, ([A],), [np.zeros((2, 3))]),
        (runtime.copied_tree, ([A, A],), [A, A]),
        (runtime.copied_tree, ((1.0, 2.0),), (1.0, 2.0)),
        (runtime.unpack_like, (A[0], [0.0, 0.0, 0.0]), [1.0, 2.0, 3.0]),
        (runtime.unpack_like, (A, [np.zeros(3), np.zeros(3)]), [A[0], A[1]]),
        (runtime.unpack_like, (A[0], (0.0, 0.0, 0.0)), (1.0, 2.0, 3.0)),
        (runtime.unbroadcast, (A[0], (0.0, 0.0, 0.0)), (1.0, 2.0, 3.0)),
    ],
)
def test_of_lists_and_tuples(
    fn: Callable[..., Any], operands: tuple[Any, ...], wanted: Any
) -> None:
    found = compiled(fn)(*operands)
    assert type(found) is type(wanted)
    for x, y in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(x, y)
        assert np.asarray(x).dtype == np.asarray(y).dtype
    if isinstance(found, list):
        assert found is not operands[0]
        assert all(x is not y for x, y in zip(found, wanted, strict=True) if np.ndim(x))


@pytest.mark.parametrize(
    ("i", "g", "wanted"),
    [
        (1, 2.0, [0.0, 2.0, 0.0]),
        (slice(1, None), np.array([1.0, 2.0]), [0.0, 1.0, 2.0]),
        (np.array([0, 0, 2]), np.array([1.0, 2.0, 3.0]), [3.0, 0.0, 3.0]),
        (np.array([1, 1]), 2.0, [0.0, 4.0, 0.0]),
        (np.array([1, 1, 2]), np.array([2.0]), [0.0, 4.0, 2.0]),
    ],
)
def test_adds_at_indices(i: Any, g: Any, wanted: list[float]) -> None:
    x_bar = np.zeros(3)
    compiled(runtime.add_at)(x_bar, i, g)
    np.testing.assert_array_equal(x_bar, wanted)


@pytest.mark.parametrize(
    ("i", "g"),
    [
        (np.array([1, 1, 0]), np.arange(9.0).reshape(3, 3)),
        (np.array([1, 1, 0]), np.arange(3.0).reshape(1, 3)),
        (np.array([1, 1]), 2.0),
        ((np.array([1, 1, 0]), np.array([2, 2, 1])), np.array([1.0, 2.0, 3.0])),
        ((np.array([1, 1, 0]), np.array([2, 2, 1])), 2.0),
    ],
)
def test_adds_at_rows_and_at_pairs_of_indices(i: Any, g: Any) -> None:
    x_bar, wanted = np.zeros((2, 3)), np.zeros((2, 3))
    np.add.at(wanted, i, g)
    compiled(runtime.add_at)(x_bar, i, g)
    np.testing.assert_array_equal(x_bar, wanted)


def test_what_has_no_form_for_its_operands_is_refused() -> None:
    with pytest.raises(numba.TypingError, match="zeros_like_tree"):
        compiled(runtime.zeros_like_tree)(3)
    with pytest.raises(numba.TypingError, match="unbroadcast"):
        compiled(runtime.unbroadcast)(1j, 1.0)


def compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    assert is_told(fn)
    tell_numba()
    return numba.njit(lambda *operands: fn(*operands))


def test_lists() -> None:
    tell_numba()

    @numba.njit
    def of_arrays(x):
        xs = [x, 2 * x]
        return (
            runtime.zeros_like_tree(xs),
            runtime.copied_tree(xs),
            runtime.as_like(xs, xs),
            runtime.add_trees(xs, xs),
            runtime.with_item(xs, -1, x),
        )

    @numba.njit
    def of_numbers(n):
        xs = [n, n + 1]
        return runtime.zero_of(xs), runtime.as_like([2.0, 3.0], xs)

    wanted = ([0 * A, 0 * A], [A, 2 * A], [A, 2 * A], [2 * A, 4 * A], [A, A])
    np.testing.assert_array_equal(of_arrays(A), wanted)
    assert of_numbers(3) == ([0.0, 0.0], [2, 3])


@pytest.mark.parametrize(
    "name",
    [
        "append_after_the_last_use",
        "bubble_sort",
        "comprehension",
        "equal_keys",
        "fullest_sack",
        "meshed",
        "mutates_its_argument",
        "overwrite_after_use",
        "queue_of_values",
        "slice_grows_by_broadcasting",
        "sorted_weights",
        "snapshots_of_exchanged_arrays",
        "weibull_likelihood",
        "zero_dimensional",
    ],
)
def test_program(name: str) -> None:
    p = PROGRAMS[name]
    rng = p.rng()
    args = p.args(rng)
    chosen = tuple(args[i] for i in p.argnums)
    direction = random_like(chosen, rng)
    found = grad(p.fn, argnums=p.argnums, backend="numba")(*copied(args))
    wanted = directional(restriction(p.fn, args, p.argnums), chosen, direction)
    assert inner(found, direction) == pytest.approx(
        float(wanted.value), rel=1e-8, abs=1e-9 + 10 * wanted.error
    )


def test_a_reshape_that_numba_refuses_as_it_runs() -> None:
    def turned(x: Any) -> Any:
        return np.sum(np.reshape(x.T, -1) ** 2)

    with pytest.raises(SrcadError, match="it reshapes contiguous arrays only"):
        grad(turned, backend="numba")(A)


def test_a_list_of_what_may_be_none() -> None:
    def products_of_neighbours(x: Any) -> Any:
        total, before = 0.0, None
        for k in range(3):
            if before is not None:
                total = total + np.sum(before * x)
            before = x[k] * x
        return total

    with pytest.raises(SrcadError, match="no lists of what may be `None`"):
        grad(products_of_neighbours, backend="numba")(A[0])
