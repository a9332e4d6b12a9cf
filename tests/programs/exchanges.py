"""Arrays that are changed in place and whose names are exchanged: ``a, b = b, a``."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal((3, 3)), 3), analytic=True)
def two_buffers_swapped(u, n):
    old = u.copy()
    new = u.copy()
    for _ in range(n):
        new[1, 1] = 0.25 * (old[0, 1] + old[2, 1] + old[1, 0] + old[1, 2]) * old[1, 1]
        old, new = new, old
    return np.sum(old * new)


@program(lambda rng: (rng.standard_normal(7), 5), analytic=True, order=3)
def linear_steps_with_a_swap(u0, n):
    u = u0.copy()
    v = np.zeros_like(u0)
    for _ in range(n):
        v[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
        u, v = v, u
    return np.sum(u**3) + np.sum(v)


@program(lambda rng: (rng.standard_normal(6), 0.3, 4), argnums=(0, 1), analytic=True)
def burgers_with_a_swap(u0, dt, n):
    u = u0.copy()
    v = np.empty_like(u0)
    for _ in range(n):
        v[0] = u[0]
        v[-1] = u[-1]
        v[1:-1] = u[1:-1] - dt * u[1:-1] * (u[2:] - u[:-2])
        u, v = v, u
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(6), rng.standard_normal(6), 5), argnums=(0, 1))
def wave_in_three_levels(u0, u1, n):
    before = u0.copy()
    now = u1.copy()
    after = np.zeros_like(u0)
    for _ in range(n):
        after[1:-1] = 2 * now[1:-1] - before[1:-1] + 0.2 * np.sin(now[2:] + now[:-2])
        before, now, after = now, after, before
    return np.sum(now * before) + np.sum(after)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 4), analytic=True)
def swap_by_hand(x, n):
    a = x.copy()
    b = 2 * x
    for _ in range(n):
        b[1:] = a[1:] * b[:-1]
        held = a
        a = b
        b = held
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 5))
def swap_under_a_condition(x, n):
    a = x.copy()
    b = x * 2.0
    for _ in range(n):
        a[0] = a[0] * b[1]
        if b[0] > a[0]:
            a, b = b, a
        b[1] = np.sin(a[0])
    return np.sum(a * a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), True), analytic=True, name="swap_once_taken")
@program(lambda rng: (rng.uniform(0.5, 1.5, 5), False), analytic=True, name="swap_once_not_taken")
def swap_once(x, flag):
    a = x.copy()
    b = 3 * x
    a[0] = b[1] * a[0]
    if flag:
        a, b = b, a
    b[1] = a[0] * b[0]
    return np.sum(a * b * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 5), analytic=True)
def two_pairs_in_turn(x, n):
    a = x.copy()
    b = 2 * x
    c = 3 * x
    for k in range(n):
        b[0] = a[1] * b[0]
        if k % 2 == 0:
            a, b = b, a
        else:
            b, c = c, b
        c[1] += a[0] * b[1]
    return np.sum(a * b * c)


@program(lambda rng: (rng.uniform(0.5, 1.5, 6), 3), analytic=True)
def views_of_exchanged_arrays(x, n):
    a = x.copy()
    b = np.zeros_like(x)
    for _ in range(n):
        inner = b[1:-1]
        inner[:] = a[2:] * a[:-2]
        inner *= 2.0
        b[0] = np.sin(a[0])
        a, b = b, a
    return np.sum(a * b) + a[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 4), analytic=True)
def new_buffer_each_turn_and_swap(x, n):
    a = x.copy()
    b = np.ones_like(x)
    for _ in range(n):
        b = np.zeros_like(a)
        b[1:] = a[1:] * a[:-1]
        b[0] = a[-1]
        a, b = b, a
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def exchanged_in_an_inner_loop(x, n):
    total = 0.0
    for i in range(n):
        a = x * (i + 1)
        b = np.zeros_like(x)
        for _ in range(n):
            b[1:] = a[1:] * a[:-1]
            a, b = b, a
        total = total + np.sum(a * b) + a[-1]
    return total


@program(
    lambda rng: (rng.uniform(0.5, 1.5, 4), rng.uniform(0.5, 1.5, 4)),
    argnums=(0, 1),
    analytic=True,
)
def arguments_exchanged(a, b):
    for _ in range(3):
        b[1:] = a[1:] * b[:-1]
        a, b = b, a
    return np.sum(a * a * b)


def _stepped(u, v, n):
    for _ in range(n):
        v[1:] = u[1:] * u[:-1]
        v[0] = np.sin(u[0])
        u, v = v, u
    return u


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def helper_exchanges_new_arrays(x, n):
    return np.sum(_stepped(x * x, np.zeros_like(x), n))


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def swap_until_small(x):
    a = x.copy()
    b = np.zeros_like(x)
    k = 0
    while True:
        b[:] = np.tanh(a) * 1.1
        a, b = b, a
        k = k + 1
        if np.sum(a) < 1.0 or k > 20:
            break
        b[0] = b[0] * a[1]
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def break_between_two_swaps(x):
    a = x.copy()
    b = 2 * x
    for _ in range(10):
        b[0] = a[1] * b[0]
        a, b = b, a
        if a[0] > 3.0:
            break
        b[2] = b[2] * a[0]
        a, b = b, a
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 4), analytic=True)
def second_name_before_the_swap(x, n):
    a = x.copy()
    b = 2 * x
    for _ in range(n):
        c = a
        b[0] = c[1] * b[0]
        c[1] = c[1] * 1.5
        a, b = b, a
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 4), analytic=True)
def exchanged_arrays_of_two_lengths(x, n):
    a = x.copy()
    b = np.ones(2)
    total = 0.0
    for _ in range(n):
        a[0] = a[1] * a[0]
        total = total + np.sum(a) * np.sum(b)
        a, b = b, a
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 4), analytic=True)
def snapshots_of_exchanged_arrays(x, n):
    a = x.copy()
    b = 2 * x
    taken = []
    for _ in range(n):
        b[0] = a[1] * b[0]
        taken.append(a.copy())
        a, b = b, a
    return np.sum(a * b) + np.sum(taken[0] * taken[-1])


@program(lambda rng: (rng.standard_normal(4), 3))
def one_array_under_both_names(x, n):
    a = x.copy()
    b = a
    for _ in range(n):
        b[0] = a[1] * a[0]
        a, b = b, a
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3))
def helper_exchanges_its_arguments(x, n):
    return np.sum(_stepped(x, 2 * x, n))


@program(lambda rng: (rng.standard_normal(4), 3))
def swap_with_a_copy(x, n):
    a = x.copy()
    b = 2 * x
    for _ in range(n):
        b[0] = a[1] * b[0]
        a, b = b, a.copy()
    return np.sum(a * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def one_array_under_three_names(x, n):
    a = x.copy()
    b = a
    c = b
    for _ in range(n):
        c[0] = b[1] * a[0]
        b, c = c, b
        a[1] *= 1.1
    return np.sum(a * b * c)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def old_array_changed_after_the_new_one_is_made(x, n):
    a = x.copy()
    for _ in range(n):
        old = a
        a = np.zeros_like(old)
        a[1:] = old[1:] * old[:-1]
        a[0] = old[0]
        old[0] = 2.0
    return np.sum(a * a) + np.sum(old)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def argument_given_up_for_another(x, n):
    a = x
    for _ in range(n):
        b = a
        a = np.sin(b)
        a[0] = b[1] * b[0]
        b[1] = 0.1
    return np.sum(a * a) + np.sum(b)


def _exchanged(u, v):
    held = u
    u = v
    v = held
    v[0] = u[1] * v[0]
    return np.sum(u * v)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def helper_exchanges_and_the_caller_reads(x):
    y = x * 2
    s = _exchanged(x, y)
    return s * np.sum(x) + np.sum(y * x)


@program(
    lambda rng: (rng.standard_normal(2), rng.standard_normal((2, 2))), argnums=(0, 1), analytic=True
)
def list_times_what_changes_places(x, m):
    for _ in range(3):
        m, x = x, m
    return np.sum([1.0, 2.0] @ x) + m @ [0.5, 3.0]


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def item_whose_name_an_array_takes(x):
    b = x[0]
    x *= 0.7
    b += x
    return np.sum(b * b)


def _half(n):
    return n // 2


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def array_changes_places_with_a_length(x):
    a, b = np.sin(x), len(x)
    for _ in range(len(x) - 1):
        a, b = b, a
        x = x + a
    return np.sum(a * x) + np.sum(b * x)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def array_changes_places_with_an_int_of_a_helper(x):
    a, b, counts = x, _half(7), np.arange(4)
    for _ in range(3):
        a, b, counts = b, counts, a * 2
        x = x * 0.5 + a
    return np.sum(a * x) + np.sum(b * x) + np.sum(counts)


def _twice(u):
    return u * 2


@program(lambda rng: (rng.standard_normal(4),))
def array_and_int_change_places_before_they_are_changed(x):
    a, b = x, 3
    for _ in range(4):
        a, b = np.abs(b), a
    for _ in range(2):
        a, b = _twice(b), a
    return np.sum(a * x) + np.sum(b)
