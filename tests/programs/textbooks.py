"""Programs as textbooks and courses have them: filters, tables, searches, spectra."""

from __future__ import annotations

import itertools
from itertools import combinations, pairwise

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=6), 0.15), argnums=(0, 1), reference="double", rtol=1e-7)
def filtered_twice_into_lists(signal, cutoff):
    """What was an array is a list from the first pass on."""

    def biquad(xs, b, a):
        out, x1, x2, y1, y2 = [], 0.0, 0.0, 0.0, 0.0
        for x in xs:
            y = b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out.append(y)
        return out

    w = 2 * np.pi * cutoff
    alpha = np.sin(w) / 1.4
    b = np.array([(1 - np.cos(w)) / 2, 1 - np.cos(w), (1 - np.cos(w)) / 2]) / (1 + alpha)
    a = np.array([1 + alpha, -2 * np.cos(w), 1 - alpha]) / (1 + alpha)
    y = signal
    for _ in range(2):
        y = biquad(y, b, a)
    return np.sqrt(np.mean(np.square(y))) + np.sum(np.multiply(2, y) * signal)


@program(lambda rng: (rng.normal(size=(3, 2)), rng.normal(size=(4, 2))), argnums=(0, 1))
def aligned_by_a_table(a, b):
    """The places are of a product of two ranges."""
    n, m = len(a), len(b)
    cost = np.full((n + 1, m + 1), 50.0)
    cost[0, 0] = 0
    for i, j in itertools.product(range(1, n + 1), range(1, m + 1)):
        before = min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
        cost[i, j] = np.abs(a[i - 1] - b[j - 1]).sum() + before
    return cost[n, m] / (n + m)


@program(lambda rng: (rng.normal(size=(4, 2)), rng.uniform(1, 2, 4)), argnums=(0, 1))
def pairs_of_bodies_and_masses(places, masses):
    energy = 0.0
    for (p, a), (q, b) in combinations(zip(places, masses, strict=True), 2):
        energy -= a * b / np.sqrt(np.sum((p - q) ** 2) + 0.1)
    for (i, p), (_, q) in combinations(enumerate(places), 2):
        if np.allclose(p, q):
            continue
        energy += masses[i] * (p @ q) ** 2
    corners = [a * b * c for a, b, c in combinations(masses, 3)]
    return energy + sum(corners) + sum(np.hypot(*(q - p)) for p, q in pairwise(places))


@program(lambda rng: ({"a": 1.1, "b": 0.4, "c": 0.8}, rng.normal(size=(2, 3))), argnums=(0, 1))
def pairs_of_a_dict_and_places_afterwards(rates, u):
    """What the variables of a product are when one of its ranges has been empty."""
    total = sum(x * y for x, y in combinations(rates.values(), 2))
    total += sum(rates[k] ** 2 * rates[other] for k, other in combinations(rates, 2))
    for k in range(2):
        for i, j in itertools.product(range(2), range(1, 1 + 2 * k)):
            total = total * u[i, j] + j
            i += k
        for i, j in itertools.product(range(1 + k), range(1 - k)):
            total += u[i, j]
    for s, t in itertools.product((-1, 1), repeat=2):
        total += s * t * np.roll(u, (s, t), axis=(0, 1))[0, 0] ** 2
    return total * u[i - 1, j]


@program(
    lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)),
    argnums=(0, 1, 2),
)
def likeliest_states(emission, change, start):
    """The greatest of pairs, of a score and where it comes from."""
    scores = [start[s] + emission[0, s] for s in range(3)]
    back = []
    for row in emission[1:]:
        steps = [max((scores[p] + change[p, s], p) for p in range(3)) for s in range(3)]
        back.append([p for _, p in steps])
        p = steps[0][1]
        scores = [score + row[s] for s, (score, _) in enumerate(steps)]
    last, score = max(enumerate(scores), key=lambda pair: pair[1])
    path = [last]
    for places in reversed(back):
        path.insert(0, places[path[0]])
    least, _ = min((np.sum(change[p]), "row"), (np.sum(change[:, p]), "column"))
    return score + least * emission[0, path[0]] + max(enumerate(start))[1]


@program(lambda rng: (rng.normal(size=5),), reference="double", rtol=1e-7)
def ranks_and_reversed_runs(x):
    pairs = list(enumerate(x, start=1))
    total = sum(k * v for k, v in reversed(pairs))
    for rank, (i, v) in enumerate(sorted(enumerate(x), key=lambda pair: pair[1], reverse=True)):
        total += rank * v * x[i]
    ends = tuple(reversed([v**2 for v in x]))
    return total + ends[0] * sum(reversed(ends[:3]))


@program(
    lambda rng: (
        rng.standard_normal((5, 3)),
        rng.uniform(0.5, 1.5, 3),
        rng.standard_normal(3),
        rng.standard_normal((5, 3)),
    ),
    argnums=(0, 1, 2),
)
def normalised_batch(x, gamma, beta, y):
    mean = x.mean(axis=0)
    variance = x.var(axis=0)
    scaled = (x - mean) / np.sqrt(variance + 1e-5)
    return np.sum(np.tanh(gamma * scaled + beta) * y)


@program(
    lambda rng: (
        rng.standard_normal((4, 3)),
        rng.standard_normal((3, 2)),
        np.eye(2)[[0, 1, 1, 0]],
    ),
    argnums=(1,),
)
def shifted_cross_entropy(x, w, y):
    z = x @ w
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.sum(y * np.log(p), axis=1))


@program(lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal((4, 3))))
def shifted_but_not_divided(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.sum(y * e / e.sum(axis=1, keepdims=True) + e)


@program(lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal((4, 3))))
def divided_by_sums_of_columns(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.sum(y * (e / e.sum(axis=0, keepdims=True)))


@program(lambda rng: (rng.standard_normal((4, 1)), rng.standard_normal((4, 3))))
def shares_of_one_column(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    both = e + 0.1 * y
    return np.sum((y * both) ** 2 / e.sum(axis=1, keepdims=True))


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal((3, 3))))
def shifted_rows_and_columns(z, y):
    m = np.max(y * z, axis=1)
    t = np.exp(y * z - m[:, None])
    return np.sum((m + np.log(np.sum(t, axis=1))) * m * z)
