"""Functions of `scipy.linalg` and `scipy.stats` are called or refused, and not looked into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from scipy.stats import norm

from srcad import grad
from srcad.errors import UnknownFunctionError

X = np.array([0.3, 0.7])


def by_factor(x):
    a = np.outer(x, x) + np.eye(2)
    return np.sum(scipy.linalg.cho_solve(scipy.linalg.cho_factor(a), x))


def by_solve(x):
    return np.sum(scipy.linalg.solve(np.outer(x, x) + np.eye(2), x))


def triangular(x):
    return np.sum(scipy.linalg.solve_triangular(np.eye(2) + x, x))


def exponential(x):
    return np.sum(scipy.linalg.expm(np.outer(x, x)))


def density(x):
    return np.sum(norm.logpdf(x, loc=x[0], scale=2.0))


def distribution(x):
    return scipy.stats.norm.cdf(x[0])


def counts(x):
    return scipy.stats.poisson.logpmf(3, x[0])


@pytest.mark.parametrize(
    ("f", "way_out"),
    [
        (by_factor, "use `np.linalg.solve(a, b)` with the matrix itself"),
        (by_solve, "use `np.linalg.solve(a, b)`"),
        (triangular, "with `np.tril(a)` or `np.triu(a)`"),
        (exponential, "`v * np.exp(w) @ v.T`"),
        (density, "`-0.5 * z * z - np.log(np.sqrt(2 * np.pi) * scale)`"),
        (distribution, "use `scipy.special.ndtr(z)`"),
        (counts, "write its formula"),
    ],
)
def test_the_refusal_says_what_to_write(f: Any, way_out: str) -> None:
    with pytest.raises(UnknownFunctionError) as caught:
        grad(f)(X)
    assert way_out in str(caught.value)


def whitened(x):
    factor = scipy.linalg.cholesky(4.0 * np.eye(2) + 1.0, lower=True)
    return np.sum((factor.T @ x) ** 2) * norm.pdf(0.5)


def test_they_are_called_where_nothing_is_differentiated() -> None:
    a = 4.0 * np.eye(2) + 1.0
    np.testing.assert_allclose(grad(whitened)(X), 2 * a @ X * norm.pdf(0.5), rtol=1e-12)
