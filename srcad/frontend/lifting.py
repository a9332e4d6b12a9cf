"""Functions defined inside others, made functions of their own (lambda lifting).

Such a function reads variables of the one around it. Lifted, it takes them as its first parameters,
and whoever calls it gives their present values: closures bind late, so that is what they mean. What
is made is a plain Python function, whose source is known from the start, so that nothing that comes
after needs to know of functions inside functions.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, Final

import libcst as cst

from srcad.frontend.imports import Imported
from srcad.frontend.source import Parsed
from srcad.ir.nodes import Expr, Ref, Var
from srcad.notes import notes_of

__all__ = [
    "NAMELESS",
    "SUPPLIED",
    "Lifted",
    "LocalFunction",
    "assigned_around",
    "free_names",
    "is_local_function",
    "lifted_function",
    "lifting_of",
    "names_in",
    "plain_tree",
    "takes",
    "without_parameters",
]

NAMELESS: Final = "lam"
"""What a lambda is called that has no name."""

SUPPLIED: Final = object()
"""Stands for a default that every call gives, since it is computed where the ``def`` stands."""


@dataclass(frozen=True, slots=True)
class LocalFunction:
    """A lifted function as one of the functions that can call it sees it.

    Parameters
    ----------
    name
        What it was called where it was defined.
    fn
        The function.
    captured
        The caller's variables that are its first arguments.
    defaults
        For parameters whose default was computed, the caller's variable that holds it.
    reaches
        The functions defined beside it that it may call.
    writes
        Those of ``captured`` that a call assigns, by `nonlocal`: it returns a tuple, of its value
        and theirs.
    """

    name: str
    # Not `FunctionType`, which type checkers take for a method of this class.
    fn: Any
    captured: tuple[Var, ...] = ()
    defaults: tuple[tuple[str, Var], ...] = ()
    reaches: frozenset[str] = frozenset()
    writes: tuple[Var, ...] = ()

    @property
    def needs(self) -> tuple[Var, ...]:
        """The caller's variables that a call may read."""
        return (*self.captured, *(v for _, v in self.defaults))

    @property
    def is_plain(self) -> bool:
        """Whether it reads and assigns no variables of the functions around it."""
        return not self.needs and not self.writes

    def seen_from(self, inside: Mapping[Var, str], name: str = "") -> LocalFunction:
        """The function, called ``name`` there, where the variables that it needs are parameters."""
        captured = tuple(Var(inside[v]) for v in self.captured)
        defaults = tuple((name, Var(inside[v])) for name, v in self.defaults)
        writes = tuple(Var(inside[v]) for v in self.writes)
        return LocalFunction(name or self.name, self.fn, captured, defaults, writes=writes)


@dataclass(frozen=True, slots=True)
class Lifted:
    """What is known of a lifted function.

    Parameters
    ----------
    parsed
        Its source.
    functions
        The local functions that it may call, by the names that it has for them.
    title
        What to call it beside functions from elsewhere.
    leading
        The parameters that it has for variables of the functions around it.
    depth
        How many functions it was made of.
    imports
        The names that the functions around it import.
    writes
        Those of ``leading`` whose values it returns after its own.
    copies
        The functions made of others by giving them this one, by what they were made of.
    """

    parsed: Parsed
    functions: Mapping[str, LocalFunction]
    title: str
    leading: tuple[str, ...]
    depth: int = 0
    imports: Mapping[str, Imported] = field(default_factory=dict[str, Imported])
    writes: tuple[str, ...] = ()
    copies: dict[object, FunctionType] = field(default_factory=dict[object, FunctionType])


def lifting_of(fn: object) -> Lifted | None:
    """What is known of ``fn`` if it was lifted."""
    found = notes_of(fn).lifted
    return found if isinstance(found, Lifted) else None


def is_local_function(expr: Expr) -> bool:
    """Whether ``expr`` stands for a local function: within an expression that is being lowered."""
    return isinstance(expr, Ref) and isinstance(expr.value, LocalFunction)


