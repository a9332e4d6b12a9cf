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
