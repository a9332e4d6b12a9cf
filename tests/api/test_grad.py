"""`grad` and `value_and_grad`: which arguments, in which form, and what comes back."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from srcad import grad, value_and_grad
from srcad.errors import ArgumentError
from tests.api import functions as fs


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)


def test_of_a_number_is_a_float():
    result = grad(fs.square)(3.0)
    assert isinstance(result, float)
    close(result, 6.0)


def test_decorator_plain_and_with_options():
    close(fs.decorated(2.0), 12.0)
    close(fs.decorated_with_options(3.0, 2.0), 12.0)


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 48.0),
        (1, 8.0),
        ("x", 48.0),
        ("y", 8.0),
        (-3, 48.0),
        (-2, 8.0),
        ((0, 1), (48.0, 8.0)),
        ((1, 0), (8.0, 48.0)),
        (("y", 0), (8.0, 48.0)),
        ([0], (48.0,)),
        (np.int64(1), 8.0),
    ],
)
def test_argnums(argnums, expected):
    # y * x**3 at x=2, y=4
    result = grad(fs.cubic, argnums)(2.0, 4.0, 3)
    assert type(result) is type(expected) or isinstance(result, float)
    close(result, expected)


def test_defaults_and_keywords():
    close(grad(fs.cubic)(2.0), 24.0)
    close(grad(fs.cubic)(2.0, n=2), 8.0)
    close(grad(fs.cubic, "y")(x=2.0, y=1.0), 8.0)
    close(grad(fs.keyword_only, "k")(3.0, k=2.0), 12.0)


def test_star_arguments():
    close(grad(fs.of_many, 2)(2.0, 3.0, 5.0), 6.0)
    close(grad(fs.of_many, -2)(2.0, 3.0, 5.0), 10.0)
    close(grad(fs.of_many, (0, 1))(2.0, 3.0, 5.0), (15.0, 10.0))
    close(grad(fs.of_many, "rest")(2.0, 3.0, 5.0), (10.0, 6.0))


def test_double_star_arguments():
    close(grad(fs.with_options, "scale")(3.0, scale=2.0), 12.0)
    close(grad(fs.with_options)(3.0, scale=2.0), 4.0)


def test_aux():
    gradient, aux = grad(fs.with_aux, has_aux=True)(3.0)
    close(gradient, 6.0)
    assert aux == {"twice": 6.0}
    (value, aux), gradient = value_and_grad(fs.with_aux, has_aux=True)(3.0)
    close([value, gradient], [9.0, 6.0])
    assert aux == {"twice": 6.0}


def test_value_and_grad():
    value, gradient = value_and_grad(fs.square)(3.0)
    close([value, gradient], [9.0, 6.0])
    value, gradients = value_and_grad(fs.weighted, (0, 1))(
        np.array([1.0, 2.0]), np.array([3.0, 4.0])
    )
    close(value, 19.0)
    close(gradients, ([6.0, 16.0], [1.0, 4.0]))


@pytest.mark.parametrize(
    "x",
    [
        np.array([1.0, 2.0]),
        np.array([1.0, 2.0], np.float32),
        np.array(3.0),
        np.array(3.0, np.float32),
        np.zeros((0, 3)),
        np.float32(3.0),
        np.float64(3.0),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(6.0)[::2],
    ],
)
def test_a_gradient_is_like_its_argument(x):
    before = x.copy()
    result = grad(fs.total)(x)
    assert type(result) is type(x)
    assert result.dtype == x.dtype
    assert result.shape == x.shape
    np.testing.assert_allclose(result, 2 * before, rtol=1e-3 if x.dtype == np.float32 else 1e-8)
    np.testing.assert_array_equal(x, before)


def test_trees():
    p = {"w": np.array([1.0, 2.0]), "parts": [3.0, np.float64(4.0)], "b": 5.0}
    result = grad(fs.tree_loss)(p)
    assert list(result) == ["w", "parts", "b"]
    assert type(result["parts"]) is list
    close(result["w"], [2.0, 4.0])
    close(result["parts"], [4.0, 3.0])
    close(result["b"], 10.0)


def test_named_tuples_and_records():
    result = grad(fs.pair_loss)(fs.Pair(np.array([1.0, 2.0]), 3.0))
    assert type(result) is fs.Pair
    close(result.a, [3.0, 3.0])
    close(result.b, 3.0)
    result = grad(fs.record_loss)(fs.Weights(np.array([1.0, 2.0]), 3.0))
    assert type(result) is fs.Weights
    close(result.w, [6.0, 12.0])
    close(result.b, 5.0)
    result = grad(fs.nested_loss)(fs.Frozen(np.ones(2), fs.Weights(np.ones(3), 2.0)))
    close(result.w, [2.0, 2.0])
    close(result.inner.w, [1.0, 1.0, 1.0])
    close(result.inner.b, 2.0)


def test_none_in_a_tree_is_an_empty_tree():
    result = grad(lambda p: p["x"] * p["x"])({"x": 3.0, "none": None})
    close(result["x"], 6.0)
    assert result["none"] is None


def test_partials_methods_and_callable_objects():
    close(grad(partial(fs.cubic, n=2), "y")(3.0, y=1.0), 9.0)
    close(grad(partial(fs.weighted, np.array([1.0, 2.0])))(np.ones(2)), [1.0, 4.0])
    model = fs.Model(5.0)
    close(grad(model.loss)(2.0), 20.0)
    close(grad(model, 1)(2.0, 3.0), 10.0)


def test_a_decorated_method():
    model, other = fs.Model(5.0), fs.Model(7.0)
    close(model.slope(2.0), 20.0)
    close(other.slope(2.0), 28.0)
    assert fs.Model.slope.__name__ == "slope"


def test_no_array_of_the_gradient_is_shared():
    w, x = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    a, b = grad(lambda x, w: np.sum(x * w), (0, 1))(x, w)
    a *= 100
    b *= 100
    np.testing.assert_array_equal(w, [1.0, 2.0])
    np.testing.assert_array_equal(x, [3.0, 4.0])


def test_objects_that_wrap_a_function():
    from functools import lru_cache, update_wrapper

    @lru_cache
    def cached(x):
        return x * x

    close(grad(cached)(3.0), 6.0)

    class Doubled:
        def __init__(self, f):
            self.f = f
            update_wrapper(self, f)

        def __call__(self, x):
            return x * x * 2.0

    # What counts is what the call does, not what it wraps.
    close(grad(Doubled(fs.cubic))(3.0), 12.0)


def first_times_second_and_squares(*args, scale=1.0):
    return scale * (args[0] * args[1] + sum(a * a for a in args))


def test_a_partial_that_reaches_into_the_rest_of_the_arguments():
    of_third = partial(first_times_second_and_squares, 1.0, 2.0)
    close(grad(of_third)(3.0), 6.0)
    close(grad(of_third, -1)(3.0, 4.0), 8.0)
    close(grad(of_third, (1, 0))(3.0, 4.0), (8.0, 6.0))
    close(grad(of_third, "scale")(3.0), 16.0)
    with pytest.raises(ArgumentError, match="argnums=1 is out of range"):
        grad(of_third, 1)(3.0)


def reduced(x):
    y = np.max(x * x, axis=-1) + np.min(np.sin(x), axis=0) + np.sum(x * x, 0)
    return y * np.prod(x, axis=0)


@pytest.mark.parametrize("x", [0.7, np.float64(0.7), np.array(0.7)])
def test_numpy_grants_numbers_an_axis_in_some_reductions(x):
    wanted = 6 * 0.7**2 + np.sin(0.7) + 0.7 * np.cos(0.7)
    found = grad(reduced)(x)
    assert np.shape(found) == ()
    assert float(found) == pytest.approx(wanted, rel=1e-14)
