"""Exponentials shifted by a maximum: its adjoint is nothing where all is divided by their sum."""

import numpy as np

from tests.programs.registry import program

WEIGHTS = np.arange(1.0, 13.0).reshape(3, 4)


def logits(rng):
    return (rng.standard_normal((3, 4)),)


@program(logits)
def weighted_by_a_global_array(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    return np.sum(WEIGHTS * p * p)


@program(logits)
def changed_between_exponential_and_sum(z):
    m = z.max(axis=1, keepdims=True)
    e = np.exp(z - m)
    s = np.sum(e, axis=1, keepdims=True)
    e *= 2.0
    e[:, 1] += 1.0
    first = np.sum(WEIGHTS * e / s)
    e[0] = 0.5
    return first + np.sum(WEIGHTS * e / np.sum(e, axis=1, keepdims=True))


@program(logits)
def shifted_by_half_or_along_the_other_axis(z):
    m = z.max(axis=1, keepdims=True)
    e = np.exp(z - m / 2)
    half = np.sum(WEIGHTS * e / np.sum(e, axis=1, keepdims=True))
    half += np.sum(np.log(np.sum(e, axis=1)) + m[:, 0])
    d = np.exp(z - z.max(axis=0, keepdims=True))
    return half + np.sum(WEIGHTS * d / np.sum(d, axis=1, keepdims=True))


@program(logits)
def masked_or_summed_in_part(z):
    m = z[:, :3].max(axis=1, keepdims=True)
    e = np.where(WEIGHTS > 5, np.exp(z - m), 0.1)
    part = e[:, :2] / np.sum(e[:, :2], axis=1, keepdims=True)
    whole = np.sum(WEIGHTS * e / np.sum(e, axis=1, keepdims=True))
    return whole + np.sum(part * WEIGHTS[:, :2])


@program(logits)
def logarithms_changed_after_the_shift(z):
    m = z.max(axis=1, keepdims=True)
    logs = z - m
    logs -= np.log(np.exp(logs).sum(1, keepdims=True))
    k = np.exp(logs)
    logs[:, 0] = logs[:, 1] * 2
    return np.sum(WEIGHTS * k * logs) + np.sum(m * logs)


@program(logits)
def shifted_row_by_row(z):
    total = 0.0
    for row in z:
        m = row.max()
        e = np.exp(row - m)
        total = total + m + np.log(np.sum(e)) * row[0]
        total = total + np.sum(e / np.sum(e) * np.arange(4.0))
    return total
