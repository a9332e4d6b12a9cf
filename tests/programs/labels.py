"""Cross-entropies of labels, and other sums into items of what is added to as a whole as well."""

import numpy as np

from tests.programs.registry import program

LABELS = np.array([2, 0, 1, 2])
PAIRS = np.array([0, 0, 2, 3])


def logits(rng):
    return (rng.standard_normal((4, 3)),)


def row(rng):
    return (rng.standard_normal(5),)


@program(logits)
def cross_entropy_of_shifted_labels(z):
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(LABELS)), LABELS])


@program(logits)
def cross_entropy_of_one_label_for_all(z):
    m = z.max(axis=1)
    return np.sum(m + np.log(np.sum(np.exp(z - m[:, None]), axis=1)) - z[:, 1])


@program(logits)
def cross_entropy_of_labels_from_the_end(z):
    z = z - z.max(axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(4), -LABELS])


@program(logits)
def labels_of_rows_picked_twice(z):
    z = z - z.max(axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(z), axis=1)) - z[PAIRS, LABELS])


@program(logits)
def labels_of_three_rows_only(z):
    z = z - z.max(axis=1, keepdims=True)
    return np.sum(np.log(np.sum(np.exp(z), axis=1))) - np.sum(z[np.arange(3), LABELS[:3]])


@program(logits)
def two_labels_in_each_row(z):
    z = z - z.max(axis=1, keepdims=True)
    of = np.arange(4)
    picked = z[of, LABELS] + 2.0 * z[of, LABELS[::-1]]
    return np.sum(3.0 * np.log(np.sum(np.exp(z), axis=1)) - picked)


@program(logits)
def label_weighed_by_what_it_is(z):
    z = z - z.max(axis=1, keepdims=True)
    picked = z[np.arange(4), LABELS]
    return np.sum(np.log(np.sum(np.exp(z), axis=1)) - picked * picked)


@program(logits)
def labels_down_the_columns(z):
    z = z - z.max(axis=0)
    picked = z[LABELS, np.arange(3).repeat(2)[:4]]
    return (
        np.sum(np.log(np.sum(np.exp(z), axis=0)))
        - np.sum(picked)
        + np.sum(z[LABELS[:3], np.arange(3)])
    )


@program(row)
def label_that_changes_with_the_turn(x):
    total = 0.0
    for k in range(3):
        z = x * (k + 1.0)
        z = z - np.max(z)
        total += np.log(np.sum(np.exp(z))) - z[k] + 0.5 * z[k] * z[k + 1]
    return total


@program(row)
def item_and_whole_under_one_index(x):
    i = 1
    first = 2.0 * x[i]
    i = i + 2
    second = x[i] * first
    return second + np.sum(np.sin(x) * first)


@program(row)
def whole_that_is_read_afterwards(x):
    y = np.sin(x)
    return y[0] * 3.0 + np.sum(y * x) + np.sum(y[1:3])


@program(row)
def item_scaled_by_what_changes(x):
    w = x * 1.0
    s = x[0] * w[1]
    w[1] = x[2] * 2.0
    return s * w[1] + np.sum(x * w)


@program(lambda rng: (rng.standard_normal((3, 4)),))
def parts_and_wholes_that_overlap(x):
    t = x[1:] * 2.0
    u = x[:, ::2] * x[:, 1::2]
    v = x.T @ x
    return np.sum(t * t) + np.sum(np.sin(u)) + np.sum(v * v) + x[0, 0]


@program(lambda rng: (rng.standard_normal((3, 4)),))
def whole_broadcast_along_the_rows(x):
    return x[2, 1] * np.sum(x.sum(axis=0) ** 2) + np.sum(x[1] * x[0])
