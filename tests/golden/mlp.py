"""Parameters in a dict: the gradient is a dict."""

from __future__ import annotations

import numpy as np


def mlp(params, x, target):
    h = np.tanh(x @ params["W1"] + params["b1"])
    y = h @ params["W2"] + params["b2"]
    return np.mean((y - target) ** 2)


def mlp_grad(params, x, target):
    W2 = params["W2"]
    h = np.tanh(x @ params["W1"] + params["b1"])
    y = h @ W2 + params["b2"]
    y_bar = 2 * (y - target) / y.size
    W2_bar = h.T @ y_bar
    b2_bar = y_bar.sum(axis=0)
    a_bar = (y_bar @ W2.T) * (1 - h * h)
    W1_bar = x.T @ a_bar
    b1_bar = a_bar.sum(axis=0)
    return {"W1": W1_bar, "b1": b1_bar, "W2": W2_bar, "b2": b2_bar}


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (mlp_grad,)


def arguments(rng):
    params = {
        "W1": rng.standard_normal((3, 4)),
        "b1": rng.standard_normal(4),
        "W2": rng.standard_normal((4, 2)),
        "b2": rng.standard_normal(2),
    }
    return params, rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
