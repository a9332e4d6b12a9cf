"""Rows of arrays that are changed, in loops over several at once; lists as rows of a table."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def _matrix(rng):
    return (rng.uniform(0.5, 1.5, (3, 3)),)


def _vector(rng):
    return (rng.uniform(0.3, 0.9, 6),)


@program(_matrix, analytic=True)
def numbered_rows_changed(a):
    b = a.copy()
    for i, row in enumerate(b):
        row *= row * (i + 1)
        row += a[i - 1]
    return np.sum(b**2)


@program(_matrix, analytic=True)
def rows_of_two_arrays_changed(a):
    b, c = a.copy(), 2 * a
    for r, s, t in zip(b, c[::-1], a[0], strict=False):
        r *= s
        s += r * t
    return np.sum(b**2) + np.sum(c**3)


@program(_matrix, analytic=True)
def rows_beside_those_below(a):
    b = a.copy()
    for r, s in zip(b, b[1:], strict=False):  # noqa: RUF007
        r *= s
        s += r
    return np.sum(b**2)


@program(_matrix, analytic=True)
def rows_backwards_and_numbered(a):
    b = a.copy()
    for k, row in enumerate(reversed(b), 2):
        row[0] *= row[1] * k
        b[0] += row
    return np.sum(b**2) + np.sum(row) * k


@program(_matrix)
def rows_until_one_is_large(a):
    b = a.copy()
    for (i, r), s in zip(enumerate(b), b.T, strict=True):
        r *= s
        if r[0] > 5.0:
            continue
        b[i] += 1
        if i == 1:
            break
    return np.sum(b**2)


@program(_matrix, analytic=True)
def rows_with_weights_of_a_list(a):
    b = a.copy()
    for r, w, k in zip(b[1:], [1.0, 2.0, 3.0], range(2), strict=False):
        r *= w + k
        r += b[0]
    return np.sum(b**2)


@program(_matrix, analytic=True)
def columns_inside_rows(a):
    for r in a:
        for i, q in enumerate(a.T):
            q *= r[i]
    return np.sum(a**2)


@program(_matrix, analytic=True)
def rows_unpacked_and_changed(a):
    u, v, w = a
    u *= v
    w -= u * v
    return np.sum(a**2) * v[0]


@program(lambda rng: (rng.standard_normal(4), np.eye(4) + 0.1 * rng.standard_normal((4, 4))))
def sums_of_the_rows_of_what_is_made_in_turns(x, a):
    """What a sum of items makes of an array of unknown type is of unknown type again."""
    r = x
    for _ in range(2):
        rows = np.outer(a @ r, r)
        r = r - 0.1 * np.concatenate(rows)[:4] - np.vstack(rows)[1] * 0.1
        r = (r - sum(rows) * 0.1) * sum(r)
    return r @ r


@program(_vector, analytic=True)
def rows_of_a_distance(x):
    row = []
    for j in range(4):
        row.append(j * x[j])
    for i in range(3):
        below = [i * x[0]]
        for j in range(1, 4):
            below.append(np.sin(row[j]) * x[i] + below[j - 1] * row[j - 1])
        row = below
    return row[-1]


@program(_vector, analytic=True)
def row_whose_first_has_a_second_name(x):
    row = [x[0], x[1]]
    for v in x:
        row.append(row[-1] * row[-2] + v)
    first = row
    for i in range(3):
        below = [x[i] * row[0]]
        while len(below) < len(row):
            below.append(below[-1] * row[len(below)] + x[-1])
        if i == 1:
            continue
        row = below
    return row[-1] * first[2] + first[-1]


@program(_vector, analytic=True)
def rows_filled_anew_in_each_turn(x):
    total = 1.0
    for v in x:
        row = [v]
        row.append(row[0] * total)
        row.append(row[1] * v)
        row.pop()
        below = [row[0] * row[1] + total]
        below.append(v * below[0] + row[-1])
        row = below
        total = row[-1] * np.cos(row[0])
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, (4, 3)), rng.uniform(0.5, 1.5, 4)), argnums=(0, 1))
def rows_changed_beside_a_list_and_counts(u, y):
    u = u.copy()
    gains = [v * v for v in y]
    for row, gain, k in zip(u, gains, range(1, 4)):
        row *= gain
        row[0] += y[k] * k
    for row, k in zip(reversed(u), range(3, -1, -1)):
        row *= y[k]
        if k > 1:
            continue
        row[1] = row[2] * k
    gains.append(u[0, 0])
    return np.sum(u * u) * gains[-1] + gains[0]
