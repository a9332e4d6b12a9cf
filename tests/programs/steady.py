"""What each turn of a loop makes anew and alike, and what only looks so."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def of_a_fit(rng):
    return rng.standard_normal((5, 3)), rng.standard_normal(5), rng.standard_normal(3), 0.02


def vector(rng):
    return (rng.standard_normal(4),)


@program(of_a_fit, order=1)
def descent_by_a_matrix_made_in_each_step(X, y, w, rate):
    for _ in range(6):
        g = 2 * X.T @ (X @ w - y) / len(y)
        w = w - rate * g
    return np.sum((X @ w - y) ** 2)


@program(lambda rng: (rng.standard_normal((3, 3)), rng.standard_normal(3), 0))
def steady_in_no_turn(A, x, n):
    for _ in range(n):
        x = np.tanh(A @ A.T) @ x
    return np.sum(x * x * A[0])


@program(vector)
def steady_in_some_turns(x):
    total = 0.0
    y = x
    for k in range(5):
        if k % 2:
            s = np.sin(x) * x
            y = y * s
        elif k > 2:
            e = np.exp(x)
            total = total + np.sum(y * e)
        y = y + 0.1 * x
    return total + np.sum(y)


@program(vector)
def steady_in_inner_loops_alone(x):
    y = x
    for _ in range(3):
        s = np.sin(y)
        for k in range(2):
            e = np.exp(0.1 * s) * np.cos(x)
            y = y * e + k * s
    return np.sum(y * y)


@program(vector)
def array_changed_after_each_turn(x):
    buf = x * 1.0
    y = x
    for k in range(4):
        s = np.sin(buf)
        y = y * s + x
        buf[k] = y[0]
    return np.sum(y * buf)


@program(vector)
def made_alike_and_changed(x):
    y = x
    for k in range(4):
        s = np.sin(x)
        s[k] *= y[k]
        y = y * s + x
    return np.sum(y * y)


@program(vector)
def made_of_a_view_that_changes(x):
    buf = np.concatenate((x, x))
    head = buf[:4]
    y = x
    for k in range(4):
        s = np.cos(head) * x
        y = y * s + 1.0
        buf[k] += 0.5 * y[k]
    return np.sum(y * y)


@program(vector)
def steady_by_way_of_others(x):
    y = 0.1 * x
    n = 0
    while True:
        sq = x * x
        e = np.exp(-sq)
        n += 1
        y = y + e * np.sin(y)
        if np.sum(y) > 100.0 or n > 3:
            break
        c = np.cos(sq * e)
        y = y * c
    return np.sum(y * y)


@program(vector)
def carried_and_made_alike(x):
    s = x
    total = 0.0
    for _ in range(3):
        total = total + np.sum(np.exp(s) * x)
        s = np.sin(x)
    return total + np.sum(s)


@program(lambda rng: (rng.standard_normal(4), 0.9, 0.99))
def moments_of_a_gradient(x, b1, b2):
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    w = x
    for t in range(1, 6):
        g = 2 * w * np.cos(w)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
    return np.sum(w * w)


@program(lambda rng: (rng.standard_normal((4, 2)), 0.3))
def covariance_with_steady_noise(z, q):
    P = np.eye(2)
    total = 0.0
    for k in range(len(z)):
        Q = q * np.eye(2)
        P = P @ P.T * 0.1 + Q
        total = total + z[k] @ np.linalg.solve(P, z[k])
    return total


@program(lambda rng: (rng.standard_normal(3), [1, 2, 3]))
def powers_of_counted_numbers(x, degrees):
    total = 0.0
    for k, d in enumerate(degrees):
        total = total + np.sum(x**d) * (-1) ** k + x[0] * 2.0**-k * np.sin(x[k] * 3**d)
    return total
