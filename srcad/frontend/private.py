"""Private names: inside a class, ``__x`` stands for ``_Class__x``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import TypeGuard, cast

import libcst as cst

__all__ = ["mangled", "mangled_tree", "private_names"]

_PRIVATE = re.compile(r"\b__\w*[^\W_]\w*")


def private_names(text: str, qualname: str, code: CodeType) -> Mapping[str, str]:
    """What the private names in ``text`` stand for in ``code``, that of a function in a class."""
    names = {n for n in _PRIVATE.findall(text) if not n.endswith("__")}
    if not names:
        return {}
    used = set(_names(code))
    found: dict[str, str] = {}
    for cls in reversed(qualname.split(".")[:-1]):
        for name in names - set(found):
            if (full := f"_{cls.lstrip('_')}{name}") in used:
                found[name] = full
    return found


def _names(code: CodeType) -> Iterator[str]:
    yield from (*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
        elif isinstance(constant, tuple):  # the keywords of a call
            yield from filter(_is_text, cast("tuple[object, ...]", constant))


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str)


def mangled(body: cst.FunctionDef, names: Mapping[str, str]) -> cst.FunctionDef:
    """``body`` with the names written out; its own stays."""
    found = body.visit(_Mangling(names))
    assert isinstance(found, cst.FunctionDef)
    return found.with_changes(name=body.name)


class _Mangling(cst.CSTTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        full = self._names.get(original_node.value)
        return updated_node if full is None else updated_node.with_changes(value=full)


def mangled_tree(at: ast.AST, names: Mapping[str, str]) -> None:
    """Write the names out in ``at``, which is changed; its own stays."""
    for node in ast.walk(at):
        for key in ("id", "attr", "arg", "name", "asname"):
            full = names.get(getattr(node, key, None) or "")
            if full is not None and node is not at:
                setattr(node, key, full)
