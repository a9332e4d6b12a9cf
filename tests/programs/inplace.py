"""Programs that write into arrays, without a second name for the memory."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(8), 4), expect=None, analytic=True, order=3)
def relax(u, steps):
    v = u.copy()
    for _ in range(steps):
        v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])
        u[1:-1] = v[1:-1]
    return np.sum(u**2)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def fill_by_index(x):
    y = np.zeros(5)
    for i in range(5):
        y[i] = np.sin(x[i]) * (i + 1)
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def fill_like_argument(x):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = np.sin(y[i - 1]) * x[i]
    return y[-1] + np.sum(y)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def overwrite_after_use(x):
    y = x * 2
    z = np.sin(y)
    w = y * y
    y[1:3] = z[1:3] * y[2:4]
    y[0] = 0.0
    return np.sum(w * y)


@program(lambda rng: (rng.standard_normal(6),), analytic=True, order=3)
def mutates_its_argument(x):
    x[2:4] = x[:2] * x[4:]
    x[0] = 3.0
    return np.sum(x * x)


@program(lambda rng: (rng.standard_normal(6), 2.0), argnums=(0, 1), analytic=True)
def augmented_argument(x, a):
    x *= a
    x += x
    x -= 1.5
    x /= 3
    return np.sum(np.exp(x))


@program(
    lambda rng: (rng.standard_normal(5), rng.standard_normal(5)), argnums=(0, 1), analytic=True
)
def augmented_square(x, y):
    z = x.copy()
    z *= z
    z += y
    z *= x
    return np.sum(z)


@program(lambda rng: (rng.uniform(1, 2, 4), rng.standard_normal(4)), argnums=(0, 1), analytic=True)
def augmented_power_and_division(x, y):
    z = x + 0.0
    z **= 2
    z /= y + 5
    z **= 3
    return np.sum(z)


@program(lambda rng: (rng.standard_normal((4, 3)), rng.standard_normal(3)), argnums=(0, 1))
def rows_updated(a, b):
    out = np.zeros((4, 3))
    for i in range(4):
        out[i, :] = a[i] * b
        out[i] += np.sin(b)
        if i > 0:
            out[i, :] += out[i - 1, :] * a[i]
    return np.sum(out * out)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def elements_updated(a):
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] += a[i, j] * a[j, i]
            out[j, i] *= 1.5
    return np.sum(np.sin(out))


@program(lambda rng: (rng.standard_normal(6),), analytic=True, order=3)
def overlapping_shift(x):
    y = x.copy()
    y[1:] = y[:-1] * y[1:]
    y[:-1] += y[1:]
    y[::2] *= y[1::2]
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def reversed_overlap(x):
    y = x * 1.0
    y[:] = y[::-1] * y
    y[-3:] -= y[:3]
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(5), 4), analytic=True, order=3)
def reused_buffer(x, n):
    buffer = np.zeros(5)
    total = 0.0
    for i in range(n):
        buffer[:] = x * (i + 1)
        buffer[0] = total
        total = total + np.sum(np.sin(buffer))
    return total


@program(lambda rng: (rng.standard_normal(5), np.zeros(5)), argnums=(0,), analytic=True)
def workspace_argument(x, work):
    work[:] = x * x
    work += np.sin(x)
    work[1:] *= x[:-1]
    return np.sum(work)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def overwritten_with_constant(x):
    y = np.sin(x)
    y[2] = 0
    y[3:] = 1.0
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal(5),), expect=lambda x: (np.zeros(5),), analytic=True)
def wholly_overwritten(x):
    y = np.sin(x)
    y[:] = 2.0
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(5), 3), analytic=True)
def store_scalar_from_loop(x, n):
    y = np.zeros(5)
    s = 1.0
    for i in range(n):
        s = s * x[i]
        y[i] = s
        y[i + 1] = s * s
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal(5), rng.standard_normal(3)), argnums=(0, 1))
def store_by_index_array(x, y):
    index = np.array([4, 0, 2])
    x = x.copy()
    x[index] = y * x[index]
    x[index] += np.sin(y)
    x[[1, 3]] *= 2.0
    return np.sum(x * x)


@program(lambda rng: (rng.standard_normal(7),))
def store_by_mask(x):
    y = x * x
    y[x > 0] = 0.5
    y[y > 1.0] *= 3.0
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal(5), 0.3), argnums=(0, 1), analytic=True)
def store_broadcast(x, a):
    out = np.zeros((3, 5))
    out[0] = a
    out[1:] = x
    out[:, 2] = a * a
    out[:, :2] += x[:2]
    out[1, 1:4] = np.sin(x[1:4]) * a
    return np.sum(out * out)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def zero_length_slices(x):
    y = x.copy()
    y[2:2] = y[3:3] * 2
    y[5:] += 1.0
    y[:0] = x[:0]
    return np.sum(y * y) + np.sum(x[4:2])


@program(lambda rng: (rng.standard_normal(6),), analytic=True)
def negative_indices(x):
    y = np.zeros(6)
    y[-1] = x[0]
    y[-2] = x[-3] * y[-1]
    y[-5:-3] = x[-2:]
    y[::-2] += x[1::2]
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal((3, 4)),), analytic=True)
def column_updates(a):
    b = a.copy()
    for j in range(1, 4):
        b[:, j] -= b[:, j - 1] * np.sum(b[:, j - 1] * a[:, j])
    return np.sum(b**2)


@program(lambda rng: (rng.standard_normal((4, 4)) + 4 * np.eye(4),), argnums=(0,), analytic=True)
def gaussian_elimination(a):
    u = a.copy()
    n = len(u)
    for k in range(n):
        for i in range(k + 1, n):
            u[i, k:] -= u[i, k] / u[k, k] * u[k, k:]
    return np.sum(np.log(u.diagonal() ** 2)) if n == 0 else u[n - 1, n - 1] * u[0, 0]


@program(lambda rng: (rng.standard_normal(5), 3))
def conditional_store(x, n):
    y = np.zeros(5)
    for i in range(5):
        if x[i] > 0:
            y[i] = x[i] * x[i]
        elif i > n:
            y[i - 1] += x[i]
        else:
            y[i] -= 2 * x[i]
    return np.sum(y**2)


@program(lambda rng: (rng.standard_normal((2, 3, 4)),), analytic=True)
def ellipsis_store(x):
    y = np.zeros((2, 3, 4))
    y[..., 0] = x[..., 1] * 2
    y[0, ...] += x[1]
    y[..., 1:3] = np.sin(x[..., :2])
    return np.sum(y * x)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def returns_a_mutated_array(x):
    y = x.copy()
    y[1:] += y[:-1] * x[1:]
    return y


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def float_item_is_a_value(x):
    y = x.copy()
    first = y[0]
    y[0] = first * 10
    first += 1.0
    return first * np.sum(y)


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True)
def snapshot_by_copy(x, n):
    state = x.copy()
    total = 0.0
    for _ in range(n):
        before = state.copy()
        state[:] = np.sin(state)
        state += before
        total = total + np.dot(before, state)
    return total


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def written_by_a_function(x):
    y = np.exp(x)
    np.multiply(y, x, out=y)
    z = np.subtract(1.0, y, out=y)
    np.sin(z, out=z)
    return np.sum(z * x)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def written_while_a_view_shows(x):
    y = np.exp(x)
    shown = y.T
    z = np.multiply(y, x, out=y)
    np.sin(z, out=z)
    return np.sum(shown * z * x)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def written_into_its_argument(x):
    y = x * x
    np.multiply(x, y, out=x)
    np.add(x, y, out=x)
    return np.sum(x * y)


@program(
    lambda rng: (rng.standard_normal((3, 4)), rng.uniform(0.5, 1.5, 4)), argnums=(0, 1), order=2
)
def softmax_of_scaled_rows(x, scale):
    scores = x / scale
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(p * x * x)


@program(lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal(3)), argnums=(0, 1))
def losses_of_a_margin(x, s):
    z = np.logaddexp(0.0, -s[:, None] * x)
    return np.sum(z) + np.sum(np.logaddexp2(x, s[:, None]))


@program(lambda rng: (rng.standard_normal(3),))
def sorted_and_filled_in_place(x):
    y = x.copy()
    z = y[1:]
    z.sort()
    w = y * x
    z.fill(x[0])
    return np.sum(w * w) + np.sum(y**3)


@program(lambda rng: (rng.standard_normal(3),))
def copied_into_rows(x):
    a = np.zeros((2, 3))
    for i in range(2):
        np.copyto(a[i], np.sin(x * (i + 1)))
    a.sort(axis=0)
    np.copyto(a, a[::-1].copy())
    return np.sum(a * a * np.arange(6.0).reshape(2, 3))


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def filled_and_reshaped_in_turns(x):
    p = np.zeros(4)
    p[0] = x[0]
    for _ in range(2):
        p = (p.reshape(2, 2) @ x.reshape(2, 2)).ravel() + x
    q = np.ones(4)
    q[1:] = x[1:]
    for _ in range(2):
        q = (q * x)[::-1]
    return np.sum(p * q)


@program(lambda rng: (rng.standard_normal(3),))
def amplitudes_of_three_bits(angles):
    psi = np.zeros(8, complex)
    psi[0] = 1.0
    for k in range(3):
        c, s = np.cos(angles[k] / 2), np.sin(angles[k] / 2)
        gate = np.array([[c, -1j * s], [-1j * s, c]])
        psi = np.tensordot(gate, psi.reshape(2, 2, 2), axes=([1], [k]))
        psi = np.moveaxis(psi, 0, k).ravel()
        psi = np.exp(1j * angles[k] * np.arange(8)) * psi
    return np.real(np.conj(psi) * psi) @ np.arange(8.0) + np.real(psi[3])


@program(lambda rng: (rng.standard_normal(2), rng.standard_normal()), argnums=(0, 1), analytic=True)
def stored_with_leading_axes(x, a):
    u = np.zeros(4)
    u[1:-1] = a * np.atleast_2d(a)
    u[:2] = u[:2] * x[None]
    u[2:] = np.reshape(a, (1, 1))
    return np.sum(u * u)


@program(lambda rng: (rng.standard_normal((3, 2)),), analytic=True)
def rows_of_changed_arrays_joined(a):
    b, c, d = np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((3, 2))
    for i in range(3):
        b[i, :] += a[i] * a[0]
        c[i, :] = a[i] * 2.0
        d[i, 0] = a[i, 1]
    return np.sum(np.concatenate(b)) + np.sum(np.stack(c, axis=1)) + np.sum(sum(d))
