"""Functions for the tests, in a file of their own, so that messages can point into it."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from srcad import grad

Pair = namedtuple("Pair", "a b")


@dataclass
class Weights:
    w: np.ndarray
    b: float


@dataclass(frozen=True)
class Frozen:
    w: np.ndarray
    inner: Weights


def square(x):
    return x * x


def cubic(x, y=2.0, n=3):
    return y * x**n


def total(x):
    return np.sum(x * x)


def weighted(x, w):
    return np.sum(w * x * x)


def tree_loss(p):
    return np.sum(p["w"] * p["w"]) + p["parts"][0] * p["parts"][1] + p["b"] ** 2


def pair_loss(p):
    return np.sum(p.a * p.b)


def record_loss(p):
    return np.sum(p.w * p.w) * p.b


def nested_loss(p):
    return np.sum(p.w) * p.inner.b + np.sum(p.inner.w)


def of_many(x, *rest):
    return x * rest[0] * rest[1]


def with_options(x, **options):
    return x * options["scale"] * options["scale"]


def keyword_only(x, *, k):
    return x * k * k


def with_aux(x):
    return x * x, {"twice": 2 * x}


def no_pair(x):
    return x


def vector(x):
    return np.array([1.0, 2.0]) * x


def returns_none(x):
    x * x


def returns_text(x):
    return "text"


def returns_int(x):
    return 3


def returns_tuple(x):
    return x, x


def returns_complex(x):
    return x * 1j


def parts(x):
    return {"double": 2 * x, "square": x * x}


@grad
def decorated(x):
    """Three dots."""
    return x * x * x


@grad(argnums="y")
def decorated_with_options(x, y):
    return x * y * y


class Model:
    def __init__(self, scale):
        self.scale = scale

    def loss(self, x):
        return self.scale * x * x

    @grad
    def slope(self, x):
        return self.scale * x * x

    def __call__(self, x, y):
        return self.scale * x * y


def numbers_and_text(x):
    return np.array([x, "a"])[0]
