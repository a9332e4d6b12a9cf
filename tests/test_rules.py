"""Walks the table: each rule and each of its samples, in both modes, against differences."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.special  # noqa: F401  (its rules are walked too)

from srcad.ir.nodes import Expr
from srcad.rules.binding import result_type
from srcad.rules.reading import cotangent, tangent
from srcad.rules.table import REQUIRED, Rule, Sample, all_rules, has_own_rule
from srcad.runtime import unbroadcast
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    Derived,
    Dim,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    Sym,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.of_value import DimTable, type_of
from tests.rules.evaluate import (
    difference,
    evaluate,
    inner,
    like_result,
    magnitude,
    push,
    tree_map,
)

EPS = np.finfo(float).eps


@dataclass(frozen=True)
class Case:
    """A rule at one sample."""

    rule: Rule
    number: int
    sample: Sample

    def __str__(self) -> str:
        return f"{self.rule.path}-{self.number}"

    @property
    def given(self) -> dict[str, Any]:
        """The sample's values by parameter."""
        out: dict[str, Any] = {}
        args = list(self.sample.args)
        for p in self.rule.params:
            if p.star:
                out[p.name], args = tuple(args), []
            elif args and not p.keyword_only:
                out[p.name] = args.pop(0)
        assert not args, "the sample has more arguments than the rule"
        return out | dict(self.sample.kwargs)

    @property
    def values(self) -> dict[str, Any]:
        """The given values, and the defaults of the others."""
        defaults = {p.name: p.default for p in self.rule.params if p.default is not REQUIRED}
        return defaults | self.given

    @property
    def wrt(self) -> tuple[str, ...]:
        given = self.given
        names = self.rule.differentiable if self.sample.wrt is None else self.sample.wrt
        return tuple(n for n in names if n in given and given[n] is not None)

    def call(self, values: Mapping[str, Any]) -> Any:
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        given = self.given
        by_name = False
        for p in self.rule.params:
            if p.name not in given:
                by_name = True
            elif p.star:
                args.extend(values[p.name])
            elif p.keyword_only or by_name or p.name in self.sample.kwargs:
                kwargs[p.name] = values[p.name]
            else:
                args.append(values[p.name])
        return self.rule.fn(*args, **kwargs)

    def env(self) -> dict[str, Any]:
        values = self.values
        return values | {self.rule.result_name: self.call(values)}


RULES = [r for r in all_rules() if has_own_rule(r.fn)]  # tests add some of their own
CASES = [Case(r, i, s) for r in RULES for i, s in enumerate(r.samples())]
ACTIVE = [c for c in CASES if c.wrt]
# Only generated text asks for the one; the other depends on which axes have one element.
UNTOLD = ("np.may_share_memory-0", "np.squeeze-0")
PUBLIC = ("np.", "math.", "operator.")
TOLD = [c for c in CASES if str(c).startswith(PUBLIC) and str(c) not in UNTOLD]
DERIVATIVES = pytest.mark.parametrize("case", ACTIVE, ids=str)


def direction(x: Any, seed: int) -> Any:
    """A tangent or cotangent for ``x``."""
    if isinstance(x, tuple | list):
        return [direction(v, seed + 10 * i) for i, v in enumerate(x)]
    n = np.size(x)
    v = np.cos(1.7 * np.arange(1, n + 1) + seed).reshape(np.shape(x))
    if np.iscomplexobj(x):
        v = v + 1j * np.sin(0.7 * np.arange(1, n + 1) + seed).reshape(np.shape(x))
    dtype = x.dtype if isinstance(x, np.ndarray | np.generic) else np.result_type(type(x))
    return v.astype(dtype) if np.ndim(x) else dtype.type(v.item())


def move(x: Any, t: float, v: Any) -> Any:
    return tree_map(lambda a, b: a + t * b if np.ndim(a) else type(a)(a + t * b), x, v)


def variants(case: Case, name: str, env: Mapping[str, Any]) -> Iterator[Expr]:
    """Every text that the table may give for a cotangent here, each once."""
    rule = case.rule
    ranks = tuple(
        np.ndim(env[p]) if isinstance(env[p], np.ndarray | np.generic | float | complex) else None
        for p in rule.differentiable
    )
    is_real = not any(has_complex(v) for v in env.values())
    constants = {k: v for k, v in case.values.items() if is_static(v)}
    seen: list[Expr] = []
    for r in ((None,) * len(ranks), ranks):
        for real in {False, is_real}:
            for known in (constants,) if rule.only else ({}, constants):
                expr = cotangent(rule, name, r, real=real, constants=known)
                if expr not in seen:
                    seen.append(expr)
                    yield expr


