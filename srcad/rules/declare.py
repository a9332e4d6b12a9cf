"""How rules are written down: one call for each function, with signature and derivatives."""

from __future__ import annotations

import ast
import builtins
import math
import operator
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from srcad.generators import GENERATORS
from srcad.rules import samples as made_samples
from srcad.rules.table import REQUIRED, Kind, Parameter, Ranks, Rule, Sample, register
from srcad.types.lattice import Type
from srcad.types.shapes import elementwise_type

__all__ = ["constant", "coupled", "elementwise", "joint_linear", "linear", "path_of"]

Fn = Callable[..., Any]
Texts = Mapping[str, str]
Samples = Callable[[], Iterable[Sample]]
AtConstant = Callable[[Mapping[str, object], bool], Texts]
Result = (
    Callable[[Type], Type]
    | Callable[[Type, Type], Type]
    | Callable[[Type, Type, Type], Type]
    | Callable[[Type, Type, Type, Type], Type]
    | Callable[[Type, Type, Type, Type, Type], Type]
)
Domain = tuple[float, float] | tuple[tuple[float, float], ...]


def elementwise(
    fn: Fn,
    signature: str,
    *,
    aliases: tuple[Fn, ...] = (),
    tangents: Texts | None = None,
    real: Texts | None = None,
    real_tangents: Texts | None = None,
    at_constant: AtConstant | None = None,
    result: Result | None = None,
    domain: Domain = (-2.0, 2.0),
    kinds: str = "sad",
    samples: Samples | None = None,
    shares: tuple[str, ...] = (),
    **cotangents: str,
) -> None:
    """A function applied to each element: tangent and cotangent are one expression.

    The expressions leave broadcasting alone; the transforms undo it. ``domain`` and ``kinds`` say
    on which samples to try it: ``s`` scalars, ``a`` arrays, ``d`` arrays that broadcast, ``c``
    complex arrays.
    """
    params, result_name = _signature(signature)
    wrt = tuple(p.name for p in params if p.name in cotangents)
    for f in (fn, *aliases):
        register(
            Rule(
                f,
                path_of(f),
                params,
                result_name,
                "elementwise",
                cotangents=_frozen(cotangents),
                tangents=_frozen(tangents),
                real=_frozen(real),
                real_tangents=_frozen(real_tangents),
                at_constant=at_constant,
                result=result or _elementwise_result(f, params),
                shares=shares,
                samples=_lazy(samples or made_samples.elementwise(len(wrt), domain, kinds)),
            )
        )


def _elementwise_result(fn: Fn, params: tuple[Parameter, ...]) -> Callable[..., Type]:
    names = [p.name for p in params]

    def result(**types: Type) -> Type:
        return elementwise_type(fn, *(types[name] for name in names))

    return result


def linear(
    fn: Fn,
    signature: str,
    *,
    samples: Samples,
    aliases: tuple[Fn, ...] = (),
    tangents: Texts | None = None,
    real: Texts | None = None,
    at_rank: Mapping[Ranks, Texts] | None = None,
    at_constant: AtConstant | None = None,
    into: Texts | None = None,
    only: Mapping[str, tuple[object, ...]] | None = None,
    result: Result | None = None,
    shares: tuple[str, ...] = (),
    draws: bool = False,
    kind: Kind = "linear",
    **cotangents: str,
) -> None:
    """A function linear in each differentiable parameter.

    The tangent is the function itself; the texts are its transposes.
    """
    params, result_name = _signature(signature)
    for f in (fn, *aliases):
        register(
            Rule(
                f,
                path_of(f),
                params,
                result_name,
                kind,
                cotangents=_frozen(cotangents),
                tangents=_frozen(tangents),
                real=_frozen(real),
                into=_frozen(into),
                only=MappingProxyType(dict(only or {})),
                at_rank=MappingProxyType(dict(at_rank or {})),
                at_constant=at_constant,
                result=result,
                shares=shares,
                draws=draws,
                samples=_lazy(samples),
            )
        )


