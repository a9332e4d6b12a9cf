"""Random programs, as source text.

A program takes two floats ``a``, ``b`` and two arrays ``x``, ``y`` and returns a float. Its
statements rebind scalars and arrays, write into arrays and views, branch, loop and call helpers.
Expressions are smooth and stay small, so that differences are exact; conditions may lie near a
kink, which the caller finds out from the error of its differences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

__all__ = ["HELPERS", "LENGTH", "sources"]

LENGTH = 5
SLICES = {  # text -> length of that slice of an array of 5, 4, 3 and 2
    "1:": (4, 3, 2, 1),
    ":-1": (4, 3, 2, 1),
    "1:-1": (3, 2, 1, 0),
    "::2": (3, 2, 2, 1),
    "::-1": (5, 4, 3, 2),
    "2:": (3, 2, 1, 0),
    ":-2": (3, 2, 1, 0),
}
ARRAY_FUNCTIONS = ("np.sin({})", "np.tanh({})", "np.cos({})", "np.exp(-({}) ** 2)", "0.5 * ({})")
BINARY = (
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} / (1.5 + np.sin({}))",
    "np.where({0} > 0.1, {0}, {1})",
)
SCALAR_FUNCTIONS = ("np.sin({})", "math.tanh({})", "math.exp(-({}) ** 2)", "0.7 * ({})", "-({})")
SCALAR_BINARY = ("{} + {}", "{} - {}", "{} * {}", "{} / (1.5 + math.sin({}))", "max({}, {})")
UPDATES = ("+=", "-=", "*=", "=")

HELPERS = """\
import math

import numpy as np


def blend(s, v):
    if s > 0.2:
        return v * s
    return np.sin(v) + s


def shift(v):
    v[1:] += 0.5 * v[:-1]


def norm(v):
    total = 0.0
    for item in v:
        total = total + item * item
        if total > 4:
            return total / (1 + total)
    return total


def pair(s, v):
    return s * np.sum(v), np.cos(v)
