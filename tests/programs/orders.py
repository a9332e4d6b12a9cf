"""Lists that are put in order, searched and cut; functions that are held by name until needed."""

from __future__ import annotations

import operator

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=(3, 2)),), rtol=1e-8)
def simplex_of_nelder_and_mead(start):
    """The corners in the order of a local function."""

    def height(p):
        return (p[0] - 1) ** 2 + 2 * (p[1] + p[0] ** 2) ** 2

    corners = sorted([start[0], start[1], start[2]], key=height)
    for _ in range(4):
        best, middle, worst = corners
        centre = 0.5 * (best + middle)
        mirrored = 2 * centre - worst
        if height(mirrored) < height(best):
            farther = centre + 2 * (centre - worst)
            new = farther if height(farther) < height(mirrored) else mirrored
        elif height(mirrored) < height(middle):
            new = mirrored
        else:
            new = 0.5 * (centre + worst)
        corners = sorted([best, middle, new], key=height)
    return height(corners[0])


@program(lambda rng: (rng.normal(size=(5, 2)),))
def tour_of_the_nearest(places):
    """What is left is searched by a lambda that reads variables, and gets shorter."""
    left = list(range(1, len(places)))
    here, length = 0, 0.0
    while left:
        near = min(left, key=lambda k: np.sum((places[k] - places[here]) ** 2))
        left.remove(near)
        length += np.linalg.norm(places[near] - places[here]) * (1 + len(left))
        here = near
    return length


@program(lambda rng: (rng.normal(size=5),))
def front_that_is_sorted_each_time(x):
    front = [(value, k) for k, value in enumerate(x)]
    total = 0.0
    while front:
        front.sort(key=lambda pair: pair[0])
        least, k = front.pop(0)
        total += least * k * (1 + len(front)) + least**2
    return total


@program(lambda rng: (rng.normal(size=5), 0.3), argnums=(0, 1))
def sorted_by_distance_and_cut(x, centre):
    values = [v * v for v in x]
    for shift in range(3):
        values.sort(key=lambda v: (v - centre * shift) ** 2, reverse=shift == 1)
        values[0] = values[0] * 0.5
        if len(values) > 3:
            del values[1:2]
    return values[0] * 3 + values[1] * centre


@program(lambda rng: (rng.normal(size=6),))
def parts_deleted_from_either_end(x):
    values = [v * v for v in x]
    del values[-3:-1]
    del values[2:1]
    del values[10:]
    for k in range(2):
        del values[k : k + 1]
    return sum(v * (k + 1) for k, v in enumerate(values)) * len(values)


@program(lambda rng: (rng.normal(size=4),))
def window_of_the_last_three(x):
    window, total = [], 0.0
    for v in x:
        window.append(v * v)
        if len(window) > 3:
            del window[:-3]
        total += sum(window) ** 2
    return total + window[window.index(max(window))]


@program(lambda rng: (rng.normal(size=(4, 3)),))
def largest_arrays_first(rows):
    by_size = sorted([r * r for r in rows], key=lambda r: -np.sum(r))
    table = {"a": rows[0, 0], "b": rows[1, 1], "c": rows[2, 2]}
    ranked = sorted(table.items(), key=operator.itemgetter(1), reverse=True)
    return np.sum(by_size[0] * by_size[1]) + ranked[0][1] ** 2 * ranked[-1][1]


@program(lambda rng: (rng.normal(size=5), "box"))
def projected_by_name(x, method):
    projections = {
        "box": lambda z: np.clip(z, -0.5, 0.5),
        "simplex": lambda z: np.maximum(z, 0) / np.maximum(z, 0).sum(),
    }
    if method not in projections:
        raise ValueError(f"unknown projection {method}")
    project = projections[method]
    for _ in range(3):
        x = project(x - 0.1 * (x - 1) * x)
    return np.sum(x * x)


def activation(name):
    if name == "leaky":
        return lambda z: np.where(z > 0, z, 0.1 * z)
    return np.tanh


@program(lambda rng: (0.4 * rng.normal(size=(3, 3)), rng.normal(size=3)), argnums=(0, 1))
def layers_of_held_functions(weights, x):
    def squared(z, n=2):
        return z**n

    layers = [activation("leaky"), squared, lambda z: squared(z, 3), np.sin]
    for k, layer in enumerate(layers):
        x = layer(weights @ x) + 0.1 * k
    shares, functions = [1.0, 2.0], [squared, np.cos]
    return sum(w * f(v) for w, f, v in zip(shares, functions, x[:2], strict=True))


@program(lambda rng: (rng.normal(size=5),))
def tuples_in_order(x):
    """Without a key: by the first items, and where these agree by the second."""
    squares = [(v * v, i) for i, v in enumerate(x)]
    squares.sort(reverse=True)
    pairs = sorted(zip(x, range(5), strict=True))
    ends = squares[0][0] * 2 + squares[-1][0] * squares[1][0]
    return ends + pairs[0][0] * pairs[1][0] * pairs[0][1]


KERNELS = {"gauss": lambda u: np.exp(-0.5 * u**2), "tent": lambda u: 1 / (1 + np.abs(u))}


@program(lambda rng: (rng.normal(size=4), 0.6, "tent"), argnums=(0, 1))
def kernel_of_a_name(x, width, name):
    kernel = KERNELS.get(name)
    if kernel is None:
        raise ValueError(f"unknown kernel {name}")
    density = kernel((x[:, None] - x) / width).sum(axis=1)
    return -np.sum(np.log(density)) + KERNELS.get("none", np.cos)(width)
