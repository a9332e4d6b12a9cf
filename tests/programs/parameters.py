"""Parameters in a container that is handed to a helper, as those of a network are."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.programs.registry import program


def dense(p, x):
    W, b = p
    return np.tanh(x @ W + b)


def network(layers, x):
    for p in layers:
        x = dense(p, x)
    return x


def some_layers(rng, *widths):
    pairs = itertools.pairwise(widths)
    return [(rng.standard_normal((m, n)), rng.standard_normal(n)) for m, n in pairs]


@program(lambda rng: (some_layers(rng, 3, 4, 2), rng.standard_normal((5, 3))), analytic=True)
def loss_of_a_network(layers, x):
    y = network(layers, x)
    return np.mean(y * y)


@program(lambda rng: (some_layers(rng, 3, 4, 2), rng.standard_normal((5, 3))), analytic=True)
def penalised_network(layers, x):
    weights = 0.0
    for W, _ in layers:
        weights += np.sum(W * W)
    return np.mean(network(layers, x) ** 2) + 1e-2 * weights


@program(
    lambda rng: (some_layers(rng, 3, 3, 3), some_layers(rng, 3, 3), rng.standard_normal((4, 3))),
    argnums=(0, 1, 2),
    analytic=True,
)
def one_network_in_another(outer, inner, x):
    return np.sum(network(outer, network(inner, x)) * network(outer, x))


def affine(p, x):
    return x @ p["W"] + p["b"]


@program(
    lambda rng: (
        {"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)},
        rng.standard_normal((4, 3)),
    ),
    argnums=(0, 1),
    analytic=True,
)
def loss_of_a_dict(p, x):
    return np.mean(affine(p, x) ** 2)


class Weights(NamedTuple):
    W: np.ndarray
    b: np.ndarray


@dataclass
class Model:
    inner: Weights
    scale: float


def through_model(m, x):
    return m.scale * np.tanh(x @ m.inner.W + m.inner.b)


@program(
    lambda rng: (
        Model(Weights(rng.standard_normal((3, 2)), rng.standard_normal(2)), 1.5),
        rng.standard_normal((4, 3)),
    ),
    analytic=True,
)
def loss_of_a_model(m, x):
    return np.sum(through_model(m, x) ** 2)


def just_these(p):
    return p


def the_other_way_round(p):
    return [p[1], p[0]]


@program(lambda rng: ([rng.standard_normal(3), rng.standard_normal(3)],), analytic=True)
def handed_through(p):
    q = just_these(p)
    r = the_other_way_round(q)
    u = np.sum(r[0] * q[0] * q[1])
    return u + np.sum(np.sin(q[0])) + np.sum(p[0] * r[1])


@program(lambda rng: ([rng.standard_normal(3), 0.7],), analytic=True)
def array_and_number_handed_through(p):
    q = just_these(p)
    return np.sum(q[0] * q[1]) * just_these(q)[1]


def twice_the_first(p):
    return p[0] * p[0], p


@program(lambda rng: ((rng.standard_normal(3), rng.standard_normal(3)),), analytic=True)
def given_back_besides(p):
    y, same = twice_the_first(p)
    z, again = twice_the_first(same)
    return np.sum(y * z * again[1]) + np.sum(same[0])


def first_of_both(p):
    return p[0] * p[1]


@program(lambda rng: ([rng.standard_normal(3), rng.standard_normal(3)], 3), analytic=True)
def one_cotangent_in_each_turn(p, n):
    total = 0.0
    for i in range(n):
        if i % 2 == 0:
            total = total + np.sum(first_of_both(p) ** (i + 1))
        else:
            total = total + np.sum(first_of_both(just_these(p)))
    return total


@program(lambda rng: ([[rng.standard_normal(2), rng.standard_normal(2)] for _ in range(3)],))
def rows_of_a_list_handed_on(rows):
    total = 0.0
    for row in rows:
        total = total + np.sum(first_of_both(row) * first_of_both(rows[0]))
    return total


def rk4_step(p, y, h):
    k1 = p["rate"] * y * (1 - y / p["cap"])
    k2 = p["rate"] * (y + h * k1) * (1 - (y + h * k1) / p["cap"])
    return y + h * (k1 + k2) / 2


def grown(p, y, n):
    for _ in range(n):
        if y > 0.9 * p["cap"]:
            y = y - 0.01
        y = rk4_step(p, y, 0.1)
    return y


@program(lambda rng: ({"rate": 1.3, "cap": 2.0}, 0.4, 12), argnums=(0, 1))
def growth_by_a_dict(p, y, n):
    return (grown(p, y, n) - 1.0) ** 2


def classified(params, x):
    for layer in params["hidden"]:
        x = np.tanh(x @ layer["W"] + layer["b"])
    z = x @ params["out"]["W"] + params["out"]["b"]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def classifier(rng):
    layer = lambda m, n: {"W": rng.standard_normal((m, n)), "b": rng.standard_normal(n)}
    return {"hidden": [layer(3, 4), layer(4, 4)], "out": layer(4, 3)}


@program(lambda rng: (classifier(rng), rng.standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])))
def lists_of_layers_in_a_dict(params, x, labels):
    p = classified(params, x)
    loss = -np.mean(np.log(p[np.arange(len(labels)), labels]))
    for layer in params["hidden"]:
        loss += 0.5e-2 * np.sum(layer["W"] ** 2)
    return loss


@program(lambda rng: (classifier(rng), rng.standard_normal((5, 3))))
def layers_by_number_and_in_a_loop(params, x):
    first = params["hidden"][0]
    total = np.sum(first["W"] ** 2) * np.sum(params["out"]["b"])
    for layer in params["hidden"]:
        total = total + np.sum(np.sin(layer["b"]) * first["b"])
    return total + np.sum(classified(params, x)[:, 0] ** 2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_cell(p, x, h, c):
    i, f, g, o = np.split(x @ p["Wx"] + h @ p["Wh"] + p["b"], 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@program(
    lambda rng: (
        {
            "Wx": rng.standard_normal((2, 12)),
            "Wh": rng.standard_normal((3, 12)),
            "b": rng.standard_normal(12),
            "Wo": rng.standard_normal((3, 1)),
        },
        rng.standard_normal((4, 2, 2)),
    ),
    argnums=(0, 1),
    analytic=True,
)
def lstm_of_a_dict(p, xs):
    h = np.zeros((xs.shape[1], p["Wh"].shape[0]))
    c = np.zeros_like(h)
    for x in xs:
        h, c = lstm_cell(p, x, h, c)
    return np.mean((h @ p["Wo"]) ** 2)


def split_in_two(pair, k):
    u, v = pair
    return u[:k], (v[:k], [u[k:], v[k:]])


@program(lambda rng: ((rng.standard_normal(5), rng.standard_normal(5)), 2), analytic=True)
def containers_inside_a_result(pair, k):
    total = 0.0
    for n in range(1, k + 1):
        first, rest = split_in_two(pair, n)
        total = total + np.sum(first * rest[0]) + np.sum(np.sin(rest[1][0]) * rest[1][1])
    return total


class Affine(NamedTuple):
    w: np.ndarray
    b: np.ndarray
    gain: float


def scaled_by(p, x):
    return p.w * x


def shifted_by(p, x):
    return p.b + x


@program(
    lambda rng: (
        Affine(rng.standard_normal(3), rng.standard_normal(3), 0.7),
        rng.standard_normal(3),
    ),
    argnums=(0, 1),
)
def fields_used_by_turns(p, x):
    for i in range(4):
        x = scaled_by(p, x) if i % 2 else np.sin(shifted_by(p, x))
    return np.sum(x * x) * p.gain


def with_last(p, n, x):
    return p[-1] * x if n == 0 else with_first(p, n - 1, np.cos(x))


def with_first(p, n, x):
    return p[0] * x if n == 0 else with_last(p, n - 1, np.sin(x) + p[1])


@program(lambda rng: ([rng.standard_normal(3) for _ in range(3)],), analytic=True)
def parts_used_by_recursion(p):
    return np.sum(with_last(p, 3, p[1]) + with_first([p[1], p[0], p[2]], 2, p[0]))


def of_name(p, name):
    return p[name] * 2.0


@program(lambda rng: ({"a": rng.standard_normal(3), "b": rng.standard_normal(3)},))
def parts_of_a_dict_that_is_counted(p):
    total = np.sum(of_name(p, "a")) * len(p)
    for name in ("a", "b"):
        total = total + np.sum(of_name(p, name) * of_name({"a": p["b"], "b": p["a"]}, "a"))
    return total
