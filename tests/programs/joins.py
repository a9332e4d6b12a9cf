"""Arrays that are joined: their adjoints are parts of that of the whole."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal(4)), argnums=(0, 1), analytic=True
)
def joined_with_numbers(a, b):
    return np.sum(np.sin(np.concatenate([[1.0, 2.0], a, b, [a[0]]])))


@program(
    lambda rng: (rng.standard_normal((3, 5)), rng.standard_normal((4, 2)), rng.standard_normal(3)),
    argnums=(0, 1, 2),
    analytic=True,
)
def recurrent_net_of_joined_inputs(W, xs, h):
    total = 0.0
    for x in xs:
        z = np.concatenate([x, h])
        h = np.tanh(W @ z)
        total = total + np.sum(h * h)
    return total


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(4)), argnums=(0, 1))
def joined_and_changed_in_turns(a, b):
    h = a
    for k in range(3):
        z = np.concatenate([h, b])
        z[k] = z[k] * h[0]
        h = np.tanh(z[2:5])
    return np.sum(h)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(4)), argnums=(0, 1))
def joined_again_with_a_view(a, b):
    u = np.concatenate([a, b])
    v = u[2:]
    v += 1.0
    w = np.concatenate([v, u])
    v *= 2.0
    return np.sum(w * w) + np.sum(u)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def slopes_with_the_ends(a, b):
    slopes = np.concatenate([a[:1], np.diff(a), b[-1:]])
    return np.sum(slopes**3)


@program(
    lambda rng: (rng.standard_normal(4), rng.standard_normal((4, 2)), rng.standard_normal(4)),
    argnums=(0, 1, 2),
    analytic=True,
)
def regression_on_columns(x, more, w):
    design = np.column_stack([np.ones(4), x, x * x, more])
    fitted = np.stack([x, w], axis=1) @ np.array([1.0, -0.5])
    return np.sum((design @ np.concatenate([w, [0.5]]) - fitted) ** 2)


@program(lambda rng: (rng.normal(size=3), rng.normal(size=2)), argnums=(0, 1))
def lengthened_in_each_turn(x, w):
    v = w
    for i in range(2):
        v = np.concatenate([v * x[i], w[:1]])
        v = np.concatenate([x[1:], v])
    return np.sum(v * v)


@program(lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(2, 1))), argnums=(0, 1))
def columns_added_in_some_turns(a, c):
    m = a
    for i in range(3):
        if i != 1:
            m = np.hstack([m, c * (i + 1)])
    return np.sum(np.sin(m) * m)
