"""What scientists, engineers and quants write: models as classes, options, checks, bookkeeping."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=4), np.array([-0.5, 0.0, 0.7])), argnums=(0, 1), order=3)
def powers_of_zero(coefficients, x):
    """The exponents are counted, and one of the bases is 0."""
    y = np.zeros_like(x)
    for k, c in enumerate(coefficients):
        y += c * x**k
    return np.sum(y * y)


@program(lambda rng: ({"capacity": 3.0, "beta": 1.5}, rng.uniform(0, 4, 8), rng.uniform(size=8)))
def bucket_with_a_limited_share(p, rain, dry):
    soil = p["capacity"] / 2
    flow = 0.0
    for r, e in zip(rain, dry, strict=True):
        out = (soil / p["capacity"]) ** p["beta"] * r
        soil += r - out
        soil -= e * min(1, soil / p["capacity"])
        if soil > p["capacity"]:
            out += soil - p["capacity"]
            soil = p["capacity"]
        flow += out * out
    return flow


class Volatility:
    """A GARCH model of given returns."""

    def __init__(self, returns: Any) -> None:
        self.returns = returns

    @property
    def n(self) -> int:
        return len(self.returns)

    @staticmethod
    def parameters(raw: Any) -> Any:
        alpha = 1 / (1 + np.exp(-raw[1]))
        return np.exp(raw[0]), alpha, (1 - alpha) / (1 + np.exp(-raw[2]))

    def log_likelihood(self, raw: Any) -> Any:
        omega, alpha, beta = self.parameters(raw)
        squares = self.returns**2
        variance = np.zeros(self.n)
        variance[0] = omega / (1 - alpha - beta)
        for t in range(1, self.n):
            variance[t] = omega + alpha * squares[t - 1] + beta * variance[t - 1]
        return -0.5 * np.sum(np.log(variance) + squares / variance)


VOLATILITY = Volatility(np.array([0.1, -0.2, 0.05, 0.15, -0.1]))


@program(lambda rng: (np.array([-3.0, -1.0, 0.5]),))
def extents_by_a_property(raw):
    return VOLATILITY.log_likelihood(raw)


@program(lambda rng: (rng.normal(size=(5, 6)), np.array([[0.6, 0.1, 0.23], [-0.1, 0.5, 0.37]])))
def warped_image(image, affine):
    """Pixels are read several times each, at indices that are cast of what has an unknown type."""
    height, width = image.shape
    rows, columns = np.mgrid[:height, :width]
    at = np.stack([rows.ravel(), columns.ravel(), np.ones(height * width)])
    v, u = affine @ at
    i, j = np.floor(v).astype(int), np.floor(u).astype(int)
    below, right = v - i, u - j
    warped = np.zeros(height * width)
    for di, p in ((0, 1 - below), (1, below)):
        for dj, q in ((0, 1 - right), (1, right)):
            inside = (i + di >= 0) & (i + di < height) & (j + dj >= 0) & (j + dj < width)
            near = image[np.clip(i + di, 0, height - 1), np.clip(j + dj, 0, width - 1)]
            warped += p * q * np.where(inside, near, 0.0)
    return np.mean(warped * warped)


@program(lambda rng: (rng.normal(size=4), rng.normal(size=(3, 5))), argnums=(0, 1))
def padded_by_numbers_written_out(steps, table):
    path = np.concatenate(([0.0], np.cumsum(steps), [1.0, steps[0]]))
    rows = np.vstack([path[:5], [1.0, 2.0, steps[1], 4.0, 5.0], table])
    picked = table[range(3), [0, 2, 2]] @ path[range(1, 4)]
    return np.sum(np.diff(path) ** 2) + np.sum(np.sin(rows)) * picked


@program(lambda rng: (rng.normal(size=3), complex(1.5, 0.5)))
def real_numbers_among_complex_ones(x, c):
    z = np.concatenate([x, [c, 2.0, x[0]]])
    w = np.hstack([x, c * x[1]])
    return np.real(np.sum(z**2)) + np.imag(np.prod(w))


@program(lambda rng: (rng.normal(size=(3, 4)), rng.uniform(0.5, 1.5, (3, 4))), argnums=(0, 1))
def steps_with_ghost_cells(u, k):
    faces = np.pad(k, ((1, 0), (1, 0)))
    for _ in range(2):
        ghosts = np.pad(u, 1)
        ghosts[0], ghosts[-1] = ghosts[1], ghosts[-2]
        around = ghosts[2:, 1:-1] + ghosts[:-2, 1:-1] + ghosts[1:-1, 2:] + ghosts[1:-1, :-2]
        u = u + 0.1 * faces[1:, 1:] * (around - 4 * u)
    return np.sum(u * ghosts[1:-1, 1:-1])


@program(
    lambda rng: (rng.normal(size=(4, 2)), rng.uniform(0.5, 1.5, 5)),
    argnums=(0, 1),
    reference="double",
    rtol=1e-8,
)
def messages_on_a_graph(h, weights):
    source, target = np.array([0, 1, 2, 2, 3]), np.array([1, 2, 0, 3, 3])
    degree = np.bincount(target, minlength=len(h))
    flow = np.bincount(target, weights, minlength=len(h))
    for _ in range(2):
        messages = np.zeros_like(h)
        np.add.at(messages, target, np.tanh(h[source]) * weights[:, None])
        h = h + messages / np.maximum(degree, 1)[:, None]
    return np.sum(h**2 * flow[:, None])


@program(lambda rng: (rng.normal(size=(4, 3)),))
def results_written_into_buffers(x):
    """Functions that are no ufuncs write into what is read before and after."""
    sums = np.empty(3)
    np.sum(x, axis=0, out=sums)
    total = np.sum(sums**2)
    products = np.dot(x.T, x[:, 0], out=sums)
    bounded = x.copy()
    np.clip(bounded, -0.5, 0.7, out=bounded)
    bounded.cumsum(axis=1, out=bounded)
    means = np.zeros(3)
    for row in bounded:
        np.mean(bounded * row + means, axis=0, out=means)
        total += means @ means
    return total + np.sum(sums**2) + products[0] * bounded.sum()


NODES = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.5, 0.8], [1.5, 0.8]])
BARS = [(0, 1), (1, 2), (0, 3), (1, 3), (1, 4), (2, 4), (3, 4)]


@program(lambda rng: (rng.uniform(1, 2, 7), NODES), argnums=(0, 1), rtol=1e-7, reference="double")
def compliance_of_a_truss(areas, nodes):
    stiffness = np.zeros((10, 10))
    for e, (i, j) in enumerate(BARS):
        along = nodes[j] - nodes[i]
        length = np.sqrt(along @ along)
        c, s = along / length
        k = np.array(
            [
                [c * c, c * s, -c * c, -c * s],
                [c * s, s * s, -c * s, -s * s],
                [-c * c, -c * s, c * c, c * s],
                [-c * s, -s * s, c * s, s * s],
            ]
        )
        dofs = np.array([2 * i, 2 * i + 1, 2 * j, 2 * j + 1])
        stiffness[np.ix_(dofs, dofs)] += areas[e] / length * k
    load = np.zeros(10)
    load[7], load[9] = -1.0, -2.0
    free = np.setdiff1d(np.arange(10), [0, 1, 5])
    u = np.zeros(10)
    u[free] = np.linalg.solve(stiffness[np.ix_(free, free)], load[free])
    return load @ u
