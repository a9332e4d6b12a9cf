"""Programs that once had a wrong derivative, or none."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True, order=1)
def iterated_array_is_rebound(y):
    s = 1.0
    for yi in y:
        s = s * yi
        y = y * s
    return s * y[0]


@program(lambda rng: (rng.standard_normal((3, 4)),), analytic=True, order=1)
def rebound_and_written_in_while(a):
    i = 0
    u = a[0].copy()
    while i < 3:
        u = np.tanh(u + a[i])
        u[1] *= u[2]
        i += 1
    return np.sum(u)


@program(
    lambda rng: (rng.uniform(0.5, 1.5, 4), rng.uniform(0.5, 1.5)), argnums=(0, 1), analytic=True
)
def called_like_adjoints_and_temporaries(x, y):
    x_bar = np.zeros(3)
    y_dot = y / 3.0
    t = x * y_dot
    for t1 in t:
        x_bar[0] += t1 * y
        x_bar[0] += t1 / 3.0
        y_bar = y_dot / 3.0 + t1 / 3.0
        t_1 = np.sum(x_bar * 0.5)
        x_bar[1] += t_1 - t_1 * y_bar
    return np.sum(x_bar / 7.0 + t[1:] / 7.0) + y_dot


def squares(v):
    total = 0.0
    for w in v:
        total = total + w * w
    return total


@program(lambda rng: (rng.standard_normal(4),), analytic=True, order=1)
def argument_overwritten_after_call(x):
    b = squares(x[:-2])
    x[0] = x[1]
    return b + np.sum(x * x)


@program(
    lambda rng: (rng.standard_normal(3), rng.standard_normal(3)),
    argnums=(0, 1),
    analytic=True,
    order=1,
)
def argument_view_overwritten_after_call(x, y):
    x = x * squares(y[::-1])
    y += x
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(5),), analytic=True, order=1)
def result_of_call_stored_into_its_argument(y):
    y[1] = squares(y[:-2])
    return np.sum(np.sin(y))


def exponential(v):
    return np.exp(v)


@program(lambda rng: (rng.standard_normal(4),), analytic=True, order=1)
def result_of_call_overwritten_through_view(x):
    y = exponential(x)
    z = y[1:]
    z += y[:-1]
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(5),), analytic=True)
def shifted_view_then_scaled(y):
    v = 0.5 + y[:-1]
    y[:-1] *= 2.0
    return np.sum(np.sin(v) * y[1:])


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def sum_then_written_through_alias(x):
    y = x.copy()
    v = y + 0.5
    w = y
    w[1:] *= y[:-1]
    return np.sum(np.sin(v) * y)


@program(lambda rng: (rng.standard_normal(4),), analytic=True, order=1)
def counter_in_branch(x):
    n = 0
    s = 0.0
    for i in range(4):
        if i % 2:
            n += 1
        s = s + x[i] * x[i] * n
    return s / n


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def counter_in_inner_while(x):
    s = 1.0
    k = 1
    for i in range(4):
        while k < i * 2:
            k *= 2
        s = s * x[i] * k + k
    return s


@program(lambda rng: (rng.standard_normal(4),), analytic=True, order=1)
def counter_in_inner_for_and_branch(x):
    k = 0
    s = 0.0
    for i in range(4):
        for j in range(i):
            k += j
        if k % 2 == 0:
            k = k + 1
        s = s + x[i] * x[i] * k
    return s


@program(lambda rng: (rng.standard_normal(5),), analytic=True, order=1)
def constant_array_in_branches(x):
    w = np.ones(5)
    s = 0.0
    for i in range(4):
        if i % 2:
            w[i] = i
        if i > 1:
            w = w * 2
        s = s + np.sum(w * x * x[i])
    return s


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def element_at_unknown_index(x):
    u = x.copy()
    i = int("1")
    t = u[i]
    u[i] = 0.0
    return t * t + np.sum(u * x)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def elements_at_indices_of_sliced_range(x):
    u = x.copy()
    s = 0.0
    for i in range(4)[:3]:
        t = u[i]
        u[i] = 0.0
        s = s + t * t * u[i + 1]
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def written_until_large(x):
    u = x * 1.0
    for i in range(4):
        u[i] *= x[i]
        if u[i] > 1.2:
            break
    return np.sum(u * x)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def inner_loop_reuses_name(x):
    s = 0.0
    for i in range(3):
        for i in range(2):
            s = s + x[i]
        s = s * x[i]
    return s


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def inner_index_read_after_inner_loop(x):
    s = 0.0
    for _ in range(3):
        for j in range(2):
            s = s + x[j]
        s = s * x[j]
    return s


@program(lambda rng: (rng.standard_normal(3),), analytic=True, order=1)
def growing_list_of_indices(x):
    indices = [0, 1]
    s = 0.0
    for i in range(3):
        indices.append(i)
        s = s + np.sum(x[indices] ** 2)
    return s


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def starred_tuple_in_list(x):
    t = (x, x * 2)
    return np.sum(np.stack([*t, x]) ** 2)


@program(lambda rng: (rng.standard_normal(3),), analytic=True, order=1)
def accumulator_starts_as_none(x):
    total = None
    for i in range(3):
        if total is None:
            total = x * x[i]
        else:
            total = total + x * x[i] * total[0]
    return np.sum(total)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def scalar_becomes_array_in_place(x):
    b = x[0]
    b += x
    b *= b
    return np.sum(b)


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def scaled_while_iterated(x):
    u = x.copy()
    s = 0.0
    for a in u:
        u *= 1.1
        s = s + a * a
    return s


@program(lambda rng: (rng.standard_normal(3),), analytic=True, order=1)
def list_made_anew_in_each_turn(x):
    s = 0.0
    for i in range(3):
        items = []
        for j in range(i + 1):
            items.append(x[j] * s + x[i])
        s = s + items[-1] * items[0] + np.sum(np.array(items))
    return s


@program(lambda rng: (rng.standard_normal(4),), analytic=True, order=1)
def elements_listed_then_overwritten(x):
    u = x.copy()
    items = []
    for i in range(3):
        items.append(u[i])
        u[i] = u[i] * u[i + 1]
    return sum(items) * np.sum(u)


@program(lambda rng: (rng.standard_normal(4),), order=1)
def discrete_fourier_sum(x):
    s = 0.0
    w = np.exp(2j * np.pi / 4)
    for k in range(4):
        t = 0.0
        for n in range(4):
            t = t + x[n] * w ** (k * n)
        s = s + np.abs(t) ** 2 * (k + 1)
    return s


# In these the shape of what a cotangent is made like differs from turn to turn.


@program(lambda rng: (rng.standard_normal(5), 5), analytic=True)
def last_of_ragged(x, n):
    s = 0.0
    for i in range(n):
        y = x[i:] * 2.0
        s = s + y[-1] * (i + 1)
    return s


@program(lambda rng: (rng.standard_normal(5), 4), analytic=True)
def cumulated_ragged(x, n):
    s = 0.0
    for i in range(n):
        y = np.cumsum(x[i:] * x[i:])
        s = s + y[-1] * (i + 1)
    return s


@program(lambda rng: (rng.standard_normal(5), 4), analytic=True)
def pair_of_ragged(x, n):
    s = 0.0
    for i in range(n):
        both = (x[i:] * 2.0, x[: i + 1] * 3.0)
        s = s + both[0][0] * both[1][-1] + both[1][0]
    return s


@program(lambda rng: (rng.standard_normal(5), 4), analytic=True)
def ragged_in_branches(x, n):
    s = 0.0
    for i in range(n):
        y = x[i:] * 2.0
        z = y.reshape(-1, 1)
        if i % 2:
            s = s + np.sum(y) * s
        else:
            s = s + z[0, 0]
    return s


def first_and_rest(v):
    return v[:1] * 2.0, v[1:]


@program(lambda rng: (rng.standard_normal(5), 3), analytic=True)
def first_of_ragged_by_helper(x, n):
    s = 0.0
    for i in range(n):
        first, rest = first_and_rest(x[i:])
        s = s + first[0] * (i + 1) + rest[-1]
    return s


@program(lambda rng: (rng.standard_normal((2, 3)),), analytic=True, order=1)
def flattened(a):
    b = a.flatten() * a[0, 0].item()
    return np.sum(b * b) * a.T.flatten()[1]


ACTIVATIONS = [np.tanh, lambda t: t * t]


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def functions_in_a_list(x):
    for act in ACTIVATIONS:
        x = act(x) + x
    return np.sum(ACTIVATIONS[0](x))


class Oscillator:
    def __init__(self):
        self.stiffness = np.array([1.0, 2.0, 0.5])
        self.dt = 0.1
        self.steps = 3

    def energy(self, x):
        v = np.zeros(3)
        x = x * 1.0
        for _ in range(self.steps):
            v -= self.dt * self.stiffness * x
            x[1:] += self.dt * v[:-1]
        scale = self.stiffness.copy()
        scale *= x
        return np.sum(scale * x) + np.sum(v * v)


@program(lambda rng: (rng.standard_normal(3),), order=1)
def arrays_of_an_object(x):
    return OSCILLATOR.energy(x)


OSCILLATOR = Oscillator()


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), order=1)
def lists_where_arrays_are_wanted(x):
    both = [x[0], x[1] * x[2]]
    pair = (x, 2 * x)
    s = np.sum(np.sin(both)) + np.arctan2(both, 1.0)[1] + np.sort(both)[0]
    s = s + np.max(both) * np.trace(np.multiply(pair, pair))
    return s + np.sum(np.log(pair) * np.square(x))


@program(
    lambda rng: ([rng.standard_normal(n) for n in (2, 4, 3, 5)],),
    order=1,
)
def shape_of_an_earlier_turn(xs):
    s = 0.0
    for i in range(4):
        w = xs[i]
        if i % 2 == 0:
            t = w * w
        s = s + np.sum(t) * (i + 1)
    return s


@program(lambda rng: (rng.standard_normal((4, 3)), 1.3), argnums=(0, 1), order=1)
def squares_summed_for_their_shape(x, a):
    total = 0.0
    for i in range(1, 4):
        row = x[i - 1, :i] * a
        square = row * row
        row = row + 1.0
        total = total + np.mean(square) * np.sum(row) + square.size
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), order=1)
def self_assignment_in_a_branch(x, n):
    b = 2 * x
    if n > 2:
        b = b
    b[-1] *= b[0] * b[-1]
    return np.sum(b * b)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), 3), order=1)
def choice_after_which_all_is_renamed(x, n):
    u = x * 1.5
    if n > 2:
        v = u[:2]
    else:
        v = u[2:]
    for _ in range(n):
        v *= x[:2]
        k = n * 0.1
        u += k
    return np.sum(u * u) + np.sum(v)


def _square(x):
    return x * x


LAYERS = [_square, np.sin]
NAMED = {"square": _square, "sin": np.sin}


@program(lambda rng: (0.7,), analytic=True)
def functions_of_a_list_with_numbers(x):
    total = 0.0
    for i, layer in enumerate(LAYERS, 1):
        total += layer(x) * i
    for layer, weight in zip(LAYERS, [x, 2.0], strict=True):
        total += layer(x) * weight
    for i, (layer, weight) in enumerate(zip(LAYERS, (3.0, x), strict=False)):
        total += layer(x) * weight * i
    for layer in reversed(LAYERS):
        x = layer(x)
    return total + x


@program(lambda rng: (0.7,), analytic=True)
def functions_of_a_dict(x):
    total = 0.0
    for name, layer in NAMED.items():
        total += layer(x) * len(name)
    for layer in NAMED.values():
        total = total + layer(total)
    for name in NAMED:  # by a key that runs
        total = total * NAMED[name](x)
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def lists_given_by_keyword(x):
    s = np.sum(a=[x[0], x[1] * x[2]]) * np.max(a=x)
    return s + np.linalg.norm(x=[x[0], x[1]]) + np.sum(a=x, axis=0)


@program(lambda rng: ({"w": rng.standard_normal(3), "b": 0.7},), analytic=True)
def dict_read_by_runtime_keys(p):
    total = 0.0
    for k in p:
        total += np.sum(p[k] ** 2)
    for i, k in enumerate(p):
        total += np.sum(p[k]) * i
    for k in sorted(p):
        total = total * 0.5 + np.sum(p[k])
    for k in list(p.keys()):
        total = total + np.sum(p[k]) * total
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def second_name_of_an_array_without_axes(x):
    z = np.asarray(np.sum(x))
    w = z
    w *= x[1]
    w[...] += np.sin(z)
    w *= x[2]
    return z * w


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def array_without_axes_read_before_it_changes(x):
    z = np.array(x[0] * x[1])
    z[...] = z * z
    z /= x[2]
    y = z + z
    z *= y
    return z * y


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def array_without_axes_in_a_loop(x):
    z = np.array(x[0])
    for i in range(3):
        w = z
        w *= x[i]
        w[...] += np.sin(z)
    return z * w * w


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def item_updated_under_an_ellipsis(x):
    a = x.copy()
    s = x[0] * x[1]
    a[0] = x[3] ** 2
    a[0, ...] += s
    a[0] *= x[2]
    v = a[1, ...]
    a[1] = 5.0 * x[1]
    return np.sum(a**2) * s * v


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True, order=1)
def array_copied_by_its_constructor(x):
    a = np.array(x)
    a[0] = 3.0 * x[1]
    b = np.array([a, x])
    a[1] *= x[2]
    b[0] *= b[1]
    return np.sum(b) * np.sum(a * x)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def dict_with_keys_that_are_no_names(x):
    d = {0: x[0], "a b": x[1], "class": x[2]}
    d[1] = d[0] * d["a b"]
    total = sum(d.values())
    for k, v in d.items():
        total = total + v * d[k] * d["class"]
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), order=1)
def copied_array_seen_by_a_view(x):
    a = x.copy()
    b = a
    v = b[:-1]
    a = b * 0.9
    b[0] *= b[0] * a[-1]
    if x[0] > 0:
        b[0] += b[1] * x[0]
    return np.sum(a * a) + np.sum(b * b) + np.sum(v * v)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, 3)), order=1)
def numpy_names_beside_out(x, y):
    z = np.zeros(3)
    np.multiply(x, y, out=z)
    s = np.sum(a=[x[0], z[1]])
    return s * np.clip(a=z, a_min=0.1, a_max=5.0).sum() + np.sum(a=z * x, axis=0)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), order=1)
def renamed_array_changed_in_each_turn(x):
    s = 0.0
    for i in range(3):
        a = x * (i + 1.0)
        b = a
        b[0] *= b[0] * x[1]
        b[0] += b[1] * x[0]
        s += np.sum(b * b)
    return s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def popped_item_that_nobody_reads(x):
    xs = [x[0], x[1]]
    for i in range(3):
        xs.append(xs[-1] * xs[-2] * x[2])
        if i == 1:
            xs.pop()
    xs.append(np.sin(x[0]))
    given_up = xs.pop()  # noqa: F841
    xs.pop()
    return xs[-1] * xs[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def list_grows_and_its_items_change(x):
    xs = [x[0], x[1]]
    for i in range(3):
        xs.append(xs[-1] * xs[-2])
        xs[i] = xs[i] * x[2]
    xs.pop()
    xs[-1] = xs[-1] + 1
    return xs[-1] * xs[0]


@program(lambda rng: (0.7, 0.45), argnums=(0, 1), order=1)
def list_popped_then_changed(x, y):
    xs = [x, y, x * y]
    s = xs.pop()
    ys = xs.copy()
    xs[0] *= s + y
    xs.append(xs[-1] * x)
    return sum([v * v for v in xs]) + ys[0] * ys[1]


@program(lambda rng: (rng.uniform(0.5, 1.5, 2), rng.standard_normal((2, 2))), argnums=(0, 1))
def list_beside_an_array(x, m):
    y = [1.0, x[0]] * x
    y = y + [x[1], 2.0] - (x[0], x[1])
    return np.sum(y / [2.0, 3.0]) + (m @ [x[0], 1.5])[0] * ([1.0, 2.0] @ m)[1]


@program(lambda rng: (rng.uniform(0.5, 1.5, (2, 2)),), analytic=True)
def ravelled_part_read_before_the_change(a):
    b = a * 1.0
    t = b[:, -1:].ravel()
    y = np.sum(np.sin(t))
    b[-1, 0] *= 2.0
    return y + np.sum(np.sin(5 * b))


@program(lambda rng: (rng.uniform(0.5, 1.5, (2, 3)),), analytic=True)
def reshaped_transpose_read_before_the_change(a):
    b = a.copy()
    y = np.sum(np.sin(b.T.reshape(-1)) * np.arange(6.0))
    b[0] *= 2.0
    return y + np.sum(np.sin(5 * b))


@program(lambda rng: (rng.uniform(0.5, 1.5, (3, 3)), rng.uniform(0.5, 1.5, 3)), argnums=(0, 1))
def diagonal_and_products_read_before_the_change(a, v):
    for k in range(2):
        a[-1] = np.sin(np.minimum(np.diag(a), v + k))
        a[0] = np.einsum("ij,j->i", a, v)
        v += 0.1 * np.broadcast_to(v[:, None], (3, 3)).T[0]
    return np.sum(a**2)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 4), analytic=True)
def array_of_a_grown_list_is_changed(x, n):
    rows = []
    for i in range(n):
        rows.append(np.sin(x * i))
    c = np.array(rows)
    c[-1] = x * x
    d = np.concatenate([x[:i] for i in range(1, n)])
    d[0] *= c[1, 2]
    e = np.repeat(x[None], n, axis=0)
    e[1:] *= e[:-1]
    return np.sum(c**2) + np.sum(d * d) + np.sum(e)


@program(lambda rng: (rng.uniform(0.5, 1.5, 6),), analytic=True)
def strided_vector_is_reshaped_and_changed(x):
    y = x.copy()
    m = y[::-1].reshape(2, 3)
    m[0] *= m[1]
    return np.sum(y**3)


def halved_in_place(u):
    u *= 0.5
    return np.sum(u * u)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def item_updated_by_a_call_that_changes_it(x):
    a = x.copy()
    a[1] += halved_in_place(a)
    a[2:] *= halved_in_place(a[1:])
    a[[0, 3]] -= halved_in_place(a) * x[:2]
    return np.sum(a * a * x)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def item_updated_by_a_popped_one(x):
    xs = [x[0], x[1] * x[2], x[2]]
    xs[-2] *= xs.pop()
    xs[0] += xs.pop() * x[1]
    return xs[0] ** 2


@program(
    lambda rng: (
        [rng.standard_normal(3) for _ in range(2)],
        [rng.standard_normal(3) for _ in range(2)],
        rng.standard_normal(3),
    ),
    argnums=(0, 1, 2),
    analytic=True,
)
def renamed_before_the_steps_that_read_it(weights, biases, x):
    total = 0.0
    for b in biases:
        x = x + weights[1] * 0.5
        for w in reversed(weights):
            x = x + biases[1] * 0.5
            total = total + np.sum(np.tanh(w * x) + x)
            x = np.tanh(x * w) + 0.1 * x
        x = np.tanh(b * x) + x
    return total + np.sum(x * x)


@program(lambda rng: (rng.uniform(0.1, 0.2), rng.uniform(0.3, 0.4)), argnums=(0, 1), analytic=False)
def arange_from_a_start_by_a_step(start, step):
    total = 0.0
    for t in np.arange(start, 2.05, step):
        total += np.sin(t) * step
    return total + np.sum(np.arange(1.5, step=step) ** 2) + np.sum(np.arange(start * 20.0))


@program(lambda rng: (rng.standard_normal((2, 3)), rng.standard_normal(2)), argnums=(0, 1))
def laid_end_to_end_without_an_axis(a, b):
    y = np.concatenate([a, b, a * 2.0], axis=None)
    return np.sum(y * y * np.arange(14.0))


@program(lambda rng: (rng.standard_normal(5),))
def clipped_by_name(x):
    return np.sum(x.clip(min=-0.5) * x.clip(max=0.4) * x.clip(-0.6, max=0.7))


@program(lambda rng: (rng.standard_normal(3),))
def array_unpacked_twice_into_an_array(x):
    z = 2.0 * x
    return np.sum(np.array([*z, 1.0, *x]) ** 3 * np.arange(7.0))


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal()), argnums=(0, 1))
def items_of_a_tuple_that_an_array_is_unpacked_into(x, y):
    t = (*x, y)
    return t[1] * t[3] * t[-2]


@program(lambda rng: (rng.standard_normal((2, 3)),))
def rows_unpacked_from_a_longer_tuple(x):
    a, b, c = (*x, x[0])
    return np.sum(a * b * c)


@program(lambda rng: (rng.standard_normal(3),))
def starred_target_of_a_longer_tuple(x):
    (a, *b), c = (x, *[x[0] * 2.0])
    return a * sum(b) * c


@program(lambda rng: (rng.standard_normal(3),), order=1)
def list_made_longer_under_its_own_name(xs):
    ys = [xs[0]]
    for x in xs:
        ys = [*ys, x * x]
    return ys[0] * ys[-1] + sum(ys) + ys[2] ** 3


@program(lambda rng: (rng.standard_normal(3),), order=1)
def tuple_made_longer_at_both_ends(xs):
    ys = (xs[0],)
    for x in xs:
        ys = (x * x, *ys, x)
    return ys[0] * ys[-1] + sum(ys) + ys[2] ** 3


@program(lambda rng: (rng.standard_normal(3),), order=1)
def list_made_longer_by_items_under_its_own_name(xs):
    ys = [xs[0]]
    for x in xs:
        ys = [*ys, *xs[:2]]
        ys = [v * x for v in ys]
    return sum(ys)


@program(lambda rng: (rng.standard_normal(4), 2))
def cut_in_each_turn(y, n):
    y = np.sin(y)
    for _ in range(n):
        y = y[1:]
    return np.sum(y * y)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def cut_in_a_branch(x, y):
    if len(x) > 2:
        for _ in range(4):
            y = y[1:]
        x = x + np.sum(y)
    return np.sum(x**3) + np.sum(y)


@program(lambda rng: (rng.standard_normal(5),))
def cut_of_the_turn_before(x):
    s = 0.0
    for i in range(4):
        if i > 0:
            s = s + np.sum(y[1:] ** 2)  # noqa: F821 -- bound below, in the turn before
        y = x[i:]  # noqa: F841 -- the next turn reads it
    return s


PICKED = np.array([0, 2, 2, 1])


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def changed_copy_of_picked_rows(x):
    y = x[PICKED]
    y[1:] *= x
    y[PICKED] += 0.5
    return np.sum(y**3)


@program(lambda rng: (rng.standard_normal((2, 3)),))
def defaults_decided_one_after_the_other(x, y=None, axis=None):
    if y is None and np.ndim(x) < 2:
        return np.var(x)
    rows = x if y is None or axis is not None else y
    total = np.sum(rows**2, axis=0 if axis is None else axis)
    if axis is None:
        axis = 0
        y = np.sin(rows)
    if y is not None and axis is not None:
        total = total * np.sum(y, axis=axis)
    return np.sum(total)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3)), argnums=(0, 1))
def part_of_a_list_made_longer(x, y):
    part = [x, y, x * y][1:]
    part.append(np.sin(x))
    return np.sum(y * part[-1] * part[0])


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3)), argnums=(0, 1))
def part_of_a_list_made_longer_in_a_loop(x, y):
    total = 0.0
    for _ in range(2):
        part = [x, y, x * y][1:]
        part.append(np.sin(x))
        total = total + np.sum(y * part[-1] * part[0])
        x = x * y
    return total


def third_of_sum(xs):
    return sum(xs) / 3


@program(lambda rng: ([rng.standard_normal(3) for _ in range(3)],), analytic=True)
def items_of_a_sum_in_a_call_gain_more(xs):
    first, *others = [*xs, np.ones(3)]
    mean = third_of_sum(xs)
    return np.sum(mean * mean) + np.sum(others[0] * xs[-1] * first)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(2)), argnums=(0, 1))
def argument_whose_name_a_shorter_array_takes(x, y):
    while x.size > 2:
        x = y[1:]
    return np.sum(y**3)


@program(
    lambda rng: (rng.standard_normal(3).astype(np.float32), rng.standard_normal(2)),
    argnums=(0, 1),
    rtol=1e-5,
    order=1,
)
def argument_whose_name_a_longer_type_takes(x, y):
    total = 0.0 * np.sum(x)
    for i in range(2):
        total = total + np.sum(x)
        x = i * y
    return total * total


def scaled_in_place(t, factor):
    t[:] *= factor
    return t


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def exponential_scaled_by_a_call(x):
    y = np.exp(x)
    z = scaled_in_place(y, 1.5)
    return np.sum(np.sin(z))


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def exponential_changed_under_its_third_name(x):
    y = np.exp(x)
    z = y
    z[1:] *= 1.5
    w = z
    return np.sum(np.sin(w))


@program(lambda rng: (rng.standard_normal(3),), analytic=True, order=1)
def exponential_changed_in_the_next_turn(x):
    total = 0.0
    y = x * 1.0
    for i in range(3):
        y[0] *= 1.7
        z = np.exp(-y)
        y = z
        total = total + i * np.sum(y)
    return total + np.sum(y**2)


@program(
    lambda rng: (rng.standard_normal(6), np.linspace(-1.0, 1.0, 6), np.linspace(0.5, -0.5, 6)),
    argnums=(0, 1, 2),
)
def clipped_between_bounds_that_cross(x, low, high):
    return np.sum(np.sin(np.clip(x, low, high))) + np.sum(np.clip(x, high, None) * low)


def bumped(t, u):
    y = np.exp(-t * t)
    y[0] += u[1]
    return y


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3)), argnums=(0, 1))
def what_a_call_changed_before_it_returned(a, b):
    return np.sum(a * bumped(b, b))


@program(lambda rng: (rng.standard_normal(3), 2), analytic=True)
def pair_made_again_in_an_inner_loop(x, n):
    s = 0.0
    for i in range(n):
        for _ in range(2):
            both = (x[i:] * 2.0, x[: i + 1] * 3.0)
        s = s + both[0][0] * both[1][-1] + both[1][0]
    return s


@program(
    lambda rng: (rng.standard_normal(3).astype(np.float32), rng.standard_normal(3)),
    argnums=(0, 1),
    rtol=1e-5,
    order=1,
)
def changed_argument_whose_name_another_kind_takes(x, y):
    a = x
    a += 0.2
    total = 0.0
    for i in range(2):
        total = total + np.sum(x)
        x = i * y
    return total * total


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def rows_copied_by_an_index_that_becomes_a_float(x):
    a = np.zeros((2, 3))
    for i in range(2):
        np.copyto(a[i], np.sin(x * (i + 1)))
    i *= 1.3
    return np.sum(a * a * i)


@program(lambda rng: ({"w": rng.standard_normal(3), "b": 0.7}, 2), analytic=True)
def dict_copied_again_in_an_inner_loop(params, n):
    total = 0.0
    for k in range(n):
        for _ in range(2):
            state = dict(params)
        state["w"] = state["w"] * (k + 1) - np.sin(state["w"]) * state["b"]
        total = total + np.sum(state["w"] ** 2) * state["b"]
    return total


@program(lambda rng: (rng.standard_normal(3),), analytic=True, order=1)
def list_made_longer_twice_in_a_turn(xs):
    ys = [xs[0]]
    for x in xs:
        ys = [*ys, *xs[:2]]
        ys = [*ys, *xs[1:]]
        ys = [v * x for v in ys]
    return sum(ys)


@program(lambda rng: (rng.standard_normal(4),))
def items_of_an_array_and_of_its_copy(x):
    a = x.copy()
    b = 2 * x
    b[1] = a[1] * x[0]
    return np.sum(np.sin(b) * b[0]) + 2 * np.sum(b * b)


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)))
def product_of_literals_with_a_sign(x, y):
    s = 0.0
    t = 1.0
    s -= np.sum(y[1:]) - 0.25 * (np.sum(x) - np.sum(y[1:]))
    t = t / -4
    return s * t + np.sum(np.sin(x))
