"""What refusals say: the name that the user wrote, and a way out that fits it."""

from __future__ import annotations

import functools
import itertools
import linecache
import math
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, custom_vjp, grad, hessian, jvp
from srcad.errors import ArgumentError

X = np.array([1.0, 2.0])
rng = np.random.default_rng(0)


class Model:
    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)


model = Model()


def message_of(call: Callable[[], Any]) -> SrcadError:
    with pytest.raises(SrcadError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("fn", "path", "instead"),
    [
        (print, "print", None),
        (np.linalg.eig, "np.linalg.eig", None),
        (math.frexp, "math.frexp", None),
        (X.sum, "x.sum", "grad(lambda x: x.sum())"),
        (np.add.reduce, "np.add.reduce", "grad(lambda x: np.add.reduce(x))"),
    ],
)
def test_a_function_that_is_not_written_in_python(
    fn: Callable[..., Any], path: str, instead: str | None
) -> None:
    error = message_of(lambda: grad(fn))
    assert error.message == f"grad was given `{path}`, which is not written in Python"
    assert error.instead == (
        f"write a def or lambda around it: {instead}"
        if instead
        else "write what it does in Python and NumPy, or give it a rule with srcad.rule"
    )


def test_a_class_is_no_argument_to_differentiate() -> None:
    def area(cls, r):
        return 3.0 * r * r

    error = message_of(lambda: grad(area)(Model, 2.0))
    assert error.message.startswith("grad: argument `cls` of `area` is a `type` object")
    assert error.instead == "put the decorator above `@classmethod`, or choose other argnums"
    assert error.line == area.__code__.co_firstlineno


class Circle:
    scale = 3.0

    @grad
    @classmethod
    def area(cls, r):
        return cls.scale * r * r

    @grad
    @staticmethod
    def length(r):
        return 6.0 * r


class Wide(Circle):
    scale = 5.0


def test_methods_of_classes() -> None:
    assert Circle.area(2.0) == Circle().area(2.0) == 12.0
    assert Wide.area(2.0) == Wide().area(2.0) == 20.0
    assert Circle.length(2.0) == Circle().length(2.0) == 6.0
    assert pickle.loads(pickle.dumps(Wide.area))(2.0) == 20.0
    assert "area" in Wide.area.source_for(2.0)


def drawn_from_a_global(x):
    return np.sum(rng.gamma(x))


def drawn_from_an_attribute(x):
    return np.sum(model.rng.gamma(x))


def drawn_from_numpy(x):
    return np.sum(np.random.gamma(x))


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (drawn_from_a_global, "rng.gamma"),
        (drawn_from_an_attribute, "model.rng.gamma"),
        (drawn_from_numpy, "np.random.gamma"),
    ],
)
def test_a_function_without_a_rule_has_the_name_that_the_user_wrote(f: Any, name: str) -> None:
    assert message_of(lambda: grad(f)(X)).message == f"srcad has no derivative for `{name}`"


@functools.lru_cache
def remembered(x):
    return x * x


def of_what_is_remembered(x):
    return x * remembered(x)


def of_what_is_behind(x):
    return x * remembered.__wrapped__(x)


def test_a_function_that_remembers_its_results() -> None:
    error = message_of(lambda: grad(of_what_is_remembered)(2.0))
    assert error.message == "srcad has no derivative for `remembered`"
    assert error.instead == "call the function behind the cache, `remembered.__wrapped__(...)`"
    assert grad(of_what_is_behind)(2.0) == 12.0


def split_at_the_middle(x):
    x.partition(1)
    return np.sum(x)


def misspelt(x):
    return np.sum(x.clipp(0.0, 1.0))


@pytest.mark.parametrize(
    ("f", "name", "instead"),
    [
        (split_at_the_middle, "partition", "`x[...] = values`"),
        (misspelt, "clipp", "did you mean `clip`?"),
    ],
)
def test_a_method_that_is_not_known(f: Any, name: str, instead: str) -> None:
    error = message_of(lambda: grad(f)(X))
    assert error.message == f"srcad does not know the method `{name}`"
    assert instead in error.instead
    assert "np.ndarray" not in str(error)


def median_into(x):
    total = np.zeros(2)
    np.median(x * np.eye(2), axis=0, out=total)
    return np.sum(total)


def running_sum_into(x):
    total = np.zeros(2)
    np.cumsum(x, 0, None, total)
    return np.sum(total)


def put_into(x):
    u = np.zeros(2)
    np.place(u, [True, False], 2 * x)
    return np.sum(u)


@pytest.mark.parametrize(
    ("f", "instead"),
    [
        (median_into, "assign the result: `total[...] = np.median(...)`"),
        (running_sum_into, "assign the result: `u[...] = np.cumsum(...)`"),
        (put_into, "assign to items: `u[...] = values`, `u[mask] = values`"),
    ],
)
def test_an_operation_in_place_that_has_no_rule(f: Any, instead: str) -> None:
    for call in (lambda: grad(f)(X), lambda: jvp(f, (X,), (X,))):
        error = message_of(call)
        assert error.message == "srcad does not know how to undo this in-place operation"
        assert error.instead == instead


Y = np.array([0.3, 1.2, -0.7, 0.5])
KEPT = (True, True, False, True)


def sum_of_products(x):
    return sum(x[i] * x[j] for i, j in itertools.permutations(range(len(x)), 2))


def products_of_neighbours(x):
    total = 0.0
    for a, b in itertools.pairwise(x):
        if total > 10:
            break
        total += a * b
    return total


