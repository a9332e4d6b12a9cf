"""The modules that a function reads."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType

__all__ = ["modules_read"]


def modules_read(fn: FunctionType) -> list[ModuleType]:
    """Those that its global names stand for, and those that it imports itself, as far as loaded."""
    space = fn.__globals__
    found = (space.get(name, sys.modules.get(name)) for name in fn.__code__.co_names)
    return [value for value in found if isinstance(value, ModuleType)]
