"""Functions defined inside others: what they read may change, and errors point into them."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

from srcad import SrcadError, check_grads, grad, jvp, value_and_grad, vjp
from tests.frontend.refused import load

FACTOR = 2.0


def newton(f, x):
    for _ in range(4):
        x = x - f(x) / 2
    return x


def power(x, n):
    def by_recursion(i):
        if i == 0:
            return 1.0
        return x * by_recursion(i - 1)

    def weight(i):
        w = 1.0
        for k in range(i):
            w = w + 0.5 * k
        return w

    return by_recursion(n) * weight(n)


# --- what they read ------------------------------------------------------------------------------

CELLS = """
K = 2.0

def scaled(f, x):
    return f(x) * 2.0

def loss(x):
    def g(a):
        b = a * K
        return b * x
    return g(x) + scaled(lambda v: v * x, x)
"""


def test_a_global_of_a_local_function_is_rebound(tmp_path):
    cells = load(CELLS, tmp_path, "rebound")
    df = grad(cells.loss)
    assert df(1.0) == 2 * 2.0 + 4.0
    cells.K = 5.0
    assert df(1.0) == 2 * 5.0 + 4.0


def test_a_helper_that_is_given_a_function_is_edited(tmp_path):
    cells = load(CELLS, tmp_path, "edited")
    other = load(CELLS.replace("f(x) * 2.0", "f(x) * 7.0"), tmp_path, "other")
    df = grad(cells.loss)
    assert df(1.0) == 2 * 2.0 + 4.0
    cells.scaled.__code__ = other.scaled.__code__
    assert df(1.0) == 2 * 2.0 + 14.0


def test_a_closure_variable_further_out_is_rebound():
    rate = 2.0

    def loss(x):
        def g(a):
            b = a * rate
            return b * x

        return g(x)

    df = grad(loss)
    assert df(1.0) == 4.0
    rate = 3.0
    assert df(1.0) == 6.0


def test_functions_made_twice_are_two():
    def made(c):
        def loss(x):
            def g(a):
                b = a * c
                return b * x

            return g(x)

        return loss

    first, second = grad(made(2.0)), grad(made(5.0))
    assert (first(1.0), second(1.0), first(1.0)) == (4.0, 10.0, 4.0)


def test_nothing_is_kept_alive():
    def made():
        def loss(x):
            def g(a):
                b = a * x
                return b

            return g(x) + newton(g, x)

        return loss

    loss = made()
    grad(loss)(0.3)
    gone = weakref.ref(loss)
    del loss
    gc.collect()
    assert gone() is None


def test_threads():
    def loss(x):
        def h(v):
            w = v * x
            return np.sin(w)

        return newton(h, x) + newton(lambda t: t * t - x, x)

    found = []
    threads = [threading.Thread(target=lambda: found.append(grad(loss)(0.5))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_grads(loss, (0.5,))
    assert found == [grad(loss)(0.5)] * 6


# --- the text ------------------------------------------------------------------------------------


def test_what_is_not_differentiated_is_in_the_text():
    df = grad(power)
    text = df.source_for(1.5, 3)
    assert "def power_weight(" in text
    space = {"np": np}
    exec(text, space)
    weight = 1.0 + 0.5 + 1.0
    assert space["power_grad"](1.5, 3) == pytest.approx(3 * 1.5**2 * weight)
    assert df(1.5, 3) == pytest.approx(3 * 1.5**2 * weight)


def test_one_expression_is_written_out():
    def loss(x):
        half = lambda v: 0.5 * v

        def square(v):
            """The square of it."""
            return v * v

        return square(half(x))

    assert grad(loss).source_for(3.0).count("def ") == 1
    assert grad(loss)(3.0) == 1.5


def test_without_a_call():
    text = grad(power).source
    assert "def power_grad(x, n)" in text


def test_other_derivatives():
    value, slope = value_and_grad(power)(1.5, 2)
    assert (value, slope) == pytest.approx((1.5**2 * 1.5, 2 * 1.5 * 1.5))
    assert jvp(lambda x: power(x, 2), (1.5,), (2.0,)) == pytest.approx((value, 2 * slope))
    y, pullback = vjp(lambda x: power(x, 2), 1.5)
    assert (y, *pullback(2.0)) == pytest.approx((value, 2 * slope))


def test_numba():
    def loss(x, n):
        def step(v):
            w = np.zeros(2)
            w[0] = v[1] * x
            w[1] = np.sin(v[0])
            return w

        v = np.ones(2)
        for _ in range(n):
            v = v + 0.1 * step(v)
        return newton(lambda t: t * t - v[0], v[1])

    compiled = grad(loss, backend="numba")(0.7, 5)
    assert compiled == pytest.approx(grad(loss)(0.7, 5), rel=1e-12)
    check_grads(lambda x: loss(x, 5), (0.7,))


# --- errors --------------------------------------------------------------------------------------


def test_an_error_inside_names_the_line_inside():
    def loss(x):
        def g(v):
            w = v * x
            return np.linalg.eig(w)  # no rule

        return g(x)[0]

    with pytest.raises(SrcadError) as caught:
        grad(loss)(np.eye(2))
    lines = str(caught.value).splitlines()
    assert lines[1].endswith(
        "in test_an_error_inside_names_the_line_inside.<locals>.loss.<locals>.g"
    )
    assert lines[2].strip() == "return np.linalg.eig(w)  # no rule"


def test_an_exception_inside_names_the_line_inside():
    def loss(x):
        def g(v):
            if v > 1:
                raise ValueError("too large")
            return v * x

        return g(x)

    assert grad(loss)(0.5) == 1.0
    with pytest.raises(ValueError, match="too large") as caught:
        grad(loss)(2.0)
    assert 'raise ValueError("too large")' in caught.value.__notes__[0]


def test_a_call_that_does_not_fit():
    def loss(x):
        def g(v, w):
            return v * x * w

        return g(x)

    with pytest.raises(SrcadError, match="does not fit `g`: missing a required argument: 'w'"):
        grad(loss)(2.0)


def doubled(g, n, x):
    return g(x) if n == 0 else doubled(lambda v: g(g(v)), n - 1, x)


def test_functions_without_end():
    def loss(x, n):
        return doubled(lambda v: v * x, n, x)

    with pytest.raises(SrcadError, match="the functions that are given to `doubled`"):
        grad(loss)(2.0, 2)


def test_a_parameter_that_is_no_function_of_its_own():
    def loss(x):
        return kept(lambda v: v * x, x)

    with pytest.raises(SrcadError, match="cannot be used as a value") as caught:
        grad(loss)(2.0)
    assert "return [f][0](x)" in str(caught.value)


def kept(f, x):
    return [f][0](x)
