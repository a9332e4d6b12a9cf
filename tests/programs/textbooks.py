"""Programs as textbooks and courses have them: filters, tables, searches, spectra."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=6), 0.15), argnums=(0, 1), reference="double", rtol=1e-7)
def filtered_twice_into_lists(signal, cutoff):
    """What was an array is a list from the first pass on."""

    def biquad(xs, b, a):
        out, x1, x2, y1, y2 = [], 0.0, 0.0, 0.0, 0.0
        for x in xs:
            y = b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
            x1, x2, y1, y2 = x, x1, y, y1
            out.append(y)
        return out

    w = 2 * np.pi * cutoff
    alpha = np.sin(w) / 1.4
    b = np.array([(1 - np.cos(w)) / 2, 1 - np.cos(w), (1 - np.cos(w)) / 2]) / (1 + alpha)
    a = np.array([1 + alpha, -2 * np.cos(w), 1 - alpha]) / (1 + alpha)
    y = signal
    for _ in range(2):
        y = biquad(y, b, a)
    return np.sqrt(np.mean(np.square(y))) + np.sum(np.multiply(2, y) * signal)
