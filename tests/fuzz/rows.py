"""Random programs of NumPy's ways to change arrays in place, as source text.

A program takes a vector ``v`` of three numbers and a matrix ``a`` of three by three. Its arrays
``x`` and ``y`` are vectors, ``m`` and ``n`` matrices. It changes them item by item, row by row, in
loops over their rows and over several arrays at once, through views, by masks and by repeated
indices, by ``out=``, and exchanges parts of them.
"""

from __future__ import annotations

from random import Random

__all__ = ["source"]

STARTS = {
    "x": ("v.copy()", "v", "2 * v", "np.zeros(3)", "np.array([v[0], 0.4, v[2]])", "a[1].copy()"),
    "y": ("v * v", "np.ones(3)", "np.zeros_like(v)", "a[:, 0] * 1.0", "np.full(3, v[1])"),
    "m": (
        "a.copy()",
        "a",
        "a.T.copy()",
        "np.outer(v, v)",
        "np.zeros((3, 3))",
        "np.array([v, v, v])",
    ),
    "n": ("a * a", "a.T * 0.5", "np.ones_like(a)", "np.stack([v, a[0], a[1]])", "a + v"),
}
VECTORS = (
    "x", "y", "v", "m[0]", "n[-1]", "m[:, 1]", "n.T[0]", "x[::-1]", "np.sin(y)", "m @ x",
    "n[1] * v", "np.diag(m)", "m.sum(axis=0)", "a[2]", "x[[2, 0, 1]]", "np.where(x > 0.1, x, y)",
)  # fmt: skip
MATRICES = (
    "m",
    "n",
    "a",
    "m.T",
    "n[::-1]",
    "np.cos(m)",
    "m * n",
    "np.outer(x, y)",
    "n + x",
    "m @ n",
)
NUMBERS = ("x[0]", "y[-1]", "m[0, 1]", "n[1, 1]", "v[2]", "np.sum(x)", "x @ y", "1.2", "m.mean()")
OPS = ("=", "+=", "-=", "*=")
SCALED = ("0.7 * ({})", "np.sin({})", "({}) * 0.5 + 0.1")


def source(random: Random) -> str:
    """The text of a program, ``f(v, a)``."""
    lines = [f"{name} = {random.choice(starts)}" for name, starts in STARTS.items()]
    lines.append("buf = np.zeros(3)")
    for _ in range(random.randint(2, 5)):
        lines += _statement(random, 0)
    lines.append("total = np.sum(np.sin(buf)) + np.sum(np.sin(2 * m)) + np.sum(np.cos(n))")
    lines.append("return total + np.sum(np.sin(3 * x)) + np.sum(y * y)")
    body = "\n".join(f"    {line}" for line in lines)
    return f"import numpy as np\n\n\ndef f(v, a):\n{body}\n"


