"""Functions of NumPy's with the names and arguments of the array API standard, and norms."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import polynomial

from tests.programs.registry import program


def normal(*shapes):
    return lambda rng: tuple(rng.normal(size=shape) for shape in shapes)


@program(normal((2, 3, 4)))
def stacks_of_transposed_matrices(t):
    products = t.mT @ t + np.matrix_transpose(t) @ np.linalg.matrix_transpose(t.mT)
    return np.sum(products**2) + np.sum(t[0].mT[1] ** 3)


@program(normal((3, 4)))
def sums_that_start_with_nothing(a):
    rows = np.cumulative_sum(a, axis=1, include_initial=True)
    columns = np.cumulative_prod(a, axis=0, include_initial=True)
    return (
        np.sum(rows**2) + np.sum(columns**2) + np.cumulative_sum(a[0, :], include_initial=True)[2]
    )


@program(
    lambda rng: (np.array([[0.7, -1.2, 0.4, 1.9], [-0.5, 2.1, 0.8, 0.3], [1.5, -0.6, -1.1, 0.9]]),),
    reference="double",
    rtol=1e-6,
)
def norms_of_matrices(x):
    a = np.zeros((3, 4))
    a[...] = x
    singular = np.linalg.norm(a, "nuc") * np.linalg.norm(a, 2) + np.linalg.norm(a, ord=-2)
    sums = np.linalg.norm(a, 1) * np.linalg.norm(a, np.inf, axis=(1, 0)) + np.linalg.norm(a, -1)
    return singular + sums + np.linalg.norm(a, -np.inf) * np.linalg.matrix_norm(a, ord="nuc")


@program(normal((2, 3, 4)), reference="double", rtol=1e-6)
def norms_of_stacks(t):
    ratios = t / np.linalg.norm(t, 1, axis=(-2, -1), keepdims=True)
    lengths = np.linalg.vector_norm(t, axis=(0, 2), keepdims=True) * ratios
    lengths += t / np.linalg.vector_norm(t, keepdims=True, ord=3)
    return np.sum(lengths**2 * t) + np.sum(np.linalg.vector_norm(t, axis=1, ord=1) ** 2)


@program(normal((3, 3)), reference="double", rtol=1e-6)
def condition_numbers(a):
    total = np.linalg.cond(a, 1) + np.linalg.cond(a, "fro") ** 2 + np.linalg.cond(a, p=np.inf)
    return total + np.linalg.cond(a, -2) * np.linalg.cond(a) + np.linalg.cond(a, 2)


@program(normal((2, 3, 6), (2, 3)), argnums=(0, 1), reference="double", rtol=1e-6)
def tensors_as_matrices(a, b):
    x = np.linalg.tensorsolve(a, b)
    inverse = np.linalg.tensorinv(a.reshape(6, 2, 3), ind=1)
    return np.sum(x**2) + np.sum(inverse**2)


@program(normal((3, 3)), reference="double", rtol=1e-6)
def upper_factor(a):
    u = np.linalg.cholesky(a @ a.T + np.eye(3), upper=True)
    return np.sum(u**3) + u[0, 2]


@program(normal((2, 3, 3)))
def diagonals_of_chosen_axes(t):
    total = np.sum(np.trace(t, axis1=1, axis2=2) ** 2) + np.sum(np.linalg.trace(t, offset=1) ** 3)
    total += np.sum(t.diagonal(1, 0, 2) ** 2) + np.sum(np.linalg.diagonal(t) ** 2)
    return total + np.sum(np.cross(t, t[::-1] ** 2, axis=1) ** 2)


@program(normal(7, (5, 3)))
def quantiles_by_other_methods(x, a):
    total = np.quantile(x, 0.4, method="hazen") * np.percentile(x, 30, method="lower")
    total += np.percentile(x, 61, method="midpoint") ** 2 * np.quantile(x, 0.2, method="weibull")
    rows = np.quantile(a, [0.3, 0.8], axis=0, method="median_unbiased")
    return total * np.sum(rows**2) + np.quantile(x, 0.4, method="averaged_inverted_cdf") ** 2


@program(
    lambda rng: (rng.normal(size=(3, 4)), np.array([0.3, np.nan, np.inf])),
    reference="double",
    rtol=1e-6,
)
def spread_about_a_given_mean(a, holes):
    mean = np.mean(a, axis=0, keepdims=True)
    total = np.sum(np.std(a, axis=0, mean=mean) ** 3) + np.var(a, mean=np.mean(a), ddof=1)
    filled = np.nan_to_num(np.where([True, False, False], a[0, :3], holes), nan=2.0, posinf=1.0)
    return total + np.sum(a.std(axis=1, ddof=1) ** 3) + np.sum(filled**2)


@program(normal(4, 3), argnums=(0, 1))
def sums_and_products_of_polynomials(p, q):
    total = np.polyadd(p, q) @ np.polysub(p, q) + np.sum(np.polymul(p, q) ** 2)
    return total + polynomial.polyval(0.3, p) ** 2 + np.sum(polynomial.polyval(q, p) ** 2)
