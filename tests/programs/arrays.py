"""Programs of array functions: products, reductions, shapes, indexing, broadcasting."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal((4, 2)), rng.standard_normal(4)),
    argnums=(0, 1, 2),
    analytic=True,
    order=3,
)
def matrix_products(a, b, v):
    return np.sum(np.sin(a @ b)) + np.sum((a @ v) ** 2) + np.sum(np.cos(v @ b)) + (v @ v) ** 2


@program(
    lambda rng: (rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 2))),
    argnums=(0, 1),
    analytic=True,
)
def batched_matmul(a, b):
    return np.sum(np.sin(np.matmul(a, b))) + np.sum(np.matmul(np.swapaxes(a, 1, 2), a) ** 2)


@program(
    lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal(4), rng.standard_normal(3)),
    argnums=(0, 1, 2),
)
def dot_outer_inner(a, x, y):
    return np.dot(y, np.dot(a, x)) * np.sum(np.outer(y, x) * a) + np.inner(x, x) + np.vdot(y, y)


@program(
    lambda rng: (rng.standard_normal((3, 4)), rng.standard_normal((4, 5)), rng.standard_normal(5)),
    argnums=(0, 1, 2),
    analytic=True,
)
def einsums(a, b, v):
    c = np.einsum("ij,jk->ik", a, b)
    d = np.einsum("ik,k->i", c, v)
    trace = np.einsum("ij,ij->", a, a)
    t = np.einsum("ij,jk,k->i", a, b, v)
    return np.sum(np.sin(d)) * trace + np.sum(t * t) + np.sum(np.einsum("ij->ji", a) ** 3)


@program(
    lambda rng: (rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 3, 2))),
    argnums=(0, 1),
    analytic=True,
)
def tensordots(a, b):
    c = np.tensordot(a, b, axes=1)
    d = np.tensordot(a, b, axes=([1, 2], [1, 0]))
    return np.sum(c**2) + np.sum(np.sin(d))


@program(lambda rng: (rng.standard_normal((3, 4)),), analytic=True)
def sums_and_means(a):
    s = np.sum(a, axis=0) * np.mean(a, axis=0)
    t = np.sum(a, axis=1, keepdims=True) * a
    u = a - np.mean(a, axis=-1, keepdims=True)
    return np.sum(s) + np.sum(np.sin(t)) + np.sum(u**3) + a.sum() * a.mean(axis=(0, 1))


@program(lambda rng: (rng.uniform(0.5, 1.5, (3, 4)),), analytic=True)
def products(a):
    return np.prod(a) + np.sum(np.prod(a, axis=0)) + np.sum(a.prod(axis=1, keepdims=True) * a)


@program(lambda rng: (np.array([0.0, 1.5, -2.0, 0.7]),), analytic=True)
def product_with_a_zero(x):
    return np.prod(x) * 2 + np.prod(x[1:])


@program(lambda rng: (rng.standard_normal((3, 4)),))
def variances(a):
    v = np.var(a, axis=0) + np.std(a, axis=0)
    return np.sum(v * np.arange(4)) + a.var() + a.std(ddof=1) + np.var(a, axis=1, ddof=1)[0]


@program(lambda rng: (rng.permutation(12).reshape(3, 4) * 0.3 - 1.5,))
def extremes(a):
    b = np.max(a, axis=0) * np.min(a, axis=0)
    c = a - np.max(a, axis=1, keepdims=True)
    return np.sum(b) + np.sum(np.exp(c)) + a.max() * a.min()


@program(lambda rng: (rng.standard_normal((2, 6)),), analytic=True)
def shapes(a):
    b = a.reshape(3, 4).T
    c = np.reshape(b, (2, -1))
    d = np.expand_dims(c, 1) * c[:, :, None]
    e = np.moveaxis(d, 0, -1)
    f = np.squeeze(np.expand_dims(e, 0), axis=0)
    g = np.transpose(f, (1, 0, 2))
    return np.sum(np.sin(g) * np.swapaxes(f, 0, 1)) + np.sum(np.ravel(b)[:5] ** 2)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal((2, 3))), argnums=(0, 1))
def broadcast_to(x, a):
    b = np.broadcast_to(x, (4, 3))
    return np.sum(np.sin(b)) + np.sum(np.broadcast_to(a[:, None], (2, 5, 3)) ** 2 * x)


@program(
    lambda rng: (
        rng.standard_normal((3, 1)),
        rng.standard_normal((1, 4)),
        rng.standard_normal(4),
        0.7,
        rng.standard_normal((2, 1, 1)),
    ),
    argnums=(0, 1, 2, 3, 4),
    analytic=True,
    order=3,
)
def broadcasting_everywhere(a, b, v, s, t):
    c = a * b + v
    d = s * c - t / (1 + s * s)
    e = v * a + s
    return np.sum(np.sin(d)) + np.sum(e * b * c) + np.sum(a - s) * np.sum(v**2 * t)


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal((2, 3))),
    argnums=(0, 1, 2),
    analytic=True,
)
def joined(x, y, a):
    b = np.concatenate((x, y * 2, a[0]))
    c = np.stack([x, y, b[3:6]], axis=1)
    d = np.vstack([a, x]) + np.vstack((x, y, y))
    e = np.hstack((x, y))
    f = np.concatenate([a, a * 2], axis=1)
    return np.sum(b**2) + np.sum(np.sin(c)) + np.sum(d**3) + np.dot(e, e) + np.sum(f[0] * f[1])


@program(lambda rng: (rng.standard_normal((4, 6)),), analytic=True)
def split_apart(a):
    p, q, r = np.split(a, 3, axis=1)
    top, bottom = np.split(a, [1], axis=0)
    return np.sum(p * q) + np.sum(np.sin(r)) + np.sum(top * bottom)


@program(
    lambda rng: (rng.standard_normal((5, 4)), rng.standard_normal((5, 4))),
    argnums=(0, 1),
    analytic=True,
)
def sliced_alike(a, b):
    n = len(b[:3])
    flat = np.ravel(a[::2])[1:5] * np.ravel(b[::2])[1:5]
    joined = np.concatenate([a[:2], a[3:]]) * np.concatenate([b[:2], b[3:]])
    return np.sum(np.sin(a[1:n]) * b[1:n]) + np.sum(flat) + np.sum(joined * joined)


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(5)),
    argnums=(0, 1, 2),
    analytic=True,
)
def sliced_unlike(x, y, z):
    n, m = len(x) - 2, len(x[2:])
    first, last = np.split(y, [2])
    return (
        np.sum(x[:n] * y)
        + np.sum(x[:m] * y[:2])
        + np.sum(np.sin(z[:n]) * z[: m + 2])
        + np.sum(z[-4:-3] * z[-2:])
        + np.sum(first * last)
    )


@program(
    lambda rng: (rng.standard_normal(1), rng.standard_normal(4)), argnums=(0, 1), analytic=True
)
def sliced_by_negative_number(x, y):
    n, m = len(x) - 2, len(x[2:])
    return np.sum(np.exp(y[:n]) * y[m : m + 1]) + np.sum(y[: m + 2] * x[:4])


@program(lambda rng: (rng.standard_normal((4, 5)),), analytic=True)
def basic_indexing(a):
    return (
        a[1, 2] * a[-1, -2]
        + np.sum(a[1:3, ::2] ** 2)
        + np.sum(a[::-1, 1] * a[:, 3])
        + np.sum(a[..., 0] * a[:, -1])
        + np.sum(a[None, 2] * a[:, None, :])
        + a[3][1]
    )


@program(lambda rng: (rng.standard_normal((4, 5)),), analytic=True)
def advanced_indexing(a):
    rows = np.array([0, 2, 2, -1])
    cols = np.array([1, 1, 4, 0])
    picked = a[rows, cols]
    return np.sum(picked**2) + np.sum(a[rows] * a[[1, 1, 0, 3]]) + np.sum(np.sin(a[:, cols[:2]]))


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def repeated_indices(x):
    return np.sum(x[[0, 0, 1]] ** 2) + np.sum(np.sin(x[np.array([[4, 4], [4, 2]])]))


@program(lambda rng: (rng.standard_normal((3, 4)),))
def boolean_mask(a):
    return np.sum(a[a > 0] ** 2) + np.sum(np.sin(a[:, np.array([True, False, True, False])]))


@program(lambda rng: (rng.standard_normal(6), np.array([3, 1, 1, 0])))
def index_argument(x, index):
    y = x[index]
    return np.sum(y * y * x[index + 1])


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def take_and_cumulate(x):
    y = np.cumsum(np.sin(x))
    z = np.take(x, [3, 0, 0])
    return np.sum(y * y) + np.sum(z**3)


@program(lambda rng: (rng.standard_normal((3, 4)),), analytic=True)
def cumsum_of_axes(a):
    return np.sum(np.cumsum(a, axis=0) ** 2) + np.sum(a.cumsum(axis=1) * a) + np.cumsum(a)[5] ** 2


@program(lambda rng: (rng.standard_normal(6), np.arange(6.0)))
def sorted_weights(x, weights):
    return np.sum(np.sort(x) * weights) ** 2


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def made_arrays(x):
    a = np.zeros_like(x) + np.ones(4) * x
    b = np.full(4, x[0]) * np.arange(4)
    c = np.eye(4) @ x + np.linspace(0.0, 1.0, 4) * x
    d = np.array([x[0], 2.0 * x[1], np.sin(x[2]), 1.0])
    e = np.asarray(x) * np.full_like(x, 3.0)
    return np.sum(a * b) + np.sum(c * d) + np.sum(e**2)


@program(lambda rng: (0.7, 1.2), argnums=(0, 1), analytic=True)
def array_of_scalars(x, y):
    v = np.array([x, y, x * y])
    m = np.array([[x, 1.0], [y, x]])
    return np.sum(v**2) + np.sum(m @ m @ v[:2])


@program(lambda rng: (0.3, 1.9), argnums=(0, 1), analytic=True)
def grid_of_arguments(start, stop):
    t = np.linspace(start, stop, 7)
    return np.sum(np.sin(t) * t)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def diagonals(a):
    return np.trace(a) ** 2 + np.sum(np.diag(a) ** 3) + np.sum(np.diag(a[0]) @ a)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def triangles(a):
    return np.sum(np.tril(a) @ np.triu(a, 1))


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True)
def repeated_and_tiled(a):
    return (
        np.sum(np.tile(a, 2) ** 2)
        + np.sum(np.sin(np.repeat(a, 2, axis=0)))
        + np.sum(np.flip(a) * a)
    )


@program(lambda rng: (rng.standard_normal((2, 3)), rng.standard_normal((2, 3))), argnums=(0, 1))
def logaddexps(a, b):
    return np.sum(np.logaddexp(a, b) * a)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def argument_of_shape(x):
    n = x.size
    y = x.reshape((n // 2, 2))
    return np.sum(y @ y.T) / n + y.shape[1] * y.ndim * np.sum(x**2) / len(x)


@program(lambda rng: (rng.standard_normal((0, 3)), 2.0), argnums=(0, 1), analytic=True)
def empty_array(a, s):
    return np.sum(a * a) + s * s * np.sum(a, axis=0).size


@program(lambda rng: (rng.standard_normal(5),))
def index_of_extreme(x):
    i = np.argmax(x)
    return x[i] * x[i - 1] + x[np.argmin(x)] ** 2


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True)
def one_dimension_at_a_time(a):
    b = a
    for axis in (0, 0):
        b = np.sum(np.sin(b), axis=axis)
    return b * b


@program(
    lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1), analytic=True
)
def meshed(x, y):
    return np.sum(np.sin(x[:, None] * y[None, :]) / (1 + (x[:, np.newaxis] - y) ** 2))


@program(
    lambda rng: (rng.standard_normal(4), rng.standard_normal((2, 3))), argnums=(0, 1), analytic=True
)
def axes_added(x, a):
    y = x[:, None] * x[None] - x[None, ..., None]
    b = a[..., None, :] * a[:, None, :, None]
    return np.sum(np.sin(y)) + np.sum(b * b[:, ::-1]) + np.sum(np.cos(x)[None, :, None, None] * a)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def axis_added_under_one_name(x):
    for _ in range(2):
        y = x
        x = x[:, None]
        x = np.sum(np.sin(x * y), axis=1)
    return np.sum(x * x)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal((3, 4))), argnums=(0, 1))
def axis_added_to_what_is_written_to(x, a):
    u = x.copy()
    v = u[:, None]
    a = a * v
    u[1:] = u[:-1] * 2
    w = u[:, None]
    w[0] += 1.5
    return np.sum(a * w) + np.sum(u[None] ** 2)


@program(lambda rng: (rng.standard_normal(4),))
def padded_by_its_own_items(x):
    p = np.pad(np.outer(x, x), ((1, 1), (0, 2)), mode="reflect")
    q = np.pad(x, (1, 2), "wrap") + np.pad(x, (2, 1), "edge")
    return np.sum(np.sin(p) * np.arange(p.size).reshape(p.shape)) + np.sum(q**3)


@program(lambda rng: (rng.standard_normal(3),))
def joined_by_brackets(x):
    return np.sum(np.c_[x, x**2] ** 2) + np.r_[x, np.sin(x)] @ np.arange(6.0)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def einsum_of_one_array_twice_is_new(m):
    a = m * 2.0
    norms = np.einsum("ij,ij->i", a, a)
    norms[0] = a[1, 2] * norms[1]
    square = np.einsum("ij,jk->ik", a, a)
    square[1] *= norms
    a[2] = norms
    return np.sum(square * a)


PRODUCT = "ij,jk->ik"


def _summed_by(subscripts, a):
    return np.sum(np.einsum(subscripts, a, a) ** 2)


@program(lambda rng: (rng.standard_normal((3, 3)),), analytic=True)
def einsum_by_names(a):
    rows = "ij,ij->i"
    b = np.einsum(PRODUCT, a, a) * np.einsum(rows, a, a)
    return _summed_by("ij,kj->ik", b) + _summed_by(rows, a)
