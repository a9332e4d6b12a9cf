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


@program(lambda rng: (rng.uniform(0.5, 1, (3, 4)), rng.uniform(size=3)), argnums=(0, 1))
def softest_alignment(likeness, gap):
    """A table of lists, as of Needleman and Wunsch."""

    def soft_max(*scores):
        most = max(scores)
        return most + 0.5 * np.log(sum(np.exp((s - most) / 0.5) for s in scores))

    n, m = likeness.shape
    table = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        table[i][0] = -i * gap[0]
    for j in range(1, m + 1):
        table[0][j] = -j * gap[0]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            table[i][j] = soft_max(
                table[i - 1][j - 1] + likeness[i - 1, j - 1],
                table[i - 1][j] - gap[1],
                table[i][j - 1] - gap[2],
            )
    return table[n][m] + len(table)


@program(lambda rng: (rng.uniform(size=3),))
def fullest_sack(values):
    weights, room = [1, 2, 3], 4
    best = [[0.0] * (room + 1) for _ in range(len(weights) + 1)]
    for i, weight in enumerate(weights, start=1):
        for c in range(room + 1):
            best[i][c] = best[i - 1][c]
            if weight <= c:
                best[i][c] = max(best[i][c], best[i - 1][c - weight] + values[i - 1] ** 2)
    return best[-1][-1]


@program(lambda rng: (rng.normal(size=5),))
def lists_that_grow_in_lists(x):
    groups = [[] for _ in range(2)]
    for k, v in enumerate(x):
        groups[k % 2].append(v * v)
    triangle = []
    for i in range(3):
        triangle.append([])
        for j in range(i + 1):
            triangle[i].append(x[j] * (triangle[i - 1][j] if j < i else 1.0))
    total = sum(groups[0]) * sum(groups[1]) + sum(triangle[2])
    for row in triangle:
        total += row[-1] * len(row)
    return total


@program(lambda rng: (rng.normal(size=3),))
def paths_side_by_side(x):
    paths = [[v] for v in x]
    for t in range(3):
        for k in range(3):
            paths[k].append(paths[k][-1] * 0.9 + x[k] * t)
            paths[k][0] += 0.1 * paths[k - 1][-1]
    grid = np.array(paths)
    return np.sum(grid[:, -1] * grid[:, 0])


@program(lambda rng: (rng.normal(size=4),))
def longer_lists_put_in_their_place(x):
    """What a list inside a list was before is shorter than what it is now."""
    rows = [[], [], []]
    for k, v in enumerate(x):
        rows[k % 3] = [*rows[k % 3], v * v]
    return sum(rows[0]) * sum(rows[1]) + len(rows[2])


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def rows_of_zeros_put_in_one_by_one(x):
    table = []
    for _ in range(3):
        row = [0.0] * 3
        table.append(row)
    table[0][1] = x[0] ** 2
    table[2][1] += x[1]
    return table[0][1] * table[2][1] + table[1][1]
