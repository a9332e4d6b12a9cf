"""What is said of objects and functions that have no derivative, and what to write instead."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from srcad import SrcadError, check_grads, grad, jvp, stop_gradient, vjp
from srcad.errors import ArgumentError

X = np.array([0.7, 1.2, 0.4])
UNIT = stats.norm(0.0, 1.0)
WAITING = stats.gamma(2.0)
FORMULA = (
    "write its formula; `scipy.special` has what these consist of: `gammaln`, `betaln`, `xlogy`,"
    " `gammainc`, `betainc`, `ndtr` and more"
)
RECORD = "use a dict, or a named tuple or dataclass that is defined outside"
CALLEE = (
    "call it by its name, as a method, or out of a list, tuple or dict of functions that is global"
    " or an attribute"
)


def refusals(f, x=X):
    """The refusals in both modes, which are the same."""
    found = []
    for call in (lambda: grad(f)(x), lambda: jvp(f, (x,), (x,))):
        with pytest.raises(SrcadError) as caught:
            call()
        found.append((caught.value.message, caught.value.instead))
    assert found[0] == found[1]
    return found[0]


def in_a_namespace(x):
    parts = SimpleNamespace(first=x[0], rest=x[1:])
    return parts.first * np.sum(parts.rest)


def unit_density(x):
    return np.sum(UNIT.logpdf(x))


def waiting_density(x):
    return np.sum(WAITING.logpdf(x))


def made_inside(x):
    return np.sum(stats.gamma(2.0).pdf(x))


def of_a_polynomial(x):
    return np.polynomial.Polynomial(x)(0.3)


def partial_of_values(x):
    power = functools.partial(np.power, x[0])
    return power(2.0)


def one_after_the_other(x):
    return np.subtract.reduce(x)


def by_a_name_made_inside(x):
    name = "Sum".swapcase().swapcase().lower()
    return getattr(np, name)(x**2)


@pytest.mark.parametrize(
    ("f", "message", "instead"),
    [
        (in_a_namespace, "srcad does not know the attribute `first`", RECORD),
        (
            unit_density,
            "srcad has no derivative for `UNIT.logpdf`",
            "write `-0.5 * z * z - np.log(np.sqrt(2 * np.pi) * scale)`, with"
            " `z = (x - loc) / scale`",
        ),
        (waiting_density, "srcad has no derivative for `WAITING.logpdf`", FORMULA),
        (
            made_inside,
            "srcad does not know the method `pdf`",
            f"if it is a distribution of SciPy's, {FORMULA}",
        ),
        (
            of_a_polynomial,
            "srcad has no derivative for `np.polynomial.Polynomial`",
            "call `np.polynomial.polynomial.polyval(t, c)` with the coefficients",
        ),
        (
            partial_of_values,
            "srcad has no derivative for `functools.partial`",
            "define a function inside, `def g(y): return f(x, y)`, or a lambda",
        ),
        (
            one_after_the_other,
            "srcad has no derivative for `np.subtract.reduce`",
            "go through the items in a loop: `for v in x[1:]: y = np.subtract(y, v)`",
        ),
        (by_a_name_made_inside, "srcad cannot tell which function is called here", CALLEE),
    ],
)
def test_ways_out(f: Any, message: str, instead: str) -> None:
    assert refusals(f) == (message, instead)


def in_a_loop(x):
    y = x[0]
    for v in x[1:]:
        y = np.subtract(y, v)
    return y


def power_of_values(x):
    def power(y):
        return np.power(x[0], y)

    return power(2.0)


def polynomial_of_values(x):
    return np.polynomial.polynomial.polyval(0.3, x)


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (in_a_loop, [1.0, -1.0, -1.0]),
        (power_of_values, [1.4, 0.0, 0.0]),
        (polynomial_of_values, [1.0, 0.3, 0.09]),
    ],
)
def test_they_are_accepted(f: Any, wanted: list[float]) -> None:
    np.testing.assert_allclose(grad(f)(X), wanted, rtol=1e-14)


def of_parts(p):
    return p.first * p.rest


def test_an_object_with_attributes_as_an_argument() -> None:
    with pytest.raises(SrcadError) as caught:
        grad(of_parts)(SimpleNamespace(first=1.0, rest=2.0))
    assert caught.value.message == (
        "grad: argument `p` of `of_parts` is a `SimpleNamespace` object, and cannot be"
        " differentiated"
    )
    assert caught.value.instead == (
        "make it a dict, a named tuple or a dataclass, or choose other argnums"
    )


def digamma_of_complex_numbers(x):
    return np.abs(special.psi(x[0] + 1j * x[1]))


def test_the_trigamma_function_of_complex_numbers() -> None:
    message, instead = refusals(digamma_of_complex_numbers)
    assert message == "srcad has no derivative for `scipy.special.psi` of complex numbers"
    assert instead == "use real numbers, or give `psi` a rule of your own with `srcad.rule`"


class Measured:
    """An array of another library's, as `np.asarray` takes them."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class Sparse:
    """A matrix of another library's."""

    def __init__(self, values):
        self.values = values

    def toarray(self):
        return np.array(self.values)


