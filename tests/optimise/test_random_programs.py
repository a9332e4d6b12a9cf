"""Random programs give the same results before and after every pass, aliases included."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcad.analysis.memory import memory_of
from srcad.ir.nodes import Assign, Break, Function, Stmt, Var, While
from srcad.ir.walk import bound, statements
from srcad.optimise import PASSES, optimise
from srcad.types.lattice import FLOAT, Array, ListOf, Sym, Type
from tests.optimise.machine import (
    WHOLE,
    add_to,
    function,
    give,
    let,
    loop,
    pop,
    push,
    run,
    same,
    store,
    turns,
    when,
)

N = 4
VECTOR = Array(np.dtype(np.float64), (Sym(1),))
ARRAYS = ("x", "y", "a", "b", "x_bar", "t", "t_1", "t_2", "t_3")
NUMBERS = ("s", "r", "t_7", "t_8", "s_bar")


def types_of(fn: Function) -> dict[Var, Type]:
    found: dict[Var, Type] = {p.var: VECTOR for p in fn.params}
    for stmt in statements(fn.body):
        for v in bound(stmt):
            if v.name in NUMBERS:
                found[v] = FLOAT
            elif v.name in ARRAYS:
                found[v] = VECTOR
            elif v.name == "xs":
                found[v] = ListOf(VECTOR)
    return found


arrays = st.sampled_from(ARRAYS)
numbers = st.sampled_from(NUMBERS)
halves = st.sampled_from([slice(None, None, -1), slice(None, None, None)])
parts = st.sampled_from([slice(0, 2), slice(1, 3), slice(-2, None), slice(0, 4, 2)])
constants = st.sampled_from([0, 1, 2, -1, 0.5, 1.0, 3])
unary = st.sampled_from(
    [operator.neg, np.tanh, np.sin, np.copy, np.zeros_like, np.ravel, np.ones_like]
)
binary = st.sampled_from([operator.add, operator.sub, operator.mul])
scalars = st.one_of(numbers, constants)


@st.composite
def simple(draw: st.DrawFn) -> list[Stmt]:
    kind = draw(st.integers(0, 17))
    a, b, c = draw(arrays), draw(arrays), draw(arrays)
    s, r = draw(numbers), draw(numbers)
    match kind:
        case 0 | 1:
            return [let(a, draw(unary), b)]
        case 2 | 3:
            return [let(a, draw(binary), b, c)]
        case 4:
            return [let(a, draw(binary), *draw(st.permutations([b, draw(scalars)])))]
        case 5:
            return [let(a, operator.pow, b, draw(st.sampled_from([1, 2, 3])))]
        case 6:
            return [let(a, b)]
        case 7:
            return [let(a, operator.getitem, b, draw(halves))]
        case 8:
            return [store(a, draw(parts), draw(scalars))]
        case 9:
            return [add_to(a, draw(parts), draw(scalars))]
        case 10:
            return [add_to(a, WHOLE, b)]
        case 11:
            return [let(s, draw(binary), r, draw(scalars))]
        case 12:
            return [let(s, operator.getitem, a, draw(st.integers(0, N - 1)))]
        case 13:
            return [let(s, draw(st.sampled_from([operator.neg, np.sin])), r)]
        case 14:
            return [push("xs", a)]
        case 15:
            return [let(a, operator.add, a, b)]
        case 16:
            return [let(a, b), let(a, operator.sub, a, c)]
        case _:
            return [let(s, draw(scalars))]


@st.composite
def compound(draw: st.DrawFn, depth: int) -> list[Stmt]:
    if depth == 0:
        return draw(simple())
    inner = bodies(depth - 1)
    match draw(st.integers(0, 7)):
        case 0:
            test = let("c", operator.gt, draw(numbers), 0)
            return [test, when("c", draw(inner), draw(inner))]
        case 1:
            return [loop("i", turns(draw(st.integers(0, 3))), *draw(inner))]
        case 2:
            stop = [let("c", operator.gt, draw(numbers), 1), when("c", [Break()])]
            return [loop("i", turns(3), *draw(inner), *stop)]
        case 3:
            return [
                loop(draw(arrays), "xs", *draw(st.lists(simple_no_push(), max_size=3).map(flat)))
            ]
        case 4:
            body = (
                pop(draw(arrays), "xs"),
                *draw(st.lists(simple_no_push(), max_size=3).map(flat)),
            )
            header = (let("n", len, "xs"), let("c", operator.gt, "n", 1))
            return [While(header, Var("c"), body)]
        case 5:
            a, b = draw(arrays), draw(arrays)
            return [
                let("p", (a, b)),
                let(draw(arrays), operator.getitem, "p", draw(st.integers(0, 1))),
            ]
        case _:
            return draw(simple())


def simple_no_push() -> st.SearchStrategy[list[Stmt]]:
    return simple().filter(lambda stmts: isinstance(stmts[0], Assign))


def flat(groups: list[list[Stmt]]) -> list[Stmt]:
    return [stmt for group in groups for stmt in group]


def bodies(depth: int) -> st.SearchStrategy[list[Stmt]]:
    return st.lists(compound(depth), min_size=1, max_size=6).map(flat)


@st.composite
def programs(draw: st.DrawFn) -> Function:
    start: list[Stmt] = [let("xs", [])]
    for name in ARRAYS[2:]:
        start.append(let(name, np.positive, draw(st.sampled_from(["x", "y"]))))
    for k, name in enumerate(NUMBERS):
        start.append(let(name, 0.25 * k - 0.3))
    body = draw(bodies(2))
    results = draw(st.lists(st.one_of(arrays, numbers, st.just("xs")), min_size=1, max_size=3))
    return function("x y", *start, *body, give(*results))


def outcome(fn: Function) -> tuple[object, object]:
    x = np.array([0.3, -0.2, 0.7, 0.11])
    y = np.array([-0.5, 0.4, 0.25, 0.9])
    with np.errstate(all="ignore"):
        result = run(fn, x, y)
    return result, (x, y, sharing(result, x, y))


def sharing(result: object, *others: object) -> tuple[bool, ...]:
    """Which of the results share memory with each other or with the arguments."""
    items = list(result) if isinstance(result, tuple) else [result]
    flat_items = [*(x for r in items for x in (r if isinstance(r, list) else [r])), *others]
    return tuple(
        isinstance(p, np.ndarray) and isinstance(q, np.ndarray) and np.shares_memory(p, q)
        for k, p in enumerate(flat_items)
        for q in flat_items[:k]
    )


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@settings(max_examples=100, deadline=None, derandomize=True)
@given(fn=programs())
def test_passes_keep_results_arguments_and_sharing(typed: bool, fn: Function) -> None:
    types = types_of(fn) if typed else {}
    expected, left = outcome(fn)
    after = {name: a_pass(fn, types, memory_of(fn, types))[0] for name, a_pass in PASSES}
    after["all"] = optimise(fn, types)
    for name, rewritten in after.items():
        got, left_after = outcome(rewritten)
        assert same(got, expected), name
        assert same(left_after, left), name
