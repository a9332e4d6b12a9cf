"""Every program of the corpus, in both modes, at first and second order, with passes left out.

Derivatives are compared with differences (`tests.differences`), never with srcad itself, except in
the dot-product identity, where two independent transformations must agree to rounding.
"""

from __future__ import annotations

import functools
import math
import sys
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from srcad import grad, hvp, jvp, value_and_grad, vjp
from srcad.optimise import NAMES as PASS_NAMES
from tests.adapters import contraction, directional_by_jvp, restriction
from tests.differences import (
    Estimate,
    complex_step,
    directional,
    inner,
    inner_magnitude,
    random_like,
    second_directional,
    third_directional,
)
from tests.programs.registry import Program, all_programs
from tests.trees import copied, is_float, leaves, same_structure, tree_map
from tests.turns import turn

PROGRAMS = {p.name: p for p in all_programs()}
WIDE = np.finfo(np.longdouble).eps < 1e-18
LEFT_OUT = [
    (name, left_out)
    for i, name in enumerate(turn(PROGRAMS, 0, 2))
    for left_out in turn(PASS_NAMES, i % len(PASS_NAMES), len(PASS_NAMES))
]
SECOND_ORDER = [name for name, p in PROGRAMS.items() if p.order >= 2]
FORWARD_OVER_REVERSE, REVERSE_OVER_REVERSE, REVERSE_OVER_FORWARD = (
    turn(SECOND_ORDER, way, 3) for way in range(3)
)
THIRD_ORDER = [name for name, p in PROGRAMS.items() if p.order >= 3]
SEVERAL = [name for name, p in PROGRAMS.items() if len(p.argnums) > 1]
ANALYTIC = [name for name, p in PROGRAMS.items() if p.analytic]
EXPECTED = [name for name, p in PROGRAMS.items() if p.expect is not None]


# The tests of a program follow each other, as what is generated for it is only kept for a while.
each = functools.partial(pytest.mark.parametrize, "name", scope="module")


class Case:
    """A program with its arguments, random directions and reference derivatives."""

    def __init__(self, p: Program) -> None:
        rng = p.rng()
        self.p = p
        self.args = p.args(rng)
        self.diff = tuple(self.args[i] for i in p.argnums)
        self.u = random_like(self.diff, rng)
        self.v = random_like(self.diff, rng)
        self.y = p.fn(*copied(self.args))
        self.is_scalar = is_float(self.y) and np.ndim(self.y) == 0
        self.weights = None if self.is_scalar else random_like(self.y, rng)
        self.method = "wide" if p.reference == "auto" else p.reference

    @cached_property
    def restricted(self) -> Any:
        """The program as a function of the differentiated arguments."""
        return restriction(self.p.fn, self.args, self.p.argnums)

    @cached_property
    def scalar(self) -> Any:
        """Its scalar version: the result itself or contracted with the weights."""
        if self.is_scalar:
            return self.restricted
        return contraction(self.restricted, len(self.diff), self.y, self.weights)

    def plain(self, *args: Any) -> Any:
        """The scalar version as a plain function of all arguments, for differences."""
        y = self.p.fn(*args)
        if self.is_scalar:
            return y
        pairs = zip(leaves(y), leaves(self.weights), strict=True)
        return sum(np.sum(a * w) for a, w in pairs if w is not None)

    def whole(self, direction: tuple[Any, ...]) -> tuple[Any, ...]:
        """``direction`` with ``None`` for what is not differentiated."""
        full = [tree_map(lambda _: None, a) for a in self.args]
        for i, d in zip(self.p.argnums, direction, strict=True):
            full[i] = d
        return tuple(full)

    @cached_property
    def value(self) -> float:
        return float(self.plain(*copied(self.args)))

    @cached_property
    def first(self) -> Estimate:
        return directional(self.plain, self.args, self.whole(self.v), self.method)

    @cached_property
    def second(self) -> Estimate:
        u, v = self.whole(self.u), self.whole(self.v)
        return second_directional(self.plain, self.args, u, v, self.method)

    @cached_property
    def third(self) -> Estimate:
        return third_directional(self.plain, self.args, self.whole(self.v))

    def bound(self, reference: Estimate, terms: float) -> float:
        """How far from ``reference`` a right answer may be."""
        scale = max(terms, abs(reference.value)) + 1e-3 * abs(self.value)
        allowed = self.p.rtol * scale
        if WIDE:
            assert reference.error <= max(0.1 * allowed, 1e-11), (
                "the reference itself is too coarse"
            )
            return allowed
        return max(allowed, 10 * reference.error)

    def check(self, gradients: tuple[Any, ...]) -> None:
        """``gradients`` has the right structure, and the right product with the direction."""
        check_like(gradients, self.diff)
        found = inner(gradients, self.v)
        bound = self.bound(self.first, inner_magnitude(gradients, self.v))
        assert abs(found - self.first.value) <= bound


