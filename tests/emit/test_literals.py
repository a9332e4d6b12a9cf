"""Literal factors stand in front where adjoints are made, and nowhere else."""

from __future__ import annotations

import numpy as np

from srcad import grad


def scaled_twice(x: np.ndarray, n: int) -> float:
    total = 0.0
    for i in range(n):
        y = x * x
        if 3 * (y[0] * y[1]) > total:
            total += np.sum(np.exp(3 * (y * y)) * i)
    return total


def test_the_users_own_products_stay() -> None:
    text = grad(scaled_twice).source_for(np.ones(3), 4)
    forward, backward = text.split("# backward")
    assert "3 * (y * y)" in forward
    assert "3 * (y[0] * y[1]) > total" in forward
    assert "3 * (" not in backward


def cubes(x: np.ndarray, n: int) -> float:
    return np.sum(n * x**3) + np.sum(x**2 / n)


def test_an_adjoint_is_scaled_from_the_left() -> None:
    text = grad(cubes).source_for(np.ones(3), 4)
    assert "2 * (" not in text
    assert "3 * (" not in text


def test_an_int_is_not_made_larger() -> None:
    x, n = np.array([1.0, 2.0]), np.array([100, 100], dtype=np.int8)

    def f(x: np.ndarray, n: np.ndarray) -> float:
        return np.sum((n * x) ** 2)

    assert np.allclose(grad(f)(x, n), 2 * np.array([1e4, 2e4]))