def _statement(random: Random, depth: int, rows: tuple[str, ...] = ()) -> list[str]:
    """A statement; ``rows`` are names for rows that may be changed here."""

    def vector() -> str:
        return random.choice(SCALED).format(random.choice((*VECTORS, *rows)))

    def matrix() -> str:
        return random.choice(SCALED).format(random.choice(MATRICES))

    def number() -> str:
        return random.choice(SCALED).format(random.choice((*NUMBERS, *(f"{r}[1]" for r in rows))))

    x, m, op = random.choice("xy"), random.choice("mn"), random.choice(OPS)
    i, j = random.choice("012"), random.choice(("0", "1", "-1"))
    simple = [
        [f"{x}[{i}] {op} {number()}"],
        [f"{m}[{i}, {j}] {op} {number()}"],
        [f"{m}[{i}] {op} {vector()}"],
        [f"{m}[:, {j}] {op} {vector()}"],
        [f"{m}.T[{i}] {op} {vector()}"],
        [f"{m}[1:, :2] {op} {random.choice(('m', 'n', 'a'))}[:2, 1:]"],
        [f"{x} {op.replace('=', '*=') if op == '=' else op} {vector()}"],
        [f"{m} {'*=' if op == '=' else op} {matrix()}"],
        [f"{x}[:] = {x}[::-1]"],
        [f"{x}[1:] {op} {random.choice(('x', 'y', 'v'))}[:-1]"],
        [f"{x}[::2] {op} {random.choice(('x', 'y', 'v'))}[1:]"],
        [f"{m} += 0.5 * {m}.T"],
        [f"{m}.reshape(-1)[{random.randrange(9)}] {op} {number()}"],
        [f"{m}.ravel()[::4] {op} {vector()}"],
        [f"{m}[{i}], {m}[{j}] = {m}[{j}].copy(), {m}[{i}] * 0.9"],
        [f"{m}[[0, 2]] = {m}[[2, 1]]"],
        [f"{m}[:, [1, 0]] {op} {m}[:, [0, 1]]"],
        [f"{x}[{i}], {x}[{j}] = {x}[{j}], {x}[{i}]"],
        [f"{x}[{x} > 0.3] {op} {number()}"],
        [f"{m}[{m} < 0.2] {op} 0.4"],
        [f"{m}[{x} > 0.2] {op} {vector()}"],
        [f"{x}[[0, 1, 1]] {op} {vector()}"],
        [f"np.add.at({x}, [0, 2, 0], {vector()})"],
        [f"np.add.at({m}, ([0, 1, 0], [1, 2, 1]), {vector()})"],
        [f"np.add({x}, {vector()}, out={x})"],
        [f"np.multiply({vector()}, {vector()}, out={m}[{i}])"],
        [f"np.sin({x}, out=buf)", f"{x} {op} 0.5 * buf"],
        [f"buf[:] = {vector()}", "buf[1:] *= buf[:-1]", f"{m}[{i}] {op} buf"],
        [f"w = {m}[{i}]", f"w {'*=' if op == '=' else op} {vector()}", f"{x} += 0.2 * w"],
        [f"w = {x}[1:]", f"w[0] {op} {number()}", "w[:] = w[::-1] * 0.8"],
        [f"np.transpose({m})[{i}] {op} {vector()}"],
        [f"{m}[range(3), range(3)] {op} {vector()}"],
        [f"{m}[...] = {matrix()}"],
        [f"{x}[None][0, {i}] {op} {number()}"],
        [f"{m}[{i}][1:] {op} {m}[{j}][:-1]"],
    ]  # fmt: skip
    for r in rows:
        simple += [
            [f"{r} {'*=' if op == '=' else op} {vector()}"],
            [f"{r}[{i}] {op} {number()}"],
            [f"{r}[1:] {op} {r}[:-1]"],
            [f"{x} += 0.3 * {r}"],
            [f"{r}[:] = {vector()}"],
        ]
    if depth < 2 and random.random() < 0.4:
        return _nested(random, depth, rows)
    return random.choice(simple)


def _nested(random: Random, depth: int, rows: tuple[str, ...]) -> list[str]:
    k, m, o, x = (
        "ij"[depth],
        random.choice("mn"),
        random.choice(("m", "n", "a")),
        random.choice("xy"),
    )
    r, s = f"r{depth}", f"s{depth}"
    heads = [
        (f"for {r} in {m}:", (r,)),
        (f"for {r} in {m}[{random.choice(('1:', '::-1', ':2'))}]:", (r,)),
        (f"for {r} in {m}.T:", (r,)),
        (f"for {k}, {r} in enumerate({m}):", (r, f"{m}[{k}]", f"{m}[:, {k}]")),
        (f"for {r}, {s} in zip({m}, {o}):", (r, s) if o != "a" else (r,)),
        (f"for {k} in range(3):", (f"{m}[{k}]", f"{m}[:, {k}]", f"{m}[{k} - 1]")),
        (
            f"for {k} in reversed(range(3)):",
            (f"{m}[{k}]", f"{o}[{k}]" if o != "a" else f"{m}[{k}]"),
        ),
        (f"for {k} in range(1, 3):", (f"{m}[{k}]", f"{m}[{k} - 1]")),
        (f"if {x}[{random.randrange(3)}] > 0.25:", ()),
    ]
    head, more = random.choice(heads)
    inner: list[str] = []
    for _ in range(random.randint(1, 3)):
        inner += _statement(random, depth + 1, (*rows, *more))
    leave = random.random()
    if head.startswith("for") and leave < 0.25:
        word = "break" if leave < 0.12 else "continue"
        inner += [f"if {x}[0] > 0.6:", f"    {word}", f"{x}[1] *= 0.9"]
    lines = [head, *(f"    {line}" for line in inner)]
    if head.startswith("if") and random.random() < 0.5:
        orelse = _statement(random, depth + 1, rows)
        lines += ["else:", *(f"    {line}" for line in orelse)]
    return lines
