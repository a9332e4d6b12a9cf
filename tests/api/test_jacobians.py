"""`vjp`, `jvp`, Jacobians, Hessians and their compositions."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import (
    check_grads,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from srcad.errors import ArgumentError, GradientCheckError
from tests.api import functions as fs

BOTH = pytest.mark.parametrize("jac", [jacfwd, jacrev], ids=["forward", "reverse"])
X = np.array([1.0, 2.0, 3.0])
M = np.array([[1.0, -2.0, 0.5], [4.0, 3.0, -1.0]])


def close(a, b, tolerance=1e-7):
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def affine(x):
    return M @ x


def outer(x, y):
    return x[:, None] * y


def squares(x):
    return x * x


def cube_sum(x):
    return np.sum(x * x * x)


def coupled(x, y):
    return np.sum(x * x) * y


def test_vjp():
    value, pullback = vjp(coupled, X, 2.0)
    close(value, 28.0)
    x_bar, y_bar = pullback(1.5)
    close(x_bar, 6 * X)
    close(y_bar, 21.0)
    value, pullback, aux = vjp(fs.with_aux, 3.0, has_aux=True)
    assert aux == {"twice": 6.0}
    assert type(pullback(1.0)) is tuple
    close(pullback(1.0)[0], 6.0)


def test_vjp_of_a_tree():
    _, pullback = vjp(fs.parts, X)
    (x_bar,) = pullback({"double": np.ones(3), "square": X})
    close(x_bar, 2 + 2 * X * X)


def test_jvp():
    value, value_dot = jvp(coupled, (X, 2.0), (np.ones(3), 10.0))
    close(value, 28.0)
    close(value_dot, 4 * X.sum() + 140.0)
    value, value_dot = jvp(fs.parts, [X], [np.ones(3)])
    close(value_dot["double"], 2 * np.ones(3))
    close(value_dot["square"], 2 * X)
    value, value_dot, aux = jvp(fs.with_aux, (3.0,), (2.0,), has_aux=True)
    close([value, value_dot], [9.0, 12.0])
    assert aux == {"twice": 6.0}


@BOTH
def test_jacobian(jac):
    close(jac(affine)(X), M)
    close(jac(squares)(X), np.diag(2 * X))
    result = jac(outer, (0, 1))(X, np.array([4.0, 5.0]))
    close(result[0], np.einsum("ik,j->ijk", np.eye(3), [4.0, 5.0]))
    close(result[1], np.einsum("jk,i->ijk", np.eye(2), X))
    assert isinstance(jac(fs.square)(3.0), float)
    close(jac(fs.square)(3.0), 6.0)
    close(jac(fs.vector)(3.0), [1.0, 2.0])
    close(jac(cube_sum)(X), 3 * X * X)


@BOTH
def test_jacobian_of_empty_arrays(jac):
    assert jac(squares)(np.zeros(0)).shape == (0, 0)
    assert jac(fs.total)(np.zeros((0, 2))).shape == (0, 2)


@BOTH
def test_jacobian_of_trees(jac):
    result = jac(fs.parts)(X)
    close(result["double"], 2 * np.eye(3))
    close(result["square"], np.diag(2 * X))
    p = {"w": X, "parts": [3.0, 4.0], "b": 5.0}
    result = jac(fs.tree_loss)(p)
    close(result["w"], 2 * X)
    close(result["parts"], [4.0, 3.0])
    close(result["b"], 10.0)


@BOTH
def test_jacobian_with_aux_and_as_a_decorator(jac):
    result, aux = jac(fs.with_aux, has_aux=True)(3.0)
    close(result, 6.0)
    assert aux == {"twice": 6.0}

    @jac(argnums=1)
    def f(x, y):
        return x * y * y

    close(f(X, 2.0), 4 * X)


@BOTH
def test_jacobian_in_single_precision(jac):
    result = jac(squares)(X.astype(np.float32))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, np.diag(2 * X), atol=1e-2)


def test_jacobian_is_jacrev():
    assert jacobian is jacrev


@pytest.mark.parametrize(
    "second",
    [grad(grad(fs.cubic)), jacfwd(grad(fs.cubic)), jacrev(grad(fs.cubic)), hessian(fs.cubic)],
    ids=["grad grad", "jacfwd grad", "jacrev grad", "hessian"],
)
def test_second_derivative_of_a_number(second):
    close(second(2.0), 24.0, 1e-5)


@pytest.mark.parametrize(
    "second",
    [jacfwd(grad(cube_sum)), jacrev(grad(cube_sum)), hessian(cube_sum), jacfwd(jacrev(cube_sum))],
    ids=["jacfwd grad", "jacrev grad", "hessian", "jacfwd jacrev"],
)
def test_second_derivative_of_an_array(second):
    close(second(X), np.diag(6 * X), 1e-5)


@pytest.mark.parametrize("first", [jacfwd, jacrev])
@pytest.mark.parametrize("second", [jacfwd, jacrev])
def test_second_derivative_of_a_vector(first, second):
    expected = np.zeros((3, 3, 3))
    expected[range(3), range(3), range(3)] = 2.0
    close(second(first(squares))(X), expected, 1e-5)


def test_hessian_in_blocks():
    (xx, xy), (yx, yy) = hessian(coupled, (0, 1))(X, 2.0)
    close(xx, 4 * np.eye(3), 1e-5)
    close(xy, 2 * X, 1e-5)
    close(yx, 2 * X, 1e-5)
    close(yy, 0.0, 1e-5)


def test_hvp():
    v = np.array([1.0, -1.0, 0.5])
    close(hvp(cube_sum, (X,), (v,)), 6 * X * v, 1e-5)
    x_part, y_part = hvp(coupled, (X, 2.0), (v, 10.0))
    close(x_part, 4 * v + 20 * X, 1e-5)
    close(y_part, 2 * X @ v, 1e-5)


def test_gradient_of_a_gradient_of_another_argument():
    inner = grad(fs.cubic, "y")  # x**3
    close(grad(inner)(2.0, 1.0, 3), 12.0, 1e-5)
    value, slope = value_and_grad(inner)(2.0, 1.0)
    close([value, slope], [8.0, 12.0], 1e-5)


def test_check_grads_accepts():
    check_grads(cube_sum, (X,))
    check_grads(fs.cubic, (2.0, 3.0), kwargs={"n": 2})
    check_grads(fs.parts, (X,))
    check_grads(coupled, (X, 2.0), modes=("rev",))
    check_grads(coupled, (X, 2.0), modes=("fwd",))


def test_check_grads_rejects_a_kink():
    def kinked(x):
        return np.abs(x - 2.0) + x

    with pytest.raises(AssertionError, match=r"`kinked` disagrees with differences|modes disagree"):
        check_grads(kinked, (2.0001,), eps=1e-3, atol=1e-9, rtol=1e-9)


def test_check_grads_rejects_a_wrong_derivative(fake):
    right = fake.generate

    def wrong(request):
        made = right(request)
        if request.mode != "jvp":
            return made
        call = made.call
        return type(made)(
            lambda x, t: (call(x, t)[0], 2 * call(x, t)[1]), None, made.source, made.result, ()
        )

    fake.generate = wrong

    def f(x):
        return np.sum(x * x * x)

    with pytest.raises(GradientCheckError, match=r"`f` disagrees with differences \(jvp"):
        check_grads(f, (X,), modes=("fwd",))
    check_grads(f, (X,), modes=("rev",))
    with pytest.raises(GradientCheckError):
        check_grads(f, (X,))


def test_jacobians_by_columns_refuse_an_iterator():
    def weighted(x, weights):
        s = 1.0
        for i, w in enumerate(weights):
            s = s * w * x[i]
        return s

    expected = [6.0 * 2.0 * 3.0, 6.0 * 1.0 * 3.0, 6.0 * 1.0 * 2.0]
    close(jacfwd(weighted)(X, [1.0, 2.0, 3.0]), expected)
    close(grad(weighted)(X, iter([1.0, 2.0, 3.0])), expected)
    for derivative in (jacfwd(weighted), hessian(weighted)):
        with pytest.raises(ArgumentError, match="argument `weights` of `weighted` is an iterator"):
            derivative(X, iter([1.0, 2.0, 3.0]))
