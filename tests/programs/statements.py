"""Statements that say how to compute rather than what: contexts, cases, imports, annotations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.programs.registry import program

# --- `with np.errstate(...)`: warnings are errors in the tests, so what is silenced stays silent --


@program(lambda rng: (rng.uniform(0.5, 1.5, 4) * np.array([1, -1, 1, -1]),))
def under_errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = 1 / np.where(x > 0, x, 0.0)
        y = np.where(x > 0, y * y, 0.0)
    return np.sum(y * x)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4) * np.array([1, -1, 1, -1]),))
def leaving_errstate_early(x):
    s = 1.0
    for i in range(4):
        with np.errstate(divide="ignore"), np.errstate(invalid="ignore"):
            y = np.where(x > 0, 1 / np.where(x > 0, x, 0.0), 0.0)
            if x[i] < 0:
                continue
            if s > 100:
                return s
            s = s * y[i] + s
            if i == 2:
                break
    return s * s


def _inverse(v):
    with np.errstate(all="ignore"):
        return np.where(v > 0, 1 / np.where(v > 0, v, 0.0), 0.0)


def _fill_inverse(out, v):
    with np.errstate(all="ignore"):
        out[1:] = np.where(v[1:] > 0, 1 / np.where(v[1:] > 0, v[1:], 0.0), 0.0)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4) * np.array([1, -1, 1, -1]),))
def helpers_with_errstate(x):
    y = np.zeros(4)
    _fill_inverse(y, x)

    def half(v):
        with np.errstate(under="ignore"):
            return v / 2

    return np.sum(_inverse(x) * half(y) * x)


# --- statements without an effect ----------------------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def annotated_and_deleted(x):
    """A docstring."""
    y: np.ndarray = x * 2
    z: float
    z = np.sum(y * x)
    ...
    del y
    pass
    return z * z


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def formatted_and_raised(x):
    assert x.ndim == 1, f"{x.ndim} dimensions"
    label = f"{x[0]:.3f} of {np.sum(x):8.2f}"
    if len(label) > 100 or x[0] > 50:
        raise ValueError(f"too large: {x[0] * 2}")
    return np.sum(x * x * len(label))


# --- `match` -------------------------------------------------------------------------------------


@dataclass
class Shape:
    size: object
    sides: object


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def matched_numbers(x):
    n = x.shape[0]
    match n:
        case 1:
            return np.sum(x)
        case 3 | 4 if len(x) == 3:  # three or four
            y = x * x
        case m:
            y = x * m
    match y.ndim, n:
        case (1, k):
            return np.sum(y) * k * x[0]
        case _:
            return np.sum(y)


@program(lambda rng: (rng.uniform(0.5, 1.5, 4),))
def matched_in_a_loop(x, kind="b"):
    s = 1.0
    for i in range(4):
        match kind, i:
            case ("a", _):
                s = s + x[i]
            case ("b", 0):
                s = s + x[i] ** 2
            case ("b", k) if x[k] < 0.5:
                return s
            case ("b", 1):
                s = s * x[1]
                continue
            case (kind, i) if i == 3:
                s = s + x[0] * s
                break
            case (_, j):
                s = s * x[j]
        kind = "b"
    return s * s


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def matched_objects(x):
    shape = Shape(x[0], (x[1], x[2], 2.0))
    match shape:
        case Shape(sides=[_, _]):
            return x[0]
        case Shape(size, (first, *rest)) if len(rest) == 2:
            return size * first * rest[0] * rest[1]
    return x[0]


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),), analytic=True)
def matched_dicts(x):
    y = 1.0
    for layer in ({"kind": "tanh", "scale": x[0]}, {"kind": "power", "scale": x[1], "n": 2}):
        match layer:
            case {"kind": "power", "scale": s, "n": n}:
                y = (y * s) ** n
            case {"kind": "tanh", "scale": s}:
                y = np.tanh(y * s)
            case _:
                raise ValueError(layer)
    return y * x[2]


@program(lambda rng: (rng.uniform(0.5, 1.5, 2),))
def matched_and_swapped(x):
    u, v = x[0], x[1]
    match u, v:
        case (v, u) if v > 10:
            return u
        case (None, _):
            return v
        case (a, b) as both:
            return a**2 * b * u * v**3 * both[0]


# --- imports -------------------------------------------------------------------------------------


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def imports_inside(x):
    from math import pi

    import numpy as xp
    import numpy.linalg as la
    from numpy import exp as e

    def scaled(v):
        return e(v) * la.norm(v) / pi

    return xp.sum(scaled(x) * xp.tanh(x))


def _newton(f, a):
    from math import cos

    for _ in range(3):
        a = a - cos(0.0) * 0.5 * f(a)
    return a


@program(lambda rng: (rng.uniform(0.5, 1.5, 3),))
def imports_of_helpers(x):
    import math

    def count(n):
        return math.floor(n + 0.5)

    exponents = [count(k) for k in (1.0, 2.0)]
    return _newton(lambda a: a * a - math.fsum(exponents) * x[0], x[1]) + np.sum(x ** count(2.0))


def value_and_square(u):
    return u, u * u


@program(lambda rng: (rng.standard_normal(3),), analytic=True)
def one_name_twice_in_a_pattern(x):
    y, y = value_and_square(x)
    (a, b), a = value_and_square(x[:2])
    b, (b, c) = value_and_square(x[1:])
    s = 0.0
    for i, (i, r) in enumerate(zip(x, y)):
        s = s + i * r
    return np.sum(y) + np.sum(a) * b * c + s


@program(lambda rng: (rng.normal(size=(4, 3)),))
def tuples_made_of_grown_lists(x):
    rows = []
    for row in x:
        rows.append(np.tanh(row))
    kept = tuple(rows)
    joined = np.concatenate(tuple(rows)) @ np.hstack(tuple(row * row for row in kept))
    first, *others = kept
    return joined + np.sum(first * kept[-1]) + len(kept) * sum(np.sum(row) for row in others[1:])


def _squares_of_tuples(p):
    return sum(q * q for q in p) if isinstance(p, tuple) else sum(p)


def _squares_of_lists(p):
    return sum(q * q for q in p) if isinstance(p, list) else sum(p)


@program(lambda rng: (rng.normal(size=4),))
def lists_and_tuples_of_any_length_told_apart(x):
    xs = [np.sin(v) for v in x]
    longer = (*xs, x[0])
    lists = _squares_of_lists(xs) * _squares_of_lists(longer)
    return _squares_of_tuples(longer) * _squares_of_tuples(xs) + lists


@program(lambda rng: (rng.normal(size=5),))
def columns_of_grown_rows(x):
    points = []
    for i in range(len(x) - 1):
        points.append((x[i], x[i + 1] * x[i]))
    xs, ys = zip(*points)
    total = np.dot(xs, ys) + max(ys) * isinstance(xs, tuple)
    for i, column in enumerate(zip(*points)):
        total += (i + 1) * np.prod(np.array(column))
    firsts, seconds = (np.array(column) for column in zip(*points))
    return total + np.sum(firsts**2 * seconds) + list(zip(*points))[1][0]


@program(lambda rng: (rng.normal(size=3),))
def columns_of_counted_rows(x):
    """Of the columns one is of ints, which NumPy makes an array without a derivative."""
    path = []
    at = x[0]
    for k in range(3):
        at = at * np.cos(x[1])
        path.append((at, at * x[2], k))
    ats, products, counts = map(np.array, zip(*path))
    total = np.sum(ats * products * counts)
    for i, column in enumerate(zip(*path)):
        total += np.sum(np.array(column)) * i
    return total


@program(lambda rng: (rng.uniform(0.5, 1.5, 5) * np.array([1, -1, 1, 1, -1]),))
def appended_within_an_expression(x):
    """What `append` returns is bound, chosen and listed."""
    kept, flags, signs, found = [], [], [], []
    for v in x:
        nothing = kept.append(v * v)
        flags.append(nothing) if v > 100 else signs.append(v**3)
        v > 0 and found.append(v)
    _ = [kept.append(v) if v > 0 else kept.append(-2 * v) for v in x]
    any(found.append(v * w) for v, w in zip(x, x[::-1], strict=True))
    total = sum(v * (k + 1) for k, v in enumerate(kept))
    return total + sum(signs) * sum(v * (k + 1) for k, v in enumerate(found))


@program(lambda rng: (rng.normal(size=4),))
def added_at_places_within_an_expression(x):
    out = np.zeros(3)
    nothing = np.add.at(out, [0, 1, 1], x[:3] ** 2)
    np.add.at(out, [2, 0], x[2:]) if nothing is None else out.fill(0.0)
    return out @ out


@program(lambda rng: (rng.normal(size=3), 0, []), argnums=(0,))
def columns_of_no_rows(x, n, none):
    """Of no rows `zip` gives nothing: the loops take no turn."""
    pairs = [(x[i], x[i] * 2.0, x[0]) for i in range(n)]
    rows = [[x[i], x[i] * 2.0] for i in range(n)]
    total = x[0] * x[1]
    for column in zip(*pairs):
        total = total + column[0]
    for i, column in enumerate(zip(*pairs)):
        total = total * column[0] + i
    for a, b in zip(*rows):
        total = total + a * b
    for a, b in zip(*none):
        total = total + a * b
    return total * x[2] + sum([column[0] * column[-1] for column in zip(*pairs)])


@program(lambda rng: (rng.uniform(0.2, 0.9, 4),), analytic=True)
def functions_beside_each_other(x):
    total = 0.0
    for outer, inner in zip((np.sin, np.cos, np.tanh), [np.exp, np.sin]):
        total = total * x[0] + outer(inner(x[1]))
    for f in reversed([np.sin, np.exp]):
        total = f(total + x[2])
    return total * x[3]


@program(lambda rng: (rng.uniform(0.2, 0.9, 4),), analytic=True)
def functions_beside_numbers(x):
    total = 0.0
    for k, (f, (left, right)) in enumerate(zip((np.sin, np.cos, np.exp), zip(x, x[::-1]))):
        total = total * left + f(right) * (k + 1)
    return total
