"""Derivatives that the user writes, for functions of one's own and for those of others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Self, TypeVar

from srcad.calls.compose import define, fresh, named
from srcad.calls.own_results import FORWARD, cotangents
from srcad.calls.unchanging import unchanging
from srcad.calls.unwrap import unwrap
from srcad.errors import ArgumentError
from srcad.kinds import WithOwnDerivative
from srcad.signature import Callee

__all__ = ["custom_jvp", "custom_vjp", "register_rules", "rule", "stop_gradient"]

T = TypeVar("T")
Function = Callable[..., Any]


def stop_gradient(x: T) -> T:
    """``x`` itself, which counts as a constant for every derivative.

    Parameters
    ----------
    x : tree

    Returns
    -------
    tree

    Examples
    --------
    >>> from srcad import grad, stop_gradient
    >>> def f(x):
    ...     return x * stop_gradient(x)
    >>> grad(f)(3.0)
    3.0
    """
    return x


class _Custom(WithOwnDerivative):
    """A function with a derivative of its user's making."""

    verb = "custom"

    def __init__(self, fun: Function, nondiff_argnums: Iterable[int] = ()) -> None:
        self.callee = unwrap(fun, self.verb)
        self.fun = fun
        self.nondiff_argnums = tuple(sorted(nondiff_argnums))
        count = len(self.callee.positional)
        for n in self.nondiff_argnums:
            if not 0 <= n < count and self.callee.star is None:
                raise ArgumentError(
                    f"{self.verb}: nondiff_argnums={n} is out of range:"
                    f" `{self.callee.name}` takes {count} positional arguments",
                    instead="count positional arguments from 0",
                )
        self.__wrapped__ = fun
        self.__name__ = str(getattr(fun, "__name__", self.callee.name))
        self.__qualname__ = str(getattr(fun, "__qualname__", self.callee.fn.__qualname__))
        self.__module__ = str(getattr(fun, "__module__", self.callee.fn.__module__))
        self.__doc__ = getattr(fun, "__doc__", None)

    def _check_count(self, callee: Callee, where: str, why: str, names: Sequence[str]) -> None:
        """Refuse ``callee`` if it cannot take the arguments of ``nondiff_argnums`` and two more."""
        wanted = len(self.nondiff_argnums) + 2
        if callee.star is None and len(callee.positional) < wanted:
            raise ArgumentError(
                f"{where}: `{callee.name}` takes {len(callee.positional)} arguments, and"
                f" will be called with {wanted}",
                why=why,
                instead=f"def {callee.name}({', '.join(names)}): ...",
            )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self.verb} {self.__qualname__}>"

    def __reduce__(self) -> str:
        # As functions do, it pickles as the name under which it is found, and copies as itself.
        return self.__qualname__

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def _missing(self, name: str) -> ArgumentError:
        return ArgumentError(
            f"`{self.__name__}` is a {self.verb} that has no derivative yet",
            why=f"{name} was never called",
            instead=f"{self.__name__}.{name}(...), after the function's definition",
        )


