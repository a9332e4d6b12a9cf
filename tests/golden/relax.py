"""Linear in-place updates through overlapping views: nothing is stored."""

from __future__ import annotations

import numpy as np


def relax(u, steps):
    v = u.copy()
    for _ in range(steps):
        v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])
        u[1:-1] = v[1:-1]
    return np.sum(u**2)


def relax_grad(u, steps):
    u = u.copy()
    v = u.copy()
    for _ in range(steps):
        v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])
        u[1:-1] = v[1:-1]
    u_bar = 2 * u
    v_bar = np.zeros_like(v)
    for _ in range(steps):
        v_bar[1:-1] += u_bar[1:-1]
        u_bar[1:-1] = 0
        s_bar = v_bar[1:-1].copy()
        v_bar[1:-1] = 0
        u_bar[1:-1] += 0.5 * s_bar
        u_bar[:-2] += 0.25 * s_bar
        u_bar[2:] += 0.25 * s_bar
    u_bar += v_bar
    return u_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (relax_grad,)


def arguments(rng):
    return rng.standard_normal(9), 4
