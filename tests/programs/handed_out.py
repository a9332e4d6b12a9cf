"""Arrays that functions hand out, alone or in tuples, and that their caller changes in place."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program

POINTS = np.array([[0.1, 0.7], [0.9, -0.4], [0.3, 0.2]])


def shifted(x):
    return x + 1.0


@program(lambda rng: (rng.normal(size=3),))
def tangent_of_a_sum_is_not_shared(x):
    u = shifted(x)
    u[0] = 5.0
    return np.sum(u * x * x)


@program(lambda rng: (rng.normal(size=3),))
def shifted_before_the_change(x):
    u = x * x
    a = shifted(u)
    u[0] = 3.0
    return np.sum(u * a)


@program(lambda rng: (rng.normal(size=3),))
def shifted_in_each_turn(x):
    u = x * x
    for i in range(3):
        a = shifted(u)
        u[i] = 3.0 * a[0]
    return np.sum(u * a)


def constant_field(n, a):
    return np.zeros(n) + a


@program(lambda rng: (0.7,))
def number_spread_by_a_helper(a):
    u = constant_field(4, a)
    u[1:-1] = a * a
    return np.sum(u * u)


def shifted_and_doubled(x):
    return x + 1.0, 2 * x


@program(lambda rng: (rng.normal(size=3),))
def unpacked_after_the_change(x):
    u = x * x
    t = shifted_and_doubled(u)
    u[0] = 3.0
    a, b = t
    return np.sum(u * a * b)


@program(lambda rng: (rng.normal(size=3),))
def both_of_a_tuple_are_changed(x):
    u, v = shifted_and_doubled(x)
    u *= v
    v[1:] = u[:-1]
    u[0] = 5.0
    return np.sum(u * x * v)


def sum_and_parts(x):
    return {"sum": x + 1.0, "part": x[:2] * 2}


@program(lambda rng: (rng.normal(size=3),), order=1)
def dict_of_a_helper_before_the_change(x):
    u = x * x
    d = sum_and_parts(u)
    u[1] = 4.0
    return np.sum(d["sum"] * u) + np.sum(d["part"] ** 2)


def start(n, a):
    return np.zeros(n) + a, np.exp(np.linspace(0, 1, n) * a)


@program(lambda rng: (0.7,))
def fields_started_by_a_helper(a):
    u, v = start(5, a)
    for _ in range(2):
        u[1:-1] = v[:-2] * a + u[2:]
        v[1] = u[2] * v[0]
    return np.sum(u * v)


def saved_by_the_helper(x):
    y = np.exp(x)
    return y, y * y


@program(lambda rng: (rng.normal(size=3),))
def changed_though_the_helper_reads_it(x):
    y, z = saved_by_the_helper(x)
    y[1:] = 2.0 * y[:-1]
    z *= y
    return np.sum(y * z)


def nested(x):
    return (np.sin(x), np.cos(x)), np.exp(x)


@program(lambda rng: (rng.normal(size=3),))
def tuple_inside_a_tuple_is_changed(x):
    t, e = nested(x)
    s, c = t
    s[0] = e[1]
    c *= s
    e += c
    return np.sum(s * c * e)


def kernel(x, y, length, scale):
    squares = np.sum(x**2, 1)[:, None] + np.sum(y**2, 1) - 2 * x @ y.T
    return scale * np.exp(-0.5 * squares / length**2)


@program(lambda rng: (np.array([0.7, 1.3, 0.4]),))
def kernel_of_global_points(theta):
    length, scale, noise = theta
    k = kernel(POINTS, POINTS, length, scale)
    k[np.diag_indices(3)] += noise**2
    return np.sum(np.log(np.diag(np.linalg.cholesky(k))))


def normalised(x, gain):
    mean = x.mean(axis=1, keepdims=True)
    spread = ((x - mean) ** 2).mean(axis=1, keepdims=True)
    return gain * (x - mean) / np.sqrt(spread + 1e-3)


def normalised_layer(x, gain, w):
    return x + np.tanh(normalised(x, gain) @ w)


@program(
    lambda rng: (rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(3, 3))),
    argnums=(0, 1, 2),
)
def layers_of_normalised_rows(x, gain, w):
    h = normalised_layer(x, gain, w)
    return np.sum(normalised_layer(h, gain, w) ** 2)


def exponential_and_its_square(x):
    u = np.exp(x)
    v = np.exp(x)
    return u, v * np.exp(x)


@program(lambda rng: (rng.normal(size=3),))
def equal_values_of_which_one_is_changed(x):
    u, w = exponential_and_its_square(x)
    u *= 2.0
    u[0] = 0.5
    return np.sum(u * w * x)


def powers_and_a_trace(x):
    u = x * x
    v = np.sin(u)
    w = x * x
    w[0] *= v[1]
    return v * u + w * np.cos(w)


@program(lambda rng: (rng.normal(size=3),))
def equal_values_of_which_one_changes_inside(x):
    y = powers_and_a_trace(x)
    y += powers_and_a_trace(y)
    return np.sum(y)


def sum_and_product(a, b):
    return a + b, a * b


@program(lambda rng: (rng.normal(size=3), rng.normal(size=3)), argnums=(0, 1))
def both_from_one_helper(a, b):
    s, p = sum_and_product(a, b)
    s, q = sum_and_product(s, a)
    r, p = sum_and_product(p, p)
    return np.sum(s * q * r * p) + np.sum(a * s)


@program(lambda rng: (rng.normal(size=3),))
def one_array_for_both_of_a_helper(x):
    y = x
    for _ in range(3):
        s, p = sum_and_product(y, y)
        y = s * 0.3 + p * x
    return np.sum(y * x)


def spread_apart(rng):
    return rng.normal(size=(3, 3)) + np.diag([1.0, 3.0, 6.0])


@program(
    lambda rng: (spread_apart(rng), spread_apart(rng) * [1.0, 1.0, -1.0]),
    argnums=(0, 1),
    rtol=1e-6,
    reference="double",
)
def rotation_between_points(p, q):
    u, _, vt = np.linalg.svd(p.T @ q)
    r = vt.T @ u.T
    if np.linalg.det(r) < 0:
        vt[-1] *= -1
        r = vt.T @ u.T
    return np.sum((p @ r.T - q) ** 2)


@program(lambda rng: (spread_apart(rng),), rtol=1e-7, reference="double")
def eigenvectors_turned_to_one_side(a):
    w, v = np.linalg.eigh(a + a.T)
    for k in range(3):
        v[:, k] *= -np.sign(v[k, k])
    return np.sum(v @ w * np.exp(v[0]))


@program(lambda rng: (spread_apart(rng),), rtol=1e-7, reference="double")
def factors_with_a_positive_diagonal(a):
    q, r = np.linalg.qr(a)
    for k in range(3):
        if r[k, k] < 0:
            r[k] *= -1
            q[:, k] *= -1
    return np.sum(q**3) + np.sum(np.log(np.diag(r)))


def parts_of(a):
    return np.linalg.eigh(a @ a.T)


def parts_by_name(a):
    w, v = np.linalg.eigh(a @ a.T)
    return w, v


@program(lambda rng: (spread_apart(rng),), order=1, rtol=1e-7, reference="double")
def eigenvectors_of_a_helper_are_scaled(a):
    w, v = parts_of(a)
    v[:, 1:] *= np.sqrt(w[1:])
    s, u = parts_by_name(a + a.T)
    u[0] = v[0] * s
    return np.sum(np.sin(v)) + np.sum(u * s)
