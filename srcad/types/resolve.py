"""What a call stands for, given the types of its operands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np

from srcad.ir.nodes import Attr, Call, Const, Expr, Origin, Ref, Star, Stmt, Var
from srcad.ir.rebuild import changed
from srcad.ir.refs import ADD, DIV, GETATTR, MUL, NEG, SUB
from srcad.kinds import among
from srcad.rules.table import rule_for
from srcad.types.containers import field_type
from srcad.types.derivatives import Pullback, inlined, pulled
from srcad.types.expand import expanded, expanded_keywords
from srcad.types.lattice import Array, Record, Scalar, Static
from srcad.types.live import called_method, known_call
from srcad.types.methods import method_call, resolve_attribute
from srcad.types.run import Run
from srcad.types.stars import with_as_many_as_fit

__all__ = ["resolve_call"]


def resolve_call(
    run: Run, call: Call, before: list[Stmt], origin: Origin | None, target: Var | None
) -> Expr:
    """``call`` with its function and arguments resolved; it may turn out to be an operand."""
    if _stands_for_itself(run, call):
        return call  # as most are, so that it is asked first
    where = call.origin or origin
    resolved = _resolved(run, call, before, where)
    if isinstance(resolved, Call) and any(isinstance(a, Star) for a in resolved.args):
        return with_as_many_as_fit(run, resolved, call, before, where)
    return resolved


def _resolved(run: Run, call: Call, before: list[Stmt], where: Origin | None) -> Expr:
    args = expanded(run, call.args, before, where)
    kwargs = expanded_keywords(run, call.kwargs, before, where)
    match call.fn:
        case Attr(value, name):
            obj = run.operand(value, before, where)
            new = replace(call, args=args, kwargs=kwargs)
            return method_call(run, new, obj, name, before, where)
        case Var() as var:
            t = run.type(var)
            if isinstance(t, Record) and issubclass(t.cls, Pullback):
                return pulled(run, call, var, t, args, before, where)
            if isinstance(t, Static) and callable(t.value):
                ref = Ref(_path(var, t.value), t.value)
                own = inlined(run, call, ref, args, kwargs, before, where)
                return own or known_call(run, call, ref, args, kwargs, before)
            if isinstance(t, Record) and (method := called_method(run, t.cls)) is not None:
                return changed(call, fn=method, args=(var, *args), kwargs=kwargs)
            return changed(call, args=args, kwargs=kwargs)
        case Ref() as ref:
            if ref == GETATTR and (name := _attribute_named(run, args)) is not None:
                return resolve_attribute(run, args[0], name, where)
            own = inlined(run, call, ref, args, kwargs, before, where)
            return own or known_call(run, call, ref, args, kwargs, before)
        case _:
            return changed(call, args=args, kwargs=kwargs)


def _path(var: Var, fn: object) -> str:
    """What to call ``fn``: by its own name where ``var`` is a temporary."""
    name = getattr(fn, "__name__", "")
    if not _TEMPORARY.fullmatch(var.name) or not name.isidentifier():
        return var.name
    return f"np.{name}" if getattr(np, name, None) is fn else name


_TEMPORARY: Final = re.compile(r"t(_\d+)?")


def _attribute_named(run: Run, args: tuple[Expr, ...]) -> str | None:
    """The name of the attribute that ``getattr(*args)`` surely reads, of an array or a record."""
    if len(args) not in (2, 3):
        return None
    name = args[1].value if isinstance(args[1], Const) else run.type(args[1])
    name = name.value if isinstance(name, Static) else name
    if not isinstance(name, str):
        return None
    match run.type(args[0]):
        case Array():
            return name if hasattr(np.ndarray, name) else None
        case Record() as t:
            return name if len(args) == 2 or field_type(t, name) is not None else None
        case _:
            return None


_OPERATORS: Final[frozenset[object]] = frozenset(op.value for op in (ADD, SUB, MUL, DIV, NEG))


def _stands_for_itself(run: Run, call: Call) -> bool:
    """Whether ``call`` is an operator, or a ufunc with a rule, on numbers and arrays alone."""
    if not isinstance(call.fn, Ref) or call.kwargs:
        return False
    fn = call.fn.value
    if type(fn) is np.ufunc:
        if len(call.args) != fn.nin or rule_for(fn) is None:
            return False
    elif not among(fn, _OPERATORS):
        return False
    for arg in call.args:
        if not isinstance(arg, (Var, Const)) or not isinstance(run.type(arg), (Scalar, Array)):
            return False
    return True
