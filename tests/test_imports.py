"""What imports what: no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import srcad

ROOT = Path(srcad.__file__).parent


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that ``tree`` imports, at any depth, those for type checkers alone too."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (
                    f"{module}.{a.name}" if f"{module}.{a.name}" in MODULES else module
                    for a in names
                )
            case ast.Import(names=names):
                yield from (a.name for a in names)
            case ast.Call(
                func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name))]
            ):
                yield name
            case _:
                pass
        yield from imported(node)


def graph() -> dict[str, set[str]]:
    return {
        name: set(imported(ast.parse(path.read_text()))) & MODULES.keys() - {name}
        for name, path in MODULES.items()
    }


def test_no_two_files_need_each_other() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_imports_inside_functions_are_seen() -> None:
    tree = ast.parse("def f():\n    from srcad.ir import walk\n    import srcad.api\n")
    assert list(imported(tree)) == ["srcad.ir.walk", "srcad.api"]
