"""Programs that lay a function's corners open: what NumPy does there, and the derivative."""

from __future__ import annotations

import math
import sys

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(4), rng.standard_normal(4)), argnums=(0, 1))
def step_with_a_height_of_its_own(x, height):
    at = np.array([0.0, 1.0, 0.0, -1.0])
    return np.sum(np.heaviside(at, height * x) * x)


@program(lambda rng: (rng.standard_normal((4, 3)),))
def best_path_from_one_end(scores):
    best = np.array([0.0, -np.inf, -np.inf])
    for row in scores:
        best = row + np.maximum(best, np.array([-np.inf, best[0], best[1]]))
    return np.max(best)


def scaled(x, scale=1.5):
    return x * x * scale


def counted(x, **options):
    return x * (1.0 + len(options))


def handed_on(*args, **options):
    return 2.0 * scaled(*args, **options)


def handed_on_again(*args, **options):
    return counted(handed_on(*args, **options), **options)


@program(lambda rng: (rng.uniform(0.5, 1.5),), analytic=True)
def keywords_handed_on(x):
    return handed_on_again(x) * handed_on_again(x, scale=3.0)


_OPTIONS = {"scale": 0.5}


@program(lambda rng: (rng.uniform(0.5, 1.5),), analytic=True)
def keywords_of_a_dict_from_outside(x):
    return scaled(x, **_OPTIONS) + counted(x, **_OPTIONS, more=1)


@program(lambda rng: (rng.standard_normal((3, 2)), rng.uniform(0.5, 1.5, 3)), argnums=(0, 1))
def forces_with_a_filled_diagonal(x, m):
    v = np.zeros_like(x)

    def acceleration(at):
        d = at[None] - at[:, None]
        r2 = (d * d).sum(-1) + 0.1
        np.fill_diagonal(r2, 1.0)
        return ((m[None] / r2**1.5)[..., None] * d).sum(1)

    for _ in range(2):
        v += 0.1 * acceleration(x)
        x = x + 0.1 * v
    return np.sum(v * v)


@program(lambda rng: (rng.standard_normal((3, 3)), rng.standard_normal(3)), argnums=(0, 1))
def diagonal_filled_by_a_vector(a, v):
    u = a * a
    np.fill_diagonal(u, v)
    w = a @ u
    np.fill_diagonal(w, 2.0)
    u[np.diag_indices_from(u)] += v
    i, j = np.tril_indices_from(u, -1)
    u[i, j] *= v
    return np.sum(u * w)


@program(lambda rng: (rng.standard_normal(4), rng.uniform(0.5, 1.5)), argnums=(0, 1))
def subtracted_at_repeated_places(x, v):
    u = x * x
    np.subtract.at(u, [0, 0, 2], v * x[1:])
    np.subtract.at(u, 1, 2.0)
    return np.sum(u * u) + np.sum(np.multiply.accumulate(u)) + u.cumprod()[2]


@program(lambda rng: (rng.standard_normal(5),))
def places_found_before_the_change(x):
    u = x * x
    at = np.flatnonzero(u > 0.0)
    last = np.argwhere(u)[-1, 0]
    smallest = u.argpartition(1)[0]
    high = u.nonzero()[0]
    near = np.isclose(u, 4.0) | np.isin(u, [2.0, 3.0])
    u[smallest] = x[0] * x[1]
    u[near] = 0.0
    return np.sum(u[at] * u[high]) + u[last] * np.digitize(u[0], [0.0, 1e9])


@program(lambda rng: (rng.standard_normal(4),), reference="double")
def limits_of_the_type(x):
    limits = np.finfo(x.dtype)
    small = np.finfo(float).eps + sys.float_info.min
    return np.sum(np.clip(x, limits.min, limits.max) ** 2 / (np.abs(x) + small))


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), reference="double")
def summed_from_a_dict_written_out(x):
    total = math.fsum(v * v for v in x)
    for weight in {"a": x[0], "b": 2.0}.values():
        total = total * x[1] + weight
    for _, weight in {"a": 2 * x[2], "b": x[1]}.items():
        total = total * weight
    return total


@program(lambda rng: (rng.standard_normal(4), ("add", "SIN", "push_3", "mul")), analytic=True)
def stack_of_named_steps(x, steps):
    stack = [x[0], x[1], x[2]]
    for step in steps:
        if step.startswith("push_"):
            stack.append(x[int(step.removeprefix("push_"))])
        elif step.lower() == "sin":
            stack.append(np.sin(stack.pop()))
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b if step == "add" else a * b)
    return stack[-1]


@program(lambda rng: (rng.uniform(0.5, 1.5), rng.uniform(0.5, 1.5)), argnums=(0, 1))
def complex_number_of_two_parts(x, y):
    z = complex(x, y)
    w = z * z + complex(y)
    return abs(w) + w.imag * x + complex(1.0, x).imag


