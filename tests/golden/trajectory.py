"""A list filled in a loop: its adjoint is a list read from the other end."""

from __future__ import annotations

import numpy as np


def trajectory(x, n):
    states = []
    for i in range(n):
        x = np.sin(x) + 0.1 * i
        states.append(x)
    return np.sum(np.stack(states) ** 2)


def trajectory_grad(x, n):
    states = []
    x_saved = []
    for i in range(n):
        x_saved.append(x)
        x = np.sin(x) + 0.1 * i
        states.append(x)
    states_bar = list(2 * np.stack(states))
    x_bar = np.zeros_like(x)
    for _ in range(n):
        x_bar = x_bar + states_bar.pop()
        x = x_saved.pop()
        x_bar = x_bar * np.cos(x)
    return x_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (trajectory_grad,)


def arguments(rng):
    return rng.standard_normal(3), 4
