"""Between a call of `vjp` and that of the pullback the caller may change all arrays it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcad import jacrev, vjp
from srcad.calls.detach import detached, duplicate
from tests.differences import directional, inner

factor = np.array([1.5, -0.5, 2.0])


@dataclass
class Net:
    w: np.ndarray
    scale: float


def product(x, y):
    return np.sin(x) * y


def exponential(x):
    return np.exp(x)


def of_global(x):
    return x * x * factor


def of_dict(params):
    return params["w"] * params["w"] * params["k"]


def of_list(xs):
    return xs[0] * xs[1]


def of_record(net):
    return net.scale * np.tanh(net.w) * net.w


def helper(x):
    return np.cos(x) * factor


def of_global_in_helper(x):
    return helper(x) * helper(helper(x))


class Model:
    def __init__(self) -> None:
        self.w = np.array([0.5, -1.0, 2.0])
        self.layers = [self.w * 2]

    def __call__(self, x):
        return np.sin(x) * self.w * self.layers[0]


model = Model()


def in_place(x):
    u = x.copy()
    u[1:] *= u[:-1]
    u *= x
    return u


def in_place_on_argument(x):
    x[1:] *= x[:-1]
    x *= x
    return x[::-1]


def identity(x):
    return x


def view(x):
    return x[1:] * x[:-1], x[1:]


def disturb(tree: Any) -> None:
    """Change every array and container in ``tree``."""
    if isinstance(tree, np.ndarray):
        tree[...] = 77.0
    elif isinstance(tree, dict):
        for key in list(tree):
            disturb(tree[key])
            tree[key] = tree[key] * 0 + 5.0
    elif isinstance(tree, list):
        for item in tree:
            disturb(item)
        tree[:] = [item * 0 + 3.0 for item in tree]
    elif isinstance(tree, tuple):
        for item in tree:
            disturb(item)
    elif isinstance(tree, Net):
        disturb(tree.w)
        tree.scale = 9.0


def x3() -> np.ndarray:
    return np.array([0.3, -0.8, 1.2])


CASES = {
    "product": (product, lambda: (x3(), x3() + 1)),
    "exponential": (exponential, lambda: (x3(),)),
    "of_global": (of_global, lambda: (x3(),)),
    "of_global_in_helper": (of_global_in_helper, lambda: (x3(),)),
    "of_object": (model, lambda: (x3(),)),
    "of_dict": (of_dict, lambda: ({"w": x3(), "k": x3() - 1},)),
    "of_list": (of_list, lambda: ([x3(), x3() - 1],)),
    "of_record": (of_record, lambda: (Net(x3(), 0.7),)),
    "in_place": (in_place, lambda: (x3(),)),
    "in_place_on_argument": (in_place_on_argument, lambda: (x3(),)),
    "identity": (identity, lambda: (x3(),)),
    "view": (view, lambda: (x3(),)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_pullback_does_not_see_what_the_caller_changes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    f, make = CASES[name]
    outside = (factor, model.w, model.layers[0])
    before = duplicate(outside)
    value, undisturbed = vjp(f, *make())
    y_bar = duplicate_of_ones(value)
    wanted = undisturbed(y_bar)
    args = make()
    value, pullback = vjp(f, *args)
    disturb(args)
    disturb(value)
    disturb(outside)
    try:
        for _ in range(2):
            assert_equal(pullback(y_bar), wanted)
    finally:
        for array, old in zip(outside, before, strict=True):
            array[...] = old
    direction = np.array([0.4, 0.9, -0.6])
    if name in ("exponential", "in_place", "of_global", "of_global_in_helper", "of_object"):
        reference = directional(lambda x: np.sum(f(x)), make(), (direction,)).value
        assert abs(inner(wanted, (direction,)) - reference) < 1e-9


def duplicate_of_ones(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(np.ones_like, value))
    return np.ones_like(value)


def assert_equal(a: Any, b: Any) -> None:
    if isinstance(a, tuple | list):
        for x, y in zip(a, b, strict=True):
            assert_equal(x, y)
    elif isinstance(a, dict):
        assert_equal(list(a.values()), list(b.values()))
    elif isinstance(a, Net):
        assert_equal((a.w, a.scale), (b.w, b.scale))
    else:
        assert np.array_equal(a, b)


noise = np.random.default_rng(5)


def noisy(x):
    u = x * noise.normal(size=3)
    u *= u
    return u


def test_a_pullback_called_again_does_not_run_the_function_again() -> None:
    _, pullback = vjp(noisy, x3())
    y_bar = np.ones(3)
    assert_equal(pullback(y_bar), pullback(y_bar))


def test_only_what_is_shared_is_copied() -> None:
    x, own = np.ones(4), np.zeros(3)
    kept = detached((x[1:], own, [x, 2.0]), {"x": x})
    assert kept[1] is own
    assert not np.shares_memory(kept[0], x)
    assert np.shares_memory(kept[0], kept[2][0])
    assert kept[2][1] == 2.0


@pytest.mark.parametrize(
    "parts",
    [
        lambda a: (a, a[::-1], a.T, a[1:, ::2]),
        lambda a: (a[::2, ::-2], a[1:]),
        lambda a: (np.broadcast_to(a[0], (5, 4)), a[0]),
        lambda a: (a[:0], a),
        lambda a: (a[1, 1:], a[1, 1:]),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_duplicates_overlap_as_their_originals_do(parts: Any, order: Any) -> None:
    a = np.array(np.arange(12.0).reshape(3, 4), order=order)
    originals = parts(a)
    copies = duplicate(originals)
    for before, after in zip(originals, copies, strict=True):
        assert np.array_equal(before, after)
        assert not np.shares_memory(before, after)
    for i, before in enumerate(originals):
        for j, other in enumerate(originals):
            assert np.shares_memory(before, other) == np.shares_memory(copies[i], copies[j])


def test_jacrev_needs_no_copies() -> None:
    x = x3()
    assert np.allclose(jacrev(in_place)(x), jacrev(in_place)(x.copy()))
    assert np.array_equal(x, x3())


def test_lists_and_dicts_that_the_caller_changes():
    def chain(layers, x):
        for layer in layers:
            x = np.tanh(layer["w"] * x)
        return np.sum(x)

    layers = [{"w": np.full(3, 0.5)}, {"w": np.full(3, -0.3)}]
    _, pullback = vjp(chain, layers, factor)
    before = pullback(1.0)
    layers[0]["w"] = np.zeros(2)
    del layers[1]["w"]
    layers.append(None)
    after = pullback(1.0)
    assert len(after[0]) == 2
    for a, b in zip(before[0], after[0], strict=True):
        np.testing.assert_array_equal(a["w"], b["w"])
    np.testing.assert_array_equal(before[1], after[1])


def sum_of_products(x):
    return math.prod(x) + math.prod(x[1:])


def test_a_cotangent_without_axes_is_a_number() -> None:
    _, pullback = vjp(sum_of_products, np.array([2.0, 3.0, 5.0]))
    given = np.array(1.0)
    for _ in range(2):
        assert pullback(given)[0].tolist() == [15.0, 15.0, 9.0]
    assert given == 1.0


class Spring:
    def __init__(self, stiffness: float) -> None:
        self.stiffness = stiffness

    def energy(self, x: Any) -> Any:
        return self.stiffness * x * x

    def energies(self, x: Any) -> Any:
        total = 0.0
        for _ in range(2):
            total = total + self.energy(x) * self.stiffness
        return total


@pytest.mark.parametrize(("method", "slope"), [("energy", 12.0), ("energies", 48.0)])
def test_an_object_may_be_changed(method: str, slope: float) -> None:
    spring = Spring(2.0)
    _, pullback = vjp(getattr(spring, method), 3.0)
    spring.stiffness = 100.0
    assert pullback(1.0) == (slope,)
