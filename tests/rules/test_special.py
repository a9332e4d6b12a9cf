"""Functions of `scipy.special`: their ends and poles, when their rules are loaded, refusals."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy import special

from srcad import grad, jacfwd, jacrev, jvp
from srcad.errors import SrcadError, UnknownFunctionError

INF = np.inf


@pytest.mark.parametrize(
    ("fn", "at", "args", "expected"),
    [
        (special.xlogy, 1, (0.0, 0.0), 0.0),
        (special.xlogy, 0, (0.0, 2.0), np.log(2.0)),
        (special.xlog1py, 1, (0.0, -1.0), 0.0),
        (special.rel_entr, 1, (0.0, 0.0), 0.0),
        (special.kl_div, 1, (0.0, 0.0), 1.0),
        (special.exprel, 0, (0.0,), 0.5),
        (special.i0e, 0, (0.0,), 0.0),
        (special.i1, 0, (0.0,), 0.5),
        (special.i1e, 0, (0.0,), 0.5),
        (special.j1, 0, (0.0,), 0.5),
        (special.erf, 0, (1e100,), 0.0),
        (special.erfc, 0, (40.0,), 0.0),
        (special.expit, 0, (-800.0,), 0.0),
        (special.log_expit, 0, (-1e5,), 1.0),
        (special.log_ndtr, 0, (1e4,), 0.0),
        (special.log_ndtr, 0, (-1e9,), 1e9),
        (special.boxcox, 1, (2.0, 0.0), np.log(2.0) ** 2 / 2),
        (special.inv_boxcox, 0, (1.0, 0.0), np.e),
        (special.huber, 1, (1.0, 3.0), 1.0),
        (special.huber, 0, (1.0, -3.0), 2.0),
    ],
)
def test_at_ends(fn: Any, at: int, args: tuple[float, ...], expected: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(grad(fn, argnums=at)(*args), expected, rtol=1e-14)
        moved = tuple(np.array([float(v)]) for v in args)
        np.testing.assert_allclose(jacfwd(fn, argnums=at)(*moved), [[expected]], rtol=1e-14)


def test_the_slope_of_an_entropy_at_zero_is_infinite() -> None:
    with np.errstate(divide="ignore"):
        assert grad(special.entr)(np.float64(0.0)) == INF
        assert grad(special.xlogy)(np.float64(0.0), np.float64(0.0)) == -INF


@pytest.mark.parametrize("x", [-1e8, -300.0, -40.5, -39.5, -5.0, 0.0, 5.0, 50.0, 1e5])
def test_the_curve_of_log_ndtr(x: float) -> None:
    """Far out it is -1 + 1 / x ** 2, and 0 on the other side."""
    found = grad(grad(special.log_ndtr))(x)
    if x < -30:
        u = 1 / x**2
        np.testing.assert_allclose(found, -1 + u - 6 * u * u + 50 * u**3, rtol=1e-8)
    else:
        h = np.exp(-0.5 * x * x - special.log_ndtr(x)) / np.sqrt(2 * np.pi)
        np.testing.assert_allclose(found, -h * (h + x), rtol=1e-9)


MASKED = np.array([[0.5, -INF, 1.0], [-INF, -INF, -INF], [1e4, 0.0, -1e4]])


@pytest.mark.parametrize("options", [{}, {"b": 1.0}])
def test_logsumexp_of_infinite_and_large_items(options: dict[str, float]) -> None:
    def f(x):
        return special.logsumexp(x, axis=1, keepdims=True, **options)[:, 0]

    p = 1 / (1 + np.exp(0.5))
    expected = [[p, 0.0, 1 - p], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    for derivative in (jacrev(f), jacfwd(f)):
        found = derivative(MASKED)
        np.testing.assert_allclose(found[np.arange(3), np.arange(3)], expected, rtol=1e-12)
        assert np.count_nonzero(found) == 3


def test_softmax_of_infinite_and_large_items() -> None:
    x = MASKED[::2]
    found = jacrev(special.softmax)(x[0])
    y = special.softmax(x[0])
    np.testing.assert_allclose(found, np.diag(y) - np.outer(y, y), rtol=1e-12)
    np.testing.assert_array_equal(jacrev(special.softmax)(x[1]), np.zeros((3, 3)))
    found = jacfwd(special.log_softmax)(x[0])
    np.testing.assert_allclose(found, np.eye(3) - y, rtol=1e-12)


@pytest.mark.parametrize("fn", [special.expit, special.log_ndtr, special.softmax, special.psi])
def test_single_precision_stays(fn: Any) -> None:
    def f(x):
        return np.sum(fn(x) * fn(x)) + special.logsumexp(x, b=2.0) + np.sum(special.xlogy(x, x))

    x = np.array([0.3, 0.7], np.float32)
    assert grad(f)(x).dtype == np.float32
    assert jvp(f, (x,), (x,))[1].dtype == np.float32


def of_order(v):
    return special.jv(v, 2.0)


def of_shape(a):
    return special.gammainc(a, 2.0)


@pytest.mark.parametrize("f", [of_order, of_shape])
def test_what_has_a_derivative_that_is_not_known_is_refused(f: Any) -> None:
    for derivative in (grad(f), lambda x: jvp(f, (x,), (1.0,))):
        with pytest.raises(UnknownFunctionError, match=r"with respect to `[va]` is not known"):
            derivative(0.5)


def rescaled(x):
    return np.sum(special.softmax(x)[0])


def test_numba_says_which_function_it_does_not_know() -> None:
    with pytest.raises(SrcadError, match="it does not know the function `softmax`"):
        grad(rescaled, backend="numba")(np.ones(3))


def run(code: str) -> str:
    """What a new Python prints that runs the file with this ``code``."""
    done = subprocess.run(
        [sys.executable, "-"], input=textwrap.dedent(code), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scipy_is_not_imported_unasked() -> None:
    code = """
        import sys
        import numpy as np
        import srcad, srcad.rules.table
        srcad.grad(np.tanh)(0.5)
        srcad.rules.table.all_rules()
        srcad.rules.table.rule_for(print), srcad.rules.table.rule_for(np.add.reduce)
        print([m for m in sys.modules if m.partition(".")[0] == "scipy"])
    """
    assert run(code) == "[]\n"


def test_without_scipy_the_gamma_function_has_no_derivative() -> None:
    code = """
        import math, sys
        import srcad
        sys.modules["scipy.special"] = None
        try:
            srcad.grad(math.lgamma)(2.5)
        except srcad.SrcadError as error:
            print(error.message, error.why, error.instead, sep="\\n")
    """
    message, why, instead = run(code).splitlines()
    assert message == "srcad has no derivative for this call of `math.lgamma`"
    assert why == "its derivative is made of functions of scipy.special, which is not installed"
    assert instead == "install SciPy, `pip install scipy`"


def test_rules_are_loaded_when_a_function_is_looked_up() -> None:
    code = """
        import sys
        from concurrent.futures import ThreadPoolExecutor
        import scipy.special
        from srcad import rule, grad
        from srcad.rules.table import has_own_rule, rule_for
        assert rule_for(max) and "srcad.rules.special" not in sys.modules
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(has_own_rule, [scipy.special.expit, scipy.special.softmax] * 8))
        rule(scipy.special.ndtr, "x -> y", x="7 * g")
        print(grad(scipy.special.ndtr)(0.5))
    """
    assert run(code) == "7.0\n"


def test_a_rule_of_the_users_stays() -> None:
    code = """
        from scipy.special import expit, ndtr
        from srcad import rule, grad
        rule(expit, "x -> y", x="7 * g")
        print(grad(ndtr)(0.0) > 0, grad(expit)(0.5))
    """
    assert run(code) == "True 7.0\n"


def test_two_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({float(v) for v in pool.map(grad(special.erfinv), [0.3] * 8)}) == 1
