"""Tuples that grow or have names for their items, getters of items, and texts that are joined."""

from __future__ import annotations

import math
import operator
from collections import OrderedDict
from dataclasses import asdict, astuple, dataclass
from typing import Any, NamedTuple

import numpy as np

from tests.programs.registry import program

SECOND = operator.itemgetter(1)


def positive(*shape):
    return lambda rng: (rng.uniform(0.4, 1.6, shape),)


@program(positive(4))
def tuples_that_grow(x):
    squares, pairs, rows = (), (), (x,)
    for v in x:
        squares += (v * v,)
        pairs = pairs + ((v, v**3),)
        rows += (x * v, x + v)
    ends = (x[0],)
    ends += (x[1] ** 2,)
    ends = ends + (x[2], x[3])
    shape = (2,)
    shape += (2,)
    total = sum(squares) * len(squares) + sum(a * b for a, b in pairs)
    total += np.sum(np.stack(rows) ** 2) + x.reshape(shape)[1, 0] ** 2
    return total + ends[0] * ends[1] * ends[-1]


@program(positive(4))
def arrays_to_which_tuples_are_added(x):
    y = x.copy()
    y += (1.0, 2.0, 3.0, 4.0)
    z = y
    z = z + (0.5, 0.5, x[0], 0.5)
    return np.sum(y * z**2)


@program(positive(4))
def getters_of_items(x):
    first, third = operator.itemgetter(0, 2)(x)
    last = operator.itemgetter(-1)
    pair = (x[0], x[1] ** 2)
    total = first * third**2 * operator.itemgetter(1)(pair) + last(x) * last(pair)
    weights = {"a": x[1], "b": x[2]}
    return total + SECOND(x) * SECOND([x[0], x[3]]) + operator.itemgetter("b")(weights) ** 2


@program(positive(4))
def told_in_words(x):
    names = ",".join(f"{v:.1f}" for v in x) + "".join([str(len(x)), "!"])
    order = OrderedDict()
    order["a"] = x[0] ** 2
    order["b"] = x[1]
    total = 0.0
    for _, v in OrderedDict(c=x[2], d=order["a"]).items():
        total += v * v
    return total * order["b"] * (len(names) + ("4!" in names))


@program(positive(4))
def tuples_that_are_repeated(x):
    ends = (x[0], x[1])
    ends *= 2
    ends += (x[3] ** 2, x[2])
    ends += ends[1:3]
    return sum(ends) * ends[2] * ends[-1]


class Pair(NamedTuple):
    a: float
    b: float


@program(positive(4))
def named_tuples_that_are_compared(x):
    p, q = Pair(x[0], x[1] ** 2), Pair(x[2], x[3])
    total = p[0] * p[-1] + p.b * (x[0] in p)
    for i in range(3):
        if p == q:
            break
        p = Pair(p[1], p[-2] * x[i])
    return total + p[0] * p.b + q[1]


@program(positive(4))
def named_tuples_given_to_numpy(x):
    p, q = Pair(x[0], x[1] ** 2), Pair(*x[2:])
    total = max(p) * min(p) + math.fsum(q) * math.prod(p) + sorted(q)[1]
    total += np.dot(p, q) * np.linalg.norm(p) + np.sum(np.square(q)) * np.std(p)
    return total + np.vstack(p)[1, 0] ** 3 + np.median(q) ** 2 + np.sum(np.outer(p, q))


@dataclass
class Beam:
    width: Any
    loads: Any
    scale: Any = 2.0


@program(
    lambda rng: (Beam(0.7, rng.uniform(0.4, 1.6, 3)), rng.uniform(0.4, 1.6, 3)), argnums=(0, 1)
)
def dataclasses_taken_apart(beam, x):
    total = 0.0
    for name, value in asdict(beam).items():
        total += np.sum(value) ** 2 * len(name)
    width, loads, scale = astuple(Beam(x[0], x * beam.loads))
    return total + width * np.sum(loads**2) * scale
