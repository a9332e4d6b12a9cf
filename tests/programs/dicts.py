"""Dicts that are filled item by item, by loops and by comprehensions."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program

LETTERS = "abcd"
INPUTS = np.linspace(-1, 1, 12).reshape(4, 3)


def params(rng):
    return ({"w": rng.normal(size=(2, 3)), "b": rng.normal(size=2)},)


def network(p):
    return np.mean(np.tanh(INPUTS @ p["w"].T + p["b"]) ** 2)


@program(params, analytic=True)
def steps_of_a_dict(p):
    for step in range(3):
        p = {k: v - 0.1 * np.tanh(v * step) for k, v in p.items()}
    return network(p)


@program(params, analytic=True)
def momentum_in_dicts(p):
    m = {k: np.zeros_like(v) for k, v in p.items()}
    for _ in range(3):
        g = {k: np.tanh(v) for k, v in p.items()}
        m = {k: 0.9 * m[k] + g[k] for k in m}
        p = {k: p[k] - 0.1 * m[k] for k in p}
    return network(p)


@program(params, analytic=True)
def dict_without_a_key(p):
    q = {k: 2 * p[k] * p[k] for k in p if k != "b"}
    q["b"] = p["b"]
    return network(q)


@program(params, analytic=True)
def dicts_of_zip_and_enumerate(p):
    names = ["w", "b"]
    q = {n: p[n] * i for i, n in enumerate(names, start=1)}
    return network({n: a + 1 for n, a in zip(names, q.values(), strict=True)})


@program(params, analytic=True)
def dicts_in_dicts(p):
    k = 5
    q = {k: {j: v * j for j in (1, 2)} for k, v in p.items()}
    return np.sum(q["w"][2]) * np.sum(q["b"][1] ** 2) * k


@program(params, analytic=True)
def formatted_keys(p):
    q = {f"{k}_{i}": v**i for k, v in p.items() for i in range(1, 3)}
    return np.sum(q["w_2"]) * np.sum(q["b_1"])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def dict_by_number(x):
    d = {}
    for i in range(3):
        d[i] = x[i] ** 2
    d[1] = d[1] * d[0]
    return sum({k: v * x[k] for k, v in d.items()}.values())


@program(params)
def dict_filled_in_branches(p):
    q = {}
    for k, v in p.items():
        if np.sum(v) > 100:
            q[k] = v * 2
        else:
            q[k] = v * v
    if q["b"][0] > 100:
        return network({k: v for k, v in p.items()})
    return network(q)


@program(params)
def dict_made_anew_in_a_loop(p):
    d = {}
    for step in range(3):
        d = {}
        if step == 2:
            break
        for k in p:
            d[k] = p[k] * step
    return len(d) + np.sum(p["b"] ** 2)


@program(params)
def dict_kept_by_a_loop(p):
    d = {}
    s = 0.0
    for step in range(3):
        if step == 1:
            continue
        for k in p:
            d[k] = p[k] ** step
        s = s + np.sum(d["w"]) ** 2
    return s + np.sum(d["b"])


@program(params, analytic=True)
def totals_in_a_dict(p):
    d = {k: 0.0 for k in p}
    for step in range(3):
        for k, v in p.items():
            d[k] = d[k] + np.sum(v) * step
    return d["w"] * d["b"]


def scaled(p, s):
    return {k: v * s for k, v in p.items()}


@program(params, analytic=True)
def dicts_of_helpers(p):
    every = [{k: v * i for k, v in p.items()} for i in range(3)]
    return network(scaled(scaled(p, 2.0), 0.25)) * sum(
        [np.sum(v) for d in every for v in d.values()]
    )


@program(lambda rng: (rng.uniform(0.5, 1.5),))
def equal_keys(x):
    d = {"a": x, "b": x * x, "a": x**3}  # noqa: F601 - what is tested
    numbers = {1: x, 2: x * x, True: 2 * x} | {2.0: x**4}  # noqa: F601
    total = 0.0
    for value in d.values():
        total += value * value
    for weight in {0: x, False: 3 * x}.values():  # noqa: F601
        total *= weight
    return total + numbers[1] * numbers.get(True, 0.0) * sum(numbers.values())


NAMES = ("low", "high", "rate")


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def dicts_of_names_and_an_array(x):
    raw = dict(zip(NAMES, x))
    p = {k: np.exp(v) for k, v in zip(NAMES, x)}
    scaled = dict((k + "_", v * raw["rate"]) for k, v in p.items())
    pairs = dict([("first", x[1] ** 2), ("first", x[0] ** 2), ("last", raw["low"])])
    total = pairs["first"] * pairs["last"] + dict((("a", x[0]),))["a"]
    return total * (scaled["high_"] - p["low"]) + dict(enumerate([x[0], x[1] * 2], 1))[2]


@program(params, analytic=True)
def dicts_by_zip(p):
    names = ["w", "b"]
    q = dict(zip(names, [v * 1.5 for v in p.values()], strict=True))
    r = dict(zip(p, p.values(), strict=True))
    return network(q) * np.sum(r["b"])


@program(params, analytic=True)
def keys_put_together(p):
    kept = {}
    for i in range(3):
        kept["w" + str(i)] = np.tanh(p["w"] * i)
    return np.sum(kept["w1"] * kept["w2"] * p["b"][0])


@program(lambda rng: (rng.normal(size=(2, 3)), 0.3), argnums=(0, 1))
def alignment_in_a_dict(scores, gap):
    """A table that is a dict, with a pair of numbers for a key."""
    best = {(0, 0): 0.0}
    for i in range(1, 3):
        best[i, 0] = -gap * i
    for j in range(1, 4):
        best[0, j] = -gap * j
    for i in range(1, 3):
        for j in range(1, 4):
            best[i, j] = np.logaddexp(best[i - 1, j] - gap, best[(i, j - 1)] - gap)
            best[i, j] += best[i - 1, j - 1] * scores[i - 1, j - 1]
    return best[2, 3]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def pairs_of_names_for_keys(x):
    p = {}
    for name, v in zip(NAMES, x):
        for k in range(2):
            p[name, k] = v**k * x[0]
    return p["low", 1] * p["high", 0] + sum(p.values())


@program(lambda rng: (rng.standard_normal(3), rng.uniform(0.5, 1.5)), argnums=(0, 1))
def keys_unpacked_from_what_holds_data(x, scale):
    parts = {"a": x, "b": scale * x}
    first, second = parts
    for _ in range(2):
        parts[first] = parts[first] * parts[second]
    kept = first
    if scale > 100.0:
        x, kept = parts
    return np.sum(x * x * parts[kept])


class Options(dict):
    """What it does not have is asked for, and it raises a KeyError."""

    __getattr__ = dict.__getitem__


class Elsewhere:
    def __init__(self, options):
        self.__dict__["options"] = options

    def __getattr__(self, name):
        return self.options[name]


def _of_objects(options, elsewhere):
    """A closure, as pytest asks what is global for attributes, and is not as patient."""

    @program(lambda rng: (rng.standard_normal(3),), analytic=True)
    def attributes_that_raise_key_errors(x):
        for _ in range(options["n"]):
            x = x * options["rate"] + x * x * elsewhere.rate
        return np.sum(x)


_of_objects(Options(rate=0.5, n=2), Elsewhere({"rate": 0.5}))


@program(lambda rng: (rng.standard_normal(4),))
def keys_of_letters(x):
    point = dict(zip("abc", x))
    twice = {name: 2 * v for name, v in zip(LETTERS, x)}
    for i, name in enumerate("xy"):
        point[name] = x[i] ** 2
    other = dict((name, v * v) for name, v in zip("pq", (x[2], x[3])))
    return sum(point.values()) * twice["d"] + point["a"] * other["p"] + point["y"] * other["q"]


@program(lambda rng: (rng.standard_normal(4),))
def gotten_from_displays_and_by_pairs(x):
    table = {(0, 1): x[0], (1, 0): x[1] ** 2}
    total = {"a": x[2], "b": x[3]}.get("a") ** 2 + {"a": x[2]}.get("c", x[1])
    for pair in table:
        total += table[pair] * table.get(pair) * table.get(pair[::-1], 1.0)
    return total * table.get((1, 0)) + table[0, 1]


@program(lambda rng: (rng.standard_normal(4),))
def chosen_by_a_set(x):
    total = 0.0
    for place in sorted({turn * turn % 3 for turn in range(4)}):
        total = total + x[place] * x[place + 2]
    return total
