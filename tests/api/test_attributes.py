"""What a function reads from objects and classes may change between calls of its derivative."""

from __future__ import annotations

from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad

x = np.array([0.5, 0.7])


def agrees(derivative: Any, primal: Any) -> None:
    """``derivative`` at ``x`` is that of ``primal``, by central differences."""
    step = 1e-6
    axes = np.eye(2) * step
    wanted = [(primal(x + h) - primal(x - h)) / (2 * step) for h in axes]
    assert np.allclose(derivative(x), wanted, atol=1e-8)


class Model:
    def __init__(self) -> None:
        self.act = np.tanh
        self.w = np.array([2.0, -1.0])
        self.k = 2.0
        self.n = 2
        self.mode = "sum"

    def square(self, x):
        return x * x

    def of_function(self, x):
        return np.sum(self.act(x) * self.w)

    def of_method(self, x):
        return np.sum(self.square(x) * self.k)

    def of_data(self, x):
        for _ in range(self.n):
            x = x * self.w + self.k
        return np.sum(x)

    def of_string(self, x):
        if self.mode == "sum":
            return np.sum(x)
        return np.sum(x * x)

    def in_place(self, x):
        u = x * self.w
        u[0] = u[1] * self.k
        w = self.w.copy()
        w *= u
        return np.sum(w * u)

    @property
    def doubled(self):
        return 2 * self.w

    def of_property(self, x):
        return np.sum(self.doubled * x * x)

    def gives_its_weights(self, x):
        return np.dot(self.w, x)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("of_function", lambda m: setattr(m, "act", np.sin)),
        ("of_function", lambda m: setattr(m, "act", lambda t: t * t)),
        ("of_method", lambda m: setattr(m, "square", MethodType(lambda self, x: 3.0 * x, m))),
        ("of_method", lambda m: setattr(Model, "square", lambda self, x: x * x * x)),
        ("of_data", lambda m: setattr(m, "n", 4)),
        ("of_data", lambda m: setattr(m, "w", np.array([0.5, 0.1]))),
        ("of_data", lambda m: setattr(m, "w", 3.0)),
        ("of_data", lambda m: setattr(m, "k", 3)),
        ("of_data", lambda m: m.w.fill(0.3)),
        ("of_string", lambda m: setattr(m, "mode", "squares")),
        ("in_place", lambda m: setattr(m, "w", np.array([0.5, 0.1]))),
        ("of_property", lambda m: setattr(m, "w", np.array([0.5, 0.1]))),
        ("of_property", lambda m: setattr(Model, "doubled", property(lambda self: 5 * self.w))),
    ],
)
def test_of_an_object(name: str, change: Any) -> None:
    methods = {n: vars(Model)[n] for n in ("square", "doubled")}
    model = Model()
    derivative = grad(getattr(model, name))
    try:
        agrees(derivative, getattr(model, name))
        change(model)
        agrees(derivative, getattr(model, name))
        agrees(grad(getattr(model, name)), getattr(model, name))
    finally:
        for n, method in methods.items():
            setattr(Model, n, method)


class Layer:
    def __init__(self, w: float) -> None:
        self.w = np.array([w, 1.0])

    def __call__(self, x):
        return np.tanh(self.w * x)


class Net:
    def __init__(self) -> None:
        self.layers = [Layer(0.5), Layer(1.5)]

    def loss(self, x):
        for layer in self.layers:
            x = layer(x)
        return np.sum(x)


def test_a_list_of_layers() -> None:
    net = Net()
    derivative = grad(net.loss)
    agrees(derivative, net.loss)
    net.layers.append(Layer(0.2))
    agrees(derivative, net.loss)
    net.layers[0].w = np.array([3.0, 4.0])
    agrees(derivative, net.loss)
    net.layers[1] = net.layers[2]
    agrees(derivative, net.loss)


settings = SimpleNamespace(act=np.tanh, k=3.0, mode="a")


def of_settings(x):
    y = settings.act(x) * settings.k
    if settings.mode == "b":
        y = y * x
    return np.sum(y)


def test_of_a_namespace() -> None:
    derivative = grad(of_settings)
    agrees(derivative, of_settings)
    for name, value in (("act", np.cos), ("k", 2.0), ("mode", "b")):
        setattr(settings, name, value)
        agrees(derivative, of_settings)


class Constants:
    rate = 2.0
    act = staticmethod(np.tanh)
    weights = np.array([1.0, 3.0])


def of_class(x):
    return np.sum(Constants.act(x) * Constants.weights) * Constants.rate


def test_of_a_class() -> None:
    derivative = grad(of_class)
    agrees(derivative, of_class)
    for name, value in (
        ("rate", 3.0),
        ("act", staticmethod(np.sin)),
        ("weights", np.array([5.0, 6.0])),
    ):
        setattr(Constants, name, value)
        agrees(derivative, of_class)


def test_a_gradient_is_not_the_array_of_an_object() -> None:
    model = Model()
    derivative = grad(model.gives_its_weights)
    for w in (model.w, np.array([4.0, 5.0])):
        model.w = w
        before = w.copy()
        gradient = derivative(x)
        gradient *= 10
        assert np.array_equal(w, before)


class Changes:
    def __init__(self) -> None:
        self.w = np.array([2.0, -1.0])
        self.xs = [np.ones(2)]
        self.d = {"a": np.ones(2)}

    def store(self, x):
        self.w[0] = 3.0
        return np.sum(self.w * x)

    def through_a_name(self, x):
        w = self.w
        w[0] = 3.0
        return np.sum(self.w * x)

    def through_a_view(self, x):
        w = self.w[1:]
        w *= 2.0
        return np.sum(self.w * x)

    def update(self, x):
        w = self.w
        w += x
        return np.sum(self.w * x)

    def by_a_helper(self, x):
        overwrite(self.w)
        return np.sum(self.w * x)

    def append(self, x):
        self.xs.append(x)
        return np.sum(self.xs[-1] * x)

    def in_a_dict(self, x):
        self.d["a"][0] = 2.0
        return np.sum(self.d["a"] * x)


def overwrite(u):
    u[0] = 9.0


@pytest.mark.parametrize(
    "name",
    ["store", "through_a_name", "through_a_view", "update", "by_a_helper", "append", "in_a_dict"],
)
def test_what_changes_an_object_is_refused(name: str) -> None:
    model = Changes()
    with pytest.raises(SrcadError):
        grad(getattr(model, name))(x)
    assert np.array_equal(model.w, [2.0, -1.0])
    assert len(model.xs) == 1
    assert np.array_equal(model.d["a"], [1.0, 1.0])


class Named:
    """Equal to all of its name, whatever else they hold."""

    def __init__(self, act, scale, count):
        self.act, self.scale, self.count = act, scale, count

    def __eq__(self, other):
        return isinstance(other, Named)

    def __hash__(self):
        return 1

    def __call__(self, x):
        return x**3 * self.scale


def by_an_object(x, layer):
    total = np.sum(layer(x))
    for _ in range(layer.count):
        total = total + np.sum(layer.act(x) * layer.scale)
    return total


def test_equal_objects_that_differ():
    x = np.array([0.3, -0.7])
    derivative = grad(by_an_object)
    for act, slope, scale, count in (
        (np.sin, np.cos, 2.0, 1),
        (np.exp, np.exp, 3.0, 2),
        (np.exp, np.exp, np.array([1.0, 4.0]), 2),
    ):
        wanted = 3 * x**2 * scale + count * slope(x) * scale
        np.testing.assert_allclose(derivative(x, Named(act, scale, count)), wanted)
