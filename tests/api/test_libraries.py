"""Functions of other libraries are refused where the user calls them, with a way out."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.spatial.distance
import scipy.stats

from srcad import SrcadError, check_grads, grad, jvp
from srcad.errors import UnknownFunctionError

X = np.array([0.7, 1.2, 0.4, 0.9])
AT = np.arange(4.0)


def decay(y, t, rate):
    return -rate * y


def by_quad(x):
    return scipy.integrate.quad(np.sin, 0, x[0])[0]


def by_nodes(x):
    t, w = np.polynomial.legendre.leggauss(30)
    a, b = 0.0, x[0]
    return 0.5 * (b - a) * np.sum(w * np.sin(0.5 * (b - a) * t + 0.5 * (a + b)))


def by_odeint(x):
    return scipy.integrate.odeint(decay, x[1], [0.0, 1.0], args=(x[0],))[-1, 0]


def by_steps(x):
    y, h = x[1], 0.01
    for _ in range(100):
        k = decay(y, 0.0, x[0])
        y = y + h * decay(y + 0.5 * h * k, 0.0, x[0])
    return y


def by_simpson(x):
    return scipy.integrate.simpson(x[:3], dx=0.5)


def by_simpsons_sum(x):
    y, h = x[:3], 0.5
    return h / 3 * (y[0] + 4 * np.sum(y[1:-1:2]) + 2 * np.sum(y[2:-1:2]) + y[-1])


def by_trapezoid(x):
    return scipy.integrate.trapezoid(x, AT)


def by_numpys_trapezoid(x):
    return np.trapezoid(x, AT)


def by_interp1d(x):
    return scipy.interpolate.interp1d(AT, x)(0.3)


def by_interp(x):
    return np.interp(0.3, AT, x)


def by_filter(x):
    return np.sum(scipy.ndimage.gaussian_filter(x, 1.0) ** 2)


def by_convolution(x):
    return np.sum(np.convolve(x, np.array([0.2, 0.6, 0.2]), "same") ** 2)


def by_root_finder(x):
    return scipy.optimize.brentq(lambda t: t * t - x[0], 0, 2)


def by_newton(x):
    t = 1.0
    for _ in range(10):
        t = t - (t * t - x[0]) / (2 * t)
    return t


def by_fftconvolve(x):
    return np.sum(scipy.signal.fftconvolve(x, x, "full") ** 2)


def by_convolve(x):
    return np.sum(np.convolve(x, x, "full") ** 2)


def by_lfilter(x):
    return scipy.signal.lfilter([1.0], [1.0, -0.5], x)[-1]


def by_recurrence(x):
    y = 0.0
    for v in x:
        y = v + 0.5 * y
    return y


def by_cdist(x):
    return np.sum(scipy.spatial.distance.cdist(x.reshape(2, 2), np.eye(2)))


def by_broadcasting(x):
    a, b = x.reshape(2, 2), np.eye(2)
    return np.sum(np.sqrt(np.sum((a[:, None] - b) ** 2, axis=-1)))


def by_pearsonr(x):
    return scipy.stats.pearsonr(x, AT)[0]


def by_corrcoef(x):
    return np.corrcoef(x, AT)[0, 1]


def by_zscore(x):
    return scipy.stats.zscore(x)[0]


def by_deviation(x):
    return ((x - np.mean(x)) / np.std(x))[0]


def by_rfft2(x):
    return np.abs(np.fft.rfft2(np.outer(x, x))[0, 1])


def by_fft2(x):
    y = np.outer(x, x)
    return np.abs(np.fft.fft2(y)[..., : y.shape[-1] // 2 + 1][0, 1])


def by_reduceat(x):
    return np.add.reduceat(x * x, [0, 2])[1]


def by_add_at(x):
    y = np.zeros(2)
    np.add.at(y, [0, 0, 1, 1], x * x)
    return y[1]


def by_vectorize(x):
    return np.sum(np.vectorize(lambda v: v * v)(x))


def by_items(x):
    def f(v):
        return v * v

    return np.sum(np.array([f(v) for v in x]))


def by_fromfunction(x):
    return np.sum(np.fromfunction(lambda i, j: i * x[0] + j, (2, 2)))


def by_indices(x):
    i, j = np.indices((2, 2))
    return np.sum(i * x[0] + j)


def by_takewhile(x):
    return sum(itertools.takewhile(lambda v: v > 0.5, x))


def by_place(x):
    i = 0
    while i < len(x) and x[i] > 0.5:
        i += 1
    return sum(x[:i])


@pytest.mark.parametrize(
    ("f", "instead", "written_so"),
    [
        (by_quad, "take a rule with fixed nodes", by_nodes),
        (by_odeint, "write the steps in a loop", by_steps),
        (by_simpson, "write the sum out, `h / 3", by_simpsons_sum),
        (by_trapezoid, "use `np.trapezoid(y, x)`", by_numpys_trapezoid),
        (by_interp1d, "use `np.interp(t, x, y)`", by_interp),
        (by_filter, "convolve by `np.convolve`", by_convolution),
        (by_root_finder, "write the iteration in a loop, such as Newton's", by_newton),
        (by_fftconvolve, "use `np.convolve(x, w, mode)`", by_convolve),
        (by_lfilter, "write the recurrence in a loop", by_recurrence),
        (by_cdist, "write it by broadcasting", by_broadcasting),
        (by_pearsonr, "use `np.corrcoef(x, y)[0, 1]`", by_corrcoef),
        (by_zscore, "write `(x - np.mean(x)) / np.std(x)`", by_deviation),
        (by_rfft2, "use `np.fft.fft2(x)[..., : x.shape[-1] // 2 + 1]`", by_fft2),
        (by_reduceat, "add up in a loop, or by `np.add.at`", by_add_at),
        (by_vectorize, "`np.array([f(v) for v in x])`", by_items),
        (by_fromfunction, "`i, j = np.indices(shape)`", by_indices),
        (by_takewhile, "find the place in a loop, and use a slice", by_place),
    ],
)
def test_what_to_write_instead(
    f: Callable[..., Any], instead: str, written_so: Callable[..., Any]
) -> None:
    for call in (lambda: grad(f)(X), lambda: jvp(f, (X,), (X,))):
        with pytest.raises(SrcadError) as caught:
            call()
        assert instead in caught.value.instead
        assert caught.value.filename == __file__
        assert caught.value.qualname == f.__qualname__
    check_grads(written_so, (X,), order=1)


def test_the_reason_says_how_far_the_source_was_followed() -> None:
    with pytest.raises(UnknownFunctionError) as caught:
        grad(by_trapezoid)(X)
    error = caught.value
    assert error.message == "srcad has no derivative for `scipy.integrate.trapezoid`"
    assert error.line == by_trapezoid.__code__.co_firstlineno + 1
    assert error.why.startswith("its source was followed as far as `trapezoid`, line ")
    assert error.why.endswith(" of _quadrature.py: a `try` statement cannot be differentiated")


def test_functions_of_libraries_like_numpy() -> None:
    jnp = pytest.importorskip("jax.numpy")

    def by_jax(x):
        return jnp.sum(jnp.sin(x))

    def sum_by_jax(x):
        return jnp.sum(x)

    for f, name in ((by_jax, "sin"), (sum_by_jax, "sum")):
        with pytest.raises(UnknownFunctionError) as caught:
            grad(f)(X)
        assert caught.value.message == f"srcad has no derivative for `jnp.{name}`"
        assert caught.value.instead == f"use NumPy's `numpy.{name}`"
        assert caught.value.filename == __file__


@np.errstate(divide="ignore")
def silent(x):
    return np.sum(np.log(x))


@functools.singledispatch
def measure(x):
    return x


@measure.register
def _(x: np.ndarray):
    return np.sum(x * x)


measure_of_arrays = measure.dispatch(np.ndarray)


@pytest.mark.parametrize(
    ("f", "behind", "instead"),
    [
        (
            silent,
            silent.__wrapped__,
            "the function behind its decorator, `silent.__wrapped__`",
        ),
        (
            measure,
            measure_of_arrays,
            "the function for the type of the argument, which `measure.dispatch(np.ndarray)` finds"
            " outside",
        ),
    ],
)
def test_decorators_of_libraries(f: Any, behind: Any, instead: str) -> None:
    def called(x):
        return f(x) * x[0]

    def called_behind(x):
        return behind(x) * x[0]

    with pytest.raises(UnknownFunctionError) as caught:
        grad(f)(X)
    assert caught.value.message == f"srcad cannot look through the decorator of `{f.__name__}`"
    assert caught.value.instead == f"differentiate {instead}"
    assert caught.value.filename == __file__
    with pytest.raises(UnknownFunctionError) as caught:
        grad(called)(X)
    assert caught.value.instead == f"call {instead}".replace(f.__name__, "f")
    assert caught.value.line == called.__code__.co_firstlineno + 1
    check_grads(behind, (X,), order=1)
    check_grads(called_behind, (X,), order=1)
