"""Arrays that are read and changed at places that NumPy's functions find or make."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=(3, 4)),))
def triangles_and_diagonals_updated(m):
    a = m.copy()
    i, j = np.triu_indices(3, 1)
    a[i, j] *= a[j, i]
    a[np.tril_indices(3)] += np.sum(a[i, j])
    k, _ = np.diag_indices(3)
    a[k, k + 1] *= a[k[::-1], k]
    return np.sum(a * a)


@program(lambda rng: (rng.normal(size=(3, 4)),))
def updated_where_a_test_holds(m):
    a = m.copy()
    (r,) = np.where(a[0] > 0)
    a[1, r] *= a[2, r]
    p, q = np.nonzero(a > 0)
    a[p, q] *= a[p[::-1], q[0]]
    for k in np.where(a[1] < 0)[0]:
        a[2, k] -= a[1, k] ** 2
    a[np.where(a < -1.0)] /= 2.0
    return np.sum(a * a)


@program(lambda rng: (rng.normal(size=(3, 4)),))
def updated_at_unravelled_places(m):
    a = m.copy()
    largest = np.unravel_index(np.argmax(a), a.shape)
    a[largest] *= a[0, 0]
    i, j = np.unravel_index([1, 5, 1], (3, 4))
    a[i, j] -= a[j[0], i]
    return np.sum(a * a)


@program(lambda rng: (rng.normal(size=(3, 4)), 0.4), argnums=(0, 1))
def updated_on_a_grid(m, angle):
    a = m.copy()
    rows, columns = np.mgrid[0:3, 0:4]
    a[rows, columns] += 2.0 * a[rows[::-1], columns]
    u, v = np.ogrid[0:1:3j, 0:1:4j]
    turned = np.cos(angle) * u - np.sin(angle) * v
    turned *= a
    line = np.mgrid[0:4] * angle
    line += a[0]
    return np.sum(turned * turned) + line @ line


@program(lambda rng: (rng.normal(size=(3, 4)),), analytic=True)
def padded_fields_and_windows_changed(m):
    p = np.pad(m, ((1, 1), (0, 2)), mode="edge")
    p[1:-1] *= p[2:]
    line = np.pad(m[0], 1, mode="wrap")
    line[1:-1] += line[2:] * line[:-2]
    rows = 2.0 * np.lib.stride_tricks.sliding_window_view(m, 3, axis=1)
    rows[0] *= rows[1]
    means = np.lib.stride_tricks.sliding_window_view(m[1], 2).mean(axis=1)
    means[0] = means[1] * means[2]
    return np.sum(p * p) + line @ line + np.sum(rows * rows) + means @ means
