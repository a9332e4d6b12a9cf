"""A called function has a forward and a backward half."""

from __future__ import annotations

import numpy as np


def layer(x, W):
    return np.tanh(x @ W)


def loss(x, W1, W2):
    return np.sum(layer(layer(x, W1), W2))


def layer_forward(x, W):
    y = np.tanh(x @ W)
    return y, (x, W, y)


def layer_backward(saved, y_bar):
    x, W, y = saved
    a_bar = y_bar * (1 - y * y)
    return a_bar @ W.T, x.T @ a_bar


def loss_grad(x, W1, W2):
    h, saved_1 = layer_forward(x, W1)
    y, saved_2 = layer_forward(h, W2)
    y_bar = np.ones_like(y)
    h_bar, W2_bar = layer_backward(saved_2, y_bar)
    _, W1_bar = layer_backward(saved_1, h_bar)
    return W1_bar, W2_bar


ARGNUMS = (1, 2)
HELPERS = (layer,)
WRITTEN = (layer_forward, layer_backward, loss_grad)


def arguments(rng):
    return rng.standard_normal((5, 4)), rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
