"""Random numbers: drawn once, in the order of the program, and differentiated as drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcad import grad, jvp, value_and_grad
from srcad.errors import SrcadError

MEAN, SCALE = np.array([0.4, 1.2, -0.3]), np.array([0.7, 1.1, 0.9])


def drawn(mean: Any, scale: Any, rng: Any) -> Any:
    s = 0.0
    for _ in range(3):
        s = s + np.sum(rng.normal(mean, scale) ** 2)
        s = s + np.sum(rng.uniform(mean[0], scale[1], size=4))
        s = s + rng.exponential(scale=scale[2]) + rng.lognormal(mean[0], scale[0])
    return s


def by_hand(mean: Any, scale: Any, rng: Any) -> tuple[Any, Any]:
    mean_bar, scale_bar = np.zeros_like(mean), np.zeros_like(scale)
    for _ in range(3):
        z = rng.standard_normal(3)
        y_bar = 2 * (mean + scale * z)
        mean_bar += y_bar
        scale_bar += y_bar * z
        u = rng.random(4)
        mean_bar[0] += np.sum(1 - u)
        scale_bar[1] += np.sum(u)
        scale_bar[2] += rng.standard_exponential()
        z = rng.standard_normal()
        y_bar = np.exp(mean[0] + scale[0] * z)
        mean_bar[0] += y_bar
        scale_bar[0] += y_bar * z
    return mean_bar, scale_bar


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_by_location_and_scale(make: Any) -> None:
    wanted = by_hand(MEAN, SCALE, make(1))
    value, found = value_and_grad(drawn, argnums=(0, 1))(MEAN, SCALE, make(1))
    np.testing.assert_allclose(value, drawn(MEAN, SCALE, make(1)), rtol=1e-14)
    np.testing.assert_allclose(found, wanted, rtol=1e-13)
    dots = np.array([0.3, -0.2, 0.5]), np.array([1.0, 0.1, -0.4])
    _, dot = jvp(lambda m, s: drawn(m, s, make(1)), (MEAN, SCALE), dots)
    np.testing.assert_allclose(dot, np.vdot(wanted[0], dots[0]) + np.vdot(wanted[1], dots[1]))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_the_generator_moves_on_as_without_a_derivative(make: Any) -> None:
    def f(x: Any, rng: Any) -> Any:
        rng.random()  # nobody reads it
        y = [rng.standard_normal() * x for _ in range(3)]
        return y[0] - rng.normal(x, 0.5) + rng.poisson(2.0) * y[1] * y[2]

    plain, derived, forward = make(5), make(5), make(5)
    value = f(0.7, plain)
    assert value_and_grad(f)(0.7, derived)[0] == pytest.approx(value, rel=1e-14)
    jvp(lambda x: f(x, forward), (0.7,), (1.0,))
    assert plain.random() == derived.random() == forward.random()


def test_a_generator_is_no_part_of_what_the_text_is_made_for() -> None:
    g = grad(lambda x, rng: x * rng.standard_normal())
    assert g(1.0, np.random.default_rng(0)) == np.random.default_rng(0).standard_normal()
    text = g.source
    assert g(1.0, np.random.default_rng(1)) == np.random.default_rng(1).standard_normal()
    assert g.source is text
    assert "rng.standard_normal()" in text


def test_what_does_not_follow_is_refused() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.random.default_rng(0).gamma(x, size=3))

    with pytest.raises(SrcadError, match="how the numbers that are drawn follow"):
        grad(f)(2.0)
