"""Cells that loops fill: each once, or some again, or read by others later."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def vector(rng):
    return (rng.standard_normal(5),)


@program(vector)
def cells_filled_once(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = np.sin(x[i]) * x[0]
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal((3, 4)),))
def rows_and_cells_filled_once(a):
    b = np.zeros((3, 4))
    c = np.zeros((4, 3))
    for i in range(3):
        b[i] = a[i] * a[0]
        for j in range(3, -1, -1):
            c[j, i] = b[i, j] ** 2
    return np.sum(np.sin(c)) + np.sum(b)


@program(vector)
def cells_filled_from_both_ends(x):
    y = np.zeros(5)
    for i in range(-2, 3):
        y[i] = x[i] * x[i + 2]
    for i in range(-3, 3):
        y[i] = y[i] * x[i] + x[0]
    return np.sum(y * y)


@program(vector)
def cells_filled_in_each_step(x):
    y = np.zeros(5)
    total = 0.0
    for step in range(3):
        for i in range(5):
            y[i] = x[i] * (step + 1) + total
        total = total + np.sum(y * x)
    return total + np.sum(y)


@program(vector)
def cells_made_anew_in_each_step(x):
    total = 0.0
    for step in range(3):
        y = np.zeros(5)
        for i in range(5):
            y[i] = x[i] * (step + 1) + total
        total = total + np.sum(y * x)
    return total


@program(vector)
def cells_read_by_their_neighbours(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i] + 0.5 * y[i - 1]
    for i in range(5):
        y[i] = y[i] * y[i] + x[i]
    return np.sum(y * y)


@program(vector)
def cells_filled_twice_in_a_turn(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = x[i] * 2.0
        s = y[i] * x[0]
        y[i] = s * s + y[i]
    return np.sum(np.cos(y))


@program(vector)
def cells_seen_through_a_view(x):
    y = np.zeros((5, 2))
    for i in range(5):
        row = y[i]
        y[i, 0] = x[i] * x[1]
        y[i, 1] = row[0] * x[i]
        row *= 2.0
    return np.sum(y**2)


@program(vector)
def cells_left_by_a_break(x):
    y = x * 3.0
    for i in range(5):
        if x[i] > 0.9:
            break
        y[i] = x[i] * y[i]
    return np.sum(y * x)


@program(vector)
def cells_of_one_number_for_all(x):
    y = np.zeros(5)
    k = 1
    for i in range(5):
        y[k] = y[k] + x[i] * x[k]
        y[i // 2] = x[i]
    return np.sum(y * y)


def filled(x, w):
    out = np.zeros((len(x), len(w)))
    for i in range(len(x)):
        for j in range(len(w)):
            out[i, j] = np.tanh(x[i] * w[j])
    return out


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(2)), argnums=(0, 1))
def cells_filled_by_a_helper(x, w):
    a = filled(x, w)
    b = filled(w, x)
    b[0] *= 2.0
    return np.sum(a * b.T) + np.sum(a[0])
