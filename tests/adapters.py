"""Functions of source text that stand between a program and a derivative.

They fix the arguments that are not differentiated, contract results with weights, and contract
derivatives with directions, always as text that srcad can read, as a user would write it.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.trees import is_float, leaves, paths

__all__ = ["contraction", "directional_by_jvp", "function_of_text", "restriction"]

_count = itertools.count()


def function_of_text(name: str, text: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """The function ``name`` that ``text`` defines, with its source where `inspect` finds it."""
    filename = f"<adapter {next(_count)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope = {"np": np, "__name__": "tests.adapters", **namespace}
    exec(compile(text, filename, "exec"), scope)
    return scope[name]


def _literal(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def restriction(
    fn: Callable[..., Any], args: tuple[Any, ...], argnums: tuple[int, ...]
) -> Callable[..., Any]:
    """``fn`` as a function of its differentiated arguments only; ``fn`` itself if these are all."""
    if argnums == tuple(range(len(args))):
        return fn
    namespace: dict[str, Any] = {"fn": fn}
    parts = []
    for i, value in enumerate(args):
        if i in argnums:
            parts.append(f"a{i}")
        elif _literal(value):
            parts.append(repr(value))
        else:
            namespace[f"fixed_{i}"] = value
            parts.append(f"fixed_{i}.copy()" if isinstance(value, np.ndarray) else f"fixed_{i}")
    params = ", ".join(f"a{i}" for i in argnums)
    text = f"def restricted({params}):\n    return fn({', '.join(parts)})\n"
    return function_of_text("restricted", text, namespace)


def _contract(what: str, tree: Any, weights: Any, namespace: dict[str, Any]) -> str:
    """The text of the inner product of ``what``, a tree like ``tree``, with ``weights``."""
    terms = []
    for i, (path, leaf, weight) in enumerate(
        zip(paths(tree), leaves(tree), leaves(weights), strict=True)
    ):
        if is_float(leaf):
            namespace[f"w_{i}"] = weight
            term = f"{what}{path} * w_{i}"
            terms.append(f"np.sum({term})" if np.ndim(leaf) else term)
    return " + ".join(terms)


def contraction(
    fn: Callable[..., Any], n_args: int, result: Any, weights: Any
) -> Callable[..., Any]:
    """The scalar function ``inner(weights, fn(...))``; ``fn`` returns a tree like ``result``."""
    namespace: dict[str, Any] = {"fn": fn}
    params = ", ".join(f"a{i}" for i in range(n_args))
    total = _contract("y", result, weights, namespace)
    text = f"def contracted({params}):\n    y = fn({params})\n    return {total}\n"
    return function_of_text("contracted", text, namespace)


def directional_by_jvp(
    fn: Callable[..., Any], jvp: Callable[..., Any], direction: tuple[Any, ...]
) -> Callable[..., Any]:
    """The derivative of scalar ``fn`` along ``direction``, taken forward, as a function again."""
    params = ", ".join(f"a{i}" for i in range(len(direction)))
    namespace = {"fn": fn, "jvp": jvp, **{f"v_{i}": v for i, v in enumerate(direction)}}
    tangents = ", ".join(f"v_{i}" for i in range(len(direction)))
    text = (
        f"def along({params}):\n"
        f"    y, y_dot = jvp(fn, ({params},), ({tangents},))\n"
        f"    return y_dot\n"
    )
    return function_of_text("along", text, namespace)
