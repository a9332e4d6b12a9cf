"""Keywords of NumPy's functions that say how something is computed, as ``dtype`` does."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def normal(*shapes):
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


@program(normal((3, 4)))
def sums_in_a_dtype(a):
    total = np.sum(a, dtype=np.float64) * a.mean(axis=0, dtype=float)[1] + a.sum(dtype=a.dtype)
    rows = np.prod(a[:2], axis=0, dtype="float64") + np.cumsum(a, axis=0, dtype=float)[1]
    spread = np.std(a, dtype=float) + a.var(axis=1, dtype=np.float64)[0]
    return total * spread + np.sum(rows, where=True) ** 2 + np.trace(a, dtype=float)


@program(lambda rng: (rng.normal(size=(2, 3)).astype(np.float32),), rtol=2e-3, order=1)
def sums_in_double_precision(a):
    mean = np.mean(a, axis=1, dtype=np.float64, keepdims=True)
    return np.sum((a - mean) ** 2, dtype=np.float64) + a.sum(dtype=np.longdouble).astype(float)


@program(normal(3, 3), argnums=(0, 1), reference="double", rtol=1e-6)
def joined_in_a_dtype(x, y):
    total = np.sum(np.concatenate((x, y), dtype=float, casting="same_kind") ** 3)
    total += np.sum(np.stack([x, y], axis=1, dtype=np.float64)[:, 0] ** 2)
    total += np.sum(np.vstack((x, y), dtype=float)[1] * np.hstack((y, x), dtype="f8")[:3])
    total += np.sum(np.linspace(x[0], y[0], 4, dtype=float) ** 2)
    return total + np.add(x, y, dtype=float)[0]


@program(normal((3, 4)))
def copies_that_are_asked_for(a):
    u = np.array(a, copy=True)
    u[0, :] = 2 * a[1, :]
    v = np.asarray(u, copy=True)
    v[1, :] *= 3
    w = np.reshape(v, (4, 3), copy=True)
    w[0, 0] = 0.0
    return np.sum(u**2) + np.sum(v * a) + np.sum(w**3) + np.sum(a.astype(float, copy=True))


@program(normal((3, 4)), reference="double", rtol=1e-6)
def no_copies(a):
    u = 2 * a
    v = np.asarray(u, copy=False)
    w = np.array(v, copy=None)
    s = w.astype(float, copy=False)
    t = s.astype(dtype=np.float64, order="K", casting="safe", copy=False)
    t[0, :] = a[1, :] ** 2
    return np.sum(u**3) + np.sum(np.reshape(a, (2, 6), copy=None)[0] ** 2) + np.sum(v[:1])


@program(normal((3, 4)))
def in_the_order_of_rows(a):
    u = np.array(a.T, dtype=float, order="C")
    flat = u.reshape(-1)  # a view, as `u` is in order
    flat[1] = a[0, 0] ** 2
    v = a.T.astype(float, order="C").ravel(order="C")
    w = np.asarray(a.T, order="C") * np.zeros((4, 3), order="C")
    x = np.copy(a.T, order="C").reshape(2, 6)
    return np.sum(u**2) + v[1] * v[5] + np.sum(w) + np.sum(x[0] ** 3) + a.copy(order="C")[0, 1]


@program(normal((3, 4)))
def in_the_order_of_columns(a):
    v = np.ravel(a, order="F") * a.flatten(order="F")
    w = np.reshape(a, (2, 6), order="F")
    u = a.reshape(6, 2, order="F") + a.reshape((2, 3, 2), order="F")[0, 1]
    return v[1] * v[5] + w[0] @ w[1] ** 2 + np.sum(u[1:3] ** 2) + a.reshape(12, order="F")[1] ** 3


@program(normal((3, 4)))
def with_axes_in_front(a):
    rows = np.array(a[0], ndmin=2) * np.array(a, ndmin=2)
    return (
        np.sum(np.array(a[0, 1], ndmin=1)) * np.sum(rows**2) + np.array([a[0, 0]], ndmin=3)[0, 0, 0]
    )


@program(normal((3, 4)))
def sorted_in_a_stable_way(a):
    first = np.sort(a, axis=0, kind="stable")[0] * np.sort(a, axis=0, stable=True)[1]
    order = np.argsort(a[0], kind="stable")
    return np.sum(first**2) + a[1][order][0] * a[1][np.argsort(a[2], stable=True)][1]


@program(normal((3, 4)))
def of_the_array_standard(a):
    b = np.astype(a, np.float64) * np.astype(a, float, copy=False)
    c = np.asarray(a, device="cpu") + np.ones((3, 4), device="cpu")
    return np.sum(b * c)