@functools.cache
def case_of(name: str) -> Case:
    return Case(PROGRAMS[name])


def check_like(gradients: Any, args: Any) -> None:
    """Structure, dtype and shape of each gradient are its argument's."""
    assert same_structure(gradients, args)
    for g, a in zip(leaves(gradients), leaves(args), strict=True):
        if is_float(a):
            assert is_float(g), f"{type(g)} for {type(a)}"
            assert isinstance(g, np.ndarray) == isinstance(a, np.ndarray) or np.ndim(a) == 0
            assert np.shape(g) == np.shape(a)
            assert np.asarray(g).dtype == np.asarray(a).dtype


def snapshot(tree: Any) -> list[Any]:
    return [
        (x.tobytes(), x.dtype, x.shape, x.strides) if isinstance(x, np.ndarray) else (type(x), x)
        for x in leaves(tree)
    ]


def gradients_of(case: Case, without: Any = None) -> tuple[Any, ...]:
    options = {} if without is None else {"without": frozenset(without)}
    if case.is_scalar:
        return grad(case.p.fn, argnums=case.p.argnums, **options)(*case.args)
    everything = tuple(range(len(case.diff)))
    return grad(case.scalar, argnums=everything, **options)(*case.diff)


# --- first order ---------------------------------------------------------------------------------


@each(PROGRAMS)
def test_reverse(name: str) -> None:
    case = case_of(name)
    before = snapshot(case.args)
    case.check(gradients_of(case))
    assert snapshot(case.args) == before, "the caller's arguments have changed"


@each(PROGRAMS)
def test_forward(name: str) -> None:
    case = case_of(name)
    before = snapshot((case.args, case.v))
    y, y_dot = jvp(case.restricted, case.diff, case.v)
    assert snapshot((case.args, case.v)) == before, "the caller's arguments have changed"
    check_like(y_dot, y)
    found = float(y_dot) if case.is_scalar else inner(y_dot, case.weights)
    terms = 0.0 if case.is_scalar else inner_magnitude(y_dot, case.weights)
    assert abs(found - case.first.value) <= case.bound(case.first, terms)


@each(PROGRAMS)
def test_value(name: str) -> None:
    case = case_of(name)
    y, pullback = vjp(case.restricted, *case.diff)
    assert same_structure(y, case.y)
    for found, wanted in zip(leaves(y), leaves(case.y), strict=True):
        assert np.shape(found) == np.shape(wanted)
        assert np.allclose(found, wanted, rtol=1e-5 if case.p.rtol > 1e-6 else 1e-13, atol=1e-14)
    y_bar = type(y)(1) if case.is_scalar else case.weights
    case.check(pullback(y_bar))
    case.check(pullback(y_bar))  # a pullback may be called again


@each(PROGRAMS)
def test_dot_product_identity(name: str) -> None:
    case = case_of(name)
    y, y_dot = jvp(case.restricted, case.diff, case.v)
    _, pullback = vjp(case.restricted, *case.diff)
    y_bar = type(y)(1) if case.is_scalar else case.weights
    product = pullback(y_bar)
    floats = [x for x in (*leaves(case.diff), *leaves(y)) if is_float(x)]
    eps = max(np.finfo(np.asarray(x).dtype).eps for x in floats)
    terms = inner_magnitude(product, case.v) + inner_magnitude(y_dot, y_bar) + abs(case.value)
    difference = inner(product, case.v) - inner(y_dot, y_bar)
    assert abs(difference) <= 100 * eps * case.p.amplify * terms


@each(EXPECTED)
def test_closed_form(name: str) -> None:
    case = case_of(name)
    assert case.p.expect is not None
    wanted = case.p.expect(*copied(case.args))
    for found, exact in zip(leaves(gradients_of(case)), leaves(wanted), strict=True):
        assert np.allclose(found, exact, rtol=max(1e-12, case.p.rtol / 10), atol=1e-14)


@each(SEVERAL)
def test_argument_alone(name: str) -> None:
    case = case_of(name)
    together = gradients_of(case)
    n = len(together)
    for k in turn(range(n), SEVERAL.index(name) % n, n):
        if case.is_scalar:
            alone = grad(case.p.fn, argnums=case.p.argnums[k])(*case.args)
        else:
            alone = grad(case.scalar, argnums=k)(*case.diff)
        case.check((*together[:k], alone, *together[k + 1 :]))
        check_same(case, alone, together[k])


