"""Random programs whose helpers are called with arrays of many lengths, as source text.

A program takes two arrays of four numbers. Its helpers add, multiply, cut, join, pad and loop over
what they are given, call each other, and some return several results. They are called with wholes,
parts, masks, arrays of one item, results of each other and numbers, also by what a loop decides: so
one helper is asked for by arguments whose lengths are known, are equal, differ by one, or are not
known at all.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from tests.fuzz.outcomes import X, Y

__all__ = ["source"]

HELPERS = {
    "added": "u + v",
    "scaled": "np.sin(u) * v",
    "ratio": "u / (2.0 + v * v)",
    "joined": "np.concatenate([np.atleast_1d(u), np.atleast_1d(v)])",
    "spread": "np.sum(u) * v + np.sum(v)",
    "crossed": "np.outer(u, v).sum(axis=1) + np.sum(v)",
    "cut": "np.atleast_1d(u)[1:] * np.sum(v)",
    "shorter": "np.atleast_1d(u)[:-1] + np.atleast_1d(u)[1:] * np.sum(v)",
    "whole": "np.ones(np.size(u)) * np.cos(np.sum(v)) - u",
    "larger": "np.maximum(u, 0.1 * v)",
    "chosen": "np.where(u > v, u, 0.5 * v)",
    "pair": "(u * np.sum(v), v)",
}
LOOPS = (
    """def turned(u, v):
    w = u * 1.0
    for k in range(2):
        w = np.tanh(w * v) + 0.1 * k
    return w
""",
    """def filled(u, v):
    u = np.atleast_1d(u)
    out = np.zeros(len(u))
    for k in range(len(u)):
        out[k] = u[k] * u[k - 1] + np.sum(v)
    return out
""",
    """def padded(u, v):
    u = np.atleast_1d(u)
    out = np.ones(len(u) + 1)
    out[1:] = u
    out[0] *= np.sum(v)
    return out
""",
    """def summed(u, v):
    u = np.atleast_1d(u)
    if len(u) < 2:
        return np.sum(u * v)
    return u[0] + summed(u[1:], v) * 0.5
""",
)
NAMES = (*HELPERS, "turned", "filled", "padded", "summed")
PARTS = ("", "", "[1:]", "[:-1]", "[:1]", "[2:]", "[::2]")


def source(random: Random) -> str:
    """The text of a program, ``f(x, y)``."""
    text = "import numpy as np\n\n\n"
    before: list[str] = []
    for name, result in HELPERS.items():
        inner = random.choice(before) if before and random.random() < 0.3 else ""
        if inner and name != "pair":
            result += f" + np.sum({inner}(v, u))"
        text += f"def {name}(u, v):\n    return {result}\n\n\n"
        before.append(name)
    text += "".join(f"{loop}\n\n" for loop in LOOPS)
    lines = ["a = x", "s = 0.0"]
    wanted = random.randint(3, 6)
    while wanted:
        more = [*lines, *_statement(random, in_loop=False)]
        if _fits(_program(text, more)):
            lines, wanted = more, wanted - 1
    return _program(text, lines)


def _program(text: str, lines: list[str]) -> str:
    body = "\n".join(f"    {line}" for line in [*lines, "return s + np.sum(np.sin(a))"])
    return f"{text}def f(x, y):\n{body}\n"


def _fits(text: str) -> bool:
    """Whether NumPy can run the program: not all lengths go together."""
    there: dict[str, Any] = {}
    exec(text, there)
    try:
        with np.errstate(all="ignore"):
            return abs(there["f"](X, Y)) < 1e3
    except (ValueError, IndexError):
        return False


def _statement(random: Random, *, in_loop: bool) -> list[str]:
    match random.choice(("sum", "sum", "sum", "array", *(["loop"] * (not in_loop)))):
        case "sum":
            return [f"s = s + np.sum({_call(random, 0, in_loop)})"]
        case "array":
            return [f"a = {_call(random, 0, in_loop)}"]
        case _:
            count = random.randint(1, 2)
            inner = [line for _ in range(count) for line in _statement(random, in_loop=True)]
            head = random.choice(("for i in range(1, 4):", "for i in range(len(y)):"))
            return [head, *(f"    {line}" for line in inner)]


def _call(random: Random, depth: int, in_loop: bool) -> str:
    name = random.choice(NAMES)
    u, v = _argument(random, depth, in_loop), _argument(random, depth, in_loop)
    picked = "[0]" if name == "pair" else ""
    return f"{name}({u}, {v}){picked}"


def _argument(random: Random, depth: int, in_loop: bool) -> str:
    if depth < 2 and random.random() < 0.3:
        return _call(random, depth + 1, in_loop)
    array = random.choice(("x", "y", "y", "a"))
    if array != "a" and random.random() < 0.15:
        return f"{array}[{array} > 0]"
    if array != "a" and random.random() < 0.15:
        return random.choice((f"{array}[0]", "0.7", f"np.sum({array})"))
    moving = ("[i:]", "[:i]", "[i:]", "[-i:]") if in_loop else ()
    return f"{array}{random.choice((*PARTS, *moving))}"
