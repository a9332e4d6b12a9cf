"""Programs of statistics, filtering, finance and geometry."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.linalg import well_conditioned
from tests.programs.registry import program


@program(lambda rng: (0.8, 0.3, 0.5, rng.standard_normal(7)), argnums=(0, 1, 2), analytic=True)
def scalar_kalman_filter(a, q, r, ys):
    mean, var = 0.0, 1.0
    loglik = 0.0
    for y in ys:
        mean = a * mean
        var = a * a * var + q
        s = var + r
        loglik -= 0.5 * (np.log(s) + (y - mean) ** 2 / s)
        gain = var / s
        mean = mean + gain * (y - mean)
        var = (1 - gain) * var
    return loglik


@program(
    lambda rng: (
        np.array([[1.0, 0.1], [-0.1, 0.95]]),
        np.array([[0.7, 0.1], [0.1, 0.5]]),
        rng.standard_normal((4, 2)),
    ),
    argnums=(0, 1, 2),
    analytic=True,
)
def kalman_filter(a, q, ys):
    x = np.zeros(2)
    p = np.eye(2)
    cost = 0.0
    for y in ys:
        x = a @ x
        p = a @ p @ a.T + q
        s = p + 0.3 * np.eye(2)
        e = y - x
        cost += e @ np.linalg.solve(s, e)
        gain = p @ np.linalg.inv(s)
        x = x + gain @ e
        p = (np.eye(2) - gain) @ p
    return cost


@program(
    lambda rng: (
        rng.standard_normal((3, 3)),
        rng.standard_normal((3, 4)),
        np.array([0, 2, 1, 3, 3]),
    ),
    argnums=(0, 1),
)
def hmm_forward(transition, emission, observed):
    logt = transition - np.log(np.sum(np.exp(transition), axis=1, keepdims=True))
    loge = emission - np.log(np.sum(np.exp(emission), axis=1, keepdims=True))
    alpha = loge[:, observed[0]]
    for o in observed[1:]:
        scores = alpha[:, None] + logt
        m = np.max(scores, axis=0)
        alpha = loge[:, o] + m + np.log(np.sum(np.exp(scores - m), axis=0))
    return np.log(np.sum(np.exp(alpha)))


def normal_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def call_price(spot, strike, rate, sigma, years):
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / (
        sigma * math.sqrt(years)
    )
    d2 = d1 - sigma * math.sqrt(years)
    return spot * normal_cdf(d1) - strike * math.exp(-rate * years) * normal_cdf(d2)


@program(lambda rng: (100.0, 0.03, 0.25, np.array([90.0, 100.0, 115.0])), argnums=(0, 1, 2))
def black_scholes(spot, rate, sigma, strikes):
    total = 0.0
    for strike in strikes:
        total += call_price(spot, strike, rate, sigma, 1.5)
    return total


@program(lambda rng: (100.0, 0.2, 0.05, 6), argnums=(0, 1, 2))
def binomial_tree(spot, sigma, rate, n):
    dt = 1.0 / n
    up = math.exp(sigma * math.sqrt(dt))
    p = (math.exp(rate * dt) - 1 / up) / (up - 1 / up)
    values = np.zeros(n + 1)
    for i in range(n + 1):
        values[i] = max(spot * up ** (2 * i - n) - 93.0, 0.0)
    for step in range(n, 0, -1):
        values[:step] = math.exp(-rate * dt) * (p * values[1 : step + 1] + (1 - p) * values[:step])
    return values[0]


@program(
    lambda rng: (0.3, -0.2, 0.1, rng.standard_normal((5, 2)), rng.standard_normal(5)),
    argnums=(0, 1, 2),
)
def gaussian_process(log_scale, log_length, log_noise, x, y):
    n = len(y)
    d = np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=2)
    k = np.exp(log_scale) * np.exp(-0.5 * d / np.exp(2 * log_length)) + np.exp(log_noise) * np.eye(
        n
    )
    lower = np.linalg.cholesky(k)
    z = np.linalg.solve(lower, y)
    return 0.5 * np.sum(z * z) + np.sum(np.log(np.diag(lower))) + 0.5 * n * np.log(2 * np.pi)


def rotate(r, p):
    angle = np.sqrt(np.sum(r * r) + 1e-12)
    axis = r / angle
    cross = np.array(
        [
            axis[1] * p[2] - axis[2] * p[1],
            axis[2] * p[0] - axis[0] * p[2],
            axis[0] * p[1] - axis[1] * p[0],
        ]
    )
    c, s = np.cos(angle), np.sin(angle)
    return c * p + s * cross + (1 - c) * np.dot(axis, p) * axis


@program(
    lambda rng: (
        np.array([0.1, -0.2, 0.3, 0.5, -0.1, 6.0, 1.2, 0.05, -0.01]),
        rng.standard_normal(3),
        rng.standard_normal(2),
    ),
    argnums=(0, 1),
    analytic=True,
)
def bundle_adjustment(camera, point, observed):
    p = rotate(camera[:3], point) + camera[3:6]
    projected = -p[:2] / p[2]
    r2 = np.sum(projected * projected)
    distortion = 1 + camera[7] * r2 + camera[8] * r2 * r2
    e = camera[6] * distortion * projected - observed
    return np.sum(e * e)


@program(
    lambda rng: (rng.standard_normal((3, 2)), rng.uniform(-1, 1, 3), rng.standard_normal((6, 2))),
    argnums=(0, 1),
)
def gaussian_mixture(means, logits, x):
    logw = logits - np.log(np.sum(np.exp(logits)))
    total = 0.0
    for point in x:
        d = np.sum((point - means) ** 2, axis=1)
        scores = logw - 0.5 * d
        m = np.max(scores)
        total += m + np.log(np.sum(np.exp(scores - m)))
    return -total


@program(lambda rng: (rng.standard_normal((8, 3)),), analytic=True)
def covariance(x):
    centred = x - np.mean(x, axis=0)
    c = centred.T @ centred / (len(x) - 1)
    return np.sum(c * c) - np.trace(c)


@program(lambda rng: (0.1, 0.3, 0.5, rng.standard_normal(8)), argnums=(0, 1, 2), analytic=True)
def garch(omega, alpha, beta, returns):
    var = 1.0
    total = 0.0
    for r in returns:
        total += 0.5 * (np.log(var) + r * r / var)
        var = omega + alpha * r * r + beta * var
    return total


@program(lambda rng: (0.4, rng.standard_normal(9)), argnums=(0, 1), analytic=True)
def exponential_smoothing(alpha, x):
    s = x[0]
    error = 0.0
    for i in range(1, len(x)):
        error += (x[i] - s) ** 2
        s = alpha * x[i] + (1 - alpha) * s
    return error


@program(lambda rng: (rng.standard_normal((6, 2)),), analytic=True)
def polygon_area(points):
    x, y = points[:, 0], points[:, 1]
    area = 0.0
    for i in range(len(points)):
        j = (i + 1) % len(points)
        area += x[i] * y[j] - x[j] * y[i]
    return 0.5 * area * area


@program(
    lambda rng: (np.array([0.3, -0.5, 0.8]), np.array([1.0, 0.8, 0.5])),
    argnums=(0, 1),
    analytic=True,
)
def robot_arm(angles, lengths):
    x, y, heading = 0.0, 0.0, 0.0
    for angle, length in zip(angles, lengths):
        heading += angle
        x += length * np.cos(heading)
        y += length * np.sin(heading)
    return (x - 1.0) ** 2 + (y - 0.5) ** 2


@program(lambda rng: (rng.uniform(0.1, 1, (3, 4)),), analytic=True)
def sinkhorn(cost):
    k = np.exp(-cost)
    v = np.ones(4)
    for _ in range(4):
        u = (1 / 3) / (k @ v)
        v = 0.25 / (k.T @ u)
    return np.sum(u[:, None] * k * v * cost)


@program(lambda rng: (well_conditioned(rng, 3), rng.standard_normal(3)), argnums=(0, 1))
def gaussian_log_density(a, x):
    precision = a @ a.T
    _, logdet = np.linalg.slogdet(precision)
    return 0.5 * logdet - 0.5 * x @ precision @ x


@program(lambda rng: (rng.uniform(0.5, 3, 6), 2.0), argnums=(0, 1), analytic=True)
def weibull_likelihood(shape_of_data, k):
    scale = np.mean(shape_of_data)
    z = shape_of_data / scale
    return np.sum(np.log(k / scale) + (k - 1) * np.log(z) - z**k)


@program(lambda rng: (rng.uniform(0.01, 0.05, 5), 100.0), argnums=(0, 1), analytic=True)
def discounted_cash_flows(rates, payment):
    factor = 1.0
    total = 0.0
    for rate in rates:
        factor /= 1 + rate
        total += payment * factor
    return total


@program(lambda rng: (rng.standard_normal((3, 4)),))
def moments_of_no_rows(x):
    none = x[:0]
    total = np.sum(none.mean(axis=1)) + np.sum(none.mean(axis=(1,)) ** 2)
    total += np.sum(none.var(axis=1)) + np.sum(np.var(none, axis=(1,)))
    return total + np.sum(none.std(axis=-1)) + np.sum(x * x)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5),))
def statistics_that_are_added_to(x):
    """A covariance is an array, that may have two names; a median is a number."""
    spread = np.cov(x)
    same = spread
    spread += 1.0
    middle = np.median(x)
    kept = middle
    middle *= x[0]
    low = np.quantile(x, 0.3)
    lower = low
    low -= 0.5
    return spread * same + middle * kept + low * lower


@program(lambda rng: (rng.standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])))
def cross_entropy_of_labels(scores, labels):
    z = scores - scores.max(axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), labels])


@program(lambda rng: (rng.standard_normal((5, 3)), np.array([0, 2, 1, 1, 0]), 1))
def one_row_at_repeated_columns(x, columns, n):
    first = x[np.arange(n), columns]
    return np.sum(first * first) + np.sum(np.sin(x)[np.arange(5), columns[0]] ** 2)


@program(
    lambda rng: (
        rng.uniform(0.1, 1, (3, 3)),
        rng.uniform(0.1, 1, (3, 4)),
        np.array([0, 3, 1, 0, 2]),
    )
)
def hidden_states_scaled_in_turn(moves, shows, seen):
    a = shows[:, seen[0]]
    total = np.log(a.sum())
    a = a / a.sum()
    for t in range(1, len(seen)):
        a = (a @ moves) * shows[:, seen[t]]
        s = a.sum()
        total = total + np.log(s)
        a = a / s
    return total
