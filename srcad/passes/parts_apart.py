"""Dicts and lists of containers that are only taken apart, as one variable for each item.

``d = {"a": [], "b": []}`` with ``d["a"].append(x)`` becomes ``d_a = []``, ``d_b = []`` with
``d_a.append(x)``: the item then is a list with a name of its own, which may be changed.

Accepts and returns IR as the frontend makes it. Only what would else be refused is rewritten: where
an item itself is changed in place. The variable is bound once, by a display with constant keys,
and else only read and assigned by these keys, returned, or asked for its ``items()``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from keyword import iskeyword
from typing import Final

from srcad.ir.changing import CHANGING
from srcad.ir.names import Names
from srcad.ir.nodes import (
    Assign,
    Attr,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    Function,
    List,
    Return,
    Star,
    Stmt,
    Store,
    Tuple,
    Var,
)
from srcad.ir.places import definitions, occurrences
from srcad.ir.rebuild import map_blocks, map_expr, map_stmt
from srcad.ir.refs import GETITEM
from srcad.ir.walk import parts, statements, subexpressions

__all__ = ["parts_apart"]

_VIEWS: Final = frozenset({"items", "keys", "values"})

Parts = Mapping[object, Var]
"""The variable for each key of a container."""


def parts_apart(fn: Function) -> Function:
    """See the module."""
    while (found := _with_one_apart(fn)) is not fn:  # an item may be such a container too
        fn = found
    return fn


def _with_one_apart(fn: Function) -> Function:
    wanted = dict.fromkeys(v for s in statements(fn) for v in _changed_inside(s))
    if not wanted:
        return fn
    taken = {v.name for v in occurrences(fn.body)} | {p.var.name for p in fn.params}
    names = Names(taken | {c.name for c in fn.captures})
    defs = definitions(fn.body)
    for var in wanted:
        match defs.get(var, ()):
            case (Assign(_, (Dict() | List()) as display) as made,):
                if any(p.var == var for p in fn.params) or not _is_plain(display):
                    continue
                apart = _Apart(var, made, display, names)
                body = apart.block(fn.body)
                if var not in occurrences(body):
                    return replace(fn, body=body)
            case _:
                pass
    return fn


def _changed_inside(stmt: Stmt) -> Iterator[Var]:
    """The variables an item of which is itself changed in place."""
    match stmt:
        case Store(obj) | AugAssign(obj):
            changed = [obj]
        case Do(call) | Assign(_, call):
            changed = [
                part.fn.value
                for part in subexpressions(call)
                if isinstance(part, Call) and isinstance(part.fn, Attr) and part.fn.name in CHANGING
            ]
        case _:
            return
    for item in changed:
        container = item
        while isinstance(container, Call) and _is_item(container):
            container = container.args[0]
        if isinstance(container, Var) and container is not item:
            yield container


def _is_item(call: Call) -> bool:
    return call.fn == GETITEM and isinstance(call.args[1], Const)


def _is_plain(display: Dict | List) -> bool:
    if isinstance(display, List):
        return not any(isinstance(item, Star) for item in display.items)
    keys = [k.value for k in display.keys if isinstance(k, Const)]
    return len(set(keys)) == len(display.keys)


class _Apart:
    """The statements of a function with one container taken apart."""

    def __init__(self, var: Var, made: Assign, display: Dict | List, names: Names) -> None:
        self.var = var
        self.made = made
        if isinstance(display, Dict):
            self.keys: list[object] = [k.value for k in display.keys if isinstance(k, Const)]
            self.values = display.values
        else:
            self.keys = list(range(len(display.items)))
            self.values = display.items
        self.is_dict = isinstance(display, Dict)
        self.parts = [names.fresh(Var(_name(var, key))) for key in self.keys]

    def block(self, block: Block) -> Block:
        return tuple(new for stmt in block for new in self._statement(stmt))

    def _statement(self, stmt: Stmt) -> tuple[Stmt, ...]:
        origin = stmt.origin
        if stmt is self.made:
            pairs = zip(self.parts, self.values, strict=True)
            return tuple(Assign(part, value, origin) for part, value in pairs)
        match stmt:
            case Store(obj, Const() as key, value) if obj == self.var and self._part(key):
                return (Assign(self._of(key), self._expr(value), origin),)
            case AugAssign(obj, Const() as key, op, value) if obj == self.var and self._part(key):
                return (AugAssign(self._of(key), None, op, self._expr(value), origin),)
            case Return(value):
                return (replace(stmt, value=self._returned(value)),)
            case _:
                return (map_stmt(map_blocks(stmt, self.block), self._expr),)

    def _part(self, key: Const) -> Var | None:
        at = key.value
        if not self.is_dict and type(at) is int and at < 0:
            at += len(self.parts)
        same = (p for k, p in zip(self.keys, self.parts, strict=True) if k == at)
        return next(same, None) if type(at) in (int, str) else None

    def _of(self, key: Const) -> Var:
        found = self._part(key)
        assert found is not None
        return found

    def _expr(self, expr: Expr) -> Expr:
        match expr:
            case Call(fn, (obj, Const() as key), ()) if fn == GETITEM and obj == self.var:
                return self._part(key) or expr
            case Call(Attr(obj, name), (), ()) if obj == self.var and name in _VIEWS:
                return replace(expr, fn=Attr(self._whole(), name))
            case _:
                return map_expr(expr, self._expr) if any(True for _ in parts(expr)) else expr

    def _returned(self, value: Expr) -> Expr:
        if value == self.var:
            return self._whole()
        if isinstance(value, Tuple):
            return Tuple(tuple(map(self._returned, value.items)))
        return self._expr(value)

    def _whole(self) -> Expr:
        if self.is_dict:
            return Dict(tuple(map(Const, self.keys)), tuple(self.parts))
        return List(tuple(self.parts))


def _name(var: Var, key: object) -> str:
    text = f"{var.base}_{key}"
    return text if text.isidentifier() and not iskeyword(text) else f"{var.base}_item"
