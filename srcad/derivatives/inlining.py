"""Plain functions that do what `jvp`, `hvp` and a pullback of `vjp` do, to be differentiated."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from srcad.calls.compose import define, fresh, tuple_text
from srcad.calls.guards import Guards, watched
from srcad.derivatives.derivative import Derivative
from srcad.derivatives.gradient import Gradient
from srcad.derivatives.linear import Forward, Reverse
from srcad.derivatives.options import Options
from srcad.derivatives.points import recently
from srcad.notes import notes_of

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["hessian_function", "pullback_function", "tangent_function"]

Function = Callable[..., Any]


def _every(types: tuple[Type, ...], has_aux: bool = False) -> Options:
    return Options(tuple(range(len(types))), has_aux)


def tangent_function(fun: Function, types: tuple[Type, ...], has_aux: bool = False) -> FunctionType:
    """``f_jvp(*primals, *tangents)``, which returns what ``jvp(f, primals, tangents)`` does."""
    forward = recently(Forward, fun, _every(types, has_aux))
    return _tangent(forward, types)


def hessian_function(fun: Function, types: tuple[Type, ...]) -> FunctionType:
    """``f_hvp(*primals, *tangents)``, which returns what ``hvp(f, primals, tangents)`` does."""
    options = Options(0) if len(types) == 1 else _every(types)
    gradient = recently(Gradient, fun, options)
    inner = _tangent(recently(Forward, gradient, _every(types)), types)
    names = ", ".join([f"x{i}" for i in range(len(types))] + [f"v{i}" for i in range(len(types))])
    name = gradient.callee.name.replace("<lambda>", "lambda") + "_hvp"
    text = f"def {name}({names}):\n    g, g_dot = {inner.__name__}({names})\n    return g_dot\n"
    return watched(define(name, text, {inner.__name__: inner}), watched_by(inner))


def watched_by(fn: FunctionType) -> Guards:
    """The guards that `watched` gave ``fn``."""
    return notes_of(fn).guards or Guards()


def _tangent(forward: Forward, types: tuple[Type, ...]) -> FunctionType:
    params = _Parameters(forward, types)
    made = forward.made_for(params.types)
    selection = forward.selection_for(params.types)
    call = made.generated.call
    name = forward.generated_name
    inner = fresh(call.__name__, {name, *params.taken})
    picks: dict[int, list[str]] = {}
    for (place, _), v in zip(selection.picks, params.others("v"), strict=True):
        picks.setdefault(place, []).append(v)
    # All items of ``*args`` are differentiated, so their tangents are one tuple.
    tangents = [
        tuple_text(vs) if any(w == place and at is not None for w, at in selection.picks) else vs[0]
        for place, vs in sorted(picks.items())
    ]
    text = (
        f"def {name}({', '.join([*params.own, *params.others('v')])}):\n"
        f"    return {inner}({', '.join([*params.arguments, *tangents])})\n"
    )
    if params.is_plain and isinstance(call, FunctionType):
        return watched(call, made.guards)
    return watched(define(name, text, {**params.names, inner: call}), made.guards)


def pullback_function(
    fun: Function, types: tuple[Type, ...], y_bar: Type, has_aux: bool
) -> FunctionType:
    """``f_vjp(*primals, y_bar)``, which returns what ``vjp(f, *primals)[1](y_bar)`` does."""
    from srcad.derivatives.pairing import gradient_of_pairing

    reverse = recently(Reverse, fun, _every(types, has_aux))
    params = _Parameters(reverse, types)
    made = gradient_of_pairing(reverse, params.types, y_bar)
    selection = reverse.selection_for(params.types)
    grads = "grads" if len(selection.wrt) > 1 else None
    picked = [
        (f"grads[{at}]" if grads else "grads") + ("" if item is None else f"[{item!r}]")
        for at, item in selection.picks
    ]
    name = reverse.generated_name
    text = (
        f"def {name}({', '.join([*params.own, 'y_bar'])}):\n"
        f"    grads = gradient({', '.join([*params.arguments, 'y_bar'])})\n"
        f"    return {tuple_text(picked)}\n"
    )
    names = {**params.names, "gradient": made.generated.call}
    return watched(define(name, text, names), made.guards)


class _Parameters:
    """The arguments of a call by position, completed to all parameters of the function behind."""

    def __init__(self, derivative: Derivative, types: tuple[Type, ...]) -> None:
        from srcad.derivatives.completion import completed

        self.count = len(types)
        self.arguments, self.names, self.types = completed(derivative.callee, types)
        self.own = [f"a{i}" for i in range(self.count)]
        self.is_plain = self.arguments == self.own
        self.taken = {*self.own, *self.others("v"), *self.names}

    def others(self, base: str) -> list[str]:
        """One name for each argument."""
        return [f"{base}{i}" for i in range(self.count)]
