"""Slices as long as another array, in loops over the places where they lie inside, or not quite."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def signal(rng):
    return rng.standard_normal(7), rng.standard_normal(3)


@program(signal, argnums=(0, 1))
def windows_of_a_signal(x, w):
    n = len(x) - len(w) + 1
    out = np.empty(n)
    for i in range(n):
        out[i] = np.sum(x[i : i + len(w)] * w)
    return np.sum(np.tanh(out))


@program(signal, argnums=(0, 1))
def windows_before_each_place(x, w):
    k = len(w)
    total = 0.0
    for i in range(k, len(x)):
        error = x[i] - np.sum(x[i - k : i] * w)
        total += error * error
    return total


@program(signal, argnums=(0, 1))
def windows_in_steps_from_the_end(x, w):
    total = 0.0
    m = w.shape[0]
    for i in reversed(range(1, len(x) - m, 2)):
        total += np.sum(np.sin(x[i : i + m]) * w) ** 2
    return total


@program(
    lambda rng: (rng.standard_normal((5, 6)), rng.standard_normal((2, 3)), 0.3), argnums=(0, 1, 2)
)
def windows_of_an_image(image, kernel, bias):
    kh, kw = kernel.shape
    out = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel) + bias
    return np.sum(np.tanh(out) ** 2)


@program(lambda rng: (rng.standard_normal(7), rng.standard_normal(1)), argnums=(0, 1))
def windows_that_leave_the_signal(x, w):
    total = 0.0
    for i in range(len(x)):
        total += np.sum(x[i : i + len(w)] * w) + np.sum(x[i : i + 2] * w)
    return total


@program(lambda rng: (rng.standard_normal(5), rng.standard_normal(1)), argnums=(0, 1))
def windows_from_before_the_front(x, w):
    total = 0.0
    for i in range(-2, 3):
        total += np.sum(np.cos(x[i : i + 3]) * w)
    return total


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(1)), argnums=(0, 1))
def windows_whose_place_is_moved(x, w):
    total = 0.0
    for i in range(len(x) - len(w) + 1):
        j = i + len(w)
        i = i - 2
        total += np.sum(x[i:j] * w) + np.sum(x[:j] * w)
    return total


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(1)), argnums=(0, 1))
def windows_of_what_gets_shorter(x, w):
    total = 0.0
    y = x
    for i in range(len(x) - len(w) + 1):
        total += np.sum(y[i : i + len(w)] * w)
        y = y[:-1] * 1.5
    return total


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(2)), argnums=(0, 1))
def windows_as_long_as_the_turn_says(x, w):
    total = 0.0
    v = w
    for i in range(len(x) - 3):
        total += np.sum(x[i : i + len(v)] * v)
        v = np.concatenate([v, w[:1]]) if i == 0 else v
    return total


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(1)), argnums=(0, 1))
def windows_up_to_the_place_before(x, w):
    total = 0.0
    stop = 2
    for i in range(len(x) - len(w) + 1):
        total += np.sum(x[i:stop] * w)
        stop = i + len(w)
    return total


@program(lambda rng: (rng.standard_normal((3, 6)), rng.standard_normal(2)), argnums=(0, 1))
def windows_along_the_columns(rows, w):
    smooth = np.zeros((rows.shape[0], rows.shape[1] - len(w) + 1))
    for j in range(smooth.shape[1]):
        smooth[:, j] = rows[:, j : j + len(w)] @ w
        smooth[:, j] += (rows[:, j : j + len(w)] * w).max(axis=1)
    return np.sum(smooth**2)


@program(lambda rng: (rng.standard_normal(8), rng.standard_normal(3)), argnums=(0, 1))
def windows_changed_in_place(x, w):
    x = x.copy()
    for i in range(len(x) - len(w) + 1):
        x[i : i + len(w)] *= 1.0 + 0.1 * w
        x[i : i + len(w)] += w * w
    return np.sum(x**2)
