"""Functions that are not written in Python, in one line of it."""

from __future__ import annotations

import importlib
import inspect
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any, Final

from srcad.calls.compose import passing_on
from srcad.calls.unwrap import path_of, unwrap
from srcad.signature import Callee

__all__ = ["callee_of", "in_one_line"]


def callee_of(fun: Any, verb: str) -> Callee:
    """The plain function behind ``fun``, as `unwrap` finds it, or else a line that calls it.

    Raises
    ------
    NoSourceError
        If it is not written in Python, and its derivative is not known.
    ArgumentError
        If ``fun`` is a class, or cannot be called at all.

    Examples
    --------
    >>> from math import tanh
    >>> callee_of(tanh, "grad").fn(0.0)
    0.0
    """
    return unwrap(fun, verb, in_one_line)


@lru_cache(maxsize=256)
def in_one_line(fun: Any) -> FunctionType | None:
    """A Python function that calls ``fun``, where srcad knows the derivative of that call.

    It takes the arguments that the rule of ``fun`` knows.

    Examples
    --------
    >>> import numpy as np
    >>> print(inspect.getsource(in_one_line(np.tanh)), end="")
    def tanh(x):
        return np.tanh(x)
    >>> in_one_line(print) is None
    True
    """
    parameters = _parameters(fun)
    if parameters is None:
        return None
    path = path_of(fun)
    home, _, name = path.rpartition(".")
    module = importlib.import_module(_HOMES.get(home, "builtins"))
    if home not in _HOMES or getattr(module, name, None) is not fun:
        return passing_on(fun, fun.__name__, parameters)
    root = importlib.import_module(module.__name__.partition(".")[0])
    return passing_on(fun, name, parameters, path, root)


_HOMES: Final = {
    "np": "numpy",
    "np.linalg": "numpy.linalg",
    "math": "math",
    "scipy.special": "scipy.special",
}
"""The modules whose members are written with a dot."""


def _parameters(fun: Any) -> list[inspect.Parameter] | None:
    if not isinstance(getattr(fun, "__self__", None), ModuleType | None):
        return None  # a method that has its object already
    from srcad.analysis.effects import is_pure
    from srcad.ir.nodes import Call, Ref
    from srcad.plain import plain_function
    from srcad.rules.signature import REQUIRED
    from srcad.rules.table import rule_for

    rule = rule_for(fun)
    if rule is None and (plain := plain_function(fun)) is not None:
        return list(inspect.signature(plain).parameters.values())
    if rule is None or not is_pure(Call(Ref("", fun))):
        return None
    found: list[inspect.Parameter] = []
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for p in rule.params:
        if p.name in rule.only:  # has to be a literal, which a parameter is not
            kind = inspect.Parameter.KEYWORD_ONLY
            continue
        if p.keyword_only:
            kind = inspect.Parameter.KEYWORD_ONLY
        default = inspect.Parameter.empty if p.star or p.default is REQUIRED else p.default
        own = inspect.Parameter.VAR_POSITIONAL if p.star else kind
        found.append(inspect.Parameter(p.name, own, default=default))
    return found
