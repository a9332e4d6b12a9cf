"""The adjoints of a program's variables while the backward sweep is being written.

An adjoint that nothing has contributed to yet is *absent*: it is zero and has no code. A cell is
*owned* if nothing else can hold its array, so that it may be added to in place. The adjoint of a
tuple, dict or record that is only taken apart by constant keys is kept in one cell for each leaf.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from srcad import runtime
from srcad.analysis.sharing import is_basic_index
from srcad.analysis.storage import Storage
from srcad.errors import TypeInferenceError
from srcad.ir.nodes import (
    AugAssign,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    Function,
    List,
    Ref,
    Star,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.walk import expressions, statements, subexpressions, variables
from srcad.transform.build import Builder
from srcad.types.containers import constant_key, field_type, is_container, item_type
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Static,
    TupleOf,
    Type,
    Unknown,
    is_differentiable,
)
from srcad.types.operands import operand_type

__all__ = ["ADD", "CHECK_VIEW", "GETITEM", "Adjoints", "Bar", "Cell", "slotted_variables"]

ADD: Final = Ref("operator.add", operator.add)
SUB: Final = Ref("operator.sub", operator.sub)
NEG: Final = Ref("operator.neg", operator.neg)
GETITEM: Final = Ref("operator.getitem", operator.getitem)
GETATTR: Final = Ref("getattr", getattr)
ZEROS_LIKE: Final = Ref("np.zeros_like", np.zeros_like)
ZEROS_TREE: Final = Ref("zeros_like_tree", runtime.zeros_like_tree)
ADD_TREES: Final = Ref("add_trees", runtime.add_trees)
ADD_AT: Final = Ref("np.add.at", np.add.at)
ADD_AT_ANY: Final = Ref("add_at", runtime.add_at)
ADD_ITEM: Final = Ref("add_item", runtime.add_item)
CHECK_VIEW: Final = Ref("check_view", runtime.check_view)
COPY: Final = Ref("np.copy", np.copy)
LIST: Final = Ref("list", list)
TUPLE: Final = Ref("tuple", tuple)

Cell = tuple[Var, tuple[object, ...]]
"""A variable and the path to a leaf of it; the path is empty for what has no leaves."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The present value of an adjoint."""

    value: Expr
    owned: bool


def slotted_variables(fn: Function, types: Mapping[Var, Type]) -> frozenset[Var]:
    """The containers of fixed structure that are only ever taken apart by constant keys."""
    candidates = {
        v
        for v, t in types.items()
        if isinstance(t, TupleOf | FixedList | DictOf | Record) and is_differentiable(t)
    }
    if not candidates:
        return frozenset()
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, Call):
                    candidates -= _taken_whole(part, types)
    return frozenset(candidates)


def _taken_whole(call: Call, types: Mapping[Var, Type]) -> set[Var]:
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if fn is operator.getitem:
        base, index = call.args
        try:
            key = constant_key(operand_type(index, types))
        except LookupError:
            return set(variables(base))
        return set(variables(base)) if isinstance(key, slice) else set()
    if fn is getattr or getattr(fn, "__code__", None) is not None or isinstance(fn, type):
        return set()
    return {v for a in (*call.args, *(x for _, x in call.kwargs)) for v in variables(a)}


