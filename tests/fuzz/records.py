"""Random programs of dataclasses, named tuples, tuples and dicts, as source text.

They make such containers, with defaults and without, read them by fields, methods and unpacking,
replace parts of them, and give them to functions, in branches and loops.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

HEAD = """\
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np


@dataclass
class Load:
    w: Any
    b: Any = 2.0
    n: int = 1

    def area(self, k=1.5):
        return np.tanh(np.sum(self.w) * self.b * k)

    def grown(self, by=None):
        return Load(self.w * 0.5 if by is None else self.w * by, self.b)

    @property
    def half(self):
        return self.b * 0.5


@dataclass
class Heavy(Load):
    c: Any = 0.5

    def area(self, k=1.5):
        return Load.area(self, k) + self.c


class Pair(NamedTuple):
    a: Any
    b: Any = 3.0

    def total(self):
        return np.tanh(self.a * self.b)


def built(v, s=1.0, *, t=0.5):
    return Load(v * s, t), Pair(v[0], s)


def stepped(p, s=Pair(1.0)):
    return replace(p, w=p.w * s.b, b=np.tanh(p.b + s.a))


def either(v, s):
    if s > 0.3:
        return {"a": v, "b": s}
    return {"a": v * 2.0, "b": 1.0}


def many(*pairs, scale=Pair(2.0, 1.0), **more):
    total = 0.0
    for p in pairs:
        total = total + p.a * scale.b
    for k in more:
        total = total + more[k] * scale.a
    return np.sin(total)
"""
# What the names of a kind, `{p}` and so on, give: a number `{S}`, or an array `{V}`.
NUMBERS = (
    *("{s}", "{s}", "0.7", "{v}[1]", "np.sin({s})", "({s} * {s})", "({s} if {s} > 0.2 else {s})"),
    *("{p}.b", "{p}.area()", "{p}.area({s})", "{p}.half", "{p}.w[2]", "{q}.b", "{q}[0]"),
    *("{h}.area()", "{h}.half", "np.sum({h}.w)", "{h}.b", "{h}.c"),
    *("{q}.total()", "many({q}, Pair({s}))", "many(z={s})", "many({q}, scale=Pair({s}))"),
    *("{t}[1]", "{t}[0][0]", "{d}['b']", "np.sum({d}['a'])", "{d}.get('z', {s})"),
)
ARRAYS = ("{v}", "np.sin({v})", "({v} * {S})", "{v}[::-1]", "{p}.w", "{t}[0]", "{d}['a']")
MADE = {
    "s": ("{S}", "np.tanh({S} + {S})"),
    "v": ("{V} * 1.0", "{V} + {V}"),
    "p": (
        *("Load({V})", "Load({V}, {S})", "Load(b={S}, w={V}, n=2)", "{p}.grown()"),
        *("stepped({p})", "stepped({p}, {q})", "stepped({p}, s=Pair({S}))"),
        *("replace({p}, b={S})", "{p}.grown({S})", "built({V}, t={S})[0]"),
    ),
    "h": ("Heavy({V})", "Heavy({V}, c={S})", "Heavy({V}, {S}, 2, {S})"),
    "q": (
        *("Pair({S})", "Pair({S}, {S})", "Pair(b={S}, a={S})", "built({V})[1]", "Pair(*{q})"),
        *("{q}._replace(a={S})", "built({V}, {S})[1]"),
    ),
    "t": ("({V}, {S})", "({t}[0] * 0.5, {S})", "({V}, *{t}[1:])"),
    "d": (
        *("{{'a': {V}, 'b': {S}}}", "either({V}, {S})", "dict(a={V}, b={S})"),
        *("{{**{d}, 'b': {S}}}", "{d} | {{'a': {V}}}"),
    ),
}
RESULTS = {
    **{
        "s": "{}",
        "v": "np.sum({})",
        "p": "{}.area()",
        "h": "{}.area()",
        "q": "{}.total()",
        "t": "{}[1]",
    },
    "d": "np.sum({0}['a']) * {0}['b']",
}
Names = dict[str, list[str]]


def source(random: Random) -> str:
    """The text of a program, ``f(x, y)`` of two arrays of four numbers."""
    names: Names = {"s": ["s"], "v": ["x", "y"], "p": [], "h": [], "q": [], "t": [], "d": []}
    lines = ["s = x[0] * y[1]", *_block(random, names, random.randint(5, 10), 2)]
    total = " + ".join(
        f"{k + 1} * {RESULTS[kind].format(name)}"
        for kind, of_kind in names.items()
        for k, name in enumerate(of_kind)
    )
    body = "\n".join(f"    {line}" for line in (*lines, f"return np.tanh(0.05 * ({total}))"))
    return f"{HEAD}\n\ndef f(x, y):\n{body}\n"


def _block(random: Random, names: Names, length: int, depth: int) -> list[str]:
    lines: list[str] = []
    for _ in range(length):
        if depth and random.random() < 0.25:
            inner = {kind: [*some] for kind, some in names.items()}
            head = random.choice(
                (
                    *(f"for _ in range({random.choice((0, 2, 3))}):", "for s in y[:3]:"),
                    *(_filled(random, t, names) for t in ("if {S} > 0.1:", "for s in ({S}, {S}):")),
                )
            )
            within = _block(random, inner, random.randint(1, 3), depth - 1)
            lines += [head, *(f"    {line}" for line in within)]
        else:
            kind = random.choice([*MADE])
            value = _filled(random, _choice(random, MADE[kind], names), names)
            new = f"{kind}{sum(map(len, names.values()))}"
            name = random.choice([*names[kind], new])
            lines.append(f"{name} = {value}")
            if name not in names[kind]:
                names[kind].append(name)
    return lines


def _choice(random: Random, of: tuple[str, ...], names: Names) -> str:
    """One of the templates for which there are names."""
    there = [t for t in of if all("{" + k + "}" not in t or some for k, some in names.items())]
    return random.choice(there)


def _filled(random: Random, template: str, names: Names) -> str:
    """``template`` with names in their places; it is filled from the left, each place anew."""
    for place, of in (("{V}", ARRAYS), ("{S}", NUMBERS)):
        while place in template:
            template = template.replace(place, _choice(random, of, names), 1)
    for kind, some in names.items():
        while "{" + kind + "}" in template:
            template = template.replace("{" + kind + "}", random.choice(some), 1)
    return template.replace("{{", "{").replace("}}", "}")
