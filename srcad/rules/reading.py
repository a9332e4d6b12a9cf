"""What the texts of a rule say, as expressions: cotangents and tangents."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from srcad.ir.nodes import Attr, Call, Expr, Ref, Star, Var
from srcad.ir.rebuild import map_expr
from srcad.rules.signature import REQUIRED
from srcad.rules.table import UNTOLD, BindError, Ranks, Rule

__all__ = ["cotangent", "tangent"]


def cotangent(
    rule: Rule,
    param: str,
    ranks: Ranks = (),
    *,
    real: bool = False,
    constants: Mapping[str, object] = MappingProxyType({}),
) -> Expr:
    """The expression of the cotangent of ``param``, over ``g``, the parameters and the result.

    Parameters
    ----------
    rule, param
        Which derivative.
    ranks
        The number of axes of each differentiable parameter, in order; ``None`` where unknown.
    real
        Whether every operand is known to be real, which allows simpler text.
    constants
        The values of operands that are known constants, which allows simpler text.

    Raises
    ------
    BindError
        If the rule is not right for these constants, or knows no derivative by ``param``.
    """
    text = _cotangent_text(rule, param, ranks, real, constants)
    if text == UNTOLD:
        raise BindError(
            f"the derivative of {rule.path} with respect to `{param}` is not known",
            "use a constant there; if it needs no derivative, give it `srcad.stop_gradient(x)`",
        )
    return _parsed(rule, text)


def _cotangent_text(
    rule: Rule, param: str, ranks: Ranks, real: bool, constants: Mapping[str, object]
) -> str:
    if ranks and not any(n != 0 for n in ranks) and param in rule.at_rank.get(ranks, {}):
        return rule.at_rank[ranks][param]  # of numbers, whatever the axes are
    if rule.at_constant is not None:
        special = rule.at_constant(constants, real)
        if param in special:
            return special[param]
    for pattern, texts in rule.at_rank.items():
        if param in texts and len(pattern) == len(ranks) and _fits(pattern, ranks):
            return texts[param]
    if real and param in rule.real:
        return rule.real[param]
    return rule.cotangents[param]


def _fits(pattern: Ranks, ranks: Ranks) -> bool:
    return all(p is None or p == r for p, r in zip(pattern, ranks, strict=True))


def tangent(
    rule: Rule,
    param: str,
    given: frozenset[str] | None = None,
    *,
    real: bool = False,
    constants: Mapping[str, object] = MappingProxyType({}),
) -> Expr:
    """The expression of what ``param``, with the tangent ``g``, adds to the result's tangent.

    Where the function is linear this is a call of itself; ``given`` then names the parameters that
    the user's call gave, so that those left at their defaults can be left out.
    """
    if param in rule.tangents:
        if real and param in rule.real_tangents:
            return _parsed(rule, rule.real_tangents[param])
        return _parsed(rule, rule.tangents[param])
    if rule.kind == "elementwise":
        return cotangent(rule, param, real=real, constants=constants)
    return _itself(rule, param, given)


def _itself(rule: Rule, param: str, given: frozenset[str] | None) -> Expr:
    args: list[Expr] = []
    kwargs: list[tuple[str, Expr]] = []
    for p in rule.params:
        operand = Var("g" if p.name == param else p.name)
        if p.star:
            args.append(Star(operand))
        elif p.default is REQUIRED and not p.keyword_only:
            args.append(operand)
        elif given is not None and p.name not in given:
            continue
        elif p.positional_only:
            args.append(operand)
        else:
            kwargs.append((p.name, operand))
    return Call(Ref(rule.path, rule.fn), tuple(args), tuple(kwargs))


_parse_cache: dict[tuple[int, str], Expr] = {}


def _parsed(rule: Rule, text: str) -> Expr:
    key = id(rule), text
    found = _parse_cache.get(key)
    if found is None:
        from srcad.frontend.expressions import parse_expression

        names = {"g", rule.result_name, *(p.name for p in rule.params)}

        def resolve(name: str) -> Expr:
            return Var(name) if name in names else _global(name)

        found = _parse_cache[key] = _without_attributes(parse_expression(text, resolve))
    return found


def _without_attributes(expr: Expr) -> Expr:
    """``expr`` with ``x.T`` and the like as calls: typed IR has no attributes."""
    if isinstance(expr, Attr):
        from srcad.rules.methods import ATTRIBUTES

        return Call(
            ATTRIBUTES[expr.name], (_without_attributes(expr.value),), spell=f"@{expr.name}"
        )
    return map_expr(expr, _without_attributes)


_MODULES: Final = {
    "math": "math",
    "np": "numpy",
    "operator": "operator",
    "special": "scipy.special",
}


@lru_cache(maxsize=256)
def _global(name: str) -> Expr:
    import builtins

    from srcad import runtime

    if name in _MODULES:
        try:
            return Ref(name, importlib.import_module(_MODULES[name]))
        except ImportError:
            raise BindError(
                f"its derivative is made of functions of {_MODULES[name]}, which is not installed",
                "install SciPy, `pip install scipy`",
            ) from None
    if name in runtime.__all__:
        return Ref(name, getattr(runtime, name))
    if hasattr(builtins, name):
        return Ref(name, getattr(builtins, name))
    raise NameError(
        f"a rule names `{name}`, which is no parameter and no function of srcad.runtime"
    )
