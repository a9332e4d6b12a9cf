"""What a `custom_jvp` says, as plain functions that generated code calls."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from srcad.calls.compose import define, fresh, named, tuple_text
from srcad.calls.own_results import TANGENT
from srcad.calls.unchanging import unchanging
from srcad.errors import ArgumentError

if TYPE_CHECKING:
    from srcad.custom import custom_jvp

__all__ = ["tangent_text", "transposed_text", "value_dot_text"]


def tangent_text(custom: custom_jvp, wanted: tuple[int, ...]) -> FunctionType:
    """``f_jvp(*params, *tangents)``, which returns the value and its tangent.

    Parameters
    ----------
    custom : custom_jvp
    wanted : tuple of int
        The places of the parameters that have a tangent; that of the others is zero.

    Raises
    ------
    ArgumentError
        If no derivative was given, or one of ``nondiff_argnums`` is wanted.
    """
    return _Text(custom, wanted).function("jvp", with_value=True)


def value_dot_text(custom: custom_jvp, wanted: tuple[int, ...]) -> FunctionType:
    """As `tangent_text`, but returns the tangent alone: linear, and so to be transposed."""
    return _Text(custom, wanted).function("dot", with_value=False)


def transposed_text(
    custom: custom_jvp, wanted: tuple[int, ...], forward: Callable[..., Any]
) -> FunctionType:
    """The forward half of the function, out of that of `value_dot_text`; both share a backward one.

    Parameters
    ----------
    custom, wanted
        As for `tangent_text`.
    forward : callable
        ``forward(*params, *tangents)`` returns ``(value_dot, saved)``.

    Returns
    -------
    FunctionType
        ``f_forward(*params)`` returns ``(value, saved)``.
    """
    return _Text(custom, wanted).forward(forward)


class _Text:
    """Names and parts of the text."""

    def __init__(self, custom: custom_jvp, wanted: tuple[int, ...]) -> None:
        from srcad.runtime import zeros_like_tree

        if custom.jvp is None and not custom.jvps:
            raise ArgumentError(
                f"`{custom.__name__}` is a custom_jvp that has no derivative yet",
                why="neither defjvp nor defjvps was ever called",
                instead=f"{custom.__name__}.defjvp(...), after the function's definition",
            )
        for n in set(wanted) & set(custom.nondiff_argnums):
            raise ArgumentError(
                f"`{custom.__name__}` is differentiated for its argument {n}, one of"
                " nondiff_argnums",
                why="its custom_jvp takes no tangent for that argument",
                instead="pass a value that does not depend on what is differentiated",
            )
        self.custom, self.wanted = custom, wanted
        self.params = [p.name for p in custom.callee.parameters]
        self.taken = set(self.params)
        self.base = custom.__name__.replace("<lambda>", "function")
        # The user's own functions keep their names, as who pastes the text has them.
        self.rule = named(custom.jvp, "rule", self.taken)
        self.fun = named(custom.fun, "fun", self.taken)
        self.value, self.zeros = (fresh(n, self.taken) for n in ("value", "zeros_like_tree"))
        self.dots = [fresh(f"{self.params[n]}_dot", self.taken) for n in wanted]
        self.space: dict[str, Any] = {self.fun: custom.fun, self.zeros: zeros_like_tree}

    def function(self, kind: str, *, with_value: bool) -> FunctionType:
        """The tangent by the user's rule, and before it the value, if that is wanted."""
        lines, dot = self._whole() if self.custom.jvp is not None else self._sum()
        name = fresh(f"{self.base}_{kind}", self.taken)
        body = "".join(f"    {line}\n" for line in lines)
        returned = f"{self.value}, {dot}" if with_value else dot
        text = (
            f"def {name}({', '.join([*self.params, *self.dots])}):\n{body}    return {returned}\n"
        )
        return define(name, text, self.space)

    def _whole(self) -> tuple[list[str], str]:
        fixed = self.custom.nondiff_argnums
        places = [n for n in range(len(self.params)) if n not in fixed]
        tangents = [
            self.dots[self.wanted.index(n)]
            if n in self.wanted
            else f"{self.zeros}({self.params[n]})"
            for n in places
        ]
        given = [self.params[n] for n in fixed]
        given += [tuple_text([self.params[n] for n in places]), tuple_text(tangents)]
        dot = fresh("value_dot", self.taken)
        self.space[self.rule] = unchanging(self.custom.jvp, TANGENT)
        return [f"{self.value}, {dot} = {self.rule}({', '.join(given)})"], dot

    def _sum(self) -> tuple[list[str], str]:
        lines = [f"{self.value} = {self.fun}({', '.join(self.params)})"]
        terms: list[str] = []
        for n, dot in zip(self.wanted, self.dots, strict=True):
            jvp = self.custom.jvps[n]
            if jvp is not None:
                name = named(jvp, f"rule_{n}", self.taken)
                self.space[name] = unchanging(jvp)
                terms.append(f"{name}({', '.join([dot, self.value, *self.params])})")
        return lines, " + ".join(terms) or f"{self.zeros}({self.value})"

    def forward(self, half: Callable[..., Any]) -> FunctionType:
        inner = named(half, f"{self.base}_dot_forward", self.taken)
        name = fresh(f"{self.base}_forward", self.taken)
        zeros = [f"{self.zeros}({self.params[n]})" for n in self.wanted]
        given = ", ".join(self.params)
        text = (
            f"def {name}({given}):\n"
            f"    value_dot, saved = {inner}({', '.join([*self.params, *zeros])})\n"
            f"    return {self.fun}({given}), saved\n"
        )
        return define(name, text, {**self.space, inner: half})