def check_same(case: Case, found: Any, wanted: Any) -> None:
    """Two gradients, made in different ways, agree to rounding."""
    for a, b in zip(leaves(found), leaves(wanted), strict=True):
        scale = float(np.max(np.abs(b), initial=0.0))
        tolerance = 1e-5 if case.p.rtol > 1e-6 else 1e-12 * case.p.amplify
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance * scale)


# --- passes left out -----------------------------------------------------------------------------


@each(PROGRAMS)
def test_reverse_without_optimisation(name: str) -> None:
    case = case_of(name)
    case.check(gradients_of(case, without=PASS_NAMES))


@pytest.mark.parametrize(("name", "left_out"), LEFT_OUT, scope="module")
def test_reverse_without_one_pass(name: str, left_out: str) -> None:
    case = case_of(name)
    everything = tuple(range(len(case.diff)))
    derivative = value_and_grad(case.scalar, argnums=everything, without=frozenset((left_out,)))
    value, gradients = derivative(*case.diff)
    case.check(gradients)
    assert np.allclose(value, case.value, rtol=1e-5 if case.p.rtol > 1e-6 else 1e-13, atol=1e-14)


# --- second and third order ----------------------------------------------------------------------


def check_second(case: Case, product: tuple[Any, ...], direction: Any, reference: Estimate) -> None:
    check_like(product, case.diff)
    terms = inner_magnitude(product, direction) + abs(case.first.value)
    assert abs(inner(product, direction) - reference.value) <= case.bound(reference, terms)


@each(FORWARD_OVER_REVERSE)
def test_forward_over_reverse(name: str) -> None:
    case = case_of(name)
    before = snapshot((case.args, case.v))
    product = hvp(case.scalar, case.diff, case.v)
    check_second(case, product if len(case.diff) > 1 else (product,), case.u, case.second)
    assert snapshot((case.args, case.v)) == before, "the caller's arguments have changed"


@each(REVERSE_OVER_REVERSE)
def test_reverse_over_reverse(name: str) -> None:
    case = case_of(name)
    everything = tuple(range(len(case.diff)))
    gradient = grad(case.scalar, argnums=everything)
    slope = contraction(gradient, len(case.diff), case.diff, case.v)
    product = grad(slope, argnums=everything)(*case.diff)
    check_second(case, product, case.u, case.second)


@each(REVERSE_OVER_FORWARD)
def test_reverse_over_forward(name: str) -> None:
    case = case_of(name)
    everything = tuple(range(len(case.diff)))
    along = directional_by_jvp(case.scalar, jvp, case.v)
    product = grad(along, argnums=everything)(*case.diff)
    check_second(case, product, case.u, case.second)


@each(THIRD_ORDER)
def test_third_order_by_reverse(name: str) -> None:
    case = case_of(name)
    n = len(case.diff)
    f = case.scalar
    for _ in range(2):
        f = contraction(grad(f, argnums=tuple(range(n))), n, case.diff, case.v)
    third = grad(f, argnums=tuple(range(n)))(*case.diff)
    terms = inner_magnitude(third, case.v) + abs(case.second.value)
    assert abs(inner(third, case.v) - case.third.value) <= case.bound(case.third, terms)


@each(THIRD_ORDER)
def test_third_order_by_forward(name: str) -> None:
    case = case_of(name)
    f = directional_by_jvp(directional_by_jvp(case.scalar, jvp, case.v), jvp, case.v)
    _, third = jvp(f, case.diff, case.v)
    bound = case.bound(case.third, abs(case.second.value))
    assert abs(float(third) - case.third.value) <= bound


# --- the references themselves -------------------------------------------------------------------


@each(ANALYTIC)
def test_differences_agree_with_the_complex_step(name: str) -> None:
    case = case_of(name)
    exact = complex_step(case.plain, case.args, case.whole(case.v)).value
    scale = abs(exact) + 1e-3 * abs(case.value)
    allowed = 1e-12 if WIDE else 1e-7
    assert abs(case.first.value - exact) <= allowed * scale


def test_the_corpus_is_large() -> None:
    assert len(PROGRAMS) >= 130
    assert len(THIRD_ORDER) >= 25
    assert all(math.isfinite(case_of(name).value) for name in PROGRAMS)
    assert len(sys.modules["tests.programs.registry"].all_programs()) == len(PROGRAMS)
