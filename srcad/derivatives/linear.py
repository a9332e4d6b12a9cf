"""`jvp` and `vjp`: the derivative as a linear map, and its transpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from srcad.calls.checks import check_like, check_result
from srcad.calls.compose import Layout
from srcad.calls.detach import detached, duplicate, with_own_globals
from srcad.calls.results import Owner
from srcad.calls.selection import Selection
from srcad.calls.trees import flatten
from srcad.derivatives.derivative import Derivative, annotated
from srcad.derivatives.entry import Entry
from srcad.derivatives.generation import Made
from srcad.errors import ArgumentError
from srcad.kinds import DICT
from srcad.signature import Callee, place_of

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["Forward", "Pullback", "Reverse"]


class Forward(Derivative):
    """The derivative of a function in a direction; see `srcad.jvp`."""

    verb: ClassVar[str] = "jvp"
    mode: ClassVar[str] = "jvp"

    def __call__(self, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """The value at ``primals``, and its derivative in the direction ``tangents``."""
        self._refresh()
        params = self._params(tuple(primals), {})
        entry = self._entry(params)
        selection = entry.selection
        chosen = selection.pick([params[at] for at in selection.wrt])
        if len(tangents) != len(chosen):
            raise ArgumentError(
                f"jvp: {len(tangents)} tangents for {len(chosen)} arguments",
                instead="give one tangent for each argument",
            )
        checked = [
            check_like(x, t, "tangent", f"the tangent of `{label}`", self.verb)
            for x, t, label in zip(chosen, tangents, selection.labels, strict=True)
        ]
        return self.push(entry, params, spread(selection, params, checked))

    def push(self, entry: Entry, params: tuple[Any, ...], tangents: list[Any]) -> Any:
        """The value and its tangent (and aux), given one tangent for each place in ``wrt``."""
        try:
            out = entry.call(*params, *tangents)
        except BaseException as error:
            annotated(error)
            raise
        value, value_dot = out[0], out[1]
        check_result(value, self._callee, self.verb, self._options.has_aux)
        given = Owner(params, tangents, value)
        value_dot = given.like(value, value_dot)
        return (value, value_dot, out[2]) if self._options.has_aux else (value, value_dot)


def spread(selection: Selection, params: tuple[Any, ...], chosen: list[Any]) -> list[Any]:
    """One tangent for each place in ``wrt``, with zeros for the items of ``*args`` not chosen."""
    if selection.is_direct:
        return chosen
    made: list[Any] = []
    for place, at in enumerate(selection.wrt):
        mine = {item: x for (w, item), x in zip(selection.picks, chosen, strict=True) if w == place}
        whole = params[at]
        if None in mine:
            made.append(mine[None])
        elif isinstance(whole, DICT):
            values = cast("dict[Any, Any]", whole)
            made.append(
                {k: mine[k] if k in mine else Owner().like(v, None) for k, v in values.items()}
            )
        else:
            made.append(
                tuple(mine[i] if i in mine else Owner().like(v, None) for i, v in enumerate(whole))
            )
    return made


def _same_leaves(tree: Any) -> Any:
    leaves, structure = flatten(tree)
    return structure.unflatten(leaves)


class Pullback:
    """The transpose of a derivative at one point: from cotangents of the value to the arguments'.

    It may be called any number of times.
    """

    __slots__ = (
        "_call",
        "_callee",
        "_consumes",
        "_kept",
        "_primals",
        "_saved",
        "_selection",
        "_value",
    )

    def __init__(
        self,
        call: Callable[..., Any],
        saved: Any,
        consumes: bool,
        value: Any,
        selection: Selection,
        params: tuple[Any, ...],
        kept: tuple[Any, ...],
        callee: Callee,
    ) -> None:
        self._call = call
        self._saved = saved
        self._consumes = consumes
        self._value = value
        self._selection = selection
        # The caller may yet change the lists and dicts that hold the arguments.
        chosen = selection.pick([params[at] for at in selection.wrt])
        self._primals = tuple(map(_same_leaves, chosen))
        self._kept = kept
        self._callee = callee

    def __repr__(self) -> str:
        return f"<pullback of {self._callee.fn.__qualname__}>"

    def __getattr__(self, name: str) -> Any:
        # A differentiated function reads them, where a call that it does not differentiate
        # returned this pullback; see `srcad.types.derivatives.Pullback`.
        at = name.removeprefix("primal_")
        if at != name and at.isdecimal() and int(at) < len(self._primals):
            return self._primals[int(at)]
        raise AttributeError(f"a pullback has no attribute {name!r}", name=name, obj=self)

    def __call__(self, cotangent: Any) -> tuple[Any, ...]:
        """The cotangents of the arguments, always a tuple.

        Parameters
        ----------
        cotangent : tree
            Of the structure, shapes and dtypes of the value.

        Raises
        ------
        ArgumentError
            If it is not.
        """
        y_bar = check_like(self._value, cotangent, "cotangent", "the cotangent", "vjp")
        try:
            out = self._call(self._records(), duplicate(y_bar))
        except BaseException as error:
            annotated(error)
            raise
        owner = Owner(self._primals, self._kept, self._value, self._saved, cotangent)
        chosen = self._selection.pick(self._selection.several(out))
        return tuple(owner.like(p, g) for p, g in zip(self._primals, chosen, strict=True))

    def _records(self) -> Any:
        """What the forward sweep saved; a copy, where the backward sweep restores arrays in it."""
        return duplicate(self._saved) if self._consumes else self._saved


class Reverse(Derivative):
    """The value of a function, with the pullback at that point; see `srcad.vjp`."""

    verb: ClassVar[str] = "vjp"
    mode: ClassVar[str] = "vjp"

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The value, and the pullback (and aux)."""
        self._refresh()
        params = self._params(args, kwargs)
        entry = self._entry(params)
        return self.pull(entry, params)

    def pull(self, entry: Entry, params: tuple[Any, ...], *, at_once: bool = False) -> Any:
        """The value, and the pullback (and aux), for all parameters.

        Unless the pullback is called ``at_once``, before the caller can change anything, what is
        saved for it lies in memory of its own.
        """
        try:
            out = entry.call(*params)
        except BaseException as error:
            annotated(error)
            raise
        value, aux, saved = (
            (out[0], out[1], out[2])
            if self._options.has_aux
            else (
                out[0],
                None,
                out[1],
            )
        )
        check_result(value, self._callee, self.verb, self._options.has_aux)
        call = entry.generated.pullback
        assert call is not None
        kept = entry.guards.values if entry.guards is not None else ()
        if not at_once:
            saved = detached(saved, params, kept, value, aux)
            call = with_own_globals(call)
        consumes = entry.generated.consumes
        pullback = Pullback(
            call, saved, consumes, value, entry.selection, params, kept, self._callee
        )
        return (value, pullback, aux) if self._options.has_aux else (value, pullback)

    def _composed(
        self, types: tuple[Type, ...] | None, selection: Selection
    ) -> tuple[Made, Layout]:
        raise ArgumentError(
            f"{self.verb} of `{self._callee.name}` cannot be differentiated itself",
            **place_of(self._callee.fn),
            why="its result holds a function",
            instead="differentiate grad, value_and_grad or jacrev of it",
        )
