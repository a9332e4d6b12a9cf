"""Programs that are given how long the arrays are that they make."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (1.1, 0.1, 0.3, 5, 3), argnums=(0, 1, 2), order=1)
def paths_of_a_diffusion(start, drift, vol, n, steps):
    rng = np.random.default_rng(0)
    x, top = np.full(n, start), np.zeros(n)
    dt = 1.0 / steps
    for _ in range(steps):
        x = x + drift * x * dt + vol * np.sqrt(dt) * rng.standard_normal(n)
        top = np.maximum(top, x)
    return np.mean(top) + np.mean(x * x)


@program(lambda rng: (0.1, 1.2, 6, 3), argnums=(0, 1))
def heat_on_a_grid(k, height, n, steps):
    x = np.linspace(0.0, height, n)
    u = np.sin(x)
    for _ in range(steps):
        change = np.zeros(n)
        change[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
        u = u + k * change
    return np.sum(u * u) / n


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 4), analytic=True)
def path_that_is_one_longer(x, n):
    path = np.zeros(n + 1, dtype=x.dtype)
    path[0] = x[0]
    for i in range(n):
        path[i + 1] = path[i] * x[1] + x[2]
    steps = path[1:] - path[:-1]
    return np.sum(steps * np.ones(n) * steps) + np.mean(path * path)


def _table(rows, columns, fill):
    return np.full((rows, columns), fill)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 3, 3))
def tables_of_a_helper(x, n, m):
    made = _table(n, m, x[0])
    row = _table(1, columns=m, fill=x[1])
    more = _table(n + 1, 2, x[2])
    return np.sum(made * row * np.ones(m)) + np.sum(more[1:] * more[:-1] * made[:, :2])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 2))
def count_that_is_counted_on(x, n):
    total = np.sum(np.full(n, x[0]) ** 2)
    for _ in range(2):
        n += 1
        made = np.ones(n) * x[1]
        total = total + np.sum(made * made)
    if x[2] > 0.2:
        n = n - 3
    return total * np.sum(np.full(n, x[2]) * np.ones(n))


@program(lambda rng: (rng.uniform(0.5, 1.5, 6), 1, 1))
def counts_of_one(x, n, m):
    a = np.ones((n, 6)) * x
    b = np.zeros((6, m)) + x[:, None] * np.arange(m + 1)[1:]
    return np.sum((a @ b) ** 2) + np.sum(x.reshape(n, -1) * np.ones(m))


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 0))
def count_of_none(x, n):
    nothing = np.full(n, x[0]) * x[1]
    return np.sum(nothing * nothing) + np.sum(np.ones((n + 1, 3)) * x * x)


@program(lambda rng: (1.1, 5, 3), order=1)
def means_along_a_walk(start, n, steps):
    rng = np.random.default_rng(0)
    x, total = np.full(n, start), 0.0
    for _ in range(steps):
        x = x + rng.standard_normal(n)
        total = total + np.mean(x)
    return total * start


def _column_sums(y, n):
    total = 0.0
    for i in range(3):
        total = total + np.sum(np.cumsum(y[:, i] * np.ones(n)))
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 12), 4))
def columns_of_a_helper(x, n):
    y = x.reshape(n, 3)
    made = np.zeros((n, 3))
    made[0] = x[0]
    made = made + y
    return _column_sums(made * y, n) + np.sum(made + 1) * x[1]
