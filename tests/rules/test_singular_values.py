"""Singular values that are equal, signs that NumPy chooses, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad, jacfwd

ROTATION = np.array([[0.6, -0.8], [0.8, 0.6]])
TALL = np.array([[0.3, 1.2], [-0.7, 0.5], [1.1, 0.4]])


def total(a: Any) -> Any:
    return np.sum(np.linalg.svdvals(a))


def first_vector(a: Any) -> Any:
    return np.linalg.svd(a, full_matrices=False)[0][0, 1]


def projection(a: Any) -> Any:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return u[:, :1] * u[:, 0] + vh[0, 0] ** 2


def test_the_sum_of_equal_singular_values_has_a_derivative() -> None:
    np.testing.assert_allclose(grad(total)(2 * ROTATION), ROTATION, rtol=1e-14)


def test_the_vectors_of_equal_singular_values_have_none() -> None:
    with np.errstate(all="ignore"):
        assert not np.all(np.abs(grad(first_vector)(np.eye(2))) < 1e12)


def test_what_does_not_depend_on_the_signs_agrees_with_differences() -> None:
    found = jacfwd(projection)(TALL)
    for place in np.ndindex(TALL.shape):
        step = np.zeros_like(TALL)
        step[place] = 1e-6
        slope = (projection(TALL + step) - projection(TALL - step)) / 2e-6
        np.testing.assert_allclose(found[(..., *place)], slope, atol=1e-8)


def test_rank_one_has_a_pseudoinverse_along_its_like() -> None:
    """Scaled, the matrix keeps its rank: the derivative is that of ``pinv(a) / t``."""

    def scaled(t: Any) -> Any:
        return np.sum(np.linalg.pinv(t * np.outer([1.0, 2.0, 3.0], [1.0, -2.0])) ** 2)

    of_one = 1 / (14 * 5)
    np.testing.assert_allclose(grad(scaled)(2.0), -2 * of_one / 8, rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "says"),
    [
        (
            lambda a: np.linalg.svd(a)[0][0, 0],
            "all singular vectors of a matrix that is not square",
        ),
        (lambda a: np.linalg.svdvals(a * 1j)[0], "of a complex matrix"),
        (lambda a: np.abs(np.linalg.pinv(a * 1j))[0, 0], "of a complex matrix"),
        (lambda a: np.linalg.svd(a @ a.T, hermitian=True)[1][0], "srcad knows"),
    ],
)
def test_refused(f: Any, says: str) -> None:
    with pytest.raises(SrcadError, match=says):
        grad(f)(TALL)
