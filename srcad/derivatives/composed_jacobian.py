"""Jacobians as plain functions, as text, so that they can be differentiated in turn."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from srcad.calls.compose import define, passed
from srcad.calls.compose import fresh as fresh_name
from srcad.calls.guards import Guards
from srcad.calls.selection import Selection
from srcad.derivatives.derivative import Derivative
from srcad.derivatives.generation import Made
from srcad.derivatives.pairing import gradient_of_pairing
from srcad.errors import OutputError
from srcad.runtime.returned import check_pair
from srcad.signature import place_of
from srcad.types.lattice import Array, Scalar, TupleOf, Type, Unknown

__all__ = ["forward_function", "reverse_function"]

_FORWARD = """\
def {name}({params}):
    {columns} = []
    for {x_dot} in np.eye(np.size({x}){dtype}):
        {out} = {derivative}({params}, np.reshape({x_dot}, np.shape({x})))
        {columns}.append({y_dot})
    return {result}
"""
_FORWARD_SHAPED = "np.reshape(np.stack({columns}, axis=-1), np.shape({columns}[0]) + np.shape({x}))"
_FORWARD_SCALAR = """\
def {name}({params}):
    {out} = {derivative}({params}, 1.0)
    return {result}
"""
_REVERSE = """\
def {name}({params}):
{call}
{lists}
    for {y_bar} in np.eye(np.size({y}){dtype}):
        {cotangents} = {pullback}({params}, np.reshape({y_bar}, np.shape({y})))
{appends}
    return {result}
"""
_REVERSE_SHAPED = "np.reshape(np.stack({rows}), np.shape({y}) + np.shape({x}))"


def forward_function(
    jacobian: Derivative, types: tuple[Type, ...] | None, selection: Selection, made: Made
) -> tuple[FunctionType, Guards]:
    """`jacfwd` as a plain function, from the tangent function ``made``.

    Raises
    ------
    OutputError
        If containers are involved.
    """
    x = None if types is None else types[selection.wrt[0]]
    if not isinstance(x, Scalar | Array | Unknown | None):
        raise _refuse(jacobian, "its argument is a container")
    return _define_forward(jacobian, selection, made, x), made.guards


def reverse_function(
    jacobian: Derivative,
    types: tuple[Type, ...] | None,
    selection: Selection,
    y: Type,
    gradient: Derivative,
) -> tuple[FunctionType, Guards]:
    """`jacrev` as a plain function, whose result is of type ``y``.

    Raises
    ------
    OutputError
        If containers are involved.
    """
    if jacobian.options.has_aux:
        y = y.items[0] if isinstance(y, TupleOf) and y.items else Unknown()
    if isinstance(y, Scalar) or (isinstance(y, Array) and not y.shape):
        # Of one number, the Jacobian is the gradient.
        return gradient.composed(types)
    x = [Unknown()] if types is None else [types[at] for at in selection.wrt]
    if not isinstance(y, Array | Unknown) or not all(
        isinstance(t, Scalar | Array | Unknown) for t in x
    ):
        raise _refuse(jacobian, "its result or its argument is a container")
    made = gradient_of_pairing(jacobian, types, y)
    return _define_reverse(jacobian, selection, made, y, jacobian.target(types)[0]), made.guards


def _define_forward(
    jacobian: Derivative, selection: Selection, made: Made, t: Type | None
) -> FunctionType:
    """The Jacobian in the directions of the one argument, whose type is ``t``."""
    if not (selection.bare and selection.is_direct):
        raise _refuse(jacobian, "it has several arguments to differentiate")
    x = jacobian.callee.parameters[selection.wrt[0]].name
    fresh = _Fresh(jacobian)
    own = {n: fresh(n) for n in ("columns", "y", "y_dot", "aux", "derivative")}
    own |= {"x": x, "x_dot": fresh(f"{x}_dot")}
    is_number = isinstance(t, Scalar)
    shaped = own["y_dot"] if is_number else _FORWARD_SHAPED.format(**own)
    outs, results = [own["y"], own["y_dot"]], [shaped]
    if jacobian.options.has_aux:
        outs, results = [*outs, own["aux"]], [shaped, own["aux"]]
    text = (_FORWARD_SCALAR if is_number else _FORWARD).format(
        name=jacobian.generated_name,
        params=", ".join(fresh.params),
        out=", ".join(outs),
        dtype=_dtype(t),
        result=", ".join(results),
        **own,
    )
    space = {"np": np, own["derivative"]: made.generated.call}
    return define(jacobian.generated_name, text, space)


def _define_reverse(
    jacobian: Derivative, selection: Selection, made: Made, t: Type, fun: FunctionType
) -> FunctionType:
    """The Jacobian of the one result, whose type is ``t``."""
    if not selection.is_direct:
        raise _refuse(jacobian, "its arguments are out of order, or inside *args")
    fresh = _Fresh(jacobian)
    chosen = [fresh.params[at] for at in selection.wrt]
    locals_ = ("y", "y_bar", "cotangents", "aux", "fun", "pullback")
    own = {n: fresh(n) for n in locals_}
    space: dict[str, Any] = {
        "np": np,
        own["fun"]: fun,
        own["pullback"]: made.generated.call,
    }
    rows = [fresh(f"{x}_rows") for x in chosen]
    shaped = [
        _REVERSE_SHAPED.format(rows=r, x=x, y=own["y"]) for r, x in zip(rows, chosen, strict=True)
    ]
    value = f"{own['fun']}({passed(fun)})"
    call = [f"{own['y']} = {value}"]
    results = [shaped[0] if selection.bare else f"({', '.join(shaped)},)"]
    if jacobian.options.has_aux:
        pair, check = fresh("pair"), fresh("check_pair")
        call = [
            f"{pair} = {value}",
            f"{check}({pair}, {jacobian.callee.name!r})",
            f"{own['y']}, {own['aux']} = {pair}",
        ]
        space[check] = check_pair
        results = [*results, own["aux"]]
    item = "{0}" if len(rows) == 1 else "{0}[{1}]"
    items = [item.format(own["cotangents"], k) for k in range(len(rows))]
    appends = [f"        {r}.append({x})" for r, x in zip(rows, items, strict=True)]
    text = _REVERSE.format(
        name=jacobian.generated_name,
        params=", ".join(fresh.params),
        call="\n".join(f"    {line}" for line in call),
        lists="\n".join(f"    {r} = []" for r in rows),
        appends="\n".join(appends),
        dtype=_dtype(t),
        result=", ".join(results),
        **own,
    )
    return define(jacobian.generated_name, text, space)


class _Fresh:
    """Hands out names that no parameter has."""

    def __init__(self, jacobian: Derivative) -> None:
        self.params = [p.name for p in jacobian.callee.parameters]
        self._taken = {*self.params, "np", jacobian.generated_name}
        if "np" in self.params:
            raise _refuse(jacobian, "its parameter is called `np`")

    def __call__(self, name: str) -> str:
        return fresh_name(name, self._taken)


def _dtype(t: Type | None) -> str:
    return f", dtype=np.{t.dtype}" if isinstance(t, Array) and t.dtype != np.float64 else ""


def _refuse(jacobian: Derivative, what: str) -> OutputError:
    callee = jacobian.callee
    return OutputError(
        f"{jacobian.verb} of `{callee.name}` cannot be differentiated itself: {what}",
        **place_of(callee.fn),
        why="only a Jacobian of numbers and arrays, without containers, is differentiated",
        instead="join them into one array",
    )