def has_complex(v: object) -> bool:
    if isinstance(v, tuple | list):
        return any(map(has_complex, v))
    return isinstance(v, complex) or (isinstance(v, np.ndarray) and v.dtype.kind == "c")


def is_static(v: object) -> bool:
    if isinstance(v, tuple):
        return all(map(is_static, v))
    return v is None or isinstance(v, bool | int | float | str)


def pulled(case: Case, expr: Expr, name: str, env: Mapping[str, Any], w: Any) -> Any:
    x_bar = evaluate(expr, {**env, "g": w})
    if case.rule.kind == "elementwise":
        x_bar = unbroadcast(x_bar, env[name])
    return x_bar


def test_every_rule_has_samples() -> None:
    assert [r.path for r in RULES if not r.samples()] == []


@DERIVATIVES
def test_tangent_against_differences(case: Case) -> None:
    env = case.env()
    y = env[case.rule.result_name]
    for k, name in enumerate(case.wrt):
        v = direction(env[name], k)
        constants = {n: c for n, c in case.values.items() if is_static(c) and n != name}
        expected = difference(lambda t: case.call({**case.values, name: move(env[name], t, v)}))
        given = frozenset(case.given)
        for real in {False, not has_complex(v)}:
            for known in ({}, constants):
                expr = tangent(case.rule, name, given, real=real, constants=known)
                actual = like_result(evaluate(expr, {**env, "g": v}), y)
                tree_map(
                    lambda a, e: np.testing.assert_allclose(a, e, rtol=1e-7, atol=1e-8),
                    list(actual) if isinstance(actual, tuple) else actual,
                    expected,
                )


@DERIVATIVES
def test_dot_product_identity(case: Case) -> None:
    env = case.env()
    y = env[case.rule.result_name]
    w = direction(y, 40)
    for k, name in enumerate(case.wrt):
        v = direction(env[name], k)
        expr = tangent(case.rule, name, frozenset(case.given))
        forward = like_result(evaluate(expr, {**env, "g": v}), y)
        for text in variants(case, name, env):
            x_bar = pulled(case, text, name, env, w)
            bound = 100 * EPS * (magnitude(w, forward) + magnitude(x_bar, v) + EPS)
            assert abs(inner(w, forward) - inner(x_bar, v)) <= bound, str(text)


@DERIVATIVES
@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_cotangents_have_the_shape_and_dtype_of_their_arguments(
    case: Case, precision: type[np.floating[Any]]
) -> None:
    values = {k: narrowed(v, precision) for k, v in case.values.items()}
    env = values | {case.rule.result_name: case.call(values)}
    w = direction(env[case.rule.result_name], 3)
    for name in case.wrt:
        for text in variants(case, name, env):
            check_like(pulled(case, text, name, env, w), env[name])


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.path)
def test_arguments_given_by_position_mean_what_they_mean_to_the_function(rule: Rule):
    if (numpys := parameters_of(rule.fn)) is None:
        return
    for at, p in enumerate(p for p in rule.params if not p.keyword_only):
        assert p.name not in numpys or numpys.index(p.name) == at, (p.name, numpys)


def parameters_of(fn: Any) -> list[str] | None:
    if not str(getattr(fn, "__module__", "")).startswith("numpy"):
        return None
    try:
        return list(inspect.signature(fn).parameters)
    except ValueError:  # functions written in C may have none
        return None


