"""The reference derivatives, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.differences import (
    directional,
    inner,
    random_like,
    second_directional,
    third_directional,
)
from tests.widened import arithmetic


def product(x, y):
    return np.sum(np.sin(x) * y) + np.exp(x[0])


X = np.array([0.3, -0.8, 1.1])
DX = np.array([0.2, 0.5, -0.4])


@pytest.mark.parametrize(
    ("method", "rtol"), [("complex", 1e-14), ("wide", 1e-14), ("double", 1e-10)]
)
def test_first(method: str, rtol: float) -> None:
    exact = 1.7 * np.dot(np.cos(X), DX) + math.exp(X[0]) * DX[0] + 0.3 * np.sum(np.sin(X))
    found = directional(product, (X, 1.7), (DX, 0.3), method)
    assert abs(found.value - exact) <= rtol * abs(exact)
    assert found.error <= 1e-10


def test_second() -> None:
    u = np.array([0.1, -0.3, 0.7])
    exact = -1.7 * np.sum(np.sin(X) * u * DX) + math.exp(X[0]) * u[0] * DX[0]
    exact += 0.3 * np.dot(np.cos(X), u)
    found = second_directional(product, (X, 1.7), (u, 0.0), (DX, 0.3))
    assert abs(found.value - exact) <= 1e-12 * abs(exact)


def test_third() -> None:
    found = third_directional(lambda x: np.exp(2 * x), (0.4,), (0.5,))
    assert abs(found.value - math.exp(0.8)) <= 1e-11


def test_a_kink_shows_in_the_error() -> None:
    assert second_directional(lambda x: np.abs(x) * x, (3e-4,), (1.0,), (1.0,)).error > 1e-3


def test_arguments_stay_as_they_are() -> None:
    def writes(x):
        x[0] *= x[1]
        return x[0]

    x = X.copy()
    found = directional(writes, (x,), (DX,))
    assert np.array_equal(x, X)
    assert abs(found.value - (DX[0] * X[1] + X[0] * DX[1])) < 1e-14


def test_buffers_and_linear_algebra_are_wide() -> None:
    a = np.random.default_rng(3).standard_normal((4, 4)).astype(np.longdouble)
    a += 3 * np.eye(4, dtype=np.longdouble)
    with arithmetic(np.longdouble):
        assert np.zeros(3).dtype == np.longdouble
        assert np.array([1.0]).dtype == np.longdouble
        x = np.linalg.solve(a, np.ones(4))
        assert float(np.max(np.abs(a @ x - 1))) < 1e-17
        assert float(np.max(np.abs(np.linalg.inv(a) @ a - np.eye(4)))) < 1e-17
        s = a @ a.T
        lower = np.linalg.cholesky(s)
        assert float(np.max(np.abs(lower @ lower.T - s))) < 1e-16
        sign, logdet = np.linalg.slogdet(a)
        det = np.linalg.det(a)
        half = math.erf(np.longdouble(0.5))
    assert abs(float(det) - np.linalg.det(a.astype(float))) < 1e-10
    assert abs(float(sign * np.exp(logdet) - det)) < 1e-14
    assert abs(float(half) - math.erf(0.5)) < 1e-15
    assert np.zeros(3).dtype == np.float64


def test_inner_and_random_like() -> None:
    tree = {"a": (1.0, np.ones(2)), "n": 3}
    direction = random_like(tree, np.random.default_rng(0))
    assert direction["n"] is None
    assert isinstance(direction["a"][0], float)
    assert inner(tree, tree) == 3.0
