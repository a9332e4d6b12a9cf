"""Programs with for loops."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (0.9, 5), order=3, analytic=True, expect=lambda x, n: (n * x ** (n - 1),))
def power_by_loop(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


@program(lambda rng: (0.9, 0), order=3, analytic=True, expect=lambda x, n: (1.0,))
def loop_of_zero_trips(x, n):
    y = x
    for i in range(n):
        y = np.sin(y) * i
    return y


@program(lambda rng: (0.9, 0), analytic=True)
def variable_of_empty_loop(x, n):
    last = 3.0
    for i in range(n):
        last = x * i
    return last * x


@program(lambda rng: (0.3, 6), order=3, analytic=True)
def logistic_map(x, n):
    for _ in range(n):
        x = 2.5 * x * (1 - x)
    return x


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def over_array(x):
    total = 0.0
    for item in x:
        total = total + np.sin(item) * total + item
    return total


@program(lambda rng: (rng.standard_normal((4, 3)),), analytic=True)
def over_rows(x):
    total = np.zeros(3)
    for row in x:
        total = np.tanh(total + row)
    return np.sum(total)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def over_indices(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * x[-1 - i] * (i + 1)
    return total


@program(lambda rng: (rng.standard_normal(9),), analytic=True)
def strided_range(x):
    total = 0.0
    for i in range(1, 9, 3):
        total += x[i] ** 2
    for i in range(8, 0, -2):
        total *= x[i]
    return total


@program(
    lambda rng: (rng.standard_normal(5), rng.standard_normal(5)), argnums=(0, 1), analytic=True
)
def over_zip(x, y):
    total = 1.0
    for a, b in zip(x, y):
        total = total * a + b
    return total


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def over_enumerate(x):
    total = 0.0
    for i, a in enumerate(x):
        total += a**2 * i + total * a
    return total


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def over_reversed(x):
    total = 0.0
    for a in reversed(x):
        total = total * 0.5 + a
    for i in reversed(range(3)):
        total = total * x[i]
    return total


@program(lambda rng: (rng.standard_normal((3, 2)), rng.standard_normal(3)), argnums=(0, 1))
def over_enumerate_of_zip(x, y):
    total = np.zeros(2)
    for i, (row, scale) in enumerate(zip(x, y)):
        total = np.sin(total + row * scale * (i + 1))
    return np.sum(total)


@program(lambda rng: (0.7,), analytic=True)
def over_tuple_of_constants(x):
    y = x
    for c in (1.0, 2.0, 0.5):
        y = y * c + np.sin(y)
    return y


@program(lambda rng: ([rng.standard_normal(3), rng.standard_normal(2)],), analytic=True)
def over_list_of_arrays(xs):
    total = 0.0
    for x in xs:
        total = total * 2 + np.sum(np.sin(x))
    return total


@program(lambda rng: (rng.standard_normal((3, 4)),), analytic=True)
def nested_loops(x):
    total = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total = total * 0.9 + np.sin(x[i, j]) * total + x[i, j]
    return total


@program(lambda rng: (0.5, 4), analytic=True)
def triangular_loops(x, n):
    y = x
    for i in range(n):
        s = 0.0
        for j in range(i):
            s = s + y * j
        y = y * x + np.sin(s)
    return y


@program(lambda rng: (0.6, 6))
def branch_in_loop(x, n):
    y = x
    for i in range(n):
        if i % 2 == 0:
            y = y * x + 1
        elif y > 1.2:
            y = np.sqrt(y)
        else:
            y = np.exp(-y)
    return y


@program(lambda rng: (rng.standard_normal(6),))
def data_dependent_branch_in_loop(x):
    positive = 0.0
    product = 1.0
    for item in x:
        if item > 0:
            positive = positive + item * item
        else:
            product = product * item
    return positive * product


@program(lambda rng: (0.6, 5), analytic=True)
def two_loops(x, n):
    y = x
    for _ in range(n):
        y = np.sin(y) + x
    z = y
    for _ in range(n):
        z = z * y
    return z


@program(lambda rng: (0.6, 5), analytic=True)
def swap_in_loop(x, n):
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a * b + x
    return a + b


@program(lambda rng: (0.6, 5), analytic=True)
def linear_recurrence(x, n):
    a = x
    b = 1.0
    for i in range(n):
        c = a + b
        a = b
        b = 0.5 * c
    return b * b


@program(lambda rng: (0.6, 5), analytic=True)
def loop_variable_after_loop(x, n):
    y = 0.0
    for i in range(n):
        y = y + x**i
    return y * i


@program(lambda rng: (0.6, 4), analytic=True)
def assigned_in_loop_used_after(x, n):
    for i in range(n):
        t = x * i
        s = np.sin(t)
    return t * s


@program(lambda rng: (0.6, 3), analytic=True)
def integer_becomes_float(x, n):
    total = 0
    for i in range(n):
        total += x * i
    return total * x


@program(lambda rng: (rng.standard_normal(4), 4), analytic=True)
def rebinding_plus_on_array(x, n):
    total = np.zeros(4)
    for i in range(n):
        total = total + np.sin(x * i) * total + x
    return np.sum(total)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal((4, 4)) / 2, 4), argnums=(0, 1))
def matrix_powers(x, a, n):
    for _ in range(n):
        x = a @ x
    return np.dot(x, x)


@program(
    lambda rng: (rng.standard_normal(8), rng.standard_normal(3)), argnums=(0, 1), analytic=True
)
def sliding_window(x, w):
    total = 0.0
    for i in range(len(x) - len(w) + 1):
        total += np.sin(np.dot(x[i : i + len(w)], w))
    return total


@program(lambda rng: (0.4, 3))
def for_else(x, n):
    y = x
    for i in range(n):
        if i > 10:
            break
        y = y * x
    else:
        y = y + np.sin(x)
    return y


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def loop_invariant(x, n):
    y = np.zeros(4)
    for _ in range(n):
        y = y + np.log(x) * np.sqrt(x)
    return np.sum(y * y)


@program(lambda rng: (0.5, 2), analytic=True)
def three_deep(x, n):
    total = x
    for i in range(n):
        for j in range(n):
            for k in range(n):
                total = total + np.sin(total * x) * (i + j - k)
    return total


@program(lambda rng: (0.4, 40), analytic=True, amplify=20.0)
def many_trips(x, n):
    y = x
    for i in range(n):
        y = y + 0.05 * np.sin(y * x + 0.1 * i)
    return y


@program(lambda rng: (rng.standard_normal(5), 4), analytic=True)
def shorter_array_each_turn(x, n):
    total = 0.0
    for k in range(n):
        u = x[: n - k] * 2.0
        total = total + u[0] * (k + 1)
    return total


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True)
def shorter_array_read_after_the_loop(x, n):
    total = 0.0
    for k in range(n):
        u = x[: n - k]
        total = total + u[0] * (k + 1)
    return total + len(u)


@program(lambda rng: (rng.standard_normal(5), 3), analytic=True)
def longer_array_of_the_last_turn(x, n):
    for k in range(n):
        u = x[: k + 2] * 2.0
        if k == 1:
            break
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(5), 3), analytic=True)
def shorter_array_and_an_inner_loop(x, n):
    total = 0.0
    for k in range(n):
        u = x[k:] * 2.0
        for j in range(2):
            total = total + u[j] * (k + 1)
    return total


@program(lambda rng: (rng.standard_normal(5), 3), analytic=True)
def array_cut_in_each_turn(x, n):
    u = x * 1.0
    total = 0.0
    for _ in range(n):
        total = total + u[0]
        u = u[:-1]
    return total + u[-1]


@program(lambda rng: (rng.standard_normal(5), 3))
def shorter_array_in_a_branch(x, n):
    total = 0.0
    for k in range(n):
        u = x[k:] * 2.0
        if u[0] > 0.1:
            total = total + u[1] * (k + 1)
        else:
            total = total - u[-1]
    return total


@program(lambda rng: (rng.standard_normal(3), 3), analytic=True)
def array_turned_round_in_each_turn(x, n):
    u = x * 1.0
    total = 0.0
    for _ in range(n):
        total = total + u[0]
        u = u[::-1]
    return total + u[-1]


@program(lambda rng: (rng.standard_normal(4), np.array([1, 2, 3, 0]), 3))
def array_permuted_in_each_turn(x, order, n):
    u = x * 1.0
    for k in range(n):
        u = u[order]
        u = np.where(u > k, u, 2 * u[::-1])
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def items_met_several_times_in_a_turn(x):
    s = 0.0
    for i in range(len(x) - 2):
        s += x[i] * x[i] - np.sin(x[i]) * x[i + 1] + x[i] * x[i + 2] - x[i + 1]
    return s


@program(lambda rng: (rng.standard_normal(5), np.array([0, 3, 3, 1])), analytic=True)
def items_met_under_other_indices(x, order):
    s = 1.0
    for i in range(len(order)):
        j = order[i]
        s += x[i] * x[j] - 2.0 * x[i] + s * x[j] * x[i] * x[i]
    return s


@program(lambda rng: (rng.standard_normal(5),), analytic=True, order=1)
def items_written_between_their_reads(x):
    y = x.copy()
    for i in range(len(x) - 1):
        y[i + 1] = y[i] * y[i + 1] + y[i]
        y[i] = y[i + 1] * y[i] - y[i] * y[i]
    return np.sum(y)


@program(lambda rng: (rng.standard_normal(4),))
def rescaled_in_turns(x):
    for _ in range(3):
        x = np.sin(x) / np.sqrt(2)
    return np.sum(x * x)
