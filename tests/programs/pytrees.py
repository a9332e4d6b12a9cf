"""Programs whose arguments or results are containers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tests.programs.registry import program


def mlp_parameters(rng):
    return {
        "W1": rng.standard_normal((3, 4)),
        "b1": rng.standard_normal(4),
        "W2": rng.standard_normal((4, 2)),
        "b2": rng.standard_normal(2),
    }


@program(
    lambda rng: (mlp_parameters(rng), rng.standard_normal((5, 3)), rng.standard_normal((5, 2))),
    argnums=(0,),
    analytic=True,
)
def mlp_of_dict(params, x, target):
    h = np.tanh(x @ params["W1"] + params["b1"])
    y = h @ params["W2"] + params["b2"]
    return np.mean((y - target) ** 2)


@program(
    lambda rng: (
        [(rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(3)],
        rng.standard_normal((2, 3)),
    ),
    argnums=(0, 1),
    analytic=True,
)
def layers_in_list(layers, x):
    for W, b in layers:
        x = np.tanh(x @ W + b)
    return np.sum(x)


class State(NamedTuple):
    position: np.ndarray
    velocity: np.ndarray


@program(lambda rng: (State(rng.standard_normal(2), rng.standard_normal(2)), 4), argnums=(0,))
def namedtuple_state(state, steps):
    for _ in range(steps):
        force = -np.sin(state.position)
        velocity = state.velocity + 0.1 * force
        state = State(state.position + 0.1 * velocity, velocity)
    return np.sum(state.position**2) + np.sum(state.velocity**2)


@dataclass(frozen=True)
class Params:
    scale: float
    weights: np.ndarray


@program(
    lambda rng: (Params(0.7, rng.standard_normal(3)), rng.standard_normal(3)),
    argnums=(0, 1),
    analytic=True,
    order=3,
)
def dataclass_argument(p, x):
    return np.sum(np.sin(p.scale * x) * p.weights) + p.scale * p.scale


@program(lambda rng: (Params(0.7, rng.standard_normal(3)), 3), argnums=(0,), analytic=True)
def dataclass_rebuilt(p, n):
    for _ in range(n):
        p = Params(np.sin(p.scale), p.weights * p.scale)
    return np.sum(p.weights) * p.scale


@program(lambda rng: ((0.5, 1.5, -0.3),), analytic=True)
def tuple_of_floats(xs):
    a, b, c = xs
    return a * b + np.sin(c) * xs[0]


@program(lambda rng: ([0.5, 1.5, -0.3],), analytic=True)
def list_of_floats(xs):
    total = 1.0
    for x in xs:
        total = total * x + 1
    return total + xs[-1] * len(xs)


@program(
    lambda rng: ({"outer": {"a": 0.4, "b": rng.standard_normal(2)}, "c": (1.2, 0.1)},),
    analytic=True,
)
def nested_containers(tree):
    inner = tree["outer"]
    c0, c1 = tree["c"]
    return np.sum(inner["b"] ** 2) * inner["a"] + c0 * np.sin(c1)


@program(lambda rng: ({"used": rng.standard_normal(2), "unused": rng.standard_normal(3)},))
def unused_entry(tree):
    return np.sum(tree["used"] ** 2)


@program(lambda rng: (rng.standard_normal(2), {"n": 3, "kind": "sin"}))
def options_in_a_dict(x, options):
    for _ in range(options["n"]):
        x = np.sin(x) if options["kind"] == "sin" else np.cos(x)
    return np.sum(x)


@program(lambda rng: (0.6, rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def dict_built_and_read(a, x):
    d = {"scaled": a * x, "total": np.sum(x)}
    pair = (d["scaled"], d["total"])
    return np.sum(pair[0] * pair[1])


@program(lambda rng: (0.6, rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def dict_entry_replaced(a, x):
    d = {"y": x, "n": 0}
    for i in range(3):
        d["y"] = np.sin(d["y"]) * a
        d["n"] = i
    return np.sum(d["y"]) * d["n"]


@program(lambda rng: (0.6,), analytic=True)
def dict_filled_key_by_key(x):
    d = {}
    d["a"] = x * x
    d["b"] = np.sin(d["a"]) * x
    d["a"] += d["b"]
    return d["a"] * d["b"]


@program(lambda rng: (0.6,), analytic=True)
def dict_entries_replaced_in_a_loop_over_keys(x):
    d = {"a": x, "b": x * x}
    for k in d:  # the items are replaced
        d[k] = d[k] * x
        d["a"] *= 2.0
    total = 0.0
    for k, v in d.items():
        total += v * d[k]
    return total


@program(lambda rng: ({"w": rng.standard_normal(3), "b": 0.7}, 3), analytic=True)
def parameters_in_a_copied_dict(params, n):
    state = dict(params)
    for _ in range(n):
        state["w"] = state["w"] - 0.1 * np.sin(state["w"]) * state["b"]
        state["b"] *= np.mean(state["w"])
    return np.sum(state["w"]) * state["b"] * params["b"]


@program(lambda rng: ({"w": rng.standard_normal(3), "b": 0.7},), analytic=True)
def dicts_merged(params):
    p = {**params, "b": params["b"] * 2}
    p.update(w=p["w"] * 3, c=p["b"])
    q = p | {"b": p["c"] ** 2}
    r = q.copy()
    r["c"] = r["c"] * q["b"]
    return np.sum(p["w"]) * q["b"] * r["c"] + params["b"]


@program(lambda rng: (0.6,), analytic=True)
def dict_read_by_a_helper_between_changes(x):
    d = {"a": x, "b": 2 * x}
    total = 0.0
    for _ in range(3):
        d["a"] = _product(d)
        total += _product(d)
    return total + d["a"]


def _product(d):
    return d["a"] * d["b"]


@program(lambda rng: (rng.standard_normal(3), 0.6), argnums=(0, 1), analytic=True)
def returns_namedtuple(x, a):
    return State(x * a, np.sin(x) + a)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def returns_nested(x):
    return [x * x, (np.sum(x), {"k": x[0]})]


def helper_of_dict(params, x):
    return {"h": np.tanh(params["W"] @ x), "cost": np.sum(params["W"] ** 2)}


@program(
    lambda rng: ({"W": rng.standard_normal((2, 3))}, rng.standard_normal(3)),
    argnums=(0, 1),
    analytic=True,
)
def containers_through_calls(params, x):
    out = helper_of_dict(params, x)
    return np.sum(out["h"]) + out["cost"]


@program(lambda rng: ({"b": 0.5, "a": 1.5},), analytic=True)
def dict_iteration(d):
    total = 0.0
    for key in d:
        total = total * 2 + d[key]
    for value in d.values():
        total = total * value
    for key, value in d.items():
        if key == "a":
            total = total + value * value
    return total


@program(lambda rng: (rng.standard_normal((3, 2)),), analytic=True)
def tuple_carried_by_loop(x):
    state = (x[0], 1.0)
    for i in range(3):
        state = (np.sin(state[0]) + x[i], state[1] * np.sum(state[0]))
    return np.sum(state[0]) + state[1]


@program(lambda rng: (0.6, 1.3), argnums=(0, 1), analytic=True)
def dict_joined_in_place(x, y):
    d = {"a": x, "b": x * y}
    d |= {"a": d["b"] * y, "c": y}
    for _ in range(2):
        d |= {"b": d["a"] * d["b"] + d["c"]}
    return d["a"] * d["b"] + d["c"]


@program(
    lambda rng: (State(rng.standard_normal(2), rng.standard_normal(2)), rng.standard_normal(2)),
    argnums=(0, 1),
)
def run_over_named_tuples(state, weights):
    total = 0.0
    for i, (part, weight) in enumerate(zip(state, weights)):
        total = total + weight * np.sum(part**2) + np.sum(state[i])
    other = State(weights, state[0])
    for part in other:
        total = total + np.sum(part**3)
    return total * sum(np.sum(part) for part in reversed(other)) + np.sum(other.velocity)


@program(lambda rng: (State(rng.standard_normal(2), rng.standard_normal(2)),), argnums=(0,))
def named_tuples_as_sequences(state):
    total = sum(state) * np.stack(state)
    parts = list(state)
    parts.append(np.concatenate(state)[1:3])
    return np.sum(total * np.array([*state[1:], state[-2]])) * np.sum(parts[-1] * parts[0])


class Bounds(NamedTuple):
    low: Any
    high: Any


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True, order=1)
def containers_of_other_shapes_in_each_turn(x, n):
    for k in range(n):
        bounds = Bounds(x[k:], x[: k + 1] * 2.0)
        pair = [x[k:], (x[: k + 1], bounds)]
    for k in range(n):
        pair = [pair[1][0], (x[k:] * 2.0, pair[1][1])]
        bounds = Bounds(bounds.high, bounds.low)
    return np.sum(pair[0] * pair[1][0][0]) + np.sum(bounds.low) * np.sum(pair[1][1].high)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def containers_left_by_a_loop(x):
    for k in range(3):
        bounds = Bounds(x * k, x)
        pair = [x, bounds.low * x]
    return np.sum(bounds.high * pair[1])


@program(lambda rng: (rng.normal(size=5),))
def history_in_a_dict_of_lists(x):
    history = {"loss": [], "norm": []}
    for _ in range(3):
        history["loss"].append(np.sum(x**4))
        history["norm"].append(np.linalg.norm(x))
        x = x - 0.04 * x**3
    total = 0.0
    for name, values in history.items():
        total += len(name) * np.sum(np.array(values))
    return total + history["loss"][-1] ** 2


@program(lambda rng: (rng.normal(size=5),))
def state_in_a_dict_of_arrays(x):
    state = {"u": np.zeros(5), "v": x.copy(), "turns": 0}
    for _ in range(3):
        state["u"][1:] = state["v"][:-1] * state["v"][1:]
        state["v"] += 0.1 * state["u"]
        state["turns"] += 1
    return np.sum(state["u"] ** 2) + state["v"] @ state["v"] * state["turns"]


@program(lambda rng: (rng.normal(size=5),))
def items_of_a_list_under_other_names(x):
    u = x * x
    pair = [u, x + 1.0]
    pair[0][1] = x[0] * x[1]
    pair[-1][0] += pair[0][1]
    return np.sum(u**2) + np.sum(pair[1]) * pair[0][1]


@program(lambda rng: (rng.normal(size=4), {"w": 1.5, "b": 2.0}), argnums=(0, 1))
def dicts_of_lists_inside_a_dict(x, params):
    runs = {"kept": {"w": [params["w"]], "b": []}, "scale": params["b"]}
    for v in x:
        turn = {"s": [v]}
        turn["s"].append(turn["s"][0] * v)
        runs["kept"]["w"].append(runs["kept"]["w"][-1] * v)
        runs["kept"]["b"].extend(turn["s"])
        runs["scale"] = runs["scale"] * v
    return (sum(runs["kept"]["w"]) + sum(runs["kept"]["b"])) * runs["scale"]


# --- fields that have their defaults, whose tangents have none -----------------------------------

HEIGHTS = np.array([1.0, 2.0, 0.5])


@dataclass
class Load:
    weight: Any
    scale: float = 2.0
    heights: Any = field(default_factory=lambda: HEIGHTS + 1.0)
    steps: int = 2
    limits: Any = (0.5, 1.5)
    kind: str = "point"
    other: Any = None
    shape: Any = np.tanh


class Beam(NamedTuple):
    p: Any
    heights: Any = HEIGHTS
    scale: float = 3.0


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def defaults_of_dataclasses(x):
    load = Load(x * x)
    more = Load(x[0] * load.heights, steps=3)
    total = np.sum(load.weight * load.heights * more.weight) * load.limits[1]
    while more.scale < 5.0:
        more = Load(more.weight * x, more.scale + 2.5)
    return total * load.scale * load.steps + np.sum(more.weight) * more.scale * more.limits[0]


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def defaults_of_named_tuples(x):
    p, heights, scale = Beam(x * 2.0)
    beam = Beam(scale=x[0], p=x)
    for v in x:
        beam = Beam(beam.p * v, scale=beam.scale * v)
    rest = Beam(np.sin(x))
    return (
        np.sum(p * heights) * scale
        + np.sum(beam.p * beam[1]) * beam.scale
        + np.sum(rest[0] * rest[1]) * rest[2]
    )


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def attributes_by_name(x):
    load = Load(x * getattr(x, "size"), x[0])
    total = getattr(x, "sum")() * getattr(x, "T")[0]
    for name in ("weight", "scale"):
        total = total + np.sum(getattr(load, name)) * getattr(load, "scale", 1.0)
    return total * (2.0 if getattr(x, "ndim", 0) == 1 else x[0])
