"""Functions of the `math` module, and their like in NumPy."""

from __future__ import annotations

import math
import sys

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.uniform(0.5, 2.5, 4),), rtol=1e-8, reference="double")
def logarithms_of_factorials(x):
    log_p = math.lgamma(x[0] + x[1]) - math.lgamma(x[0]) - math.lgamma(x[1])
    return log_p + math.gamma(x[2]) * sum(math.lgamma(v) for v in x)


@program(
    lambda rng: (rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, 2)),
    argnums=(0, 1),
    reference="double",
    rtol=1e-6,
)
def lengths_of_several_coordinates(x, y):
    total = math.hypot(x[0], x[1], x[2]) * math.hypot(*[y[0], y[1]])
    total += math.hypot(x[1]) * math.hypot(*[x[0], x[2], y[1]])
    return total + math.hypot(x[0], y[0], y[1], 2.0) ** 2


def away(x):
    return x - np.array([2.0, -1.0])


@program(
    lambda rng: (rng.uniform(0.5, 1.5, 2),),
    expect=lambda x: (np.array([1.0, 0.0]) + away(x) / np.linalg.norm(away(x)),),
    reference="double",
)
def distance_of_what_is_in_one_place(x):
    return math.dist(x, [x[0], x[1]]) + math.dist(x, [2.0, -1.0]) + x[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), reference="double", rtol=1e-6)
def scaled_by_powers_of_two(x):
    ends = np.fmax.reduce(x) * np.sum(np.fmin.reduce(np.outer(x, x + 1), axis=1))
    parts = np.sum(np.ldexp(x, 2) * x) + np.sum(np.ldexp(x, [1, 2, 3, -1]) ** 2)
    is_near = math.isclose(x[0], x[0] + 1e-4, rel_tol=1e-2) + math.isclose(x[0], 9.0)
    gaps = np.sum(np.spacing(x) * x) + math.ulp(x[0]) * x[1]
    beside = np.sum(np.nextafter(x, 9.0) * x) + math.nextafter(x[0], 9.0) * x[1]
    return ends + parts * is_near + gaps + beside


if sys.version_info >= (3, 12):

    @program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
    def sums_of_products(x):
        return math.sumprod(x, [1.0, 2.0, x[0]]) ** 2 + math.sumprod((x[0], 2), (3, 4))


if sys.version_info >= (3, 13):

    @program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
    def fused(x):
        return math.fma(x[0], x[1], x[2] ** 2) * math.fma(x[0], 2.0, -1.0)


@program(lambda rng: (rng.uniform(0.4, 1.2, 4), 0.7), argnums=(0, 1), analytic=True)
def negative_reciprocals(x, a):
    y, z = -1 / x, np.divide(-1.0, x)
    minus = -1
    return np.sum(y * x**2 + np.sin(z)) * (minus / a) ** 3 + np.sum(minus / y)


@program(lambda rng: (1.3, 4))
def powers_of_two_down_and_up(x, n):
    s = 0.0
    for k in range(n):
        s = s + np.sin(x * 2**-k) + x * (-1) ** k + x * 3 ** (k - 2) + x**k
    return s * 2 ** (1 - n)


@program(lambda rng: (1.3, [1, -2, 0]))
def powers_of_ints_that_a_list_holds(x, ns):
    s = 0.0
    for k, n in enumerate(ns):
        s = s * 2**k + np.exp(x * 2**n) * 10 ** (n * k)
    return s


@program(lambda rng: (1.2, 3))
def powers_while_counting(x, n):
    y = x
    k = 0
    while n > 0:
        y = np.sin(y * 3 ** (n - 2)) + x * 2**k - 2 ** (1 - n)
        n -= 1
        k += 1
    return y * (True**n + 2**-1)
