"""Programs that leave early: break, continue, return."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (0.4,), expect=lambda x: (2 * x,))
def early_return_taken(x):
    if x < 1:
        return x * x
    return np.sin(x) * 3


@program(lambda rng: (1.4,), expect=lambda x: (3 * np.cos(x),))
def early_return_not_taken(x):
    if x < 1:
        return x * x
    return np.sin(x) * 3


@program(lambda rng: (0.4, 0.8), argnums=(0, 1))
def return_in_each_branch(x, y):
    if x > y:
        return x * y
    elif x > 0.2:
        z = x * x + y
        return z * z
    else:
        return y


@program(lambda rng: (0.6, 9), order=3)
def return_from_loop(x, n):
    y = x
    for i in range(n):
        y = y * 1.5 + 0.1 * x
        if y > 2:
            return y * i
    return -y


@program(lambda rng: (0.5, 9))
def return_from_nested_loop(x, n):
    y = x
    for i in range(n):
        for j in range(i):
            y = y + x * j * 0.1
            if y > 1.5:
                return y * y
        y = y * 1.1
    return y


@program(lambda rng: (0.2, 3))
def loop_that_could_return(x, n):
    y = x
    for _ in range(n):
        y = np.sin(y) + x
        if y > 50:
            return y
    return y * y


@program(lambda rng: (0.6, 9))
def break_from_for(x, n):
    y = x
    for i in range(n):
        y = y * 1.5
        if y > 2:
            break
        y = y + np.sin(x * i)
    return y * x


@program(lambda rng: (rng.standard_normal(9),), order=3)
def continue_in_for(x):
    total = 1.0
    for item in x:
        if item < 0:
            continue
        total = total * (1 + item)
    return total


@program(lambda rng: (0.3, 8))
def break_and_continue(x, n):
    y = x
    for i in range(n):
        if i == 2:
            continue
        y = y + x * np.cos(y)
        if y > 1.0:
            y = y * 2
            break
        if i == 3:
            y = y - 0.1
            continue
        y = y * 1.01
    return y * y


@program(lambda rng: (0.3, 4))
def break_from_inner_loop(x, n):
    total = 0.0
    for i in range(n):
        y = x
        for j in range(n):
            y = y + x * x * j
            if y > 0.5 + 0.1 * i:
                break
        total = total + y * y
    return total


@program(lambda rng: (0.3, 5))
def break_first_turn(x, n):
    y = x
    for i in range(n):
        break
    return y * x


@program(lambda rng: (rng.uniform(0.1, 1, 6), 1.1))
def search_then_use(x, threshold):
    found = 0
    running = 0.0
    for i in range(len(x)):
        running = running + x[i]
        if running > threshold:
            found = i
            break
    return x[found] * running


@program(lambda rng: (0.7, 4))
def else_after_break(x, n):
    y = x
    for i in range(n):
        y = y + x
        if i == 2:
            break
    else:
        y = y * 1000
    return y * x


@program(lambda rng: (0.35, 100), rtol=1e-8)
def converge_and_return(a, limit):
    x = 0.5
    for _ in range(limit):
        new = x - (x * x * x + x - a) / (3 * x * x + 1)
        if abs(new - x) < 1e-10:
            return new
        x = new
    return x


@program(lambda rng: (rng.standard_normal(5), True))
def return_array_or_other(x, squared):
    if squared:
        return x * x
    return np.sin(x)


@program(lambda rng: (1.25, 3.3), argnums=(0, 1))
def greatest_by_subtraction(x, y):
    while x > 0.3 and y > 0.3:
        if x > y:
            x = x - y
            continue
        y = y - 0.5 * x
        if y < 0.6:
            return x * y
    return x - y


def start(rng):
    return float(rng.uniform(0.8, 1.0)), 9


@program(start)
def flag_read_before_and_after(x, n):
    found = False
    y = x if found else x * x + 0.5
    for _ in range(n):
        if y > 2.0:
            found = True
            break
        y = y * y + 0.5 * x
    return 3 * y if found else y


@program(start)
def flag_of_the_turn_before(x, n):
    y, above = x, False
    for _ in range(n):
        if y > 5.0:
            above = True
            break
        y = y * y + (2.0 if above else 0.5) * x
        above = y > 1.5
    return y * x if above else y


@program(start)
def tested_and_then_used(x, n):
    y = x
    for i in range(n):
        d = y * y
        if d > 2.0 + 0.01 * i:
            return d * x
        y = d + 0.5 * x
    return y


@program(start)
def tested_and_used_behind(x, n):
    y, d = x, 0.0
    for _ in range(n):
        d = y * y
        if d > 2.0:
            break
        y = y * y + 0.5 * x
    return y * d


@program(start)
def changed_on_leaving(x, n):
    y = x
    for _ in range(n):
        if y > 2.0:
            y = y * x
            break
        y = y * y + 0.5 * x
    return y


@program(start)
def returned_index(x, n):
    y = x
    for i in range(n):
        if y > 2.0:
            return y * i
        y = y * y + 0.5 * x
    return y


@program(lambda rng: (rng.uniform(0.4, 0.9, 4), 9), analytic=True)
def array_left_in_the_middle(x, n):
    y = x.copy()
    k = 0
    while True:
        k += 1
        y[k % 4] += 0.5 * y[0]
        if k > n:
            break
        y = np.sin(y) * x
    return np.sum(y * y)


@program(lambda rng: (rng.uniform(0.4, 0.9, 4),))
def leaves_the_inner_loop(x):
    total = 0.0
    for i in range(4):
        y = x[i]
        for j in range(6):
            if y > 1.5:
                total = total + y * j
                break
            y = y * 1.5 + 0.1 * x[j % 4]
        total = total + y
    return total


@program(lambda rng: (rng.uniform(0.4, 0.9, 5), 1.2), argnums=(0, 1))
def first_row_above(x, limit):
    total = 0.0
    for value in x:
        if total > limit:
            return total * limit + value
        total = total + value * value
    return total


@program(start)
def returns_at_two_places(x, n):
    y = x
    for _ in range(n):
        if y > 2.0:
            return y * x
        y = y * y + 0.5 * x
        if y > 9.0:
            return y
    return y - x


@program(start)
def returns_within_two_loops(x, n):
    y = x
    while y < 50:
        for _ in range(n):
            if y > 2.0:
                return y * y * x
            y = y * 1.1 + 0.1 * x
    return y


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def left_while_running_over_a_zip(x):
    total = 0.0
    for (i, a), b in zip(enumerate(x), x[::-1]):
        total = total + i * a * b
        if total > 9:
            break
        x = x * total
    for a, b in zip(x, [1.0, 2.0, 3.0, 4.0]):
        total = total + np.sin(a) * total + a * b
        if total > 2.5:
            break
    for (a,) in zip(x):
        total = total * a + a
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def left_while_running_over_constants(x):
    total = x[1]
    weights = np.arange(4.0)
    for i, w in enumerate(weights):
        total = total + np.sin(x[0]) * total + w * i
        if total > 2.5:
            break
    for w in reversed(weights):
        total = total + np.sin(x[2]) * total + w
        if total > 16.5:
            break
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def counts_beside_items_that_are_bound_anew(x):
    total = 0.0
    for i, (a, b) in enumerate(zip(x, range(3))):
        total = total + i * a * b
        a = a * total
        total += np.sin(a)
    return total
