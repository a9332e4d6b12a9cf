"""Pullbacks as gradients: ``vjp(f, x)[1](y_bar)`` is that of ``sum(f(x) * y_bar)`` by ``x``.

In this form a pullback is differentiated as any other gradient (`srcad.construction.symmetry`).
The real part of the sum makes it right for complex values too, as a cotangent ``w`` of ``y`` stands
for the linear form that takes ``y_dot`` to the real part of ``sum(w * y_dot)``.
"""

from __future__ import annotations

from types import FunctionType

import numpy as np

from srcad.calls.compose import define, fresh, passed
from srcad.calls.guards import watched
from srcad.derivatives.derivative import Derivative
from srcad.derivatives.generation import Made
from srcad.errors import OutputError
from srcad.runtime import check_alike
from srcad.signature import place_of
from srcad.types.lattice import (
    Array,
    DictOf,
    FixedList,
    Record,
    Scalar,
    TupleOf,
    Type,
    Unknown,
)

__all__ = ["gradient_of_pairing"]


def gradient_of_pairing(
    derivative: Derivative, types: tuple[Type, ...] | None, result: Type
) -> Made:
    """``call(*params, y_bar)``: the cotangent of each differentiated parameter.

    Parameters
    ----------
    derivative
        Of the function that is paired; its options count.
    types
        Those of all parameters of the function behind.
    result
        The type of what is paired with the cotangent.

    Raises
    ------
    OutputError
        If the result is a list of unknown length.
    """
    fn, guards = derivative.target(types)
    params = [p.name for p in derivative.callee.parameters]
    taken = {*params, "np"}
    inner, y, y_bar, aux, check = (
        fresh(n, taken) for n in ("f", "y", "y_bar", "aux", "check_alike")
    )
    terms = _terms(derivative, y, y_bar, result)
    got = f"{y}, {aux}" if derivative.options.has_aux else y
    name = fresh(f"{derivative.callee.name}_pairing".replace("<lambda>", "lambda"), taken)
    text = (
        f"def {name}({', '.join([*params, y_bar])}):\n"
        f"    {got} = {inner}({passed(fn)}); {check}({y}, {y_bar}, 'cotangent')\n"
        f"    return {' + '.join(terms) or '0.0'}\n"
    )
    pairing: FunctionType = watched(
        define(name, text, {inner: fn, check: check_alike, "np": np}), guards
    )
    wrt = derivative.selection_for(types).wrt
    all_types = None if types is None else (*types, result)
    return derivative.gradient_around(pairing, all_types, wrt)


def _terms(derivative: Derivative, y: str, y_bar: str, t: Type) -> list[str]:
    """The text of each leaf's part of the sum."""

    def inside(items: list[tuple[str, Type]]) -> list[str]:
        found = [_terms(derivative, f"{y}{path}", f"{y_bar}{path}", x) for path, x in items]
        return [term for terms in found for term in terms]

    match t:
        case Scalar(dtype) if dtype.kind not in "fc":
            return []
        case Array(dtype) if dtype.kind not in "fc":
            return []
        case Scalar(dtype):
            return [f"({y} * {y_bar}).real" if dtype.kind == "c" else f"{y} * {y_bar}"]
        case Array(dtype):
            product = f"np.real({y} * {y_bar})" if dtype.kind == "c" else f"{y} * {y_bar}"
            return [f"np.sum({product})"]
        case Unknown():
            return [f"np.sum(np.real({y} * {y_bar}))"]
        case TupleOf(items) | FixedList(items):
            return inside([(f"[{i}]", x) for i, x in enumerate(items)])
        case DictOf(items):
            return inside([(f"[{k!r}]", x) for k, x in items])
        case Record(_, fields):
            return inside([(f".{name}", x) for name, x in fields])
        case _:
            callee = derivative.callee
            raise OutputError(
                f"the pullback of `{callee.name}` cannot be differentiated",
                **place_of(callee.fn),
                why="the function returns a list, whose length is not known beforehand",
                instead="return an array or a tuple of arrays",
            )
