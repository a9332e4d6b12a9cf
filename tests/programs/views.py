"""Programs in which two names share memory."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(5),), analytic=True, order=3)
def view_sees_store(x):
    u = x.copy()
    v = u[1:]
    u[2] = u[0] * 3
    v += u[0]
    return np.sum(u * u) + np.sum(v)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def store_through_view(x):
    u = np.zeros(5)
    v = u[1:4]
    v[:] = x[:3] * x[2:]
    v[0] = u[2] * u[3]
    u[4] = v[1]
    return np.sum(u**2)


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def view_of_view(x):
    u = x * 1.0
    v = u[1:]
    w = v[::2]
    w *= 2.0
    v[1] = np.sin(w[0])
    u[-1] = w[1] * v[0]
    return np.sum(u * x)


@program(lambda rng: (rng.standard_normal((4, 3)),), analytic=True)
def row_views_in_loop(a):
    b = a.copy()
    for i in range(1, 4):
        row = b[i]
        row += b[i - 1] * 0.5
        row *= a[i]
    return np.sum(b * b)


@program(lambda rng: (rng.standard_normal((4, 3)),), analytic=True)
def rows_of_iteration_are_views(a):
    b = a.copy()
    for row in b:
        row *= row
        row[0] = 1.0
    return np.sum(b * a)


@program(lambda rng: (rng.standard_normal((3, 2)),), analytic=True)
def transposed_view(a):
    b = a.copy()
    t = b.T
    t[0] *= 2.0
    t[1, 1:] += b[0, 0]
    return np.sum(b**3)


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def reshaped_view(x):
    u = x.copy()
    m = u.reshape(2, 3)
    m[0] += m[1] * 2
    u[0] = u[5] * m[0, 1]
    return np.sum(m * m)


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True)
def ravelled_view(a):
    b = a * 1.0
    flat = b.ravel()
    flat[1:] *= flat[:-1]
    return np.sum(np.sin(b))


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def second_name(x):
    y = x.copy()
    z = y
    z[0] = y[1] * y[2]
    y += 1.0
    return np.sum(z * z)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def second_name_is_rebound(x):
    y = x.copy()
    z = y
    z = z * 2
    z[0] = 7.0
    y[1] = z[2]
    return np.sum(y * z)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def view_of_argument(x):
    head = x[:2]
    tail = x[2:]
    head *= tail
    tail += head
    return np.sum(x * x)


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def overlapping_views(x):
    u = x.copy()
    a = u[:-1]
    b = u[1:]
    b += a
    a *= b
    return np.sum(u)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def rows_and_columns(a):
    b = a.copy()
    row = b[1]
    column = b[:, 1]
    row += column
    column *= row[1]
    return np.sum(b * a)


@program(lambda rng: (rng.standard_normal(4), True), analytic=True)
def view_chosen_by_branch(x, front):
    u = x.copy()
    if front:
        v = u[:2]
    else:
        v = u[2:]
    v *= 3.0
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(4), False), analytic=True)
def view_chosen_by_expression(x, front):
    u = x.copy()
    v = u[:2] if front else u[2:]
    w = v[1:]
    v[0] = v[1] * x[0]
    w *= u[0]
    v *= 3.0
    return np.sum(u * u) + np.sum(v)


@program(lambda rng: (rng.standard_normal(4), True), analytic=True, name="view_replaced_by_branch")
@program(lambda rng: (rng.standard_normal(4), False), analytic=True, name="view_kept_by_branch")
def view_replaced_perhaps(x, back):
    u = x.copy()
    v = u[:2]
    if back:
        v = u[2:]
    v *= v
    v[1] += u[0]
    return np.sum(u * x) + np.sum(v)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def array_chosen_in_a_loop(x, n):
    u = x.copy()
    w = 2 * x
    for i in range(n):
        v = u if i % 2 else w
        v[0] = v[1] * x[0]
        v *= 1.2
        u = u * 1.1
    return np.sum(u * w)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def view_chosen_before_a_break(x):
    u = x.copy()
    for i in range(3):
        if x[0] > 1.0:
            v = u[:2]
        else:
            v = u[2:]
        v *= 1.5
        if i == 1:
            break
        v += u[1]
    return np.sum(u * u)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), analytic=True)
def new_array_and_view_of_the_old_one(x, n):
    u = x.copy()
    total = 0.0
    for _ in range(n):
        v = u[1:]
        v *= x[0]
        u = np.sin(u)
        u[0] = u[1] * v[0]
        total += np.sum(v * u[1:])
    return total + np.sum(u)


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True)
def array_and_view_rebound_in_loop(x, n):
    u = x.copy()
    total = 0.0
    for i in range(n):
        v = u[i:]
        v += np.sin(v)
        u = u * 1.1
        total = total + np.sum(v * v)
    return total + np.sum(u)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def helper_writes_into_view(x):
    u = x.copy()
    _smooth(u[1:])
    _smooth(u)
    return np.sum(u * u)


def _smooth(u):
    u[1:-1] += 0.5 * (u[:-2] + u[2:])


@program(lambda rng: (rng.standard_normal((2, 2, 2)),), analytic=True)
def swapped_axes_view(a):
    b = a.copy()
    c = np.swapaxes(b, 0, 2)
    c[0, 1] *= 3.0
    b[1] += b[0]
    return np.sum(b * c)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def read_only_views(x):
    a = x[1:]
    b = x[:-1]
    c = x[::-1]
    return np.sum(a * b) + np.sum(c * x) + np.sum(a[::2] * b[1::2])


@program(lambda rng: (rng.standard_normal((3, 2)), rng.standard_normal(2)), argnums=(0, 1))
def view_survives_rebinding(a, b):
    m = a * 1.0
    row = m[0]
    m = m + b
    row += b * b
    return np.sum(m) * np.sum(row)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def view_returned(x):
    u = x * x
    v = u[1:4]
    u[2] = 5.0 * x[0]
    return v


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 2), analytic=True)
def view_shortens_its_array(x, n):
    u = x.copy()
    for _ in range(n):
        v = u[:-1]
        v *= 1.1
        u = np.exp(v)
    return np.sum(u * u)


@program(lambda rng: (rng.uniform(0.5, 1.5, 5), 2), analytic=True)
def view_lengthens_its_array(x, n):
    u = x.copy()
    for _ in range(n):
        v = u[1:]
        v *= 1.5
        u = np.concatenate([v, v])
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal(4),))
def view_of_a_view_of_what_gets_another_array(x):
    a = x.copy()
    c = a[::-1]
    e = c[1:]
    a[0] = a[1] * x[0]
    for _ in range(3):
        a = np.sin(x)
    return np.sum(a * a) + np.sum(e * e)


# --- views by an index that is another when they are used ----------------------------------------


def _vector(rng):
    return (rng.uniform(0.3, 1.2, 3),)


@program(_vector, analytic=True)
def view_by_an_index_that_counts_on(x):
    s = 0.0
    i = 0
    while i < 3:
        y = x[i : i + 1]
        i += 1
        s = s + np.sum(y**2)
        x *= 0.7
        s = s + np.sum(y**3)
    return s


@program(_vector, analytic=True)
def view_by_an_index_that_counts_on_in_a_branch(x):
    s = 0.0
    i = 0
    for _ in range(3):
        y = x[i:]
        if s < 100.0:
            i = i + 1
        y[:1] *= 2.0
        s = s + np.sum(y**2)
    return s


@program(_vector, analytic=True)
def view_by_ends_that_are_exchanged(x):
    a, b = 0, 2
    for _ in range(2):
        y = x[a:b]
        a, b = b - 1, b + 1
        y *= 2.0
    return np.sum(x**2)


@program(_vector, analytic=True)
def view_of_the_turn_before_of_what_changes(x):
    s = 0.0
    for i in range(3):
        if i > 0:
            s = s + np.sum(y**2)  # noqa: F821 - bound in the turn before
        x *= 0.7
        y = x[i : i + 1]  # noqa: F841
    return s


@program(_vector, analytic=True)
def rest_of_the_turn_before_of_what_changes(x):
    s = 0.0
    for i in range(4):
        if i > 0:
            s = s + np.sum(y[1:] ** 2)  # noqa: F821 - bound in the turn before
        x *= 0.7
        y = x[i:]  # noqa: F841
    return s


@program(_vector, analytic=True)
def last_view_of_an_inner_loop(x):
    s = 0.0
    for j in range(2):
        for i in range(3):
            if i != 2 - j:
                z = x[i : i + 1]
                z *= 1.3
        s = s + np.sum(z**2) + np.sum(np.sin(x))
        x *= 0.8
    return s


@program(_vector, analytic=True)
def last_view_of_an_inner_loop_by_an_index_of_its_own(x):
    s = 0.0
    for j in range(2):
        for i in range(3):
            if i != 2 - j:
                k = i
                z = x[k : k + 1]
                z *= 1.3
        s = s + np.sum(z**2) + np.sum(np.sin(x))
        x *= 0.8
    return s


@program(_vector, analytic=True)
def sum_takes_the_name_of_its_part(x):
    y = np.tanh(x) + 0.6
    s = 0.0
    for _ in range(2):
        z = np.exp(0.3 * y)
        w = y
        y = y * 2.0
        w *= 3.0
        y += w
        s = s + np.sum(z * y)
    return s


@program(_vector, analytic=True)
def product_takes_the_name_of_its_factor(x):
    y = np.tanh(x) + 0.6
    for _ in range(2):
        w = y
        y = y * 2.0
        w *= 1.5
        y = w * y
    return np.sum(y)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def sum_with_what_may_be_a_view(x):
    y = x.copy()
    v = np.squeeze(y) + 0.5
    y[1] *= -2.0
    return v * y
