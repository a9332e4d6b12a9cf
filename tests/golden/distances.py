"""A loop that sums squares: only the differences are kept, not their squares for a shape."""

from __future__ import annotations

import numpy as np


def distances(centres, x):
    total = 0.0
    for point in x:
        d = np.sum((point - centres) ** 2, axis=1)
        total += np.sum(np.sqrt(d))
    return total


def distances_grad(centres, x):
    d_saved = []
    diff_saved = []
    for point in x:
        diff = point - centres
        d_saved.append(np.sum(diff**2, axis=1))
        diff_saved.append(diff)
    centres_bar = np.zeros_like(centres)
    for _ in reversed(range(len(x))):
        diff = diff_saved.pop()
        d_bar = 0.5 / np.sqrt(d_saved.pop())
        centres_bar -= 2 * d_bar[:, None] * diff
    return centres_bar


ARGNUMS = (0,)
HELPERS = ()
WRITTEN = (distances_grad,)


def arguments(rng):
    return rng.standard_normal((3, 2)), rng.standard_normal((5, 2))
