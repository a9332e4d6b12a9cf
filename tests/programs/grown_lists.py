"""Lists that functions defined beside them append to, and take items from."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


def _vector(rng):
    return (rng.uniform(0.4, 1.2, 4),)


@program(_vector, analytic=True)
def unpacked_after_a_call_has_appended(x):
    xs = [x[0]]

    def push(v):
        xs.append(v * v)

    push(x[1])
    everything = [*xs, x[2]]
    first, second = xs
    joined = xs + [x[3]]
    return sum(everything) * sum(joined) * first + second * len(tuple(xs))


@program(_vector, analytic=True)
def asked_for_its_length_after_a_call_has_appended(x):
    xs = [x[0]]

    def push(v):
        xs.append(v * v)

    push(x[1])
    scale = 2.0 if len(xs) > 1 else 3.0
    total = scale * np.sum(np.stack(xs))
    for v, f in zip(xs, [np.sin, np.cos]):
        total += f(v) * x[2]
    for i, v in enumerate(xs):
        total = total * v + i
    return total


@program(_vector, analytic=True)
def emptied_by_calls(x):
    xs = [x[0], x[1]]

    def take():
        return xs.pop()

    total = x[2]
    while len(xs) > 0:
        total = total * x[3] + take()
    return total * (1.0 if xs else 2.0)


@program(_vector, analytic=True)
def columns_of_rows_that_calls_append(x):
    rows = [(x[0], x[1])]

    def note(v):
        rows.append((v, v * v))

    note(x[2])
    firsts, seconds = zip(*rows)
    return sum(firsts) * sum(seconds) + rows[-1][1] * len(rows)


@program(_vector, analytic=True)
def operands_on_a_stack(x):
    stack = [x[0], x[1]]

    def apply(f):
        b = stack.pop()
        a = stack.pop()
        stack.append(f(a, b))

    stack.append(x[2])
    apply(lambda a, b: a * b)
    apply(lambda a, b: a / b)
    (result,) = stack
    return result * len(stack)


@program(_vector, analytic=True)
def given_to_what_appends_to_it(x):
    def grow(xs, v):
        xs.append(v * v)
        return v * 2

    xs = []
    total = grow(xs, x[0]) + grow(xs, x[1])
    u, v = xs
    return total * u * v * np.prod([*xs])


@program(_vector)
def arrays_appended_to_a_list_of_numbers(x):
    xs = [v * v for v in x]

    def push(v):
        xs.append(v)

    push(x[2:])
    return np.sum(xs[4]) * xs[0] * len([*xs])
