"""The rows of an array that the program changes, by their index.

``for row in a: row += 1`` changes ``a``: each ``row`` is a view of it. With ``row = a[i]`` the
program says so. It is the same for ``enumerate``, ``zip`` and ``reversed``, and for ``u, v = a``.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from srcad.analysis.effects import mutated
from srcad.analysis.sharing import links
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    List,
    Origin,
    Ref,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.places import occurrences
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import ADD, ENUMERATE, GETITEM, INVERT, LEN, MIN, RANGE, REVERSED, ZIP
from srcad.ir.walk import bound, statements, subexpressions, used, variables
from srcad.types.lattice import INT, Array, FixedList, ListOf, Scalar, TupleOf, Type
from srcad.types.operands import operand_type

__all__ = ["index_rows"]


def index_rows(fn: Function, types: Mapping[Var, Type]) -> tuple[Function, Mapping[Var, Type]]:
    """``fn`` with such loops over an index, and the types with those of the new variables.

    Accepts and returns normal IR.
    """
    rows = _Rows(fn, types)
    if not any(map(rows.concerns, statements(fn))):
        return fn, types
    body = rows.block(fn.body)
    return replace(fn, body=body), rows.types


def _changed(
    fn: Function, types: Mapping[Var, Type], where: Block, but: tuple[type[Type], ...] = ()
) -> set[Var]:
    """The variables that may share memory with what is changed in place in the block ``where``.

    Those of the types ``but`` are left out, and with them what is reached through them only.
    """
    beside: dict[Var, list[Var]] = {}
    for stmt in statements(fn):
        for link in links(stmt, types, lambda _fn, _types: frozenset()):
            if not any(isinstance(types.get(v), but) for v in (link.target, link.origin)):
                beside.setdefault(link.target, []).append(link.origin)
                beside.setdefault(link.origin, []).append(link.target)
    every = (v for stmt in statements(where) for v in mutated(stmt))
    found = {v for v in every if not isinstance(types.get(v), but)}
    todo = list(found)
    while todo:
        for var in beside.get(todo.pop(), ()):
            if var not in found:
                found.add(var)
                todo.append(var)
    return found


class _Rows:
    def __init__(self, fn: Function, types: Mapping[Var, Type]) -> None:
        self.fn = fn
        self.types = dict(types)
        self.starts: dict[Var, Expr] = {}
        """By a variable that holds the ints from one to another, the first of them."""

    @cached_property
    def changed(self) -> set[Var]:
        return _changed(self.fn, self.types, self.fn.body)

    @cached_property
    def names(self) -> Names:
        taken = {v.name for v in occurrences(self.fn.body)}
        taken |= {p.var.name for p in self.fn.params} | {c.name for c in self.fn.captures}
        return Names(taken)

    def concerns(self, stmt: Stmt) -> bool:
        """Whether ``stmt`` takes rows of an array that is changed."""
        match stmt:
            case For(Var() as target, taken, body):
                if not self._is_indexed(taken, body):
                    return False
                # Once the name is bound anew, it is not the array that the loop runs over.
                again = {v for inner in statements(body) for v in bound(inner)}
                if not again.isdisjoint(variables(taken)):
                    return False
                return isinstance(taken, Var) or _fits(self._item(taken, target), target, body)
            case Unpack(targets, Var() as taken):
                rows = [v for v in targets if v is not None]
                return self._has_changed_rows(taken) and taken not in rows
            case _:
                return False

    def _has_changed_rows(self, taken: Expr) -> bool:
        t = self._type(taken)
        return isinstance(t, Array) and t.ndim > 1 and taken in self.changed

    def _is_indexed(self, taken: Expr, body: Block) -> bool:
        """Whether ``taken`` has such rows, and an index finds them all while ``body`` runs."""
        leaves = _leaves(taken)
        if leaves is None or not any(self._has_changed_rows(x) for x in leaves):
            return False
        if _is_strict(taken) and len(self._of_other_lengths(leaves)) > 1:
            return False  # it raises where the lengths differ
        if not all(isinstance(x, Call) or self._has_items(x) for x in leaves):
            return False
        lists = [x for x in leaves if isinstance(self._type(x), FixedList | ListOf)]
        # Through an array, which holds no list, none is changed.
        changed = _changed(self.fn, self.types, body, (Array, Scalar)) if lists else ()
        return not any(xs in changed for xs in lists)

    def _has_items(self, taken: Expr) -> bool:
        return isinstance(self._type(taken), TupleOf | FixedList | ListOf | Array)

    def _type(self, taken: Expr) -> Type:
        return operand_type(taken, self.types)

    # --- rewriting

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            match stmt:
                case For() if self.concerns(stmt):
                    out.extend(self._by_index(stmt))
                case Unpack(targets, taken) if self.concerns(stmt):
                    # That there are as many rows as targets is still asked.
                    out.append(replace(stmt, targets=(None,) * len(targets)))
                    rows = (Call(GETITEM, (taken, Const(k))) for k in range(len(targets)))
                    pairs = zip(targets, rows, strict=True)
                    out.extend(Assign(v, row, stmt.origin) for v, row in pairs if v is not None)
                case _:
                    out.append(map_blocks(stmt, self.block))
        return tuple(out)

    def _by_index(self, stmt: For) -> Block:
        out: list[Stmt] = []
        taken = self._held(stmt.iter, out, stmt.origin)
        n, i = self._number("n"), self._number("i")
        leaves = self._of_other_lengths(_leaves(taken) or ())
        lengths: list[Expr] = []
        for leaf in leaves:
            length = leaf.args[0] if isinstance(leaf, Call) else Call(LEN, (leaf,))
            if isinstance(length, Call) and len(leaves) > 1:
                held = self._number("n")
                out.append(Assign(held, length, stmt.origin))
                length = held
            lengths.append(length)
        count = Call(MIN, tuple(lengths)) if len(lengths) > 1 else lengths[0]
        out.append(Assign(n, count, stmt.origin))
        assert isinstance(stmt.target, Var)
        head: list[Stmt] = []
        rest = self._bound(stmt.target, self._item(taken, i), stmt.body, head, stmt.origin)
        body = (*head, *self.block(rest))
        return (*out, replace(stmt, target=i, iter=Call(RANGE, (n,)), body=body))

    def _of_other_lengths(self, leaves: tuple[Expr, ...]) -> tuple[Expr, ...]:
        """``leaves`` without those that surely are as long as one before them."""
        found: dict[object, Expr] = {}
        for leaf in leaves:
            match self._type(leaf):
                case Array(_, (extent, *_)) if extent is not None:
                    found.setdefault(extent, leaf)
                case TupleOf(items) | FixedList(items):
                    found.setdefault(len(items), leaf)
                case _:
                    found.setdefault(leaf, leaf)
        return tuple(found.values())

    def _held(self, taken: Expr, before: list[Stmt], origin: Origin | None) -> Expr:
        """``taken`` with the lists that are written out in it, and runs of ints, in variables."""
        match taken:
            case Call(Ref(_, builtins.range), (start, _, *step), ()):
                var = self.names.fresh("t")
                self.types[var] = ListOf(INT)
                if not step:
                    self.starts[var] = start
                before.append(Assign(var, taken, origin))
                return var
            case List() | Tuple():
                var = self.names.fresh("t")
                self.types[var] = operand_type(taken, self.types)
                before.append(Assign(var, taken, origin))
                return var
            case Call() if taken.fn in (ENUMERATE, REVERSED, ZIP):
                return replace(taken, args=tuple(self._held(a, before, origin) for a in taken.args))
            case _:
                return taken

    def _number(self, base: str) -> Var:
        var = self.names.fresh(base)
        self.types[var] = INT
        return var

    def _item(self, taken: Expr, i: Var) -> Expr:
        """The element of ``taken`` in turn ``i``."""
        match taken:
            case Call(Ref(_, builtins.reversed), (xs,)):
                return Call(GETITEM, (xs, Call(INVERT, (i,))))
            case Call(Ref(_, builtins.enumerate), (xs, *start)):
                number = Call(ADD, (i, start[0])) if start else i
                return Tuple((number, self._item(xs, i)))
            case Call(Ref(_, builtins.zip), args):
                return Tuple(tuple(self._item(a, i) for a in args))
            case Call():
                return i
            case Var() if taken in self.starts:
                return Call(ADD, (self.starts[taken], i))
            case _:
                return Call(GETITEM, (taken, i))

    def _bound(
        self, target: Var, item: Expr, body: Block, head: list[Stmt], origin: Origin | None
    ) -> Block:
        """Write ``target = item``, or its parts where ``body`` unpacks it; the rest of ``body``."""
        if isinstance(item, Tuple):
            first, *rest = body
            assert isinstance(first, Unpack)
            after = tuple(rest)
            for var, part in zip(first.targets, item.items, strict=True):
                if var is not None:
                    after = self._bound(var, part, after, head, first.origin)
            return after
        match item:
            case Call(fn, (xs, Call() as at)) if fn == GETITEM:
                k = self._number("i")
                head.append(Assign(k, at, origin))
                item = Call(GETITEM, (xs, k))
            case _:
                pass
        head.append(Assign(target, item, origin))
        return body


def _leaves(taken: Expr) -> tuple[Expr, ...] | None:
    """What a loop over ``taken`` goes through; ``None`` if it is not known how."""
    match taken:
        case Var() | List() | Tuple() | Call(Ref(_, builtins.range), _, ()):
            return (taken,)
        case Call(Ref(_, builtins.reversed), (Var() as xs,), ()):
            return (xs,)
        case Call(Ref(_, builtins.enumerate), (xs,) | (xs, Const() | Var()), ()):
            return _leaves(xs)
        case Call(Ref(_, builtins.zip), (_, *_) as args, () | (("strict", Const(bool())),)):
            inner = [_leaves(a) for a in args]
            return None if None in inner else tuple(x for xs in inner for x in xs or ())
        case _:
            return None


def _is_strict(taken: Expr) -> bool:
    return any(
        isinstance(part, Call) and part.fn == ZIP and ("strict", Const(True)) in part.kwargs
        for part in subexpressions(taken)
    )


def _fits(item: Expr, target: Var, body: Block) -> bool:
    """Whether ``body`` begins by taking apart ``target`` as far as ``item`` is known in parts."""
    return _unpacked(item, target, list(body), body)


def _unpacked(item: Expr, target: Var, rest: list[Stmt], body: Block) -> bool:
    if not isinstance(item, Tuple):
        return True
    if not rest or sum(target in used(s) for s in statements(body)) != 1:
        return False
    match rest.pop(0):
        case Unpack(targets, value) if value == target and len(targets) == len(item.items):
            pairs = zip(targets, item.items, strict=True)
            return all(v is None or _unpacked(part, v, rest, body) for v, part in pairs)
        case _:
            return False
