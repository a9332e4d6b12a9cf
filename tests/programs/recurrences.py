"""Recurrences in an array: what a turn writes, and what others read before or after."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def vector(rng):
    return (rng.uniform(0.3, 0.9, 6),)


@program(vector, analytic=True, tags=("moves on",))
def recurrence_upward(x):
    y = x.copy()
    for i in range(len(x) - 1):
        y[i + 1] = np.sin(y[i]) * x[i]
    return np.sum(y * y)


@program(vector, analytic=True, tags=("moves on",))
def recurrence_downward(x):
    y = x.copy()
    for i in range(len(x) - 2, -1, -1):
        y[i] = np.sin(y[i + 1]) * x[i]
    return np.sum(y * y)


@program(vector, analytic=True, tags=("moves on",))
def recurrence_in_columns(x):
    y = np.outer(x, x[:4])
    for j in range(2, 4):
        y[:, j] = y[:, j - 1] * y[:, j - 2]
    return np.sum(y * y)


@program(vector, analytic=True, tags=("moves on",))
def recurrence_of_rows_by_elements(x):
    y = np.outer(x, x[:4])
    for i in range(1, 6):
        for j in range(3):
            y[i, j] = np.sin(y[i - 1, j + 1]) * y[i - 1, j]
    return np.sum(y * y)


@program(vector, analytic=True, tags=("moves on",))
def recurrence_in_two_steps(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i - 1] * x[i]
        y[i] += x[0]
    return np.sum(np.sin(y))


@program(vector, analytic=True, tags=("moves on",))
def table_filled_by_rows(x):
    c = np.outer(x, x[:4])
    for i in range(1, 6):
        for j in range(1, 4):
            c[i, j] = np.sin(c[i - 1, j]) * c[i, j - 1] + c[i - 1, j - 1] * x[i]
    return np.sum(c * c)


@program(vector, analytic=True, tags=("moves on",))
def table_filled_from_the_last_corner(x):
    c = np.outer(x, x[:4])
    for i in range(4, -1, -1):
        for j in range(2, -1, -1):
            c[i, j] = np.sin(c[i + 1, j]) * c[i, j + 1]
    return np.sum(c * c)


@program(vector, analytic=True, tags=("moves on",))
def table_whose_rows_are_read_when_full(x):
    c, s = np.outer(x, x[:4]), 0.0
    for i in range(6):
        for j in range(1, 4):
            if x[j] > 0.2:
                c[i, j] = c[i, j - 1] * x[j]
        s += np.sin(c[i, 2])
    return s + np.sum(c * c)


@program(vector, analytic=True)
def table_that_reads_on_in_its_row(x):
    c = np.outer(x, x[:4])
    for i in range(1, 6):
        for j in range(1, 3):
            c[i, j] = np.sin(c[i - 1, j]) * c[i, j + 1] * c[i, j - 1]
    return np.sum(c * c)


@program(vector, analytic=True)
def table_whose_rows_are_filled_twice(x):
    c = np.outer(x, x[:4])
    for i in range(6):
        for _ in range(2):
            for j in range(1, 4):
                c[i, j] = np.sin(c[i, j - 1]) * c[i, j]
    return np.sum(c * c)


@program(vector, analytic=True)
def table_whose_rows_are_read_before(x):
    c, s = np.outer(x, x[:4]), 0.0
    for i in range(6):
        s += np.sin(c[i, 2])
        for j in range(1, 4):
            c[i, j] = c[i, j - 1] * x[j]
    return s + np.sum(c * c)


@program(vector, analytic=True)
def table_whose_rows_are_read_in_another_loop(x):
    c, s = np.outer(x, x[:4]), 0.0
    for i in range(6):
        for j in range(4):
            s += np.sin(c[i, j])
        for j in range(1, 4):
            c[i, j] = c[i, j - 1] * x[j]
    return s + np.sum(c * c)


@program(vector, analytic=True)
def table_filled_in_the_other_order(x):
    c = np.outer(x, x[:4])
    for i in range(1, 6):
        for j in range(3, 0, -1):
            c[i, j] = np.sin(c[i, j - 1]) * x[i]
    return np.sum(c * c)


@program(vector, analytic=True)
def read_then_overwritten(x):
    y = x.copy()
    for i in range(1, 6):
        y[i] = y[i - 1] * x[i]
        y[i - 1] = 0.5
    return np.sum(np.sin(y))


@program(vector, analytic=True)
def recurrence_that_wraps(x):
    y = x.copy()
    for i in range(6):
        y[i] = y[i - 1] * y[i - 1]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_that_reads_ahead(x):
    y = x.copy()
    for i in range(5):
        y[i] = np.sin(y[i]) * y[i + 1]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_again_and_again(x):
    y = x.copy()
    for _ in range(2):
        for i in range(1, 6):
            y[i] = np.sin(y[i - 1]) * x[i]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_after_a_read(x):
    y = x.copy()
    s = np.sum(np.sin(y))
    for i in range(1, 6):
        y[i] = y[i - 1] * s
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_of_two_arrays_in_one(x):
    y = x.copy()
    z = y[::-1]
    for i in range(1, 6):
        y[i] = np.sin(z[i - 1]) * y[i - 1]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_through_the_last_row(x):
    y = np.outer(x, x[:3])
    last = y[5]
    for i in range(1, 6):
        y[i] = np.sin(last) * y[i - 1]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_at_another_index(x):
    y = x.copy()
    for i in range(1, 6):
        k = (i * 3) % 6
        y[i] = np.sin(y[k]) * y[i - 1]
    return np.sum(y * y)


@program(lambda rng: (rng.uniform(0.3, 0.9, 6), -2), analytic=True)
def recurrence_from_a_given_index(x, first):
    y = x.copy()
    for i in range(first, 4):
        y[i + 1] = np.sin(y[i]) * x[i]
    return np.sum(y * y)


@program(vector, analytic=True)
def recurrence_that_writes_before_it_reads(x):
    y = x.copy()
    for i in range(1, 6):
        y[i - 1] = y[i - 1] * y[i] * y[i]
        y[i] = np.sin(y[i - 1]) * x[i]
    return np.sum(y * y)
