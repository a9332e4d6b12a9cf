"""Both sweeps of random time loops, lowered and run as plain Python, against differences."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcad.backends.numba.compile import Compiled
from srcad.derivatives.abstract import types_of
from srcad.pipeline import Request, generate
from tests.adapters import function_of_text
from tests.backends.test_vectors import SAME
from tests.differences import directional, inner, random_like
from tests.trees import copied

ARRAYS = "uvw"


def random_loop(seed: int) -> str:
    """Three arrays updated in each step, as a whole or in part, by each other's slices."""
    pick = random.Random(seed)
    rows = ["def f(u, v, w, c, steps):"]
    rows += [f"    {name} = {name}.copy()" for name in ARRAYS if pick.random() < 0.6]
    rows += ["    total = 0.0", "    for k in range(steps):"]
    scratch = pick.random() < 0.5
    if scratch:
        rows.append(f"        s = {pick.choice(ARRAYS)}.copy()")
    paired = pick.random() < 0.6
    if paired:
        a, b = pick.sample(ARRAYS, 2)
        stencil = f"0.5 * {a}[1:-1] + 0.25 * ({a}[:-2] + {a}[2:])"
        value, back = pick.choice(((stencil, "1:-1"), (stencil, "1:-1"), (f"c * {a}[:-1]", "1:")))
        rows += [f"        {b}[{back}] = {value}", f"        {a}[{back}] = {b}[{back}]"]
    for _ in range(pick.choice((0, 0, 1, 2)) or 3 * (not paired)):
        kind = pick.choice(sorted(SAME))
        names = [*ARRAYS, *("s" if scratch else "")]
        a, b = (f"{pick.choice(names)}[{pick.choice(SAME[kind])}]" for _ in range(2))
        value = pick.choice(
            (a, f"c * {a}", f"{a} + {b}", f"0.5 * {a} - {b} * 0.25", f"np.sin({a})", f"{a} * {b}")
        )
        op = pick.choice(("=", "=", "+=", "-=", "*="))
        target = f"{pick.choice(names)}[{pick.choice(SAME[kind])}]"
        rows.append(f"        {target} {op} {value}")
    if pick.random() < 0.5:
        rows.append(f"        c = 0.5 * np.cos(c) + 0.1 * np.sum({pick.choice(ARRAYS)})")
    if pick.random() < 0.3:
        rows.append(f"        total += np.sum({pick.choice(ARRAYS)} ** 2)")
    ends = pick.sample(("np.sum(u * u)", "np.sum(v)", "np.sum(w * u) * c"), pick.randint(1, 3))
    rows.append(f"    return total + {' + '.join(ends)}")
    return "\n".join(rows) + "\n"


def lowered(fn, args) -> Callable[..., Any]:
    """The gradient by all but the number of steps, lowered for Numba, not compiled."""
    made = generate(Request(fn, types_of(args), (0, 1, 2, 3), "grad", backend="numba"))
    assert isinstance(made.call, Compiled)
    return made.call.__wrapped__


def check(text: str, rng: np.random.Generator) -> None:
    """Compare the lowered gradient of ``f`` with differences, for arrays of several lengths."""
    fn = function_of_text("f", text, {})
    made: dict[Any, Callable[..., Any]] = {}
    for n, steps in ((6, 2), (2, 1), (4, 3), (3, 0), (1, 2), (0, 1)):
        args = (*(rng.uniform(0.2, 0.9, n) for _ in range(3)), 0.7)
        types = types_of((*args, steps))
        if types not in made:
            made[types] = lowered(fn, (*args, steps))
        found = made[types](*copied(args), steps)
        direction = random_like(args, rng)

        def primal(*values, steps=steps):
            return fn(*copied(values), steps)

        wanted = directional(primal, args, direction)
        assert inner(found, direction) == pytest.approx(
            wanted.value, rel=1e-8, abs=1e-9 + 10 * wanted.error
        ), f"{n} items, {steps} steps\n{text}"


@pytest.mark.parametrize("seed", range(24))
def test_random_loops(seed: int) -> None:
    check(random_loop(seed), np.random.default_rng(seed))


def program(*rows: str, result: str = "np.sum(u * u)") -> str:
    body = "".join(f"        {row}\n" for row in rows)
    head = "def f(u, v, w, c, steps):\n    v = u.copy()\n    for k in range(steps):\n"
    return f"{head}{body}    return {result}\n"


STENCIL = "v[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])"
PROGRAMS = {
    "overwritten_in_turns": program(STENCIL, "u[1:-1] = v[1:-1]"),
    "overwritten_and_read_at_the_end": program(
        STENCIL, "u[1:-1] = v[1:-1]", result="np.sum(u * u) + np.sum(v * w)"
    ),
    "of_two_arrays": program(
        "v[1:-1] = u[1:-1] + c * (u[:-2] + w[2:])", "u[1:-1] = v[1:-1]", "w[1:] = v[1:] * c"
    ),
    "wide": program(
        "v[2:-2] = 0.1 * u[:-4] + 0.2 * u[1:-3] - u[2:-2] * c + 0.3 * u[4:]", "u[2:-2] = v[2:-2]"
    ),
    "one_sided": program("v[1:] = c * u[:-1]", "u[1:] = v[1:]"),
    "other_places": program(STENCIL, "u[2:] = v[1:-1]"),
    "less_is_overwritten": program(STENCIL, "u[2:-2] = v[2:-2]"),
    "more_is_overwritten": program(STENCIL, "u[:] = v"),
    "set_to_zero": program(STENCIL, "w[1:-1] = u[1:-1] * v[1:-1]", "u[1:-1] = 0.0", "u += w"),
    "in_place": program("u[1:-1] = 0.5 * u[1:-1] + 0.25 * (u[:-2] + u[2:])"),
    "in_some_turns": program(
        "if k % 2 == 0:", f"    {STENCIL}", "    u[1:-1] = v[1:-1]", "else:", "    u *= c"
    ),
    "with_an_inner_loop": program(
        "for i in range(2):", f"    {STENCIL}", "    u[1:-1] = v[1:-1]", "u[:1] *= c"
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, rng) -> None:
    check(PROGRAMS[name], rng)


def test_an_adjoint_that_is_zero_between_turns_is_not_kept() -> None:
    fn = function_of_text("f", PROGRAMS["overwritten_in_turns"], {})
    call = lowered(fn, (*(np.ones(5) for _ in range(3)), 0.5, 2))
    backward = "".join(linecache.getlines(call.__code__.co_filename)).split("# backward")[1]
    before, loop = backward.split("(steps - 1, -1, -1):")
    assert "np.empty" in before
    assert "np.empty" not in loop
    assert "v_bar[" not in loop
