"""What is changed in place must be the function's own, and must be known to be an array.

The second look at what `plan_storage` accepted: it follows every array and list that is changed
back to where it comes from, through names, views, containers and called functions.
"""

from __future__ import annotations

import operator
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FunctionType
from typing import Final

from srcad.analysis.effects import calls_in, has_memory, is_pure, shares_nothing
from srcad.analysis.mutations import may_be_changed, refusal
from srcad.analysis.owned import is_new
from srcad.analysis.sharing import CalleeShares, links
from srcad.analysis.writes import accumulates_at
from srcad.errors import MutationError, SrcadError
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Expr,
    For,
    Function,
    Ref,
    Return,
    Slice,
    Stmt,
    Store,
    Unpack,
    Var,
)
from srcad.ir.places import Defs, definitions
from srcad.ir.refs import GETITEM, LIST_APPEND, LIST_POP
from srcad.ir.walk import statements, subexpressions, variables
from srcad.ir.written import way_out
from srcad.kinds import among
from srcad.notes import notes_of
from srcad.rules.table import rule_for
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import UNKNOWN, FixedList, ListOf, Record, Scalar, Type, Unknown
from srcad.types.operands import operand_type

__all__ = [
    "CalleeOutside",
    "check_changes",
    "check_updates",
    "is_own_result",
    "outside_result",
]

CalleeOutside = Callable[[FunctionType, tuple[Type, ...]], str]
"""What a Python function may return that was there before: its name, or the empty string."""

_PARTS: Final[frozenset[object]] = frozenset({operator.getitem, getattr})


def check_changes(
    fn: Function, types: Mapping[Var, Type], shares: CalleeShares, outside: CalleeOutside
) -> None:
    """Refuse a change in place of what is not known, or was there before the function ran.

    A slice of an array is a view of it, a slice of a list is a copy, and ``x += y`` changes an
    array but not a float: without the type it is open which other variables a change reaches. And
    a derivative leaves everything outside as it is.

    Accepts what `plan_storage` returns, in which ``x += y`` is left only where it may change an
    object that others hold.

    Raises
    ------
    MutationError
        At the change.
    """
    changes = [(stmt, obj, is_list) for stmt in statements(fn) for obj, is_list in _hit(stmt)]
    if not changes:
        return
    origins = _Origins(fn, types, shares, outside)
    # What srcad wrote changes only what it has made, and `+=` stands there for arrays alone.
    is_generated = fn.source.filename.startswith("<srcad ")
    for stmt, obj, is_list in changes:
        if is_list:
            if not is_generated:
                origins.check_list(obj, stmt)
            continue
        if isinstance(types.get(obj, UNKNOWN), Unknown) and not is_generated:
            raise refusal(
                fn,
                f"`{obj.base}` is changed in place, and it is not known to be an array",
                stmt,
                "what else is changed with it depends on what it is",
                _other_than(fn, obj)
                or f"make it an array of known axes where it is bound: `{obj.base} = np.zeros(n)`,"
                f" `{obj.base}[:] = ...`",
            )
        if isinstance(types.get(obj), Scalar) and not isinstance(stmt, AugAssign):
            raise refusal(
                fn,
                f"`{obj.base}` is changed in place, and it is a number",
                stmt,
                "numbers have no items: Python raises a TypeError here",
                f"make it an array where it is bound: `{obj.base} = np.array([...])`",
            )
        if path := origins.outside_of(obj):
            raise _changed(path, stmt, fn)


_CONTAINERS: Final[frozenset[object]] = frozenset({Counter, OrderedDict, defaultdict, deque})


def _other_than(fn: Function, obj: Var) -> str:
    """What to use in place of the container that ``obj`` is made as, where that is known."""
    for stmt in statements(fn):
        match stmt:
            case Assign(target, Call(Ref(_, cls)) as made) if target == obj:
                if among(cls, _CONTAINERS):
                    return way_out(made, obj.base, "")
            case _:
                pass
    return ""


def check_updates(
    fn: Function, types: Mapping[Var, Type], shares: CalleeShares, outside: CalleeOutside
) -> None:
    """Refuse ``x += y`` where ``x`` is an array that was there before the function ran.

    To be asked before `plan_storage` makes assignments of such updates.

    Raises
    ------
    MutationError
        At the update.
    """
    updates = [
        (stmt, stmt.obj)
        for stmt in statements(fn)
        if isinstance(stmt, AugAssign) and isinstance(stmt.obj, Var) and stmt.index is None
    ]
    origins = _Origins(fn, types, shares, outside) if updates else None
    for stmt, obj in updates:
        if origins is not None and (path := origins.outside_of(obj)):
            raise _changed(path, stmt, fn)


def outside_result(
    fn: Function, types: Mapping[Var, Type], shares: CalleeShares, outside: CalleeOutside
) -> str:
    """What the function may return that was there before it ran; the empty string for nothing."""
    origins = _Origins(fn, types, shares, outside)
    for stmt in statements(fn):
        if isinstance(stmt, Return):
            for expr in subexpressions(stmt.value):
                if path := _path_of(expr):
                    return path
            for var in variables(stmt.value):
                if path := origins.outside_of(var):
                    return path
    return ""


