"""Programs as in textbooks, whose gradients are to be as one would write them by hand."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.uniform(0.2, 1, (2, 3)), rng.uniform(0.2, 1, 3)), argnums=(0, 1))
def rectified_rows(x, b):
    out = np.zeros((2, 3))
    for i in range(2):
        out[i] = x[i] * b - 0.3
    return np.mean(np.maximum(out, 0.0))


@program(lambda rng: (np.array([1.0, 0.8, 0.5]), rng.standard_normal(4), rng.standard_normal(4)))
def negative_log_evidence(theta, x, y):
    d = x[:, None] - x[None, :]
    k = theta[0] ** 2 * np.exp(-0.5 * d**2 / theta[1] ** 2) + theta[2] ** 2 * np.eye(len(x))
    lower = np.linalg.cholesky(k)
    alpha = np.linalg.solve(lower, y)
    return 0.5 * alpha @ alpha + np.sum(np.log(np.diag(lower)))


@program(lambda rng: (0.3, rng.standard_normal((5, 3)), rng.standard_normal(5)), argnums=(0, 1))
def ridge_by_solve(lam, x, y):
    w = np.linalg.solve(x.T @ x + lam * np.eye(x.shape[1]), x.T @ y)
    return np.mean((y - x @ w) ** 2) + lam * np.sum(w**2)


@program(lambda rng: (np.array([0.9, 0.1, 0.2]), rng.standard_normal(5)), argnums=(0, 1))
def likelihood_by_filter(params, ys):
    a, q, r = params
    m, p, total = 0.0, 1.0, 0.0
    for y in ys:
        m_pred = a * m
        p_pred = a * p * a + q
        s = p_pred + r
        k = p_pred / s
        e = y - m_pred
        m = m_pred + k * e
        p = (1 - k) * p_pred
        total -= 0.5 * (np.log(2 * np.pi * s) + e**2 / s)
    return total


@program(
    lambda rng: (rng.standard_normal(4), *(rng.standard_normal(2) for _ in range(3))),
    argnums=(1, 2, 3),
)
def mixture_point_by_point(x, mu, scale, logits):
    w = np.exp(logits) / np.sum(np.exp(logits))
    total = 0.0
    for i in range(len(x)):
        p = 0.0
        for k in range(len(mu)):
            z = (x[i] - mu[k]) / np.exp(scale[k])
            p += w[k] * np.exp(-0.5 * z**2) / np.exp(scale[k])
        total += np.log(p)
    return -total


@program(lambda rng: (rng.standard_normal((3, 3)), rng.standard_normal((4, 2))), argnums=(0, 1))
def hidden_state_of_other_extent(w, xs):
    h = np.zeros(w.shape[0])
    for x in xs:
        h = np.tanh(w @ h)[: len(x) + 1] * x[0]
    return np.sum(h**2)


@program(lambda rng: (rng.standard_normal((4, 3)),))
def two_products_with_a_matrix(x):
    c = x.T @ x
    c = np.tanh(c) @ c
    return np.sum(c) + np.sum(x @ c)


@program(
    lambda rng: (rng.standard_normal(4), rng.standard_normal(3), 3), argnums=(0, 1), analytic=True
)
def sums_that_scale_the_next_one(a, b, n):
    s = 1.0
    for _ in range(3):
        s = np.sum(s * a[:n] * b)
    return s + np.sum(a[:1] * b) - np.mean(a[:n] * s / b[:1])


def correlated_by_loops(image, kernel, bias):
    kh, kw = kernel.shape
    out = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel) + bias
    return out


@program(
    lambda rng: (rng.standard_normal((5, 6)), rng.standard_normal((2, 3)), 0.3), argnums=(0, 1, 2)
)
def layer_of_a_network_for_images(image, kernel, bias):
    return np.sum(np.tanh(correlated_by_loops(image, kernel, bias)) ** 2)


@program(lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal(3), 3), argnums=(0, 1))
def products_repeated_along_some_axes(m, b, n):
    wide = np.sum(m[:n] * b[:, None][:n]) + 3 * np.sum(m[:1] * b[:, None])
    return wide + np.sum(m[:n, :1] * m[:1, :]) * np.sum(m[:n, n : n + 1] / m[n - 1 : n, :2])
