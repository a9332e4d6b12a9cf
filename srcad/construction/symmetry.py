"""Derivatives of gradients, by the symmetry of second derivatives.

For a function ``f`` and a direction ``v`` forward mode makes ``f_dot(x, v)``, the product of the
gradient of ``f`` with ``v``. It is all that is needed to differentiate the gradient itself:

* the gradient of ``f_dot`` by ``x`` is the Hessian of ``f`` times ``v``. The Hessian is symmetric,
  so this is at once the tangent of the gradient in the direction ``v``, and the cotangent of ``x``
  where ``v`` is the cotangent of the gradient;
* the gradient of ``f_dot`` by ``v`` is the gradient of ``f``.

So reverse mode is never applied to its own output, and forward mode neither: a derivative of any
order is one reverse sweep over tangents of tangents. The same holds for complex arguments, as the
gradient ``g`` is such that ``f_dot(x, v)`` is the real part of ``sum(g * v)``.

Here are the few functions that stand between: they call what the transformations make. Where a
derivative is the user's own (`srcad.custom_vjp`), it need not be symmetric, and none of this is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, cast

from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Expr,
    Function,
    Param,
    Ref,
    Return,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.notes import notes_of
from srcad.transform.assemble import packed
from srcad.types.lattice import Scalar, TupleOf, Type

__all__ = [
    "GradientOf",
    "backward_of_gradient",
    "forward_of_gradient",
    "gives_gradient",
    "gradient_of",
    "tangent_of_gradient",
    "with_unit_direction",
]


@dataclass(frozen=True, slots=True)
class GradientOf:
    """What a generated gradient is the gradient of.

    Parameters
    ----------
    fn
        The function that was differentiated.
    wrt
        The places of the parameters by which it was.
    with_value
        Whether ``(value, gradient)`` is returned, and not the gradient alone.
    """

    fn: Callable[..., Any]
    wrt: tuple[int, ...]
    with_value: bool

    @property
    def primal(self) -> FunctionType:
        """``fn`` as what it is: a class attribute of that type would be taken for a method."""
        return cast("FunctionType", self.fn)

    def result(self, types: tuple[Type, ...], value: Type) -> Type:
        """What the gradient function returns, for arguments of ``types`` and a value of ``fn``."""
        grads = [types[i] for i in self.wrt]
        gradient = grads[0] if len(grads) == 1 else TupleOf(tuple(grads))
        return TupleOf((value, gradient)) if self.with_value else gradient

    def is_number(self, types: tuple[Type, ...]) -> bool:
        """Whether the gradient is a single number, which has a gradient itself."""
        return not self.with_value and len(self.wrt) == 1 and isinstance(types[self.wrt[0]], Scalar)


def gradient_of(fn: object) -> GradientOf | None:
    """What ``fn`` is the gradient of, if it is a generated gradient with a symmetric derivative."""
    return notes_of(fn).gradient if isinstance(fn, FunctionType) else None


def with_unit_direction(dot: Function, directions: Sequence[Var]) -> Function:
    """``dot(*params)`` of ``dot(*params, *directions)``: each direction is the number one."""
    given = tuple(p for p in dot.params if p.var not in directions)
    ones = tuple(Assign(v, Const(1.0)) for v in directions)
    return replace(dot, params=given, body=(*ones, *dot.body))


def forward_of_gradient(like: Function, gradient: Ref, name: str) -> Function:
    """``name(*params) -> (gradient, saved)``, where all parameters are saved.

    ``like`` is the function that was differentiated, and has the parameters.
    """
    params = [p.var for p in like.params]
    g = _names(params).fresh("g")
    body: list[Stmt] = [
        Assign(g, Call(gradient, tuple(params))),
        Return(Tuple((g, packed(params)))),
    ]
    return _function(like, name, params, body)


def backward_of_gradient(like: Function, of: GradientOf, slope: Ref, name: str) -> Function:
    """``name(saved, g_bar)``, the cotangents, out of ``slope``: the gradient of ``f_dot``.

    With a value the cotangent is ``(value_bar, g_bar)``, and ``slope`` is the gradient of
    ``value_bar * f + f_dot``.
    """
    params = [p.var for p in like.params]
    names = _names(params)
    saved, g_bar = names.fresh("saved"), names.fresh("g_bar")
    body: list[Stmt] = [_unpacked(params, saved)]
    weights: list[Expr] = []
    direction = g_bar
    if of.with_value:
        value_bar, direction = names.fresh("value_bar"), names.fresh("direction")
        body.append(Unpack((value_bar, direction), g_bar))
        weights.append(value_bar)
    parts = [direction]
    if len(of.wrt) > 1:
        parts = [names.fresh(f"{params[i].base}_dot") for i in of.wrt]
        body.append(Unpack(tuple(parts), direction))
    out = names.fresh("t")
    body.append(Assign(out, Call(slope, (*params, *parts, *weights))))
    body.append(Return(out))
    return _function(like, name, [saved, g_bar], body)


def tangent_of_gradient(
    like: Function,
    of: GradientOf,
    gradient: Ref,
    slope: Ref,
    wanted: tuple[int, ...],
    name: str,
) -> Function:
    """``name(*params, *tangents) -> (gradient, gradient_dot)``.

    Parameters
    ----------
    like
        The function that was differentiated.
    of
        How.
    gradient
        The gradient function, called only where ``slope`` does not give the gradient too.
    slope
        The gradient of ``f_dot``, which takes the arguments of the function made here. Where it
        `gives_gradient` it returns first the gradient and then ``gradient_dot``, else
        ``gradient_dot`` alone; with a value, before it ``f_dot`` and the value.
    wanted
        The parameters that have a tangent.
    """
    params = [p.var for p in like.params]
    names = _names(params)
    dots = {i: names.fresh(f"{params[i].base}_dot") for i in wanted}
    call = Call(slope, (*params, *dots.values()))
    g, g_dot = names.fresh("g"), names.fresh("g_dot")
    body: list[Stmt] = []
    value, value_dot = names.fresh("value"), names.fresh("value_dot")
    both = gives_gradient(of, wanted)
    found = names.fresh("slopes") if both else g_dot
    if of.with_value:
        body.append(Unpack((value_dot, value, found), call))
    else:
        body.append(Assign(found, call))
    if both:
        grads = [names.fresh(f"{params[i].base}_bar") for i in of.wrt]
        grad_dots = [names.fresh(f"{params[i].base}_bar_dot") for i in of.wrt]
        body.append(Unpack((*grads, *grad_dots), found))
        body.append(Assign(g, packed(grads)))
        body.append(Assign(g_dot, packed(grad_dots)))
    elif of.with_value:
        body.append(Unpack((None, g), Call(gradient, tuple(params))))
    else:
        body.append(Assign(g, Call(gradient, tuple(params))))
    result, result_dot = (
        (Tuple((value, g)), Tuple((value_dot, g_dot))) if of.with_value else (g, g_dot)
    )
    body.append(Return(Tuple((result, result_dot))))
    return _function(like, name, [*params, *dots.values()], body)


def gives_gradient(of: GradientOf, wanted: tuple[int, ...]) -> bool:
    """Whether ``f_dot`` has all directions of the gradient, so that its own tells the gradient."""
    return set(of.wrt) <= set(wanted)


def _names(params: Sequence[Var]) -> Names:
    return Names({v.name for v in params} | {"np", "math"})


def _unpacked(params: Sequence[Var], saved: Var) -> Stmt:
    return Assign(params[0], saved) if len(params) == 1 else Unpack(tuple(params), saved)


def _function(like: Function, name: str, params: Sequence[Var], body: Sequence[Stmt]) -> Function:
    return Function(name, tuple(map(Param, params)), tuple(body), like.source)
