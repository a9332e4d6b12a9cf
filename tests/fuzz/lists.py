"""Random programs that run over lists of arrays, as source text.

A program takes two lists of three arrays and an array of three numbers. It runs over the lists in
every way that there is, alone and beside each other, in loops inside loops, leaves some of these
early, reads single items besides, and makes lists of its own.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

VALUES = (
    *("np.sin({A}) + {B}", "{A} * {B}", "np.tanh({A} * {B}) + x", "{A} + 0.5 * {B}", "{A}"),
    *("{A} - {B}[::-1]", "np.cumsum({A}) * 0.3", "{A} * np.sum({B}) * 0.2"),
)
HEADS = (
    *("for {w} in {L}:", "for {w}, {v} in zip({L}, {M}):", "for {i}, {w} in enumerate({L}, 1):"),
    *("for {w} in reversed({L}):", "for {w} in {L}[1:]:", "for {w} in [{L}[0], x, {M}[-1]]:"),
    *("for {i} in range(len({L})):", "for {w} in ({L}[1], {M}[0] * x):", "for {w} in [*{L}, x]:"),
)
ENDS = ("x = np.tanh(x * {w}) + 0.1 * x", "total = total + np.sum({w} * x)")


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.lists = ["ws", "bs"]
        self.count = 0

    def fresh(self, base: str) -> str:
        self.count += 1
        return f"{base}{self.count}"

    def value(self, names: list[str]) -> str:
        a, b = self.random.choice(names), self.random.choice(names)
        return self.random.choice(VALUES).format(A=a, B=b)

    def made(self) -> list[str]:
        """A new list, made by a loop or a comprehension."""
        name, over = self.fresh("g"), self.random.choice(self.lists)
        value = self.value(["p", "x"])
        self.lists.append(name)
        if self.random.random() < 0.5:
            return [f"{name} = [{value} for p in {over}]"]
        return [f"{name} = []", f"for p in {over}:", f"    {name}.append({value})"]

    def loop(self, names: list[str], depth: int) -> list[str]:
        """A loop with all that is in it."""
        w, v, i = self.fresh("w"), self.fresh("v"), self.fresh("i")
        over, beside = self.random.choice(self.lists), self.random.choice(self.lists)
        head = self.random.choice(HEADS)
        inner = [*names, w, *([v] if "{v}" in head else [])]
        body: list[str] = []
        if "range" in head:
            body.append(f"{w} = {over}[{i}]")
        if "enumerate" in head:
            body.append(f"{w} = {w} * {i}")
        if self.random.random() < 0.3:
            leaving = self.random.choice(("break", "continue"))
            body += [f"if np.sum({w}) > 2.0:", f"    {leaving}"]
        body += self.block(inner, depth + 1)
        body.append(self.random.choice(ENDS).format(w=w))
        return [head.format(w=w, v=v, i=i, L=over, M=beside), *_indented(body)]

    def block(self, names: list[str], depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += self.statement(names, depth)
        return lines

    def statement(self, names: list[str], depth: int) -> list[str]:
        what = self.random.random()
        if what < 0.35:
            target = self.random.choice(("x", self.fresh("y")))
            line = f"{target} = {self.value(names)}"
            if target not in names:
                names.append(target)
            return [line]
        if what < 0.5:
            return [f"total = total + np.sum({self.value(names)})"]
        if what < 0.65 and depth < 2:
            lines = [f"if np.sum({self.random.choice(names)}) > 0.3:"]
            lines += _indented(self.block(list(names), depth + 1))
            if self.random.random() < 0.5:
                lines += ["else:", *_indented(self.block(list(names), depth + 1))]
            return lines
        if what < 0.85 and depth < 2:
            return self.loop(names, depth)
        item = self.random.choice(("0", "-1", "1"))
        return [f"x = x + {self.random.choice(self.lists)}[{item}] * 0.5"]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def source(random: Random) -> str:
    """The text of a program, ``f(ws, bs, x)``."""
    writer = _Writer(random)
    lines = ["total = 0.0"]
    for _ in range(random.randint(1, 3)):
        if random.random() < 0.4:
            lines += writer.made()
        lines += writer.loop(["x"], 0)
    lines.append("return total + np.sum(x * x)")
    body = "\n".join(_indented(lines))
    return f"import numpy as np\n\n\ndef f(ws, bs, x):\n{body}\n"
