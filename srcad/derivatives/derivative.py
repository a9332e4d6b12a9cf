"""What `grad` and its kin return: a callable that makes a derivative for each signature."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import numpy as np

from srcad.calls.checks import check_differentiable
from srcad.calls.compose import Layout
from srcad.calls.guards import Guards, watched
from srcad.calls.keys import class_call, content_of, counts_of, key_of_all
from srcad.calls.overlap import check_apart
from srcad.calls.selection import Selection, select
from srcad.derivatives.entry import Entry
from srcad.derivatives.generation import Made, Store
from srcad.derivatives.one_line import callee_of
from srcad.derivatives.options import Options
from srcad.derivatives.pointing import point_at, shorten, too_deep
from srcad.errors import SrcadError
from srcad.kinds import Derived, WithOwnDerivative
from srcad.modules import found_at
from srcad.signature import Callee

if TYPE_CHECKING:
    from srcad.pipeline import Request
    from srcad.types.lattice import Type

__all__ = ["Derivative", "annotated"]

_LIMIT: Final = 512


def annotated(error: BaseException) -> None:
    """Add to ``error`` where in the user's code it was raised."""
    if isinstance(error, Exception):
        importlib.import_module("srcad.emit.load").annotate(error)


class Derivative(Derived):
    """A derivative of a function, generated anew for each signature of its arguments, and kept.

    It is called like the function. It pickles as its recipe, works as a method, and may be
    differentiated itself.

    Attributes
    ----------
    fun : callable
        The function that it is the derivative of; also ``__wrapped__``.

    Examples
    --------
    >>> from srcad import grad
    >>> def cube(x):
    ...     return x * x * x
    >>> grad(cube)
    <grad of cube>
    """

    verb: ClassVar[str] = "derivative"
    mode: ClassVar[str] = "grad"

    def __init__(self, fun: Callable[..., Any], options: Options) -> None:
        self._options = options.checked(self.verb)
        self._inner = fun if isinstance(fun, Derivative) else None
        self._callee: Callee = self._inner.callee if self._inner else callee_of(fun, self.verb)
        self._store = Store()
        self._entries: dict[Any, Entry] = {}
        self._bound_entries: dict[Any, Entry] = {}
        self._owner: tuple[Derivative, Any] | None = None
        self._last: Entry | None = None
        self._set_function(fun)
        select(self._callee, self._options.argnums, None, self.verb)

    def _set_function(self, fun: Any) -> None:
        fn = self._callee.fn
        self.fun = fun
        self.__wrapped__ = fun
        self.__name__ = str(getattr(fun, "__name__", fn.__name__))
        self.__qualname__ = str(getattr(fun, "__qualname__", fn.__qualname__))
        self.__module__ = str(getattr(fun, "__module__", fn.__module__))
        doc = getattr(fun, "__doc__", None)
        head = f"The {self.verb} of `{self.__name__}`, argnums={self._options.argnums!r}."
        self.__doc__ = f"{head}\n\n{doc}" if doc else head
        self._snapshot()

    def _snapshot(self) -> None:
        fn = self._callee.fn
        self._fn = fn
        self._code = fn.__code__
        self._defaults, self._keywords = fn.__defaults__, fn.__kwdefaults__
        self._content = content_of(fn)
        given: Any = self.fun
        changing = isinstance(given, partial | WithOwnDerivative)
        self._given = content_of(given) if changing else None
        self._called = class_call(given)
        self._extents: frozenset[int] | None = None
        self._count = len(self._callee.parameters) if self._callee.is_plain else -1

    def _refresh(self) -> None:
        """Start anew if the function was given other code or other defaults."""
        if self._inner is not None:
            if self._inner.callee is not self._callee:
                self._start_anew(self._inner.callee)
            return
        fn = self._fn
        same = fn.__code__ is self._code and fn.__defaults__ is self._defaults
        # Those of keywords are in a dict, which may itself have changed.
        if (
            same
            and (fn.__kwdefaults__ is self._keywords is None or content_of(fn) == self._content)
            and (self._given is None or content_of(self.fun) == self._given)
            and (self._called is None or class_call(self.fun) is self._called)
        ):
            return
        self._start_anew(callee_of(self.fun, self.verb))

    def _start_anew(self, callee: Callee) -> None:
        self._callee = callee
        self._store = Store()
        self._forget()
        self._snapshot()

    def _forget(self) -> None:
        self._entries = {}
        self._bound_entries = {}
        self._last = None

    # --- looks and manners -----------------------------------------------------------------------

    @property
    def callee(self) -> Callee:
        """The plain function behind, with what it was already given."""
        self._refresh()
        return self._callee

    @property
    def generated_name(self) -> str:
        """What a plain function that does the same is called."""
        return f"{self.callee.name}_{self.verb}".replace("<lambda>", "lambda")

    @property
    def options(self) -> Options:
        """How the derivative is made."""
        return self._options

    def __repr__(self) -> str:
        return f"<{self.verb} of {self.__qualname__}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Self:
        of_class = isinstance(self.fun, classmethod)
        if (instance is None and not of_class) or not hasattr(self.fun, "__get__"):
            return self
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__)
        inner: Any = self.fun.__get__(instance, owner)
        bound._inner = inner if isinstance(inner, Derivative) else None
        bound._callee = bound._inner.callee if bound._inner else callee_of(inner, self.verb)
        bound._owner = (self, instance)
        bound._entries = self._bound_entries
        bound._set_function(inner)
        bound._reset_fast_path()
        return bound

    def _reset_fast_path(self) -> None:
        """Drop what is keyed by less than all parameters."""

    def __reduce__(self) -> str | tuple[Any, ...]:
        if self._owner is not None and isinstance(self._owner[0].fun, classmethod):
            return getattr, (self.fun.__self__, self.__name__)
        if self._owner is not None:
            return _bind, self._owner
        if found_at(self.__module__, self.__qualname__) is self:
            return self.__qualname__
        return _rebuild, (type(self), self.fun, self._options)

    # --- source ----------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The generated text: of the last call, or, before any, one for arguments of any type."""
        self._refresh()
        if self._last is not None:
            return self._last.generated.source
        selection = select(self.callee, self._options.argnums, None, self.verb)

        def text_for(types: tuple[Type, ...] | None) -> str:
            return self._make(types, selection).generated.source

        try:
            return importlib.import_module("srcad.construction.assumed").shown(
                self.callee, text_for
            )
        except SrcadError as error:
            shorten(error)
            raise

    def source_for(self, /, *args: Any, **kwargs: Any) -> str:
        """The text generated for arguments of these types; nothing is called.

        Parameters
        ----------
        *args, **kwargs
            Arguments of the function.

        Returns
        -------
        str
        """
        self._refresh()
        return self._entry(self._params(args, kwargs)).generated.source

    # --- making ----------------------------------------------------------------------------------

    def _params(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        if not kwargs and len(args) == self._count:
            return args
        return self._callee.bind(args, kwargs)

    def _entry(self, params: tuple[Any, ...]) -> Entry:
        """The entry for ``params``, found or made."""
        found = self._entries.get(self._key(params))
        if found is None or not found.holds():
            try:
                found = self._new_entry(params)
            except SrcadError as error:
                shorten(error)
                raise
            if len(self._entries) >= _LIMIT:
                self._entries.clear()
            self._entries[self._key(params)] = found
        if found.mutates:
            check_apart(self._callee, params, found.mutates, found.outside, self.verb)
        self._last = found
        return found

    def _key(self, params: tuple[Any, ...]) -> tuple[Any, ...]:
        key = key_of_all(params)
        return (*key, *counts_of(params, self._store.counting)) if self._store.counting else key

    def _new_entry(self, params: tuple[Any, ...]) -> Entry:
        selection = select(self._callee, self._options.argnums, params, self.verb)
        self._check(selection, params)
        counting = self._counting() if any(isinstance(p, int | np.integer) for p in params) else ()
        types: tuple[Type, ...] = importlib.import_module("srcad.derivatives.abstract").types_of(
            params, self._named_extents, counting
        )
        return Entry(self._make(types, selection), selection, types)

    def _counting(self) -> tuple[int, ...]:
        found = self._store.counting
        if found is None:
            counts = importlib.import_module("srcad.construction.counts")
            found = self._store.counting = tuple(sorted(counts.counting_parameters(self._fn)))
        return found

    def _named_extents(self) -> frozenset[int]:
        found = self._extents
        if found is None:
            found = importlib.import_module("srcad.construction.extents").named_extents(self._fn)
            self._extents = found
        return found

    def _check(self, selection: Selection, params: tuple[Any, ...]) -> None:
        check_differentiable(self._callee, selection, params, self.verb)

    def _make(
        self,
        types: tuple[Type, ...] | None,
        selection: Selection,
        *,
        mode: str | None = None,
        with_value: bool = False,
        again: bool = False,
    ) -> Made:
        fn, guards = self.target(types)
        made = self._generated(
            _request(
                fn=fn,
                types=types,
                wrt=selection.wrt,
                mode=mode or self.mode,
                has_aux=self._options.has_aux,
                with_value=with_value,
                backend="numpy" if again else self._options.backend,
                optimise=self._kept(again=again),
            )
        )
        generated = made.generated
        if self._inner is not None:
            # What is differentiated works on copies; the user's own function may mutate still.
            generated = replace(generated, mutates=self._inner.mutates(types))
        return Made(generated, made.guards + guards)

    def _generated(self, request: Request) -> Made:
        try:
            return self._store.get(request)
        except SrcadError as error:
            point_at(error, self.callee.fn)
            told = importlib.import_module("srcad.ir.libraries").told_at_the_definition
            raise told(error, self.callee.fn) from None
        except RecursionError:
            raise too_deep(self.callee.fn) from None

    def mutates(self, types: tuple[Type, ...] | None) -> tuple[int, ...]:
        """The places of the parameters that the function behind mutates."""
        return self._make(types, self.selection_for(types), again=True).generated.mutates

    def _kept(self, *, again: bool) -> bool | frozenset[str]:
        """`Options.optimise`, without what writes into arrays if the text is for that."""
        chosen = self._options.optimise
        if not again or chosen is False:
            return chosen
        writing: frozenset[str] = importlib.import_module("srcad.optimise").WRITING
        return writing if chosen is True else chosen | writing

    def gradient_around(
        self,
        fn: FunctionType,
        types: tuple[Type, ...] | None,
        wrt: tuple[int, ...],
        *,
        with_value: bool = False,
    ) -> Made:
        """The gradient of ``fn``, which calls what is differentiated here."""
        self._refresh()
        return self._generated(
            _request(
                fn=fn,
                types=types,
                wrt=wrt,
                mode="grad",
                has_aux=False,
                with_value=with_value,
                backend="numpy",
                optimise=self._kept(again=True),
            )
        )

    def target(self, types: tuple[Type, ...] | None) -> tuple[FunctionType, Guards]:
        """The plain function to differentiate: the user's, or a generated derivative."""
        if self._inner is None:
            return self._callee.fn, Guards()
        return self._inner.composed(types)

    # --- being differentiated --------------------------------------------------------------------

    def function_for(self, types: tuple[Type, ...], keywords: tuple[str, ...] = ()) -> FunctionType:
        """A plain function that returns what this derivative returns, for arguments of these types.

        Parameters
        ----------
        types : tuple of Type
            One for each argument of a call.
        keywords : tuple of str
            The names of those, at the end, that are given by keyword; the function takes all by
            position.

        Returns
        -------
        FunctionType
            Its text can be read, so it can be differentiated in turn.
        """
        self._refresh()
        if len(types) == self._count and not keywords:
            fn, guards = self.composed(types)
            return watched(fn, guards)
        from srcad.derivatives.completion import completed, composed_text

        given, names, all_types = completed(self.callee, types, keywords)
        inner, guards = self.composed(all_types)
        made = composed_text(self.generated_name, len(types), given, inner, names)
        return watched(made, guards)

    def made_for(self, types: tuple[Type, ...] | None) -> Made:
        """What is generated for all parameters of these types, as plain Python."""
        self._refresh()
        return self._make(types, self.selection_for(types), again=True)

    def composed(self, types: tuple[Type, ...] | None) -> tuple[FunctionType, Guards]:
        """`function_for` all parameters of the function behind, and the guards of its validity."""
        callee, selection = self.callee, self.selection_for(types)
        made, layout = self._composed(types, selection)
        names = [p.name for p in callee.parameters]
        fn = layout.function(self.generated_name, names, made.generated.call)
        return fn, made.guards

    def selection_for(self, types: tuple[Type, ...] | None) -> Selection:
        """What is differentiated in a call with arguments of these types."""
        from srcad.derivatives.abstract import stand_ins

        return select(self.callee, self._options.argnums, stand_ins(types), self.verb)

    def _composed(
        self, types: tuple[Type, ...] | None, selection: Selection
    ) -> tuple[Made, Layout]:
        raise NotImplementedError  # each kind of composed derivative says it in its own class


def _request(**wanted: Any) -> Request:
    return importlib.import_module("srcad.pipeline").Request(**wanted)


def _rebuild(cls: type[Derivative], fun: Callable[..., Any], options: Options) -> Derivative:
    return cls(fun, options)


def _bind(derivative: Derivative, instance: Any) -> Derivative:
    return derivative.__get__(instance)