def is_own_result(
    call: Call, types: Mapping[Var, Type], shares: CalleeShares, outside: CalleeOutside
) -> bool:
    """Whether the result is an array that nobody else holds: NumPy's, or of a plain function."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    inner = python_function(fn)
    if inner is None or rule_for(fn) is not None:
        return is_new(call, types)
    try:
        operands = bind_arguments(inner, call)
        given = tuple(operand_type(o, types) for o in operands)
        return not shares(inner, given) and not outside(inner, given)
    except SrcadError:
        return False


def _hit(stmt: Stmt) -> Iterator[tuple[Var, bool]]:
    """The variables whose object ``stmt`` changes, and whether that is a list."""
    match stmt:
        case Store(Var() as obj) | AugAssign(Var() as obj):
            yield obj, False
        case _:
            if (at := accumulates_at(stmt)) is not None:
                yield at[1], False
            for call in calls_in(stmt):
                is_change = isinstance(call.fn, Ref) and call.fn.value in (LIST_APPEND, LIST_POP)
                if is_change and call.args and isinstance(call.args[0], Var):
                    yield call.args[0], True


def _changed(path: str, stmt: Stmt, fn: Function) -> MutationError:
    return refusal(
        fn,
        f"`{path}`, which is not local to the function, is changed in place",
        stmt,
        "a derivative must leave everything outside as it is",
        f"pass it as an argument, or work on a copy of `{path}`",
    )


class _Origins:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        shares: CalleeShares,
        outside: CalleeOutside,
    ) -> None:
        self.fn = fn
        self.types = types
        self.shares = shares
        self.outside = outside
        self.defs: Defs = definitions(fn.body)
        self.params = {p.var for p in fn.params}
        self._from: dict[Var, set[Var]] = {}
        for stmt in statements(fn):
            for link in links(stmt, types, shares):
                self._from.setdefault(link.target, set()).add(link.origin)

    def outside_of(self, var: Var) -> str:
        """The name of what was there before, if ``var`` may be that or a part of it."""
        seen: set[Var] = set()
        todo = [var]
        while todo:
            one = todo.pop()
            if one in seen or not has_memory(self.types.get(one, UNKNOWN)):
                continue
            seen.add(one)
            for stmt in self.defs.get(one, ()):
                if path := self._bound_outside(stmt):
                    return path
            todo.extend(sorted(self._from.get(one, ()), key=lambda v: v.name))
        return ""

    def _bound_outside(self, stmt: Stmt) -> str:
        match stmt:
            case Assign(_, Call() as call):
                return self._result_outside(call)
            case Assign(_, value) | Unpack(_, value) | For(_, value):
                return _first_path(subexpressions(value))
            case _:
                return ""

    def _result_outside(self, call: Call) -> str:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is getattr and len(call.args) == 2:
            owner, name = call.args
            if isinstance(operand_type(owner, self.types), Record) and not isinstance(owner, Ref):
                return ""
            path = owner.path if isinstance(owner, Ref) else getattr(owner, "base", "it")
            return f"{path}.{name.value}" if isinstance(name, Const) else path
        inner = python_function(fn)
        if inner is None:
            # All operands count here, not the variables alone.
            given = tuple(operand_type(a, self.types) for a in call.args)
            if is_pure(call) and shares_nothing(fn, given):
                return ""
            # An item is never its index.
            held = call.args[:1] if fn is operator.getitem else call.args
            return _first_path(e for arg in held for e in subexpressions(arg))
        if notes_of(inner).fresh or notes_of(inner).pure:
            return ""
        try:
            operands = bind_arguments(inner, call)
            given = tuple(operand_type(o, self.types) for o in operands)
            shared = self.shares(inner, given)
            found = self.outside(inner, given)
        except SrcadError:
            return ""
        return found or _first_path(e for i in sorted(shared) for e in subexpressions(operands[i]))

    # --- lists

    def check_list(self, xs: Var, stmt: Stmt) -> None:
        """Refuse the change of a list that is not surely one that this function has made."""
        seen: set[Var] = set()
        todo = [xs]
        while todo:
            one = todo.pop()
            if one in seen:
                continue
            seen.add(one)
            for made in self.defs.get(one, ()):
                match made:
                    case Assign(_, Var() as other):
                        todo.append(other)
                    case Assign(_, Call() as call):
                        self._check_made(call, one, stmt)
                    case Assign(_, value):
                        if path := _path_of(value):
                            raise _changed(path, stmt, self.fn)
                    case Unpack() | For():
                        raise self._inside(one, stmt)
                    case _:
                        pass

    def _check_made(self, call: Call, xs: Var, stmt: Stmt) -> None:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if fn is list or self._is_new_list(call):
            return  # whatever its items are: these are not changed
        if path := self._result_outside(call):
            raise _changed(path, stmt, self.fn)
        if fn in _PARTS:
            raise self._inside(xs, stmt)
        inner = python_function(fn)
        if inner is None or notes_of(inner).pure:
            return
        operands = bind_arguments(inner, call)
        given = tuple(operand_type(o, self.types) for o in operands)
        if self.shares(inner, given):
            raise self._inside(xs, stmt)

    def _is_new_list(self, call: Call) -> bool:
        """Whether ``call`` is a slice of a list."""
        match call.args:
            case (items, Slice()) if call.fn == GETITEM:
                return isinstance(operand_type(items, self.types), (ListOf, FixedList))
            case _:
                return False

    def _inside(self, xs: Var, stmt: Stmt) -> MutationError:
        return refusal(
            self.fn,
            "a list is changed that another container or a caller may hold",
            stmt,
            "who else sees the change is not tracked",
            "build the list under a name of its own, and put it into the container last",
        )


def _first_path(exprs: Iterable[Expr]) -> str:
    for expr in exprs:
        if path := _path_of(expr):
            return path
    return ""


def _path_of(expr: Expr) -> str:
    return expr.path if isinstance(expr, Ref) and may_be_changed(expr.value) else ""
