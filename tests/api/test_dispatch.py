"""Caches, guards, threads, pickles: what surrounds the generated function."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
import types

import numpy as np
import pytest

from srcad import SrcadError, grad, jvp, value_and_grad, vjp
from srcad.api import derivative_of
from srcad.calls.results import Owner
from srcad.derivatives.derivative import Derivative
from srcad.types.lattice import FLOAT, INT, Array, Sym
from tests.api import functions as fs
from tests.modules import module_of_text


def test_one_generation_for_a_signature(fake):
    df = grad(fs.cubic)
    for x in (1.0, 2.0, 3.0):
        df(x)
    assert len(fake.requests) == 1
    df(np.float64(2.0))
    df(2.0, np.float64(1.0))
    assert len(fake.requests) == 3


def test_shapes_share_a_derivative_where_the_types_are_equal(fake):
    fake.result = FLOAT
    df = grad(fs.weighted)
    df(np.ones(2), np.ones(2))
    df(np.ones(3), np.ones(3))
    assert [r.types for r in fake.requests] == [(Array(np.dtype(float), (Sym(0),)),) * 2]
    df(np.ones(1), np.ones(1))
    df(np.ones((2, 3)), np.ones(3))
    assert len(fake.requests) == 3


def test_an_int_counts_by_its_type(fake):
    df = grad(fs.cubic)
    df(2.0, 1.0, 3)
    df(2.0, 1.0, 4)
    assert [r.types for r in fake.requests] == [(FLOAT, FLOAT, INT)]


def test_a_string_counts_by_its_value(fake):
    fake.result = FLOAT

    def f(x, how):
        return x if how == "once" else x + x

    df = grad(f)
    assert [df(1.0, "once"), df(1.0, "twice"), df(1.0, "once")] == pytest.approx([1.0, 2.0, 1.0])
    assert len(fake.requests) == 2


def test_request(fake):
    value_and_grad(fs.cubic, (1, 0), backend="numba", without={"fold"})(2.0)
    (request,) = fake.requests
    assert request.fn is fs.cubic
    assert request.wrt == (0, 1)
    assert (request.mode, request.has_aux, request.with_value) == ("grad", False, True)
    assert (request.backend, request.optimise) == ("numba", frozenset({"fold"}))


def test_an_unknown_result_is_looked_at_in_each_call(fake):
    df = grad(lambda x: x if np.ndim(x) == 0 else np.sum(x))
    df(np.ones(2))
    assert [r.with_value for r in fake.requests] == [False, True]


scale = 2.0
table = [1.0, 2.0]


def scaled(x):
    return scale * x * x


def helped(x):
    return fs_helper(x)


def fs_helper(x):
    return 3.0 * x


def listed(x):
    return x * table[0] * len(table)


def test_a_rebound_global_is_seen(fake, monkeypatch):
    df = grad(scaled)
    assert df(1.0) == pytest.approx(4.0)
    monkeypatch.setattr(sys.modules[__name__], "scale", 5.0)
    assert df(1.0) == pytest.approx(10.0)
    assert df(2.0) == pytest.approx(20.0)
    assert len(fake.requests) == 2


def test_a_rebound_closure_variable_is_seen(fake):
    def outer():
        k = 2.0

        def f(x):
            return k * x

        def change():
            nonlocal k
            k = 7.0

        return f, change

    f, change = outer()
    df = grad(f)
    assert df(1.0) == pytest.approx(2.0)
    change()
    assert df(1.0) == pytest.approx(7.0)


def test_a_changed_container_is_seen(fake):
    df = grad(listed)
    assert df(1.0) == pytest.approx(2.0)
    table.append(3.0)
    try:
        assert df(1.0) == pytest.approx(3.0)
        assert len(fake.requests) == 2
    finally:
        table.pop()


def test_new_code_is_seen(fake):
    def f(x):
        return 2.0 * x

    def g(x):
        return 5.0 * x

    df = grad(f)
    assert df(1.0) == pytest.approx(2.0)
    f.__code__ = g.__code__
    assert df(1.0) == pytest.approx(5.0)


def test_new_defaults_are_seen(fake):
    def f(x, k=2.0):
        return k * x

    df = grad(f)
    assert df(1.0) == pytest.approx(2.0)
    f.__defaults__ = (5.0,)
    assert df(1.0) == pytest.approx(5.0)


def test_new_code_of_a_helper_is_seen(fake):
    df = grad(helped)
    assert df(1.0) == pytest.approx(3.0)
    old = fs_helper.__code__
    fs_helper.__code__ = (lambda x: 4.0 * x).__code__
    try:
        assert df(1.0) == pytest.approx(4.0)
    finally:
        fs_helper.__code__ = old


def test_threads_generate_once(fake):
    df = grad(fs.cubic)
    start = threading.Barrier(8)
    results = []

    def work():
        start.wait()
        results.append([df(2.0, float(k)) for k in range(20)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(fake.requests) == 1
    np.testing.assert_allclose(results, [[12.0 * k for k in range(20)]] * 8, rtol=1e-8, atol=1e-8)


def test_source(fake):
    df = grad(fs.square)
    assert df.source == "def square_grad(...): None\n"
    df(2.0)
    assert df.source == f"def square_grad(...): {(FLOAT,)}\n"
    assert "int64" in grad(fs.cubic).source_for(2.0, 1.0, 3)
    assert fake.requests[-1].types == (FLOAT, FLOAT, INT)
    forward = derivative_of(fs.square, mode="forward")
    assert forward.source == "def square_jvp(...): None\n"
    assert forward.source_for(2.0) == f"def square_jvp(...): {(FLOAT,)}\n"


def test_looks():
    df = grad(fs.cubic, argnums=1)
    assert repr(df) == "<grad of cubic>"
    assert (df.__name__, df.__module__, df.__wrapped__) == ("cubic", fs.__name__, fs.cubic)
    assert fs.decorated.__doc__ == "The grad of `decorated`, argnums=0.\n\nThree dots."
    assert df.__doc__ == "The grad of `cubic`, argnums=1."


@pytest.mark.parametrize(
    "df",
    [
        grad(fs.cubic, ("y", 0)),
        fs.decorated,
        fs.Model.slope,
        value_and_grad(fs.with_aux, has_aux=True),
        grad(grad(fs.square)),
    ],
)
def test_pickle(df):
    again = pickle.loads(pickle.dumps(df))
    assert isinstance(again, Derivative)
    assert type(again) is type(df)
    assert (again.options, again.callee.fn) == (df.options, df.callee.fn)


def test_a_decorated_function_pickles_as_its_name():
    assert pickle.loads(pickle.dumps(fs.decorated)) is fs.decorated
    assert copy.copy(fs.decorated) is fs.decorated


def test_a_bound_derivative_pickles(fake):
    again = pickle.loads(pickle.dumps(fs.Model(5.0).slope))
    assert again(2.0) == pytest.approx(20.0)


def test_errors_of_the_function_come_through(fake):
    def f(x):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        grad(f)(1.0)


def test_a_pullback_may_be_called_again(fake):
    _, pullback = vjp(fs.weighted, np.ones(2), np.ones(2))
    first, second = pullback(1.0), pullback(1.0)
    np.testing.assert_array_equal(first[0], second[0])
    first[0][:] = 0
    np.testing.assert_array_equal(pullback(1.0)[0], second[0])


def test_vjp_and_jvp_of_one_function_are_made_once(fake):
    def f(x):
        return x * x

    for _ in range(3):
        vjp(f, 2.0)
        jvp(f, (2.0,), (1.0,))
    assert [r.mode for r in fake.requests] == ["vjp", "jvp"]


def test_ownership():
    x = np.arange(4.0)
    gradient = Owner(x).like(x[:2], x[1:3])
    assert not np.shares_memory(gradient, x)
    shared = np.ones(2)
    owner = Owner()
    a, b = owner.like(x[:2], shared), owner.like(x[:2], shared)
    assert a is shared
    assert not np.shares_memory(a, b)
    spread = Owner().like(x, np.broadcast_to(2.0, 4))
    spread += 1
    np.testing.assert_array_equal(spread, 3.0)


def test_function_for_is_a_plain_function(fake):
    inner = grad(fs.cubic).function_for((FLOAT, FLOAT, INT))
    assert type(inner) is types.FunctionType
    assert inner(2.0, 1.0, 3) == pytest.approx(12.0)
    short = grad(fs.cubic).function_for((FLOAT,))
    assert short(2.0) == pytest.approx(24.0)
    bound = fs.Model(5.0).slope.function_for((FLOAT,))
    assert bound(2.0) == pytest.approx(20.0)
    both = value_and_grad(fs.with_aux, has_aux=True).function_for((FLOAT,))
    (value, aux), gradient = both(3.0)
    assert (value, aux, gradient) == (9.0, {"twice": 6.0}, pytest.approx(6.0))


def test_the_short_way_takes_floats_only():
    df = grad(lambda x, y: x * y, argnums=(0, 1))
    assert df(2.0, 3.0) == (3.0, 2.0)
    assert df(2.0, 3.0) == (3.0, 2.0)
    assert df(2.0, y=4.0) == (4.0, 2.0)
    x_bar, y_bar = df(np.float32(2.0), 5.0)
    assert (type(x_bar), x_bar, y_bar) == (np.float32, 5.0, 2.0)
    with pytest.raises(SrcadError, match="an int"):
        df(2, 3.0)
    with pytest.raises(SrcadError, match="does not fit"):
        df(2.0)
    assert df(2.0, 3.0) == (3.0, 2.0)


@pytest.mark.parametrize(
    ("argnums", "wanted"), [(0, 3.0), ((0,), (3.0,)), ((1,), (2.0,)), ((0, 1), (3.0, 2.0))]
)
def test_the_short_way_returns_what_the_long_way_does(argnums, wanted):
    df = grad(lambda x, y: x * y, argnums)
    both = value_and_grad(lambda x, y: x * y, argnums)
    for _ in range(3):
        assert df(2.0, 3.0) == wanted
        assert both(2.0, 3.0) == (6.0, wanted)


def test_the_short_way_makes_gradients_like_their_arguments():
    def f(x, n):
        return np.float32(2.0) * x if n > 0 else 3 * n + 0 * x

    df = grad(f, argnums=(0, 1))
    for n in (1.0, -1.0, 1.0):
        found = df(2.0, n)
        assert [isinstance(g, float) for g in found] == [True, True]
        assert found == ((2.0, 0.0) if n > 0 else (0.0, 3.0))


def test_the_short_way_gives_arrays_of_their_own():
    df = grad(lambda x, y: np.sum(x * y), argnums=(0, 1))
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    for _ in range(4):
        x_bar, y_bar = df(x, y)
        np.testing.assert_array_equal(x_bar, y)
        np.testing.assert_array_equal(y_bar, x)
        assert not np.shares_memory(x_bar, y) and not np.shares_memory(y_bar, x)
        x_bar[:] = y_bar[:] = 7.0
    twice = grad(lambda x, y: np.sum(x + y), argnums=(0, 1))
    for _ in range(4):
        x_bar, y_bar = twice(x, y)
        assert not np.shares_memory(x_bar, y_bar)


def test_the_short_way_is_for_arrays_of_one_kind():
    df = grad(lambda x, n: np.sum(x * x) * n)
    for _ in range(3):
        for x in (
            np.ones(2),
            np.ones(3),
            np.ones((2, 3)),
            np.ones(2, np.float32),
            np.ones((3, 4)).T,
        ):
            for _ in range(3):
                x_bar = df(x, 3)
                np.testing.assert_array_equal(x_bar, 6 * x)
                assert (x_bar.shape, x_bar.dtype) == (x.shape, x.dtype)
        np.testing.assert_array_equal(df(np.ones(2), 0.5), [1.0, 1.0])
    with pytest.raises(SrcadError):
        df(np.ones(2, int), 3)
    with pytest.raises(SrcadError):
        df([1, 2], 3)


def test_the_short_way_sees_arrays_that_share_memory():
    def f(u, v):
        u[0] = 2 * v[1]
        return np.sum(u * v)

    df = grad(f, argnums=(0, 1))
    u, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    for _ in range(3):
        np.testing.assert_array_equal(df(u, v), [[0.0, 4.0], [8.0, 8.0]])
        np.testing.assert_array_equal(u, [1.0, 2.0])
    with pytest.raises(SrcadError, match="share memory"):
        df(u, u)


def test_the_short_way_sees_globals_that_change(tmp_path):
    text = "scale = 2.0\ndef f(x):\n    return scale * abs(x)\ndef twice(x):\n    return 2 * x\n"
    module = module_of_text(text, tmp_path / "changing.py")
    df = grad(module.f)
    assert [df(3.0), df(3.0)] == [2.0, 2.0]
    module.scale = 5.0
    assert [df(3.0), df(3.0)] == [5.0, 5.0]
    module.abs = module.twice
    assert [df(3.0), df(3.0)] == [10.0, 10.0]


def test_the_short_way_sees_new_code_and_defaults_of_what_is_called():
    def inner(x, k=2.0):
        return k * x

    def f(x):
        return inner(x) * x

    df = grad(f)
    assert [df(1.0), df(1.0)] == pytest.approx([4.0, 4.0])
    inner.__defaults__ = (3.0,)
    assert [df(1.0), df(1.0)] == pytest.approx([6.0, 6.0])

    def other(x, k=2.0):
        return k * x * x

    inner.__code__ = other.__code__
    assert [df(1.0), df(1.0)] == pytest.approx([9.0, 9.0])


def test_gradients_are_apart_from_arguments_and_each_other():
    def f(x, y):
        return np.dot(x, y)

    x, y = np.ones(3), np.arange(3.0)
    for _ in range(2):
        x_bar, y_bar = grad(f, argnums=(0, 1))(x, y)
        x_bar += 1.0
        y_bar += 1.0
    np.testing.assert_array_equal(x, np.ones(3))
    np.testing.assert_array_equal(y, np.arange(3.0))
    both = grad(lambda a, b: np.sum(a + b), argnums=(0, 1))
    a_bar, b_bar = both(x, y)
    assert not np.shares_memory(a_bar, b_bar)


def test_shared_memory_of_two_arguments_is_seen_after_a_call_without():
    def f(x, y):
        x[0] = 2.0
        return np.sum(x * y)

    df = grad(f, argnums=(0, 1))
    x = np.ones(4)
    df(x, np.ones(4))
    for y in (x, x[:], x[::-1]):
        with pytest.raises(SrcadError, match="share memory"):
            df(x, y)
    df(x[:2], x[2:])
