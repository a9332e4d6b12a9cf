"""Random control flow: the same steps, in the same order, with the same result."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from srcad.frontend.lower import lower
from srcad.ir.check import check
from srcad.passes.atoms import atoms
from srcad.passes.single_exit import single_exit
from tests.ir_interpreter import run


class _Writer:
    """Writes a function ``f(a, b)`` that always ends, and notes its steps by calling ``note``."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.lines = ["def f(a, b):", "    s = 0"]
        self.count = 0
        self.block(1, False, 3)
        if self.random.random() < 0.8:
            self.lines.append("    return " + self.random.choice(["s", "0", "s + a", "note(s), b"]))

    def test(self) -> str:
        self.count += 1
        kind = self.random.randrange(6)
        one = f"(note({self.count}) + a + s) % {self.random.randint(2, 4)} == 0"
        if kind == 0:
            return f"{one} and b > {self.random.randint(-1, 3)}"
        if kind == 1:
            return f"0 < note({self.count}) + s - b * 3 < {self.random.randint(3, 30)}"
        if kind == 2:
            return f"not ({one} or note(a) > b)"
        return one

    def block(self, depth: int, loop: bool, size: int) -> None:
        for _ in range(self.random.randint(1, size)):
            self.statement(depth, loop)

    def statement(self, depth: int, loop: bool) -> None:
        pad = "    " * depth
        self.count += 1
        kind = self.random.randrange(12 if depth < 5 else 4)
        if kind < 4:
            choices = [f"s += note({self.count})", "s = s * 2 % 17 if s > a else note(s)"]
            choices += ["a, s = s, a + b", f"s = s + sum([k * b for k in range({kind})])"]
            choices += ["return s", f"return note({self.count})", "return"][: kind // 2 + 1]
            if loop:
                choices += ["break", "continue"]
            self.lines.append(pad + self.random.choice(choices))
        elif kind < 9:
            self.lines.append(f"{pad}if {self.test()}:")
            self.block(depth + 1, loop, 3)
            if self.random.random() < 0.3:
                self.lines.append(f"{pad}elif {self.test()}:")
                self.block(depth + 1, loop, 2)
            if self.random.random() < 0.4:
                self.lines.append(f"{pad}else:")
                self.block(depth + 1, loop, 3)
        else:
            self.loop(pad, depth, kind)
            if self.random.random() < 0.35:
                self.lines.append(f"{pad}else:")
                self.block(depth + 1, loop, 2)

    def loop(self, pad: str, depth: int, kind: int) -> None:
        n = f"n_{self.count}"
        if kind == 9:
            self.lines.append(f"{pad}for i in range(a % 4 + 1):")
            self.lines.append(f"{pad}    s += i")
        else:
            self.lines.append(f"{pad}{n} = 0")
            forever = self.random.random() < 0.4
            test = "True" if forever else f"{n} < {self.random.randint(1, 4)}"
            self.lines.append(f"{pad}while {test}:")
            self.lines.append(f"{pad}    {n} += 1")
            if forever:
                leave = self.random.choice(["break", "return s"])
                self.lines.append(f"{pad}    if {n} > 3:")
                self.lines.append(f"{pad}        {leave}")
        self.block(depth + 1, True, 3)


def _compiled(text: str, name: str, log: list[object]) -> Callable[..., Any]:
    def note(value: Any) -> Any:
        log.append(value)
        return value

    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {"note": note}
    exec(compile(text, name, "exec"), namespace)
    return namespace["f"]


@pytest.mark.parametrize("seed", range(120))
def test_random_program(seed: int) -> None:
    text = "\n".join(_Writer(seed).lines) + "\n"
    log: list[object] = []
    f = _compiled(text, f"<random control flow {seed}>", log)
    surface = lower(f)
    one = single_exit(surface)
    normal = atoms(one)
    check(surface, "surface")
    check(one, "surface")
    check(normal, "normal")
    for args in [(0, 0), (1, 2), (3, -1), (6, 1)]:
        results = []
        for program in (f, surface, one, normal):
            log.clear()
            value = program(*args) if program is f else run(program, *args)  # type: ignore[operator, arg-type]  # f is the function
            results.append((value, tuple(log)))
        assert results[1:] == results[:1] * 3, text
    del linecache.cache[f"<random control flow {seed}>"]
