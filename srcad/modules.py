"""Modules: those that a function reads, and what is found in one."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

__all__ = ["found_at", "modules_read"]


def modules_read(fn: FunctionType) -> list[ModuleType]:
    """Those that its global names stand for, and those that it imports itself, as far as loaded."""
    space = fn.__globals__
    found = (space.get(name, sys.modules.get(name)) for name in fn.__code__.co_names)
    return [value for value in found if isinstance(value, ModuleType)]


def found_at(module: str, qualname: str) -> object:
    """What one finds under ``qualname`` in ``module``, or ``None``; as pickle looks it up.

    Examples
    --------
    >>> found_at("math", "sqrt"), found_at("math", "no.such")
    (<built-in function sqrt>, None)
    """
    found: object = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found
