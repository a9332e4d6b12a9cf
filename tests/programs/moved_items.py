"""Lists whose items are inserted, taken from anywhere, turned round and put in order."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def vector(n):
    return lambda rng: (rng.normal(size=n),)


@program(vector(5))
def queue_of_values(x):
    waiting = [x[0]]
    total, turns = 0.0, 0
    while waiting and turns < 9:
        value = waiting.pop(0)
        total += value**2
        turns += 1
        if turns < 4:
            waiting.append(0.5 * value + x[turns])
            waiting.append(np.sin(value))
    return total + len(waiting)


@program(lambda rng: (rng.uniform(0.5, 1.0, size=2),))
def memory_of_a_quasi_newton_method(x):
    steps, gains = [], []
    gradient = 4 * x**3
    for _ in range(3):
        direction = gradient
        weights = []
        for s, y in reversed(list(zip(steps, gains, strict=True))):
            weights.append((s @ direction) / (1 + y @ s))
            direction = direction - weights[-1] * y
        for (s, y), w in zip(zip(steps, gains, strict=True), reversed(weights), strict=True):
            direction = direction + s * (w - (y @ direction) / (1 + y @ s))
        new = x - 0.05 * direction
        steps.append(new - x)
        gains.append(4 * new**3 - gradient)
        x, gradient = new, 4 * new**3
        if len(steps) > 1:
            steps.pop(0)
            gains.pop(0)
    return np.sum(x**2)


@program(vector(4))
def smoothed_backwards(x):
    smooth = []
    level = 0.0
    for value in x[::-1]:
        level = 0.5 * level + value
        smooth.append(level)
    smooth.reverse()
    return np.sum(np.array(smooth) ** 2 * np.arange(4))


@program(vector(4))
def inserted_everywhere(x):
    items = []
    for value in x:
        items.insert(0, value**2)
    for at in (2, -1, 100, -100):
        items.insert(at, x[at % 4])
    return np.sum(np.array(items) * np.arange(8) ** 2)


@program(vector(6))
def deleted_and_put_in_order(x):
    items = [value**2 for value in x]
    del items[1]
    del items[-2], items[0]
    last = items.pop(-1)
    items.append(x[0] * x[1])
    items.sort(reverse=True)
    return sum(value * (i + 1) for i, value in enumerate(items)) * last


@program(vector(6))
def window_that_is_emptied(x):
    window = []
    total = 0.0
    for i in range(len(x)):
        window.insert(0, x[i])
        if len(window) > 2:
            total += window.pop(i % 2 - 1) * window[0]
        if i == 3:
            window.clear()
    return total + sum(window) ** 2


@program(lambda rng: (rng.uniform(0.4, 1.6, 4),))
def items_of_joined_and_cut_lists(x):
    a = [x[0], x[1] ** 2, x[2]]
    b = a[-1:] + a[:2]
    b[-1] = x[3] * b[0]
    c = a[1:]
    c[0] *= c[1] * x[3]
    window, total = [0.0, 0.0], 0.0
    for v in x:
        window = window[1:] + [v]
        window[0] *= 2.0
        total += window[0] * window[1]
    return total + b[0] * b[1] * b[2] + a[1] * c[0] ** 2


@program(lambda rng: (rng.uniform(0.4, 1.6, 4),))
def lists_that_turn_round(x):
    a = [x[0], x[1], x[2]]
    for _ in range(3):
        a = a[-1:] + a[:-1]
        a[0] = a[0] * a[1]
    rows = [[x[0], x[1]], [x[2], x[3]]]
    others = rows[1:] + rows[:1]
    others[0] = [x[0], 2.0]
    return sum(a) ** 2 + others[0][0] * others[1][1] * rows[1][0]


@program(lambda rng: (rng.uniform(0.4, 1.6, 4),))
def joined_by_the_same_signs_as_arrays(x):
    y = x[1:] + x[:-1]
    y[0] = x[0] ** 2
    ones = [1.0, 2.0]
    z = ones + x[:2]
    z[1] = y[0] * x[3]
    return np.sum(y**2) + np.sum(z**3)


STEPS = [0.5, 1.5, 2.0]
NAMED = {"a": 1.5, "b": 0.5}


@program(vector(4))
def copies_of_lists_changed(x):
    ends = [x[0], x[1] ** 2]
    turned, kept, cut = ends.copy(), STEPS.copy(), STEPS[1:]
    turned[0] = x[2] * ends[0]
    turned.reverse()
    kept[1] = x[3]
    cut[0] = x[0] ** 2
    named, joined = NAMED.copy(), STEPS + [x[1]]
    named["a"] = turned[0]
    joined[0] *= x[2]
    return sum(turned) * sum(kept) + sum(cut) * named["a"] * named["b"] + sum(joined) * ends[0]


@program(vector(4))
def copies_of_global_lists_grown(x):
    kept, rest, more = list(STEPS), STEPS[1:], STEPS.copy()
    last = kept.pop() * more.pop()
    rest.append(x[0])
    kept.append(x[1] ** 2)
    return sum(kept) * sum(rest) * last + sum(more) * x[2] * len(STEPS)


@program(lambda rng: (rng.normal(size=4), rng.normal(size=3)), argnums=(0, 1))
def table_of_two_rows(a, b):
    above = [float(k) for k in range(len(b) + 1)]
    above[0] = 0.5
    for x in a:
        row = [above[0] + 1.0] + [0.0] * len(b)
        for j, y in enumerate(b, 1):
            row[j] = (x - y) ** 2 + min(above[j], row[j - 1], above[j - 1])
        above = row
    return above[-1] * row[1]


@program(lambda rng: (rng.uniform(0.5, 1.5, 4), rng.normal(size=3)), argnums=(0, 1), analytic=True)
def lists_that_change_their_names(a, b):
    old, new, spare = [b[0], 1.0, 0.5], [0.0, b[1], 1.0], [1.0, 1.0, b[2]]
    for x in a:
        new[0] = old[1] * x
        new[1] += spare[2] * old[0]
        new[2] = new[0] + old[2] * spare[1]
        old, new, spare = new, spare, old
    kept = old
    old = [kept[0], 2.0]
    kept[0] = new[1]
    return kept[0] * old[0] + new[2] * spare[0] * kept[2] + old[1] * kept[1]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def dict_of_the_turn_before(a):
    state = {"u": a[0], "v": a[1] * 1.0}
    for x in a:
        after = dict(state)
        after["u"] = state["v"] * x
        if np.real(after["u"]) > 0.9:
            after["v"] += state["u"]
            state = after
            continue
        after["v"] = 0.5 * x
        state = after
        state["v"] *= state["u"]
    state["u"] *= 2
    return state["u"] * state["v"]


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def extended_between_moves(x):
    xs = [x[0], x[1]]
    for i in range(3):
        xs.extend([x[i] * 2, x[i + 1]])
        xs[i] = xs[-1] * xs[i]
        xs.pop(0)
    xs += [x[0] * x[1]]
    xs.insert(1, x[2])
    rows = []
    rows.extend([x, x * x])
    rows.insert(0, x[::-1])
    while len(rows) < 6:
        rows += (rows[-1] * x,)
        rows[0] = rows[1] * 0.5
    return sum([v * v * i for i, v in enumerate(xs)]) + np.sum(np.array(rows) ** 2)


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def array_added_to_a_list_in_place(x):
    xs = [x[0], x[1]]
    xs += x[2:]
    ys = [x[0], x[1]]
    ys[0] = x[1] * x[1]
    ys += x[:2] * x[1]
    return xs[0] * xs[1] + np.prod(ys)
