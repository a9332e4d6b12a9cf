"""`grad` and `value_and_grad`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

from srcad.checks import check_scalar
from srcad.compose import Layout, define, fresh
from srcad.derivative import Derivative, Entry, Options, annotated
from srcad.generation import Guards, Made, watched
from srcad.results import Owner, owned, roots_of
from srcad.selection import Selection

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["Gradient", "ValueAndGradient"]


class _GradientEntry(Entry):
    """An entry with what is needed to hand out its gradients."""

    __slots__ = (
        "arrays",
        "bare",
        "checks_value",
        "code",
        "defaults",
        "is_direct",
        "is_guarded",
        "is_short",
        "layout",
        "outer",
        "returns_gradients",
    )

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
        # Past what only tells of errors, which `explain` does.
        self.call = getattr(self.call, "compiled", self.call)
        self.layout = layout
        self.outer = outer
        self.checks_value = checks_value
        self.bare = selection.bare
        self.is_direct = selection.is_direct
        self.returns_gradients = not (checks_value or layout.with_value or layout.has_aux)
        self.is_short = False
        self.is_guarded = True
        # What an object holds may be replaced by the next call.
        self.arrays = None if made.guards.attributes else roots_of(self.kept)

    def shorten(self, fn: FunctionType) -> None:
        """Get ready for the short way of a call, where the guards allow it."""
        own = next((f for f in self.functions if f[0] is fn), None)
        if own is not None and self.is_direct:
            self.is_short = True
            _, self.code, self.defaults = own
            self.is_guarded = bool(self.names or self.others or len(self.functions) > 1)

    def explain(self, error: BaseException) -> None:
        """Tell what ``error``, which `call` raised, is in the user's terms."""
        tell = getattr(self.generated.call, "tell", None)
        if tell is not None:
            tell(error)
        annotated(error)


class Gradient(Derivative):
    """The gradient of a scalar function; see `srcad.grad`."""

    verb: ClassVar[str] = "grad"
    with_value: ClassVar[bool] = False

    def __init__(self, fun: Callable[..., Any], options: Options) -> None:
        self._floats: _GradientEntry | None = None
        super().__init__(fun, options)

    def _reset_fast_path(self) -> None:
        self._floats = None

    def _forget(self) -> None:
        super()._forget()
        self._floats = None

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        # The short way: floats only, all parameters, by position. Every line here counts.
        entry = self._floats
        if entry is None or kwargs or len(args) != self._count:
            return self._call(args, kwargs)
        for value in args:
            if type(value) is not float:
                return self._call(args, kwargs)
        fn = self._fn
        if fn.__code__ is not entry.code or fn.__defaults__ is not entry.defaults:
            return self._call(args, kwargs)
        if entry.is_guarded and not entry.holds():
            return self._call(args, kwargs)
        try:
            out = entry.call(*args)
        except BaseException as error:
            entry.explain(error)
            raise
        if isinstance(out, float):
            return out if entry.bare else (out,)
        if type(out) is not tuple:
            return self._finish(entry, out, args)
        for gradient in out:  # pyright: ignore[reportUnknownVariableType]
            if type(gradient) is not float:  # pyright: ignore[reportUnknownArgumentType]
                return self._finish(entry, out, args)
        return out  # pyright: ignore[reportUnknownVariableType]

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._refresh()
        params = self._params(args, kwargs)
        entry: Any = self._entry(params)
        try:
            out = entry.call(*params)
        except BaseException as error:
            entry.explain(error)
            raise
        if entry.is_short and params is args:
            self._floats = entry
        return self._finish(entry, out, params)

    def _finish(self, entry: _GradientEntry, out: Any, params: tuple[Any, ...]) -> Any:
        selection = entry.selection
        value = aux = None
        if entry.returns_gradients:
            grads = (out,) if len(selection.wrt) == 1 else out
        else:
            value, aux, grads = entry.layout.unpack(out)
            if entry.checks_value:
                check_scalar(value, self._callee, self.verb)
        found = owned(params, selection.wrt, grads, entry.arrays) if entry.is_direct else None
        if found is None:
            owner = Owner(params, entry.outside)
            primals = selection.pick([params[at] for at in selection.wrt])
            made = [owner.like(p, g) for p, g in zip(primals, selection.pick(grads), strict=True)]
            chosen = selection.arrange(made)
        else:
            chosen = found[0] if entry.bare else found
        return chosen if entry.returns_gradients else entry.outer.pack(value, aux, chosen)

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
        entry = _GradientEntry(made, selection, types, layout, outer, not known)
        if entry.returns_gradients and all(type(p) is float for p in params):
            entry.shorten(self._fn)
        return entry

    def _make(
        self,
        types: tuple[Type, ...] | None,
        selection: Selection,
        *,
        mode: str | None = None,
        with_value: bool | None = None,
        again: bool = False,
    ) -> Made:
        wanted = self.with_value if with_value is None else with_value
        return super()._make(types, selection, mode=mode, with_value=wanted, again=again)

    def _composed(
        self, types: tuple[Type, ...] | None, selection: Selection
    ) -> tuple[Made, Layout]:
        layout = Layout(selection, self._options.has_aux, self.with_value)
        if self._options.has_aux:
            return self._beside_aux(types, selection), layout
        return self._make(types, selection, again=True), layout

    def _beside_aux(self, types: tuple[Type, ...] | None, selection: Selection) -> Made:
        """The gradient, as a function that computes the auxiliary result by a call of its own.

        Of the value alone there is a gradient that can be differentiated as any other.
        """
        fn, guards = self.target(types)
        params = [p.name for p in self.callee.parameters]
        given = ", ".join(params)
        taken = set(params)
        inner, gradient, value, aux = (fresh(n, taken) for n in ("f", "gradient", "value", "aux"))
        stem = self.callee.name.replace("<lambda>", "lambda")
        text = f"    {value}, {aux} = {inner}({given})\n"
        alone = f"{stem}_value"
        first = define(alone, f"def {alone}({given}):\n{text}    return {value}\n", {inner: fn})
        made = self.gradient_around(watched(first, guards), types, selection.wrt)
        name = f"{stem}_grad_aux"
        kept = f"{value}, {aux}" if self.with_value else aux
        call = define(
            name,
            f"def {name}({given}):\n{text}    return {kept}, {gradient}({given})\n",
            {inner: fn, gradient: made.generated.call},
        )
        guards = guards + made.guards
        return Made(replace(made.generated, call=watched(call, guards)), guards)


class ValueAndGradient(Gradient):
    """A scalar function with its gradient; see `srcad.value_and_grad`."""

    verb: ClassVar[str] = "value_and_grad"
    with_value: ClassVar[bool] = True
