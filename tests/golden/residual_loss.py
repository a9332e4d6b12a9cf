"""A function defined inside takes the variables that it reads; a lambda is written out."""

from __future__ import annotations

import numpy as np


def residual_loss(W, x, y):
    scale = 1 / np.sum(W * W)

    def layer(h):
        z = np.tanh(W @ h)
        return h + scale * z

    square = lambda v: v * v
    return np.sum(square(layer(layer(x)) - y))


def layer_forward(W, scale, h):
    z = np.tanh(W @ h)
    return h + scale * z, (W, scale, h, z)


def layer_backward(saved, y_bar):
    W, scale, h, z = saved
    t_bar = y_bar * scale * (1 - z * z)
    return np.outer(t_bar, h), np.sum(y_bar * z), y_bar + W.T @ t_bar


def layer_backward_2(saved, y_bar):
    _, scale, h, z = saved
    return np.outer(y_bar * scale * (1 - z * z), h), np.sum(y_bar * z)


def residual_loss_grad(W, x, y):
    # forward
    t = np.sum(W * W)
    scale = 1 / t
    h, saved_1 = layer_forward(W, scale, x)
    h, saved_2 = layer_forward(W, scale, h)
    v = h - y
    # backward
    W_bar, scale_bar, h_bar = layer_backward(saved_2, 2 * v)
    W_bar_1, scale_bar_1 = layer_backward_2(saved_1, h_bar)
    W_bar += W_bar_1
    W_bar += 2 * (-(scale_bar + scale_bar_1) / (t * t)) * W
    return W_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (layer_forward, layer_backward, layer_backward_2, residual_loss_grad)


def arguments(rng):
    return rng.standard_normal((4, 4)), rng.standard_normal(4), rng.standard_normal(4)
