"""`jacfwd` and `jacrev`: all derivatives of all results, one direction at a time."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from srcad.compose import define
from srcad.derivative import Derivative, Options, stand_ins
from srcad.errors import ArgumentError, OutputError
from srcad.generation import Guards, Made
from srcad.gradient import Gradient
from srcad.kinds import ARRAY
from srcad.linear import Forward, Reverse, spread
from srcad.selection import Selection, select
from srcad.signature import place_of
from srcad.trees import Structure, flatten
from srcad.types.lattice import Array, Scalar, TupleOf, Type, Unknown

__all__ = ["ForwardJacobian", "ReverseJacobian"]


class _Jacobian(Derivative):
    """What both directions share."""

    def _refuse_complex(self, leaves: list[Any], what: str) -> None:
        if any(np.iscomplexobj(leaf) for leaf in leaves):
            raise ArgumentError(
                f"{self.verb}: {what} of `{self._callee.name}` is complex",
                **place_of(self._callee.fn),
                why="the derivative of a complex function is not one array of numbers in general",
                instead="give real and imaginary parts as separate arguments and results",
            )

    def _check_leaves(self, leaves: list[Any]) -> None:
        self._refuse_complex(leaves, "the result")


class ForwardJacobian(_Jacobian):
    """The Jacobian by one forward sweep for each number in the arguments; see `srcad.jacfwd`."""

    verb: ClassVar[str] = "jacfwd"
    mode: ClassVar[str] = "jvp"

    def __init__(self, fun: Callable[..., Any], options: Options) -> None:
        super().__init__(fun, options)
        self._forward = Forward(fun, options)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        self._refresh()
        params = self._params(args, kwargs)
        entry = self._entry(params)
        selection = entry.selection
        chosen = selection.pick([params[at] for at in selection.wrt])
        leaves, inside = flatten(selection.arrange(chosen))
        self._refuse_complex(leaves, "an argument")
        push = _Push(self._forward, entry, params, selection, leaves, inside)
        columns = [[push(at, k) for k in range(np.size(leaf))] for at, leaf in enumerate(leaves)]
        some = push(None, 0) if push.first is None else push.first
        y_leaves, outside = flatten(some[0])
        self._check_leaves(y_leaves)
        jacobians: list[Any] = []
        for place, y in enumerate(y_leaves):
            parts = [
                _stacked([c[place] for c in cs], -1, y, x, y)
                for cs, x in zip(columns, leaves, strict=True)
            ]
            jacobians.append(inside.unflatten(parts))
        result = outside.unflatten(jacobians)
        return (result, some[2]) if self._options.has_aux else result

    def composed(self, types: tuple[Type, ...] | None) -> tuple[FunctionType, Guards]:
        """A plain function that returns this Jacobian, with the guards under which it holds."""
        selection = select(
            self.callee, self._options.argnums, stand_ins(self.callee, types), self.verb
        )
        made = self._make(types, selection)
        x = None if types is None else types[selection.wrt[0]]
        if not isinstance(x, Scalar | Array | Unknown | None):
            raise _refuse(self, "its argument is a container")
        fn = _define_forward(self, selection, made, x)
        return fn, made.guards


class _Push:
    """Runs forward sweeps in the directions of the axes."""

    def __init__(
        self,
        forward: Forward,
        entry: Any,
        params: tuple[Any, ...],
        selection: Selection,
        leaves: list[Any],
        inside: Structure,
    ) -> None:
        self.forward, self.entry, self.params = forward, entry, params
        self.selection, self.leaves, self.inside = selection, leaves, inside
        self.first: Any = None

    def __call__(self, at: int | None, k: int) -> list[Any]:
        """The tangents of the result's leaves, in direction ``k`` of leaf ``at``."""
        directions = [
            unit(leaf, k if place == at else None) for place, leaf in enumerate(self.leaves)
        ]
        tree = self.inside.unflatten(directions)
        chosen = [tree] if self.selection.bare else list(tree)
        tangents = spread(self.selection, self.params, chosen)
        out = self.forward.push(self.entry, self.params, tangents)
        if self.first is None:
            self.first = out
        return out if at is None else flatten(out[1])[0]


class ReverseJacobian(_Jacobian):
    """The Jacobian by one reverse sweep for each number in the result; see `srcad.jacrev`."""

    verb: ClassVar[str] = "jacrev"
    mode: ClassVar[str] = "vjp"

    def __init__(self, fun: Callable[..., Any], options: Options) -> None:
        super().__init__(fun, options)
        self._reverse = Reverse(fun, options)
        self._gradient = Gradient(fun, options)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        self._refresh()
        params = self._params(args, kwargs)
        entry = self._entry(params)
        selection = entry.selection
        chosen = selection.pick([params[at] for at in selection.wrt])
        leaves, inside = flatten(selection.arrange(chosen))
        self._refuse_complex(leaves, "an argument")
        value, pullback, *aux = self._reverse.pull(entry, params)
        y_leaves, outside = flatten(value)
        self._check_leaves(y_leaves)
        jacobians: list[Any] = []
        for place, y in enumerate(y_leaves):
            rows: list[list[Any]] = []
            for k in range(np.size(y)):
                units = [unit(z, k if at == place else None) for at, z in enumerate(y_leaves)]
                out = pullback(outside.unflatten(units))
                rows.append(flatten(selection.arrange(list(out)))[0])
            parts = [_stacked([row[at] for row in rows], 0, y, x, x) for at, x in enumerate(leaves)]
            jacobians.append(inside.unflatten(parts))
        result = outside.unflatten(jacobians)
        return (result, aux[0]) if self._options.has_aux else result

    def composed(self, types: tuple[Type, ...] | None) -> tuple[FunctionType, Guards]:
        """A plain function that returns this Jacobian, with the guards under which it holds."""
        selection = select(
            self.callee, self._options.argnums, stand_ins(self.callee, types), self.verb
        )
        made = self._make(types, selection)
        y = made.generated.result
        if self._options.has_aux:
            y = y.items[0] if isinstance(y, TupleOf) and y.items else Unknown()
        if isinstance(y, Scalar) or (isinstance(y, Array) and not y.shape):
            # Of one number, the Jacobian is the gradient.
            return self._gradient.composed(types)
        x = [Unknown()] if types is None else [types[at] for at in selection.wrt]
        if not isinstance(y, Array | Unknown) or not all(
            isinstance(t, Scalar | Array | Unknown) for t in x
        ):
            raise _refuse(self, "its result or its argument is a container")
        return _define_reverse(self, selection, made, y), made.guards


