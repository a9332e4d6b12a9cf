"""Programs that choose: if, elif, else, conditional expressions, comparisons, boolean operators."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program

CLOCK = [0.5, 1.5]


def vector(rng):
    return (rng.uniform(0.4, 1.2, 4),)


@program(lambda rng: (0.7, 1.3), argnums=(0, 1), order=3)
def branch_taken(x, y):
    if x < y:
        z = x * x * y
    else:
        z = y * y
    return z + x


@program(lambda rng: (1.7, 1.3), argnums=(0, 1), name="branch_not_taken", order=3)
def branch_other(x, y):
    if x < y:
        z = x * x * y
    else:
        z = np.sin(y) * y
    return z + x


@program(lambda rng: (0.7,), tags=("branch",))
def elif_chain(x):
    if x > 2:
        y = x
    elif x > 1:
        y = x * x
    elif x > 0.5:
        y = np.exp(x) * x
    else:
        y = -x
    return y * y


@program(lambda rng: (0.7, 3))
def assigned_in_one_branch(x, n):
    if n > 2:
        y = x * x
    if n > 2:
        x = y * x
    return x


@program(lambda rng: (0.7,))
def overwritten_in_one_branch(x):
    y = x * x
    if x > 0:
        y = y * np.sin(y)
    return y * x


@program(lambda rng: (0.3, 0.9), argnums=(0, 1))
def conditional_expression(x, y):
    z = x * y if x < y else x - y
    return (z if z > 100 else z * z) + (1.0 if x > y else y)


@program(lambda rng: (0.3, 0.9), argnums=(0, 1))
def chained_comparison(x, y):
    if 0 < x < y < 1:
        return x * y * y
    return x + y


@program(lambda rng: (0.3, 0.9, True), argnums=(0, 1))
def boolean_operators(x, y, flag):
    if (flag and x < y) or not x > 0:
        z = x * y
    else:
        z = x / y
    if flag and (x > y or y > 5):
        z = z + 100.0
    return z * z


@program(lambda rng: (0.3, 0.9), argnums=(0, 1))
def value_of_or(x, y):
    z = 0.0 or x
    w = x and y
    return z * w


@program(lambda rng: (0.3, "square"))
def branch_on_a_string(x, kind):
    if kind == "square":
        return x * x
    elif kind == "cube":
        return x * x * x
    raise ValueError(kind)


@program(lambda rng: (0.3, None))
def branch_on_none(x, scale=None):
    if scale is None:
        scale = 2.0
    return scale * x * x


@program(lambda rng: (0.3, 0.9))
def default_argument(x, scale=3.0):
    return scale * x * x


@program(lambda rng: (rng.standard_normal(6),))
def branch_on_an_array(x):
    if np.sum(x) > 0:
        y = x * x
    else:
        y = np.exp(x)
    if np.any(y > 100) or np.all(y < -1):
        y = -y
    return np.sum(y * x)


@program(lambda rng: (0.8, 0.4, 5), argnums=(0, 1))
def nested_branches(x, y, n):
    if n > 3:
        if x > y:
            z = x * y
            if n == 5:
                z = z * z
        else:
            z = y
        w = z + x
    else:
        w = x
    return w * w


@program(lambda rng: (rng.standard_normal(8),))
def where_of_two(x):
    return np.sum(np.where(x > 0, x * x, np.exp(x)))


@program(lambda rng: (rng.uniform(0.5, 1.0, 6) * np.array([1, -1, 1, 1, -1, 1]),))
def where_with_a_safe_dead_side(x):
    # np.log of the negative entries would be nan, and so would nan * 0 in the derivative: the usual
    # remedy is to make the dead side harmless before the log.
    positive = x > 0
    return np.sum(np.where(positive, np.log(np.where(positive, x, 1.0)), x * x))


@program(lambda rng: (rng.standard_normal(8), rng.standard_normal(8)), argnums=(0, 1))
def elementwise_extremes(x, y):
    return np.sum(np.maximum(x, y) * y + np.minimum(x, 0.1) + np.clip(x * y, -0.5, 0.5))


@program(lambda rng: (np.array([0.4, -0.6, 1.3, 0.8, -1.7]), 0.05))
def relu_and_leak(x, slope):
    return np.sum(np.maximum(x, 0) ** 2 + np.where(x > 0, x, slope * x))


@program(lambda rng: (0.6, -0.2), argnums=(0, 1))
def builtin_extremes(x, y):
    return max(x, y) * min(x, y) + abs(y) * max(x, 0.0)


@program(lambda rng: (1.4,))
def integer_then_float(x):
    total = 0
    if x > 1:
        total = x * x
    return total * x


@program(lambda rng: (0.4,), expect=lambda x: (0.0,))
def integer_stays(x):
    total = 0
    if x > 1:
        total = x * x
    return total + 0.0


@program(lambda rng: (rng.standard_normal(4), True))
def branch_rebinds_array(x, doubled):
    y = x
    if doubled:
        y = np.concatenate((x, x * 2))
    return np.sum(y**2)


@program(lambda rng: (0.4,))
def empty_branch(x):
    y = x * x
    if y > 10:
        pass
    else:
        y = y * y
    if y < 10:
        pass
    return y


@program(lambda rng: (0.4,))
def assertion(x):
    assert x > 0, "x must be positive"
    if x > 10:
        raise ValueError("too large")
    return np.log(x) * x


@program(vector)
def constants_popped_in_branches(x):
    table = [1.0, 2.0, 3.0]
    scale, total = x[0], 0.0
    for i in range(3):
        total += scale * x[i]
        scale = x[2] ** 2 if i == 1 else table.pop()
    return total * scale


@program(vector)
def calls_without_rules_in_branches(x):
    scale, ends, total = x[0], [x[1], x[2]], 0.0
    for i in range(4):
        total += scale * x[i] + ends[0] * ends[-1]
        if i == 1:
            scale = float(len("of three words".split()))
            ends = list(CLOCK)
        elif i == 2:
            scale = ord("c") - 97
            ends = [x[0], scale]
        else:
            scale = x[3] ** 2
    return total * scale + ends[0]
