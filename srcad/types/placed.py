"""The operands of a call where the rule for its function expects them."""

from __future__ import annotations

import inspect

import numpy as np

from srcad.ir.nodes import Const, Expr
from srcad.rules.binding import bind
from srcad.rules.table import BindError, Rule, rule_for

__all__ = ["has_rule", "placed_bounds", "placed_operands"]


def has_rule(fn: object, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]) -> bool:
    """Whether ``fn`` has a rule that is right for these arguments."""
    rule = rule_for(fn)
    if rule is None:
        return False
    try:
        bind(rule, *placed_operands(rule, args, kwargs))
    except BindError:
        return False
    return True


def placed_operands(
    rule: Rule, args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """The operands, with the leading ones given by NumPy's name for them, ``a=x``, in place."""
    if not kwargs:
        return args, kwargs
    listed = {p.name for p in rule.params}
    if all(name in listed for name, _ in kwargs):
        return args, kwargs
    try:
        names = list(inspect.signature(rule.fn).parameters)
    except (TypeError, ValueError):
        return args, kwargs
    if rule.fn is np.clip:
        return placed_bounds(args, kwargs)
    named = dict(kwargs)
    for name in names[len(args) : len(rule.params)]:
        if name in listed or name not in named:
            break
        args = (*args, named.pop(name))
    return args, tuple(named.items())


def placed_bounds(
    args: tuple[Expr, ...], kwargs: tuple[tuple[str, Expr], ...]
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """The operands of `np.clip`, with bounds called ``min`` and ``max``, as in methods, in place.

    Examples
    --------
    >>> from srcad.ir.nodes import Var
    >>> placed_bounds((Var("x"),), (("max", Const(1.0)),))[0][1:]
    (Const(value=None), Const(value=1.0))
    """
    named = dict(kwargs)
    if not named or not 1 <= len(args) <= 2 or named.keys() - {"min", "max"}:
        return args, kwargs
    bounds = [named.pop(name, Const(None)) for name in ("min", "max")[len(args) - 1 :]]
    return (*args, *bounds), tuple(named.items())
