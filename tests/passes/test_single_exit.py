"""What `single_exit` makes of exits, as an expert would restructure them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from srcad.emit.text import render
from srcad.frontend.lower import lower
from srcad.ir.nodes import Break, Continue, For, If, Return, While
from srcad.ir.walk import statements
from srcad.passes.single_exit import single_exit
from tests.passes import programs
from tests.passes.programs import PROGRAMS

EXPECTED = {
    "early_return": """
def early_return(x):
    if x < 0:
        result = -x
    else:
        y = x * 2
        result = y + 1
    return result
""",
    "partial_exit": """
def partial_exit(a, b):
    s = 0
    done = False
    if a > 0:
        s += 1
        if b > 0:
            result = s * 10
            done = True
        else:
            s += 2
    if not done:
        s += 4
        result = s
    return result
""",
    "partial_exit_then_constant": """
def partial_exit_then_constant(a, b):
    if a > 0:
        if b > 0:
            result = a
        else:
            note(a)
            result = 0
    else:
        result = 0
    return result
""",
    "return_in_loop": """
def return_in_loop(xs):
    result = 0
    for x in xs:
        if x > 4:
            result = x
            break
    return result
""",
    "return_in_nested_loop": """
def return_in_nested_loop(xs, limit):
    total = 0
    done = False
    for x in xs:
        for y in xs:
            total += x * y
            if total > limit:
                result = (total, x, y)
                done = True
                break
        if done:
            break
        else:
            total -= 1
    if not done:
        result = (total, None, None)
    return result
""",
    "same_variable": """
def same_variable(xs):
    best = -1
    for x in xs:
        if x < 0:
            break
        else:
            best = max(best, x)
    return best
""",
    "continue_": """
def continue_(xs):
    s = 0
    for x in xs:
        if not x < 0:
            s += x
    return s
""",
    "for_else": """
def for_else(xs):
    stopped = False
    for x in xs:
        if x == 9:
            s = x
            stopped = True
            break
    if not stopped:
        s = 'none'
    return s
""",
    "for_else_without_break": """
def for_else_without_break(xs):
    s = 0
    for x in xs:
        s += x
    s += 1000
    return s
""",
    "forever_return": """
def forever_return(n):
    i = 0
    while True:
        i += 1
        if i * i > n:
            break
    return i
""",
    "checks": """
def checks(x):
    if not x > 0:
        raise AssertionError
    if x > 100:
        raise ValueError('{} is too big'.format(x))
    y = x + 1
    if x > 3:
        result = y
    else:
        result = y * 2
    return result
""",
    "no_return": """
def no_return(x):
    if x == 1:
        result = 1
    elif x == 2:
        result = None
    else:
        note(x)
        result = None
    return result
""",
    "dead_code": """
def dead_code(x):
    return x
""",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_structure(name: str) -> None:
    fn = single_exit(lower(getattr(programs, name)))
    # Compared as syntax trees: how the printer lays out the text is not at stake here.
    assert ast.dump(ast.parse(render(fn, origins=False).text)) == ast.dump(
        ast.parse(EXPECTED[name])
    )


@pytest.mark.parametrize("fn", [f for f, _ in PROGRAMS], ids=[f.__name__ for f, _ in PROGRAMS])
def test_guarantees(fn: Callable[..., Any]) -> None:
    body = single_exit(lower(fn)).body
    every = list(statements(body))
    assert not any(isinstance(s, Continue) for s in every)
    assert not any(s.orelse for s in every if isinstance(s, (For, While)))
    assert [s for s in every if isinstance(s, Return)] == [body[-1]]
    breaks = sum(isinstance(s, Break) for s in every)
    in_tail = sum(_tail_breaks(s.body) for s in every if isinstance(s, (For, While)))
    assert breaks == in_tail


def _tail_breaks(block: Any) -> int:
    match block[-1:]:
        case (Break(),):
            return 1
        case (If(_, then, orelse),):
            return _tail_breaks(then) + _tail_breaks(orelse)
        case _:
            return 0


@pytest.mark.parametrize("fn", [programs.straight, programs.swaps, programs.conditional])
def test_one_exit_stays_as_it_is(fn: Callable[..., Any]) -> None:
    surface = lower(fn)
    assert single_exit(surface) is surface


@pytest.mark.parametrize("fn", [f for f, _ in PROGRAMS], ids=[f.__name__ for f, _ in PROGRAMS])
def test_idempotent(fn: Callable[..., Any]) -> None:
    once = single_exit(lower(fn))
    assert single_exit(once).body == once.body


def test_fresh_names() -> None:
    def f(xs, result, done):
        for x in xs:
            if x > done:
                return x
        result = result + 1
        return result * done

    names = {v.name for s in statements(single_exit(lower(f)).body) for v in _assigned(s)}
    assert names == {"result", "result_1", "done_1"}


def _assigned(stmt: Any) -> list[Any]:
    return [stmt.target] if hasattr(stmt, "target") and not isinstance(stmt, For) else []
