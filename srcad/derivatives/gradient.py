"""`grad` and `value_and_grad`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

from srcad import runtime
from srcad.calls.checks import check_scalar
from srcad.calls.compose import Layout, define, fresh, passed
from srcad.calls.guards import Guards, watched
from srcad.calls.keys import counts_of
from srcad.calls.results import Owner, owned, roots_of
from srcad.calls.selection import Selection
from srcad.calls.shortcut import Form, likes_of, shortcut
from srcad.derivatives.derivative import Derivative, annotated
from srcad.derivatives.entry import Entry
from srcad.derivatives.generation import Made
from srcad.derivatives.options import Options
from srcad.signature import Callee

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["Gradient", "ValueAndGradient"]


class _GradientEntry(Entry):
    """An entry with what is needed to hand out its gradients."""

    __slots__ = ("arrays", "checks_value", "is_direct", "layout", "outer", "returns_gradients")

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
        self.is_direct = selection.is_direct
        self.returns_gradients = not (checks_value or layout.with_value or layout.has_aux)
        # What an object holds may be replaced by the next call.
        self.arrays = None if made.guards.attributes else roots_of(self.kept)

    def shortcut(
        self, fn: FunctionType, params: tuple[Any, ...], counting: tuple[int, ...]
    ) -> Callable[..., Any] | None:
        """The short way of calls on arguments like ``params``, where all else allows it."""
        selection = self.selection
        known = self.is_direct and any(f is fn for f, *_ in self.functions)
        if not known or self.checks_value or self.layout.has_aux or self.mutates or self.arrays:
            return None
        likes = likes_of(params, selection.wrt)
        if likes is None or self.arrays is None:
            return None
        counts = dict(zip(counting, counts_of(params, counting), strict=True))
        counts = {at: n for at, n in counts.items() if n is not None}
        form = Form(
            tuple(type(like) is tuple for like in likes),
            selection.wrt,
            selection.bare,
            self.layout.with_value,
            len(self.functions),
            len(self.names),
            self.others is not None,
            tuple(counts),
        )
        others = self.others and self.others.hold
        return shortcut(form)(
            likes,
            tuple(counts.values()),
            self.functions,
            self.names,
            others,
            self.call,
            self.explain,
            self.finish,
        )

    def finish(self, out: Any, params: tuple[Any, ...]) -> Any:
        """What the caller gets, of the result of `call`."""
        selection = self.selection
        value = aux = None
        if self.returns_gradients:
            grads = selection.several(out)
        else:
            value, aux, grads = self.layout.unpack(out)
        found = owned(params, selection.wrt, grads, self.arrays) if self.is_direct else None
        if found is None:
            owner = Owner(params, self.outside)
            primals = selection.pick([params[at] for at in selection.wrt])
            made = [owner.like(p, g) for p, g in zip(primals, selection.pick(grads), strict=True)]
            chosen = selection.arrange(made)
        else:
            chosen = found[0] if selection.bare else found
        return chosen if self.returns_gradients else self.outer.pack(value, aux, chosen)

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
        self._short: Callable[..., Any] | None = None
        super().__init__(fun, options)

    def _reset_fast_path(self) -> None:
        self._short = None

    def _forget(self) -> None:
        super()._forget()
        self._short = None

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        if (short := self._short) is not None and (out := short(args, kwargs)) is not None:
            return out
        return self._call(args, kwargs)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._refresh()
        params = self._params(args, kwargs)
        last: Any = self._last
        entry: Any = self._entry(params)
        try:
            out = entry.call(*params)
        except BaseException as error:
            entry.explain(error)
            raise
        if entry.checks_value:
            check_scalar(entry.layout.unpack(out)[0], self._callee, self.verb)
        if entry is last and params is args:
            # Arguments of this kind come in a row.
            self._short = entry.shortcut(self._fn, params, self._store.counting or ())
        return entry.finish(out, params)

    def _new_entry(self, params: tuple[Any, ...]) -> Entry:
        plain = super()._new_entry(params)
        selection, types = plain.selection, plain.types
        check = importlib.import_module("srcad.derivatives.abstract").is_number
        with_value = self.with_value
        known: bool = check(
            plain.generated.result, params, types, self._callee, self.verb, self._options.has_aux
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
        made = self._make(types, selection, again=True)
        if types is None or self._is_number(made.generated.result):
            return made, layout
        return self._of_checked(types, selection), layout

    def _is_number(self, value: Type) -> bool:
        """Whether a value of this type is one real number, as far as the type can tell."""
        check = importlib.import_module("srcad.derivatives.abstract").is_number
        return check(value, (), (), self._callee, self.verb, False)

    def _of_checked(self, types: tuple[Type, ...], selection: Selection) -> Made:
        """The gradient of the function and a check of its value, which only a call can tell."""
        fn, guards = self.target(types)
        return self._of_value(
            fn, guards, types, selection, checked=True, with_value=self.with_value
        )

    def _of_value(
        self,
        fn: FunctionType,
        guards: Guards,
        types: tuple[Type, ...] | None,
        selection: Selection,
        *,
        checked: bool = False,
        with_value: bool = False,
    ) -> Made:
        """The gradient of a function that returns the value alone, ``checked`` when it runs."""
        own = _Names(self.callee, fn)
        name = f"{own.stem}_value"
        lines = own.apart if self._options.has_aux else [f"{own.value} = {own.call}"]
        if checked:
            lines = [*lines, f"{own.check_real}({own.value}, {self.callee.name!r})"]
        alone = own.define(name, [*lines, f"return {own.value}"], fn)
        return self.gradient_around(
            watched(alone, guards), types, selection.wrt, with_value=with_value
        )

    def _beside_aux(self, types: tuple[Type, ...] | None, selection: Selection) -> Made:
        """The gradient, as a function that computes the auxiliary result by a call of its own.

        Of the value alone there is a gradient that can be differentiated as any other.
        """
        fn, guards = self.target(types)
        made = self._of_value(fn, guards, types, selection)
        if types is not None and not self._is_number(made.generated.result):
            made = self._of_value(fn, guards, types, selection, checked=True)
        own = _Names(self.callee, fn)
        gradient = own.fresh("gradient")
        kept = f"{own.value}, {own.aux}" if self.with_value else own.aux
        call = own.define(
            f"{own.stem}_grad_aux",
            [*own.apart, f"return {kept}, {gradient}({own.given})"],
            fn,
            {gradient: made.generated.call},
        )
        guards = guards + made.guards
        return Made(replace(made.generated, call=watched(call, guards)), guards)


class _Names:
    """The names in a text that calls a function, and the parts of such a text."""

    def __init__(self, callee: Callee, fn: FunctionType) -> None:
        params = [p.name for p in callee.parameters]
        self._taken = set(params)
        self.stem = callee.name.replace("<lambda>", "lambda")
        self.given = ", ".join(params)
        self.inner, self.value, self.aux = map(self.fresh, ("f", "value", "aux"))
        self.check_real, check_pair, pair = map(self.fresh, ("check_real", "check_pair", "pair"))
        self.call = f"{self.inner}({passed(fn)})"
        self.apart = [
            f"{pair} = {self.call}",
            f"{check_pair}({pair}, {callee.name!r})",
            f"{self.value}, {self.aux} = {pair}",
        ]
        self._checks = {self.check_real: runtime.check_real, check_pair: runtime.check_pair}

    def fresh(self, name: str) -> str:
        return fresh(name, self._taken)

    def define(
        self, name: str, lines: list[str], fn: FunctionType, more: Mapping[str, Any] | None = None
    ) -> FunctionType:
        """The function ``name`` of these ``lines``, which call ``fn``, and ``more``."""
        text = "\n    ".join([f"def {name}({self.given}):", *lines]) + "\n"
        return define(name, text, {self.inner: fn, **self._checks, **(more or {})})


class ValueAndGradient(Gradient):
    """A scalar function with its gradient; see `srcad.value_and_grad`."""

    verb: ClassVar[str] = "value_and_grad"
    with_value: ClassVar[bool] = True
