"""Programs whose slices are as long as each other at one moment and not at the next."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (rng.standard_normal(6), rng.standard_normal(6), 3), argnums=(0, 1), analytic=True
)
def slices_by_arguments(x, y, n):
    m = n + 1
    head = np.sin(x[:n]) * y[:n]
    made = np.zeros(m) + x[:m] * y[n - 3 : m]
    return np.sum(head * head) + np.sum(made * y[:m])


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4), 3), argnums=(0, 1))
def index_counted_on_between_slices(x, y, n):
    total = 0.0
    i = 1
    while i < n:
        a = np.sin(x[:i])
        i = i + 1
        b = y[: i - 1]
        total = total + np.sum(a * b) + np.sum(a[:1] * y[:i])
    return total


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def slice_of_the_turn_before(x, y):
    last = x[3:]
    total = 0.0
    for i in range(2):
        here = y[: i + 1]
        total = total + np.sum(np.cos(last * here))
        last = x[: i + 1]
        total = total + np.sum(last * here)
    return total


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal(3), 1), argnums=(0, 1), analytic=True
)
def slice_grows_by_broadcasting(x, y, n):
    s = x[:n]
    for _ in range(2):
        s = s * y
    t = x[:n]
    t = y * t
    return np.sum(np.sin(s)) + np.sum(t * t)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3), True, 1), argnums=(0, 1))
def slice_chosen_by_branch(x, y, c, n):
    if c:
        s = x[:n]
        n = 3
    else:
        s = y[:n]
    return np.sum(s * y[:n]) + np.sum(np.sin(s) * s)


@program(
    lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal(4), 2),
    argnums=(0, 1),
    analytic=True,
)
def updates_of_slices(a, x, n):
    b = a * 1.0
    b[:n] *= x[:n, None]
    b[n:] /= 2.0 + x[: n - 1]
    b[:, :n] += b[:, :n] * x[:, None]
    for i in range(1, n + 1):
        b[i:] -= x[i:, None] * b[i:]
        b[:i] *= x[n - 1 : n]
    return np.sum(np.sin(b))


@program(lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal((3, 4)), -2), argnums=(0, 1))
def reshaped_by_argument(a, b, n):
    rows, columns = a[:, : n + 4].shape
    c = np.sin(a[:, :n]).reshape(n + 1, rows * columns)
    return np.sum(c * b[:, :columns].reshape((1, -1))) + np.sum(c[:, :1] * c)


def swept_rows(u, a):
    u = a * u.copy()
    for _ in range(2):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                u[i, j] = 0.2 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] * u[i, j + 1])
    return u


@program(lambda rng: (rng.normal(size=(4, 5)), 0.9), argnums=(0, 1))
def extents_of_what_changes_in_a_helper(u, a):
    v = swept_rows(u, a)
    v[0] *= a
    return np.sum(swept_rows(v, a) ** 2)


@program(lambda rng: (rng.normal(size=6), rng.normal(size=6)), argnums=(0, 1))
def extents_of_what_is_shortened(x, y):
    u = x[:] * y[:]
    total = 0.0
    while len(u) > 1:
        for i in range(len(u) - 1):
            u[i] = u[i] * u[i + 1] + 0.5 * y[i]
        total += u[0] ** 2
        u = u[:-1] * 0.9
    return total


@program(lambda rng: (rng.normal(size=(3, 4)),))
def extents_of_rows_made_in_each_turn(x):
    total = 0.0
    for row in x:
        u = np.exp(row[row > -0.5])
        for i in range(len(u)):
            u[i] *= u[i - 1]
        for i in range(u.shape[0]):
            total += u[i] ** 2
    return total
