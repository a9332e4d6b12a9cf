"""Exponentials shifted by a maximum in each turn of a loop, with what their sums are of."""

import numpy as np

from tests.programs.registry import program

STEPS = np.random.default_rng(5).standard_normal((5, 3))
WORDS = np.array([1, 0, 3, 2, 1])


def recurrent(rng):
    return tuple(0.5 * rng.standard_normal(shape) for shape in ((3, 3), (3, 4)))


def table(rng):
    return (rng.standard_normal((4, 3)),)


@program(recurrent)
def likelihood_of_every_word(W, V):
    h = np.zeros(3)
    loss = 0.0
    for x, word in zip(STEPS, WORDS, strict=True):
        h = np.tanh(h @ W + x)
        logits = h @ V
        logits = logits - np.max(logits)
        loss -= logits[word] - np.log(np.sum(np.exp(logits)))
    return loss


@program(recurrent)
def attention_fed_back(W, V):
    h = np.ones(3)
    total = 0.0
    for t in range(5):
        scores = np.tanh(STEPS + h) @ W
        e = np.exp(scores - scores.max(axis=0))
        weights = e / e.sum(axis=0)
        h = np.sum(weights * STEPS, axis=0)
        total += np.sum(np.sin(h @ V)) * (t + 1)
    return total


@program(table)
def divided_by_the_sum_of_the_turn_before(x):
    s = 2.0
    total = 0.0
    for row in x:
        m = np.max(row)
        e = np.exp(row - m)
        total += np.sum(e * e) / s
        s = np.sum(e)
        total += np.sum(e[:2]) / s
    return total


@program(table)
def sum_made_before_the_exponentials_change(x):
    total = 0.0
    for row in x:
        m = np.max(row)
        e = np.exp(row - m)
        s = np.sum(e)
        e[1] = e[1] * 3.0
        total += np.sum(np.sin(e / s))
    return total


@program(table)
def sum_kept_for_every_other_turn(x):
    total = 0.0
    s = 1.0
    for i in range(4):
        m = np.max(x[i])
        e = np.exp(x[i] - m)
        if i % 2 == 0:
            s = np.sum(e)
        total += np.sum(np.cos(e / s))
    return total


@program(table)
def one_maximum_for_an_inner_loop(x):
    total = 0.0
    for row in x:
        m = np.max(row)
        s = 0.0
        for item in row:
            s += np.exp(item - m)
        e = np.exp(row - m)
        p = e / np.sum(e)
        for k in range(2):
            total += np.sum(np.sin(p + k)) * s
        total += np.log(s) + m
    return total


@program(table)
def shifted_while_it_is_far(x):
    y = x[0] * 1.0
    total = 0.0
    turns = 0
    while turns < 3:
        e = np.exp(y - np.max(y))
        p = e / np.sum(e)
        if turns == 1:
            total += np.sum(p * p * x[turns])
        else:
            total -= np.sum(p * x[turns])
        y = y + np.sin(p) * x[3]
        turns += 1
    return total


@program(table)
def maximum_of_the_turn_before(x):
    m = 0.3
    total = 0.0
    for row in x:
        e = np.exp(row - m)
        m = np.max(row)
        s = np.sum(np.exp(row - m))
        total += np.sum(e * e) / s
    return total


def _weights(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _by_rows(scores):
    rows = []
    for row in scores:
        e = np.exp(row - row.max())
        rows.append(e / e.sum())
    return np.stack(rows)


@program(table)
def weights_made_by_a_helper(x):
    return np.sum(np.sin(_weights(x * x)) * x)


@program(table)
def weights_made_row_by_row_by_a_helper(x):
    return np.sum(np.sin(_by_rows(x * x)) * x)


def _shifted_only(scores):
    return np.exp(scores - scores.max(axis=1, keepdims=True))


@program(table)
def shifted_only_by_a_helper(x):
    e = _shifted_only(x)
    return np.sum(np.sin(e / e.sum(axis=1, keepdims=True)) + 0.1 * e)
