"""Arguments in containers of many classes: the gradient is in one of the same, or refused."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from srcad import check_grads, grad, jacfwd, jacrev, jvp, vjp
from srcad.errors import ArgumentError

Pair = namedtuple("Pair", "first second")


class Point(NamedTuple):
    x: float
    y: float


class Weights(list):
    """A list by another name."""


class Config(dict):
    """A dict by another name."""


class Couple(tuple):
    """A tuple by another name."""


def by_place(p):
    return p[0] * p[1] ** 2


def by_name(p):
    return p["a"] * p["b"] ** 2


def zeros() -> float:
    return 0.0


@pytest.mark.parametrize(
    ("f", "p"),
    [
        (by_place, Pair(2.0, 3.0)),
        (by_place, Point(2.0, 3.0)),
        (by_name, OrderedDict(b=3.0, a=2.0)),
        (by_name, defaultdict(zeros, b=3.0, a=2.0)),
    ],
)
def test_a_gradient_is_in_a_container_of_the_same_class(f: Callable[..., Any], p: Any) -> None:
    found = grad(f)(p)
    assert type(found) is type(p)
    if isinstance(p, dict):
        assert list(found.items()) == [("b", 12.0), ("a", 9.0)]
        assert getattr(found, "default_factory", None) is getattr(p, "default_factory", None)
    else:
        assert tuple(found) == (9.0, 12.0)
    (again,) = vjp(f, p)[1](1.0)
    assert again == found
    assert type(again) is type(p)


DERIVATIVES: dict[str, Callable[..., Any]] = {
    "grad": lambda f, p: grad(f)(p),
    "vjp": lambda f, p: vjp(f, p),
    "jvp": lambda f, p: jvp(f, (p,), (p,)),
    "jacfwd": lambda f, p: jacfwd(f)(p),
    "jacrev": lambda f, p: jacrev(f)(p),
    "check_grads": lambda f, p: check_grads(f, (p,)),
}


@pytest.mark.parametrize("verb", DERIVATIVES)
@pytest.mark.parametrize(
    ("f", "p", "kind", "path"),
    [
        (by_place, Weights([2.0, 3.0]), list, "p"),
        (by_place, Couple([2.0, 3.0]), tuple, "p"),
        (by_name, Config(a=2.0, b=3.0), dict, "p"),
        (by_name, {"a": 2.0, "b": 3.0, "c": Weights([1.0])}, list, 'p["c"]'),
    ],
)
def test_a_subclass_of_which_no_other_can_be_made(
    verb: str, f: Callable[..., Any], p: Any, kind: type, path: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        DERIVATIVES[verb](f, p)
    whole = p["c"] if path != "p" else p
    assert caught.value.message == (
        f"{verb}: argument `{path}` of `{f.__name__}` is a `{type(whole).__name__}`, a kind of"
        f" {kind.__name__} of which srcad cannot make another, and cannot be differentiated"
    )
    assert caught.value.instead == f"pass {kind.__name__}({path})"
    assert caught.value.line == f.__code__.co_firstlineno


def scaled(p, x):
    return p[0] * x * x


def test_a_subclass_beside_what_is_differentiated_is_read() -> None:
    assert grad(scaled, 1)(Weights([2.0, 3.0]), 3.0) == 12.0


def of_a_key(p):
    return p["c"]


def of_a_place(p):
    return p[0] + p[5]


def of_a_place_from_the_end(p):
    return p[-3] * 2.0


def of_two_places(p):
    return p[0, 1]


@pytest.mark.parametrize(
    ("f", "p", "error"),
    [
        (of_two_places, [1.0, 2.0], TypeError),
        (of_two_places, (1.0, 2.0), TypeError),
        (of_a_key, {"a": 1.0}, KeyError),
        (of_a_place, (1.0, 2.0), IndexError),
        (of_a_place, [1.0, 2.0], IndexError),
        (of_a_place, Pair(1.0, 2.0), IndexError),
        (of_a_place_from_the_end, (1.0, 2.0), IndexError),
    ],
)
def test_an_item_that_there_is_not(f: Callable[..., Any], p: Any, error: type) -> None:
    for call in (lambda: f(p), lambda: grad(f)(p), lambda: jvp(f, (p,), (p,)), lambda: vjp(f, p)):
        with pytest.raises(error):
            call()


def perhaps(p, n):
    return p["c"] if n > 3 else p["a"] ** 2


def test_an_item_that_there_is_not_where_it_is_not_read() -> None:
    assert grad(perhaps)({"a": 3.0}, 2) == {"a": 6.0}
    with pytest.raises(KeyError):
        grad(perhaps)({"a": 3.0}, 5)