def joint_linear(
    fn: Fn,
    signature: str,
    *,
    samples: Samples,
    aliases: tuple[Fn, ...] = (),
    tangents: Texts | None = None,
    result: Result | None = None,
    shares: tuple[str, ...] = (),
    **cotangents: str,
) -> None:
    """A function jointly linear in the items of its first parameter.

    The cotangent is a sequence with one for each item.
    """
    texts: dict[str, Any] = dict(cotangents)
    linear(
        fn,
        signature,
        samples=samples,
        aliases=aliases,
        tangents=tangents,
        result=result,
        shares=shares,
        kind="joint_linear",
        **texts,
    )


def constant(
    fn: Fn,
    signature: str,
    *,
    samples: Samples,
    aliases: tuple[Fn, ...] = (),
    result: Result | None = None,
    shares: tuple[str, ...] = (),
    draws: bool = False,
) -> None:
    """A function whose derivative is zero wherever it has one."""
    linear(
        fn,
        signature,
        samples=samples,
        aliases=aliases,
        result=result,
        shares=shares,
        draws=draws,
        kind="constant",
    )


def coupled(
    fn: Fn,
    signature: str,
    *,
    cotangents: Texts,
    tangents: Texts,
    samples: Samples,
    aliases: tuple[Fn, ...] = (),
    real: Texts | None = None,
    real_tangents: Texts | None = None,
    at_rank: Mapping[Ranks, Texts] | None = None,
    at_constant: AtConstant | None = None,
    only: Mapping[str, tuple[object, ...]] | None = None,
    result: Result | None = None,
    shares: tuple[str, ...] = (),
) -> None:
    """A function whose tangent and cotangent are different expressions: both are given."""
    params, result_name = _signature(signature)
    for f in (fn, *aliases):
        register(
            Rule(
                f,
                path_of(f),
                params,
                result_name,
                "coupled",
                cotangents=_frozen(cotangents),
                tangents=_frozen(tangents),
                real=_frozen(real),
                real_tangents=_frozen(real_tangents),
                at_rank=MappingProxyType(dict(at_rank or {})),
                at_constant=at_constant,
                only=MappingProxyType(dict(only or {})),
                result=result,
                shares=shares,
                samples=_lazy(samples),
            )
        )


def _lazy(samples: Samples) -> Callable[[], tuple[Sample, ...]]:
    return lambda: tuple(samples())


def _frozen(texts: Texts | None) -> Texts:
    return MappingProxyType(dict(texts or {}))


# --- signatures ----------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _signature(text: str) -> tuple[tuple[Parameter, ...], str]:
    """The parameters and the result's name in ``"x, axis=None, *, ddof=0 -> y"``."""
    left, _, result_name = text.partition("->")
    written = ast.parse(f"def f({left}): ...").body[0]
    assert isinstance(written, ast.FunctionDef)
    takes = written.args
    plain = [*takes.posonlyargs, *takes.args]
    defaults = [None] * (len(plain) - len(takes.defaults)) + takes.defaults
    params = [
        Parameter(a.arg, _default(default), positional_only=a in takes.posonlyargs)
        for a, default in zip(plain, defaults, strict=True)
    ]
    if takes.vararg is not None:
        params.append(Parameter(takes.vararg.arg, star=True, default=()))
    params += [
        Parameter(a.arg, _default(default), keyword_only=True)
        for a, default in zip(takes.kwonlyargs, takes.kw_defaults, strict=True)
    ]
    return tuple(params), result_name.strip()


def _default(text: ast.expr | None) -> object:
    return REQUIRED if text is None else ast.literal_eval(text)


def path_of(fn: Fn) -> str:
    """The dotted text that reaches ``fn``, as one would write it."""
    name: str = fn.__name__
    for prefix, home in (
        ("", builtins),
        ("np.", np),
        ("np.linalg.", np.linalg),
        ("np.fft.", np.fft),
        ("math.", math),
        ("operator.", operator),
        ("scipy.special.", sys.modules.get("scipy.special")),
    ):
        if getattr(home, name, None) is fn:
            return prefix + name
    owner = getattr(fn, "__objclass__", None)
    owner = next((cls for cls in GENERATORS if getattr(cls, name, None) is fn), owner)
    return f"{owner.__name__}.{name}" if owner is not None else name
