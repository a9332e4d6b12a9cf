"""What is evaluated before something else changes it."""

from __future__ import annotations

import itertools

import numpy as np

from tests.programs.registry import program


def _vector(rng):
    return (rng.uniform(0.4, 1.2, 4),)


@program(_vector, analytic=True)
def loop_variables_of_a_product_are_counted_on(x):
    total = 0.0
    n = 2
    for i, j in itertools.product(range(2), range(n)):
        n += 1
        i += 1
        total = total * x[i] + x[j] * n
    for i, j in itertools.combinations(range(len(x) - 1), 2):
        i += 1
        total = total + x[i] * x[j] * total
    return total


@program(_vector, analytic=True)
def written_out_turns_update_what_they_run_over(x):
    a = x[0]
    for f, v in ((np.sin, a), (np.cos, a)):
        a += f(v)
    kept = {}
    for key, v in (("first", a), ("second", a)):
        a += x[1]
        kept[key] = v * a
    for f, (u, v) in zip((np.sin, np.cos), ((a, x[2]), (x[3], a))):
        a += f(u) * v
    return a * kept["first"] + kept["second"]
