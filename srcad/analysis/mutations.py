"""What a function changes in place: which arrays, by which statements, and which lists.

Whatever may change something in a way that a derivative cannot undo is refused here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from types import FunctionType
from typing import Any, cast

import numpy as np

from srcad.analysis.effects import calls_in, is_fresh, is_mutator, is_pure
from srcad.analysis.writes import accumulates_at
from srcad.errors import MutationError, SrcadError, UnknownFunctionError
from srcad.ir.libraries import told_at_the_call
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    For,
    Function,
    Origin,
    Ref,
    Stmt,
    Store,
    Unpack,
    Var,
)
from srcad.ir.places import Defs, definitions
from srcad.ir.refs import LIST_APPEND, LIST_POP
from srcad.ir.walk import mention_counts, statements, subexpressions, variables
from srcad.ir.written import UNKNOWN_CALLEE, way_out, written
from srcad.rules.table import rule_for
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Type,
    Unknown,
)
from srcad.types.operands import operand_type

__all__ = [
    "CalleeMutates",
    "Mutations",
    "check_updates_of_globals",
    "find_mutations",
    "global_changed",
    "may_be_changed",
    "refusal",
    "shared_global",
]

CalleeMutates = Callable[[FunctionType, tuple[Type, ...]], frozenset[int]]
"""The parameters of a Python function whose objects it mutates."""


@dataclass(slots=True)
class Mutations:
    """The statements that change each array, and the lists that ``append`` and ``pop`` change."""

    arrays: dict[Var, list[Stmt]] = field(default_factory=dict[Var, list[Stmt]])
    lists: set[Var] = field(default_factory=set[Var])


def refusal(fn: Function, message: str, stmt: Stmt | None, why: str, instead: str) -> MutationError:
    """The refusal of ``stmt`` of ``fn``."""
    origin: Origin | None = getattr(stmt, "origin", None)
    return MutationError(message, source=fn.source, origin=origin, why=why, instead=instead)


def find_mutations(fn: Function, types: Mapping[Var, Type], mutates: CalleeMutates) -> Mutations:
    """What ``fn`` changes in place.

    Raises
    ------
    MutationError
        Where it cannot be undone.
    UnknownFunctionError
        Where it cannot be told.
    """
    finding = _Finding(fn, types, mutates)
    for stmt in statements(fn):
        finding.note(stmt)
    return finding.found


class _Finding:
    def __init__(self, fn: Function, types: Mapping[Var, Type], mutates: CalleeMutates) -> None:
        self.fn = fn
        self.types = types
        self.mutates = mutates
        self.found = Mutations()
        self._made: tuple[Defs, Mapping[Var, int]] | None = None

    def note(self, stmt: Stmt) -> None:
        match stmt:
            case Store(Var() as obj) | AugAssign(Var() as obj):
                self.found.arrays.setdefault(obj, []).append(stmt)
                return
            case Store(Ref() as obj) | AugAssign(Ref() as obj):
                raise global_changed(obj, stmt, self.fn)
            case _:
                pass
        if (hit := accumulates_at(stmt)) is not None:
            self.found.arrays.setdefault(hit[1], []).append(stmt)
            return
        for call in calls_in(stmt):
            if isinstance(call.fn, Ref) and call.fn.value in (LIST_APPEND, LIST_POP):
                if call.args and isinstance(call.args[0], Var):
                    self.found.lists.add(call.args[0])
                elif call.args and isinstance(call.args[0], Ref):
                    raise global_changed(call.args[0], stmt, self.fn)
                continue
            self._note_call(call, stmt)

    def _note_call(self, call: Call, stmt: Stmt) -> None:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if writes_to_operand(call) or fn in (setattr, delattr):
            why, instead = _in_place(call, written(call, self.fn.source, stmt.origin))
            what = "srcad does not know how to undo this in-place operation"
            # What was written out in place of a call stands at the line of that call.
            at = replace(stmt, origin=call.origin or stmt.origin)
            raise refusal(self.fn, what, at, why, instead)
        if rule_for(fn) is not None or is_pure(call) or _is_harmless(fn):
            return
        inner = python_function(fn)
        if inner is not None:
            self._note_python(inner, call, stmt)
            return
        operands = (*call.args, *(v for _, v in call.kwargs))
        at_risk = [
            v for o in operands for v in variables(o) if self._can_change(v) and not self._spare(v)
        ]
        if at_risk:
            raise _unknown_call(call, at_risk[0], stmt, self.fn)

    def _spare(self, var: Var) -> bool:
        """Whether ``var`` is a copy made for the one call that it is given to."""
        if self._made is None:
            self._made = definitions(self.fn.body), mention_counts(self.fn.body)
        made, mentioned = self._made
        match made.get(var, ()):
            case (Assign(_, Call() as call),):
                return mentioned[var] == 2 and is_fresh(call, self.types)
            case _:
                return False

    def _can_change(self, var: Var) -> bool:
        t = self.types.get(var, UNKNOWN)
        return isinstance(t, (Array, ListOf, FixedList, DictOf, Record, Unknown))

    def _note_python(self, inner: FunctionType, call: Call, stmt: Stmt) -> None:
        with told_at_the_call(call, self.fn.source, stmt.origin):
            touched = self._touched(inner, call)
        for i in sorted(touched):
            raise refusal(
                self.fn,
                f"`{inner.__name__}` changes its argument "
                f"`{inner.__code__.co_varnames[i]}` in place",
                stmt,
                "an array that a function mutates and calls itself with is not tracked",
                "return the new array from the function, or write its body here",
            )

    def _touched(self, inner: FunctionType, call: Call) -> frozenset[int]:
        """The parameters of ``inner`` whose objects a call of it mutates."""
        operands = bind_arguments(inner, call)
        is_plain = isinstance(call.fn, Ref) and call.fn.value is inner
        try:
            return self.mutates(inner, tuple(operand_type(o, self.types) for o in operands))
        except MutationError:
            raise
        except SrcadError:
            # Nothing is known of what it does: it may not be given anything that it could change,
            # unless it comes with a derivative of its own, and the promise that lies in that.
            if is_plain and any(self._can_change(v) for o in operands for v in variables(o)):
                raise
            return frozenset()


def _in_place(call: Call, name: str) -> tuple[str, str]:
    """Why a call that changes something is not followed, and what to write instead."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if fn in (setattr, delattr):
        return "the call changes an attribute", "return the value, or keep it in a variable"
    why = "the call writes its result into one of its arguments"
    if is_mutator(call) and not any(k == "out" for k, _ in call.kwargs):
        return why, "assign to items: `u[...] = values`, `u[mask] = values`"
    out = next((v for k, v in call.kwargs if k == "out"), None)
    target = out.base if isinstance(out, Var) and not is_nameless(out) else "u"
    return why, f"assign the result: `{target}[...] = {name}(...)`"