class custom_vjp(_Custom):
    """A function whose cotangents are computed by a function of the user's.

    Parameters
    ----------
    fun : callable
    nondiff_argnums : iterable of int
        Positions of arguments that are not differentiated; ``bwd`` gets them first.

    Attributes
    ----------
    fun, fwd, bwd : callable
        The function, and what `defvjp` was given, or ``None``.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad import custom_vjp, grad
    >>> @custom_vjp
    ... def clipped(x):
    ...     return x
    >>> def forward(x):
    ...     return x, ()
    >>> def backward(saved, y_bar):
    ...     return (np.clip(y_bar, -1.0, 1.0),)
    >>> clipped.defvjp(forward, backward)
    >>> clipped(2.0)
    2.0
    """

    verb = "custom_vjp"

    def __init__(self, fun: Function, nondiff_argnums: Iterable[int] = ()) -> None:
        super().__init__(fun, nondiff_argnums)
        self.fwd: Function | None = None
        self.bwd: Function | None = None

    def defvjp(self, fwd: Function, bwd: Function) -> None:
        """Say what the derivative is.

        Parameters
        ----------
        fwd : callable
            Takes the arguments of ``fun``; returns its value, and what ``bwd`` needs.
        bwd : callable
            ``bwd(*nondiff, saved, cotangent)``: a tuple with a cotangent for each differentiated
            argument.

        Raises
        ------
        ArgumentError
            If one of them is not a function, or cannot take these arguments.
        """
        unwrap(fwd, "custom_vjp.defvjp")
        self._check_count(
            unwrap(bwd, "custom_vjp.defvjp"),
            "custom_vjp.defvjp",
            why="bwd gets the arguments of nondiff_argnums, what fwd saved, and the cotangent",
            names=self._backward_names(),
        )
        self.fwd, self.bwd = fwd, bwd

    def _backward_names(self) -> list[str]:
        names = [p.name for p in self.callee.parameters]
        places = self.callee.positional
        given = [names[places[n]] for n in self.nondiff_argnums if n < len(places)]
        return [*given, "saved", "y_bar"]

    @property
    def definition(self) -> tuple[Function | None, ...]:
        """What `defvjp` was given."""
        return self.fwd, self.bwd

    def halves(self, wanted: tuple[int, ...] | None = None) -> tuple[Function, Function]:
        """Functions around ``fwd`` and ``bwd`` for certain arguments, as generated code calls them.

        Parameters
        ----------
        wanted : tuple of int, optional
            The places of the arguments whose cotangents are wanted; by default all but those of
            ``nondiff_argnums``.

        Returns
        -------
        forward : callable
            Takes the arguments to ``(value, saved)``.
        backward : callable
            Takes ``(saved, cotangent)`` to the cotangent of one argument, or to a tuple of several.

        Raises
        ------
        ArgumentError
            If `defvjp` was not called, or an argument of ``nondiff_argnums`` is wanted.
        """
        if self.fwd is None or self.bwd is None:
            raise self._missing("defvjp")
        fixed = self.nondiff_argnums
        for n in set(wanted or ()) & set(fixed):
            raise ArgumentError(
                f"`{self.__name__}` is differentiated for its argument {n}, one of nondiff_argnums",
                why="its custom_vjp computes no cotangent for that argument",
                instead="pass a value that does not depend on what is differentiated",
            )
        names = [p.name for p in self.callee.parameters]
        places = [n for n in range(len(names)) if n not in fixed]
        kept = "".join(f", {names[n]}" for n in fixed)
        items = [f"cotangents[{places.index(n)}]" for n in (places if wanted is None else wanted)]
        result = items[0] if len(items) == 1 else f"({', '.join(items)},)"
        stem = self.__name__.replace("<lambda>", "function")
        taken = {*names, "value", "saved", "cotangent", "cotangents"}
        # Called by their own names, as who pastes the text has the user's functions.
        fwd, bwd = named(self.fwd, "fwd", taken), named(self.bwd, "bwd", taken)
        first, second = (fresh(f"{stem}_{half}", taken) for half in ("forward", "backward"))
        forward = (
            f"def {first}({', '.join(names)}):\n"
            f"    value, saved = {fwd}({', '.join(names)})\n"
            f"    return value, (saved{kept},)\n"
        )
        given = "".join(f"{names[n]}, " for n in fixed)
        backward = (
            f"def {second}(saved, cotangent):\n"
            f"    saved{kept or ','} = saved\n"
            f"    cotangents = {bwd}({given}saved, cotangent)\n"
            f"    return {result}\n"
        )
        return (
            define(first, forward, {fwd: unchanging(self.fwd, FORWARD)}),
            define(second, backward, {bwd: unchanging(self.bwd, cotangents(len(places)))}),
        )


class custom_jvp(_Custom):
    """A function whose tangents are computed by a function of the user's.

    Parameters
    ----------
    fun : callable
    nondiff_argnums : iterable of int
        Positions of arguments that are not differentiated; the rule gets them first.

    Attributes
    ----------
    fun : callable
    jvp : callable or None
        ``jvp(*nondiff, primals, tangents)`` returns the value and its tangent.
    jvps : tuple of (callable or None)
        What `defjvps` was given: one for each argument; empty if it was not called.

    Examples
    --------
    >>> from srcad import custom_jvp
    >>> @custom_jvp
    ... def f(x, y):
    ...     return x * y
    >>> @f.defjvp
    ... def f_jvp(primals, tangents):
    ...     x, y = primals
    ...     x_dot, y_dot = tangents
    ...     return x * y, x_dot * y + x * y_dot
    >>> f(2.0, 3.0), f_jvp((2.0, 3.0), (1.0, 0.0))
    (6.0, (6.0, 3.0))
    """

    verb = "custom_jvp"

    def __init__(self, fun: Function, nondiff_argnums: Iterable[int] = ()) -> None:
        super().__init__(fun, nondiff_argnums)
        self.jvp: Function | None = None
        self.jvps: tuple[Function | None, ...] = ()

    def defjvp(self, jvp: Function) -> Function:
        """Say what the derivative is; usable as a decorator.

        Parameters
        ----------
        jvp : callable
            ``jvp(*nondiff, primals, tangents)``: the value and its tangent.

        Raises
        ------
        ArgumentError
            If it is not a function, or cannot take these arguments.
        """
        self._check_count(
            unwrap(jvp, "custom_jvp.defjvp"),
            "custom_jvp.defjvp",
            why="it gets the arguments of nondiff_argnums, the primals and the tangents",
            names=["primals", "tangents"],
        )
        self.jvp, self.jvps = jvp, ()
        return jvp

    def defjvps(self, *jvps: Function | None) -> None:
        """Say what each argument contributes to the tangent.

        Parameters
        ----------
        *jvps : callable or None
            For each argument ``jvp(tangent, value, *primals)``, or ``None`` for no contribution.

        Raises
        ------
        ArgumentError
            If there is not one for each argument, or ``nondiff_argnums`` were given.
        """
        if self.nondiff_argnums:
            raise ArgumentError(
                "custom_jvp.defjvps cannot be used with nondiff_argnums", instead="defjvp"
            )
        count = len(self.callee.positional)
        if len(jvps) != count and self.callee.star is None:
            raise ArgumentError(
                f"custom_jvp.defjvps: {len(jvps)} given, and `{self.__name__}` takes {count}"
                " arguments",
                instead="give one for each argument; None for one that contributes nothing",
            )
        for jvp in jvps:
            if jvp is not None:
                unwrap(jvp, "custom_jvp.defjvps")
        self.jvps, self.jvp = jvps, None

    @property
    def definition(self) -> tuple[Function | None, ...]:
        """What `defjvp` or `defjvps` was given."""
        return self.jvp, *self.jvps


