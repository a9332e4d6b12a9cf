"""What a function must return, also where its derivative stands inside another."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import grad, hessian, hvp, jacfwd, jacrev, jvp, value_and_grad, vjp
from srcad.errors import OutputError, UnsupportedSyntaxError

X = np.array([1.0, 2.0])


def cubes(x):
    return x**3


def turned(x):
    return x[0] * 1j


def rounded(x):
    return int(x[0])


def of_several_kinds(x, total):
    y = x
    for i in range(2):
        y = np.sum(y) if i == total else y * x
    return y


def with_count(x, total):
    return of_several_kinds(x, total), 2


def cubes_from(x):
    return of_several_kinds(x, 5)


def squares_from(x):
    return of_several_kinds(x, 1)


@pytest.mark.parametrize("f", [cubes, turned, rounded, cubes_from])
@pytest.mark.parametrize(
    "derive",
    [
        lambda f: jvp(grad(f), (X,), (X,)),
        lambda f: vjp(grad(f), X),
        lambda f: hvp(f, (X,), (X,)),
        lambda f: jacfwd(grad(f))(X),
        lambda f: jacrev(grad(f))(X),
        lambda f: jacfwd(value_and_grad(f))(X),
        lambda f: grad(lambda x: np.sum(grad(f)(x)))(X),
        lambda f: grad(lambda t, x: t * np.sum(grad(f)(x)))(2.0, X),
        lambda f: grad(lambda x: np.sum(hvp(f, (x,), (x,))))(X),
    ],
)
def test_a_gradient_inside_another_derivative_is_that_of_one_real_number(f, derive):
    with pytest.raises(OutputError, match=r"one real number|only a float or complex number"):
        derive(f)


def test_a_value_of_which_only_a_call_can_tell_that_it_is_a_number():
    expected = np.full((2, 2), 0.0)
    np.fill_diagonal(expected, 2.0)
    np.testing.assert_allclose(jacfwd(grad(squares_from))(X), expected)
    np.testing.assert_allclose(hvp(squares_from, (X,), (X,)), 2 * X)
    (value, slope), (value_dot, slope_dot) = jvp(value_and_grad(squares_from), (X,), (X,))
    assert (value, value_dot) == (5.0, 10.0)
    np.testing.assert_allclose((slope, slope_dot), (2 * X, 2 * X))
    jacobian, count = jacfwd(grad(with_count, has_aux=True), has_aux=True)(X, 1)
    np.testing.assert_allclose(jacobian, expected)
    assert count == 2
    with pytest.raises(OutputError, match=r"`with_count` returned an array of shape \(2,\)"):
        jacfwd(grad(with_count, has_aux=True), has_aux=True)(X, 5)


VERBS = [
    lambda f: grad(f, has_aux=True)(-1.0),
    lambda f: value_and_grad(f, has_aux=True)(-1.0),
    lambda f: jacfwd(f, has_aux=True)(-1.0),
    lambda f: jacrev(f, has_aux=True)(-1.0),
    lambda f: hessian(f, has_aux=True)(-1.0),
    lambda f: vjp(f, -1.0, has_aux=True),
    lambda f: jvp(f, (-1.0,), (1.0,), has_aux=True),
    lambda f: jacfwd(grad(f, has_aux=True), has_aux=True)(-1.0),
]


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: None, "None"),
        (lambda x: x * x, "a number"),
        (lambda x: (x, x, x), "a tuple of length 3"),
        (lambda x: (x,), "a tuple of length 1"),
        (lambda x: [x, x], "a list"),
        (lambda x: x * np.ones(2), "an array"),
        (lambda x: {"a": x, "b": x}, "a dict"),
    ],
)
@pytest.mark.parametrize("derive", VERBS)
def test_an_auxiliary_result_is_the_second_of_a_pair(f, what, derive):
    with pytest.raises(OutputError) as caught:
        derive(f)
    assert f"has_aux=True, and `<lambda>` returned {what}, not a pair" in str(caught.value)
    assert "return a tuple of two, or leave has_aux out" in str(caught.value)


@pytest.mark.parametrize("derive", VERBS)
def test_a_pair_of_which_only_a_call_can_tell(derive):
    with pytest.raises(OutputError, match=r"returned a `float`, not a pair"):
        derive(lambda x: (x * x, 1) if x > 0 else x)


def root_of_the_opposite(x):
    return abs((-x) ** 0.5)


def root_of_the_opposites(x):
    return abs((-x[1]) ** 0.5) * x[0]


@pytest.mark.parametrize(
    ("f", "x"),
    [(root_of_the_opposite, 2.0), (root_of_the_opposites, [1.0, 2.0])],
)
def test_a_derivative_by_a_real_number_that_turns_out_complex_is_refused(f, x) -> None:
    for derive in (lambda: grad(f)(x), lambda: value_and_grad(f)(x)):
        with pytest.raises(OutputError, match="the derivative by a real argument is complex") as e:
            derive()
        assert "Instead: keep what is raised to a power positive" in str(e.value)


def imaginary_part_of_a_root(x):
    return ((-x) ** 0.5).imag


def angle_of_a_root(x):
    return np.angle((-x) ** 0.5) * x


@pytest.mark.parametrize("f", [imaginary_part_of_a_root, angle_of_a_root])
def test_the_imaginary_part_of_what_may_have_turned_complex_is_refused(f) -> None:
    with pytest.raises(UnsupportedSyntaxError, match="whether this number has an imaginary") as e:
        grad(f)(2.0)
    assert "Instead: make it complex before, `z = x + 0j`" in str(e.value)


def imaginary_part_of_a_complex_root(x):
    return ((-x + 0j) ** 0.5).imag


def test_the_imaginary_part_of_a_complex_number_has_a_derivative() -> None:
    assert grad(imaginary_part_of_a_complex_root)(2.0) == pytest.approx(0.5 / np.sqrt(2.0))
