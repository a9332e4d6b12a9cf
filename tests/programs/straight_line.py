"""Programs without control flow."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (1.3,), order=3, analytic=True, expect=lambda x: (3 * x * x,))
def cube(x):
    return x**3


@program(lambda rng: (0.7, -1.2), argnums=(0, 1), order=3, analytic=True)
def product_of_sums(x, y):
    return (x + y) * (x - 2 * y) / (1 + x * x)


@program(lambda rng: (0.7, 2.1), argnums=(0, 1), order=3, analytic=True)
def math_functions(x, y):
    return math.sin(x) * math.exp(-y) + math.log(y) * math.cos(x) + math.sqrt(y) * math.tanh(x)


@program(lambda rng: (0.4, 1.7), argnums=(0, 1))
def more_math(x, y):
    return math.atan2(x, y) + math.hypot(x, y) + math.log1p(x) * math.expm1(y) + math.pow(y, x)


@program(
    lambda rng: (rng.standard_normal(7),),
    order=3,
    analytic=True,
    expect=lambda x: (np.cos(x) * np.exp(x) + np.sin(x) * np.exp(x),),
)
def elementwise_sum(x):
    return np.sum(np.sin(x) * np.exp(x))


@program(lambda rng: (rng.uniform(0.2, 0.9, 6),), order=3, analytic=True)
def elementwise_zoo(x):
    a = np.tanh(x) + np.arctan(x) * np.sqrt(x)
    b = np.log(x) - np.log1p(x) + np.expm1(x)
    c = np.sinh(x) / np.cosh(x) + np.tan(x)
    d = np.arcsin(x) - np.arccos(x) * np.square(x)
    return np.sum(a * b + c * d)


@program(lambda rng: (rng.standard_normal(5), 1.5), argnums=(0, 1), analytic=True)
def variable_used_many_times(x, y):
    z = x * y
    z = z + x
    z = z * z
    x = z - y
    return np.sum(x * z)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def unused_argument(x, y):
    return np.sum(x * x)


@program(lambda rng: (rng.standard_normal(4),), expect=lambda x: (np.zeros(4),), analytic=True)
def independent_of_argument(x):
    y = np.ones(4)
    return np.sum(y * 3.0)


@program(lambda rng: (rng.standard_normal(4),), expect=lambda x: (np.zeros(4),))
def only_the_shape_matters(x):
    return 2.0 * x.shape[0] + np.sum(np.zeros_like(x)) + np.sum(np.ones_like(x))


@program(lambda rng: (2.5,), analytic=True, expect=lambda x: (1.0,))
def returns_its_argument(x):
    return x


@program(lambda rng: (2.5,), analytic=True, expect=lambda x: (0.0,))
def returns_a_constant(x):
    return 4.0


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True)
def returns_its_array(x):
    return x


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def returns_a_triple(x):
    y = np.sin(x)
    return y, x * y, np.sum(x)


@program(lambda rng: (rng.standard_normal(3), 0.3), argnums=(0, 1), analytic=True)
def returns_a_dict(x, y):
    return {"scaled": x * y, "sum": np.sum(x) + y}


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def same_value_twice(x):
    return np.dot(x, x) + np.sum(x * x) + np.sum(np.multiply(x, x))


@program(lambda rng: (rng.standard_normal(4),) * 2, argnums=(0, 1), analytic=True)
def same_array_as_two_arguments(x, y):
    return np.sum(np.sin(x) * y)


@program(lambda rng: (0.8, 1.1), argnums=(0, 1), analytic=True)
def tuple_assignment(x, y):
    a, b = x * y, x + y
    a, b = b, a
    (c, d), e = (a * a, b), a - b
    return c * d + e


@program(lambda rng: (0.8,), analytic=True)
def chained_assignment(x):
    a = b = x * x
    a = a * b
    return a + b * x


@program(lambda rng: (0.9,), analytic=True)
def augmented_scalars(x):
    y = x
    y += x * x
    y *= x
    y -= 0.5
    y /= 1 + x * x
    y **= 2
    return y


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 1.7), argnums=(0, 1), analytic=True)
def powers(x, p):
    return np.sum(x**2 + x**3 - x**-1 + x**0.5 + x**p + 2.0**x + np.power(x, p))


@program(lambda rng: (rng.standard_normal((2, 3)),), argnums=(0,))
def methods_of_arrays(x):
    y = x.copy().reshape(3, 2).T
    return (y * y).sum() + x.mean() * x.max() - x.min() + y.ravel().dot(x.flatten()) + x.std()


@program(lambda rng: (rng.standard_normal(3), 0.5), argnums=(0, 1), analytic=True)
def reused_names(x, y):
    t = x * y
    a = np.sum(t)
    t = np.sin(x)
    b = np.sum(t * t)
    t = a * b
    return t * y


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def long_expression(x):
    return np.sum(
        (x + 1.0) * (x - 2.0) / (x * x + 3.0)
        - np.exp(-(x**2)) * (2 * x - 1) * (x + x * (x - x / 4))
    )


@program(lambda rng: (rng.uniform(1.0, 2.0, 3), np.array([0.6, -0.8, 1.3])), argnums=(0, 1))
def negative_and_absolute(x, y):
    return np.sum(-x * np.abs(y) + abs(x) * (+y) + np.sign(y) * x)


@program(
    lambda rng: (np.array([0.5, 1.8, -0.6, 3.4]), np.array([1.1, 1.3, 1.2, 1.4])), argnums=(0, 1)
)
def remainders(x, y):
    return np.sum(x % y + np.floor(x) * y + x // y)