_KINDS: Final = ("elementwise", "linear", "joint_linear", "constant", "coupled")


def rule(
    fn: Function,
    signature: str,
    *,
    kind: str = "elementwise",
    tangents: Mapping[str, str] | None = None,
    **cotangents: str,
) -> None:
    """Give a function that one does not own a derivative.

    Parameters
    ----------
    fn : callable
        The function as the program names it; replaces a rule that it has.
    signature : str
        Its parameters and what its result is called: ``"x, y=2.0 -> z"``. A call with an argument
        that is not listed is refused.
    kind : {"elementwise", "linear", "joint_linear", "constant", "coupled"}
        Whether tangent and cotangent are one expression, the function is linear, ...; see
        `docs/add-a-rule.md`.
    tangents : mapping, optional
        For ``"coupled"``: what each parameter contributes to the result's tangent.
    **cotangents : str
        For each differentiated parameter the expression of its cotangent, in ``g``, the parameters
        and the result.

    Raises
    ------
    ArgumentError
        If the kind is unknown, ``tangents`` do not fit it, ``signature`` is none, or an expression
        cannot be read.

    Examples
    --------
    >>> import math
    >>> from srcad import rule
    >>> rule(math.erf, "x -> y", x="g * 2 / math.sqrt(math.pi) * math.exp(-x * x)")
    """
    if kind not in _KINDS:
        raise ArgumentError(
            f"rule: there is no kind {kind!r}", instead=", ".join(map(repr, _KINDS))
        )
    from srcad.rules import declare
    from srcad.rules.given import check_given
    from srcad.rules.table import rule_for

    check_given(fn, signature, (*cotangents.items(), *(tangents or {}).items()))
    rule_for(fn)  # a rule of srcad's own that came later would take the place of this one
    declarer: Any = getattr(declare, kind)
    if kind == "coupled":
        if set(tangents or ()) != set(cotangents):
            raise ArgumentError(
                f"rule: of kind 'coupled', with tangents for {_listed(tangents or ())}"
                f" and cotangents for {_listed(cotangents)}",
                why="each differentiated parameter needs both expressions",
                instead="tangents={'x': ...}, x=...",
            )
        declarer(fn, signature, cotangents=cotangents, tangents=tangents, samples=tuple)
        _taken_on_trust(fn)
        return
    if tangents is not None:
        raise ArgumentError(
            f"rule: tangents are given, and the kind is {kind!r}",
            why="only for 'coupled' do tangent and cotangent differ",
            instead="kind='coupled', or leave tangents out",
        )
    declarer(fn, signature, samples=tuple, **cotangents)
    if kind != "elementwise" or len(cotangents) > 1:
        _taken_on_trust(fn)


def _taken_on_trust(fn: Function) -> None:
    """Note that the user's derivative of ``fn`` need not be its true one."""
    from srcad.rules.table import register, rule_for

    found = rule_for(fn)
    assert found is not None
    register(replace(found, exact=False))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names) or "none"


def _same(x: Any) -> Any:
    return x


_lock = threading.Lock()
_registered = threading.Event()


def register_rules() -> None:
    """Tell the table of rules about the functions of this module."""
    with _lock:
        if _registered.is_set():
            return
        from srcad.rules.table import Parameter, Rule, Sample, register

        register(
            Rule(
                fn=stop_gradient,
                path="srcad.stop_gradient",
                params=(Parameter("x"),),
                result_name="y",
                kind="constant",
                result=_same,
                shares=("x",),
                samples=lambda: (Sample((1.5,)),),
            )
        )
        _registered.set()
