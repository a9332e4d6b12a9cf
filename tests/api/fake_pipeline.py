"""A stand-in for the compiler: five-point differences, with a record of what was asked."""

from __future__ import annotations

import inspect
import types
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srcad.ir.nodes import Capture
from srcad.types.lattice import FLOAT, UNKNOWN, Scalar
from tests import trees


@dataclass(frozen=True)
class Request:
    fn: types.FunctionType
    types: tuple[Any, ...] | None
    wrt: tuple[int, ...]
    mode: str
    has_aux: bool
    with_value: bool
    backend: str
    optimise: Any


@dataclass(frozen=True)
class Generated:
    call: Any
    pullback: Any
    source: str
    result: Any
    captures: tuple[tuple[types.FunctionType, Capture], ...]
    functions: tuple[types.FunctionType, ...] = ()
    consumes: bool = False
    lookups: tuple = ()
    mutates: tuple[int, ...] = ()


@dataclass
class Fake:
    """Takes the place of ``srcad.pipeline``; ``result`` is what inference would say."""

    result: Any = None
    requests: list[Request] = field(default_factory=list)
    Request: type = Request
    Generated: type = Generated

    def generate(self, request: Request) -> Generated:
        self.requests.append(request)
        fn = request.fn
        known = (
            not request.has_aux
            and request.types
            and all(isinstance(t, Scalar) for t in request.types)
        )
        result = self.result if self.result is not None else (FLOAT if known else UNKNOWN)
        call = {"grad": _grad, "vjp": _vjp, "jvp": _jvp}[request.mode](request)
        extra = len(request.wrt) if request.mode == "jvp" else 0
        count = len(inspect.signature(fn, follow_wrapped=False).parameters) + extra
        kind = inspect.Parameter.POSITIONAL_ONLY
        call.__signature__ = inspect.Signature(
            [inspect.Parameter(f"p{i}", kind) for i in range(count)]
        )
        source = f"def {fn.__name__}_{request.mode}(...): {request.types}\n"
        return Generated(
            call, _pullback(request), source, result, _captures(fn), (fn,), request.mode == "vjp"
        )


def _captures(fn) -> tuple[tuple[types.FunctionType, Capture], ...]:
    found = []
    for name in fn.__code__.co_names:
        if name in fn.__globals__ and not isinstance(fn.__globals__[name], types.ModuleType):
            found.append(Capture(name, fn.__globals__[name], ("global", name)))
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        found.append(Capture(name, cell.cell_contents, ("closure", name)))
    return tuple((fn, capture) for capture in found)


def _plain_call(request: Request, params: list[Any]) -> Any:
    """The user's function on fresh copies, with ``*args`` and ``**kwargs`` spread out again."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    signature = inspect.signature(request.fn, follow_wrapped=False)
    for p, value in zip(signature.parameters.values(), params, strict=True):
        value = trees.copied(value)
        match p.kind:
            case p.VAR_POSITIONAL:
                args += value
            case p.VAR_KEYWORD:
                kwargs |= value
            case p.KEYWORD_ONLY:
                kwargs[p.name] = value
            case _:
                args.append(value)
    return request.fn(*args, **kwargs)


def _split(request: Request, out: Any) -> tuple[Any, Any]:
    if not request.has_aux:
        return out, None
    value, aux = out
    return value, aux


def _numbers(x: Any) -> np.ndarray:
    parts = [np.ravel(leaf).astype(float) for leaf in _float_leaves(x)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _float_leaves(x: Any) -> list[Any]:
    return [leaf for leaf in trees.leaves(x) if np.asarray(leaf).dtype.kind == "f"]


def _replace(x: Any, numbers: np.ndarray) -> Any:
    at = 0

    def one(leaf):
        nonlocal at
        if np.asarray(leaf).dtype.kind != "f":
            return leaf
        n = np.size(leaf)
        made = numbers[at : at + n].reshape(np.shape(leaf))
        at += n
        if isinstance(leaf, np.ndarray):
            return made.astype(leaf.dtype)
        return type(leaf)(made)

    return trees.tree_map(one, x)


def _values(request: Request, params: list[Any], wrt_numbers: np.ndarray) -> np.ndarray:
    params = list(params)
    at = 0
    for place in request.wrt:
        n = len(_numbers(params[place]))
        params[place] = _replace(params[place], wrt_numbers[at : at + n])
        at += n
    return _numbers(_split(request, _plain_call(request, params))[0])


def _directional(request: Request, params: list[Any], direction: np.ndarray) -> np.ndarray:
    x = np.concatenate([_numbers(params[p]) for p in request.wrt] or [np.zeros(0)])
    h = 1e-3
    f = [_values(request, params, x + k * h * direction) for k in (1, -1, 2, -2)]
    return (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * h)


def _jacobian(request: Request, params: list[Any]) -> np.ndarray:
    n = sum(len(_numbers(params[p])) for p in request.wrt)
    m = len(_numbers(_split(request, _plain_call(request, list(params)))[0]))
    rows = [_directional(request, params, e) for e in np.eye(n)]
    return np.array(rows).T if rows else np.zeros((m, 0))


def _cotangents(request: Request, params: list[Any], y_bar: np.ndarray) -> tuple[Any, ...]:
    flat = y_bar @ _jacobian(request, params)
    made, at = [], 0
    for place in request.wrt:
        n = len(_numbers(params[place]))
        made.append(_replace(params[place], flat[at : at + n]))
        at += n
    return tuple(made)


def _grad(request: Request):
    def call(*params):
        value, aux = _split(request, _plain_call(request, list(params)))
        grads = _cotangents(request, list(params), np.ones(max(len(_numbers(value)), 0)))
        got = [v for v, has in ((value, request.with_value), (aux, request.has_aux)) if has]
        grads = grads[0] if len(grads) == 1 else grads
        return (*got, grads) if got else grads

    return call


def _vjp(request: Request):
    def call(*params):
        value, aux = _split(request, _plain_call(request, list(params)))
        saved = (trees.copied(params), ["popped by the pullback"])
        return (value, aux, saved) if request.has_aux else (value, saved)

    return call


def _pullback(request: Request):
    if request.mode != "vjp":
        return None

    def pullback(saved, y_bar):
        params, stack = saved
        stack.pop()
        made = _cotangents(request, list(params), _numbers(y_bar))
        return made[0] if len(made) == 1 else made

    return pullback


def _jvp(request: Request):
    def call(*args):
        split = len(args) - len(request.wrt)
        params, tangents = args[:split], args[split:]
        value, aux = _split(request, _plain_call(request, list(params)))
        direction = np.concatenate([_numbers(t) for t in tangents])
        value_dot = _replace(value, _directional(request, list(params), direction))
        return (value, value_dot, aux) if request.has_aux else (value, value_dot)

    return call
