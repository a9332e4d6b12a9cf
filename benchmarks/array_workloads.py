"""Workloads on whole arrays, for the NumPy backend."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.workload import Args, Sizes, Workload
from srcad import stop_gradient

__all__ = ["ARRAY_WORKLOADS", "MORE_BY_SIZE"]


# --- a three-layer network -----------------------------------------------------------------------


def mlp(W1, b1, W2, b2, W3, b3, x, targets):
    h1 = np.tanh(x @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    logits = h2 @ W3 + b3
    z = logits - stop_gradient(logits.max(axis=1, keepdims=True))
    log_norm = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_norm - np.sum(targets * z, axis=1))


def mlp_by_hand(W1, b1, W2, b2, W3, b3, x, targets):
    h1 = np.tanh(x @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    logits_bar = h2 @ W3 + b3
    logits_bar -= logits_bar.max(axis=1, keepdims=True)
    np.exp(logits_bar, out=logits_bar)
    logits_bar /= logits_bar.sum(axis=1, keepdims=True)
    logits_bar -= targets
    logits_bar /= len(x)
    a2_bar = logits_bar @ W3.T
    a2_bar *= 1 - h2 * h2
    a1_bar = a2_bar @ W2.T
    a1_bar *= 1 - h1 * h1
    return (
        x.T @ a1_bar,
        a1_bar.sum(axis=0),
        h1.T @ a2_bar,
        a2_bar.sum(axis=0),
        h2.T @ logits_bar,
        logits_bar.sum(axis=0),
    )


def mlp_args(rng: np.random.Generator, n: int, *widths: int) -> Args:
    params: list[object] = []
    for i, o in pairwise(widths):
        params += [rng.normal(0, i**-0.5, (i, o)), rng.normal(0, 0.1, o)]
    targets = np.eye(widths[-1])[rng.integers(widths[-1], size=n)]
    return (*params, rng.normal(size=(n, widths[0])), targets)


# --- a recurrent network -------------------------------------------------------------------------


def rnn(W, U, b, xs, target):
    h = np.zeros((xs.shape[1], U.shape[0]))
    for x in xs:
        h = np.tanh(x @ W + h @ U + b)
    return np.mean((h - target) ** 2)


def rnn_by_hand(W, U, b, xs, target):
    h = np.zeros((xs.shape[1], U.shape[0]))
    h_saved = []
    for x in xs:
        h_saved.append(h)
        h = np.tanh(x @ W + h @ U + b)
    h_bar = 2 * (h - target) / h.size
    W_bar = np.zeros_like(W)
    U_bar = np.zeros_like(U)
    b_bar = np.zeros_like(b)
    for x in xs[::-1]:
        a_bar = h_bar * (1 - h * h)
        h = h_saved.pop()
        W_bar += x.T @ a_bar
        U_bar += h.T @ a_bar
        b_bar += a_bar.sum(axis=0)
        h_bar = a_bar @ U.T
    return W_bar, U_bar, b_bar


def rnn_args(rng: np.random.Generator, steps: int, n: int, inputs: int, hidden: int) -> Args:
    return (
        rng.normal(0, inputs**-0.5, (inputs, hidden)),
        rng.normal(0, hidden**-0.5, (hidden, hidden)),
        rng.normal(0, 0.1, hidden),
        rng.normal(size=(steps, n, inputs)),
        rng.normal(size=(n, hidden)),
    )


# --- logistic regression -------------------------------------------------------------------------


def logistic(w, b, X, y):
    return np.mean(np.logaddexp(0.0, -y * (X @ w + b))) + 0.5e-3 * np.sum(w * w)


def logistic_by_hand(w, b, X, y):
    margin = y * (X @ w + b)
    score_bar = -y / (1 + np.exp(margin)) / len(y)
    return score_bar @ X + 1e-3 * w, score_bar.sum()


def logistic_args(rng: np.random.Generator, n: int, d: int) -> Args:
    X = rng.normal(size=(n, d))
    y = np.where(X @ rng.normal(size=d) + rng.normal(size=n) > 0, 1.0, -1.0)
    return rng.normal(0, 0.3, d), 0.1, X, y


# --- attention -----------------------------------------------------------------------------------


def attention(Q, K, V, target):
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    e = np.exp(scores - stop_gradient(scores.max(axis=1, keepdims=True)))
    weights = e / np.sum(e, axis=1, keepdims=True)
    return np.mean((weights @ V - target) ** 2)


def attention_by_hand(Q, K, V, target):
    scale = 1 / np.sqrt(Q.shape[1])
    weights = Q @ K.T
    weights *= scale
    weights -= weights.max(axis=1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=1, keepdims=True)
    out_bar = weights @ V
    out_bar -= target
    out_bar *= 2 / target.size
    V_bar = weights.T @ out_bar
    scores_bar = out_bar @ V.T
    scores_bar -= np.sum(scores_bar * weights, axis=1, keepdims=True)
    scores_bar *= weights
    scores_bar *= scale
    return scores_bar @ K, scores_bar.T @ Q, V_bar


def attention_args(rng: np.random.Generator, n: int, d: int) -> Args:
    return tuple(rng.normal(size=(n, d)) for _ in range(4))


# --- log-sum-exp ---------------------------------------------------------------------------------


def log_sum_exp(x):
    top = x.max()
    return top + np.log(np.exp(x - top).sum())


def log_sum_exp_by_hand(x):
    e = x - x.max()
    np.exp(e, out=e)
    e *= 1 / e.sum()
    return (e,)


def log_sum_exp_args(rng: np.random.Generator, n: int) -> Args:
    return (rng.normal(size=n),)


def log_sum_exp_of_rows(x):
    top = stop_gradient(x.max(axis=1, keepdims=True))
    return np.sum(top[:, 0] + np.log(np.sum(np.exp(x - top), axis=1)))


# NumPy goes through the array once for each of five operations, and in three of them begins anew at
# every row: with many short rows JAX, which fuses them, is ahead, with few long ones it is not.
def log_sum_exp_of_rows_by_hand(x):
    e = x - x.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    e *= 1 / e.sum(axis=1, keepdims=True)
    return (e,)


def rows_args(rng: np.random.Generator, rows: int, columns: int) -> Args:
    return (rng.normal(size=(rows, columns)),)


ARRAY_WORKLOADS = (
    Workload(
        "MLP",
        mlp,
        mlp_by_hand,
        (0, 1, 2, 3, 4, 5),
        mlp_args,
        Sizes(
            (5, 4, 6, 5, 3),
            (256, 64, 256, 128, 10),
            ((32, 64, 32, 32, 10), (128, 784, 256, 128, 10)),
        ),
    ),
    Workload(
        "RNN, T=100",
        rnn,
        rnn_by_hand,
        (0, 1, 2),
        rnn_args,
        Sizes(
            (4, 3, 2, 5),
            (100, 256, 64, 64),
            ((100, 1, 16, 32), (100, 32, 32, 64), (100, 64, 128, 256)),
        ),
    ),
    Workload(
        "logistic regression",
        logistic,
        logistic_by_hand,
        (0, 1),
        logistic_args,
        Sizes((7, 3), (5000, 50), ((100, 10), (50_000, 100))),
    ),
    Workload(
        "attention",
        attention,
        attention_by_hand,
        (0, 1, 2),
        attention_args,
        Sizes((4, 3), (256, 64), ((32, 16), (1024, 64))),
    ),
    Workload(
        "log-sum-exp",
        log_sum_exp,
        log_sum_exp_by_hand,
        (0,),
        log_sum_exp_args,
        Sizes((5,), (10_000,), ((1000,), (100_000,), (1_000_000,))),
    ),
)

MORE_BY_SIZE = (
    Workload(
        "log-sum-exp of rows",
        log_sum_exp_of_rows,
        log_sum_exp_of_rows_by_hand,
        (0,),
        rows_args,
        Sizes((4, 5), (1000, 200), ((100, 50), (20, 10_000), (1000, 1000))),
    ),
)
"""Workloads of the table by size alone."""
