"""What the names of a function mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType

import libcst as cst

from srcad.compiled import plain_behind
from srcad.frontend.imports import Imported, imports_of
from srcad.frontend.refusals import UnresolvedName
from srcad.ir.nodes import Capture, Expr, Ref, Var
from srcad.ir.refs import RANGE

__all__ = [
    "Scope",
    "assigned_names",
    "captured_names",
    "imported_names",
    "local_definitions",
    "named_lambda",
    "reference",
]


class Scope:
    """Resolves names as Python would: local, closure, global, builtin.

    ``captures`` collects the closure and global names that were read, except modules.
    """

    def __init__(
        self, fn: FunctionType, local: frozenset[str], imports: Mapping[str, Imported]
    ) -> None:
        self.local = local
        self._imports = imports
        self.captures: dict[str, Capture] = {}
        self._fn = fn
        self._cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
        self._seen: dict[str, Expr] = {}

    def resolve(self, name: str) -> Expr:
        """`Var` for a local name, else `Ref` to the value it has now.

        Raises
        ------
        UnresolvedName
            If it has none.
        """
        found = self._seen.get(name)
        if found is None:
            found = self._seen[name] = self._found(name)
        return found

    def _found(self, name: str) -> Expr:
        if name in self.local:
            return Var(name)
        if name not in self._imports:
            return reference(name, self._value(name))
        imported = self._imports[name]
        try:
            return reference(imported.path, imported.load())
        except ImportError:
            raise UnresolvedName("failed import") from None

    def _value(self, name: str) -> object:
        if name in self._cells:
            try:
                value = self._cells[name].cell_contents
            except ValueError:
                raise UnresolvedName("empty cell") from None
            return self._captured(name, value, "closure")
        if name in self._fn.__globals__:
            return self._captured(name, self._fn.__globals__[name], "global")
        try:
            return self._fn.__builtins__[name]
        except KeyError:
            raise UnresolvedName("undefined") from None

    def _captured(self, name: str, value: object, where: str) -> object:
        if not isinstance(value, ModuleType):
            self.captures[name] = Capture(name, value, (where, name))
        return value


def reference(path: str, value: object) -> Ref:
    """A reference to ``value``; to the plain function behind it, or ``range`` for ``prange``.

    Examples
    --------
    >>> reference("len", len)
    Ref(path='len', value=<built-in function len>)
    """
    if (fn := plain_behind(value, path)) is not None:
        return Ref(path, fn)
    # Not `getattr`: it may run a `__getattr__` of the user's, which may raise anything.
    if isinstance(value, type) and value.__name__ == "prange":
        module = str(value.__module__)
        return RANGE if module.partition(".")[0] == "numba" else Ref(path, value)
    return Ref(path, value)


def assigned_names(body: cst.BaseSuite) -> Iterator[str]:
    """The names that the statements of ``body`` bind, with repetitions."""
    for stmt in _statements(body):
        match stmt:
            case cst.BaseSmallStatement():
                yield from _bound_by(stmt)
            case cst.For(target=target):
                yield from _names(target)
            case cst.MatchPattern():
                yield from captured_names(stmt)
            case cst.FunctionDef(name=name):
                yield name.value
            case _:
                pass


def captured_names(pattern: cst.CSTNode) -> Iterator[str]:
    """The names that a pattern of a ``match`` statement binds."""
    match pattern:
        case cst.MatchAs(name=cst.Name(value=name)) | cst.MatchStar(name=cst.Name(value=name)):
            yield name
        case cst.MatchMapping(rest=cst.Name(value=name)):
            yield name
        case _:
            pass
    for child in pattern.children:
        yield from captured_names(child)


def local_definitions(
    body: cst.BaseSuite,
) -> Iterator[tuple[str, cst.FunctionDef | cst.Lambda]]:
    """The functions that the statements of ``body`` define: by ``def``, or a lambda with a name."""
    for stmt in _statements(body):
        match stmt:
            case cst.FunctionDef(name=name):
                yield name.value, stmt
            case cst.BaseSmallStatement():
                yield from filter(None, (named_lambda(stmt),))
            case _:
                pass


def imported_names(body: cst.BaseSuite) -> Iterator[tuple[str, Imported]]:
    """The names that the statements of ``body`` import."""
    for stmt in _statements(body):
        yield from imports_of(stmt)


def _statements(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    """The statements of ``body`` at any depth, in textual order; not those of a ``def`` inside.

    Nor those of what is refused when it is lowered.
    """
    for stmt in body.body:
        match stmt:
            case cst.SimpleStatementLine(body=small):
                yield from small
            case cst.If():
                here: cst.If | cst.Else | None = stmt
                while here is not None:
                    yield from _statements(here.body)
                    here = here.orelse if isinstance(here, cst.If) else None
            case cst.With():
                yield from _statements(stmt.body)
            case cst.Match(cases=cases):
                for case in cases:
                    yield case.pattern
                    yield from _statements(case.body)
            case cst.For() | cst.While():
                yield stmt
                yield from _statements(stmt.body)
                if stmt.orelse is not None:
                    yield from _statements(stmt.orelse.body)
            case _:
                yield stmt


def named_lambda(stmt: cst.BaseSmallStatement) -> tuple[str, cst.Lambda] | None:
    """The name and the lambda of ``name = lambda ...``."""
    match stmt:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            pass
        case cst.AnnAssign(target=cst.Name(value=name), value=value):
            pass
        case _:
            return None
    return (name, value) if isinstance(value, cst.Lambda) else None


def _bound_by(stmt: cst.BaseSmallStatement) -> Iterator[str]:
    match stmt:
        case cst.Assign(targets=targets):
            for target in targets:
                yield from _names(target.target)
        case cst.AnnAssign(target=target) | cst.AugAssign(target=target) | cst.Del(target=target):
            yield from _names(target)
        case _:
            for name, _ in imports_of(stmt):
                yield name


def _names(target: cst.BaseExpression) -> Iterator[str]:
    match target:
        case cst.Name(value=name):
            yield name
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _names(element.value)
        case _:
            pass
