"""`grad` and `value_and_grad`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from srcad.checks import check_scalar
from srcad.compose import Layout
from srcad.derivative import Derivative, Entry, Options, annotated
from srcad.generation import MISSING, Guards, Made
from srcad.results import Owner, are_clean, roots_of
from srcad.selection import Selection

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["Gradient", "ValueAndGradient"]


class _GradientEntry(Entry):
    """An entry with what is needed to hand out its gradients."""

    __slots__ = ("arrays", "checks_value", "is_direct", "kept", "layout", "outer")

    def __init__(
        self,
        made: Made,
        selection: Selection,
        types: tuple[Type, ...],
        layout: Layout,
        outer: Layout,
        checks_value: bool,
    ) -> None:
        super().__init__(made, selection, types)
        self.layout = layout
        self.outer = outer
        self.checks_value = checks_value
        self.is_direct = selection.is_direct
        self.kept: tuple[Any, ...] = made.guards.values
        self.arrays = roots_of(self.kept)


class Gradient(Derivative):
    """The gradient of a scalar function; see `srcad.grad`."""

    verb: ClassVar[str] = "grad"
    with_value: ClassVar[bool] = False

    def __init__(self, fun: Callable[..., Any], options: Options) -> None:
        self._scalars: dict[tuple[type, ...], _GradientEntry] = {}
        super().__init__(fun, options)

    def _reset_fast_path(self) -> None:
        self._scalars = {}

    def _forget(self) -> None:
        super()._forget()
        self._scalars = {}

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        # The short way: numbers only, by position. Every line here counts.
        entry = None if kwargs else self._scalars.get(tuple(map(type, args)))
        if entry is None or self._fn.__code__ is not self._code:
            return self._call(args, kwargs)
        for space, name, value in entry.names:
            if space.get(name, MISSING) is not value:
                return self._call(args, kwargs)
        for fn, code, defaults in entry.functions:
            if fn.__code__ is not code or fn.__defaults__ is not defaults:
                return self._call(args, kwargs)
        if entry.others is not None and not entry.others.hold():
            return self._call(args, kwargs)
        try:
            out = entry.call(*args)
        except BaseException as error:
            annotated(error)
            raise
        if isinstance(out, float):
            return out if entry.selection.bare else (out,)
        if type(out) is tuple and _are_floats(out):  # pyright: ignore[reportUnknownArgumentType]
            return out  # pyright: ignore[reportUnknownVariableType]
        return self._finish(entry, out, args)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._refresh()
        params = self._params(args, kwargs)
        entry = self._entry(params)
        assert isinstance(entry, _GradientEntry)
        try:
            out = entry.call(*params)
        except BaseException as error:
            annotated(error)
            raise
        if params is args and self._is_short(entry, params):
            self._scalars[tuple(map(type, params))] = entry
        return self._finish(entry, out, params)

    def _is_short(self, entry: _GradientEntry, params: tuple[Any, ...]) -> bool:
        return (
            entry.is_direct
            and not entry.checks_value
            and not self._options.has_aux
            and not self.with_value
            and all(type(p) in (float, int, bool) for p in params)
        )

    def _finish(self, entry: _GradientEntry, out: Any, params: tuple[Any, ...]) -> Any:
        value, aux, grads = entry.layout.unpack(out)
        if entry.checks_value:
            check_scalar(value, self._callee, self.verb)
        selection = entry.selection
        if entry.is_direct and are_clean(params, selection.wrt, grads, entry.arrays):
            return entry.outer.pack(value, aux, selection.arrange(grads))
        owner = Owner(params, entry.kept)
        primals = selection.pick([params[at] for at in selection.wrt])
        made = [owner.like(p, g) for p, g in zip(primals, selection.pick(grads), strict=True)]
        return entry.outer.pack(value, aux, selection.arrange(made))

    def _new_entry(self, params: tuple[Any, ...]) -> Entry:
        plain = super()._new_entry(params)
        selection, types = plain.selection, plain.types
        check = importlib.import_module("srcad.abstract").is_number
        with_value = self.with_value
        known: bool = check(
            plain.generated.result, params, self._callee, self.verb, self._options.has_aux
        )
        made = Made(plain.generated, plain.guards or Guards())
        if not known and not with_value:
            # Only the value itself can tell whether it is one number.
            with_value = True
            made = super()._make(types, selection, with_value=True)
        layout = Layout(selection, self._options.has_aux, with_value)
        outer = Layout(selection, self._options.has_aux, self.with_value)
        return _GradientEntry(made, selection, types, layout, outer, not known)

    def _make(
        self,
        types: tuple[Type, ...] | None,
        selection: Selection,
        *,
        mode: str | None = None,
        with_value: bool | None = None,
        backend: str | None = None,
    ) -> Made:
        wanted = self.with_value if with_value is None else with_value
        return super()._make(types, selection, mode=mode, with_value=wanted, backend=backend)

    def _composed(
        self, types: tuple[Type, ...] | None, selection: Selection
    ) -> tuple[Made, Layout]:
        layout = Layout(selection, self._options.has_aux, self.with_value)
        return self._make(types, selection, backend="numpy"), layout


def _are_floats(values: tuple[Any, ...]) -> bool:
    for value in values:  # noqa: SIM110 - a generator takes longer than all the rest
        if not isinstance(value, float):
            return False
    return True


class ValueAndGradient(Gradient):
    """A scalar function with its gradient; see `srcad.value_and_grad`."""

    verb: ClassVar[str] = "value_and_grad"
    with_value: ClassVar[bool] = True
