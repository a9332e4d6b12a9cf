"""`jacfwd` and `jacrev`: all derivatives of all results, one direction at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from srcad.calls.guards import Guards
from srcad.calls.selection import Selection
from srcad.calls.trees import Structure, flatten
from srcad.derivatives.derivative import Derivative
from srcad.derivatives.gradient import Gradient
from srcad.derivatives.linear import Forward, Reverse, spread
from srcad.derivatives.options import Options
from srcad.errors import ArgumentError
from srcad.kinds import ARRAY
from srcad.signature import place_of

if TYPE_CHECKING:
    from srcad.types.lattice import Type

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

    def _refuse_iterators(self, params: tuple[Any, ...]) -> None:
        for parameter, value in zip(self._callee.parameters, params, strict=True):
            if isinstance(value, Iterator):
                raise ArgumentError(
                    f"{self.verb}: argument `{parameter.name}` of `{self._callee.name}` is an"
                    " iterator",
                    **place_of(self._callee.fn),
                    why="the function runs once for each number in the arguments, and the first"
                    " run would use the items up",
                    instead=f"pass a list: `list({parameter.name})`",
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
        self._refuse_iterators(params)
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
        """A plain function that returns this Jacobian, with the guards of its validity."""
        from srcad.derivatives.composed_jacobian import forward_function

        selection = self.selection_for(types)
        made = self._make(types, selection, again=True)
        return forward_function(self, types, selection, made)


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
        value, pullback, *aux = self._reverse.pull(entry, params, at_once=True)
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
        """A plain function that returns this Jacobian, with the guards of its validity."""
        from srcad.derivatives.composed_jacobian import reverse_function

        selection = self.selection_for(types)
        made = self._make(types, selection, again=True)
        return reverse_function(self, types, selection, made.generated.result, self._gradient)


def unit(leaf: Any, k: int | None) -> Any:
    """Zero in the shape and dtype of ``leaf``, but 1 at its flat index ``k``."""
    if not isinstance(leaf, ARRAY):
        return leaf if leaf is None else type(leaf)(k is not None)
    made: Any = np.zeros(leaf.size, leaf.dtype)
    if k is not None:
        made[k] = 1
    return made.reshape(leaf.shape)


def _stacked(parts: list[Any], axis: int, y: Any, x: Any, like: Any) -> Any:
    """The derivatives in all directions, which are numbered along ``axis``, as one array."""
    if x is None or y is None:
        return None
    shape = np.shape(y) + np.shape(x)
    if not parts:
        return np.zeros(shape, np.asarray(like).dtype)
    return np.stack([np.asarray(part) for part in parts], axis=axis).reshape(shape)[()]
