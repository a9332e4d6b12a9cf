"""A Python function to surface IR."""

from __future__ import annotations

import inspect
import re
from types import FunctionType

import libcst as cst

from srcad.errors import NoSourceError
from srcad.frontend.contexts import silencing
from srcad.frontend.early_variables import check_early_variables
from srcad.frontend.expressions import ExpressionLowering
from srcad.frontend.local_functions import LocalFunctions
from srcad.frontend.refusals import refuse
from srcad.frontend.scope import Scope
from srcad.frontend.source import Parsed, parse_function
from srcad.frontend.statements import StatementLowering
from srcad.frontend.walrus import walrus_names
from srcad.ir.names import Names
from srcad.ir.nodes import Block, Call, Const, Function, Param, Ref, Return, Var

__all__ = ["lower"]

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_LITERALS = (int, float, complex, bool, str, bytes, type(None))


def lower(fn: object) -> Function:
    """The surface IR of ``fn``.

    Parameters
    ----------
    fn
        A plain Python function or lambda. Of a method this is the function, with ``self`` its first
        parameter.

    Raises
    ------
    NoSourceError
        If ``fn`` is no plain function, or its text cannot be found.
    UnsupportedSyntaxError
        At the first piece of Python that srcad does not differentiate.
    """
    if not isinstance(fn, FunctionType):
        raise NoSourceError(
            f"`{getattr(fn, '__qualname__', None) or repr(fn)}` has no Python source",
            why="srcad differentiates a function by rewriting its text, and this is not a Python"
            " function.",
            instead="wrap the call in a Python function, and give srcad a rule for what it calls.",
        )
    parsed = parse_function(fn)
    kind = fn.__code__.co_flags
    if kind & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        raise refuse("yield", parsed.source, None)
    if kind & inspect.CO_COROUTINE:
        raise refuse("await", parsed.source, None)
    return _Lowering(fn, parsed).function()


class _Lowering:
    def __init__(self, fn: FunctionType, parsed: Parsed) -> None:
        node = parsed.node
        params = _params(fn, fn.__name__ if fn.__name__.isidentifier() else "lam")
        bound = [p.var.base for p in params]
        if ":=" in parsed.text:
            bound += walrus_names(node.body)
        functions = LocalFunctions(fn, parsed, bound)
        self._scope = Scope(fn, functions.variables, functions.imports)
        self._fn, self._node, self._parsed, self._params = fn, node, parsed, params
        # Temporaries must not be called like anything in the function's text.
        names = Names([*_IDENTIFIER.findall(parsed.text), *(p.var.name for p in params)])
        functions.lift(names)
        self._functions = functions
        self._expressions = ExpressionLowering(
            self._scope.resolve,
            parsed.positions.origin,
            parsed.source,
            names,
            self._scope.local,
            functions,
        )

    def function(self) -> Function:
        name = self._fn.__name__
        body, context = self._body()
        made = Function(
            name if name.isidentifier() else "lam",
            self._params,
            body,
            self._parsed.source,
            tuple(self._scope.captures.values()),
            context=context,
        )
        if self._functions.any_made:
            check_early_variables(made)
        return made

    def _body(self) -> tuple[Block, Call | None]:
        if isinstance(self._node, cst.Lambda):
            value = self._expressions.lower(self._node.body)
            origin = self._parsed.positions.origin(self._node.body)
            return (
                *self._expressions.take(),
                Return(self._functions.returned(value), origin),
            ), None
        statements = StatementLowering(self._expressions, self._parsed, self._functions)
        body = statements.block(self._node.body)
        if not body or not isinstance(body[-1], Return):
            body = (*body, Return(self._functions.returned(Const(None))))
        return body, silencing(statements.silenced)


def _params(fn: FunctionType, name: str) -> tuple[Param, ...]:
    code = fn.__code__
    count, only = code.co_argcount, code.co_kwonlyargcount
    names = code.co_varnames
    defaults = fn.__defaults__ or ()
    first = count - len(defaults)
    params: list[Param] = []
    for i, arg in enumerate(names[:count]):
        default = None
        if i >= first:
            default = _default(defaults[i - first], f"{name}.__defaults__[{i - first}]")
        params.append(Param(Var(arg), default))
    rest = count + only
    if code.co_flags & inspect.CO_VARARGS:
        params.append(Param(Var(names[rest]), kind="args"))
        rest += 1
    keywords = fn.__kwdefaults__ or {}
    for arg in names[count : count + only]:
        default = None
        if arg in keywords:
            default = _default(keywords[arg], f"{name}.__kwdefaults__[{arg!r}]")
        params.append(Param(Var(arg), default, "keyword"))
    if code.co_flags & inspect.CO_VARKEYWORDS:
        params.append(Param(Var(names[rest]), kind="kwargs"))
    return tuple(params)


def _default(value: object, path: str) -> Ref | Const:
    return Const(value) if type(value) in _LITERALS else Ref(path, value)
