"""Random programs whose arrays start as constants and gain item by item, as source text.

A program takes two arrays of four numbers. Its arrays ``a``, ``b`` and ``c`` are zeros, ones or
other constants at first. Items and slices of them are lowered, raised, scaled and set, with many
signs and literals, so that what is added to zeros and taken from them meets in every order.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

ARRAYS, NUMBERS = ("a", "b", "c"), ("s", "t")
STARTS = (
    "np.zeros(4)",
    "np.zeros(4)",
    "np.ones(4)",
    "np.zeros_like(x)",
    "np.full(4, 0.5)",
    "np.arange(4.0)",
    "np.array([1.0, 0.0, x[0], 2.0])",
)
LITERALS = ("0.5", "2", "3.0", "0.25", "-1", "-0.5", "1")
PARTS = ("[1:]", "[:-1]", "[::2]", "[1:3]", "[::-1]", "[[0, 2]]", "[2:]", "[:2]")
OPS = ("-=", "-=", "-=", "+=", "*=", "=")
TESTS = ("x[0] > 0", "y[0] > 0", "t > 0.1")
RESULT = (
    "np.sum(np.sin(a) * np.arange(1.0, 5.0)) + np.sum(np.cos(b) * x) + 0.1 * np.sum(c * c)"
    " + s * t + np.sum(np.sin(2 * b)) - 0.5 * np.sum(a * c * y)"
)


def source(random: Random) -> str:
    """The text of a program, ``f(x, y)``."""
    lines = [f"{name} = {random.choice(STARTS)}" for name in ARRAYS]
    lines += ["s = 0.0", "t = 1.0"]
    for _ in range(random.randint(3, 9)):
        lines += _statement(random, 0, in_loop=False)
    body = "\n".join(f"    {line}" for line in [*lines, f"return {RESULT}"])
    return f"import numpy as np\n\n\ndef f(x, y):\n{body}\n"


def _statement(random: Random, depth: int, *, in_loop: bool) -> list[str]:
    name, op = random.choice(ARRAYS), random.choice(OPS)
    kinds = ["item"] * 5 + ["part"] * 2 + ["all", "number"] + ["loop", "branch"] * (depth < 2)
    match random.choice(kinds):
        case "item":
            at = random.choice(("0", "1", "2", "-1", *(["i", "i"] * in_loop)))
            return [f"{name}[{at}] {op} {_number(random, 0, in_loop)}"]
        case "part":
            part = random.choice(PARTS)
            return [f"{name}{part} {op} {_vector(random, part, in_loop)}"]
        case "all":
            end = "[:]" if op == "=" else ""
            return [f"{name}{end} {op} {_vector(random, '', in_loop)}"]
        case "number":
            return [f"{random.choice(NUMBERS)} {op} {_number(random, 0, in_loop)}"]
        case "loop":
            count = random.randint(1, 3)
            inner = [_statement(random, depth + 1, in_loop=True) for _ in range(count)]
            head = f"for i in range({random.choice((2, 3, 4))}):"
            return [head, *(f"    {line}" for lines in inner for line in lines)]
        case _:
            inside = _statement(random, depth + 1, in_loop=in_loop)
            return [f"if {random.choice(TESTS)}:", *(f"    {line}" for line in inside)]


def _number(random: Random, depth: int, in_loop: bool) -> str:
    name = random.choice(ARRAYS)
    bases = ["x[0]", "x[1]", "y[2]", "np.sum(x)", "np.sum(y[1:])", f"np.sum({name})", f"x @ {name}"]
    bases += [*NUMBERS, f"{name}[{random.choice((0, 1, -1))}]", *(["x[i]", f"{name}[i]"] * in_loop)]
    base = random.choice(bases)
    if depth > 1:
        return base
    other = _number(random, depth + 1, in_loop)
    scaled = f"{random.choice(LITERALS)} * {other}"
    both = (f"({other} - {base})", f"({base} - {scaled})", f"({other} + {base})")
    alone = (base, base, scaled, scaled, f"(-{base})", f"np.sin({base})", f"{base} / -4")
    return random.choice((*both, *alone))


def _vector(random: Random, part: str, in_loop: bool) -> str:
    v, w = (f"{random.choice((*ARRAYS, 'x', 'y'))}{part}" for _ in range(2))
    scaled = f"{random.choice(LITERALS)} * {v}"
    number = _number(random, 1, in_loop)
    return random.choice((v, scaled, f"({v} - {w})", f"(-{v})", f"{number} * {v}", number))
