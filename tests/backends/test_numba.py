"""The Numba backend: right gradients, the text it lowers to, and what it refuses."""

from __future__ import annotations

import copy
import sys

import numba
import numpy as np
import pytest

from benchmarks.loop_workloads import LOOP_WORKLOADS
from benchmarks.workload import Workload
from srcad import SrcadError, grad, value_and_grad
from srcad.calls.results import owned
from tests.differences import directional, inner, random_like


def check(fn, args, argnums, rng, rtol=1e-9) -> str:
    """Compare a gradient with differences along a random direction; return its text."""
    derivative = grad(fn, argnums=argnums, backend="numba")
    kept = copy.deepcopy(args)
    found = derivative(*args)
    for now, before in zip(args, kept, strict=True):
        np.testing.assert_array_equal(now, before)
    chosen = tuple(args[i] for i in argnums)
    direction = random_like(chosen, rng)

    def of_chosen(*values):
        given = list(copy.deepcopy(args))
        for at, value in zip(argnums, values, strict=True):
            given[at] = value
        return fn(*given)

    wanted = directional(of_chosen, chosen, direction)
    assert inner(found, direction) == pytest.approx(
        wanted.value, rel=rtol, abs=1e-9 + 10 * wanted.error
    )
    for g, x in zip(found, chosen, strict=True):
        assert type(g) is type(x)
    return derivative.source


@pytest.mark.parametrize("workload", LOOP_WORKLOADS, ids=lambda w: w.name)
def test_workload(workload: Workload, rng) -> None:
    args = workload.args(workload.sizes.small)
    check(workload.primal, args, workload.argnums, rng)


def power_iteration(x, n):
    y = x
    for _ in range(n):
        y = np.sin(y) * x
    return y


def counted_from(x, a, b):
    y = x
    for i in range(a, b):
        y = y * y * 0.5 + i * x
    return y


def stepped(x, n):
    y = x
    for i in range(n, 0, -2):
        y = y * np.cos(y) + i
    return y


def broken_off(x, n):
    y = x
    for _ in range(n):
        if y > 20.0:
            break
        y = y * y + 0.5 * x
    return y


def doubling(x, bound):
    while x * x < bound:
        x = x * 1.1 + 0.01 * x * x
    return x


def branches(xs):
    total = 0.0
    for x in xs:
        if x > 0:
            total = total * x + np.exp(x)
        else:
            total = total + np.sin(total)
    return total


def of_two(x, xs):
    y = x
    for a, b in zip(xs, xs * xs):
        y = y * a + np.sin(y) * b
    return y


def helper(x, y):
    z = x
    for _ in range(3):
        z = z * z * 0.3 + y
    return z


def with_calls(x, y):
    return helper(helper(x, y), np.sin(x)) * y


def factorial_like(x, n):
    return x if n <= 0 else x * n * factorial_like(np.sin(x), n - 1)


def nested(x, n, m):
    y = x
    for _ in range(n):
        for _ in range(m):
            y = np.sin(y) * x
    return y


def arrays(W, x):
    h = x
    for _ in range(3):
        h = np.tanh(W @ h)
    return np.sum(h * h)


def scaled_as_a_whole(u, c, n):
    u = u.copy()
    for k in range(n):
        if k % 2 == 0:
            u *= c
        else:
            u[1:-1] = np.sin(u[:-2]) * u[2:]
    return np.sum(u * u)


def rectified(w, x):
    total = 0.0
    for v in x:
        total += np.maximum(v, 0.0) ** 2 + abs(v)
    return total + np.sum(np.maximum(w @ x, 0.1) ** 2)


def ends_and_inside(u, steps):
    for k in range(steps):
        u[0] = u[1] * u[1]
        u[-1] = u[-2] * k
        u[1:-1] = 0.5 * (u[:-2] * u[2:])
    return np.sum(u * u)


def softmax_product(a):
    a = a - np.max(a)
    e = np.exp(a)
    e /= e.sum()
    return e[0] * e[1] + np.min(e)


def cheapest_path(costs):
    n, m = costs.shape
    best = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            if i == 0 or j == 0:
                best[i, j] = costs[i, j]
            else:
                before = min(best[i - 1, j], best[i, j - 1], best[i - 1, j - 1])
                best[i, j] = costs[i, j] + before
    return best[-1, -1]


def of_unit_length(v):
    v = v / np.linalg.norm(v)
    return v[0] * v[1]


def exponential_series(x, n):
    total, factorial = 0.0, 1.0
    for k in range(n):
        total += x**k / factorial
        factorial *= k + 1
    return total


