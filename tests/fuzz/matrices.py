"""Random programs of matrices and axes, as source text.

A program takes a float ``s``, vectors ``v`` and ``w``, a matrix ``a`` as long as ``v`` and as wide
as ``w`` is long, and a square one ``b``. Extents are letters here and numbers only in the test,
where they may be equal, or one: what is right for some extents must be right for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

__all__ = ["PARAMETERS", "source"]

Shape = tuple[str, ...]

PARAMETERS: dict[str, Shape] = {
    "s": (),
    "v": ("p",),
    "w": ("q",),
    "a": ("p", "q"),
    "b": ("p", "p"),
}

UNARY = (
    "np.sin({})", "np.tanh({})", "np.exp(-np.abs({}))", "0.5 * {}", "-{}", "1 / (2 + {} ** 2)",
    "np.sqrt(1 + {} ** 2)", "np.log(2 + np.cos({}))", "np.maximum({}, 0.1)", "{}.copy()",
    "np.where({0} > 0.2, {0}, 0.3 * {0})", "np.clip({}, -0.9, 0.9)", "np.square({})",
)  # fmt: skip
UNARY_OF_NUMBERS = tuple(text for text in UNARY if "copy" not in text)
BINARY = (
    "{} + {}", "{} - {}", "{} * {}", "{} / (2 + np.cos({}))", "np.minimum({}, {})",
    "np.logaddexp({}, {})", "np.hypot(1 + {}, {})", "np.where({0} > 0, {0}, {1})",
)  # fmt: skip
REDUCTIONS = ("np.sum", "np.mean", "np.max", "np.min", "np.var", "np.linalg.norm")
"""Of a matrix along an axis; each also of a whole array."""


@dataclass
class Scope:
    """The arrays and numbers that are surely bound, and the index of the innermost loop."""

    random: Random
    shapes: dict[str, Shape] = field(default_factory=lambda: dict(PARAMETERS))
    index: dict[str, str] = field(default_factory=dict)  # extent -> the index that runs over it
    depth: int = 0
    names: list[int] = field(default_factory=lambda: [0])

    def inside(self) -> Scope:
        return Scope(self.random, dict(self.shapes), dict(self.index), self.depth + 1, self.names)

    def fresh(self, base: str) -> str:
        self.names[0] += 1
        return f"{base}{self.names[0]}"

    def of(self, shape: Shape) -> list[str]:
        return [name for name, known in self.shapes.items() if known == shape]


def source(random: Random) -> str:
    """The text of a program, ``f(s, v, w, a, b)``."""
    scope = Scope(random)
    lines = ["p, q = a.shape"]
    for _ in range(random.randint(2, 6)):
        lines += _statement(scope)
    total = " + ".join(f"np.sum(np.sin({k + 1} * {name}))" for k, name in enumerate(scope.shapes))
    body = "\n".join(f"    {line}" for line in [*lines, f"return {total}"])
    return f"import numpy as np\n\n\ndef f(s, v, w, a, b):\n{body}\n"


# --- expressions ---------------------------------------------------------------------------------


def expression(scope: Scope, shape: Shape, depth: int = 3) -> str:
    """An expression for an array of ``shape``."""
    random = scope.random
    kinds = ["leaf"]
    if depth > 0:
        kinds += ["unary", "binary", "broadcast", "reduced", "special", "special"]
    match random.choice(kinds):
        case "unary":
            unary = random.choice(UNARY if shape else UNARY_OF_NUMBERS)
            return unary.format(f"({expression(scope, shape, depth - 1)})")
        case "binary":
            return _binary(scope, shape, shape, depth)
        case "broadcast":
            return _binary(scope, shape, _narrower(random, shape), depth)
        case "reduced":
            return _reduced(scope, shape, depth)
        case "special":
            return _special(scope, shape, depth)
        case _:
            return _leaf(scope, shape)


def _leaf(scope: Scope, shape: Shape) -> str:
    if found := scope.of(shape):
        return scope.random.choice(found)
    if shape == ():
        return "0.7"
    if shape == ("q", "p"):
        return f"{scope.random.choice(scope.of(('p', 'q')))}.T"
    if shape == ("q", "q"):
        return f"np.outer(w, {scope.random.choice(scope.of(('q',)))})"
    if shape == ("1",):
        return f"np.full(1, {expression(scope, (), 0)})"
    if shape[0] == "1":
        return f"{expression(scope, shape[1:], 0)}[None]"
    if shape[-1] == "1":
        return f"{expression(scope, shape[:-1], 0)}[:, None]"
    raise AssertionError(shape)


def _binary(scope: Scope, left: Shape, right: Shape, depth: int) -> str:
    terms = [f"({expression(scope, shape, depth - 1)})" for shape in (left, right)]
    template = scope.random.choice(BINARY)
    if "where" not in template and scope.random.random() < 0.5:
        terms.reverse()
    return template.format(*terms)


def _narrower(random: Random, shape: Shape) -> Shape:
    """A shape that is broadcast to ``shape``."""
    options: list[Shape] = [()]
    if len(shape) == 2:
        options += [shape[1:], ("1", shape[1]), (shape[0], "1")]
    return random.choice(options)


def _reduced(scope: Scope, shape: Shape, depth: int) -> str:
    random, reduce = scope.random, scope.random.choice(REDUCTIONS)
    other = random.choice(("p", "q"))
    match shape:
        case ():
            inner = random.choice([(other,), ("p", "q"), ("p", "p")])
            if reduce == "np.linalg.norm":
                return f"{reduce}(1.5 + ({expression(scope, inner, depth - 1)}))"
            return f"{reduce}({expression(scope, inner, depth - 1)})"
        case (extent,):
            inner, axis = random.choice([((other, extent), 0), ((extent, other), 1)])
            keep = ""
        case ("1", extent):
            inner, axis, keep = (other, extent), 0, ", keepdims=True"
        case (extent, "1"):
            inner, axis, keep = (extent, other), random.choice((1, -1)), ", keepdims=True"
        case _:
            return _special(scope, shape, depth)
    shift = "1.5 + " if reduce == "np.linalg.norm" else ""
    return f"{reduce}({shift}({expression(scope, inner, depth - 1)}), axis={axis}{keep})"


def _special(scope: Scope, shape: Shape, depth: int) -> str:
    random = scope.random

    def e(*inner: str) -> str:
        return f"({expression(scope, inner, depth - 1)})"

    k = random.choice(("p", "q"))
    match shape:
        case ():
            options = [
                f"{e(k)} @ {e(k)}",
                f"{e(k)}[-1]",
                f"{e(k, 'p')}[0, -1]",
                f"np.trace({e(k, k)})",
            ]
        case ("1", n):
            options = [f"{e(n)}[None, :]", f"{e(n)}.reshape(1, -1)", f"{e(k, n)}[:1]"]
        case (n, "1"):
            options = [f"{e(n)}[:, None]", f"{e(n)}.reshape(-1, 1)", f"{e(n, k)}[:, -1:]"]
        case (n,):
            options = [
                f"{e(n, k)} @ {e(k)}", f"{e(k)} @ {e(k, n)}", f"{e(k, n)}[0]", f"{e(n, k)}[:, -1]",
                f"{e(n)}[::-1]", f"np.cumsum({e(n)})", f"{e(n, '1')}.ravel()",
                f"np.diag({e(n, n)})",
                f"np.concatenate([{e(n)}[1:], {e(n)}[:1]])", f"np.sort({e(n)})",
                f"np.squeeze({e('1', n)}, axis=0)", f"np.full({n}, {e()})",
                f"np.einsum('ij,j->i', {e(n, k)}, {e(k)})", f"np.roll({e(n)}, 1)",
                f"{e(n)}[np.arange({n}) - 1]",
            ]  # fmt: skip
        case (n, m):
            options = [
                f"{e(n, k)} @ {e(k, m)}", f"{e(m, n)}.T", f"np.outer({e(n)}, {e(m)})",
                f"{e(n)}[:, None] * {e(m)}", f"{e(n, m)}[::-1]", f"{e(n, m)}[:, ::-1]",
                f"{e(n, m)}.reshape(-1).reshape({n}, {m})", f"np.broadcast_to({e(m)}, ({n}, {m}))",
                f"np.broadcast_to({e(n, '1')}, ({n}, {m}))", f"np.cumsum({e(n, m)}, axis=1)",
                f"np.einsum('ij,jk->ik', {e(n, k)}, {e(k, m)})", f"np.swapaxes({e(m, n)}, 0, 1)",
                f"np.concatenate([{e(n, m)}[:, 1:], {e(n, '1')}], axis=1)",
                f"np.ones(({n}, {m})) * {e()}", f"{e(n, m)} - {e('1', m)}",
                f"np.zeros(({n}, {m})) + {e(m)}", f"np.stack([{e(m)}, {e(m)}])[np.arange({n}) % 2]",
                f"np.repeat({e('1', m)}, {n}, axis=0)",
                f"np.tile({e(m)}, ({n}, 1))",
            ]  # fmt: skip
        case _:
            raise AssertionError(shape)
    return random.choice(options)


# --- statements ----------------------------------------------------------------------------------


def _statement(scope: Scope) -> list[str]:
    random = scope.random
    kinds = ["bind", "bind", "augment", "item", "row", "masked"]
    kinds += ["loop", "branch", "collect"] * (scope.depth < 2)
    match random.choice(kinds):
        case "bind":
            return _bind(scope)
        case "augment":
            return _augment(scope)
        case "item":
            name = random.choice(_changed(scope, 2))
            at = ", ".join(_index(scope, extent) for extent in scope.shapes[name])
            return [f"{name}[{at}] {_update(random)} np.sin({expression(scope, (), 2)})"]
        case "row":
            name = random.choice(_changed(scope, 2))
            rows, columns = scope.shapes[name]
            if random.random() < 0.5:
                value, at = expression(scope, (columns,), 2), _index(scope, rows)
            else:
                value, at = expression(scope, (rows,), 2), f":, {_index(scope, columns)}"
            return [f"{name}[{at}] {_update(random)} np.sin({value})"]
        case "masked":
            name = random.choice(_changed(scope, random.choice((1, 2))))
            return [f"{name}[{name} > {random.choice(('0.3', '-0.2'))}] {_update(random)} 0.5"]
        case "loop":
            return _loop(scope)
        case "branch":
            return _branch(scope)
        case _:
            return _collect(scope)


def _changed(scope: Scope, axes: int) -> list[str]:
    """The arrays that may be written to: ``c1`` and the like, which nobody else holds."""
    found = [n for n, shape in scope.shapes.items() if len(shape) == axes and n[0] == "c"]
    return found or [n for n in PARAMETERS if len(PARAMETERS[n]) == axes]


def _index(scope: Scope, extent: str) -> str:
    return scope.random.choice(
        [*([scope.index[extent]] * 3 if extent in scope.index else []), "0", "-1"]
    )


def _update(random: Random) -> str:
    return random.choice(("=", "+=", "*=", "-="))


def _bind(scope: Scope) -> list[str]:
    random = scope.random
    shape = random.choice([(), ("p",), ("q",), ("p", "q"), ("p", "p"), ("q", "p"), ("1", "q")])
    value = expression(scope, shape)
    old = [n for n in scope.of(shape) if n not in PARAMETERS]
    if old and random.random() < 0.5:
        return [f"{random.choice(old)} = np.sin({value})"]
    name = scope.fresh("c" if len(shape) else "z")
    scope.shapes[name] = shape
    return [f"{name} = 0.5 * np.cos({value})"]


def _augment(scope: Scope) -> list[str]:
    name = scope.random.choice(list(scope.shapes))
    shape = scope.shapes[name]
    narrow = _narrower(scope.random, shape) if scope.random.random() < 0.4 else shape
    return [
        f"{name} {scope.random.choice(('+=', '-=', '*='))} np.sin({expression(scope, narrow, 2)})"
    ]


def _loop(scope: Scope) -> list[str]:
    inner, random = scope.inside(), scope.random
    i = scope.fresh("i")
    extent = random.choice(("p", "q"))
    match random.choice(("range", "items", "rows", "times")):
        case "range":
            head = f"for {i} in range({extent}):"
            inner.index[extent] = i
        case "items":
            value = expression(scope, (extent,), 1)
            item = scope.fresh("z")
            head = f"for {i}, {item} in enumerate(1 * {value}):"
            inner.index[extent] = i
            inner.shapes[item] = ()
        case "rows":
            item = scope.fresh("r")
            head = f"for {item} in np.sin({random.choice(scope.of(('p', 'q')))}):"
            inner.shapes[item] = ("q",)
        case _:
            head = f"for {i} in range(2):"
    return [head, *_block(inner)]


def _branch(scope: Scope) -> list[str]:
    test = f"{expression(scope, (), 1)} > {scope.random.choice(('0.2', '-0.3', '0.9'))}"
    lines = [f"if {test}:", *_block(scope.inside())]
    if scope.random.random() < 0.5:
        lines += ["else:", *_block(scope.inside())]
    return lines


def _collect(scope: Scope) -> list[str]:
    """A list filled in a loop, and made an array."""
    random, rows, name, i = scope.random, scope.fresh("rows"), scope.fresh("c"), scope.fresh("i")
    extent, item = random.choice(("p", "q")), random.choice(("", "q"))
    inner = scope.inside()
    inner.index[extent] = i
    value = expression(inner, (item,) if item else (), 2)
    scope.shapes[name] = (extent, item) if item else (extent,)
    make = random.choice(("np.stack", "np.array")) if item else "np.array"
    if random.random() < 0.3:
        return [f"{name} = {make}([{value} for {i} in range({extent})])"]
    return [
        f"{rows} = []",
        f"for {i} in range({extent}):",
        f"    {rows}.append({value})",
        f"{name} = {make}({rows})",
    ]


def _block(scope: Scope) -> list[str]:
    lines: list[str] = []
    for _ in range(scope.random.randint(1, 3)):
        lines += _statement(scope)
    return [f"    {line}" for line in lines]
