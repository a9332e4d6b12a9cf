"""Random programs in which names, views and arrays get mixed up, as source text.

A program takes two arrays of four numbers. It has up to three names for arrays of four
numbers and two for views of three; it renames, exchanges, views and changes them, in branches and
loops, and in the end everything that is left counts. If asked for, it also gives them to functions
that change them, hand them on or take views of them.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

WHOLE, PART = ("a", "b", "c"), ("v", "w")
FIRST = ("a = x.copy()", "a = x")
SECOND = ("b = 2 * x", "b = x * x", "b = a", "b = a[::-1]", "b = y.copy()")
NEW = ("np.sin({A})", "{A} * 0.9", "{A}.copy()", "{A} + {B}", "{A}[::-1]")
ITEM = ("{B}[1] * x[0]", "np.sin({B}[2])", "1.1", "{A}[0] * {B}[-1]")
ALL = ("np.cos({B})", "1.1", "x", "0.3 * {B}")
TESTS = ("x[0] > 0", "n > 2", "y[1] > 0")


HELPERS = """\
def bump(u):
    u[1:] *= 0.5


def keep(u):
    return u


def part(u):
    return u[1:]


def fresh(u):
    return np.sin(u) * u[0]


def mix(u, w):
    u[0] = w[1] * w[2]
    w[2] += u[0]


def both(u, w):
    u += 0.3 * w
    return u, w


def pick(u, w, n):
    if n > 2:
        return u * w
    return u


def shrunk(u, n):
    if n == 0:
        return np.sum(u)
    u[n % 4] *= 1.1
    return shrunk(u, n - 1) * 0.5 + u[0]


def added(us):
    total = us[0] * 1.0
    for u in us[1:]:
        total += u
    return total
"""


def source(random: Random, *, calls: bool = False) -> str:
    """The text of a program, ``f(x, y)``."""
    made = {"a", "b"}
    lines = ["n = 3", random.choice(FIRST), random.choice(SECOND)]
    for _ in range(random.randint(3, 7)):
        lines += _statement(random, made, 0, False, calls)
    total = " + ".join(f"np.sum({k + 1} * {v} * {v})" for k, v in enumerate(sorted(made)))
    body = "\n".join(f"    {line}" for line in [*lines, f"return {total}"])
    helpers = f"{HELPERS}\n\n" if calls else ""
    return f"import numpy as np\n\n\n{helpers}def f(x, y):\n{body}\n"


def _statement(random: Random, made: set[str], depth: int, in_loop: bool, calls: bool) -> list[str]:
    """A statement, which reads names of ``made`` and adds those that it surely binds."""
    if calls and random.random() < 0.35:
        return _call(random, made)
    whole = [v for v in WHOLE if v in made]
    part = [v for v in PART if v in made]
    a, b, new = random.choice(whole), random.choice(whole), random.choice(WHOLE)
    kinds = ["name", "exchange", "view", "item", "all", "new"] * 2
    kinds += ["part"] * len(part) + ["store"] * len(part)
    kinds += ["branch", "branch", "loop"] * (depth < 2)
    match random.choice(kinds):
        case "name":
            made.add(new)
            return [f"{new} = {a}"]
        case "exchange":
            given = random.sample(whole, len(whole))
            return [f"{', '.join(whole)} = {', '.join(given)}"]
        case "view":
            view = random.choice(PART)
            made.add(view)
            return [f"{view} = {a}[{random.choice(('1:', ':-1', ':3'))}]"]
        case "item":
            at = random.choice(("0", "1", "-1", "i" if in_loop else "2"))
            value = random.choice(ITEM).format(A=a, B=b)
            return [f"{a}[{at}] {random.choice(('=', '+=', '*='))} {value}"]
        case "all":
            value = random.choice(ALL).format(B=b)
            return [f"{a} {random.choice(('*=', '+=', '-='))} {value}"]
        case "part":
            value = random.choice(("1.2", f"{a}[1:]", "y[:3]", "np.sin({0})"))
            view = random.choice(part)
            return [f"{view} {random.choice(('*=', '+='))} {value.format(view)}"]
        case "store":
            return [f"{a}[1:] = {random.choice(part)}"]
        case "new":
            made.add(new)
            return [f"{new} = {random.choice(NEW).format(A=a, B=b)}"]
        case "branch":
            tests = (*TESTS, "i % 2 == 0", "i == 1") if in_loop else TESTS
            then, orelse = set(made), set(made)
            lines = _inside(_statement(random, then, depth + 1, in_loop, calls))
            if random.random() < 0.6:
                lines += ["else:", *_inside(_statement(random, orelse, depth + 1, in_loop, calls))]
                made |= then & orelse
            return [f"if {random.choice(tests)}:", *lines]
        case _:
            inner, lines = set(made), [f"for {'j' if in_loop else 'i'} in range(n):"]
            for _ in range(random.randint(2, 4)):
                lines += _inside(_statement(random, inner, depth + 1, True, calls))
            return lines


def _call(random: Random, made: set[str]) -> list[str]:
    whole = [v for v in WHOLE if v in made]
    a, b, new, view = (random.choice(names) for names in (whole, whole, WHOLE, PART))
    text = random.choice(
        ("bump({a})", "{new} = keep({a})", "{view} = part({a})", "{new} = fresh({a})")
        + ("mix({a}, {b})", "{a}, {b} = both({a}, {b})", "both({a}, 1.0 * x)")
        + ("{new} = pick({a}, {b}, n)", "{a}[0] += 0.1 * shrunk({b}, n)")
        + ("{a}[-1] = {b}[0] * shrunk({a}, 2)", "{new} = added([{a}, {b}, x])")
    )
    if text.startswith("{new}"):
        made.add(new)
    if text.startswith("{view}"):
        made.add(view)
    return [text.format(a=a, b=b, new=new, view=view)]


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
