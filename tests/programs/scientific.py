"""Programs of machine learning and numerical analysis."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (
        rng.standard_normal((3, 4)),
        rng.standard_normal((4, 4)) / 2,
        rng.standard_normal(4),
        rng.standard_normal((5, 2, 3)),
        rng.standard_normal((2, 4)),
    ),
    argnums=(0, 1, 2),
    analytic=True,
)
def rnn_loss(W, U, b, xs, target):
    h = np.zeros((xs.shape[1], U.shape[0]))
    for x in xs:
        h = np.tanh(x @ W + h @ U + b)  # one time step
    return np.mean((h - target) ** 2)


@program(lambda rng: (rng.standard_normal(5),), analytic=True, order=3)
def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += (x[i + 1] - x[i] ** 2) ** 2 + 0.1 * (1 - x[i]) ** 2
    return total


@program(
    lambda rng: (
        rng.standard_normal(3),
        0.2,
        rng.standard_normal((6, 3)),
        np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0]),
    ),
    argnums=(0, 1),
    analytic=True,
)
def logistic_regression(w, b, x, y):
    p = 1 / (1 + np.exp(-(x @ w + b)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.01 * np.sum(w**2)


@program(
    lambda rng: (
        rng.standard_normal((4, 3)),
        rng.standard_normal((6, 4)),
        np.eye(3)[[0, 1, 2, 2, 0, 1]],
    ),
)
def softmax_regression(W, x, onehot):
    scores = x @ W
    scores = scores - np.max(scores, axis=1, keepdims=True)
    logp = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.mean(np.sum(onehot * logp, axis=1))


@program(
    lambda rng: (
        [rng.standard_normal((3, 5)), rng.standard_normal((5, 4)), rng.standard_normal((4, 1))],
        rng.standard_normal((6, 3)),
        rng.standard_normal((6, 1)),
    ),
)
def relu_mlp(weights, x, y):
    for W in weights[:-1]:
        x = np.maximum(x @ W, 0.0)
    return np.mean((x @ weights[-1] - y) ** 2)


@program(lambda rng: tuple(rng.standard_normal((4, 3)) for _ in range(3)), argnums=(0, 1, 2))
def attention(q, k, v):
    scores = q @ k.T / math.sqrt(q.shape[1])
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return np.sum((weights @ v) ** 2)


@program(lambda rng: (rng.standard_normal((3, 4)),))
def log_sum_exp(a):
    m = np.max(a, axis=1)
    return np.sum((m + np.log(np.sum(np.exp(a - m[:, None]), axis=1))) ** 2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@program(
    lambda rng: (
        rng.standard_normal((3, 8)),
        rng.standard_normal((2, 8)),
        rng.standard_normal(8),
        rng.standard_normal((4, 3)),
    ),
    argnums=(0, 1, 2),
    analytic=True,
)
def lstm(W, U, b, xs):
    h = np.zeros(2)
    c = np.zeros(2)
    for x in xs:
        z = x @ W + h @ U + b
        i, f, o, g = np.split(z, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.sum(h * h)


@program(
    lambda rng: (rng.standard_normal(7), rng.standard_normal(3)), argnums=(0, 1), analytic=True
)
def convolution_by_loops(x, w):
    n = len(x) - len(w) + 1
    y = np.zeros(n)
    for i in range(n):
        for j in range(len(w)):
            y[i] += x[i + j] * w[j]
    return np.sum(np.tanh(y))


@program(
    lambda rng: (rng.standard_normal((4, 5)), rng.standard_normal((2, 2))),
    argnums=(0, 1),
    analytic=True,
)
def convolution_by_slices(image, kernel):
    out = np.zeros((3, 4))
    for i in range(2):
        for j in range(2):
            out += kernel[i, j] * image[i : i + 3, j : j + 4]
    return np.sum(np.log1p(out**2))


@program(lambda rng: (0.3, 1.4, 6), argnums=(0, 1), analytic=True)
def trapezoid_rule(a, b, n):
    h = (b - a) / n
    total = 0.5 * (math.exp(-a * a) + math.exp(-b * b))
    for i in range(1, n):
        x = a + i * h
        total += math.exp(-x * x)
    return total * h


@program(lambda rng: (0.9,), analytic=True, order=3)
def taylor_sine(x):
    term = x
    total = x
    for k in range(1, 8):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total = total + term
    return total


@program(lambda rng: (rng.standard_normal(5), 0.7), argnums=(0, 1), analytic=True, order=3)
def horner(coefficients, x):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


@program(lambda rng: (0.7, 5), analytic=True)
def chebyshev(x, n):
    before, now = 1.0, x
    for _ in range(n):
        before, now = now, 2 * x * now - before
    return now


@program(lambda rng: (rng.standard_normal(8),), analytic=True)
def trigonometric_interpolation(x):
    n = len(x)
    energy = 0.0
    for k in range(n // 2):
        re = 0.0
        im = 0.0
        for j in range(n):
            angle = 2 * math.pi * j * k / n
            re += x[j] * math.cos(angle)
            im -= x[j] * math.sin(angle)
        energy += (re * re + im * im) * k
    return energy


@program(lambda rng: (rng.uniform(0.2, 1.0, (4, 4)),), analytic=True)
def page_rank(links):
    p = links / np.sum(links, axis=0)
    rank = np.full(4, 0.25)
    for _ in range(6):
        rank = 0.85 * (p @ rank) + 0.15 / 4
    return np.sum(rank * np.arange(4)) + rank[0] ** 2


@program(lambda rng: (rng.uniform(0.5, 1.5, 6), np.array([[0, 1], [1, 2], [2, 0]])), analytic=True)
def graph_smoothness(x, edges):
    total = 0.0
    for a, b in edges:
        total += (x[a] - x[b]) ** 2 * x[a]
    return total


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal((5, 4)), rng.standard_normal(5)))
def huber_regression(w, x, y):
    total = 0.0
    for row, target in zip(x, y):
        r = np.dot(row, w) - target
        if abs(r) <= 1.0:
            total += 0.5 * r * r
        else:
            total += abs(r) - 0.5
    return total / len(y)


@program(
    lambda rng: (
        rng.standard_normal((5, 2)),
        rng.standard_normal((2, 4)),
        rng.standard_normal((5, 4)),
    ),
    argnums=(0, 1),
    analytic=True,
)
def matrix_factorisation(u, v, r):
    e = u @ v - r
    return np.sum(e * e) + 0.1 * (np.sum(u * u) + np.sum(v * v))


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3), 0.1, 4), argnums=(0, 2))
def unrolled_gradient_descent(w, target, rate, steps):
    velocity = np.zeros(3)
    for _ in range(steps):
        g = np.sinh(w - target)
        velocity = 0.9 * velocity - rate * g
        w = w + velocity
    return np.sum((w - target) ** 2)


@program(lambda rng: (rng.standard_normal((6, 2)), 3))
def soft_assignments(points, k):
    centres = points[:k]
    for _ in range(3):
        d = np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=2)
        w = np.exp(-d)
        w = w / np.sum(w, axis=1, keepdims=True)
        centres = (w.T @ points) / np.sum(w, axis=0)[:, None]
    return np.sum(centres**2 * np.array([[1.0, 2.0], [0.5, 1.5], [2.0, 1.0]]))


@program(
    lambda rng: (rng.standard_normal((4, 3)), rng.uniform(0.5, 1, 3), rng.standard_normal(3)),
    argnums=(0, 1, 2),
    analytic=True,
)
def layer_norm(x, gamma, beta):
    mean = np.mean(x, axis=1, keepdims=True)
    var = np.mean((x - mean) ** 2, axis=1, keepdims=True)
    y = (x - mean) / np.sqrt(var + 1e-5) * gamma + beta
    return np.sum(y**3)


@program(lambda rng: (rng.standard_normal(5), rng.standard_normal(4)), argnums=(0, 1))
def soft_time_warp(a, b):
    n, m = len(a), len(b)
    cost = np.full((n + 1, m + 1), 10.0)
    cost[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            d = (a[i - 1] - b[j - 1]) ** 2
            least = -np.logaddexp(
                np.logaddexp(-cost[i - 1, j], -cost[i, j - 1]), -cost[i - 1, j - 1]
            )
            cost[i, j] = d + least
    return cost[n, m]


@program(lambda rng: (rng.uniform(0.5, 2, 3), 1.2), argnums=(0, 1), order=1)
def bisection(c, target):
    # The root itself comes from comparisons only; its derivative is put in by one Newton step.
    low, high = 0.0, 4.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if c[0] * middle + c[1] * middle**3 > target:
            high = middle
        else:
            low = middle
    x = 0.5 * (low + high)
    slope = c[0] + 3 * c[1] * x * x
    return x - (c[0] * x + c[1] * x**3 - target) / slope + c[2] * 0.0
