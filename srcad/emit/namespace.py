"""How generated code reaches the objects it names: through which names, and with which imports."""

from __future__ import annotations

import builtins
import math
import re
import sys
from dataclasses import dataclass, replace
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final, cast

import numpy as np

from srcad.compiled import compiled_of
from srcad.emit.expressions import constant_text, prints_function
from srcad.ir.nodes import Block, Call, Const, Expr, Function, Param, Ref, Stmt, Var
from srcad.ir.rebuild import map_block, map_expr, map_stmt
from srcad.ir.refs import NEG
from srcad.ir.walk import bound, statements, used
from srcad.kinds import attribute
from srcad.notes import notes_of
from srcad.plain import original

__all__ = ["Bound", "bind_names"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A function whose every `Ref` is printed as it can be reached.

    Parameters
    ----------
    fn : Function
        The function, with the paths of its references settled.
    globals : dict
        The global names that its text uses, and what they stand for. Builtins are not among them.
    imports : tuple of str
        The import statements that make those names, in order, and after them the definitions of
        classes that srcad made; names of objects that no import can reach, such as a closure's
        values, have none.
    """

    fn: Function
    globals: dict[str, object]
    imports: tuple[str, ...]


def bind_names(fn: Function) -> Bound:
    """Decide how each object that ``fn`` refers to is named in its text.

    Members of NumPy are ``np.…``, those of `math` ``math.…``, builtins and functions of
    `srcad.runtime` stand bare, and the user's own names are as in the user's code. Local variables
    come first: whatever else would have the name of one gets a number, ``np_1``.

    Parameters
    ----------
    fn : Function
        The function as it is to be printed.

    Returns
    -------
    Bound
        The function, its globals and imports.

    Examples
    --------
    >>> import numpy
    >>> from srcad.ir.nodes import Return, Source
    >>> body = (Return(Call(Ref("xp.sum", numpy.sum), (Var("np"),))),)
    >>> bound = bind_names(Function("f", (Param(Var("np")),), body, Source("f.py", 1, "f")))
    >>> bound.fn.body[0].value.fn.path, bound.imports
    ('np_1.sum', ('import numpy as np_1',))
    """
    binder = _Binder(fn)
    params = tuple(binder.param(p) for p in fn.params)
    context = None if fn.context is None else binder.call(fn.context)
    body = binder.block(fn.body)
    return Bound(
        replace(fn, params=params, body=body, context=context),
        dict(sorted(binder.globals.items())),
        binder.imports(),
    )


@dataclass(frozen=True, slots=True)
class _Route:
    """A way to an object: ``root`` and what follows it; ``module``, ``member`` import the root."""

    name: str
    root: object
    rest: str = ""
    module: str = ""
    member: str = ""


class _Binder:
    def __init__(self, fn: Function) -> None:
        self.globals: dict[str, object] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._builtins: dict[str, object] = {}
        self._imports: dict[str, _Route] = {}
        # The function's own name too: its `def` would overwrite another object of that name.
        self._own = fn.name
        self._locals = {p.var.name for p in fn.params} | {fn.name}
        for stmt in statements(fn):
            self._locals.update(v.name for v in bound(stmt))
            self._locals.update(v.name for v in used(stmt))

    def imports(self) -> tuple[str, ...]:
        plain: list[str] = []
        members: dict[str, list[str]] = {}
        for name, route in sorted(self._imports.items()):
            if route.member:
                alias = "" if name == route.member else f" as {name}"
                members.setdefault(route.module, []).append(f"{route.member}{alias}")
            elif route.module:
                alias = "" if name == route.module.partition(".")[0] else f" as {name}"
                plain.append(f"import {route.module}{alias}")
        definitions = [
            text
            for name, route in sorted(self._imports.items())
            if (text := _definition(route.root)).startswith(f"{name} = ")
        ]
        if definitions:
            members.setdefault("collections", []).append("namedtuple")
        froms = [f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(members.items())]
        return (*sorted(plain), *froms, *definitions)

    def param(self, param: Param) -> Param:
        default = param.default
        if isinstance(default, Const) and not _has_literal(default.value):
            default = Ref(f"{param.var.name}_default", default.value)
        if not isinstance(default, Ref):
            return param
        if not _is_dotted(default.path):
            default = Ref(f"{param.var.name}_default", default.value)
        return replace(param, default=self._ref(default))

    def call(self, call: Call) -> Call:
        found = self._expr(call)
        assert isinstance(found, Call)
        return found

    def block(self, block: Block) -> Block:
        return map_block(block, self._statement)

    def _statement(self, stmt: Stmt) -> Stmt:
        return map_stmt(stmt, self._expr, self.block)

    def _expr(self, expr: Expr) -> Expr:
        if isinstance(expr, Var):
            return expr
        match expr:
            case Const():
                return self._const(expr, expr.value)
            case Ref():
                return self._ref(expr)
            case Call(fn=Ref() as fn) if not prints_function(expr):
                # An operator or a method: the function itself is not printed.
                return map_expr(expr, lambda e: e if e is fn else self._expr(e))
            case _:
                return map_expr(expr, self._expr)

    def _const(self, const: Const, value: object) -> Expr:
        """``const``, or what stands for a number that has no literal."""
        if _has_literal(value):
            return const
        if isinstance(value, np.generic):
            number = cast("np.generic[Any]", value)
            cls = type(number)
            made = self._ref(Ref(f"np.{cls.__name__}", cls))
            return Call(made, (self._expr(Const(number.item())),))
        if isinstance(value, float):
            if value != value:
                return self._ref(Ref("np.nan", np.nan))
            infinity = self._ref(Ref("np.inf", np.inf))
            return infinity if value > 0 else Call(NEG, (infinity,))
        assert isinstance(value, complex)
        parts = (self._expr(Const(value.real)), self._expr(Const(value.imag)))
        return Call(self._ref(Ref("complex", complex)), parts)

    def _ref(self, ref: Ref) -> Ref:
        if isinstance(ref.value, FunctionType):
            own = original(ref.value) or compiled_of(ref.value, ref.path)
            ref = ref if own is None else Ref(ref.path, own)
        key = (ref.path, id(ref.value))
        if key not in self._names:
            self._names[key] = self._reach(ref)
        path = self._names[key]
        return ref if path == ref.path else Ref(path, ref.value)

    def _reach(self, ref: Ref) -> str:
        if ref.path == self._own and notes_of(ref.value).later:
            return ref.path  # it calls itself
        own = attribute(ref.value, "__name__", "")
        if ref.path in self._locals and isinstance(own, str) and own.isidentifier():
            ref = Ref(own, ref.value)  # a function that was given for a parameter of that name
        root = ref.path.partition(".")[0]
        builtin = getattr(builtins, root, _MISSING)
        if _member(builtins, ref.path) is ref.value and self._is_free(root, builtin):
            self._builtins[root] = builtin
            return ref.path
        route = _route(ref)
        return self._name(route) + route.rest

    def _name(self, route: _Route) -> str:
        """The global name of a route's root: one for each object and wish."""
        name, n = route.name, 0
        while not self._is_free(name, route.root):
            n += 1
            name = f"{route.name}_{n}"
        self.globals[name] = route.root
        self._imports[name] = route
        return name

    def _is_free(self, name: str, value: object) -> bool:
        """Whether ``name`` may stand for ``value``: it is no local, and stands for nothing else."""
        if name in self._locals:
            return False
        if name in self.globals:
            return self.globals[name] is value
        return self._builtins.get(name, value) is value


def _definition(value: object) -> str:
    """The line that defines ``value``, if it is a class that srcad made; else the empty string."""
    found = getattr(value, "__srcad_definition__", "") if isinstance(value, type) else ""
    return found if isinstance(found, str) else ""


def _has_literal(value: object) -> bool:
    """Whether ``value`` can be written without naming an object."""
    if isinstance(value, np.generic):
        return False
    if isinstance(value, float):
        return math.isfinite(value)
    return not (isinstance(value, complex) and constant_text(value)[0].startswith("complex("))


def _route(ref: Ref) -> _Route:
    root, _, rest = ref.path.partition(".")
    if isinstance(ref.value, ModuleType):
        if ref.value is np:
            return _Route("np", np, "", "numpy")
        if root == "np" and _member(np, rest) is ref.value:
            return _Route("np", np, f".{rest}", "numpy")
        return _Route(_identifier(ref.path), ref.value, "", ref.value.__name__)
    module = attribute(ref.value, "__module__")
    module = module if isinstance(module, str) else ""
    if module == "srcad.runtime" or module.startswith("srcad.runtime."):
        name = str(attribute(ref.value, "__name__", ref.path.rpartition(".")[2]))
        public = getattr(sys.modules.get("srcad.runtime"), name, _MISSING) is ref.value
        return _Route(name, ref.value, "", "srcad.runtime" if public else module, name)
    if rest and _is_dotted(rest):
        for name, owner in (("np", np), (root, sys.modules.get(root))):
            if owner is not None and _is_same(_member(owner, rest), ref.value):
                return _Route(name, owner, f".{rest}", _importable(owner, rest))
        found = _member(builtins, rest)
        if found is ref.value:
            return _Route("builtins", builtins, f".{rest}", "builtins")
    if getattr(builtins, ref.path, _MISSING) is ref.value:
        return _Route("builtins", builtins, f".{ref.path}", "builtins")
    return _direct(ref, module)


def _is_same(found: object, value: object) -> bool:
    # A method of a ufunc, such as `np.add.at`, is made anew each time it is looked up.
    return found is value or (isinstance(value, BuiltinFunctionType) and found == value)


def _direct(ref: Ref, module: str) -> _Route:
    """A name of the object's own, imported from where it says it was made, if it is there."""
    name = _identifier(ref.path.rpartition(".")[2] if _is_dotted(ref.path) else ref.path)
    member = attribute(ref.value, "__name__", name)
    candidates = ("numpy", *_HOMES, module)
    for candidate in candidates:
        owner = sys.modules.get(candidate)
        known = isinstance(member, str) and candidate not in ("", "__main__", "builtins")
        if known and owner is not None and getattr(owner, member, _MISSING) is ref.value:
            return _Route(name, ref.value, "", candidate, member)
    return _Route(name, ref.value)


def _importable(owner: object, rest: str) -> str:
    """The module to import so that ``rest`` can be reached from ``owner``."""
    name = str(getattr(owner, "__name__", ""))
    if owner is np:
        return name
    for part in rest.split(".")[:-1]:
        if f"{name}.{part}" not in sys.modules:
            break
        name = f"{name}.{part}"
    return name


def _member(owner: object, path: str) -> object:
    for name in path.split("."):
        owner = getattr(owner, name, _MISSING)
    return owner


def _is_dotted(path: str) -> bool:
    return all(part.isidentifier() for part in path.split("."))


def _identifier(text: str) -> str:
    if text.isidentifier():
        return text
    name = re.sub(r"\W+", "_", text).strip("_")
    return name if name.isidentifier() else f"value_{name}"


_HOMES: Final = ("scipy.special",)
"""Where functions live that do not say where, as ufuncs do not, or name a private module."""

_MISSING: Final = object()
