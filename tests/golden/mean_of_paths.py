"""Arrays that are as long as an argument says: nothing is summed or kept in case they are not."""

from __future__ import annotations

import numpy as np


def mean_of_paths(start, drift, vol, paths, steps):
    rng = np.random.default_rng(0)
    s, total = np.full(paths, start), 0.0
    for _ in range(steps):
        z = rng.standard_normal(paths)
        s = s * np.exp(drift + vol * z)
        total = total + np.mean(s)
    return total / steps


def mean_of_paths_grad(start, drift, vol, paths, steps):
    # forward
    rng = np.random.default_rng(0)
    s = np.full(paths, start)
    s_saved = []
    z_saved = []
    growth_saved = []
    for _ in range(steps):
        z = rng.standard_normal(paths)
        growth = np.exp(drift + vol * z)
        s_saved.append(s)
        s = s * growth
        z_saved.append(z)
        growth_saved.append(growth)
    # backward
    total_bar = 1 / steps
    s_bar = np.zeros_like(s)
    vol_bar = 0.0
    drift_bar = 0.0
    for _ in range(steps):
        growth = growth_saved.pop()
        z = z_saved.pop()
        s = s_saved.pop()
        s_bar += total_bar / paths
        t_bar = s_bar * s * growth
        s_bar = s_bar * growth
        drift_bar += np.sum(t_bar)
        vol_bar += np.sum(t_bar * z)
    return np.sum(s_bar), drift_bar, vol_bar


ARGNUMS = (0, 1, 2)
HELPERS = ()
WRITTEN = (mean_of_paths_grad,)


def arguments(rng):
    return 1.1, 0.05, 0.2, 6, 3