def narrowed(x: Any, precision: type[np.floating[Any]]) -> Any:
    if isinstance(x, tuple | list):
        items = [narrowed(v, precision) for v in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc":
        return x.astype(
            np.result_type(precision, np.complex64) if x.dtype.kind == "c" else precision
        )
    return x


def check_like(x_bar: Any, x: Any) -> None:
    if isinstance(x, tuple | list):
        assert len(x_bar) == len(x)
        for a, b in zip(x_bar, x, strict=True):
            check_like(a, b)
        return
    assert np.shape(x_bar) == np.shape(x)
    if isinstance(x, np.ndarray):
        assert x_bar.dtype == x.dtype
    else:
        assert np.iscomplexobj(x_bar) <= np.iscomplexobj(x)


@DERIVATIVES
def test_second_order_against_differences(case: Case) -> None:
    env = case.env()
    result = case.rule.result_name
    w = direction(env[result], 11)
    for name in case.wrt:
        for other in case.wrt:
            v = direction(env[other], 5)
            y_dot = like_result(
                evaluate(tangent(case.rule, other, frozenset(case.given)), {**env, "g": v}),
                env[result],
            )

            def moved(t: float, other: str = other, v: Any = v) -> dict[str, Any]:
                values = {**case.values, other: move(env[other], t, v)}
                return values | {result: case.call(values), "g": w}

            for text in variants(case, name, env):
                actual = push(text, {**env, "g": w}, {other: v, result: y_dot})
                expected = difference(lambda t, text=text: evaluate(text, moved(t)))
                check_second(actual, expected)


def check_second(actual: Any, expected: Any) -> None:
    if isinstance(expected, tuple | list):
        for i, e in enumerate(expected):
            check_second(None if actual is None else actual[i], e)
        return
    a = np.zeros_like(expected) if actual is None else np.broadcast_to(actual, expected.shape)
    np.testing.assert_allclose(a, expected, rtol=2e-7, atol=2e-8)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_result_type_agrees_with_the_result(case: Case) -> None:
    dims = DimTable()
    types = {k: symbolic(v, dims) for k, v in case.given.items()}
    with np.errstate(all="ignore"):
        y = case.call(case.values)
    sizes = {s: n for n in range(30) for s in dims.shape((n,)) if isinstance(s, Sym)}
    assert_agrees(result_type(case.rule, types), y, sizes)
    literal = {k: type_of(v) for k, v in case.given.items()}
    assert_agrees(result_type(case.rule, literal), y, {})


@pytest.mark.parametrize("case", TOLD, ids=str)
def test_result_type_is_known(case: Case) -> None:
    dims = DimTable()
    types = {k: symbolic(v, dims) for k, v in case.given.items()}
    assert result_type(case.rule, types) != UNKNOWN


def symbolic(v: Any, dims: DimTable) -> Type:
    return type_of(v) if is_static(v) or isinstance(v, slice) else type_of(v, dims)


def assert_agrees(t: Type | None, y: Any, sizes: Mapping[Sym, int]) -> None:
    match t:
        case Unknown():
            return
        case Scalar(dtype, weak, known):
            assert isinstance(y, bool | int | float | complex | np.generic), type(y)
            assert np.result_type(type(y) if weak else y) == dtype
            assert weak != isinstance(y, np.generic)
            if isinstance(known, Sym | Derived):
                assert y == extent(known, sizes)
            elif known is not None:
                assert y == known
        case Array(dtype, shape):
            assert isinstance(y, np.ndarray), type(y)
            assert y.dtype == dtype
            assert y.ndim == len(shape)
            for dim, n in zip(shape, y.shape, strict=True):
                assert dim is None or extent(dim, sizes) == n
        case TupleOf(items) | FixedList(items):
            assert isinstance(y, list if isinstance(t, FixedList) else tuple)
            assert len(items) == len(y)
            for item, part in zip(items, y, strict=True):
                assert_agrees(item, part, sizes)
        case ListOf(item):
            assert isinstance(y, list)
            for part in y:
                assert_agrees(item, part, sizes)
        case Record(_, fields):
            for name, field in fields:
                assert_agrees(field, getattr(y, name), sizes)
        case Static(value):
            assert value == y
        case _:
            raise AssertionError(t)


def extent(dim: Dim, sizes: Mapping[Sym, int]) -> int | None:
    if isinstance(dim, Sym):
        whole = sizes.get(Sym(dim.id))
        return None if whole is None else max(whole - dim.minus, 0)
    if isinstance(dim, Derived):
        parts: Any = [extent(d, sizes) for d in dim.of]
        match dim.how:
            case "sum":
                return sum(parts)
            case "product":
                return int(np.prod(parts))
            case "part":
                return parts[0] // parts[1]
            case "less":
                return max(parts[0] - parts[1], 0)
            case "some":
                return min(max(parts[0] - parts[1], 0), parts[2])
            case _:
                return len(range(parts[0])[slice(*parts[1:])])
    return dim