def plain_tree(tree: ast.AST, name: str) -> ast.FunctionDef:
    """``tree``, of a function or a lambda, as a ``def`` without decorators and annotations.

    Defaults are no part of a function's code, and are left out too.
    """
    made = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    ast.copy_location(made, tree)
    match tree:
        case ast.Lambda(args=args, body=value):
            made.body = [ast.copy_location(ast.Return(value), value)]
        case ast.FunctionDef(args=args, body=body):
            made.body = body
        case _:
            raise AssertionError(type(tree).__name__)

    def bare(arg: ast.arg | None) -> ast.arg | None:
        return None if arg is None else ast.copy_location(ast.arg(arg.arg), arg)

    def all_bare(some: Sequence[ast.arg]) -> list[ast.arg]:
        return [ast.copy_location(ast.arg(a.arg), a) for a in some]

    made.args = ast.arguments(
        posonlyargs=all_bare(args.posonlyargs),
        args=all_bare(args.args),
        vararg=bare(args.vararg),
        kwonlyargs=all_bare(args.kwonlyargs),
        kw_defaults=[None] * len(args.kwonlyargs),
        kwarg=bare(args.kwarg),
        defaults=[],
    )
    return made


def without_parameters(tree: ast.FunctionDef, names: Collection[str]) -> ast.FunctionDef:
    """``tree``, which `plain_tree` made, without the parameters ``names``."""
    args = tree.args
    args.posonlyargs = [a for a in args.posonlyargs if a.arg not in names]
    args.args = [a for a in args.args if a.arg not in names]
    args.kwonlyargs = [a for a in args.kwonlyargs if a.arg not in names]
    args.kw_defaults = [None] * len(args.kwonlyargs)
    return tree


def free_names(tree: ast.FunctionDef, around: Collection[str], filename: str) -> tuple[str, ...]:
    """Which of the names ``around`` a function it reads, itself or in functions inside it."""
    return _code(tree, around, filename).co_freevars


def assigned_around(tree: ast.AST) -> set[str]:
    """The names that ``tree``, or a function in it, assigns by `nonlocal`."""
    return {
        name for node in ast.walk(tree) if isinstance(node, ast.Nonlocal) for name in node.names
    }


class _WithoutNonlocal(ast.NodeTransformer):
    """The names become parameters; functions further inside see them as before."""

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node


def lifted_function(
    tree: ast.FunctionDef,
    around: FunctionType,
    leading: Sequence[str],
    qualname: str,
    defaults: Mapping[str, object],
    imports: Mapping[str, Imported],
) -> FunctionType:
    """The function of ``tree``, with parameters ``leading`` before its own.

    Parameters
    ----------
    tree
        As `plain_tree` makes it. It is changed.
    around
        The function whose globals and closure variables it sees.
    leading
        Their names.
    qualname
        Its full name.
    defaults
        The values of its defaults, by parameter.
    imports
        The names that the functions around it import: it imports those that it reads itself.
    """
    tree.body = [_WithoutNonlocal().visit(stmt) for stmt in tree.body]
    parameters = [ast.copy_location(ast.arg(name), tree) for name in leading]
    tree.args.posonlyargs[:0] = parameters
    for name in free_names(tree, imports, around.__code__.co_filename):
        tree.body.insert(0, imports[name].statement(name, tree.body[0]))
    code = _code(tree, around.__code__.co_freevars, around.__code__.co_filename)
    cells = dict(zip(around.__code__.co_freevars, around.__closure__ or (), strict=True))
    places = [*tree.args.posonlyargs, *tree.args.args]
    given = tuple(defaults[a.arg] for a in places if a.arg in defaults)
    made = FunctionType(
        code,
        around.__globals__,
        tree.name,
        given or None,
        tuple(cells[name] for name in code.co_freevars),
    )
    only = {a.arg: defaults[a.arg] for a in tree.args.kwonlyargs if a.arg in defaults}
    made.__kwdefaults__ = only or None
    made.__qualname__ = qualname
    return made


def _code(tree: ast.FunctionDef, around: Collection[str], filename: str) -> CodeType:
    """The code of ``tree`` in a function that has variables ``around``."""
    module = ast.parse(f"def around({', '.join(around)}): pass")
    outer = module.body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.body = [tree]
    name, tree.name = tree.name, "<inside>"  # else its own name would be one of those around it
    found = compile(module, filename, "exec", dont_inherit=True)
    tree.name = name
    for _ in range(2):
        found = next(c for c in found.co_consts if isinstance(c, CodeType))
    return found.replace(co_name=name, co_qualname=name)


def names_in(tree: ast.AST) -> set[str]:
    """Every name that ``tree`` uses for a variable."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case _:
                pass
    return found


def takes(params: cst.Parameters) -> Iterator[cst.Param]:
    """The parameters that may have a default."""
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)
