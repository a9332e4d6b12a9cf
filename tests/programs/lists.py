"""Programs that gather values in lists."""

from __future__ import annotations

import numpy as np

from tests.programs.registry import program


@program(lambda rng: (rng.standard_normal(3), 4), analytic=True, order=3)
def append_and_stack(x, n):
    states = []
    for i in range(n):
        x = np.sin(x) + 0.1 * i
        states.append(x)
    return np.sum(np.stack(states) ** 2)


@program(lambda rng: (0.6, 4), analytic=True)
def append_and_sum(x, n):
    terms = []
    y = 1.0
    for _ in range(n):
        y = y * x
        terms.append(y)
    return sum(terms) * x


@program(lambda rng: (0.6, 5), analytic=True)
def append_and_index(x, n):
    ys = [x, x * x]
    for i in range(n):
        ys.append(ys[i] * ys[-1] + ys[i + 1])
    return ys[-1] + ys[2]


@program(lambda rng: (0.6, 4), analytic=True)
def append_then_pop(x, n):
    stack = []
    for i in range(n):
        stack.append(x * i)
    y = 1.0
    while stack:
        y = np.sin(y) + stack.pop()
    return y


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def comprehension(x):
    squares = [a * a for a in x]
    scaled = [np.sin(s) * i for i, s in enumerate(squares)]
    return sum(scaled) + squares[0] * squares[-1]


@program(lambda rng: (rng.standard_normal(5),))
def comprehension_with_condition(x):
    positive = [a * a for a in x if a > 0]
    total = 0.0
    for p in positive:
        total = total * 0.5 + p
    return total


@program(lambda rng: (0.7,), analytic=True)
def list_of_values(x):
    values = [x, 2.0 * x, np.sin(x)]
    a, b, c = values
    total = a * b
    for v in values:
        total = total + v * c
    return total


@program(lambda rng: (0.7, 3), analytic=True)
def list_entry_replaced(x, n):
    values = [x, 1.0]
    for i in range(n):
        values[0] = values[0] * values[1]
        values[1] = values[0] + i
    return values[0] + values[1]


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def list_made_into_array(x):
    rows = []
    for i in range(3):
        rows.append([x[i], x[i] * x[0]])
    a = np.array(rows)
    return np.sum(a @ a.T)


@program(lambda rng: (rng.standard_normal(3), 3), analytic=True)
def list_of_arrays_concatenated(x, n):
    parts = [x]
    for i in range(n):
        parts.append(np.cos(parts[-1][1:]))
        if len(parts) > 2:
            break
    return np.sum(np.concatenate(parts) ** 2)


@program(lambda rng: (0.7, 3), analytic=True)
def generator_sum(x, n):
    return sum(x**i for i in range(n)) * x


@program(lambda rng: (0.7, 3), analytic=True)
def returns_a_list(x, n):
    out = []
    for i in range(n):
        out.append(np.sin(x * i))
    return out


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def append_after_the_last_use(x):
    xs = []
    xs.append(x)
    s = xs[0] * xs[0]
    xs.append(s)
    return np.sum(s)


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True)
def pop_from_lists_of_other_lengths(x, n):
    total = 0.0
    for k in range(n):
        xs = [x[0]]
        for j in range(n - k):
            xs.append(x[j] * 2.0)
        y = xs.pop()
        total = total + y * y + xs[0]
    return total


@program(lambda rng: (rng.standard_normal(4), 3), analytic=True)
def item_of_lists_of_other_lengths(x, n):
    total = 0.0
    for k in range(n):
        xs = [x[0]]
        for j in range(n - k):
            xs.append(x[j] * 2.0)
        y = xs[0]
        xs.append(y)
        total = total + y * y
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 4), analytic=True)
def popped_arrays_are_put_back(x, n):
    stack = [x * 1.0, x * 2, x * 3, x * 4, x * x]
    total = 0.0
    for _ in range(n):
        a = stack[0] * stack[-1]
        y = stack.pop()
        y = y * 2.0
        total = total + np.sum(y * a * np.sin(stack[-1] * y))
    return total


@program(lambda rng: (0.7, 5), analytic=True)
def list_filled_by_index(x, n):
    xs = [0.0] * n
    xs[0] = x
    for i in range(1, n):
        xs[i] = np.sin(xs[i - 1]) * x + i
    return xs[-1] * xs[2]


@program(lambda rng: (0.7, 4), analytic=True)
def list_items_updated(x, n):
    xs = [x, x * x, 2.0, x * 3.0]
    for i in range(1, n):
        xs[i] *= xs[i - 1]
        xs[0] += xs[i]
    return sum(xs)


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def comprehension_then_items_replaced(x):
    xs = [a * a for a in x]
    xs[1] = xs[0] * xs[2]
    xs[-1] += xs[1]
    return xs[1] * xs[2]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3), 3), analytic=True)
def list_of_arrays_replaced_by_index(x, n):
    xs = [np.zeros(3)] * n
    for i in range(n):
        xs[i] = x * i + xs[i - 1]
    xs[0] = xs[1] * xs[2]
    return np.sum(np.stack(xs) ** 2)


@program(lambda rng: (0.7,), analytic=True)
def list_replaced_under_a_while(x):
    xs = [x, 2 * x, 3 * x]
    i = 0
    while i < 2:
        xs[i] = xs[i] * xs[i + 1]
        i += 1
    return xs[0] * xs[1] + xs[2]


@program(lambda rng: (0.7, True), analytic=True, name="list_replaced_in_a_branch")
@program(lambda rng: (0.7, False), analytic=True, name="list_replaced_in_the_other_branch")
def list_replaced_by_branch(x, flag):
    xs = [x, x * x]
    if flag:
        xs[0] = xs[1] * x
    else:
        xs = [x * 3, x]
    xs[1] *= xs[0]
    return xs[0] * xs[1]


