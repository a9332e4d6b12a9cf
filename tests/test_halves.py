"""The two halves of a call: what one returns for the other goes by one name in both."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest

from srcad import grad, vjp
from tests.test_programs import case_of

OF_CALLS = (
    "arrays_of_an_object",
    "assigned_by_recursion",
    "black_scholes",
    "bundle_adjustment",
    "loss_of_a_transformer",
    "layers_by_number_and_in_a_loop",
    "saddle_point_by_blocks",
)


def _handed_over(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """By forward half the names that it returns, and those that its backward half unpacks."""
    functions = {d.name: d for d in ast.parse(text).body if isinstance(d, ast.FunctionDef)}
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name, forward in functions.items():
        backward = functions.get(name.replace("_forward", "_backward"))
        if "_forward" not in name or backward is None:
            continue
        last, first = forward.body[-1], backward.body[0]
        assert isinstance(last, ast.Return)
        assert isinstance(last.value, ast.Tuple)
        if isinstance(first, ast.Assign) and ast.unparse(first.value) == "saved":
            pair = (last.value.elts[-1], first.targets[0])
            given, taken = (x.elts if isinstance(x, ast.Tuple) else [x] for x in pair)
            found[name] = ([*map(ast.unparse, given)], [*map(ast.unparse, taken)])
    return found


@pytest.mark.parametrize("name", OF_CALLS)
def test_both_halves_use_one_name(name: str) -> None:
    case = case_of(name)
    halves = _handed_over(grad(case.p.fn, argnums=case.p.argnums).source_for(*case.args))
    assert halves
    for given, taken in halves.values():
        assert given == taken
        assert len(set(given)) == len(given)


def _price(spot: float, sigma: float, years: float) -> float:
    d = math.log(spot) / (sigma * math.sqrt(years))
    return d - sigma * math.sqrt(years)


def _three_prices(spot: float, sigma: float) -> float:
    return _price(spot, sigma, 1.0) + _price(spot, sigma, 4.0) + _price(spot, 2 * sigma, 9.0)


def test_what_is_computed_twice_is_handed_over_once() -> None:
    text = grad(_three_prices, argnums=(0, 1)).source_for(2.0, 0.3)
    ((given, taken),) = _handed_over(text).values()
    assert given == taken
    assert text.count("math.sqrt(years)") == 1


def _twice(x: np.ndarray) -> np.ndarray:
    a = np.exp(x)
    b = np.exp(x)
    return a * b


def test_an_array_that_is_handed_over_once_may_be_pulled_back_twice() -> None:
    x, y_bar = np.array([0.1, -0.4]), np.array([2.0, 3.0])
    y, pullback = vjp(_twice, x)
    np.testing.assert_allclose(y, np.exp(2 * x), rtol=1e-15)
    for _ in range(2):
        np.testing.assert_allclose(pullback(y_bar)[0], 2 * np.exp(2 * x) * y_bar, rtol=1e-14)


def _scaled(x: np.ndarray, k: float) -> np.ndarray:
    width = 2.0 * math.pi
    return np.sin(x * width) * k


def _of_scaled(x: np.ndarray) -> float:
    return float(np.sum(_scaled(x, 3.0) * _scaled(x, 4.0)))


def test_constants_are_not_handed_over() -> None:
    x = np.array([0.3, 0.8])
    halves = _handed_over(grad(_of_scaled).source_for(x))
    assert halves
    assert all("width" not in given for given, _ in halves.values())
    w = 2 * math.pi
    want = 24 * w * np.sin(w * x) * np.cos(w * x)
    np.testing.assert_allclose(grad(_of_scaled)(x), want, rtol=1e-13)
