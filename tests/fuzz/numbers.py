"""Random programs in which numbers become arrays without axes, and these numbers, as source text.

A number cannot be changed, an array without axes can, and arithmetic on it gives numbers. A program
takes an array of three numbers. It has up to four names for what has no axes, which it exchanges,
changes, converts and gives to functions that change what they compute with, in branches and loops.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

NAMES = ("a", "b", "c", "d")
HELPERS = """\
def product(v, start=1.0):
    total = start
    for each in v:
        total *= 0.5 + each * each
    return total


def products(v):
    return product(v) + product(v[1:])


def collected(v, start):
    total = np.zeros(())
    total[...] = start
    for each in v:
        total += each * total
    return total


def grown(t, by):
    t = t * 1.0
    t *= by
    t += 0.3
    return t


def both(t, u):
    t = t * u
    u = u - t
    return t, u
"""
NEW = (
    *("product(x)", "products(x)", "product(x, {A})", "products(x * {A})", "collected(x, {A})"),
    *("collected(x[1:], products(x))", "grown({A}, {B})", "grown(x, {A})[1]", "{A} * {B}"),
    *("{A} + {B}", "np.sin({A})", "-{A}", "x[0]", "np.sum(x)", "x @ x", "{A} * x[1]", "0.5"),
)
CONVERTED = (
    *("np.array({A})", "np.asarray({A})", "np.reshape({A}, ())", "np.reshape({A}, 1)[0]"),
    *("np.squeeze({A})", "np.ravel({A})[0]", "np.expand_dims({A}, 0)[0]", "np.copy({A})"),
    *("np.where(x[0] > 0, {A}, {B})", "np.where({A} > {B}, {A}, 0.5)", "np.full((), {A})"),
    *("np.stack([{A}, {B}])[1]", "np.transpose({A})", "np.broadcast_to({A}, (2,))[1]"),
    *("np.squeeze(x[:1])", "x[1:2].reshape(())", "np.zeros(())", "np.asarray({A})[()]"),
    *("np.asarray({A})[...]", "np.real({A})", "np.einsum('i,i->', x, x)", "np.tensordot(x, x, 1)"),
    *("np.array([{A}, {B}])[0]", "np.atleast_1d({A})[0]", "np.median(x)", "({A}, {B})[0]"),
    *("[{A}, {B}][-1]", "{{'k': {A}}}['k']", "np.max([{A}, {B}])", "np.add({A}, np.zeros(()))"),
)
VALUES = ("{A}", "0.9", "x[2]", "products(x)", "{A} * {B}", "np.cos({A})")
TESTS = ("{A} > 0.4", "x[0] > 0", "np.sum(x) > {A}", "x[1] < {B}")


def source(random: Random) -> str:
    """The text of a program, ``f(x)``."""
    lines = ["a = product(x)", "b = x[0] * x[1]"]
    made = {"a", "b"}
    for _ in range(random.randint(3, 7)):
        lines += _statement(random, made, 0)
    total = " + ".join(f"{k + 1} * {v} * {v}" for k, v in enumerate(sorted(made)))
    lines.append(f"return {random.choice((total, f'np.sin({total})', f'{total} + np.sum(x * x)'))}")
    body = "\n".join(f"    {line}" for line in lines)
    return f"import numpy as np\n\n\n{HELPERS}\n\ndef f(x):\n{body}\n"


def _statement(random: Random, made: set[str], depth: int) -> list[str]:
    """A statement, which reads names of ``made`` and adds those that it surely binds."""
    a, b = (random.choice(sorted(made)) for _ in "ab")
    new = random.choice(NAMES if depth == 0 else sorted(made))

    def one_of(texts: tuple[str, ...]) -> str:
        return random.choice(texts).format(A=a, B=b)

    kinds = ["new", "converted", "converted", "name", "changed", "changed", "vector", "pair"]
    match random.choice(kinds + ["branch", "loop"] * (depth < 2)):
        case "new":
            line = f"{new} = {one_of(NEW)}"
        case "converted":
            line = f"{new} = {one_of(CONVERTED)}"
        case "name":
            line = f"{new} = {a}"
        case "changed":
            op = random.choice(("+=", "*=", "-="))
            return [f"{random.choice(sorted(made))} {op} {one_of(VALUES)}"]
        case "vector":
            part = random.choice(("x[1]", "x[:2]", "x[...]", "x"))
            return [f"{part} {random.choice(('+=', '*='))} {one_of(VALUES)}"]
        case "pair":
            return [f"{a}, {b} = {random.choice((f'{b}, {a}', f'both({a}, {b})'))}"]
        case "branch":
            then = _inside(_statement(random, set(made), depth + 1))
            return [f"if {one_of(TESTS)}:", *then]
        case _:
            inner = [_statement(random, set(made), depth + 1) for _ in range(2)]
            head = random.choice(("for v in x:", "for _ in range(2):"))
            return [head, *(line for lines in inner for line in _inside(lines))]
    made.add(new)
    return [line]


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
