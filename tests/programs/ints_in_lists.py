"""Lists that begin with ints, or take some in, and hold floats besides."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def _vector(rng):
    return (rng.uniform(0.4, 1.2, 4),)


@program(_vector, analytic=True)
def sums_that_begin_with_an_int(x):
    sums = [0]
    for v in x:
        sums.append(sums[-1] + v * v)
    empty = [1]
    for v in x[4:]:
        empty.append(v)
    return sums[-1] * sums[2] + empty[-1] * x[0]


@program(_vector, analytic=True)
def ints_among_floats_read_in_turns(x):
    mixed = []
    for v in x:
        mixed.append(v)
        mixed.append(3)
    total = 0.0
    for i in range(len(mixed)):
        total = total + mixed[i] * mixed[i - 1]
    return total * mixed[1]


@program(_vector, analytic=True)
def ints_replaced_one_by_one(x):
    kept = [0] * 3
    for i in range(2):
        kept[i] = x[i] * 2
    total = 0
    for i in range(3):
        total = total + kept[i] * x[i]
    return total


@program(_vector)
def table_that_begins_with_ints(x):
    n = 3
    cost = [[0] * (n + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            cost[i][j] = min(cost[i - 1][j], cost[i][j - 1]) + x[i - 1] * x[j]
    return cost[n][n] + cost[1][2] * cost[0][1] + cost[2][2]


def sum_of_squares(xs):
    total = 0.0
    for k in range(len(xs)):
        total = total + xs[k] * xs[k]
    return total


@program(_vector, analytic=True)
def ints_in_what_helpers_are_given(x):
    sums = [0]
    for v in x:
        sums.append(v + sums[-1])
    whole = (*x, len(x))
    return sum_of_squares(sums) * sum_of_squares([1, x[0]]) + whole[0] * whole[4] * np.sin(x[1])
