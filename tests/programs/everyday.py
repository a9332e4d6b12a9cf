"""Pieces of everyday Python: what runs once, methods, unpacking, small builtins."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tests.programs.registry import program

PAIRS = {(0, 1): 2.0, (1, 2): 0.5}
CHOSEN = frozenset({0, 2})


# --- loops over what can be run over only once ---------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def over_ndindex(x):
    s = 1.0
    for i in np.ndindex(3):
        s = s * x[i] + x[i]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, (2, 3)),), analytic=True)
def over_ndindex_in_place(x):
    y = np.zeros((2, 3))
    for i, j in np.ndindex(2, 3):
        if j == 1:
            continue
        y[i, j] = x[i, j] * y[i, j - 1] + x[i - 1, j]
    return np.sum(y * y)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def over_products_with_break(x):
    s = 1.0
    for i, j in itertools.product(range(3), range(2)):
        s = s * x[i] + x[j]
        if i + j > 2:
            break
    return s * x[i]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def over_an_endless_count(x):
    s = 1.0
    for k in itertools.count(1):
        s = s * x[0] + k * x[1]
        if k > 4:
            break
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def two_loops_over_one_iterator(x):
    left = iter([0, 1, 2, 1])
    s = 1.0
    for i in left:
        s = s * x[i]
        if i == 1:
            break
    for j in left:
        s = s * x[j] + x[0]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def items_beside_an_iterator(x):
    s = 1.0
    for k, v in zip(itertools.count(1), x, strict=False):
        s = s * v + k * v
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def counted_iterator(x):
    s = 1.0
    for k, (i,) in enumerate(np.ndindex(3), start=1):
        s = s * x[i] + k * x[i]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def loops_over_iterators_inside_loops(x):
    s = 0.0
    for i in np.ndindex(3):
        for (j,) in itertools.combinations(range(2), 1):
            s = s * x[i] + x[j] * s + x[i]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def over_sets_and_keys_that_are_tuples(x):
    s = 1.0
    for i in CHOSEN:
        s = s * x[i]
    for (i, j), weight in PAIRS.items():
        s = s * x[i] * weight + x[j]
    for i, _ in PAIRS:
        s = s * x[i]
    return s


def items_taken(x, indices):
    s = 1.0
    for i in indices:
        s = s * x[i] + x[i]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def iterator_given_to_a_helper(x):
    left = iter([0, 2, 1])
    return items_taken(x, left) * x[0] + items_taken(x, left)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def iterator_unpacked_in_a_loop(x):
    s = 1.0
    for k in range(2):
        a, b = iter([k, k + 1])
        s = s * x[a] + s * s * x[b]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def iterator_asked_again_and_again(x):
    left = iter([1, 2])
    s = x[0]
    any(left)
    for _ in range(3):
        if any(left):
            s = s * x[1]
    return s * s


# --- methods of ufuncs and arrays ----------------------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, (3, 4)),), analytic=True)
def ufuncs_reduced(a):
    rows = np.add.reduce(a * a) * np.multiply.reduce(a, 0)
    return np.sum(rows * np.add.reduce(a, axis=0)) + np.add.reduce(np.add.accumulate(a, 1)[:, 1])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, (2, 3))), argnums=(0, 1))
def ufuncs_of_all_pairs(x, a):
    pairs = np.multiply.outer(x, x) ** 2 * np.subtract.outer(x, x * x)
    return np.sum(pairs) + np.sum(np.subtract.outer(a, x) ** 3)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, (2, 3))), argnums=(0, 1))
def arrays_made_lists(x, a):
    s = 1.0
    for v in x.tolist():
        s = s * v + v
    rows = a.tolist()
    return s * rows[0][1] * rows[1][0] + sum(rows[1])


class Reductions:
    def __init__(self, total):
        self.total = total


TOTALS = Reductions(np.sum)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def numpy_function_held_by_an_object(x):
    return TOTALS.total([x[0] * x[1], x[2]]) * x[0]


# --- objects that are called, and partials -------------------------------------------------------


@dataclass
class Neuron:
    weight: float

    def __call__(self, x):
        return np.sum(np.tanh(self.weight * x))

    def loss(self, x):
        return self(x) ** 2

    def scaled(self, k):
        return Neuron(self.weight * k)

    @staticmethod
    def penalty(x):
        return np.sum(x**3)


class Network:
    def __init__(self, first, others):
        self.first = first
        self.others = others

    def __call__(self, x):
        y = self.first(x)
        for layer in self.others:
            y = y + layer(x)
        return y

    def loss(self, x):
        return self(x) * self.first.loss(x)


NEURON = Neuron(1.5)
NETWORK = Network(NEURON, [NEURON, Neuron(0.5)])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def objects_called(x):
    return NEURON(x) + NEURON.loss(x) * NETWORK(x) + NETWORK.loss(x[:2])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def objects_made_and_called(x):
    neuron = Neuron(x[0] * x[1])
    for _ in range(2):
        neuron = neuron.scaled(x[2])
    return neuron.loss(x) * neuron(x[:2]) + neuron.penalty(x) * neuron.weight


def weighted_squares(a, x, k=1.0):
    return a * np.sum(x**2) * k


def squared(f, x):
    return f(x) ** 2


DOUBLED = functools.partial(weighted_squares, 2.0, k=3.0)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def partials(x):
    total = functools.partial(np.sum, axis=0)
    scaled = functools.partial(weighted_squares, k=0.5)
    twice = functools.partial(scaled, 2.0)
    return total(x * x) * DOUBLED(x) + DOUBLED(x, k=x[0]) + scaled(x[1], x) * squared(twice, x)


# --- assignment expressions ----------------------------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_in_an_expression(x):
    y = x[0]
    z = y * (y := y * x[1]) * (y := y * x[2]) + y
    if (s := np.sum(x * z)) > 100:
        return s
    return s * z + [u := y * s, u**2, u][1]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_in_a_test(x):
    s = x[0]
    n = 0
    while (s := s * x[1] + 0.1) < 3.0 and (n := n + 1) < 5:
        s = s + x[1]
    return s * n * (last if (last := x[2]) > 0 else s)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_in_a_comprehension(x):
    total = 0.0
    sums = [total := total + v * v for v in x if (w := v * x[0]) > -10]
    return sum(sums) * total * w


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def assigned_beside_an_update_in_place(x):
    y = x.copy()
    i = 0
    y[(i := i + 1)] = (k := y[i] * 2) * x[i]
    y[i] += (i := 2) * x[0]
    return np.sum(y.clip((y := y * 2) - 3.0, y + 1) * y) * k * y[i]


# --- starred targets -----------------------------------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), rng.uniform(0.5, 1.5, (3, 4))), argnums=(0, 1))
def starred_targets(x, a):
    first, *rest = x
    *front, last = [x[0], x[1] * x[2], first]
    top, *rows, bottom = a
    s = first * rest[1] * last * sum(front) + np.sum(top * rows[0] * bottom)
    for head, *tail in a:
        s = s + head * tail[0] ** 2 * sum(tail)
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def starred_target_is_a_new_list(x):
    items = [x[0], x[1], x[2]]
    first, *rest = items
    rest.append(first * first)
    items.append(x[3])
    for _ in range(3):
        first, *rest = rest
        rest.append(first * x[3] + rest[0])
    return sum(rest) * sum(items) * rest[-1] * len(rest)


# --- the largest, the least, in order ------------------------------------------------------------


@program(lambda rng: (rng.permutation([0.4, 0.9, 1.3, 1.6]),))
def largest_least_and_sorted(x):
    s = max(x) * min(x[1:]) + max(x[0], x[1] * x[2], x[3]) * min([v * v for v in x])
    for v in sorted(x):
        s = s * v + v
    ordered = sorted((x[0] * x[1], x[2], x[3]))
    return s * ordered[0] * ordered[2] ** 2


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def any_and_all_stop_early(x):
    a = x.copy()
    seen = []

    def doubled(i):
        a[i] *= 2.0
        return i > 0

    def noted(v):
        seen.append(v * v)
        return len(seen) == 2

    s = 1.0
    if any(doubled(i) for i in range(3)):
        s = s * a[2]
    if all(doubled(i) and j < 1 for i in range(2) for j in range(2)):
        s = s * a[0]
    s = s * (2.0 if any(map(noted, a)) else 3.0)
    if any((y := v * v) < 100.0 for v in x):
        s = s * y
    return s * np.sum(a) + sum(seen)


# --- columns, and records with other fields ------------------------------------------------------

WEIGHTS = [(0, 2.0), (2, 0.5)]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def columns_by_zip(x):
    points = [(x[0], x[1]), (x[1] * x[2], x[2])]
    a, b = zip(*points, strict=True)
    c, d = map(list, zip(*points, strict=True))
    rows = list(zip(*[(x, x * x), (2 * x, x)], strict=True))
    s = sum([u * v for u, v in zip(*points, strict=True)])
    return a[0] * b[1] + c[1] * d[0] * s + np.sum(rows[0][0] * rows[1][1])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def columns_of_constants(x):
    places, weights = zip(*WEIGHTS, strict=True)
    s = np.sum(x[list(places)] ** 2 * np.array(weights))
    for column in zip(*WEIGHTS, strict=True):
        s = s * x[1] + column[0] * x[0]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def unpacked_runs(x):
    first, *rest = (v * v for v in x)
    a, b = map(np.tanh, (x[0] * x[1], x))
    pairs = list(zip(x, x * x, strict=True))
    (u, v), w = zip([x[0], x[1]], [x[2], first], strict=True)
    return first * rest[1] * a + np.sum(b) * pairs[0][1] * pairs[2][0] + u * v * w[1]


class Reading(NamedTuple):
    level: Any
    gain: Any = 2.0


@dataclass
class Setting:
    level: Any
    gain: Any = 2.0


@program(lambda rng: (Reading(*rng.uniform(0.5, 1.5, 2)),), analytic=True)
def replaced_in_named_tuples(r):
    for _ in range(3):
        r = r._replace(level=r.level * r.gain)
    return r.level * sum(r._asdict().values())


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def replaced_in_dataclasses(x):
    s = Setting(x[0], x[1])
    t = replace(s, level=x[2] * s.gain)
    u = dataclasses.replace(t, **{"gain": t.level})
    return s.level * t.level * u.gain * u.level


# --- reduce --------------------------------------------------------------------------------------


def _squared_plus(a, b):
    return a * a + b


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def reduced_by_functions(x):
    s = x[0]

    def blend(a, b):
        return a * s + b

    y = functools.reduce(blend, [x[1], x[2], x[0]], s)
    z = functools.reduce(_squared_plus, x)
    return y * z * functools.reduce(lambda a, b: a * b, (v + 1 for v in x), 0.5)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def reduced_over_layers(x):
    layers = [x * x, np.cos(x), x]
    h = functools.reduce(lambda h, w: np.sin(w * h), layers, x)
    m = functools.reduce(np.matmul, [np.outer(x, x), np.diag(x), np.ones((3, 3))])
    return np.sum(h) * m[0, 1] + functools.reduce(lambda s, p: s + p[0] * p[1], zip(x, h), 0.0)


# --- private names of a class --------------------------------------------------------------------


class _Scaled:
    __half = 0.5

    def __init__(self) -> None:
        self.__k = 2.0

    def __scaled(self, x, __power=2):
        return self.__k * x**__power

    def loss(self, x):
        __y = self.__scaled(x, _Scaled__power=3)

        def again(v):
            return v * self.__k

        return np.sum(again(__y)) * _Scaled.__half + np.sum(self.__scaled(x))


SCALED = _Scaled()


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def private_names(x):
    return SCALED.loss(x)
