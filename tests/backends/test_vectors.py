"""Loops over items, run as plain Python: they compute what the array statements do."""

from __future__ import annotations

import linecache
import random

import numpy as np
import pytest

from srcad.backends.numba.compile import Compiled
from srcad.derivatives.abstract import types_of
from srcad.pipeline import Request, generate
from tests.adapters import function_of_text


def lowered(fn, args) -> Compiled:
    """The forward half for Numba, not compiled: it returns the value first."""
    made = generate(Request(fn, types_of(args), tuple(range(len(args))), "vjp", backend="numba"))
    assert isinstance(made.call, Compiled)
    return made.call


SLICES = ("1:-1", ":-2", "2:", ":", "1:", ":-1")
SAME = {"1:-1": ("1:-1", ":-2", "2:"), ":": (":",), "1:": ("1:", ":-1")}


def random_program(seed: int) -> str:
    """Updates of three arrays by expressions of their slices, some kept in variables meanwhile."""
    pick = random.Random(seed)
    rows = ["def f(u, v, w, c):", "    u = u.copy()", "    v = v.copy()", "    w = w.copy()"]
    named: list[tuple[str, str]] = []
    for i in range(pick.randint(4, 12)):
        kind = pick.choice(sorted(SAME))
        parts = [f"{pick.choice('uvw')}[{pick.choice(SAME[kind])}]" for _ in range(3)]
        parts += [name for name, k in named if k == kind]
        a, b = pick.choice(parts), pick.choice(parts)
        value = pick.choice(
            (a, f"c * {a}", f"{a} + {b}", f"0.5 * {a} - {b} * 0.25", f"np.sin({a})", f"-{a} + c")
        )
        if pick.random() < 0.35:
            copied = value if value != a or a in dict(named) else f"{a}.copy()"
            rows.append(f"    m{i} = {copied}")
            named.append((f"m{i}", kind))
        elif pick.random() < 0.1:
            rows.append(f"    c = 0.5 * c + 0.1 * np.sum({a})")
        else:
            op = pick.choice(("=", "+=", "+=", "-="))
            rows.append(f"    {pick.choice('uvw')}[{pick.choice(SAME[kind])}] {op} {value}")
    rows.append("    return np.sum(u * u) + np.sum(v) + np.sum(w * w * w) * c")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("seed", range(24))
def test_random_updates(seed: int) -> None:
    text = random_program(seed)
    fn = function_of_text("f", text, {})
    loops = 0
    for n in (7, 2, 1):
        rng = np.random.default_rng(seed)
        args = (*(rng.normal(size=n) for _ in range(3)), 0.7)
        call = lowered(fn, args)
        found = call.__wrapped__(*args)[0]
        assert found == pytest.approx(fn(*args), rel=1e-12), text
        shown = "".join(linecache.getlines(call.__wrapped__.__code__.co_filename))
        loops += shown.count("for ")
    assert loops > 0, text
