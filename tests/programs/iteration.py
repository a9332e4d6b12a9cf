"""Functions of `itertools`, and the largest of what may be nothing."""

from __future__ import annotations

import itertools
import operator

import numpy as np

from tests.programs.registry import program


def positive(*shape):
    return lambda rng: (rng.uniform(0.4, 1.6, shape),)


@program(positive(4))
def running_values(x):
    total = sum(v * v for v in itertools.accumulate(x))
    products = list(itertools.accumulate([x[0], x[1], x[2]], operator.mul))
    discounted = list(itertools.accumulate(x, lambda a, b: 0.9 * a + b * x[0], initial=1.0))
    return total + products[-1] * products[1] + discounted[-1] ** 2 * len(discounted)


@program(positive(4))
def one_run_after_the_other(x):
    total = 0.0
    for v in itertools.chain(x[:2], [x[3] ** 2], (x[1],)):
        total += v * v
    flat = itertools.chain.from_iterable([x[:3], [x[0] * x[1], 2.0]])
    return total * sum(v**3 for v in flat) + sum(a * a for a in itertools.chain(x, x[1:]))


@program(positive(5))
def parts_of_runs(x):
    total = sum(v * v for v in itertools.islice(x, 1, 4)) * sum(itertools.islice(x, 2))
    for a in itertools.islice([x[0], x[1] ** 2, x[2]], 0, None, 2):
        total *= a
    pairs = itertools.zip_longest(x, x[:2] ** 2, fillvalue=2.0)
    powers = itertools.starmap(pow, [(x[0], 2), (x[1], 3)])
    return total + sum(a * b for a, b in pairs) * sum(powers)


@program(lambda rng: (np.array([0.4, 1.3, -0.7, 0.9]),))
def largest_of_none(x):
    total = max([v for v in x if v > 100], default=x[0]) * min((v for v in x if v < 1), default=2)
    total += max([v for v in x if v > 0.2], key=lambda v: -v, default=0.0) ** 2
    return total * max(x[0], x[1], x[2], key=abs) + min(x[1], x[3] ** 2, key=lambda v: v - x[0])


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def arrays_of_what_is_run_over(x):
    squares = np.fromiter((v * v for v in x), x.dtype, count=len(x))
    sines = np.fromiter(map(np.sin, x[1:]), dtype=x.dtype)
    rest = np.fromiter([v + squares[0] for v in x], x.dtype, 2)
    return np.sum(squares[:3] * sines) + np.prod(rest)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def arrays_chained_in_a_generator(x):
    return sum(v * v for v in itertools.chain(x, 2 * x)) * x[0]