def dtypes_of_python(x):
    n = len(x)
    back = np.zeros(n, int)
    reached = np.zeros((n, n), dtype=bool)
    total = 0.0
    for i in range(n):
        back[i] = i // 2
        reached[i, back[i]] = True
        if reached[i, 0]:
            total += x[back[i]] * (i + 1)
    return total * np.sum(x * np.arange(n, dtype=float)) + np.sum(x * (2 * x).astype(int))


def halved_until_small(x, k):
    for _ in range(2):
        step = 1.0
        while True:
            tried = x * step
            if tried[0] < 1.0:
                break
            step *= 0.5
        x = tried + np.array([x[1], x[0] * k])
    return x[0] * x[1]


def taken_at_repeated_places(x, places):
    total = 0.0
    for _ in range(2):
        x = x[places] * 0.5
        total += np.sum(x**2)
    return total


FOUND = (
    (taken_at_repeated_places, (np.array([0.3, -0.2, 0.5]), np.array([0, 0, 2])), (0,)),
    (halved_until_small, (np.array([1.3, 0.4]), 0.3), (0, 1)),
    (dtypes_of_python, (np.array([1.2, 0.7, 0.4]),), (0,)),
    (power_iteration, (1.3, 7), (0,)),
    (power_iteration, (1.3, 0), (0,)),
    (power_iteration, (1.3, -2), (0,)),
    (counted_from, (0.3, 1, 5), (0,)),
    (counted_from, (0.3, 5, 1), (0,)),
    (stepped, (0.3, 7), (0,)),
    (stepped, (0.3, 6), (0,)),
    (stepped, (0.3, 0), (0,)),
    (broken_off, (1.2, 9), (0,)),
    (broken_off, (0.2, 3), (0,)),
    (doubling, (0.3, 1e30), (0,)),
    (branches, (np.array([0.3, -0.2, 0.5, -0.1]),), (0,)),
    (of_two, (0.7, np.array([0.3, -0.2, 0.5])), (0, 1)),
    (with_calls, (0.7, 0.4), (0, 1)),
    (nested, (0.7, 3, 2), (0,)),
    (nested, (0.7, 3, -2), (0,)),
    (scaled_as_a_whole, (np.array([0.3, -0.2, 0.5, 0.7]), 1.3, 4), (0, 1)),
    (arrays, (np.array([[0.3, -0.2], [0.5, 0.1]]), np.array([0.4, 0.6])), (0, 1)),
    (ends_and_inside, (np.array([0.3, -0.2, 0.5, 0.7, 1.1]), 4), (0,)),
    (softmax_product, (np.array([0.3, -0.2, 0.5, -0.7]),), (0,)),
    (cheapest_path, (np.array([[0.3, 0.2, 0.5], [0.7, 0.9, 0.4], [0.6, 0.1, 0.8]]),), (0,)),
    (of_unit_length, (np.array([0.3, -0.2, 0.5]),), (0,)),
    (exponential_series, (0.7, 6), (0,)),
    (exponential_series, (0.0, 3), (0,)),
    (rectified, (np.array([[0.3, -0.2], [0.5, 0.1]]), np.array([0.4, -0.6])), (0, 1)),
)


@pytest.mark.parametrize(("fn", "args", "argnums"), FOUND, ids=lambda p: getattr(p, "__name__", ""))
def test_program(fn, args, argnums, rng) -> None:
    check(fn, args, argnums, rng)


def test_known_trips_are_kept_in_arrays(rng) -> None:
    text = check(power_iteration, (1.3, 7), (0,), rng)
    assert "y_saved = np.empty(max(n, 0))" in text
    assert "for k in range(n - 1, -1, -1):" in text
    assert "append" not in text


def test_nested_trips_are_multiplied(rng) -> None:
    text = check(nested, (0.7, 3, 2), (0,), rng)
    assert "max(n, 0) * max(m, 0)" in text
    assert "concatenate" not in text


def test_unknown_trips_grow_the_array(rng) -> None:
    text = check(doubling, (0.3, 1e30), (0,), rng)
    assert "x_saved = np.concatenate((x_saved, x_saved))" in text
    assert "while n_saved > 0:" in text


def test_a_list_of_the_users_stays_a_list() -> None:
    def trajectory(x, n):
        xs_saved = []
        for _ in range(n):
            xs_saved.append(x)
            x = x * x
        total = 0.0
        for _ in range(n):
            total += xs_saved.pop()
        return total

    assert "xs_saved = []" in grad(trajectory, backend="numba").source_for(1.1, 3)


def quotients(x, y):
    total = 0.0
    for _ in range(3):
        total = total + np.sin(y / x) * (total / x) + y / (x * x)
        x = x * 1.1
    return total