@pytest.mark.parametrize(
    ("refused", "way", "accepted", "wanted"),
    [
        (
            lambda x: sum(a * b for a, b in itertools.permutations(x, 2)),
            "run over the places, `itertools.permutations(range(len(x)), ...)`, and read the"
            " items there",
            sum_of_products,
            2 * (np.sum(Y) - Y),
        ),
        (
            products_of_neighbours,
            "use `zip(x[:-1], x[1:])`",
            lambda x: sum(a * b for a, b in zip(x[:-1], x[1:], strict=True)),  # noqa: RUF007
            [1.2, -0.4, 1.7, -0.7],
        ),
        (
            lambda x: sum(v * v for v in itertools.compress(x, KEPT)),
            "use a list comprehension, `[v for v, c in zip(x, chosen) if c]`",
            lambda x: sum([v * v for v, c in zip(x, KEPT, strict=True) if c]),
            [0.6, 2.4, 0.0, 1.0],
        ),
    ],
)
def test_the_way_out_is_accepted(
    refused: Callable[..., Any], way: str, accepted: Callable[..., Any], wanted: Any
) -> None:
    assert message_of(lambda: grad(refused)(Y)).instead == way
    np.testing.assert_allclose(grad(accepted)(Y), wanted, rtol=1e-14)


def test_an_expression_may_be_long() -> None:
    space: dict[str, Any] = {"np": np}
    terms, factors = range(1, 301), range(1, 101)
    for name, text in (
        ("total", " + ".join(f"np.sin({n / 300} * x)" for n in terms)),
        ("product", " * ".join(f"(1.0 + x / {n}**2)" for n in factors)),
    ):
        define(space, name, f"def {name}(x):\n    return {text}\n")
    assert grad(space["total"])(0.3) == pytest.approx(
        sum(n / 300 * math.cos(n / 1000) for n in terms), rel=1e-13
    )
    log_slope = sum(1 / (n**2 + 0.3) for n in factors)
    assert grad(space["product"])(0.3) == pytest.approx(
        space["product"](0.3) * log_slope, rel=1e-13
    )


def test_an_expression_may_not_be_deep() -> None:
    space: dict[str, Any] = {}
    define(space, "deep", "def deep(x):\n    y = x\n    return " + "-" * 600 + "y\n")
    error = message_of(lambda: grad(space["deep"])(0.3))
    assert error.qualname == "deep"
    assert error.line == 3
    assert error.instead == "give names to its parts, or write a loop."


def define(space: dict[str, Any], name: str, text: str) -> None:
    """Define ``name`` by ``text``, as a notebook does with a cell."""
    filename = f"<cell {name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), space)


@custom_vjp
def square(x):
    return x * x


def square_forward(x):
    return x * x, x


def square_backward(x, g):
    y = x.copy()
    for i in range(len(y)):
        y[i] += g[i]
    z = y if g[0] > 0 else x
    z[0] = 2.0
    return (2 * x * g + y,)


square.defvjp(square_forward, square_backward)


def of_a_custom_rule(x):
    return np.sum(square(x) * x)


def test_what_is_refused_of_a_generated_text_points_at_the_function() -> None:
    error = message_of(lambda: hessian(of_a_custom_rule)(X))
    assert error.filename == __file__
    assert error.qualname == "of_a_custom_rule"
    assert error.line == of_a_custom_rule.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (lambda x: None, "`<lambda>` returns None"),
        (lambda x: (x.sum(), x), "`<lambda>` returns a container, not a number"),
    ],
)
def test_what_returns_no_number_is_called_as_the_user_wrote_it(
    fn: Callable[..., Any], message: str
) -> None:
    assert message_of(lambda: grad(fn)(X)).message == message


@pytest.mark.parametrize("show", [lambda f: f(X), lambda f: f.source, lambda f: f.source_for(X)])
def test_the_traceback_ends_where_srcad_begins(show: Callable[[Any], Any]) -> None:
    def roots(x):
        return np.sum(np.roots(x))

    error = message_of(lambda: show(grad(roots)))
    frames = traceback.extract_tb(error.__traceback__)
    inside = [Path(f.filename).name for f in frames if "derivatives" in f.filename]
    assert frames[-1].filename.endswith("derivative.py")
    assert len(inside) <= 3


def test_optimisation_passes_that_are_none():
    with pytest.raises(ArgumentError, match="without=3 names no optimisation passes"):
        grad(np.sum, without=3)


def reshaped_and_changed(x):
    y = np.outer(x, x).T
    z = y.ravel()
    z[0] = 5.0
    return np.sum(y) + np.sum(z)


def all_singular_vectors(x):
    a = np.outer(x, x[:1])
    return np.linalg.svd(a)[0][0, 0]


def beside_a_masked_array(x, m):
    y = x * 2.0
    return np.sum(y * m)


@pytest.mark.parametrize(
    ("f", "args", "line"),
    [
        (reshaped_and_changed, (X,), 2),
        (all_singular_vectors, (X,), 2),
        (beside_a_masked_array, (X, np.ma.array(X)), 2),
    ],
)
def test_what_is_refused_as_it_runs_points_at_the_users_line(
    f: Callable[..., Any], args: tuple[Any, ...], line: int
) -> None:
    first = (np.ones(2), *args[1:])
    for call in (lambda: grad(f)(*args), lambda: jvp(lambda x: f(x, *args[1:]), (X,), first[:1])):
        error = message_of(call)
        assert error.line == f.__code__.co_firstlineno + line
        assert error.filename == __file__
        assert not hasattr(error, "__notes__")
        assert f"line {error.line}" in str(error)
