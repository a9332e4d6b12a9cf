"""Programs with while loops."""

from __future__ import annotations

import math

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (2.7,), argnums=(0,), expect=lambda a: (0.5 / math.sqrt(a),), rtol=1e-8, order=3
)
def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


@program(lambda rng: (0.9, 5), order=3)
def counted_while(x, n):
    i = 0
    y = x
    while i < n:
        y = np.sin(y) + x * i
        i += 1
    return y


@program(lambda rng: (9.3,))
def halving(x):
    while x > 1.0:
        x = x / 2 * np.cos(0.1 * x)
    return x * x


@program(lambda rng: (0.3,), expect=lambda x: (2 * x,))
def while_of_zero_trips(x):
    y = x
    while y > 1.0:
        y = y / 2
    return y * x


@program(lambda rng: (0.4, 30))
def while_true_with_break(x, limit):
    y = x
    i = 0
    while True:
        y = y * 1.3 + 0.1 * np.sin(x)
        i += 1
        if y > 2 or i >= limit:
            break
    return y * y


@program(lambda rng: (0.5, 0.2), argnums=(0, 1))
def while_with_compound_test(x, y):
    i = 0
    while (x < 4 and y < 3) or i < 2:
        x, y = x + y * y, y + 0.3 * x
        i = i + 1
    return x * y


@program(lambda rng: (0.8, 3))
def nested_while(x, n):
    y = x
    i = 0
    while i < n:
        j = 0
        while j < i:
            y = y * np.cos(x * j) + 0.1
            j += 1
        y = y + x
        i += 1
    return y


@program(lambda rng: (0.8,))
def while_in_for(x):
    total = 0.0
    for i in range(3):
        y = x * (i + 1)
        while y > 0.5:
            y = y * 0.6
            total = total + y * y
    return total


@program(lambda rng: (0.9, 6))
def while_with_continue(x, n):
    i = 0
    y = x
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        y = y * x + i
    return y


@program(lambda rng: (0.9, 4))
def while_else(x, n):
    i = 0
    y = x
    while i < n:
        y = y * np.sin(x + i)
        i += 1
        if y > 50:
            break
    else:
        y = y + x * x
    return y


@program(
    lambda rng: (rng.standard_normal((4, 4)) + 3 * np.eye(4), rng.standard_normal(4)),
    argnums=(0, 1),
)
def normalised_power_steps(a, x):
    steps = 0
    while steps < 3:
        x = a @ x
        x = x / np.linalg.norm(x)
        steps += 1
    return np.dot(x, a @ x)


@program(lambda rng: (0.6,), rtol=1e-8)
def fixed_point(a):
    # Stops where the step is far below the tolerance of the comparison.
    x = 1.0
    previous = 0.0
    while abs(x - previous) > 1e-13:
        previous = x
        x = 0.2 * np.cos(x) + a
    return x


@program(lambda rng: (37.3,))
def decreasing_by_function(x):
    count = 0.0
    while np.log(x) > 0.5:
        x = np.sqrt(x)
        count = count + x
    return count * x


@program(lambda rng: (rng.normal(size=5),))
def popped_in_the_test(x):
    """Whether there was an item is asked before it is taken: the list itself is the answer."""
    items = [w * w for w in x]
    total = 0.0
    while items and (v := items.pop()) < 100:
        total += v * len(items)
        total *= 1.1
    return total


@program(lambda rng: (rng.normal(size=5),))
def stack_that_is_refilled(x):
    stack = [x[0], x[1]]
    total, k = 0.0, 2
    while stack or k < 4:
        if stack:
            total += stack.pop() ** 2 * k
            if k < 5:
                stack.append(x[k % 5])
        k += 1
    return total


MIXING = np.array([[0.9, 0.2, 0.1], [0.3, 0.8, 0.2], [0.1, 0.4, 0.7]])


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def shares_after_each_mixing(x):
    """The matrix is global: what it is multiplied with is a new array, which may be changed."""
    shares, history = x.copy(), []
    for _ in range(3):
        shares = MIXING @ shares
        shares /= np.sum(shares)
        history.append(shares)
    return np.sum(history[0] * history[1]) + shares[0] * history[2][1]
