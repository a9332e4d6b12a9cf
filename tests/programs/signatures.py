"""Helpers that are called with arguments of many shapes: what differs in names only is one text."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from srcad import grad, jvp, value_and_grad, vjp
from tests.programs.registry import program


def dot(a, b):
    return np.sum(a * b)


def raised(a, b):
    return a + b


def weighted(u, v):
    return np.tanh(u * v).sum(axis=0) * v


@program(
    lambda rng: (np.tril(rng.standard_normal((4, 4))) + 3 * np.eye(4), rng.standard_normal(4)),
    argnums=(0, 1),
)
def substituted_with_a_helper(L, b):
    x = np.zeros(len(b))
    for i in range(len(b)):
        x[i] = (b[i] - dot(L[i, :i], x[:i])) / L[i, i]
    return np.sum(x**2)


@program(lambda rng: (rng.standard_normal(5), rng.standard_normal(5)), argnums=(0, 1))
def helper_for_unknown_extents(x, y):
    chosen = x[x > 0]
    total = np.sum(raised(chosen, np.tanh(chosen)) * raised(chosen, 2.0))
    for i in range(1, len(x)):
        total += np.sum(raised(x[:i], y[:1]) * raised(y[:1], x[:i]) + raised(x[:i], y[:i]))
    return total


@program(lambda rng: (rng.standard_normal(5),))
def helper_that_broadcasts_either_argument(x):
    first, chosen = x[:1], x[x > -1]
    either = np.sum(weighted(first, x)) + np.sum(weighted(x, first))
    return either + np.sum(weighted(x[1:], x[:-1])) + np.sum(weighted(chosen, chosen))


def padded(v, n):
    out = np.zeros(n)
    out[: len(v)] = v
    return out


@program(lambda rng: (rng.standard_normal(5),))
def extents_given_as_ints_beside_arrays(x):
    n = len(x)
    by_name = np.sum(padded(x[1:], n) * x) + np.sum(padded(x, n) * x)
    by_less = np.sum(padded(x[1:], n - 1) ** 2) + np.sum(padded(x[:2], 5) ** 3)
    return by_name + by_less + np.sum(padded(x[x > 0], n) * x)


def scanned(v):
    if len(v) == 0:
        return v * 1.0
    return np.concatenate([np.sin(v[:1]), scanned(v[1:]) * v[0]])


def halved(v):
    if len(v) < 2:
        return v
    middle = len(v) // 2
    left, right = halved(v[:middle]), halved(v[middle:])
    return np.concatenate([left * 2.0, right - np.sum(left)])


def coarser(u):
    return 0.5 * (u[:-1:2] + u[1::2])


def cycled(u):
    if len(u) <= 2:
        return u**2
    return u + np.repeat(cycled(coarser(u)), 2)


@program(lambda rng: (rng.standard_normal(8),))
def recursions_over_shorter_arrays(x):
    spread = np.sum(scanned(x[:4]) ** 2) + np.sum(halved(x) * np.arange(len(x)))
    return spread + np.sum(np.sin(cycled(x)))


@dataclass
class Motion:
    place: np.ndarray
    speed: np.ndarray


def moved(m):
    return Motion(m.place + 0.1 * m.speed, m.speed - 0.1 * m.place)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def records_of_arrays_that_are_alike_or_not(u, v):
    m = Motion(u, v)
    for _ in range(3):
        m = moved(m)
    chosen, one = moved(Motion(u[u > -1], u[u > -1])), moved(Motion(u[:1], v))
    known = np.sum(m.place * m.speed)
    return known + np.sum(chosen.place * chosen.speed) + np.sum(one.place * one.speed)


def row_products(m):
    out = np.zeros(m.shape[0])
    for i in range(m.shape[0]):
        out[i] = np.sum(m[i] * m[i - 1])
    return out


@program(lambda rng: (rng.standard_normal((4, 3)),))
def results_cut_from_arguments_of_many_shapes(m):
    both = np.sum(row_products(m[1:]) * row_products(m)[1:]) + np.sum(row_products(m.T))
    return both + np.sum(row_products(m[:, :1])) + np.sum(row_products(m[m[:, 0] > -1]))


# --- derivatives, inside a program, of functions that take further arguments ---------------------


def powers(a, *args, k=2.0, **more):
    return a**2 * k + sum(args) ** 2 + sum([v * v for v in more.values()])


def product_and_sum(*factors, shift=0.0):
    total = shift
    for v in factors:
        total = total + v * v
        total = total * v
    return total, shift + total


def scaled(p, p_a, u):
    return p["a"] * p_a * u**2


def among_odd_keys(p, u):
    return p["a b"] * u**3 + p[0] * u


SLOPE = grad(powers)
SLOPE_BY_NAME = grad(powers, argnums="k")
SCALED = grad(partial(scaled, {"a": 2.0}, 3.0))
AMONG_ODD_KEYS = grad(partial(among_odd_keys, {"a b": 2.0, 0: 1.5}))


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def slopes_with_further_arguments(x):
    return SLOPE(x[0], x[1], x[2], z=x[3]) * x[3]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def slopes_by_the_name_of_an_argument(x):
    return SLOPE_BY_NAME(x[0], x[1], k=x[2]) * x[3]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def slopes_of_what_is_partly_given(x):
    return SCALED(x[0]) * x[1]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def slopes_of_what_is_given_by_odd_keys(x):
    return AMONG_ODD_KEYS(x[2] * x[3])


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def values_and_slopes_of_further_arguments(x):
    value, slope = value_and_grad(powers, argnums=1)(x[0], x[1], x[2], k=x[3])
    return value * slope


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def slopes_beside_another_result(x):
    (value, total), slopes = value_and_grad(product_and_sum, argnums=(0, 1), has_aux=True)(
        x[0], x[3]
    )
    return value * slopes[0] * slopes[1] * total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), order=1)
def products_with_jacobians_of_further_arguments(x):
    y, y_dot = jvp(powers, (x[0], x[1]), (x[2], x[3]))
    z, pullback, total = vjp(product_and_sum, x[0], x[1], x[2], has_aux=True)
    a, b, c = pullback(y_dot)
    return y * z + a * b * c * total