@program(lambda rng: (0.1 * rng.normal(size=(3, 4)), 0.7), argnums=(0, 1))
def fields_given_to_a_loop_by_name(height, gravity):
    h = np.ones((5, 6))
    h[1:-1, 1:-1] += height
    u, v = np.zeros_like(h), np.zeros_like(h)
    for _ in range(2):
        for field, sign in ((h, 1.0), (u, -1.0), (v, -1.0)):
            field[0, :] = sign * field[1, :]
            field[-1, :] = sign * field[-2, :]
            field[:, 0] = sign * field[:, 1]
            field[:, -1] = sign * field[:, -2]
        u[1:-1, 1:-1] -= 0.1 * gravity * (h[1:-1, 2:] - h[1:-1, :-2])
        v[1:-1, 1:-1] -= 0.1 * gravity * (h[2:, 1:-1] - h[:-2, 1:-1])
        h[1:-1, 1:-1] *= 1 - 0.1 * (u[1:-1, 2:] - u[1:-1, :-2] + v[2:, 1:-1] - v[:-2, 1:-1])
    return np.sum((h - 1) ** 2)


@program(lambda rng: (rng.normal(size=4),))
def arrays_changed_by_turns(x):
    a = x.copy()
    b = 2 * x
    for k, q in enumerate([a, b]):
        q[1:] *= q[:-1] + k
        q += x
    for q, r in ((a, b), (b, a)):
        q[0] = r[1] * q[2]
        a = a * 2
    for q in (a, a):
        q[0] = q[1] ** 2
    return a @ b


@program(lambda rng: (rng.uniform(1.0, 2.0, 3),), analytic=True)
def array_changed_by_lists_of_numbers(x, weights=[0.5, 1.5, 2.5]):
    y = 2 * x
    y *= weights
    y[1:] += [1, 2]
    y[1:] *= [x[0], 3]
    y **= (2, 1, 2)
    y -= [x[0], 2 * x[1], 1.0]
    return np.sum((y + [1, 2, 3]) ** 2)


@program(lambda rng: (rng.normal(size=(4, 4)), rng.normal(size=4)), argnums=(0, 1), analytic=True)
def slices_that_have_names(m, v, rest=slice(1, None)):
    w = v.copy()
    total = 0.0
    for head in range(2):
        part = slice(2 * head, 2 * head + 2)
        scores = m[:, part] @ m[:, part].T
        scores[0] = v
        view = w[part]
        view *= v[rest][:2]
        w[rest][slice(None, None, -1)] = view[0] * m[rest, head]
        total = total + np.sum(scores * w)
    return total


@program(lambda rng: (rng.normal(size=3), rng.normal(size=4)), argnums=(0, 1))
def table_bordered_by_infinity(x, y):
    above = [0.0] + [float("inf")] * len(y)
    for a in x:
        row = [float("inf")]
        for j, b in enumerate(y):
            row.append(abs(a - b) ** 1.5 + min(above[j + 1], row[-1], above[j]))
        above = row
    return above[-1]


@program(
    lambda rng: (
        rng.normal(size=(3, 3)).astype(np.float32),
        [rng.normal(size=(3, 3)).astype(np.float32), rng.normal(size=(3, 2)).astype(np.float32)],
    ),
    argnums=(0, 1),
    rtol=1e-4,
    order=1,
)
def sums_in_double_precision_of_what_is_single_at_first(h, weights):
    source, target = np.array([0, 1, 2, 2]), np.array([1, 2, 0, 1])
    for w in weights:
        gathered = np.zeros((h.shape[0], w.shape[1]))
        np.add.at(gathered, target, h[source] @ w)
        h = gathered
    return np.sum(h**2)


@program(lambda rng: (rng.normal(size=4),))
def conjugate_that_is_the_array_itself(x):
    a = x * 1.0
    same, other = a.conj(), np.conj(a)
    a *= 1.5
    same[0] = a[1] * a[2]
    return np.sum(same * same) + np.sum(other * a)


@program(lambda rng: (rng.normal(size=4),))
def imaginary_parts_and_angles_of_real_numbers(x):
    y = x * 1.0
    z = y.imag + y
    z *= y
    for i in range(3):
        z[i] += np.imag(y[i]) + y[i].real * np.angle(y[i])
    return np.sum(z) + np.sum(np.angle(x) * x**2)


@program(lambda rng: (rng.normal(size=4),))
def magnitudes_by_python_changed(x):
    y = abs(x)
    y[0] = x[1] * 2
    z = pow(x, 2)
    z *= y
    a = x * 1.0
    w = abs(a)
    a[0] *= w[1]
    w += a
    return np.sum(y**2) + np.sum(z) + w @ a


@program(lambda rng: (rng.normal(size=3),), analytic=True)
def product_of_matrices_changed_in_each_turn(x):
    m = np.eye(2)
    for i in range(len(x)):
        m = m @ np.array([[1.0, x[i]], [x[i], 2.0]])
        m[0, 1] *= 1 + 0.1 * x[i]
        m = m * m[0, 0]
        m[1] += m[0]
    return np.sum(m)