def _unknown_call(call: Call, at_risk: Var, stmt: Stmt, fn: Function) -> UnknownFunctionError:
    """The refusal of a call of which nothing is known, and which is given what can be changed."""
    given = "x" if is_nameless(at_risk) else at_risk.base
    if isinstance(call.fn, Ref):
        name = written(call, fn.source, stmt.origin)
        what = f"srcad has no derivative for `{name}`"
        why = "there is no rule for it, and no Python source to look into"
        instead = way_out(call, name, f"a copy, `srcad.stop_gradient({given}).copy()`")
    else:
        what, why, instead = UNKNOWN_CALLEE
    return UnknownFunctionError(
        what,
        source=fn.source,
        origin=call.origin or stmt.origin,
        why=f"{why}; it may even change `{given}` in place",
        instead=instead,
    )


def writes_to_operand(call: Call) -> bool:
    """Whether a NumPy function is told to write its result into one of its operands."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if any(k == "out" and v != Const(None) for k, v in call.kwargs):
        return True
    if isinstance(fn, np.ufunc):
        return len(call.args) > fn.nin
    if fn is np.nan_to_num:
        copies = [v for k, v in call.kwargs if k == "copy"] or list(call.args[1:2])
        return bool(copies) and copies[0] != Const(True)
    rule = rule_for(fn)
    if rule is None or not _is_numpy(fn):
        return is_mutator(call) and not isinstance(fn, FunctionType)
    most = sum(not p.keyword_only for p in rule.params)
    if len(call.args) <= most or any(p.star for p in rule.params):
        return False
    try:
        names = list(inspect.signature(cast("Any", fn)).parameters)
    except ValueError:  # functions written in C may have none
        return True
    at = names.index("out") if "out" in names else len(call.args)
    return at < len(call.args) and call.args[at] != Const(None)


def _is_numpy(fn: object) -> bool:
    return str(getattr(fn, "__module__", "")).startswith("numpy")


def _is_harmless(fn: object) -> bool:
    """Whether a function without a rule surely leaves its operands as they are."""
    if fn in (print, str.format, format, repr, str) or isinstance(fn, type):
        return True
    if isinstance(getattr(fn, "__self__", None), np.ufunc):
        return getattr(fn, "__name__", "") != "at"
    module = str(getattr(fn, "__module__", None))
    owner = type(getattr(fn, "__self__", None)).__module__
    random = module.startswith("numpy.random") or owner.startswith("numpy.random")
    return (_is_numpy(fn) or module == "math") and not random


def check_updates_of_globals(fn: Function, types: Mapping[Var, Type]) -> None:
    defs = definitions(fn.body)
    for stmt in statements(fn):
        if not (isinstance(stmt, AugAssign) and isinstance(stmt.obj, Var)):
            continue
        if isinstance(types.get(stmt.obj), Scalar):
            continue
        for made in defs.get(stmt.obj, ()):
            if (ref := shared_global(made, types)) is not None:
                raise global_changed(ref, stmt, fn)


def global_changed(ref: Ref, stmt: Stmt, fn: Function) -> MutationError:
    """The refusal of a change to what is not local."""
    return refusal(
        fn,
        f"`{ref.path}`, which is not local to the function, is changed in place",
        stmt,
        "a derivative must leave everything outside as it is",
        f"pass it as an argument, or work on a copy: `{ref.path}.copy()`",
    )


def shared_global(stmt: Stmt, types: Mapping[Var, Type]) -> Ref | None:
    """The outside object of which ``stmt`` makes its target a second name, a part or a view."""
    match stmt:
        case For(_, value) | Unpack(_, value):
            found = subexpressions(value)
        case Assign(_, Call(Ref(_, fn), (Var() | Ref() as owner, Const(str(name))))) if (
            fn is getattr
        ):
            path = owner.base if isinstance(owner, Var) else owner.path
            return Ref(f"{path}.{name}", fn)
        case Assign(_, Call(Ref(_, fn))) if python_function(fn) and not rule_for(fn):
            return None  # what it may return is asked of the function itself
        case Assign(_, Call(_, args) as call):
            found = (
                () if is_fresh(call, types) else (e for a in args[:1] for e in subexpressions(a))
            )
        case Assign(_, value):
            found = subexpressions(value)
        case _:
            return None
    for expr in found:
        if isinstance(expr, Ref) and may_be_changed(expr.value):
            return expr
    return None


def may_be_changed(value: object) -> bool:
    """Whether ``value`` is, or holds, what can be changed in place."""
    if isinstance(value, tuple):
        return any(map(may_be_changed, cast("tuple[object, ...]", value)))
    is_record = is_dataclass(value) and not isinstance(value, type)
    return is_record or isinstance(value, (np.ndarray, list, dict))