@program(lambda rng: (0.7,), analytic=True)
def lists_joined_and_repeated(x):
    xs = [x, 2 * x] + [3 * x]
    ys = [x * x] * 2
    ys[1] = ys[1] * xs[2]
    return xs[1] * ys[0] * ys[1]


@program(lambda rng: (rng.standard_normal(4),))
def bubble_sort(x):
    xs = [x[i] for i in range(4)]
    for i in range(4):
        for j in range(3 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs[0] + xs[1] * 2 + xs[2] * 3 + xs[3] * xs[0]


@program(lambda rng: (rng.standard_normal(4),), analytic=True)
def symmetric_polynomials_by_a_table(x):
    table = [0.0] * 5
    table[0] = 1.0
    for v in x:
        for j in range(4, 0, -1):
            table[j] = table[j] + table[j - 1] * v
    return table[2] + table[3] * table[4]


@program(lambda rng: (rng.standard_normal(3),))
def lists_that_are_extended(x):
    xs = [x[0]]
    for i in range(2):
        xs += xs
        ys = [v * x[1] for v in xs[:2]]
        xs.extend(ys)
        xs += (x[2], x[i])
        xs.extend(x[1:])
    return sum(xs, x[0] ** 3) + xs[3] * xs[-1] + sum((v * v for v in xs), 0.0)


@program(lambda rng: (rng.uniform(0.5, 1.5),))
def last_item_dropped_in_some_turns(x):
    powers = []
    for k in range(6):
        powers.append(x**k)
        if k % 3 == 2:
            powers.pop()
    sines = [x]
    for k in range(5):
        sines.append(np.sin(x * k) * sines[-1])
        if k > 2:
            sines.pop()
            sines.pop()
    return powers[-1] * sum(powers) + sum(sines)


def mean_of_items(values):
    return sum(values) / len(values)


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal(3)), argnums=(0, 1))
def list_made_longer_by_what_a_call_makes_of_it(x, y):
    values = [x, y, x * y]
    values.append(mean_of_items(values))
    last = values.pop()
    before = mean_of_items(values)
    values.pop()
    for _ in range(2):
        values.append(mean_of_items(values) * last)
    return np.sum(values[-1] * values[0] * before)


@program(lambda rng: (rng.uniform(0.5, 1.5, (3, 4)),), analytic=True)
def rows_of_comprehensions_in_comprehensions(a):
    rows = [[v * w for v in row] for row in a for w in row[1:3]]
    parts = [[v for v in row if v > 0.6] for row in a]
    return sum(sum(row) * (k + 1) for k, row in enumerate(rows)) + sum(len(p) for p in parts)


@program(lambda rng: (rng.uniform(0.5, 1.5, (4, 2)),), analytic=True)
def lists_of_neighbours(points):
    neighbours = []
    for i in range(len(points)):
        mine, apart = [], []
        for j in range(len(points)):
            if i != j:
                mine.append(j)
                apart.append(points[i] - points[j])
        neighbours.append((mine, apart))
    energy = 0.0
    for i, (mine, apart) in enumerate(neighbours):
        for j, d in zip(mine, apart):
            energy += points[j] @ d / (1 + d @ d) * points[i, 0]
    return energy


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def list_kept_twice_and_read_besides(x):
    kept, total = [], 0.0
    for i in range(3):
        powers = [x[i]]
        while len(powers) < 3:
            powers.append(powers[-1] * x[i + 1])
        kept.append(powers)
        if i > 0:
            kept.append(powers)
        total += powers[1] * sum(powers)
    return total + sum(sum(p) * (k + 1) for k, p in enumerate(kept))


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),), analytic=True)
def comprehension_that_grows_on(x):
    squares = [v * v for v in x]
    squares.append(x[0])
    for k in range(3):
        if k != 1:
            squares = [v * x[k] for v in squares]
            squares.append(squares[0] * x[3])
            squares.pop()
            squares.append(x[k])
    return sum(v * (k + 1) for k, v in enumerate(squares))


@program(lambda rng: (rng.uniform(0.5, 1.5, (3, 2)),), analytic=True)
def lists_in_a_dict_when_they_are_full(a):
    heights, slopes = [], []
    for h, s in a:
        heights.append(h * s)
        slopes.append(s)
    history = {"height": heights, "slope": slopes}
    return history, sum(history["height"])


def with_one_more(x, y):
    return (*x, y)


def ends_multiplied(row):
    return row[0] * row[3]


@program(lambda rng: (rng.standard_normal(3), rng.standard_normal()), argnums=(0, 1), analytic=True)
def tuples_of_any_length_held_and_returned(x, y):
    held = {"all": (*x, y)}
    t = held["all"]
    rows = [(*x, y), with_one_more(x, 2.0)]
    s = 0.0
    for row in rows:
        s = s + ends_multiplied(row)
    u = with_one_more(x, y)
    return s + t[1] * t[-2] + u[0] * u[-1] * with_one_more(x, x[1])[3]


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def item_of_another_shape_stored(x):
    parts = [r * r for r in x]
    parts[0] = x
    rows = [x[k:] for k in range(3)]
    for _ in range(2):
        rows[1] = rows[1][:1] * rows[0][2]
    return np.sum(parts[0] * x) + parts[1] + np.sum(rows[1]) * np.sum(rows[2])


@program(lambda rng: (rng.uniform(0.4, 1.2, 4),), analytic=True)
def length_of_what_is_unpacked_into_a_tuple(x):
    xs = [v * x[0] for v in x]
    return xs[0] * len((*xs,)) + x[1] * len((*x, 1.0, *xs)) * len(tuple(xs))
