"""Whether what a user says of a function can be a rule."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from typing import Any, Final

from srcad import runtime
from srcad.errors import ArgumentError

__all__ = ["check_given"]

_MODULES: Final = frozenset({"math", "np", "operator", "special"})


def check_given(fn: Any, signature: Any, texts: Iterable[tuple[str, Any]]) -> None:
    """Raise where a signature or the text of a derivative says nothing.

    Parameters
    ----------
    fn
        What the rule is for.
    signature
    texts
        Pairs of a parameter and an expression.

    Raises
    ------
    ArgumentError

    Examples
    --------
    >>> import math
    >>> check_given(math.erf, "x -> y", [("x", "g * math.exp(-x * x)")])
    """
    if not callable(fn):
        raise ArgumentError(f"rule needs a function, not {fn!r}", instead="rule(math.erf, ...)")
    if not isinstance(getattr(fn, "__name__", None), str):
        raise ArgumentError(
            f"rule: a `{type(fn).__name__}` object has no name",
            why="a rule is for a function that programs call by its name",
            instead="wrap what it does by `srcad.custom_vjp`",
        )
    parameters, result = _names_in(signature)
    for name, text in texts:
        if name not in parameters:
            raise ArgumentError(
                f"rule: {signature!r} has no parameter `{name}`, and a derivative by it is given",
                instead=f"one of {_listed(parameters)}",
            )
        for unknown in _names_read(name, text) - {"g", result, *parameters} - _MODULES:
            if unknown not in runtime.__all__ and not hasattr(builtins, unknown):
                raise ArgumentError(
                    f"rule: the derivative by `{name}` reads `{unknown}`, which nobody knows",
                    why="an expression may read `g`, the parameters, the result, `np`, `math`,"
                    " `special`, built-in functions and those of `srcad.runtime`",
                    instead=f"`g`, the cotangent, or one of {_listed((*parameters, result))}",
                )


def _names_in(signature: Any) -> tuple[tuple[str, ...], str]:
    """The parameters and the result of a signature."""
    left, arrow, result = str(signature).partition("->")
    try:
        takes = ast.parse(f"lambda {left}: 0", mode="eval").body
    except SyntaxError:
        takes = None
    if not isinstance(takes, ast.Lambda) or not arrow or not result.strip().isidentifier():
        raise ArgumentError(
            f"rule: {signature!r} is no signature",
            why="it names the parameters, as in a `def`, and the result",
            instead="'x, y=2.0 -> z'",
        )
    args = takes.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    every += [a for a in (args.vararg, args.kwarg) if a is not None]
    return tuple(a.arg for a in every), result.strip()


def _names_read(name: str, text: Any) -> set[str]:
    try:
        tree = ast.parse(str(text).strip(), mode="eval")
    except SyntaxError as error:
        raise ArgumentError(
            f"rule: the derivative by `{name}` is no expression: {text!r} ({error.msg})",
            instead="an expression in `g`, the parameters and the result: 'g * 2 * x'",
        ) from None
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names) or "none"
