"""The operands of a call by the parameters of its rule, and the type of its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from srcad.ir.nodes import Const, Expr, Star, Tuple
from srcad.rules.signature import REQUIRED, BindError, Parameter
from srcad.rules.table import Rule
from srcad.types.lattice import UNKNOWN, TupleOf, Type
from srcad.types.of_value import type_of

__all__ = ["bind", "result_type"]


def bind(rule: Rule, args: Sequence[Expr], kwargs: Sequence[tuple[str, Expr]]) -> dict[str, Expr]:
    """The operands of a call by parameter; a parameter left at its default is absent.

    Raises
    ------
    BindError
        If the call has an argument that the rule does not list, or lacks one that it needs.
    """
    names = _names(rule)
    if names and len(args) == len(names) and not kwargs and Star not in map(type, args):
        return dict(zip(names, args, strict=True))
    bound: dict[str, Expr] = {}
    positional, star = _by_position(rule)
    rest = list(args)
    for p in positional:
        if p.star:
            bound[p.name] = Tuple(tuple(rest))
            rest = []
            break
        if not rest:
            break
        if isinstance(rest[0], Star):
            raise BindError(
                f"{rule.path} is called with *args, whose length is not known",
                "unpack it into names first, `a, b = xs`, and pass these",
            )
        bound[p.name] = rest.pop(0)
    if rest:
        raise BindError(
            f"{rule.path} is called with {len(args)} positional arguments; "
            f"srcad knows the derivative for at most {len(positional)}: {_listing(rule)}"
        )
    for name, value in kwargs:
        if name == "**":
            raise BindError(
                f"{rule.path} is called with **kwargs, whose names are not known",
                "write the keywords out",
            )
        if star is not None and name == star.name:
            raise BindError(f"{rule.path} takes `{name}` by position only")
        if all(p.name != name for p in rule.params):
            raise BindError(
                f"{rule.path} has an argument `{name}`, which srcad has no derivative for; "
                f"it knows {_listing(rule)}"
            )
        if name in bound:
            raise BindError(f"{rule.path} got two values for its argument `{name}`")
        bound[name] = value
    missing = [p.name for p in rule.params if p.default is REQUIRED and p.name not in bound]
    if missing:
        raise BindError(
            f"{rule.path} lacks its argument `{missing[0]}`; srcad knows {_listing(rule)}"
        )
    for name, allowed in rule.only.items():
        default = next(p.default for p in rule.params if p.name == name)
        _check_literal(rule, name, bound.get(name, Const(default)), allowed)
    return bound


@cache
def _names(rule: Rule) -> tuple[str, ...]:
    """The names of the parameters, if any operands will do for them by position; else none."""
    plain = not rule.only and not any(p.star or p.keyword_only for p in rule.params)
    return tuple(p.name for p in rule.params) if plain else ()


@cache
def _by_position(rule: Rule) -> tuple[tuple[Parameter, ...], Parameter | None]:
    """The parameters that may be given by position, and the ``*xs`` among them."""
    positional = tuple(p for p in rule.params if not p.keyword_only)
    return positional, next((p for p in positional if p.star), None)


def _check_literal(rule: Rule, name: str, operand: Expr, allowed: tuple[object, ...]) -> None:
    if not isinstance(operand, Const):
        raise BindError(
            f"{rule.path} needs a literal for its argument `{name}`",
            f"write `{name}` out in the call, or give it a name that is assigned once",
        )
    if allowed and operand.value not in allowed:
        listed = " or ".join(map(repr, allowed))
        raise BindError(
            f"srcad knows the derivative of {rule.path} for `{name}` {listed} only, "
            f"not {operand.value!r}",
            f"give `{name}` as {allowed[0]!r}",
        )


def _listing(rule: Rule) -> str:
    return ", ".join(f"`*{p.name}`" if p.star else f"`{p.name}`" for p in rule.params)


def result_type(rule: Rule, types: Mapping[str, Type]) -> Type:
    """The abstract result of a call whose bound operands have ``types``; defaults are filled in."""
    if rule.result is None:
        return UNKNOWN
    try:
        return rule.result(**{**_default_types(rule), **types})
    except LookupError:
        return UNKNOWN


@cache
def _default_types(rule: Rule) -> Mapping[str, Type]:
    """The type of each parameter that is left out."""
    return {p.name: TupleOf(()) if p.star else type_of(p.default) for p in rule.params}