def unit(leaf: Any, k: int | None) -> Any:
    """Zero in the shape and dtype of ``leaf``, but 1 at its flat index ``k``."""
    if not isinstance(leaf, ARRAY):
        return leaf if leaf is None else type(leaf)(k is not None)
    made = np.zeros(leaf.size, leaf.dtype)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if k is not None:
        made[k] = 1
    return made.reshape(leaf.shape)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _stacked(parts: list[Any], axis: int, y: Any, x: Any, like: Any) -> Any:
    """The derivatives in all directions, which are numbered along ``axis``, as one array."""
    if x is None or y is None:
        return None
    shape = np.shape(y) + np.shape(x)
    if not parts:
        return np.zeros(shape, np.asarray(like).dtype)
    return np.stack([np.asarray(part) for part in parts], axis=axis).reshape(shape)[()]


# --- as a function that can be differentiated ----------------------------------------------------

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
# Each pullback may use up what its forward sweep saved, so each has one of its own.
_REVERSE = """\
def {name}({params}):
    {out} = {derivative}({params})
{lists}
    for {y_bar} in np.eye(np.size({y}){dtype}):
        {out} = {derivative}({params})
        {cotangents} = {pullback}({saved}, np.reshape({y_bar}, np.shape({y})))
{appends}
    return {result}
"""
_REVERSE_SHAPED = "np.reshape(np.stack({rows}), np.shape({y}) + np.shape({x}))"


def _define_forward(
    jacobian: _Jacobian, selection: Selection, made: Made, t: Type | None
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


def _define_reverse(jacobian: _Jacobian, selection: Selection, made: Made, t: Type) -> FunctionType:
    """The Jacobian of the one result, whose type is ``t``."""
    if not selection.is_direct:
        raise _refuse(jacobian, "its arguments are out of order, or inside *args")
    fresh = _Fresh(jacobian)
    chosen = [fresh.params[at] for at in selection.wrt]
    locals_ = ("y", "y_bar", "saved", "cotangents", "aux", "derivative", "pullback")
    own = {n: fresh(n) for n in locals_}
    rows = [fresh(f"{x}_rows") for x in chosen]
    shaped = [
        _REVERSE_SHAPED.format(rows=r, x=x, y=own["y"]) for r, x in zip(rows, chosen, strict=True)
    ]
    outs = [own["y"], own["saved"]]
    results = [shaped[0] if selection.bare else f"({', '.join(shaped)},)"]
    if jacobian.options.has_aux:
        outs, results = [own["y"], own["aux"], own["saved"]], [*results, own["aux"]]
    item = "{0}" if len(rows) == 1 else "{0}[{1}]"
    items = [item.format(own["cotangents"], k) for k in range(len(rows))]
    appends = [f"        {r}.append({x})" for r, x in zip(rows, items, strict=True)]
    text = _REVERSE.format(
        name=jacobian.generated_name,
        params=", ".join(fresh.params),
        out=", ".join(outs),
        lists="\n".join(f"    {r} = []" for r in rows),
        appends="\n".join(appends),
        dtype=_dtype(t),
        result=", ".join(results),
        **own,
    )
    generated = made.generated
    space = {
        "np": np,
        own["derivative"]: generated.call,
        own["pullback"]: generated.pullback,
    }
    return define(jacobian.generated_name, text, space)


class _Fresh:
    """Hands out names that no parameter has."""

    def __init__(self, jacobian: _Jacobian) -> None:
        self.params = [p.name for p in jacobian.callee.parameters]
        self._taken = {*self.params, "np", jacobian.generated_name}
        if "np" in self.params:
            raise _refuse(jacobian, "its parameter is called `np`")

    def __call__(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def _dtype(t: Type | None) -> str:
    return f", dtype=np.{t.dtype}" if isinstance(t, Array) and t.dtype != np.float64 else ""


def _refuse(jacobian: _Jacobian, what: str) -> OutputError:
    callee = jacobian.callee
    return OutputError(
        f"{jacobian.verb} of `{callee.name}` cannot be differentiated itself: {what}",
        **place_of(callee.fn),
        why="only a Jacobian of numbers and arrays, without containers, is differentiated",
        instead="join them into one array",
    )
