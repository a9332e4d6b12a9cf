"""Programs that draw random numbers: the derivative is that of the numbers drawn."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (1.1, 1.0, 0.05, 0.2, 1.0, 20), argnums=(0, 1, 2, 3, 4), order=1, analytic=True
)
def asian_option(spot, strike, rate, sigma, years, paths):
    rng = np.random.default_rng(42)
    z = rng.standard_normal((paths, 6))
    dt = years / 6
    s, total = np.full(paths, spot), np.zeros(paths)
    for i in range(6):
        s = s * np.exp((rate - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z[:, i])
        total = total + s
    return np.exp(-rate * years) * np.mean(np.log(1.0 + np.exp(9 * (total / 6 - strike))))


def _noisy(x, rng):
    return x * rng.standard_normal(x.shape) + rng.random()


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def noise_of_a_helper(x):
    rng = np.random.default_rng(0)
    return np.sum(_noisy(x, rng) ** 2) * np.sum(_noisy(x, rng)) - rng.standard_normal() * x[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def noise_without_a_generator(x, rng=None):
    if rng is None:
        rng = np.random.default_rng(7)
    i, p = rng.integers(0, 3), rng.permutation(3)
    return x[i] ** 2 + np.sum(x[p] * np.arange(3.0)) + np.sum(rng.gamma(2.0, size=3) * x**3)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def noise_of_the_state_of_numpy(x):
    np.random.seed(3)
    s = 0.0
    for v in x:
        if np.random.rand() > 0.3:
            s = s + np.random.randn() * v**2
    return s * np.sum(np.random.standard_normal(3) * x)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def draws_that_are_changed_in_place(x):
    rng = np.random.default_rng(0)
    total = 0.0
    for k in range(2):
        a = rng.standard_normal(4)
        b, v = a, a[1:]
        v *= x[:3]
        b[0] += x[3] * k
        total = total + np.sum(a * x) + np.sum(b**2)
    return total
