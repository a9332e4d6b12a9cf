"""Variables that the user calls as srcad calls its own: ``x_bar``, ``y_dot``, ``t``, ``t_1``."""

from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad import grad, jvp, value_and_grad
from tests.programs.found import called_like_adjoints_and_temporaries

ARGS = (np.array([0.7, 1.1, 0.9, 1.3]), 0.8)
USERS = ["x_bar = np.zeros(3)", "y_dot = y / 3.0", "t = x * y_dot", "x_bar[0] += t1 * y"]


@pytest.mark.parametrize("line", USERS)
def test_the_users_statements_stand(line: str) -> None:
    text = grad(called_like_adjoints_and_temporaries, argnums=(0, 1)).source_for(*ARGS)
    assert line in text


def test_no_statement_of_the_users_joins_another() -> None:
    text = grad(called_like_adjoints_and_temporaries).source_for(*ARGS)
    assert "x_bar[0] += t1 / 3.0" in text
    assert "x_bar[1] += t_1 - t_1 * y_bar" in text


def test_values_are_the_very_numbers() -> None:
    def fun(x, y):
        x_bar = x * y
        t = y / 3.0
        t_1 = x / 3.0
        y_dot = np.sum(x_bar * t) - np.sum(x_bar * t) * t
        return y_dot + np.sum(t / 7.0 + t_1 / 7.0) + np.sum(0.1 * (0.3 * x_bar))

    value, _ = value_and_grad(fun)(*ARGS)
    assert value == fun(*ARGS)
    value, _ = jvp(fun, ARGS, (np.ones(4), 1.0))
    assert value == fun(*ARGS)


def test_the_adjoint_of_what_is_called_like_one() -> None:
    def fun(x):
        x_bar = np.sin(x)
        for i in range(2):
            x_bar = x_bar * x * (i + 1.0)
        return np.sum(x_bar)

    assert "x_bar_bar" in grad(fun).source_for(ARGS[0])
    srcad.check_grads(fun, (ARGS[0],), order=2)


def test_a_gradient_tells_its_own_names_when_it_is_differentiated() -> None:
    def fun(x, t):
        return np.sum(np.sin(x * t))

    text = grad(lambda x, t: np.sum(grad(fun)(x, t) * x)).source_for(*ARGS)
    assert "t_dot" not in text
    srcad.check_grads(lambda x, t: np.sum(grad(fun)(x, t) * x), ARGS, order=1)
