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
