"""Programs of linear algebra."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def well_conditioned(rng, n):
    return rng.standard_normal((n, n)) + 3 * np.eye(n)


def positive_definite(rng, n):
    a = rng.standard_normal((n, n))
    return a @ a.T + n * np.eye(n)


@program(
    lambda rng: (well_conditioned(rng, 4), rng.standard_normal(4)),
    argnums=(0, 1),
    analytic=True,
    order=3,
)
def linear_solve(a, b):
    x = np.linalg.solve(a, b)
    return np.dot(x, x)


@program(
    lambda rng: (well_conditioned(rng, 3), rng.standard_normal((3, 2))),
    argnums=(0, 1),
    analytic=True,
)
def solve_with_matrix(a, b):
    return np.sum(np.sin(np.linalg.solve(a, b)))


@program(lambda rng: (well_conditioned(rng, 3),), analytic=True)
def inverse(a):
    return np.sum(np.linalg.inv(a) @ np.linalg.inv(a.T) * a)


@program(lambda rng: (well_conditioned(rng, 4),), analytic=True)
def determinant(a):
    return np.linalg.det(a / 3) * a[0, 0]


@program(lambda rng: (well_conditioned(rng, 4),))
def log_determinant(a):
    sign, logdet = np.linalg.slogdet(a)
    return sign * logdet**2


@program(lambda rng: (rng.standard_normal((3, 2)), rng.standard_normal(4)), argnums=(0, 1))
def norms(a, x):
    rows = np.linalg.norm(a, axis=1)
    return np.linalg.norm(x) * np.linalg.norm(a) + np.sum(rows**3)


@program(lambda rng: (positive_definite(rng, 4), rng.standard_normal(4)), argnums=(0, 1))
def cholesky_factor(a, b):
    s = 0.5 * (a + a.T)
    lower = np.linalg.cholesky(s)
    return np.sum(np.log(np.diag(lower))) + np.sum(np.sin(lower.T @ b))


@program(
    lambda rng: (well_conditioned(rng, 3), rng.standard_normal(3), 3),
    argnums=(0, 1),
    analytic=True,
)
def solve_in_loop(a, b, n):
    x = b
    for _ in range(n):
        x = np.linalg.solve(a, np.sin(x) + b)
    return np.sum(x * b)


@program(
    lambda rng: (positive_definite(rng, 4) + 8 * np.eye(4), rng.standard_normal(4)),
    argnums=(0, 1),
    analytic=True,
)
def conjugate_gradient(a, b):
    x = np.zeros(4)
    r = b - a @ x
    p = r
    for _ in range(2):
        ap = a @ p
        rr = r @ r
        alpha = rr / (p @ ap)
        x = x + alpha * p
        r = r - alpha * ap
        p = r + (r @ r) / rr * p
    return x @ x


@program(lambda rng: (well_conditioned(rng, 3),), analytic=True)
def gram_schmidt(a):
    q = np.zeros_like(a)
    for j in range(3):
        v = a[:, j]
        for i in range(j):
            v = v - np.dot(q[:, i], a[:, j]) * q[:, i]
        q[:, j] = v / np.sqrt(np.dot(v, v))
    return np.sum(q * np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0], [2.0, 0.0, 1.0]]))


@program(lambda rng: (positive_definite(rng, 3),), analytic=True)
def cholesky_by_hand(a):
    n = len(a)
    lower = np.zeros((n, n))
    for j in range(n):
        lower[j, j] = np.sqrt(a[j, j] - np.sum(lower[j, :j] ** 2))
        for i in range(j + 1, n):
            lower[i, j] = (a[i, j] - np.sum(lower[i, :j] * lower[j, :j])) / lower[j, j]
    return np.sum(lower) + np.prod(np.diag(lower))


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def matrix_exponential_series(a):
    term = np.eye(3)
    total = np.eye(3)
    for k in range(1, 8):
        term = term @ a / k
        total = total + term
    return np.sum(total * a)


@program(lambda rng: (well_conditioned(rng, 4),))
def field_of_slogdet(a):
    return np.linalg.slogdet(a).logabsdet * a[0, 0]


@program(
    lambda rng: (rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 2))),
    argnums=(0, 1),
    analytic=True,
    order=3,
)
def einsum_with_an_ellipsis(x, w):
    y = np.einsum("...ij,jk->...ik", x, w)
    return np.sum(np.einsum("...i->...", y) * np.einsum("i...j->j...", x)[:, :2].sum())


@program(lambda rng: (rng.normal(size=4), rng.normal(size=4)), argnums=(0, 1), analytic=True)
def squares_over_their_root(v, w):
    return np.sum(w * v / np.sqrt(np.dot(v, v)))


def singular_values_apart(rng, m, n):
    u, v = (np.linalg.qr(rng.standard_normal((k, k)))[0] for k in (m, n))
    k = min(m, n)
    return (u[:, :k] * np.array([3.0, 1.8, 0.9])[:k]) @ v[:k]


@program(lambda rng: (singular_values_apart(rng, 4, 3),), rtol=1e-7, reference="double")
def best_matrix_of_rank_two(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    best = (u[:, :2] * s[:2]) @ vh[:2]
    return np.sum((a - best) ** 2) + np.sum(best[0] * best[1])


@program(
    lambda rng: (singular_values_apart(rng, 3, 3), singular_values_apart(rng, 3, 3)),
    rtol=1e-7,
    reference="double",
)
def nearest_rotation(a, b):
    u, s, vh = np.linalg.svd(a.T @ b)
    turned = a @ (u @ vh)
    return np.sum((turned - b) ** 2) + np.log(s).sum()


@program(lambda rng: (singular_values_apart(rng, 3, 4),), rtol=1e-7, reference="double")
def nuclear_norm_and_condition(a):
    s = np.linalg.svdvals(a)
    return np.sum(np.linalg.svd(a, compute_uv=False)) ** 2 + s[0] / s[-1]


@program(
    lambda rng: (singular_values_apart(rng, 4, 3), rng.standard_normal(4)),
    argnums=(0, 1),
    rtol=1e-7,
    reference="double",
)
def pseudoinverses(a, b):
    x = np.linalg.pinv(a) @ b
    return x @ x + np.sum(np.linalg.pinv(a.T, 1e-12)[0] ** 3)


@program(
    lambda rng: (singular_values_apart(rng, 4, 3), rng.standard_normal(4)),
    argnums=(0, 1),
    rtol=1e-7,
    reference="double",
)
def least_squares(a, b):
    x, residuals, rank, s = np.linalg.lstsq(a, b, rcond=None)
    several = np.linalg.lstsq(a[:2], np.outer(b[:2], b), rcond=None)[0]
    return x @ x * rank + np.sum(residuals) * s[0] + np.sum(several**2)


@program(lambda rng: (rng.normal(size=4), rng.normal(size=4)), argnums=(0, 1), analytic=True)
def penalised_residuals(tau, x):
    r = tau * x
    return np.sum(r * r) + 0.01 * tau @ tau


@program(
    lambda rng: (rng.normal(size=(4, 3)) + 2 * np.eye(4, 3), rng.normal(size=4)),
    argnums=(0, 1),
    rtol=1e-6,
    reference="double",
)
def least_squares_by_qr(a, b):
    q, r = np.linalg.qr(a)
    x = np.linalg.solve(r, q.T @ b)
    square = np.linalg.qr(a[:3])
    return np.sum(x**2) + square.R[1, 2] * square.Q[0, 1] + np.sum(np.linalg.qr(a, mode="r") ** 3)
