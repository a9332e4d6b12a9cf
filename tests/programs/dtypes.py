"""Programs on number types other than float64 arrays and floats."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program

SINGLE = {"rtol": 2e-5, "amplify": 10.0}


def single(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


@program(lambda rng: (single(rng, 5),), **SINGLE)
def float32_array(x):
    return np.sum(np.sin(x) * x)


@program(lambda rng: (single(rng, 3, 4), single(rng, 4)), argnums=(0, 1), **SINGLE)
def float32_layer(W, x):
    return np.mean(np.tanh(W @ x) ** 2)


@program(lambda rng: (single(rng, 5), rng.standard_normal(5)), argnums=(0, 1), **SINGLE)
def mixed_precision(x, y):
    return np.sum(x * y) + np.sum(x * 2.5) * np.sum(y)


@program(lambda rng: (np.float32(0.7),), **SINGLE)
def float32_scalar(x):
    return x * x + np.sin(x)


@program(lambda rng: (single(rng, 4), 3), **SINGLE)
def float32_loop(x, n):
    y = np.zeros_like(x)
    for i in range(n):
        y = np.tanh(y * x + 0.5)
        y[i] = x[i + 1]
    return np.sum(y)


@program(lambda rng: (single(rng, 2), rng.standard_normal(2)), argnums=(0, 1), **SINGLE)
def largest_of_numbers_of_two_precisions(x, y):
    of_three = max(x[0] * 2, y[0], 0.25)
    of_a_list = min([x[1], y[1] * 3, 0])
    return of_three * of_three + max(of_a_list, x[0], y[0], -1) * y[1]


@program(lambda rng: (np.float64(0.7),), analytic=True)
def numpy_scalar(x):
    return x * x * np.sin(x)


@program(lambda rng: (np.array(0.7),), analytic=True)
def zero_dimensional(x):
    return np.sin(x) * x


@program(lambda rng: (np.array(0.7), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def zero_dimensional_and_array(x, y):
    return np.sum(x * y) + x * x * y[0]


@program(lambda rng: (0.7, rng.standard_normal(3), np.arange(3)), argnums=(0, 1), analytic=True)
def mixed_with_integers(s, x, k):
    return np.sum(s * x * k) + 3 * s + np.sum(x**k) + k[1] * s * s


@program(lambda rng: (rng.standard_normal(4), np.array([True, False, True, True])))
def mixed_with_booleans(x, mask):
    return np.sum(x * mask) + np.sum(np.where(mask, x * x, 0.0)) + np.sum(x[mask])


@program(lambda rng: (0.7, 2), analytic=True)
def integer_arithmetic_beside(x, n):
    k = n * 3 // 2
    m = -k % 4 + (n << 1)
    return x**k * m + x / n + x * (k == 3)


@program(lambda rng: (rng.standard_normal(4),), reference="double", rtol=1e-8)
def cast_to_float64(x):
    y = x.astype(np.float64) * float(3)
    return np.sum(np.sin(y))


@program(lambda rng: (np.asfortranarray(rng.standard_normal((3, 4))),), analytic=True)
def fortran_order(a):
    b = a.copy()
    b[1] *= a[0]
    return np.sum(b @ a.T)


@program(lambda rng: (rng.standard_normal((6, 8))[::2, ::-2],), analytic=True)
def strided_argument(a):
    b = a * 2
    b[0] += np.sin(a[1])
    return np.sum(b * a)


@program(lambda rng: (rng.standard_normal(3),))
def complex_inside(x):
    z = x + 1j * np.sin(x)
    return np.sum(np.real(z * z) + np.imag(z) * 2)


@program(lambda rng: (single(rng, 3), rng.standard_normal((3, 2))), argnums=(0, 1), **SINGLE)
def axis_added_to_single_precision(x, a):
    s = x[:, None]
    return np.sum(s * a) + np.sum(a * a) * np.sum(s)


HALVES = np.array([0.5, -1.5, 2.25], dtype=np.float32) / 3


@program(lambda rng: (0.7,), analytic=True)
def number_spread_beside_single_precision(a):
    return np.sum(np.broadcast_to(a, (3,)) * HALVES) ** 2


@program(lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(2, 3))), argnums=(0, 1))
def real_parts_beside_imaginary_ones(x, y):
    """What comes back from a real part is real, and what is added to it complex."""
    z = x + 1j * y
    total = np.sum(z.real**2) + np.imag(z[0, 1] ** 2 * 1j)
    return total + np.sum(np.imag(z) ** 2 * np.real(z) ** 2)
