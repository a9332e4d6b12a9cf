"""Functions that call themselves, or others that call them."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

from srcad.analysis.effects import calls_in
from srcad.ir.nodes import Function, Ref
from srcad.ir.walk import statements
from srcad.rules.table import rule_for
from srcad.types.calls import python_function

__all__ = ["calls_itself"]


def calls_itself(fn: FunctionType, normal: Callable[[FunctionType], Function]) -> bool:
    """Whether ``fn`` calls itself, or is called by what it calls; ``normal`` gives their IR."""
    seen: set[FunctionType] = set()
    pending = [fn]
    while pending:
        for stmt in statements(normal(pending.pop()).body):
            for call in calls_in(stmt):
                inner = python_function(call.fn.value) if isinstance(call.fn, Ref) else None
                if inner is fn:
                    return True
                if inner is not None and inner not in seen and rule_for(inner) is None:
                    seen.add(inner)
                    pending.append(inner)
    return False