class Adjoints:
    """The cells, and the writing of code that adds to them."""

    def __init__(
        self,
        types: Mapping[Var, Type],
        storage: Storage,
        slotted: frozenset[Var],
        active: frozenset[Var],
        build: Builder,
        bar_name: Callable[[Var, tuple[object, ...]], Var],
    ) -> None:
        self.types = types
        self.storage = storage
        self.slotted = slotted
        self.active = active
        self.build = build
        self.bar_name = bar_name
        self.cells: dict[Cell, Bar] = {}
        self.copied: set[Cell] = set()

    # --- structure

    def leaves(self, var: Var, path: tuple[object, ...] = ()) -> Iterator[tuple[Cell, Type]]:
        """The cells of ``var`` below ``path``, with the types of what they stand for."""
        t = self._type_at(var, path)
        if var not in self.slotted:
            yield (var, ()), self.types.get(var, UNKNOWN)
            return
        yield from self._leaves(var, path, t)

    def _leaves(self, var: Var, path: tuple[object, ...], t: Type) -> Iterator[tuple[Cell, Type]]:
        parts = _parts(t)
        if parts is None:
            yield (var, path), t
            return
        for key, part in parts:
            yield from self._leaves(var, (*path, key), part)

    def _type_at(self, var: Var, path: tuple[object, ...]) -> Type:
        t = self.types.get(var, UNKNOWN)
        for key in path:
            t = dict(_parts(t) or ()).get(key, UNKNOWN)
        return t

    # --- reading

    def is_absent(self, var: Var) -> bool:
        """Whether nothing has contributed to ``var`` yet."""
        root, _ = self.place(var)
        return not any(cell in self.cells for cell, _ in self.leaves(root))

    def take(self, var: Var) -> Bar | None:
        """The adjoint of ``var``, which then is zero again: for the reverse of a definition."""
        if self.is_absent(var):
            return None
        bar = self.whole(var)
        for cell, _ in self.leaves(var):
            self.cells.pop(cell, None)
        return bar

    def whole(self, var: Var, path: tuple[object, ...] = ()) -> Bar:
        """The adjoint of ``var`` (below ``path``) as one operand; absent leaves are zeros."""
        if var in self.storage.views:
            return Bar(self._view_bar(var), False)
        if var not in self.slotted:
            return self.cells.get((var, ())) or self._zero(var, (), self._type_at(var, ()))
        t = self._type_at(var, path)
        return self._whole(var, path, t)

    def _whole(self, var: Var, path: tuple[object, ...], t: Type) -> Bar:
        parts = _parts(t)
        if parts is None:
            return self.cells.get((var, path)) or self._zero(var, path, t)
        bars = [self._whole(var, (*path, key), part) for key, part in parts]
        values = tuple(b.value for b in bars)
        owned = all(b.owned for b in bars)
        match t:
            case TupleOf():
                return Bar(Tuple(values), owned)
            case FixedList():
                return Bar(List(values), owned)
            case DictOf(items):
                return Bar(Dict(tuple(Const(k) for k, _ in items), values), owned)
            case Record(cls, fields):
                names = tuple(n for n, _ in fields)
                made = Call(Ref(cls.__name__, cls), (), tuple(zip(names, values, strict=True)))
                return Bar(self.build.temp(made), owned)
            case _:
                raise AssertionError(t)

    def _zero(self, var: Var, path: tuple[object, ...], t: Type) -> Bar:
        match t:
            case Scalar():
                return Bar(Const(0.0), True)
            case Static():
                return Bar(Const(None), True)
            case ListOf() | FixedList() | TupleOf():
                made = Call(ZEROS_TREE, (self._at_path(var, path),))
                if isinstance(t, TupleOf):
                    made = Call(LIST, (made,))
                return Bar(self.build.temp(made, self.bar_name(var, path).base), True)
            case Array():
                zeros = Call(ZEROS_LIKE, (self._at_path(var, path),))
            case _:
                zeros = Call(ZEROS_TREE, (self._at_path(var, path),))
        return Bar(self.build.temp(zeros, self.bar_name(var, path).base), True)

    def _at_path(self, var: Var, path: tuple[object, ...]) -> Expr:
        expr: Expr = var
        t = self.types.get(var, UNKNOWN)
        for key in path:
            if isinstance(t, Record):
                expr = Call(GETATTR, (expr, Const(key)))
            else:
                expr = Call(GETITEM, (expr, Const(key)))
            t = dict(_parts(t) or ()).get(key, UNKNOWN)
        return expr

    # --- places

    def place(self, var: Var) -> tuple[Var, bool]:
        """The root whose buffer holds ``var``'s adjoint, and whether ``var`` is a view of it."""
        root = var
        while root in self.storage.views:
            value = self.storage.views[root]
            parent = value if isinstance(value, Var) else value.args[0]
            assert isinstance(parent, Var)
            root = parent
        return root, root != var

    def _view_bar(self, var: Var) -> Expr:
        """The adjoint of the view ``var``: the same view of its parent's adjoint."""
        value = self.storage.views[var]
        if isinstance(value, Var):
            return self.ensure_buffer(value)
        parent = value.args[0]
        assert isinstance(parent, Var)
        whole = self.ensure_buffer(parent)
        call = replace(value, args=(whole, *value.args[1:]))
        bar = self.build.temp(call, f"{var.base}_bar")
        if var in self.storage.guarded:
            self.build.add(Do(Call(CHECK_VIEW, (bar, whole)), self.build.origin))
        return bar

    def ensure_buffer(self, var: Var) -> Expr:
        """The adjoint of the array ``var`` as something that may be written to."""
        if var in self.storage.views:
            return self._view_bar(var)
        return self.ensure_owned(var)

    def ensure_owned(self, var: Var, path: tuple[object, ...] = ()) -> Expr:
        """The owned adjoint of ``var`` in its own variable, made from zeros if absent."""
        cell = (var, path if var in self.slotted else ())
        name = self.bar_name(*cell)
        bar = self.cells.get(cell)
        if bar is None:
            t = self._type_at(*cell)
            zero = self._zero(var, cell[1], t)
            self._bind(cell, zero.value, owned=True)
        elif not bar.owned:
            t = self._type_at(*cell)
            self.copied.add(cell)
            if isinstance(t, Array):
                self._bind(cell, Call(COPY, (bar.value,), spell=".copy"), owned=True)
            elif isinstance(t, ListOf | FixedList | TupleOf):
                self._bind(cell, Call(LIST, (bar.value,)), owned=True)
            elif isinstance(t, Scalar):
                self._bind(cell, bar.value, owned=True)
            else:
                self._bind(cell, Call(ADD_TREES, (Const(None), bar.value)), owned=True)
        elif bar.value != name:
            self._bind(cell, bar.value, owned=True)
        return name

    def _bind(self, cell: Cell, value: Expr, *, owned: bool) -> None:
        name = self.bar_name(*cell)
        if value != name:
            self.build.assign(name, value)
        self.cells[cell] = Bar(name, owned)

    # --- adding

    def add(self, operand: Expr, value: Expr, *, owned: bool) -> None:
        """``operand``'s adjoint gains ``value``; ``owned``: an array that is nobody else's."""
        match operand:
            case Var():
                if operand in self.active:
                    self._add_var(operand, (), value, owned=owned)
            case Tuple(items) | List(items):
                self._add_items(items, value, owned=owned)
            case Dict(keys, values):
                for key, item in zip(keys, values, strict=True):
                    if self._is_active(item):
                        part = self._part(value, key)
                        self.add(item, part, owned=False)
            case Star(inner):
                self.add(inner, value, owned=owned)
            case _:
                return

    def _is_active(self, expr: Expr) -> bool:
        return any(v in self.active for v in variables(expr))

    def _add_items(self, items: tuple[Expr, ...], value: Expr, *, owned: bool) -> None:
        value = self.build.operation(value)
        if isinstance(value, Call):
            if all(isinstance(i, Var) or not self._is_active(i) for i in items) and not any(
                isinstance(i, Star) for i in items
            ):
                names = tuple(
                    self.build.names.fresh(f"{i.base}_bar")
                    if isinstance(i, Var) and i in self.active
                    else None
                    for i in items
                )
                self.build.add(Unpack(names, value, self.build.origin))
                for item, name in zip(items, names, strict=True):
                    if name is not None:
                        self.add(item, name, owned=owned)
                return
            value = self.build.temp(value)
        for i, item in enumerate(items):
            if self._is_active(item):
                self.add(
                    item,
                    self._part(value, Const(i)),
                    owned=owned and isinstance(value, Tuple | List),
                )

    def _part(self, value: Expr, key: Expr) -> Expr:
        match value, key:
            case ((Tuple(items) | List(items)), Const(i)) if isinstance(i, int):
                return items[i]
            case Dict(keys, values), _:
                return dict(zip(keys, values, strict=True))[key]
            case Call(), _:
                return Call(GETITEM, (self.build.temp(value), key))
            case _:
                return Call(GETITEM, (value, key))

    def _add_var(self, var: Var, path: tuple[object, ...], value: Expr, *, owned: bool) -> None:
        root, is_view = self.place(var)
        if is_view:
            self._add_view(var, value)
            return
        if var in self.slotted:
            self._add_leaves(var, path, self._type_at(var, path), value, owned=owned)
            return
        self._add_cell((root, ()), self._type_at(root, ()), value, owned=owned)

    def _add_leaves(
        self, var: Var, path: tuple[object, ...], t: Type, value: Expr, *, owned: bool
    ) -> None:
        parts = _parts(t)
        if parts is None:
            if is_differentiable(t):
                self._add_cell((var, path), t, value, owned=owned)
            return
        if isinstance(value, Call):
            value = self.build.temp(value)
        for key, part in parts:
            if not is_differentiable(part):
                continue
            if isinstance(t, Record) and isinstance(value, Var):
                inner: Expr = Call(GETATTR, (value, Const(key)))
            else:
                inner = self._part(value, Const(key))
            self._add_leaves(var, (*path, key), part, inner, owned=owned)

    def _add_view(self, var: Var, value: Expr) -> None:
        view = self.storage.views[var]
        value = self.build.operand(value)
        if isinstance(view, Call) and view.fn == GETITEM:
            parent = view.args[0]
            assert isinstance(parent, Var)
            bar = self.ensure_buffer(parent)
            self.build.add(AugAssign(bar, view.args[1], ADD, value, self.build.origin))
            return
        bar = self._view_bar(var)
        if isinstance(view, Var):
            root, is_view = self.place(view)
            if not is_view:
                self._add_cell((root, ()), self._type_at(root, ()), value, owned=False)
                return
        self.build.add(AugAssign(bar, None, ADD, value, self.build.origin))

    def _add_cell(self, cell: Cell, t: Type, value: Expr, *, owned: bool) -> None:
        bar = self.cells.get(cell)
        name = self.bar_name(*cell)
        if bar is None:
            if isinstance(t, ListOf | FixedList) and not owned:
                value, owned = Call(LIST, (value,)), True
            if isinstance(value, Const):
                self.cells[cell] = Bar(value, True)
            else:
                self._bind(cell, value, owned=owned)
            return
        if isinstance(t, Scalar):
            self._bind(cell, self._sum(bar.value, value), owned=True)
        elif isinstance(t, Array) and bar.owned and bar.value == name:
            self._accumulate(name, None, value)
        elif isinstance(t, Array):
            self._bind(cell, self._sum(bar.value, value), owned=True)
        else:
            self._bind(cell, Call(ADD_TREES, (bar.value, value)), owned=True)

    def _sum(self, old: Expr, value: Expr) -> Expr:
        if isinstance(value, Call) and value.fn == NEG:
            return Call(SUB, (old, value.args[0]))
        return Call(ADD, (old, value))

    def _accumulate(self, name: Expr, index: Expr | None, value: Expr) -> None:
        op = ADD
        if isinstance(value, Call) and value.fn == NEG:
            op, value = SUB, value.args[0]
        self.build.add(AugAssign(name, index, op, self.build.operand(value), self.build.origin))

    def add_at(self, operand: Expr, index: Expr, value: Expr, *, owned: bool = False) -> None:
        """``operand[index]``'s adjoint gains ``value``."""
        if isinstance(operand, Tuple | List | Dict):
            raise AssertionError("an item of a literal is that item")
        if not isinstance(operand, Var) or operand not in self.active:
            return
        t = self.types.get(operand, UNKNOWN)
        if operand in self.slotted:
            key = constant_key(operand_type(index, self.types))
            path = (_leaf_key(t, key),)
            self._add_leaves(operand, path, self._type_at(operand, path), value, owned=owned)
            return
        if isinstance(t, Unknown):
            bar = self.ensure_owned(operand)
            value = self.build.operand(value)
            cell = (operand, ())
            self._bind(cell, Call(ADD_ITEM, (bar, index, value)), owned=True)
            return
        if is_container(t):
            bar = self.ensure_owned(operand)
            item = item_type(t, operand_type(index, self.types))
            plain = isinstance(item, Scalar | Array)
            add = ADD if plain else ADD_TREES
            old = Call(GETITEM, (bar, index))
            new = self.build.temp(Call(add, (old, value)))
            self.build.add(Store(bar, index, new, self.build.origin))
            return
        bar = self.ensure_buffer(operand)
        basic = is_basic_index(index, self.types)
        if basic or self._is_mask(index):
            self._accumulate(bar, index, value)
            return
        fn = ADD_AT if basic is False else ADD_AT_ANY
        call = Call(fn, (bar, index, self.build.operand(value)))
        self.build.add(Do(call, self.build.origin))

    def _is_mask(self, index: Expr) -> bool:
        t = operand_type(index, self.types)
        return isinstance(t, Array) and t.dtype.kind == "b"

    def add_field(self, operand: Expr, name: str, value: Expr, *, owned: bool = False) -> None:
        """``operand.name``'s adjoint gains ``value``."""
        if not isinstance(operand, Var):
            return
        t = self.types.get(operand, UNKNOWN)
        if operand in self.slotted:
            self._add_leaves(operand, (name,), field_type_of(t, name), value, owned=owned)
            return
        if not isinstance(t, Record):
            raise TypeInferenceError(
                f"srcad cannot tell what `{operand.base}.{name}` is a field of",
                origin=self.build.origin,
                why="the type of the object is not known",
                instead="give the value to a function of its own as an argument",
            )
        cell = (operand, ())
        if cell not in self.cells:
            self.zero_cell(cell)
        value = self.build.operand(value)
        fields = tuple((n, value if n == name else Const(None)) for n, _ in t.fields)
        self._add_cell(cell, t, Call(Ref(t.cls.__name__, t.cls), (), fields), owned=False)

    # --- control flow

    def canonical(self, cell: Cell) -> None:
        """Bring ``cell`` into its own variable."""
        bar = self.cells[cell]
        name = self.bar_name(*cell)
        if bar.value != name:
            t = self._type_at(*cell)
            self._bind(
                cell,
                bar.value,
                owned=(bar.owned and isinstance(bar.value, Const)) or isinstance(t, Scalar),
            )

    def zero_cell(self, cell: Cell) -> None:
        """Give the absent ``cell`` an explicit zero in its own variable."""
        zero = self._zero(cell[0], cell[1], self._type_at(*cell))
        self._bind(cell, zero.value, owned=True)


def field_type_of(t: Type, name: str) -> Type:
    """The type of a field of ``t``; `Unknown` where there is none."""
    return (field_type(t, name) or UNKNOWN) if isinstance(t, Record) else UNKNOWN


def _leaf_key(t: Type, key: object) -> object:
    match t, key:
        case ((TupleOf(items) | FixedList(items)), int()) if key < 0:
            return key + len(items)
        case Record(_, fields), int():
            return fields[key][0]
        case _:
            return key


def _parts(t: Type) -> tuple[tuple[object, Type], ...] | None:
    match t:
        case TupleOf(items) | FixedList(items):
            return tuple(enumerate(items))
        case DictOf(items) | Record(_, items):
            return items
        case _:
            return None
