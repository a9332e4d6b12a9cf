"""Evaluates IR expressions, plainly and on dual numbers; inner products and differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from srcad.ir.nodes import Attr, Call, Const, Dict, Expr, List, Ref, Slice, Star, Tuple, Var
from srcad.rules.binding import bind
from srcad.rules.reading import tangent
from srcad.rules.table import rule_for
from srcad.runtime import broadcast_like


def evaluate(expr: Expr, env: Mapping[str, Any]) -> Any:
    """The value of ``expr``."""
    match expr:
        case Var():
            return env[expr.name]
        case Const(value) | Ref(_, value):
            return value
        case Attr(value, name):
            return getattr(evaluate(value, env), name)
        case Tuple(items):
            return tuple(_spread(items, env))
        case List(items):
            return _spread(items, env)
        case Dict(keys, values):
            return {evaluate(k, env): evaluate(v, env) for k, v in zip(keys, values, strict=True)}
        case Slice(start, stop, step):
            return slice(*(evaluate(part, env) for part in (start, stop, step)))
        case Call(fn, args, kwargs):
            return evaluate(fn, env)(
                *_spread(args, env), **{k: evaluate(v, env) for k, v in kwargs}
            )
        case _:
            raise AssertionError(f"a rule's text has {expr}")


def _spread(items: tuple[Expr, ...], env: Mapping[str, Any]) -> list[Any]:
    out: list[Any] = []
    for item in items:
        if isinstance(item, Star):
            out.extend(evaluate(item.value, env))
        else:
            out.append(evaluate(item, env))
    return out


def push(expr: Expr, env: Mapping[str, Any], dots: Mapping[str, Any]) -> Any:
    """The tangent of ``expr``, by the rules of what it calls; ``None`` is zero."""
    match expr:
        case Var():
            return dots.get(expr.name)
        case Const() | Ref() | Slice():
            return None
        case Tuple(items) | List(items):
            inner = [push(i, env, dots) for i in items]
            if all(d is None for d in inner):
                return None
            values = [evaluate(i, env) for i in items]
            return tuple(zeros(v) if d is None else d for v, d in zip(values, inner, strict=True))
        case Call(Ref(path, fn), args, kwargs):
            rule = rule_for(fn)
            assert rule is not None, f"{path} stands in a rule but has none"
            bound = bind(rule, args, kwargs)
            values = {p.name: p.default for p in rule.params} | {
                k: evaluate(v, env) for k, v in bound.items()
            }
            values[rule.result_name] = evaluate(expr, env)
            total: Any = None
            for name in rule.differentiable:
                d = push(bound[name], env, dots) if name in bound else None
                if d is None:
                    continue
                part = evaluate(tangent(rule, name, frozenset(bound)), values | {"g": d})
                total = part if total is None else tree_map(np.add, total, part)
            return total
        case _:
            raise AssertionError(f"no tangent of {expr}")


def tree_map(f: Callable[..., Any], x: Any, *others: Any) -> Any:
    """``f`` on the leaves of nested tuples and lists."""
    if isinstance(x, tuple | list):
        return [tree_map(f, *leaves) for leaves in zip(x, *others, strict=True)]
    return f(x, *others)


def zeros(x: Any) -> Any:
    return tree_map(np.zeros_like, x)


def inner(w: Any, v: Any) -> float:
    """The real pairing of a cotangent and a tangent, without conjugation."""
    if isinstance(w, tuple | list):
        return sum(inner(a, b) for a, b in zip(w, v, strict=True))
    return float(np.real(np.sum(np.asarray(w) * np.asarray(v))))


def magnitude(w: Any, v: Any) -> float:
    """What `inner` would be if nothing cancelled."""
    if isinstance(w, tuple | list):
        return sum(magnitude(a, b) for a, b in zip(w, v, strict=True))
    return float(np.sum(np.abs(np.asarray(w) * np.asarray(v))))


def difference(f: Callable[[float], Any], h: float = 1e-3) -> Any:
    """The five-point derivative of ``f`` at 0."""

    def stencil(a: Any, b: Any, c: Any, d: Any) -> Any:
        return (np.asarray(a) - 8 * np.asarray(b) + 8 * np.asarray(c) - np.asarray(d)) / (12 * h)

    return tree_map(stencil, f(-2 * h), f(-h), f(h), f(2 * h))


def like_result(part: Any, y: Any) -> Any:
    """A contribution to a tangent, with the shape and kind of the result."""
    return tree_map(broadcast_like, part, y) if not isinstance(y, tuple | list) else part
