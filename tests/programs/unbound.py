"""Variables that have a value only where it is read, by one way through the function."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def _two(rng):
    return rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, 3)


def _matrix(rng):
    return rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, (2, 3))


@program(_two, argnums=(0, 1))
def bound_in_a_branch_not_taken(x, y):
    a = x.copy()
    if a[0] > 5:
        b = y.copy()
    if a[0] > 6:
        b -= np.cos(y)
        a[0] = b[1]
    return a @ a


@program(_two, argnums=(0, 1))
def bound_in_a_branch_taken(x, y):
    a = x.copy()
    if a[0] < 5:
        b = y.copy()
    if a[0] < 6:
        b -= np.cos(y)
        a[0] = b[1]
    return a @ a


@program(lambda rng: (*_matrix(rng), False), argnums=(0, 1), name="bias_that_is_not_used")
@program(lambda rng: (*_matrix(rng), True), argnums=(0, 1), name="bias_that_is_used")
def bias_by_flag(x, w, biased):
    if biased:
        b = w @ x
    total = x @ x
    for i in range(3):
        if biased:
            total += np.sum(b * x[i])
    return total


@program(lambda rng: (*_matrix(rng), 0), argnums=(0, 1), name="last_of_no_turns")
@program(lambda rng: (*_matrix(rng), 2), argnums=(0, 1), name="last_of_some_turns")
def last_of_turns(x, w, n):
    for i in range(n):
        last = w @ x * i
    if n > 0:
        return np.sum(last * last)
    return x @ x


@program(_matrix, argnums=(0, 1))
def read_in_all_turns_but_the_first(x, w):
    y = w @ x
    for i in range(3):
        if i > 0:
            y = y + before * x[i]  # noqa: F821
        before = w @ x * y[0]
    return np.sum(before * y)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def count_of_the_turn_before(x):
    y = x[0]
    for layer in ({"kind": "power", "scale": x, "n": 2}, {"kind": "tanh", "scale": x[1]}):
        match layer:
            case {"kind": "power", "scale": s, "n": n}:
                y = (y * s[1]) ** n
            case {"kind": "tanh"}:
                y = np.tanh(y) * n
    return y


@program(lambda rng: (rng.standard_normal(2), rng.standard_normal(2), 0), argnums=(0, 1))
def array_that_no_turn_makes(x, w, n):
    for i in range(n):
        made = np.zeros(2)
        made[...] = w * i
        last = made
    if n > 0:
        other = last
        other += w
        return np.sum(last * last)
    return x @ x * np.sum(w)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def tuple_of_any_length_first_bound_in_a_loop(x):
    for i in range(len(x)):
        items = (*x, x[i])
        if i > 1:
            more = (x[0], *items)
    return items[1] * items[3] * items[-1] + more[0] * more[2]
