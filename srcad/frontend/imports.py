"""Imports inside a function: their names stand for live objects, as those of the module do."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

__all__ = ["Imported", "imports_of"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an imported name stands for.

    Parameters
    ----------
    module
        The module that is loaded.
    member
        Its member that is meant, if any: ``from module import member``.
    renamed
        Whether the name stands for ``a.b`` itself, ``import a.b as name``, and not for ``a``.
    """

    module: str
    member: str = ""
    renamed: bool = False

    @property
    def path(self) -> str:
        """The dotted text that reaches it."""
        if self.member:
            return f"{self.module}.{self.member}"
        return self.module if self.renamed else self.module.partition(".")[0]

    def load(self) -> object:
        """The live object.

        Raises
        ------
        ImportError
            As the statement would.
        """
        module = importlib.import_module(self.module)
        if not self.member:
            return sys.modules[self.path]
        try:
            return getattr(module, self.member)
        except AttributeError:
            return importlib.import_module(self.path)

    def statement(self, name: str, at: ast.AST) -> ast.stmt:
        """The statement that makes ``name`` stand for it, placed where ``at`` is."""
        if self.member:
            text = f"from {self.module} import {self.member} as {name}"
        else:
            text = f"import {self.module}" + (f" as {name}" if self.renamed else "")
        made = ast.parse(text).body[0]
        for node in ast.walk(made):
            ast.copy_location(node, at)
        return made


def imports_of(stmt: cst.CSTNode) -> Iterator[tuple[str, Imported]]:
    """The names that an import statement binds; of a relative one none."""
    match stmt:
        case cst.Import(names=names):
            for alias in names:
                name = alias.evaluated_alias
                found = Imported(alias.evaluated_name, renamed=name is not None)
                yield name or found.path, found
        case cst.ImportFrom(module=cst.BaseExpression() as module, names=names, relative=()):
            if not isinstance(names, cst.ImportStar):
                path = cst.Module(()).code_for_node(module)
                for alias in names:
                    member = alias.evaluated_name
                    yield alias.evaluated_alias or member, Imported(path, member)
        case _:
            pass
