"""The one table of derivatives: what a rule is, how rules are declared, looked up and read.

A rule says how its function acts on a tangent or a cotangent, which is called ``g`` in both cases.
The forward transform, the reverse transform, the tape, the recording analysis and the tests all
read this table. The rules themselves stand in the other modules of this package, one family each;
they are imported when a rule is first asked for.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, Literal

from srcad.ir.nodes import Attr, Call, Const, Expr, Ref, Star, Tuple, Var
from srcad.ir.walk import map_expr
from srcad.rules.signature import REQUIRED, BindError, Parameter, Sample
from srcad.types.lattice import UNKNOWN, TupleOf, Type
from srcad.types.of_value import type_of

__all__ = [
    "REQUIRED",
    "BindError",
    "Parameter",
    "Rule",
    "Sample",
    "all_rules",
    "bind",
    "cotangent",
    "has_own_rule",
    "load_own",
    "register",
    "result_type",
    "rule_for",
    "tangent",
]

FAMILIES: Final = (
    "arithmetic",
    "elementwise",
    "selection",
    "complex_numbers",
    "scalars",
    "constants",
    "reductions",
    "products",
    "shape",
    "joining",
    "indexing",
    "creation",
    "linalg",
    "linalg_factors",
    "fourier",
    "helpers",
    "transposes",
    "transposed_products",
    "random",
)

Kind = Literal["elementwise", "linear", "joint_linear", "constant", "coupled"]
Ranks = tuple[int | None, ...]


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How one function acts on tangents and cotangents.

    Parameters
    ----------
    fn, path
        The function and the dotted text that reaches it (``"np.tanh"``).
    params, result_name
        The declared signature: what is not in it is refused by `bind`.
    kind
        ``"elementwise"``: both modes use one expression, in which broadcasting is not undone.
        ``"linear"``: the tangent is the function itself. ``"joint_linear"``: the first parameter is
        a sequence of arrays. ``"constant"``: the derivative is zero. ``"coupled"``: both texts are
        given.
    cotangents, tangents
        For each parameter, the text of its cotangent, and of its contribution to the result's
        tangent, in ``g``, the parameters and the result.
    into
        For each parameter, a statement that accumulates in place, in place of its cotangent.
    at_rank
        Better cotangents for certain ranks of the differentiable parameters (``None`` is any rank).
    real, real_tangents
        Better texts where every operand is known to be real.
    at_constant
        Better cotangents where some operands are known constants: called with their values, and
        whether every operand is known to be real.
    result
        The abstract result, called with the type of every parameter by keyword; it raises
        `LookupError` where it cannot tell.
    shares
        The parameters whose memory the result may share.
    only
        The parameters that must be literals, and for which ones the rule is right (none: for any).
    draws
        Whether it draws random numbers: no call of it is like another.
    exact
        Whether the texts are sure to be the true derivative, of which the derivative is symmetric.
    samples
        Makes the arguments on which the tests try the rule.
    """

    fn: Callable[..., object]
    path: str
    params: tuple[Parameter, ...]
    result_name: str
    kind: Kind
    cotangents: Mapping[str, str] = field(default_factory=_no_texts)
    tangents: Mapping[str, str] = field(default_factory=_no_texts)
    into: Mapping[str, str] = field(default_factory=_no_texts)
    at_rank: Mapping[Ranks, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    real: Mapping[str, str] = field(default_factory=_no_texts)
    real_tangents: Mapping[str, str] = field(default_factory=_no_texts)
    at_constant: Callable[[Mapping[str, object], bool], Mapping[str, str]] | None = None
    result: Callable[..., Type] | None = None
    shares: tuple[str, ...] = ()
    only: Mapping[str, tuple[object, ...]] = field(default_factory=lambda: MappingProxyType({}))
    draws: bool = False
    exact: bool = True
    samples: Callable[[], tuple[Sample, ...]] = tuple

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The parameters that have a derivative, in order."""
        return _differentiable(self)

    def parameter(self, name: str) -> Parameter:
        """The parameter called ``name``."""
        return next(p for p in self.params if p.name == name)


@cache
def _differentiable(rule: Rule) -> tuple[str, ...]:
    return tuple(p.name for p in rule.params if p.name in rule.cotangents or p.name in rule.into)


# --- the table -----------------------------------------------------------------------------------

_lock = threading.RLock()
_rules: dict[object, Rule] = {}
_own: set[object] = set()


def register(rule: Rule) -> Rule:
    """Put ``rule`` into the table, in place of an earlier one for the same function."""
    with _lock:
        _rules[rule.fn] = rule
    return rule


def load_own() -> None:
    """Have all of srcad's own rules in the table; those that come later are the user's."""
    with _lock:
        if not _own:
            for family in FAMILIES:
                importlib.import_module(f"srcad.rules.{family}")
            _own.update(_rules)  # last, as it tells that all are there


def has_own_rule(fn: object) -> bool:
    """Whether srcad itself has a rule for ``fn``, and so knows what ``fn`` does with its operands.

    Examples
    --------
    >>> import numpy as np
    >>> has_own_rule(np.tanh), has_own_rule(has_own_rule)
    (True, False)
    """
    return rule_for(fn) is not None and fn in _own


def rule_for(fn: object) -> Rule | None:
    """The rule of ``fn``, or ``None`` if it has none.

    Examples
    --------
    >>> import numpy as np
    >>> rule_for(np.tanh).path
    'np.tanh'
    >>> rule_for([]) is None
    True
    """
    if not _own:
        load_own()
    try:
        return _rules.get(fn)
    except TypeError:  # unhashable
        return None


def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by path."""
    load_own()
    return tuple(sorted(_rules.values(), key=lambda rule: rule.path))


# --- calls ---------------------------------------------------------------------------------------


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
            raise BindError(f"{rule.path} is called with *args, whose length is not known")
        bound[p.name] = rest.pop(0)
    if rest:
        raise BindError(
            f"{rule.path} is called with {len(args)} positional arguments; "
            f"srcad knows the derivative for at most {len(positional)}: {_listing(rule)}"
        )
    for name, value in kwargs:
        if name == "**":
            raise BindError(f"{rule.path} is called with **kwargs, whose names are not known")
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
        raise BindError(f"{rule.path} needs a literal for its argument `{name}`")
    if allowed and operand.value not in allowed:
        listed = " or ".join(map(repr, allowed))
        raise BindError(
            f"srcad knows the derivative of {rule.path} for `{name}` {listed} only, "
            f"not {operand.value!r}"
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


# --- expressions ---------------------------------------------------------------------------------


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
        If the rule is not right for these constants.
    """
    return _parsed(rule, _cotangent_text(rule, param, ranks, real, constants))


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


@lru_cache(maxsize=256)
def _global(name: str) -> Expr:
    import builtins

    from srcad import runtime

    if name in ("np", "math", "operator"):
        module = importlib.import_module("numpy" if name == "np" else name)
        return Ref(name, module)
    if name in runtime.__all__:
        return Ref(name, getattr(runtime, name))
    if hasattr(builtins, name):
        return Ref(name, getattr(builtins, name))
    raise NameError(
        f"a rule names `{name}`, which is no parameter and no function of srcad.runtime"
    )
