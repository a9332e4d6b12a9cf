"""Programs that lay a function's corners open: what NumPy does there, and the derivative."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def step_with_a_height_of_its_own(x, height):
    at = np.array([0.0, 1.0, 0.0, -1.0])
    return np.sum(np.heaviside(at, height * x) * x)


@program(lambda rng: (rng.standard_normal((4, 3)),))
def best_path_from_one_end(scores):
    best = np.array([0.0, -np.inf, -np.inf])
    for row in scores:
        best = row + np.maximum(best, np.array([-np.inf, best[0], best[1]]))
    return np.max(best)


def scaled(x, scale=1.5):
    return x * x * scale


def counted(x, **options):
    return x * (1.0 + len(options))


def handed_on(*args, **options):
    return 2.0 * scaled(*args, **options)


def handed_on_again(*args, **options):
    return counted(handed_on(*args, **options), **options)


@program(lambda rng: (rng.uniform(0.5, 1.5),), analytic=True)
def keywords_handed_on(x):
    return handed_on_again(x) * handed_on_again(x, scale=3.0)


_OPTIONS = {"scale": 0.5}


@program(lambda rng: (rng.uniform(0.5, 1.5),), analytic=True)
def keywords_of_a_dict_from_outside(x):
    return scaled(x, **_OPTIONS) + counted(x, **_OPTIONS, more=1)
