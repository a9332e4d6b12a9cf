"""Ways through graphs and trees, with sets of what was seen and tables of what is known."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.normal(size=5),))
def breadth_first(x):
    graph = {0: [1, 2], 1: [3], 2: [3, 4], 3: [4], 4: []}
    seen, todo = {0}, [0]
    distance = np.zeros(5)
    while todo:
        here = todo.pop(0)
        for there in graph[here]:
            if there not in seen:
                seen.add(there)
                todo.append(there)
                distance[there] = distance[here] + x[there] ** 2
    return distance.sum()


def shortest(weights):
    n = len(weights)
    length = [0.0] + [1e9] * (n - 1)
    done = set()
    while len(done) < n:
        near = min((i for i in range(n) if i not in done), key=lambda i: length[i])
        done.add(near)
        for far in range(n):
            if far not in done and length[near] + weights[near, far] < length[far]:
                length[far] = length[near] + weights[near, far]
    return length


@program(lambda rng: (rng.uniform(0.1, 1, (4, 4)),))
def shortest_ways(weights):
    ways = shortest(weights)
    return ways[1] * 2 + ways[3] * ways[2]


@program(lambda rng: (rng.uniform(1, 2, 3), rng.uniform(1, 2, 3)), argnums=(0, 1), rtol=1e-7)
def bending_of_a_beam(stiffness, lengths):
    """Two degrees of freedom are held: a set says which."""
    n = len(lengths)
    whole = np.zeros((2 * n + 2, 2 * n + 2))
    for e, (ei, h) in enumerate(zip(stiffness, lengths, strict=True)):
        corner = np.array([[12, 6 * h], [6 * h, 4 * h**2]])
        across = np.array([[-12, 6 * h], [-6 * h, 2 * h**2]])
        other = np.array([[12, -6 * h], [-6 * h, 4 * h**2]])
        d = np.arange(2 * e, 2 * e + 4)
        whole[np.ix_(d, d)] += ei / h**3 * np.block([[corner, across], [across.T, other]])
    held = {0, 1}
    free = [k for k in range(2 * n + 2) if k not in held]
    same = sorted({*range(2 * n + 2)} - held)
    load = np.zeros(2 * n + 2)
    load[-2] = -1.0
    stiff = whole[np.ix_(free, same)]
    # Written out, as NumPy solves in double precision only.
    u = load[free]
    for k in range(len(free)):
        for i in range(k + 1, len(free)):
            factor = stiff[i, k] / stiff[k, k]
            stiff[i] -= factor * stiff[k]
            u[i] -= factor * u[k]
    for k in reversed(range(len(free))):
        u[k] = (u[k] - stiff[k, k + 1 :] @ u[k + 1 :]) / stiff[k, k]
    return -u[-2] + u[0] ** 2
