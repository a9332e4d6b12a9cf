"""Backpropagation through time: only what the backward sweep reads is stored."""

from __future__ import annotations

import numpy as np


def rnn_loss(W, U, b, xs, target):
    h = np.zeros((xs.shape[1], U.shape[0]))
    for x in xs:
        h = np.tanh(x @ W + h @ U + b)  # one time step
    return np.mean((h - target) ** 2)


def rnn_loss_grad(W, U, b, xs, target):
    # forward
    h = np.zeros((xs.shape[1], U.shape[0]))
    h_saved = []
    for x in xs:
        h_saved.append(h)
        h = np.tanh(x @ W + h @ U + b)
    # backward
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


ARGNUMS = (0, 1, 2)
HELPERS = ()
WRITTEN = (rnn_loss_grad,)


def arguments(rng):
    return (
        rng.standard_normal((3, 4)),
        rng.standard_normal((4, 4)) / 2,
        rng.standard_normal(4),
        rng.standard_normal((5, 2, 3)),
        rng.standard_normal((2, 4)),
    )
