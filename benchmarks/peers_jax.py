"""`array_workloads` in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

__all__ = ["attention", "log_sum_exp", "log_sum_exp_of_rows", "logistic", "mlp", "rnn"]


def mlp(W1, b1, W2, b2, W3, b3, x, targets):
    h = jnp.tanh(x @ W1 + b1)
    h = jnp.tanh(h @ W2 + b2)
    logits = h @ W3 + b3
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(logits, axis=1), axis=1))


def rnn(W, U, b, xs, target):
    def step(h, x):
        return jnp.tanh(x @ W + h @ U + b), None

    h, _ = jax.lax.scan(step, jnp.zeros((xs.shape[1], U.shape[0])), xs)
    return jnp.mean((h - target) ** 2)


def logistic(w, b, X, y):
    return jnp.mean(jnp.logaddexp(0.0, -y * (X @ w + b))) + 0.5e-3 * jnp.sum(w * w)


def attention(Q, K, V, target):
    weights = jax.nn.softmax(Q @ K.T / jnp.sqrt(Q.shape[1]), axis=1)
    return jnp.mean((weights @ V - target) ** 2)


def log_sum_exp(x):
    return logsumexp(x)


def log_sum_exp_of_rows(x):
    return jnp.sum(logsumexp(x, axis=1))