def of_squares(x):
    return np.sum(x * x)


def beside(x, a):
    return np.sum(x * a)


@pytest.mark.parametrize(
    ("made", "array", "wrapped"),
    [
        (Measured([0.7, 1.2]), "np.asarray({})", ""),
        (np.ma.array([0.7, 1.2]), "{}.filled(0.0)", ""),
        (np.rec.array(np.array([0.7, 1.2])), "np.asarray({})", ""),
        (
            Sparse([0.7, 1.2]),
            "{}.toarray()",
            ", or wrap what is done with it by `srcad.custom_vjp`",
        ),
    ],
)
def test_arrays_of_other_libraries(made: Any, array: str, wrapped: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        grad(of_squares)(made)
    assert caught.value.instead == f"pass {array.format('x')}"
    with pytest.raises(SrcadError) as other:
        grad(beside)(np.ones(2), made)
    assert other.value.instead == f"give a plain array, `{array.format('a')}`{wrapped}"
    plain = eval(array.format("made"), {"np": np, "made": made})
    np.testing.assert_array_equal(grad(of_squares)(plain), [1.4, 2.4])
    np.testing.assert_array_equal(grad(beside)(np.ones(2), plain), [0.7, 1.2])


def test_functions_of_numpys_vectorize() -> None:
    def f(v):
        return v * v

    with pytest.raises(SrcadError) as caught:
        grad(np.vectorize(f))(X)
    assert caught.value.instead == (
        "grad(lambda x: np.sum(np.array([f(v) for v in x]))), with the function `f` of numbers"
    )
    found = grad(lambda x: np.sum(np.array([f(v) for v in x])))(X)
    np.testing.assert_allclose(found, 2 * X)


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda: jvp(1.0, (X,), (X,)), "jvp(f, (x,), (v,)): give the function itself,"),
        (lambda: vjp(1.0, X), "vjp(f, x): give the function itself, and its arguments"),
    ],
)
def test_how_each_is_called(call: Callable[[], Any], instead: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert caught.value.instead.startswith(instead)


def logarithms_where(x):
    return np.sum(np.log(x, where=x > 0.5))


def logarithms_of_what_is_chosen(x):
    c = x > 0.5
    return np.sum(np.where(c, np.log(np.where(c, x, 1.0)), 0.0))


def places_beside_values(x):
    u, i = np.unique(x, return_inverse=True)
    return np.sum(u[i] ** 2)


def places_by_themselves(x):
    i = np.unique(stop_gradient(x), return_inverse=True)[1]
    return np.sum(np.unique(x)[i] ** 2)


def largest_of_unknown_many(x):
    ys = [v * v for v in x]
    return max(*ys)


def largest_of_three(x):
    ys = [v * v for v in x]
    a, b, c = ys
    return max(a, b, c)


def by_the_upper_half(x):
    return np.linalg.eigvalsh(np.outer(x, x), UPLO="U")[-1]


def by_the_lower_half(x):
    return np.linalg.eigvalsh(np.outer(x, x), UPLO="L")[-1]


def by_one_of_two_sums(x):
    how = "i,j->i" if x[0] > 0 else "i,j->j"
    return np.sum(np.einsum(how, x, x))


def by_a_named_sum(x):
    how = "i,j->i"
    return np.sum(np.einsum(how, x, x))


@pytest.mark.parametrize(
    ("f", "instead", "written_so"),
    [
        (
            logarithms_where,
            "choose what it is computed of, and what of that is taken:"
            " `np.where(c, f(np.where(c, x, 1.0)), 0.0)`",
            logarithms_of_what_is_chosen,
        ),
        (
            places_beside_values,
            "ask for that in a call of its own, of `srcad.stop_gradient(x)`",
            places_by_themselves,
        ),
        (
            largest_of_unknown_many,
            "unpack it into names first, `a, b = xs`, and pass these",
            largest_of_three,
        ),
        (by_the_upper_half, "give `UPLO` as 'L'", by_the_lower_half),
        (
            by_one_of_two_sums,
            "write `subscripts` out in the call, or give it a name that is assigned once",
            by_a_named_sum,
        ),
    ],
)
def test_ways_around_arguments(f: Any, instead: str, written_so: Any) -> None:
    message, found = refusals(f)
    assert message.startswith("srcad has no derivative for this call of")
    assert found == instead
    check_grads(written_so, (X,), order=1)


def items_by_either(x):
    at = np.nonzero(x > 0.5)[0] if x[0] > 0 else slice(0, 2)
    z = x[at]
    z[0] = x[1]
    return np.sum(z * z)


def items_in_an_array_of_known_axes(x):
    at = np.nonzero(x > 0.5)[0] if x[0] > 0 else slice(0, 2)
    z = np.zeros(2)
    z[:] = x[at]
    z[0] = x[1] * z[1]
    return np.sum(z * z)


def test_what_is_not_known_to_be_an_array() -> None:
    message, instead = refusals(items_by_either)
    assert message == "`z` is changed in place, and it is not known to be an array"
    assert instead == (
        "make it an array of known axes where it is bound: `z = np.zeros(n)`, `z[:] = ...`"
    )
    check_grads(items_in_an_array_of_known_axes, (X,), order=1)


@dataclass
class Speed:
    value: float


@dataclass
class Push:
    value: float
    towards: float = 1.0


def of_either_class(x):
    moved = Speed(x[0]) if x[0] > 0 else Push(x[0])
    return moved.value * x[1]


def bound_to_none_first(x):
    moved = None
    for v in x:
        moved = Speed(v) if moved is None else Speed(moved.value * v)
    return moved.value


def of_one_class(x):
    moved = Push(x[0]) if x[0] > 0 else Push(x[0], 2.0)
    return moved.value * x[1]


def bound_to_one_class_first(x):
    moved = Speed(1.0)
    for v in x:
        moved = Speed(moved.value * v)
    return moved.value


def in_a_dict(x):
    moved = None
    for v in x:
        moved = {"value": v} if moved is None else {"value": moved["value"] * v}
    return moved["value"]


@pytest.mark.parametrize("f", [of_either_class, bound_to_none_first])
def test_objects_of_several_classes(f: Any) -> None:
    assert refusals(f) == (
        "srcad does not know the attribute `value`",
        "bind the name to objects of one class only, also before a loop and in both branches, or"
        " use a dict",
    )


@pytest.mark.parametrize("f", [of_one_class, bound_to_one_class_first, in_a_dict])
def test_objects_of_one_class(f: Any) -> None:
    check_grads(f, (X,), order=1)


def misspelled(x):
    return x.summ()


def appended_to_a_tuple(x):
    pair = (x[0], x[1])
    pair.append(x[2])
    return pair[0]


@pytest.mark.parametrize(
    ("f", "instead"), [(misspelled, "did you mean `sum`?"), (appended_to_a_tuple, "use a list")]
)
def test_methods_that_are_not_there(f: Any, instead: str) -> None:
    assert refusals(f)[1] == instead
