"""Bring a typed function into the form that the reverse transform turns round.

After this pass: loops are as `srcad.transform.prepare_loops` leaves them, and every ``while``
counts its turns; the test of an `If` is not bound inside it, unless it is an ``and`` or ``or``; no
statement needs both its target's old and new value; an update ``x[i] op= v`` is a sum; active calls
of Python functions are calls of their forward halves; a parameter that is mutated is copied.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from types import FunctionType
from typing import Final

from srcad.analysis.activity import Activity
from srcad.analysis.indices import part_type
from srcad.analysis.lifetimes import outline_of, untouched_after
from srcad.analysis.moments import moments
from srcad.analysis.sharing import viewed
from srcad.analysis.storage import Storage
from srcad.analysis.writes import touched
from srcad.errors import MutationError
from srcad.ir.libraries import told_at_the_call
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    Ref,
    Stmt,
    Store,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import GETITEM, LIST, POP, UPDATE
from srcad.ir.walk import bound, mention_counts, statements, variables
from srcad.rules.table import rule_for
from srcad.transform.build import copied_params, names_beside, own_copy
from srcad.transform.helpers import CHECK_VIEW
from srcad.transform.prepare_loops import counted, prepare_for
from srcad.transform.prepared import CallHalves, Halves, Preparation, Prepared
from srcad.transform.shape_sources import ask_operands
from srcad.transform.terms import rule_terms
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import BOOL, UNKNOWN, Array, FixedList, ListOf, Record, Type, Unknown
from srcad.types.operands import operand_type

__all__ = ["Prepared", "prepare"]


_TRUTH: Final = Ref("bool", bool)
_RESULT: Final = Var("result", -1)
"""Stands for the new value of a variable, where its old value is read beside it."""


def prepare(
    fn: Function,
    types: Mapping[Var, Type],
    storage: Storage,
    activity: Activity,
    halves: Halves,
) -> Prepared:
    """See the module."""
    prep = Preparation(
        fn,
        dict(types),
        set(activity.active),
        storage,
        names_beside(fn),
        halves,
        mention_counts(fn.body),
        moments(fn, types),
    )
    body = _block(prep, fn.body)
    preamble = tuple(
        Assign(var, own_copy(var, storage, prep.types.get(var, UNKNOWN)))
        for var in copied_params(fn, prep.types, storage)
    )
    made = replace(fn, body=body)
    return Prepared(
        made,
        prep.types,
        frozenset(prep.active),
        ask_operands(made, prep.types, prep.terms),
        prep.calls,
        prep.trips,
        frozenset(prep.leaving),
        prep.items,
        _parts(body),
        preamble,
        prep.names,
        prep.storage,
        {id(s): prep.moments[id(s)] for s in statements(body) if id(s) in prep.moments},
        frozenset(prep.fitting),
    )


def _parts(body: Block) -> Mapping[Var, frozenset[Var]]:
    """What is unpacked from each variable, and what from that."""
    found: dict[Var, frozenset[Var]] = {}
    for stmt in reversed(statements(body)):
        if isinstance(stmt, Unpack) and isinstance(stmt.value, Var):
            inside = {t for t in stmt.targets if t is not None}
            inside = inside.union(*(found.get(t, ()) for t in inside))
            found[stmt.value] = found.get(stmt.value, frozenset()) | inside
    return found


def _block(prep: Preparation, block: Block) -> Block:
    return tuple(s for stmt in block for s in _stmt(prep, stmt))


def _stmt(prep: Preparation, stmt: Stmt) -> Block:
    match stmt:
        case Assign(Var() as target, Call() as call) if target in prep.storage.guarded:
            check = Do(Call(CHECK_VIEW, (target, call.args[0])), stmt.origin)
            return (*_assign(prep, stmt, target, call), check)
        case Assign(Var() as target, Call() as call):
            return _assign(prep, stmt, target, call)
        case AugAssign(Var() as obj, index, op, value):
            return _update(prep, stmt, obj, index, op, value)
        case If(test, then, orelse):
            inside = (*then, *orelse)
            before: Block = ()
            if not _only_decides(prep, inside):
                before, test = _isolated(prep, test, inside)
                if isinstance(test, Var) and _may_be_changed_list(prep, test):
                    # What is recorded of it must not follow the list.
                    decided = prep.fresh("test", BOOL)
                    before, test = (*before, Assign(decided, Call(_TRUTH, (test,)))), decided
            return (
                *before,
                replace(stmt, test=test, then=_block(prep, then), orelse=_block(prep, orelse)),
            )
        case For():
            return prepare_for(prep, stmt, lambda inner: _block(prep, inner))
        case While():
            _check_header(prep, stmt)
            return counted(prep, replace(stmt, body=_block(prep, stmt.body)), stmt)
        case _:
            return (stmt,)


def _check_header(prep: Preparation, stmt: While) -> None:
    for s in statements(stmt.header):
        match s:
            case Store() | AugAssign() | Do():
                raise MutationError(
                    "the test of a `while` changes something in place",
                    source=prep.fn.source,
                    origin=stmt.origin,
                    why="a test is not run backward",
                    instead="write `while True:` with the change and a `break` in its body",
                )
            case _:
                pass


def _only_decides(prep: Preparation, block: Block) -> bool:
    """Whether ``block`` is what ``and`` or ``or`` is made of, which has no reverse."""
    return all(
        isinstance(s, Assign | If)
        and all(is_nameless(v) and v not in prep.active for v in bound(s))
        for s in statements(block)
    )


def _may_be_changed_list(prep: Preparation, test: Var) -> bool:
    """Whether ``test`` may be a list that is made longer or shorter somewhere."""
    t = prep.types.get(test, UNKNOWN)
    return bool(prep.storage.lists) and isinstance(t, (ListOf, FixedList, Unknown))


def _isolated(prep: Preparation, expr: Expr, inside: Block) -> tuple[Block, Expr]:
    """``expr``, or its copy where the statement it controls binds a variable of it."""
    inner = {v for s in statements(inside) for v in bound(s)}
    if not (isinstance(expr, Var) and expr in inner):
        return (), expr
    copy = prep.fresh("test", prep.types.get(expr, UNKNOWN))
    return (Assign(copy, expr),), copy


def _assign(prep: Preparation, stmt: Assign, target: Var, call: Call) -> Block:
    if target not in prep.active or call.fn == POP:
        return (stmt,)
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if fn is getattr:
        return (stmt,)
    if rule_for(fn) is None:
        if isinstance(fn, type) and isinstance(prep.types.get(target), Record):
            return (stmt,)
        inner = python_function(fn)
        if inner is not None and isinstance(call.fn, Ref):
            return _call(prep, stmt, target, call, call.fn, inner)
    found = rule_terms(call, target, prep.types_at(stmt), prep.active, prep.fn.source, stmt.origin)
    reads = frozenset[Var]().union(*(t.reads.names for t in found))
    operands = {v for read in variables(call) for v in (read, prep.storage.root(read))}
    if target in reads and target in operands and _reads_result(prep, stmt, target, call):
        # The old value must survive the new one, which gets a name of its own first.
        new = prep.fresh(target, prep.types.get(target, UNKNOWN))
        prep.active.add(new)
        prep.storage = prep.storage.with_member(new, target)
        first = replace(stmt, target=new)
        return (*_assign(prep, first, new, call), Assign(target, new, stmt.origin))
    prep.terms[id(stmt)] = found
    return (stmt,)


def _reads_result(prep: Preparation, stmt: Assign, target: Var, call: Call) -> bool:
    """Whether the terms of ``target = call`` read the new value too, or a view of the old one."""
    if any(v in prep.storage.views for v in variables(call)):
        return True
    types = prep.types_at(stmt)
    apart = {**types, _RESULT: types.get(target, UNKNOWN)}
    found = rule_terms(call, _RESULT, apart, prep.active, prep.fn.source, stmt.origin)
    return any(_RESULT in t.reads.names for t in found)


def _call(
    prep: Preparation, stmt: Assign, target: Var, call: Call, ref: Ref, inner: FunctionType
) -> Block:
    operands = bind_arguments(inner, call)
    wanted = tuple(i for i, o in enumerate(operands) if prep.is_active(o))
    now = prep.types_at(stmt)
    types = tuple(operand_type(o, now) for o in operands)
    with told_at_the_call(call, prep.fn.source, stmt.origin):
        forward, backward = prep.halves(ref, types, wanted)
    saved = prep.fresh(f"{target.base}_saved", UNKNOWN)
    # What the callee saves must stay as it is when the list is made longer or shorter.
    lists = {
        o: prep.fresh(o, prep.types[o])
        for o in operands
        if isinstance(o, Var) and _changes_after(prep, o, stmt)
    }
    given = tuple(lists.get(o, o) if isinstance(o, Var) else o for o in operands)
    made = Unpack(
        (target, saved), replace(call, fn=forward, args=given, kwargs=(), spell=""), stmt.origin
    )
    prep.calls[id(made)] = CallHalves(
        forward, backward, saved, target, tuple(operands[i] for i in wanted)
    )
    return (*(Assign(new, Call(LIST, (old,)), stmt.origin) for old, new in lists.items()), made)


def _changes_after(prep: Preparation, operand: Var, stmt: Stmt) -> bool:
    """Whether ``operand`` is a list that may be made longer or shorter after ``stmt``."""
    if operand not in prep.storage.lists:
        return False
    outline = outline_of(prep.fn)
    changes = {id(s) for s in statements(prep.fn) if touched(s) == operand}
    return not untouched_after(outline, stmt, {operand}, changes)


def _update(
    prep: Preparation, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr
) -> Block:
    if obj not in prep.active or op.value in (operator.add, operator.sub):
        return (stmt,)
    where = Const(Ellipsis) if index is None else index
    item = part_type(obj, where, prep.types)
    old = obj if index is None else prep.fresh("t", item)
    new = prep.fresh("t", item)
    prep.active.update((old, new))
    part, total = Call(GETITEM, (obj, where)), Call(op, (old, value), spell=UPDATE)
    out: list[Stmt] = []
    if index is not None:
        if viewed(part, prep.types):
            prep.storage = prep.storage.with_view(old, part)
        out.extend(_assign(prep, Assign(old, part, stmt.origin), old, part))
    computed = Assign(new, total, stmt.origin)
    stored = Store(obj, where, new, stmt.origin)
    if isinstance(item, Array):
        # What is updated in place keeps its shape.
        here = part_type(obj, where, prep.types_at(stmt))
        prep.moments[id(computed)] = {**prep.types_at(stmt), old: here, new: here}
        prep.fitting.add(id(stored))
    out.extend(_assign(prep, computed, new, total))
    prep.moments.pop(id(computed), None)
    out.append(stored)
    return tuple(out)
