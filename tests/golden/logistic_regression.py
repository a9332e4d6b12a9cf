"""Straight line: the residual appears once, and every product is a matrix product."""

from __future__ import annotations

import numpy as np


def logistic_regression(w, b, x, y):
    p = 1 / (1 + np.exp(-(x @ w + b)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def logistic_regression_grad(w, b, x, y):
    e = np.exp(-(x @ w + b))
    p = 1 / (1 + e)
    p_bar = ((1 - y) / (1 - p) - y / p) / y.size
    z_bar = p_bar * p * p * e
    w_bar = x.T @ z_bar
    b_bar = z_bar.sum()
    return w_bar, b_bar


ARGNUMS = (0, 1)
HELPERS = ()
WRITTEN = (logistic_regression_grad,)


def arguments(rng):
    y = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    return rng.standard_normal(3), 0.2, rng.standard_normal((6, 3)), y
