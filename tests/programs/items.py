"""Programs that run over the items of lists: what their adjoints are gathered in."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def _layers(rng, n=3):
    return [(0.5 * rng.standard_normal((3, 3)), rng.standard_normal(3)) for _ in range(n)]


def _matrices(rng, n=3):
    return [0.5 * rng.standard_normal((3, 3)) for _ in range(n)]


@program(
    lambda rng: (rng.standard_normal((3, 3)), rng.standard_normal((3, 3)), rng.standard_normal(3)),
    argnums=(0, 1, 2),
    analytic=True,
)
def decay_over_written_out_weights(W1, W2, x):
    decay = 0.0
    for w in (W1, W2):
        decay += np.sum(w * w)
    return decay + np.sum(x @ W1 @ W2)


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def items_of_one_adjoint(weights, x):
    total = np.zeros((3, 3))
    for w in weights:
        total = total + w
    return np.sum(np.sin(total) @ x)


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def item_read_by_index_besides(weights, x):
    for i in range(len(weights)):
        x = np.tanh(weights[i] @ x) + weights[0] @ x
    return np.sum(x)


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def items_read_before_and_after(weights, x):
    x = weights[1] @ x
    for w in weights:
        x = np.tanh(w @ x)
    return np.sum(weights[-1] @ x)


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1))
def items_read_in_a_branch(weights, x):
    for w in weights:
        if w[0, 0] > 0:
            x = np.tanh(w @ x)
    return np.sum(x)


@program(lambda rng: (_matrices(rng, 4), rng.standard_normal(3)), argnums=(0, 1))
def items_until_one_is_large(weights, x):
    for w in weights:
        if x @ x > 3.0:
            break
        x = np.sin(w @ x) + x
    return np.sum(x * x)


@program(lambda rng: (_layers(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def layers_run_over_twice(layers, x):
    for W, b in layers:
        x = np.tanh(W @ x + b)
    for W, _ in layers:
        x = W @ x
    return np.sum(x)


@program(lambda rng: (_layers(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def layers_in_epochs(layers, x):
    for _ in range(2):
        for W, b in layers:
            x = np.tanh(W @ x + b)
    return np.sum(x)


@program(
    lambda rng: (
        _matrices(rng),
        [rng.standard_normal(3) for _ in range(3)],
        rng.standard_normal(3),
    ),
    argnums=(0, 1, 2),
    analytic=True,
)
def weights_beside_biases(weights, biases, x):
    for W, b in zip(weights, biases, strict=True):
        x = np.tanh(W @ x + b)
    return np.sum(x)


@program(lambda rng: (_layers(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def layers_in_reverse_and_counted(layers, x):
    for i, (W, b) in enumerate(layers):
        x = np.tanh(W @ x + (i + 1) * b)
    for W, b in reversed(layers):
        x = W.T @ (x - b)
    return np.sum(x)


@program(lambda rng: (tuple(_matrices(rng)), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def tuple_of_weights(weights, x):
    for w in weights:
        x = w @ x
        x += w[0]
    return np.sum(x)


@program(
    lambda rng: ([{"W": rng.standard_normal((2, 2)), "n": 2.0}, {"W": np.eye(2), "n": 3.0}], 0.7),
    argnums=(0, 1),
    analytic=True,
)
def dicts_with_temperatures(layers, x):
    for layer in layers:
        x = x * np.sum(layer["W"] ** 2) / layer["n"]
    return x


@program(
    lambda rng: ([0.5 * rng.standard_normal((3, k)) for k in (1, 3)], rng.standard_normal(3)),
    argnums=(0, 1),
    analytic=True,
)
def items_of_other_extents(weights, x):
    total = 0.0
    for w in weights:
        total = total + np.sum(w * x[:, None]) ** 2
    return total


@program(lambda rng: ([0.3, -0.7, 1.1],), analytic=True)
def numbers_and_their_mean(xs):
    mean = sum(xs) / len(xs)
    spread = 0.0
    for x in xs:
        spread += (x - mean) ** 3
    return spread


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def list_handed_on_after_the_loop(weights, x):
    for w in weights:
        x = w @ x
    first, *_ = weights
    more = [*weights, first]
    for w in more:
        x = np.sin(w @ x)
    return np.sum(x)


@program(lambda rng: (rng.standard_normal((3, 3)), rng.standard_normal(3)), argnums=(0, 1))
def one_array_in_two_places(W, x):
    for w in [W, 2 * W, W]:
        x = np.tanh(w @ x)
    return np.sum(x)


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def rows_of_the_items(weights, x):
    total = 0.0
    for w in weights:
        for row in w:
            total += np.sin(row @ x)
    return total


@program(lambda rng: ([rng.standard_normal(3) for _ in range(3)],), analytic=True)
def neighbours_in_a_list(xs):
    total = 0.0
    last = xs[-1]
    for x in xs:
        total += last @ np.sin(x)
        last = x
    return total


@program(lambda rng: (_matrices(rng), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def lists_joined_by_stars(weights, x):
    head, *rest = weights
    grown = []
    for w in weights:
        if w[0, 0] > -9.0:
            grown.append(2.0 * w)
    for w in [*rest, head, *grown, head + 1.0, *weights, rest[0]]:
        x = np.sin(w @ x)
    return np.sum(x)


@program(lambda rng: (rng.standard_normal(4), 5), analytic=True)
def lists_joined_by_plus(x, n):
    window = [x[0], x[1]]
    seen = [np.sin(x)]
    for k in range(n):
        window = window[1:] + [window[0] * window[-1] + x[k % 4]]
        seen = [window[-1] * x] + seen
        x = x + 0.1
    both = (window[0], x) + (window[1],)
    twice = seen + seen[:2]
    return both[0] * both[2] * np.sum(both[1]) + sum(np.sum(s * s) for s in twice + [x, x])


@program(lambda rng: (_matrices(rng, 2), rng.standard_normal(3)), argnums=(0, 1), analytic=True)
def written_out_items_of_what_changes(weights, x):
    grown = [w @ x for w in weights]
    for w in [*grown, x]:
        for v in [*grown, x]:
            x = np.tanh(x + v)
        for v in (x, w, x):
            x = x * v
    return np.sum(x)


@program(lambda rng: (rng.standard_normal(4), rng.uniform(0.5, 1.5)), argnums=(0, 1), analytic=True)
def lowered_items_of_what_was_constant(x, rate):
    level = np.ones(4)
    level[2] -= 0.5 * np.sum(x)
    level[0] -= rate - x[1]
    level[1:3] -= 0.3 * x[:2]
    return np.sum(level * level * x)


@program(lambda rng: (rng.uniform(0.2, 0.8, (3, 4)),), analytic=True)
def items_in_one_row(x):
    """`x.flat` is the array as one row; what is assigned to it goes to the array."""
    y = x.copy()
    y.flat[4] = y[0, 0] * 2
    y.flat[::5] *= x.flat[3]
    z = np.zeros_like(x)
    z.flat[:] = x.T.ravel() ** 2
    total = np.sum(y**2) + np.sum(np.array(z.flat) * x.T.ravel())
    for i, q in enumerate(x.T.flat):
        total += q * q * i
    return total + y.flat[-1] * len(y.flat)


@program(lambda rng: (rng.uniform(0.2, 0.8, 6), rng.uniform(0.2, 0.8, (4, 3))), argnums=(0, 1))
def items_put_where_a_mask_or_places_say(x, a):
    mask = np.array([True, False, True, True, False, True])
    u, v, w = x * 2, x * 3, a * 2
    np.copyto(u, x**2, where=mask)
    np.putmask(u, u > 1.0, x)
    np.putmask(v, ~mask, x[0])
    np.place(v, v > 2.0, x[1] ** 2)
    np.put(v, [0, 5], x[2:4] ** 2)
    v.put([1, 2], x[5])
    np.put_along_axis(v, np.array([4]), x[:1], 0)
    np.put_along_axis(w, np.argmax(a, axis=1)[:, None], a[:, :1] ** 2, axis=1)
    np.put_along_axis(w, np.argmin(a, axis=0)[None], values=3.0, axis=0)
    return np.sum(u**2) + np.sum(v**3) + np.sum(w**2 * a)
