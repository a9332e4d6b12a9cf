"""For each row of the refusals, a function that is refused for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["CODE", "load"]

CODE: dict[str, str] = {
    "with": """
def f(x):
    with open(x) as file:
        return file
""",
    "errstate": """
import numpy as np
def f(x):
    with np.errstate(divide="ignore", over="raise"):
        return 1 / x
""",
    "try": """
def f(x):
    y = x
    try:
        y = 1 / x
    except ZeroDivisionError:
        pass
    return y
""",
    "function as a value": """
def f(x):
    def step(h):
        return h * x
    return [step]
""",
    "lambda": """
def f(x):
    squares = [lambda v: v * x]
    return squares[0](x)
""",
    "function given away": """
def f(x):
    return list(filter(lambda v: v > 0, x))
""",
    "derived function": """
from srcad import jvp
def f(x):
    return jvp(lambda v: v * x, (x,), (1.0,))[1]
""",
    "derivative as a value": """
from srcad import grad
def f(x):
    slope = grad(lambda v: v * x)
    return slope(x)
""",
    "function among the rest": """
def total(*functions):
    return sum([g(1.0) for g in functions])
def f(x):
    return total(lambda v: v * x)
""",
    "rebound parameter": """
def twice(g, x):
    y = g(x)
    g = abs
    return g(y)
def f(x):
    return twice(lambda v: v * x, x)
""",
    "early function": """
def f(x):
    if x > 0:
        def step(h):
            return h * x
    return step(x)
""",
    "early variable": """
def f(x):
    def step(h):
        if h > 3.0:
            return h * later
        return h * x
    first = step(x)
    later = step(first)
    return first * later
""",
    "rebound function": """
def f(x):
    if x > 0:
        def step(h):
            return h * x
    else:
        def step(h):
            return h
    return step(x)
""",
    "decorated function": """
import functools
def f(x):
    @functools.cache
    def step(h):
        return h * x
    return step(x)
""",
    "unpacked arguments": """
def f(x):
    def step(h, by=x * x):
        return h * by
    pair = (x, x)
    return step(*pair)
""",
    "class": """
def f(x):
    class Point:
        y = 1
    return x
""",
    "import": """
def f(x):
    from .sibling import scale
    return scale * x
""",
    "rebound import": """
def f(x):
    if x > 0:
        import math as m
    else:
        import cmath as m
    return m.exp(x)
""",
    "failed import": """
def f(x):
    import no_such_module_anywhere as m
    return m.exp(x)
""",
    "global": """
count = 0
def f(x):
    global count
    count += 1
    return x
""",
    "assigning function": """
def twice(g, x):
    return g(x) + g(x)
def f(x):
    count = 0
    def step(h):
        nonlocal count
        count += 1
        return h
    return twice(step, x) * count
""",
    "nonlocal": """
def outer():
    count = 0
    def f(x):
        nonlocal count
        count += 1
        return x
    return f
f = outer()
""",
    "match alternatives": """
def f(x):
    match x:
        case (0, y) | (y, 0):
            return y
    return x
""",
    "match rest": """
def f(x):
    match x:
        case {"kind": "circle", **others}:
            return others["r"]
    return 0.0
""",
    "match class": """
def f(x):
    match x:
        case complex(a, b):
            return a
    return x
""",
    "yield": """
def f(x):
    yield x
""",
    "await": """
async def f(x):
    return await x
""",
    "attribute store": """
def f(self, x):
    self.x = x * 2
    return self.x
""",
    "starred target": """
def f(rows):
    return [sum(rest) for first, *rest in rows]
""",
    "delete": """
def f(xs):
    del xs[::2]
    return xs
""",
    "generator": """
def f(xs):
    squares = (x * x for x in xs)
    return sum(squares)
""",
    "map": """
def f(xs):
    functions = [abs]
    return sum(map(functions[0], xs))
""",
    "walrus": """
def f(x):
    x += (x := 2.0)
    return x
""",
    "too deep": """
def f(x):
    return x * (
        x > 0.0
"""
    + 600 * "        and x > 0.0\n"
    + """    )
""",
    "bare raise": """
def f(x):
    if x < 0:
        raise
    return x
""",
    "scope call": """
def f(x):
    return locals()['x']
""",
    "loop test": """
def f(x):
    while 0 < abs(x) < 1:
        x = 2 * x
    else:
        x = 0.0
    return x
""",
    "undefined": """
def f(x):
    return x * scael
""",
    "empty cell": """
import inspect
def outer():
    def f(x):
        return later * x
    found = f
    if False:
        later = 1
    return found
f = outer()
""",
    "no attribute": """
import math
def f(x):
    return 1 + math.sinn(x)
""",
    "syntax": """
def f(xs):
    return [0 for xs[0] in range(3)]
""",
}


def load(text: str, folder: Path, name: str = "f") -> ModuleType:
    """Write ``text`` into a file and import it."""
    path = folder / f"{name}.py"
    path.write_text(text.lstrip("\n"))
    spec = importlib.util.spec_from_file_location(f"refused_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
