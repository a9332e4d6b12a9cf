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


@program(_vector, analytic=True)
def unpacked_before_a_call_changes_the_list(x):
    xs, ys = [x[0]], [x[3]]

    def push(v):
        xs.append(v)
        return v * 2

    before_and_after = (*xs, push(x[1]), *xs)
    nested = [[*ys], (1.0, *ys), ys.append(x[2]), *ys]
    total = before_and_after[2] * before_and_after[3] * len(before_and_after)
    return total + nested[0][0] * len(nested) + nested[4]


@program(_vector, analytic=True)
def unpacked_before_items_are_taken(x):
    xs = [x[0], x[1], x[2]]
    taken = [*xs, xs.pop(), *xs, xs.pop()]
    total = taken[1] * taken[3] + taken[6] * len(taken)
    ys = [x[0]]
    mixed = (*ys, [ys.append(v) for v in x[1:]], *ys)
    return total * mixed[0] + mixed[4] * len(mixed)


@program(_vector, analytic=True)
def unpacked_into_a_display_before_the_list_changes(x):
    xs = []
    total = 0.0
    for v in x:
        before = (*xs, v)
        xs.append(v * v)
        total = total + sum(before) * len(before)
        if len(xs) > 2:
            xs.pop()
    joined = xs + [total]
    as_tuple = tuple(xs)
    twice = [*xs, *xs]
    xs.append(x[1])
    xs.pop()
    xs.pop()
    return sum(twice) * sum(xs) * joined[-1] + sum(as_tuple) * len(as_tuple)
