"""What ``docs/limitations.md`` says is refused is refused, and what it says works does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcad import SrcadError, grad
from srcad.errors import (
    ArgumentError,
    MutationError,
    NoSourceError,
    OutputError,
    UnknownFunctionError,
    UnsupportedSyntaxError,
)

PAGE = (Path(__file__).parent.parent / "docs" / "limitations.md").read_text()
PREAMBLE = """
from dataclasses import dataclass
import numpy as np

@dataclass
class Pair:
    a: float
    b: float

class Model:
    def __init__(self):
        self.k = 3.0

    def __call__(self, x):
        return self.k * x

MODEL = Model()
TABLE = np.ones(3)

def first_two(u):
    return u[:2]

def fill_from(u, a):
    for i in range(1, len(u)):
        u[i] = a * u[i - 1]
"""

REFUSED = {
    # words on the page: (the body of `def f(x):`, the error)
    "nested `class`": ("class A: pass\n return x", UnsupportedSyntaxError),
    "may not be returned": ("def g(t): return t * x\n return g", UnsupportedSyntaxError),
    "kept in a list or dict": ("gs = [lambda t: t * x]\n return gs[0](x)", UnsupportedSyntaxError),
    "compared": ("def g(t): return x\n return x if g is abs else -x", UnsupportedSyntaxError),
    "given to `filter`": (
        "return list(filter(lambda t: t > x, [x]))[0]",
        UnsupportedSyntaxError,
    ),
    "or a method": ("return MODEL.applied(lambda t: t * x)", UnsupportedSyntaxError),
    "decorated": ("@abs\n def g(t): return t\n return x", UnsupportedSyntaxError),
    "bound twice": ("g = lambda t: t\n g = lambda t: t * x\n return g(x)", UnsupportedSyntaxError),
    "must surely have run": (
        "if x > 0:\n  def g(t): return t\n return g(x)",
        UnsupportedSyntaxError,
    ),
    "but not assign items of its lists": (
        "xs = [x, x]\n def put(v): xs[0] = v * v\n put(x)\n return xs[0]",
        UnsupportedSyntaxError,
    ),
    "relative `import`": ("from .a import b\n return x", UnsupportedSyntaxError),
    "`try`": ("try: return x\n except ValueError: return -x", UnsupportedSyntaxError),
    "`with`": ("with open('f'): return x", UnsupportedSyntaxError),
    "and nothing else": ("with np.errstate(all='raise'): return x", UnsupportedSyntaxError),
    "cannot be given to others": (
        "s = 0.0\n def add(v):\n  nonlocal s\n  s += v\n fill_from(add, x)\n return s",
        UnsupportedSyntaxError,
    ),
    "`yield`": ("yield x", UnsupportedSyntaxError),
    "`global`": ("global TABLE\n TABLE = x\n return x", UnsupportedSyntaxError),
    "alternatives that bind": (
        "match (x, 0):\n  case (0, y) | (y, 0): return y\n return x",
        UnsupportedSyntaxError,
    ),
    "`**rest`": (
        "match {'k': x}:\n  case {'k': y, **rest}: return y\n return x",
        UnsupportedSyntaxError,
    ),
    "starred targets in\n  comprehensions": (
        "return sum([b[0] for a, *b in [(x, x)]])",
        UnsupportedSyntaxError,
    ),
    "assignment to attributes": ("MODEL.k = x\n return x", UnsupportedSyntaxError),
    "**Sets** hold what is not": ("return max({x, -x})", UnknownFunctionError),
    "`add` and `discard`": (
        "s = {1}\n t = s\n s.add(2)\n return x * len(t)",
        UnsupportedSyntaxError,
    ),
    "`zip(*rows)`": (
        "rows = []\n for i in range(3): rows.append([x] * i)\n a, b = zip(*rows)\n return a[0]",
        UnknownFunctionError,
    ),
    "depend on values": (
        "d = {k: x for k in ('a', 'b') if x > 0 or k == 'a'}\n return d['a']",
        UnknownFunctionError,
    ),
    "`insert`": ("xs = [x]\n ys = xs\n xs.insert(0, x)\n return xs[0]", UnsupportedSyntaxError),
    "`remove`": ("xs = [x]\n ys = xs\n xs.remove(x)\n return ys", UnsupportedSyntaxError),
    "`del xs[i:j]`": ("xs = [x]\n ys = xs\n del xs[:1]\n return ys", UnsupportedSyntaxError),
    "`del xs[::2]`": ("xs = [x, -x]\n del xs[::2]\n return xs[0]", UnsupportedSyntaxError),
    "A list under two names": ("xs = [x]\n ys = xs\n ys.append(x)\n return xs[1]", MutationError),
    "`for row in rows: row.append(y)`": (
        "rows = [[x], []]\n for row in rows: row.append(x)\n return rows[0][1]",
        MutationError,
    ),
    "itself makes an object array": (
        "o = np.array([x, None], dtype=object)\n return o[0]",
        UnsupportedSyntaxError,
    ),
    "nor are those that are global": ("TABLE[0] = 2.0\n return np.sum(TABLE) * x", MutationError),
    "have\n  one name": (
        "d = {'k': x}\n e = d\n d['k'] = x * x\n return e['k']",
        UnsupportedSyntaxError,
    ),
    "A loop may not run over a list": (
        "xs = [x, x]\n for v in xs: xs[1] = v * x\n return xs[1]",
        UnsupportedSyntaxError,
    ),
    "`del` and `pop` of an item": (
        "d = {'k': x, 'l': x}\n del d['k']\n return d['l']",
        UnsupportedSyntaxError,
    ),
    "fields are not assigned": ("p = Pair(x, x)\n p.a = x * x\n return p.a", SrcadError),
    "`xs[i][1] = y`": (
        "xs = [np.ones(3) * x]\n for i in range(1): xs[i][1] = x\n return np.sum(xs[0])",
        MutationError,
    ),
    "`best = a` in a\n  branch": (
        "a = np.ones(3) * x\n best = a\n for i in range(3):\n  if i == 1: best = a\n"
        "  a[0] = x\n  a = a * x\n return np.sum(best)",
        MutationError,
    ),
    "`for r in u: u[0] = r; u = u * r`": (
        "u = np.ones(3) * x\n for r in u:\n  u[0] = r\n  u = u * r\n return np.sum(u)",
        MutationError,
    ),
    "A view that a branch inside a loop": (
        "u = np.ones(4) * x\n v = u[1:]\n for i in range(2):\n  if i == 1: v = u[:2]\n"
        "  v[0] = x * x\n return np.sum(u)",
        MutationError,
    ),
    "`v = v[1:]`": (
        "u = np.ones(4) * x\n v = u\n while v.size > 1:\n  v = v[1:]\n  v[0] = v[0] * x\n"
        " return np.sum(u)",
        MutationError,
    ),
    "A view that a helper": (
        "u = np.ones(4) * x\n v = first_two(u)\n v[0] = x * x\n return np.sum(u)",
        MutationError,
    ),
    "`np.put`": ("u = np.ones((2, 3))\n np.put(u, [0], x)\n return np.sum(u)", SrcadError),
    "`np.place`": ("u = np.ones(3)\n np.place(u, u > 0, [x])\n return np.sum(u)", SrcadError),
    "`np.putmask`": ("u = np.ones(3)\n np.putmask(u, u > 0, [x])\n return np.sum(u)", SrcadError),
    "`np.put_along_axis`": (
        "u = np.ones((1, 1, 1))\n np.put_along_axis(u, u > 0, x, 2)\n return np.sum(u)",
        SrcadError,
    ),
    "`y.flat[i] = v`": (
        "u = (np.ones((2, 3)) * x).T\n u.flat[1] = x * x\n return np.sum(u)",
        MutationError,
    ),
    "`np.fill_diagonal`": (
        "u = np.ones((2, 3))\n np.fill_diagonal(u, x)\n return np.sum(u)",
        SrcadError,
    ),
    "`partition`": ("u = np.ones(3) * x\n u.partition(1)\n return np.sum(u)", SrcadError),
    "`resize`": ("u = np.ones(3) * x\n u.resize(2)\n return np.sum(u)", SrcadError),
    "a keyword that the rule": (
        "return np.sum(np.multiply(np.ones(3), x, dtype=np.float32))",
        UnknownFunctionError,
    ),
    "`np.linalg.eig`": ("return np.real(np.linalg.eig(np.eye(2) * x)[0][0])", UnknownFunctionError),
    "`np.piecewise`": ("return np.piecewise(x, [x > 0], [x])", UnknownFunctionError),
    "`np.fft.rfft2`": (
        "return np.abs(np.fft.rfft2(np.ones((4, 4)) * x)[0, 0])",
        UnknownFunctionError,
    ),
    "needs a real scalar": ("return np.ones(2) * x", OutputError),
}

WORKS = {
    # words on the page: (the body of `def f(x):`, the derivative at 2.0)
    "callable objects": ("return MODEL(x)", 3.0),
    "by `append`, `extend`, `+=` and `pop()`": (
        "xs = []\n xs.append(x * x)\n return xs.pop()",
        4.0,
    ),
    "`xs[i] = y`": ("xs = [x]\n xs[0] = x * x\n return xs[0]", 4.0),
    '`d["k"] = y`': ("d = {'k': x}\n d['k'] = x * x\n return d['k']", 4.0),
    '`d["k"].append(y)`': ("d = {'k': []}\n d['k'].append(x * x)\n return d['k'][0]", 4.0),
    "and `update`": ("d = {'k': x}\n d.update(k=x * x)\n return d['k']", 4.0),
    "merged": ("d = {'k': x}\n return {**d, 'l': x}['k']", 1.0),
    "`pop(i)`": ("xs = [x * x, x, x]\n del xs[1]\n return xs.pop(0) + xs[0]", 5.0),
    "in a loop over `items()`": (
        "d, s = {'a': x, 'b': x * x}, 0.0\n for k, v in d.items(): s += v\n return s",
        5.0,
    ),
    "Dataclasses and named tuples": ("p = Pair(x, x * x)\n return p.a * p.b", 12.0),
    "views of views": (
        "u = np.ones(4) * x\n v = u[1:]\n w = v[1:]\n w[0] = x * x\n return np.sum(u)",
        7.0,
    ),
    "overlapping slices": ("u = np.ones(3) * x\n u[1:] = u[:-1] * x\n return np.sum(u)", 9.0),
    "repeated indices": (
        "u = np.zeros(2)\n u[[0, 0]] = np.array([1.0, 3.0]) * x\n return u[0]",
        3.0,
    ),
    "masks": ("u = np.arange(4.0)\n u[u > 1] = x * x\n return np.sum(u)", 8.0),
    "`np.add.at`": ("u = np.ones(2)\n np.add.at(u, [0, 0], x * x)\n return u[0]", 8.0),
    "helper functions that change": (
        "u = np.ones(3) * x\n fill_from(u, x)\n return np.sum(u)",
        1 + 4.0 + 12.0,
    ),
    "`a, b = b, a`": (
        "a, b = np.zeros(3), np.ones(3) * x\n for _ in range(2):\n"
        "  a[1:] = b[:-1] * x\n  a, b = b, a\n return np.sum(a) + np.sum(b)",
        1 + 8.0 + 12.0,  # a is [0, x**2, x**2] in the end, and b is [x, 0, x**3]
    ),
    "`v = u[:2] if c else u[2:]`": (
        "u = np.ones(4) * x\n v = u[:2] if x > 0 else u[2:]\n v[:] = x * x\n return np.sum(u)",
        10.0,
    ),
    "`a, b = b, a.copy()`": (
        "a, b = np.zeros(2), np.ones(2) * x\n for _ in range(2):\n"
        "  a[1:] = b[:-1] * x\n  a, b = b, a.copy()\n return np.sum(a)",
        4.0,  # a is [0, x**2] in the end
    ),
    "So is a result of `int`": ("return int(x) * x + np.floor(x) * x", 4.0),
}


def module_of(body: str, folder: Path) -> ModuleType:
    path = folder / "written.py"
    path.write_text(f"{PREAMBLE}\ndef f(x):\n {body}\n")
    spec = importlib.util.spec_from_file_location("written", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("words", [*REFUSED, *WORKS])
def test_the_page_says_so(words: str) -> None:
    assert words in PAGE


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words: str, tmp_path: Path) -> None:
    body, error = REFUSED[words]
    with pytest.raises(error) as caught:
        grad(module_of(body, tmp_path).f)(2.0)
    assert "Instead: " in str(caught.value)


@pytest.mark.parametrize("words", WORKS)
def test_works(words: str, tmp_path: Path) -> None:
    body, slope = WORKS[words]
    assert grad(module_of(body, tmp_path).f)(2.0) == pytest.approx(slope, rel=1e-14)


def test_without_source() -> None:
    namespace: dict[str, Any] = {}
    exec("def f(x): return x * x", namespace)
    for fn in (namespace["f"], np.linalg.eig, print):
        with pytest.raises(NoSourceError):
            grad(fn)(2.0)


@pytest.mark.parametrize(
    "value",
    [
        3,
        True,
        np.array([1, 2]),
        np.array([1.0, None]),
        np.array([(1.0,)], dtype=[("a", float)]),
        np.ma.array([1.0, 2.0], mask=[False, True]),
    ],
    ids=["int", "bool", "integers", "objects", "structured", "masked"],
)
def test_values_refused(value: Any, tmp_path: Path) -> None:
    f = module_of("return np.sum(x * x)", tmp_path).f
    with pytest.raises(ArgumentError):
        grad(f)(value)


def test_a_list_of_the_caller(tmp_path: Path) -> None:
    f = module_of("x.append(2.0)\n return x[0] * x[1]", tmp_path).f
    with pytest.raises(MutationError):
        grad(f)([3.0])


def test_newton_at_one(tmp_path: Path) -> None:
    body = "y = x\n while abs(y * y - x) > 1e-12 * x: y = 0.5 * (y + x / y)\n return y"
    newton_sqrt = module_of(body, tmp_path).f
    assert grad(newton_sqrt)(1.0) == 1.0
    assert grad(newton_sqrt)(4.0) == pytest.approx(0.25)
