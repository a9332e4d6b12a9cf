"""Programs that call Python functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.programs.registry import program

RATE = 0.7
OFFSET = np.array([0.5, -1.0, 2.0])


def layer(x, W):
    return np.tanh(x @ W)


@program(
    lambda rng: (
        rng.standard_normal((5, 4)),
        rng.standard_normal((4, 3)),
        rng.standard_normal((3, 2)),
    ),
    argnums=(1, 2),
    analytic=True,
)
def loss(x, W1, W2):
    return np.sum(layer(layer(x, W1), W2))


def square(x):
    return x * x


def sum_and_difference(a, b):
    return a + b, a - b


def scaled(x, factor=2.0, *, shift=0.5):
    return x * factor + shift


@program(lambda rng: (0.6,), order=3, analytic=True)
def helper_called_twice(x):
    return square(square(x)) + square(np.sin(x))


@program(lambda rng: (0.6, 1.2), argnums=(0, 1), analytic=True)
def helper_returns_pair(x, y):
    s, d = sum_and_difference(x, y)
    pair = sum_and_difference(s, d)
    return s * d + pair[0] * pair[1] * y


@program(lambda rng: (0.6,), analytic=True)
def keyword_arguments(x):
    return scaled(x) * scaled(x, 3.0) + scaled(x, shift=x * x) + scaled(factor=x, x=2.0)


@program(lambda rng: (0.6, 4), analytic=True, order=3)
def helper_in_loop(x, n):
    y = x
    for i in range(n):
        y = scaled(np.sin(y), factor=x, shift=0.1 * i)
    return y


def helper_of_branches(x, y):
    if x > y:
        return x * y
    return np.sin(x) + y


@program(lambda rng: (0.6, 0.9), argnums=(0, 1))
def helper_with_branch(x, y):
    return helper_of_branches(x, y) * helper_of_branches(y, x)


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


@program(lambda rng: (1.1, 4), order=3, expect=lambda x, n: (n * x ** (n - 1),))
def recursion(x, n):
    return power(x, n)


@program(lambda rng: (0.3, 5))
def recursion_on_itself(x, n):
    if n <= 0:
        return x
    return recursion_on_itself(np.sin(x) + 0.1, n - 1) * x


def is_even(x, n):
    return x if n == 0 else is_odd(x * x, n - 1)


def is_odd(x, n):
    return np.sin(x) if n == 0 else is_even(x + 1, n - 1)


@program(lambda rng: (0.3, 3))
def mutual_recursion(x, n):
    return is_even(x, n)


def tree_sum(x):
    if len(x) == 1:
        return x[0] * x[0]
    half = len(x) // 2
    return tree_sum(x[:half]) + np.sin(tree_sum(x[half:]))


@program(lambda rng: (rng.standard_normal(5),))
def divide_and_conquer(x):
    return tree_sum(x)


@program(lambda rng: (0.3,), analytic=True)
def global_values(x):
    return RATE * x * x + np.sum(OFFSET * np.sin(x))


def make_scaled(factor, table):
    def inner(x):
        return factor * np.sin(x) * np.sum(table)

    return inner


closure = program(lambda rng: (0.3,), name="closure", analytic=True)(
    make_scaled(1.7, np.array([1.0, 2.0]))
)


def make_calling(f):
    def calling(x):
        return f(x) * x

    return calling


closure_over_function = program(lambda rng: (0.3,), name="closure_over_function", analytic=True)(
    make_calling(square)
)

lambda_program = program(lambda rng: (0.4, 1.5), name="lambda_program", argnums=(0, 1))(
    lambda x, y: x * np.exp(y) + x
)

doubled = lambda x: 2.0 * x * x


@program(lambda rng: (0.4,), analytic=True)
def calls_a_lambda(x):
    return doubled(x) + doubled(np.sin(x))


def apply_twice(f, x):
    return f(f(x))


@program(lambda rng: (0.4,), analytic=True)
def function_as_argument(x):
    return apply_twice(square, x) + apply_twice(np.sin, x)


@dataclass(frozen=True)
class Spring:
    stiffness: float
    rest: float

    def energy(self, x):
        stretch = x - self.rest
        return 0.5 * self.stiffness * stretch * stretch

    def __call__(self, x):
        return self.energy(x) * x


SPRING = Spring(3.0, 0.4)

method = program(lambda rng: (0.9,), name="method", analytic=True)(SPRING.energy)
callable_object = program(lambda rng: (0.9,), name="callable_object", analytic=True)(SPRING)


@program(lambda rng: (0.9,), analytic=True)
def calls_a_method(x):
    return SPRING.energy(x) + SPRING(x)


class Model:
    def __init__(self, weights):
        self.weights = weights

    def predict(self, x):
        return np.tanh(x @ self.weights)

    @staticmethod
    def error(a, b):
        return np.mean((a - b) ** 2)

    def loss(self, x, target):
        return self.error(self.predict(x), target)


method_of_plain_object = program(
    lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal(4)),
    name="method_of_plain_object",
    argnums=(0, 1),
    analytic=True,
)(Model(np.array([0.5, -1.0, 0.3])).loss)


def fill(out, x):
    for i in range(len(out)):
        out[i] = x[i] * x[i]


def accumulate(total, x):
    total += np.sin(x)
    return total


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def helper_mutates_argument(x):
    out = np.zeros(4)
    fill(out, x)
    first = np.sum(out * x)
    fill(out, np.sin(x))
    return first + np.sum(out)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def helper_returns_what_it_mutates(x):
    total = np.zeros(4)
    a = accumulate(total, x)
    b = accumulate(total, x * x)
    return np.sum(a * b)


@program(lambda rng: (rng.standard_normal(4), 0.5), argnums=(0, 1), analytic=True)
def one_active_argument_per_call(x, y):
    a = np.sum(scaled(x, 3.0))
    b = np.sum(scaled(OFFSET, y))
    return a * b


@program(lambda rng: (0.4, 1.2, 2.0), argnums=(0, 1, 2), analytic=True)
def many_results(x, y, z):
    a, (b, c) = nested_results(x, y, z)
    return a * b + c


def nested_results(x, y, z):
    return x * y, (y * z, np.sin(x * z))


def variadic(scale, *terms, **options):
    total = 0.0
    for t in terms:
        total = total + t * t
    return scale * total + options["extra"]


@program(lambda rng: (0.4, 1.2), argnums=(0, 1), analytic=True)
def starred_parameters(x, y):
    return variadic(x, y, x * y, extra=np.sin(y))


@program(lambda rng: (0.4, 3))
def helper_returns_early_in_loop(x, n):
    total = 0.0
    for i in range(n):
        total = total + first_above(x, 0.6 + 0.3 * i)
    return total


def first_above(x, limit):
    y = x
    while True:
        y = y * 1.4
        if y > limit:
            return y * y


def squares_from_the_first(v):
    if len(v) == 0:
        return 0.0
    return v[0] ** 2 + squares_from_the_first(v[1:]) * 0.9


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def recursion_on_what_is_left(x):
    return squares_from_the_first(x)


def weighed_down_to(v, n, depth):
    if n == 0:
        return np.sum(v) * depth
    return v[n - 1] ** 2 + weighed_down_to(v * 0.5, n - 1, depth + 1)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def recursion_on_an_extent_and_a_count(x):
    return weighed_down_to(x, len(x), 0)


@program(lambda rng: (rng.uniform(0.5, 1.5, 6),), analytic=True)
def recursion_on_both_halves(x):
    def combined(v):
        m = len(v) // 2
        return v[0] * v[0] if m == 0 else combined(v[:m]) * combined(v[m:]) + combined(v[1:])

    return combined(x)


def made_into_an_array(parts):
    return np.array(parts)


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal((2, 3))),
    argnums=(0, 1),
    analytic=True,
)
def tuple_with_one_array_twice(x, w):
    z = made_into_an_array((x, x)) + w
    return np.sum(z * z) + np.sum(np.average((x, x), axis=0))


class Doubled:
    """What is called has attributes of the names that srcad's own objects have."""

    def __init__(self, fun):
        self.fun = self.__wrapped__ = fun
        self.function_for = self.halves = self.jvps = self.nondiff_argnums = "mine"

    def __call__(self, x):
        return 2.0 * self.fun(x)


doubled = Doubled(np.sin)
doubled_cube = Doubled(lambda x: x * x * x)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def object_with_attributes_like_ours(x):
    return np.sum(doubled_cube(x)) + np.sum(doubled(x) * x)


program(lambda rng: (0.7,), analytic=True, name="such_an_object")(doubled_cube)


def penalised(x, *penalties, **more):
    total = np.sum(x * x)
    for p in penalties:
        total = total + p.energy(x[0])
    for _, p in more.items():
        total = total + p.stiffness
    for i, (p, v) in enumerate(zip(penalties, x, strict=False)):
        total = total * p.rest + v * i
    return total * (1 + len(penalties))


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def loops_over_no_arguments(x):
    return penalised(x) + penalised(2.0 * x, SPRING) + sum([s.rest for s in ()]) * x[0]


SHIFT = np.poly1d([0.5, -1.0, 2.0])
"""What can be called and has no hash, as it can be compared."""


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def called_object_has_no_hash(x):
    total = 0.0
    for i, v in enumerate(x):
        total += np.sin(v * SHIFT(0.5 * i)) * total + v
    return total * SHIFT(1.5)
