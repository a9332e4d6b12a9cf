"""Random numbers: what is drawn is constant, and drawing is an effect.

The derivative is that of the numbers drawn. Those by a location and a scale are in `srcad.plain`;
how others follow from their parameters is not told, so these may not be differentiated.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from srcad.rules.creation import dtype_for
from srcad.rules.declare import constant
from srcad.rules.samples import of
from srcad.types.lattice import FLOAT, INT, UNKNOWN, Array, Record, Scalar, Static, TupleOf, Type
from srcad.types.layouts import dims_of

__all__: list[str] = []

# Its functions are made as NumPy is imported, so type checkers know little of them.
_random: Any = np.random

_Arguments = Mapping[str, tuple[Any, ...]]

# Each with arguments to try it on.
_REAL: Final[_Arguments] = MappingProxyType(
    dict.fromkeys(["standard_normal", "standard_exponential", "standard_cauchy", "random"], ())
    | dict.fromkeys(
        ["chisquare", "pareto", "power", "rayleigh", "standard_gamma", "standard_t", "weibull"],
        (2.0,),
    )
    | dict.fromkeys(
        ["beta", "f", "gamma", "gumbel", "laplace", "logistic", "vonmises", "wald"], (1.5, 2.0)
    )
    | {"noncentral_chisquare": (2.0, 1.0), "noncentral_f": (2.0, 3.0, 1.0)}
    | {"random_sample": (), "triangular": (-1.0, 0.0, 2.0)}
)
_WHOLE: Final[_Arguments] = MappingProxyType(
    dict.fromkeys(["geometric", "logseries"], (0.5,))
    | dict.fromkeys(["binomial", "negative_binomial"], (5, 0.5))
    | {"hypergeometric": (5, 5, 3), "poisson": (3.0,), "zipf": (3.0,)}
)
_OTHERS: Final[_Arguments] = MappingProxyType(
    {"choice": (4,), "dirichlet": ([1.0, 2.0],), "multinomial": (5, [0.5, 0.5])}
    | {"multivariate_normal": ([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]), "randint": (2, 7)}
)


def _numbers(default: Any, each: Type) -> Any:
    """The type of numbers that are drawn, one by one or as many as ``size`` says."""

    def result(rng: Type, size: Type, **given: Type) -> Type:
        del rng
        found = dtype_for(given.get("dtype", Static(None)), default)
        if size != Static(None):
            return Array(found, dims_of(size))
        one = all(isinstance(t, (Scalar, Static)) for t in given.values())
        if not one or found != np.dtype(default):
            return UNKNOWN
        return each

    return result


def _of_class(cls: type) -> Callable[[Type], Type]:
    def result(seed: Type) -> Type:
        del seed
        return Record(cls, ())

    return result


def _shaped(rng: Type, shape: Type) -> Type:
    del rng
    return FLOAT if shape == TupleOf(()) else Array(FLOAT.dtype, dims_of(shape))


def _signature(fn: Callable[..., Any]) -> str:
    """The signature of ``fn`` but for an array that it would write to."""
    texts = ["rng"]
    for p in inspect.signature(fn).parameters.values():
        if p.name in ("self", "out"):
            continue
        if p.kind is p.KEYWORD_ONLY and "*" not in texts:
            texts.append("*")
        # A type is not written in a rule, where nothing given means the same.
        default = None if isinstance(p.default, type) else p.default
        texts.append(p.name if p.default is p.empty else f"{p.name}={default!r}")
    return f"{', '.join(texts)} -> z"


_KINDS: Final = (
    (_REAL, _numbers(float, FLOAT)),
    (_WHOLE, _numbers(np.int64, INT)),
    ({"integers": (2, 7)}, _numbers(np.int64, Scalar(INT.dtype, weak=False))),
    (_OTHERS, None),
)

for _make in (_random.default_rng, _random.RandomState):
    _cls: Any = _make(0).__class__
    constant(
        _make, "seed=None -> rng", result=_of_class(_cls), samples=lambda: (of(0),), draws=True
    )
    for _kind, _result in _KINDS:
        for _name, _arguments in _kind.items():
            if (_fn := getattr(_cls, _name, None)) is not None:
                constant(
                    _fn,
                    _signature(_fn),
                    result=_result,
                    samples=lambda make=_make, given=_arguments: (
                        of(make(0), *given),
                        of(make(0), *given, size=3),
                        of(make(0), *given, size=(2, 3)),
                    ),
                    draws=True,
                )
    constant(
        _cls.permutation,
        _signature(_cls.permutation),
        samples=lambda make=_make: (of(make(0), 4), of(make(0), np.arange(3.0))),
        draws=True,
    )
for _fn in (_random.RandomState.randn, _random.RandomState.rand):
    constant(
        _fn,
        "rng, *shape -> z",
        result=_shaped,
        samples=lambda: (of(_random.RandomState(0)), of(_random.RandomState(0), 2, 3)),
        draws=True,
    )
