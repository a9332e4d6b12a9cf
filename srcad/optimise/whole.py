"""Containers made anew of all parts of another that nobody else has: the other itself does as well.

``{"W": t["W"], "b": t["b"]}`` is ``t`` where a function made ``t`` for this one only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from srcad.ir.naming import is_users
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Dict,
    Expr,
    Function,
    List,
    Ref,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import map_expr, map_stmt, same_or_new
from srcad.ir.refs import GETATTR, GETITEM
from srcad.ir.walk import mention_counts, statements
from srcad.notes import notes_of
from srcad.types.containers import parts_of
from srcad.types.lattice import UNKNOWN, Array, DictOf, FixedList, Record, TupleOf, Type

__all__ = ["handed_on_whole"]


def handed_on_whole(fn: Function, types: Mapping[Var, Type]) -> Function:
    """Write ``t`` for ``[t[0], t[1]]``, which is all of ``t``.

    Accepts and returns normal IR. A generated function made ``t``, and the containers in it, in the
    same block, nothing else reads ``t`` or the items, and the types of both are the same.
    """
    if not any(_made(s, types) for s in statements(fn)):
        return fn
    mentions = mention_counts(fn.body)
    for stmt in statements(fn):
        match stmt:
            case Assign(Var() as unread, Var() as value) if mentions[unread] == 1:
                mentions[value] -= 1
            case _:
                pass
    body = _Run(types, mentions).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


def _made(stmt: Stmt, types: Mapping[Var, Type]) -> tuple[Var, ...]:
    """The containers that a generated function makes for whoever calls it as ``stmt`` does."""
    match stmt:
        case Assign(Var() as one, Call(Ref(_, fn))):
            made = (one,)
        case Unpack(targets, Call(Ref(_, fn))):
            made = tuple(v for v in targets if v is not None)
        case _:
            return ()
    notes = notes_of(fn)
    if not notes.pure or not (notes.own_containers or notes.fresh):
        return ()
    made = tuple(v for v in made if not is_users(v) and parts_of(types.get(v, UNKNOWN)))
    if notes.own_containers:
        return made
    # A container is nobody else's either where all arrays in it are not.
    return tuple(v for v in made if _is_of_arrays(types[v]))


def _is_of_arrays(t: Type) -> bool:
    parts = parts_of(t)
    return isinstance(t, Array) if not parts else all(_is_of_arrays(part) for _, part in parts)


def _displayed(expr: Expr) -> tuple[type, tuple[tuple[object, Expr], ...]] | None:
    """What kind of container ``expr`` makes, and the key and value of each part of it."""
    match expr:
        case Tuple(items):
            return TupleOf, tuple(enumerate(items))
        case List(items):
            return FixedList, tuple(enumerate(items))
        case Dict(keys, values) if all(isinstance(k, Const) for k in keys):
            of = (cast("Const", k).value for k in keys)
            return DictOf, tuple(zip(of, values, strict=True))
        case Call(Ref(_, cls), (), kwargs) if kwargs and isinstance(cls, type):
            return Record, kwargs
        case _:
            return None


class _Run:
    def __init__(self, types: Mapping[Var, Type], mentions: Counter[Var]) -> None:
        self.types = types
        self.mentions = mentions
        # Of which container a variable is which part.
        self.parts: dict[Var, tuple[Var, object]] = {}
        self.made: set[Var] = set()
        # Which container it is that was made anew under this name.
        self.named: dict[Var, Var] = {}

    def block(self, block: Block) -> Block:
        outer, self.parts, self.made = (self.parts, self.made), {}, set()
        done = same_or_new(block, [self._stmt(s) for s in block])
        self.parts, self.made = outer
        return done

    def _stmt(self, stmt: Stmt) -> Stmt:
        self.made.update(_made(stmt, self.types))
        match stmt:
            case Assign(Var() as part, Call(fn, (Var() as whole, Const(key)))) if (
                fn in (GETITEM, GETATTR) and whole in self.made
            ):
                self.parts[part] = whole, key
                if parts_of(self.types.get(part, UNKNOWN)):
                    self.made.add(part)
                return stmt
            case Assign(Var() as made) if self.mentions[made] == 2:
                done = map_stmt(stmt, self._expr)
                if done is not stmt and isinstance(done, Assign) and isinstance(done.value, Var):
                    self.named[made] = done.value
                return done
            case _:
                return map_stmt(stmt, self._expr, self.block)

    def _expr(self, expr: Expr) -> Expr:
        made = map_expr(expr, self._expr)
        return made if (whole := self._whole(made)) is None else whole

    def _whole(self, expr: Expr) -> Var | None:
        """The container of which ``expr`` is made."""
        if (displayed := _displayed(expr)) is None or not displayed[1]:
            return None
        kind, items = displayed
        of: set[Var] = set()
        for key, part in items:
            item = self.named.get(part, part) if isinstance(part, Var) else part
            if not isinstance(item, Var) or item not in self.parts:
                return None
            whole, at = self.parts[item]
            reads = len(parts_of(self.types.get(item, UNKNOWN)) or ()) if item in self.made else 1
            if at != key or self.mentions[item] != 1 + reads:
                return None
            of.add(whole)
        if len(of) != 1:
            return None
        (whole,) = of
        t = self.types.get(whole, UNKNOWN)
        same = type(t) is kind and [k for k, _ in parts_of(t) or ()] == [k for k, _ in items]
        if isinstance(t, Record):
            same = same and isinstance(expr, Call) and expr.fn == Ref(t.cls.__name__, t.cls)
        return whole if same and self.mentions[whole] == 1 + len(items) else None
