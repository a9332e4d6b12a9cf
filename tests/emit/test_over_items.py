"""Loops over items, in the text of gradients."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from srcad import grad

MATRICES = [np.eye(2), 2.0 * np.eye(2)]


def loops_of(text: str) -> list[str]:
    return [
        f"{ast.unparse(n.target)} in {ast.unparse(n.iter)}"
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.For)
    ]


def chain(ws, x):
    for w in ws:
        x = np.tanh(w @ x)
    return np.sum(x)


def chain_by_index(ws, x):
    for i in range(len(ws)):
        x = np.tanh(ws[i] @ x)
    return np.sum(x)


def chain_counted(ws, x):
    for i, w in enumerate(ws):
        x = np.tanh(w @ x) * (i + 1)
    return np.sum(x)


def chain_of_pairs(ws, bs, x):
    for w, b in zip(ws, bs, strict=True):
        x = np.tanh(w @ x + b)
    return np.sum(x)


def test_items_come_back_in_both_directions():
    text = grad(chain).source_for(MATRICES, np.ones(2))
    assert loops_of(text) == ["w in ws", "w in reversed(ws)"]


def test_the_users_index_stays():
    text = grad(chain_by_index).source_for(MATRICES, np.ones(2))
    assert loops_of(text) == ["i in range(t)", "i in reversed(range(t))"]


def test_an_index_that_is_read_stays():
    text = grad(chain_counted).source_for(MATRICES, np.ones(2))
    assert loops_of(text) == ["i in range(n)", "i in reversed(range(n))"]


def test_lists_beside_each_other():
    gradient = grad(chain_of_pairs, argnums=(0, 1))
    text = gradient.source_for(MATRICES, [np.ones(2)] * 2, np.ones(2))
    assert loops_of(text)[0] == "(w, b) in zip(ws, bs)"


def test_rows_of_an_array_keep_their_index():
    text = grad(chain).source_for(np.stack(MATRICES), np.ones(2))
    assert loops_of(text) == ["i in range(n)", "i in reversed(range(n))"]


@pytest.mark.parametrize("length", [0, 1, 3])
def test_any_length(length):
    ws = [(k + 1.0) * np.eye(2) for k in range(length)]
    found = grad(chain)(ws, np.full(2, 0.3))
    x = np.full(2, 0.3)
    states = [x]
    for w in ws:
        states.append(np.tanh(w @ states[-1]))
    bar, expected = np.ones(2), []
    for w, before, after in zip(reversed(ws), states[-2::-1], states[:0:-1], strict=True):
        t_bar = bar * (1 - after * after)
        expected.append(np.outer(t_bar, before))
        bar = w.T @ t_bar
    assert len(found) == length
    for a, b in zip(found, reversed(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


def test_gradients_of_the_items_are_apart():
    def total(ws, bs):
        x = np.ones(2)
        for w, b in zip(ws, bs, strict=True):
            x = np.sin(w * x + b) + b
        return np.sum(x)

    both = grad(total, argnums=(0, 1))([np.ones(2)] * 3, [np.ones(2)] * 3)
    arrays = [a for part in both for a in part]
    for i, a in enumerate(arrays):
        assert a.flags.writeable
        assert not any(np.shares_memory(a, b) for b in arrays[:i])
