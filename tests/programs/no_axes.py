"""Arrays without axes: they are written to, but arithmetic makes numbers of them."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.registry import program


def _one(rng):
    return (np.array(rng.uniform(0.5, 1.5)),)


def _two(rng):
    return np.array(rng.uniform(0.5, 1.5)), np.array(rng.uniform(-1.5, -0.5))


@program(_one, analytic=True)
def stored_then_multiplied(x):
    a = np.zeros(())
    a[()] = x
    a *= x
    return a * x


@program(_one, analytic=True)
def stored_twice(x):
    a = np.zeros(())
    a[...] = x * x
    a[...] *= x
    return a * x


@program(_two, argnums=(0, 1))
def chosen_then_changed(x, y):
    b = np.where(x > y, x, y)
    b[...] = b * b
    return b * x * y


@program(_two, argnums=(0, 1), analytic=True)
def two_arguments_changed_in_turn(x, y):
    for _ in range(3):
        x *= y
        y += np.sin(x)
        z = x
        z -= y * 0.1
    return x * y


def _squared(u):
    return np.where(u > 0, u * u, u)


@program(_two, argnums=(0, 1))
def result_of_a_call_changed(x, y):
    c = _squared(x)
    c *= y
    e = _squared(y)
    e += c
    return c * e


@program(_one, analytic=True)
def ones_and_signs(x):
    y = -(-(((x * 1.0 + 0.0) / 1) ** 1))
    z = x
    z = z + z
    y *= 2
    return y * z + x


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def numbers_given_axes(x):
    s = np.sum(np.sin(x))
    row, column, same, number = s[None], s[..., None], s[...], s[()]
    total = np.sum(row * x) + np.sum(column * x * x) + same * number
    for k in range(3):
        total = total[...]
        total = total + x[k][None][0] ** 2
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5),))
def numbers_with_an_axis(x):
    y = np.cumsum(x, axis=0) * np.take(x, 0, axis=0) + np.repeat(x, 3, axis=0)
    return np.sum(y * np.take(y, (1, 2, 2))) + np.pad(x, 2) * np.sum(np.tril(y))


@program(lambda rng: (rng.standard_normal(3),))
def number_of_no_slope_given_axes(x):
    q = np.float64(2.0)
    s = 0.0
    for k in range(2):
        s = s + np.sum(q[...] * x) + q[None][0] * x[k]
        q = x[0]
    return s


@program(lambda rng: (3.5, rng.uniform(0.5, 1.5)), argnums=(0, 1))
def array_without_axes_in_one_branch(x, y):
    if x < y:
        z = x
    else:
        made = np.zeros(np.shape(y))
        made[...] = y
        z = made
    return z * 2.0


def slowed(y):
    return np.sin(y) * y


def in_stages(y, h):
    k1 = slowed(y)
    k2 = slowed(y + h * k1)
    k3 = slowed(y + h * k2)
    return y + h * (k1 + 2 * k2 + 3 * k3)


@program(lambda rng: (rng.uniform(0.5, 1.5), 0.3), argnums=(0, 1))
def sums_of_numbers_that_calls_return(x, h):
    return np.sum(in_stages(x, h)) + 2.0 * np.mean(in_stages(x * h, h))


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True)
def parts_of_what_may_have_fewer_axes(a):
    b = a.copy()
    b[0] = 3.0 * a[1]
    row = np.squeeze(b)[1]
    return np.sum(row * row) + np.squeeze(b)[1, 1] * np.squeeze(b)[0, 1]


def added_by_products(x):
    total = np.zeros((), x.dtype)
    total += x[0] * x[1]
    other = total
    for v in x:
        other *= v
        total += other * v
    return total


def added_at_no_index(x):
    total = np.zeros((), x.dtype)
    total[...] += x[0] * x[1]
    for v in x:
        total[...] *= v
        total[()] += total * v
        np.add.at(total, (), v)
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def totals_without_axes_get_numbers_for_cotangents(x):
    return 2.0 * added_by_products(x) - added_at_no_index(x)


def sum_of_products(x):
    """Both products get one cotangent, by which each of them begins."""
    return math.prod(x) + math.prod(x[1:])


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def numbers_that_become_arrays_without_axes(x):
    total = np.zeros(())
    total[...] = sum_of_products(x)
    total += sum_of_products(x * x)
    chosen = np.where(x[0] > 0.0, sum_of_products(x), 1.0) * x[0]
    shaped = np.reshape(sum_of_products(x), ()) + np.ravel(sum_of_products(x))[0]
    rows = np.reshape(sum_of_products(x), 1) * x + sum_of_products(x)[None] * np.sin(x)
    return total * 1.5 + chosen + shaped + np.sum(rows) + np.expand_dims(sum_of_products(x), 0)[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True, order=1)
def numbers_made_of_views_without_axes(x):
    first = np.squeeze(x[:1]) + np.zeros(())
    second = np.reshape(x[1:2], ()) - np.array(0.5)
    x[:2] = x[2] * x[3]
    return first * second * np.sum(x)


def summed(x):
    total = np.sum(x)
    for v in x:
        total += v * v
    return total.T


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def numbers_transposed(x):
    s = summed(x) + np.reshape(x[0] * x[1], ())
    t = np.squeeze(s)
    u = t
    t *= x[0]
    v = np.reshape(x[0] * x[1], ())
    w = v
    v *= x[2]
    return t * u + np.transpose(s) * v * w


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def number_gets_an_axis(x):
    a = np.ascontiguousarray(x[0])
    b = np.ascontiguousarray(x.sum().reshape(()))
    a[0] *= x[1] * b[0]
    return np.sum(a * x) + a[0] * np.sum(np.ascontiguousarray(2.0) * x)
