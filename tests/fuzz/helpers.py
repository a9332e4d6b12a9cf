"""Random programs whose helpers change arrays in place, as source text.

A program takes arrays ``x`` and ``y`` of four numbers. Around ``f`` there are plain functions and
an object with methods, inside it functions that see its variables; all have bodies made at random,
with early returns, and change what they are given or what they see. ``f`` calls them in loops, in
tests and in the midst of expressions.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

OPS = ("=", "+=", "*=", "-=")
TESTS = ("{u}[0] > 0.3", "{u}[{i}] < w", "n > 2", "w > 0.1", "np.sum({u}) > 0.7")
RESULTS = ("{u}[1] * w", "np.sum({u})", "w", "{u}[-1] + w * {v}[0]", "{u} @ {v}", "np.sin({v}[2])")
ARRAYS = (
    "np.sin({u})",
    "{u} * {v}",
    "0.5 * {u} + w",
    "{u}[::-1] * 0.9",
    "np.where({u} > 0, {u}, {v})",
)

CLASS = """
class Model:
    def __init__(self):
        self.rate = 0.8
        self.size = 4
        self.base = np.array([0.4, -0.2, 0.9, 0.1])

    @property
    def half(self):
        return self.rate / 2

{methods}

model = Model()
"""


def source(random: Random) -> str:
    """The text of a program, ``f(x, y)``."""
    plain = [_helper(random, name, inside=False) for name in ("step", "move")]
    methods = [_helper(random, name, inside=False, method=True) for name in ("push", "turn")]
    local = [_helper(random, name, inside=True) for name in ("shift", "blend")]
    lines = [
        random.choice(("a = x.copy()", "a = x", "a = np.sin(x) + y")),
        random.choice(
            ("b = y.copy()", "b = x * y", "b = np.zeros(4)", "b = np.array([y[0], 0.5, x[1], 0.3])")
        ),
        "s = 0.3",
        "n, i = 3, 0",
        "xs = []",
    ]
    for helper in local:
        lines += helper
    if random.random() < 0.5:
        lines.append(
            f"pick = lambda u, k=1: u[k] * {random.choice(('a[0]', 'y[2]', 's', 'b[-1] + a[1]'))}"
        )
    else:
        lines.append("pick = lambda u, k=1: u[k]")
    for _ in range(random.randint(2, 5)):
        lines += _statement(random, 0)
    lines.append("total = np.sum(np.sin(a)) + np.sum(np.cos(2 * b)) + np.sin(s)")
    lines.append("for t in xs:")
    lines.append("    total += np.sum(t * t)")
    lines.append("return total")
    around = "\n\n".join("\n".join(h) for h in plain)
    inner = "\n\n".join("\n".join(_in(h)) for h in methods)
    body = "\n".join(_in(lines))
    model = CLASS.replace("{methods}", inner)
    return f"import numpy as np\n\n{around}\n{model}\n\ndef f(x, y):\n{body}\n"


def _in(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _helper(random: Random, name: str, *, inside: bool, method: bool = False) -> list[str]:
    """A function of two arrays, a number and an int; the last two have defaults."""
    params = f"u, v, w={random.choice(('0.4', '1.1'))}, n=3"
    if method:
        params = f"self, {params}"
    names = ["u", "v"] + (["a", "b"] if inside else [])
    numbers = ["w", "v[1]", "u[0]"] + (["y[0]", "a[2]", "s"] if inside else [])
    numbers += ["self.rate", "self.half"] if method else []
    lines: list[str] = []

    def fill(text: str) -> str:
        return text.format(u=random.choice(names), v=random.choice(names), i=random.choice("0123"))

    def change() -> list[str]:
        u, op = random.choice(names), random.choice(OPS)
        more = "*=" if op == "=" else op
        return random.choice(
            [
                [f"{u}[{random.choice('0123')}] {op} 0.6 * {random.choice(numbers)}"],
                [f"{u}[1:] {op} 0.7 * {random.choice(names)}[:-1]"],
                [f"{u}[...] {more} {random.choice(('0.9', 'w', 'np.cos(v)'))}"],
                [f"{u}[:] = {fill(random.choice(ARRAYS))}"],
                [f"w = w * {random.choice(numbers)}"],
                [f"{u}[::2] {op} {random.choice(numbers)}"],
                [
                    f"c = {fill(random.choice(ARRAYS))}",
                    f"{u}[:] += 0.3 * c",
                    "c[0] *= w",
                    "w = w + c[0]",
                ],
            ]
        )

    for _ in range(random.randint(1, 3)):
        match random.randrange(5):
            case 0:
                test = fill(random.choice(TESTS))
                lines += [
                    f"if {test}:",
                    *_in(change()),
                    f"    return {fill(random.choice(RESULTS))}",
                ]
            case 1:
                leave = random.choice(("return {u}[k] * w", "break", "continue")).format(
                    u=random.choice(names)
                )
                lines += [
                    "for k in range(n):",
                    *_in(change()),
                    f"    if {random.choice(names)}[k] > 0.5:",
                ]
                lines += [f"        {leave}", f"    {random.choice(names)}[k] *= 0.8"]
            case 2:
                lines += [
                    f"if {fill(random.choice(TESTS))}:",
                    *_in(change()),
                    "else:",
                    *_in(change()),
                ]
            case _:
                lines += change()
    lines.append(f"return {fill(random.choice(RESULTS))}")
    return [f"def {name}({params}):", *_in(lines)]


CALLS = (
    "step({u}, {v})", "move({u}, {v}, {w})", "step({u}, {u})", "step({u}, 1.0 * {v}, n=2)",
    "shift({u}, {v})", "blend({u}, {v}, w={w})", "shift(u={u}, v=x)", "model.push({u}, {v})",
    "model.turn({u}, {v}, {w}, 2)", "move({u}[::-1], {v})", "model.push({u}, 1.0 * model.base)",
    "step(v={v}, u={u}, w=model.half)", "pick({u})", "pick({v}, 2)", "move({u} * 1.0, {v})",
)  # fmt: skip


def _call(random: Random) -> str:
    u, v = random.choice((("a", "b"), ("b", "a")))
    v = random.choice((v, v, "y", u)) if v != "a" else v
    return random.choice(CALLS).format(
        u=u, v=v, w=random.choice(("s", "0.7", "x[1]", "a[0]", "pick(b)"))
    )


def _statement(random: Random, depth: int) -> list[str]:
    a, call, other = random.choice("ab"), _call(random), _call(random)
    i = "i" if depth else random.choice("0123")
    simple = [
        [call],
        [f"s += 0.3 * {call}"],
        [f"s = 0.5 * {call} + s * {other}"],
        [f"{a}[{i}] {random.choice(OPS)} 0.4 * {call}"],
        [f"{a}[{i}] = {a}[{i}] * {call} - s"],
        [f"{a}[1:] *= 0.8 + 0.1 * {call}"],
        [f"s = s * {a}[0] + {call} * {a}[0]"],
        [f"s = np.sin({call}) if {other} > 0.2 else 0.5 * {other}"],
        [f"xs.append({a} * {call})"],
        [f"s += sum([{call} for _ in range(2)])"],
        [f"{a} = {a} * 0.9 + 0.1 * {call}"],
    ]
    if depth < 2 and random.random() < 0.4:
        inner = [
            line for _ in range(random.randint(1, 3)) for line in _statement(random, depth + 1)
        ]
        match random.randrange(4):
            case 0:
                return [f"if {call} > {random.choice(('0.1', 's'))}:", *_in(inner)]
            case 1:
                leave = random.choice(("break", "continue"))
                after = ["if s > 0.9:", f"    {leave}", "s *= 0.7"]
                return ["for i in range(n):", *_in([*inner, *after])]
            case 2:
                return ["i = 0", "while i < 3 and s < 2:", "    i += 1", *_in(inner)]
            case _:
                return ["for i, t in enumerate(y):", *_in(inner), f"    {a}[i] += 0.2 * t * s"]
    return random.choice(simple)