"""


@dataclass
class Scope:
    """The names that are surely bound, and how deep in loops and branches we are."""

    scalars: list[str] = field(default_factory=lambda: ["a", "b"])
    arrays: dict[str, int] = field(default_factory=lambda: {"x": LENGTH, "y": LENGTH})
    indices: list[str] = field(default_factory=list)
    depth: int = 0
    fresh: list[int] = field(default_factory=lambda: [0])

    def inside(self) -> Scope:
        return Scope(
            list(self.scalars), dict(self.arrays), list(self.indices), self.depth + 1, self.fresh
        )

    def name(self, base: str) -> str:
        self.fresh[0] += 1
        return f"{base}{self.fresh[0]}"


def _choose(draw: Any, options: Any) -> Any:
    return draw(st.sampled_from(tuple(options)))


def _slice_length(text: str, length: int) -> int:
    return SLICES[text][LENGTH - length]


def _array_leaf(draw: Any, scope: Scope, length: int) -> str:
    whole = [name for name, n in scope.arrays.items() if n == length]
    parts = [
        f"{name}[{text}]"
        for name, n in scope.arrays.items()
        if 2 <= n <= LENGTH
        for text in SLICES
        if _slice_length(text, n) == length
    ]
    return _choose(draw, whole + parts + [f"{scope.scalars[-1]} * np.ones({length})"])


def array(draw: Any, scope: Scope, length: int, depth: int = 2) -> str:
    """An expression for an array of ``length`` items."""
    kind = draw(st.integers(0, 5)) if depth else 0
    if kind == 0:
        return _array_leaf(draw, scope, length)
    if kind <= 2:
        return _choose(draw, ARRAY_FUNCTIONS).format(array(draw, scope, length, depth - 1))
    left = array(draw, scope, length, depth - 1)
    if kind == 3:
        return f"({left}) * ({scalar(draw, scope, depth - 1)})"
    right = array(draw, scope, length, depth - 1)
    return _choose(draw, BINARY).format(f"({left})", f"({right})")


def scalar(draw: Any, scope: Scope, depth: int = 2) -> str:
    """An expression for a float."""
    kind = draw(st.integers(0, 6)) if depth else 0
    if kind <= 1:
        return _choose(draw, [*scope.scalars, "0.3", "1.2"])
    if kind == 2:
        return _choose(draw, SCALAR_FUNCTIONS).format(scalar(draw, scope, depth - 1))
    if kind == 3:
        name = _choose(draw, [n for n, k in scope.arrays.items() if k >= 2])
        return f"{name}[{_choose(draw, [*scope.indices, '0', '-1', '1'])}]"
    if kind == 4:
        reduce = _choose(draw, ("np.sum", "np.mean", "norm"))
        return f"{reduce}({array(draw, scope, _choose(draw, (3, LENGTH)), depth - 1)})"
    left, right = scalar(draw, scope, depth - 1), scalar(draw, scope, depth - 1)
    return _choose(draw, SCALAR_BINARY).format(f"({left})", f"({right})")


def _bind_scalar(draw: Any, scope: Scope) -> list[str]:
    value = scalar(draw, scope)
    new = draw(st.booleans())
    name = scope.name("s") if new else _choose(draw, scope.scalars)
    if new:
        scope.scalars.append(name)
    return [f"{name} = {value if scope.depth == 0 else f'np.sin({value})'}"]


def _augment_scalar(draw: Any, scope: Scope) -> list[str]:
    return [f"{_choose(draw, scope.scalars)} += 0.3 * ({scalar(draw, scope, 1)})"]


def _bind_array(draw: Any, scope: Scope) -> list[str]:
    length = _choose(draw, (3, 4, LENGTH))
    # Not a bare name or view: what may share memory is the business of `_bind_view`.
    value = f"0.5 + ({array(draw, scope, length)})"
    old = [name for name, n in scope.arrays.items() if n == length]
    if old and draw(st.booleans()):
        return [f"{_choose(draw, old)} = np.sin({value})"]
    name = scope.name("v")
    scope.arrays[name] = length
    return [f"{name} = {value}"]


def _bind_view(draw: Any, scope: Scope) -> list[str]:
    base = _choose(draw, scope.arrays)
    if scope.arrays[base] < 3:
        return [f"{base} += 0.1"]
    text = _choose(draw, SLICES)
    name = scope.name("w")
    length = _slice_length(text, scope.arrays[base])
    if length >= 2:
        scope.arrays[name] = length
    return [f"{name} = {base}[{text}]"]


def _write(draw: Any, scope: Scope) -> list[str]:
    name = _choose(draw, scope.arrays)
    length = scope.arrays[name]
    kind = draw(st.integers(0, 3))
    if kind == 0:
        value = f"np.sin({array(draw, scope, length)})"
        return [f"{name} {_choose(draw, UPDATES[:3])} {value}"]
    if kind == 1:
        index = _choose(draw, [*(scope.indices if length == LENGTH else ()), "0", "-1", "1"])
        return [f"{name}[{index}] {_choose(draw, UPDATES)} {scalar(draw, scope)}"]
    text = _choose(draw, [*SLICES, ":"])
    n = length if text == ":" else _slice_length(text, length)
    if n == 0 or kind == 2:
        return [f"{name}[{text}] {_choose(draw, UPDATES)} {scalar(draw, scope, 1)}"]
    return [f"{name}[{text}] {_choose(draw, UPDATES)} np.sin({array(draw, scope, n)})"]


def _call(draw: Any, scope: Scope) -> list[str]:
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return [f"shift({_choose(draw, scope.arrays)})"]
    length = _choose(draw, (3, LENGTH))
    given = f"{scalar(draw, scope, 1)}, {array(draw, scope, length, 1)}"
    name = scope.name("v")
    scope.arrays[name] = length
    if kind == 1:
        return [f"{name} = blend({given})"]
    s = scope.name("s")
    scope.scalars.append(s)
    return [f"{s}, {name} = pair({given})"]


def _branch(draw: Any, scope: Scope) -> list[str]:
    test = f"{scalar(draw, scope, 1)} > {_choose(draw, ('0.15', '0.7', '-0.4'))}"
    lines = [f"if {test}:", *_indented(block(draw, scope.inside()))]
    if draw(st.booleans()):
        lines += ["else:", *_indented(block(draw, scope.inside()))]
    return lines


def _for(draw: Any, scope: Scope) -> list[str]:
    inner = scope.inside()
    i = scope.name("i")
    kind = draw(st.integers(0, 2))
    if kind == 0:
        head = f"for {i} in range({_choose(draw, (0, 2, 3))}):"
        inner.indices.append(i)
    elif kind == 1:
        head = f"for {i} in {_choose(draw, ('x', 'y'))}.copy():"
        inner.scalars.append(i)
    else:
        item = scope.name("t")
        inner.scalars.append(item)
        inner.indices.append(i)
        head = f"for {i}, {item} in enumerate({_choose(draw, ('x', 'y'))}[:3] * 0.5):"
    return [head, *_indented(block(draw, inner) + _exit(draw, inner))]


def _while(draw: Any, scope: Scope) -> list[str]:
    inner = scope.inside()
    k = scope.name("k")
    inner.indices.append(k)
    body = block(draw, inner)
    head = f"while {k} < {draw(st.integers(1, 3))}:"
    return [f"{k} = 0", head, *_indented([*body, f"{k} += 1", *_exit(draw, inner)])]


def _exit(draw: Any, scope: Scope) -> list[str]:
    kind = draw(st.integers(0, 6))
    if kind > 2:
        return []
    test = f"if {scalar(draw, scope, 1)} > {_choose(draw, ('0.35', '0.9'))}:"
    leave = ("break", "continue", f"return {scalar(draw, scope, 1)} * a")[kind]
    return [test, f"    {leave}"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


SIMPLE = (_bind_scalar, _augment_scalar, _bind_array, _bind_view, _write, _write, _call)
NESTED = (_branch, _for, _while)


def block(draw: Any, scope: Scope) -> list[str]:
    """One to four statements."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4 if scope.depth else 6))):
        options = SIMPLE if scope.depth >= 2 else SIMPLE + NESTED
        lines += _choose(draw, options)(draw, scope)
    return lines


@st.composite
def sources(draw: Any) -> str:
    """The text of a module with the helpers and a function ``f(a, b, x, y)``."""
    scope = Scope()
    lines = block(draw, scope)
    terms = [f"np.sum(np.sin({name}))" for name in scope.arrays] + list(scope.scalars)
    lines.append("return " + " + ".join(terms))
    return f"{HELPERS}\n\ndef f(a, b, x, y):\n" + "\n".join(_indented(lines)) + "\n"
