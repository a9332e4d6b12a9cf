"""Lists, dicts and sets that a function made, and that are known by one name alone.

Nobody can tell a change of such a one from a new one that gets its name.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    BoolOp,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Ref,
    Return,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
    While,
)
from srcad.ir.places import definitions
from srcad.ir.refs import ADD, NOT, OR, SET, SUB
from srcad.ir.walk import blocks, bound, statements, used, variables
from srcad.kinds import among
from srcad.passes.given_on import given_on
from srcad.passes.list_changes import CHANGES, changed_list
from srcad.passes.new_lists import is_new_list
from srcad.rules.table import rule_for

__all__ = ["OF_SETS", "Containers", "changed", "changed_set", "only_reads"]

_MAKERS: Final[frozenset[object]] = frozenset({list, dict, set, sorted})
_JOINERS: Final[frozenset[object]] = frozenset({operator.add, operator.mul})
_READERS: Final[frozenset[object]] = _JOINERS | {
    *(len, list, tuple, dict, sorted, sum, min, max, any, all, print),
    operator.contains,
}
_KEEPERS: Final[frozenset[object]] = frozenset(
    {zip, enumerate, reversed, map, filter, iter, operator.is_, operator.is_not}
)
_METHODS: Final = frozenset({"append", "extend", "pop", "get", "copy", "index", "count"}) | CHANGES
OF_SETS: Final = {"add": OR, "discard": SUB}
_LAZY: Final = frozenset({"items", "keys", "values"})


def changed(stmt: Stmt) -> Var | None:
    """The variable whose items ``stmt`` changes, other than by appending or taking the last."""
    match stmt:
        case Store(Var() as obj, key) | AugAssign(Var() as obj, key) if (
            key is not None and _is_plain(key)
        ):
            return obj
        case Do(Call(Attr(Var() as obj, "update"))) | AugAssign(
            Var() as obj, None, Ref(_, OR.value)
        ):
            return obj
        case _:
            return changed_set(stmt) or changed_list(stmt)


def changed_set(stmt: Stmt) -> Var | None:
    """The variable that ``stmt`` changes as a set, by one item."""
    match stmt:
        case Do(Call(Attr(Var() as obj, name), (Const() | Var(),), ())) if name in OF_SETS:
            return obj
        case _:
            return None


def _is_plain(key: Expr) -> bool:
    """Whether ``key`` is one, or several in a tuple: no slice, and nothing that is computed."""
    parts = key.items if isinstance(key, Tuple) else (key,)
    return all(isinstance(part, Const | Var) for part in parts)


def _operands(call: Call) -> tuple[Expr, ...]:
    return (*call.args, *(v for _, v in call.kwargs))


def only_reads(call: Call) -> bool:
    """Whether the result of ``call`` surely is no list or dict that it was given."""
    if isinstance(call.fn, Attr):
        return True
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    return fn is operator.getitem or among(fn, _READERS) or rule_for(fn) is not None


class Containers:
    """Which variables are lists and dicts made here, and known by that name alone."""

    def __init__(self, fn: Function) -> None:
        self.fn = fn
        self.defs = definitions(fn.body)
        self.params = {p.var for p in fn.params}
        self.block_of = {id(s): b for b in _all_blocks(fn.body) for s in b}
        self.may_be_alone: set[Var] = set()

    @cached_property
    def given_on(self) -> frozenset[int]:
        return given_on(self.fn)

    def alone(self, wanted: set[Var]) -> set[Var]:
        """Those of ``wanted`` that are known by one name."""
        self.may_be_alone, pending = set(wanted), list(wanted)
        while pending:
            for stmt in self.defs.get(pending.pop(), ()):
                match stmt:
                    case Assign(_, Var() as made) if made not in self.may_be_alone:
                        self.may_be_alone.add(made)
                        pending.append(made)
                    case _:
                        pass
        # Names that are exchanged are alone if all the others are.
        while bad := {v for v in self.may_be_alone if not self._is_alone(v)}:
            self.may_be_alone -= bad
        return wanted & self.may_be_alone

    def _is_alone(self, var: Var) -> bool:
        defs = self.defs.get(var, ())
        if not defs or var in self.params or not all(self._makes(s, var) for s in defs):
            return False
        return all(
            self._leaves_alone(s, var)
            for s in statements(self.fn)
            if var in used(s) and s not in defs
        )

    def _makes(self, stmt: Stmt, var: Var) -> bool:
        """Whether ``stmt`` binds ``var`` to a list or dict that is in nobody else's hands."""
        match stmt:
            case Assign(_, List() | Dict() as value):
                return var not in variables(value)
            case Assign(_, Call(Ref(_, fn), args)):
                copies = among(fn, _MAKERS)
                joins = among(fn, _JOINERS) and any(isinstance(a, List) for a in args)
                merges = fn is OR.value and any(isinstance(a, Dict) for a in args)
                if not (copies or joins or merges):
                    return is_new_list(stmt.value, self.defs, self.params)
                return not any(_holds(a, var) for a in args)
            case Assign(_, Call(Attr(Var() | Ref() as of, "copy"), ())):
                is_list = is_new_list(stmt.value, self.defs, self.params)
                return of != var and (is_list or self._is_dict(var))
            case Assign(_, Var() as made):
                if made in self.may_be_alone and id(stmt) in self.given_on:
                    return True
                return self._only_names(stmt, made)
            case _:
                return False

    def is_list(self, var: Var, asked: frozenset[Var] = frozenset()) -> bool:
        """Whether ``var``, which is alone, surely is a list and no dict, if those ``asked`` are."""
        for stmt in self.defs.get(var, ()):
            match stmt:
                case Assign(_, List()):
                    pass
                case Assign(_, Call(Ref(_, fn))) if fn is not dict and fn is not OR.value:
                    pass
                case Assign(_, Call(Attr(_, "copy")) as made):
                    if not is_new_list(made, self.defs, self.params):
                        return False
                case Assign(_, Var() as made) if made in asked or self.is_list(made, asked | {var}):
                    pass
                case _:
                    return False
        return True

    def is_set(self, var: Var) -> bool:
        """Whether ``var``, which is alone, surely is a set."""
        return all(
            isinstance(s, Assign) and isinstance(s.value, Call) and s.value.fn == SET
            for s in self.defs.get(var, ())
        )

    def _only_names(self, copy: Stmt, made: Var) -> bool:
        """Whether ``copy`` gives its name to a list that was filled just before."""
        block = self.block_of[id(copy)]
        before = block[: _index(block, copy)]
        defs = self.defs.get(made, ())
        if len(defs) != 1 or _index(before, defs[0]) < 0 or made in self.params:
            return False
        inside = sum(made in (*bound(s), *used(s)) for s in statements(before))
        everywhere = sum(made in (*bound(s), *used(s)) for s in statements(self.fn))
        appends = all(
            isinstance(s, Do) or s is defs[0] for s in statements(before) if made in used(s)
        )
        return everywhere == inside + 1 and appends and self._makes(defs[0], made)

    def _is_dict(self, var: Var) -> bool:
        """Whether items of ``var`` are assigned, by strings: a dict, and no list or array."""
        keys = [
            "" if isinstance(s, Do) else s.index.value if isinstance(s.index, Const) else s.index
            for s in statements(self.fn)
            if _changes_item(s, var) and isinstance(s, Store | AugAssign | Do)
        ]
        return any(isinstance(k, str) for k in keys) and all(
            isinstance(k, str | None) for k in keys
        )

    def _leaves_alone(self, stmt: Stmt, var: Var) -> bool:
        """Whether ``stmt``, which reads ``var``, gives it no second name, and keeps nothing."""
        match stmt:
            case Assign(Var() as test, Var()):
                # As in ``while xs and n < 3``, or in ``prev = xs``.
                only_tested = is_nameless(test) and self._is_only_tested(test)
                return only_tested or id(stmt) in self.given_on
            case Do(Call(Attr(obj, "update"), args, kwargs)) if obj == var:
                given = (*args, *(v for _, v in kwargs))
                return len(args) < 2 and not any(var in variables(v) for v in given)
            case Assign(_, Call() as call) | Do(Call() as call):
                return self._call(stmt, call, var)
            case AugAssign(obj, None, op, value) if obj == var:
                return op in (ADD, OR) and var not in variables(value)
            case Store(obj, index, value) | AugAssign(obj, index, _, value) if obj == var:
                return (
                    index is not None
                    and _is_plain(index)
                    and var not in {*variables(index), *variables(value)}
                )
            case Unpack(_, Var()) | Return():
                return True
            case If(test) | While(_, test):
                return _is_tested(test, var)
            case For():
                return self._loop(stmt, stmt.iter, var)
            case _:
                return False

    def _is_only_tested(self, test: Var) -> bool:
        readers = [s for s in statements(self.fn) if test in used(s)]
        return all(isinstance(s, If | While) and s.test == test for s in readers)

    def _call(self, stmt: Stmt, call: Call, var: Var) -> bool:
        match call.fn:
            case Attr(Var() as obj, name) if obj == var:
                if any(var in variables(a) for a in _operands(call)):
                    return False
                return name in {*_METHODS, *OF_SETS} or (
                    name in _LAZY and self._read_at_once(stmt, var)
                )
            case Attr():
                return False
            case Ref(_, fn) if fn is operator.getitem:
                return isinstance(call.args[0], Var)
            case Ref(_, fn) if fn is zip or fn is reversed or fn is enumerate:
                return self._read_at_once(stmt, var)
            case Ref(_, fn) if among(fn, _KEEPERS):
                return False
            case _:
                # Types will tell whether the result of a call holds its argument.
                return not isinstance(stmt, Do) or only_reads(call)

    def _read_at_once(self, stmt: Stmt, var: Var) -> bool:
        """Whether the view ``var.items()``, or ``zip(var)``, is used up by the next statement."""
        if not isinstance(stmt, Assign) or not isinstance(stmt.target, Var):
            return False
        view = stmt.target
        block = self.block_of[id(stmt)]
        after = block[_index(block, stmt) + 1 :]
        mentions = [s for s in statements(self.fn) if view in (*bound(s), *used(s))]
        if len(mentions) != 2 or not after or mentions[1] is not after[0]:
            return False
        match after[0]:
            case For(_, iterable, body):
                return iterable == view and not _changed_in(body, var)
            case Assign(_, Call() as call) | Do(Call() as call):
                return isinstance(call.fn, Ref) and among(call.fn.value, _READERS)
            case Unpack(_, Var()):
                return True
            case _:
                return False

    def _loop(self, loop: For, iterable: Expr, var: Var) -> bool:
        """A list that a loop runs over shows what is assigned to it meanwhile; keys stay keys."""
        is_dict = all(
            isinstance(s, Assign)
            and (
                isinstance(s.value, Dict)
                or (isinstance(s.value, Call) and s.value.fn == Ref("dict", dict))
            )
            for s in self.defs.get(var, ())
        )
        return (is_dict and iterable == var) or not _changed_in(loop.body, var)


def _is_tested(test: Expr, var: Var) -> bool:
    """Whether of ``var`` the test asks no more than whether it is empty."""
    match test:
        case BoolOp(_, left, right):
            return _is_tested(left, var) and _is_tested(right, var)
        case Call(fn, (inner,), ()) if fn == NOT:
            return _is_tested(inner, var)
        case _:
            return test == var or var not in variables(test)


def _holds(expr: Expr, var: Var) -> bool:
    """Whether ``var`` is in a container that is written out: an argument itself is only read."""
    return not isinstance(expr, Var) and var in variables(expr)


def _changes_item(stmt: Stmt, var: Var) -> bool:
    return changed(stmt) == var


def _changed_in(block: Block, var: Var) -> bool:
    return any(
        _changes_item(s, var) or var in bound(s) or (isinstance(s, Do) and var in used(s))
        for s in statements(block)
    )


def _index(block: Block, stmt: Stmt) -> int:
    return next((i for i, s in enumerate(block) if s is stmt), -1)


def _all_blocks(block: Block) -> Iterator[Block]:
    yield block
    for stmt in block:
        for inner in blocks(stmt):
            yield from _all_blocks(inner)
