"""The names that assignment expressions bind."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

__all__ = ["walrus_names"]


def walrus_names(node: cst.CSTNode) -> Iterator[str]:
    """The names that ``:=`` binds in ``node``, those inside comprehensions included."""
    if isinstance(node, cst.NamedExpr) and isinstance(node.target, cst.Name):
        yield node.target.value
    for child in node.children:
        # These have variables of their own.
        if not isinstance(child, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            yield from walrus_names(child)