def test_divisions_by_one_number_become_one(rng) -> None:
    text = check(quotients, (0.7, 0.4), (0, 1), rng)
    forward, backward = text.split("# backward")
    assert "inverse" not in forward
    assert "inverse = 1 / x" in backward
    assert " / x" not in backward.replace("inverse = 1 / x", "")


def test_what_decides_an_index_is_divided_exactly(rng) -> None:
    def looked_up(table, x, h):
        total = 0.0
        for k in range(3):
            at = int(k * h / h)
            total += table[at] * table[at] * (x / h)
        return total

    # 3 * 49 / 49 is 3, but 3 * 49 * (1 / 49) may be less.
    table = np.array([1.0, 2.0, 3.0, 4.0])
    found = grad(looked_up, backend="numba")(table, 1.0, 49.0)
    np.testing.assert_allclose(found, [2 / 49, 4 / 49, 6 / 49, 0], rtol=1e-14)


def test_value_and_gradient() -> None:
    value, gradient = value_and_grad(power_iteration, backend="numba")(1.3, 1)
    assert value == pytest.approx(np.sin(1.3) * 1.3, rel=1e-14)
    assert gradient == pytest.approx(np.cos(1.3) * 1.3 + np.sin(1.3), rel=1e-14)


def test_an_integer_power_by_zero_is_like_numpy() -> None:
    assert grad(lambda x: 1.0 / x, backend="numba")(0.0) == -np.inf


def told(x):
    scale = 2.0
    return scale * np.sum(np.einsum("i,i->i", x, x))


def test_refusal_names_the_users_line() -> None:
    with pytest.raises(SrcadError) as caught:
        grad(told, backend="numba")(np.ones(3))
    text = str(caught.value)
    assert text.startswith("Numba cannot compile the derivative `told_grad`")
    assert "np.einsum" in text
    assert "Instead: backend='numpy'" in text
    assert len(text.splitlines()) < 12
    assert caught.value.__cause__ is None


def mean_of_what_is_known(x):
    scale = 2.0
    return scale * np.nanmean(x)


def test_refusal_inside_plain_python_names_the_users_line() -> None:
    with pytest.raises(SrcadError) as caught:
        grad(mean_of_what_is_known, backend="numba")(np.ones(3))
    assert caught.value.line == mean_of_what_is_known.__code__.co_firstlineno + 2
    assert "np.nanmean" in str(caught.value)


def test_refusal_of_a_recursion_whose_record_has_no_type() -> None:
    with pytest.raises(SrcadError, match="recursive function") as caught:
        grad(factorial_like, backend="numba")(0.7, 4)
    assert caught.value.line == factorial_like.__code__.co_firstlineno + 1


def test_refusal_of_an_argument() -> None:
    with pytest.raises(SrcadError, match="it takes no `dict` as an argument") as caught:
        grad(lambda p: p["a"] * p["a"], backend="numba")({"a": 2.0})
    assert "backend='numpy'" in str(caught.value)


def test_without_numba(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(SrcadError, match="not installed") as caught:
        grad(lambda x: x * x, backend="numba")(2.0)
    assert 'pip install "srcad[numba]"' in str(caught.value)


def test_an_error_of_the_program_stays_what_it_is() -> None:
    def picked(xs, n):
        if n > 3:
            raise ValueError("too many")
        return xs[n] * 2.0

    with pytest.raises(ValueError, match="too many"):
        grad(picked, backend="numba")(np.ones(9), 7)


def test_views_that_numba_made_are_nobodys_own() -> None:
    x = np.arange(4.0)
    half = numba.njit(lambda x: (x[2:], np.zeros(2)))
    shared, own = half(x)
    for _ in range(2):
        found = owned((x, np.ones(2), np.ones(2)), (1, 2), (shared, own), frozenset())
        assert found is not None
        assert not np.shares_memory(found[0], x) and found[1] is own
        np.testing.assert_array_equal(found[0], shared)


def test_gradients_share_no_memory_with_arguments() -> None:
    def product(x, y):
        return np.sum(x * y)

    x, y = np.ones(3), np.full(3, 2.0)
    x_bar, y_bar = grad(product, argnums=(0, 1), backend="numba")(x, y)
    x_bar += 1.0
    y_bar += 1.0
    np.testing.assert_array_equal(x, np.ones(3))
    np.testing.assert_array_equal(y, np.full(3, 2.0))


def shared(x):
    return np.max(x) + np.min(x) ** 2


def length(x):
    return np.linalg.norm(x)


def test_ties_and_zeros_are_as_without_numba() -> None:
    tied = np.array([2.0, -1.0, 2.0, -1.0])
    assert grad(shared, backend="numba")(tied).tolist() == [0.5, -1.0, 0.5, -1.0]
    assert grad(length, backend="numba")(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
