"""The targets of assignments and loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import libcst as cst

from srcad.frontend.refusals import code_of
from srcad.ir.nodes import Target, Tuple, Var

__all__ = ["Refuse", "lower_target"]


class Refuse(Protocol):
    def __call__(self, node: cst.CSTNode, what: str = "", **names: str) -> Exception: ...


def lower_target(node: cst.BaseExpression, bind: Callable[[str], Var], refused: Refuse) -> Target:
    """The target ``node``: a name, or a tuple or list of targets."""
    match node:
        case cst.Name(value=name):
            return bind(name)
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for e in elements:
                if isinstance(e, cst.StarredElement):
                    raise refused(e, "starred target", name=code_of(e.value))
            return Tuple(tuple(lower_target(e.value, bind, refused) for e in elements))
        case cst.Attribute():
            raise refused(node, "attribute store", name=code_of(node))
        case _:
            raise refused(node)
