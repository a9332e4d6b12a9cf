"""The adjoints of a program's variables while the backward sweep is being written.

An adjoint that nothing has contributed to yet is *absent*: it is zero and has no code. A cell is
*owned* if nothing else can hold its array, so that it may be added to in place. The adjoint of a
container of `srcad.transform.slots` is kept in one cell for each leaf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from srcad.analysis.effects import has_memory
from srcad.analysis.storage import Storage
from srcad.ir.nodes import AugAssign, Call, Const, Dict, Do, Expr, List, Tuple, Var
from srcad.ir.refs import (
    ADD,
    ARRAY,
    ASARRAY,
    COPY,
    GETATTR,
    GETITEM,
    LIST,
    NEG,
    NONE,
    SUB,
    ZEROS_LIKE,
)
from srcad.ir.walk import variables
from srcad.transform.build import Builder
from srcad.transform.helpers import ADD_TREES, CHECK_VIEW, NEW_LISTS, ZERO_OF, ZEROS_TREE, record
from srcad.transform.slots import Path, type_at
from srcad.types.containers import parts_of
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

__all__ = ["Adjoints", "Bar", "Cell"]

Cell = tuple[Var, Path]
"""A variable and the path to a leaf of it; the path is empty for what has no leaves."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The present value of an adjoint."""

    value: Expr
    owned: bool


class Adjoints:
    """The cells, and the writing of code that makes, reads and adds to them.

    What a statement contributes to the adjoint of an operand is written by
    `srcad.transform.contributions`.
    """

    def __init__(
        self,
        types: Mapping[Var, Type],
        storage: Storage,
        slotted: frozenset[Var],
        closed: frozenset[Cell],
        active: frozenset[Var],
        build: Builder,
        params: tuple[Var, ...] = (),
        tuples: frozenset[Var] = frozenset(),
    ) -> None:
        self.types = types
        self.params = params
        # Tuples of unknown length, whose types are those of lists: items of their adjoints are set.
        self.tuples = tuples
        self.storage = storage
        self.slotted = slotted
        # Containers inside slotted ones that have one cell each.
        self.closed = closed
        self.active = active
        self.build = build
        self.cells: dict[Cell, Bar] = {}
        self.copied: set[Cell] = set()
        # Lists that are owned, though others may hold arrays that are in them.
        self.shallow: set[Var] = set()
        # What is read in place of an absent adjoint.
        self._zeros: set[Var] = set()
        # The lists of adjoints that a loop over this index appends to; see `transform.filling`.
        self.filling: dict[Cell, Var] = {}
        self.like: dict[Var, Var] = {}
        self.unbound: set[Var] = set()
        self._names: dict[Cell, Var] = {}

    # --- structure

    def bar_name(self, cell: Cell) -> Var:
        """The variable in which ``cell`` is kept."""
        found = self._names.get(cell)
        if found is None:
            var, path = cell
            base = "_".join([var.base, *(str(k) for k in path)])
            base = "".join(c if c.isalnum() or c == "_" else "_" for c in base)
            found = self._names[cell] = self.build.names.fresh(f"{base}_bar")
        return found

    def cell_named(self, name: Expr) -> Cell | None:
        """The cell that is kept in the variable ``name``, if it is that of one."""
        return next((cell for cell, var in self._names.items() if var == name), None)

    def leaves(self, var: Var) -> Iterator[tuple[Cell, Type]]:
        """The cells of ``var``, with the types of what they stand for."""
        t = self.types.get(var, UNKNOWN)
        if var not in self.slotted:
            yield (var, ()), t
            return
        yield from self._leaves((var, ()), t)

    def _leaves(self, cell: Cell, t: Type) -> Iterator[tuple[Cell, Type]]:
        parts = self.parts(cell, t)
        if parts is None:
            yield cell, t
            return
        var, path = cell
        for key, part in parts:
            yield from self._leaves((var, (*path, key)), part)

    def parts(self, cell: Cell, t: Type) -> tuple[tuple[object, Type], ...] | None:
        """The parts of the ``t`` at ``cell`` that have cells of their own; ``None`` of a leaf."""
        return None if cell in self.closed else parts_of(t)

    def type_of(self, cell: Cell) -> Type:
        """The type of what ``cell`` stands for."""
        return type_at(self.types.get(cell[0], UNKNOWN), cell[1])

    # --- reading

    def is_absent(self, var: Var) -> bool:
        """Whether nothing has contributed to ``var`` yet."""
        root, _ = self.place(var)
        return not any(cell in self.cells for cell, _ in self.leaves(root))

    def is_zero(self, value: Expr) -> bool:
        """Whether ``value`` was read in place of an absent adjoint."""
        return isinstance(value, Var) and value in self._zeros

    def take_items(self, var: Var) -> Bar | None:
        """`take`, with the items of a named tuple as those of a plain one, which a rule reads."""
        t = self.types.get(var, UNKNOWN)
        if not (isinstance(t, Record) and issubclass(t.cls, tuple) and var in self.slotted):
            return self.take(var)
        if self.is_absent(var):
            return None
        bars = [self._whole(var, (name,), part) for name, part in t.fields]
        self.drop(var)
        return Bar(Tuple(tuple(b.value for b in bars)), all(b.owned for b in bars))

    def take_fields(self, var: Var) -> list[tuple[str, Bar]] | None:
        """The adjoints of the fields of ``var``, which then are zero again, but absent ones.

        ``None`` where they are not kept field by field.
        """
        t = self.types.get(var, UNKNOWN)
        if not isinstance(t, Record) or var not in self.slotted:
            return None
        present = {path[0] for (_, path), _ in self.leaves(var) if (var, path) in self.cells}
        found = [(n, self._whole(var, (n,), part)) for n, part in t.fields if n in present]
        self.drop(var)
        return found

    def take(self, var: Var) -> Bar | None:
        """The adjoint of ``var``, which then is zero again: for the reverse of a definition."""
        if self.is_absent(var):
            return None
        bar = self.whole(var)
        self.drop(var)
        return bar

    def is_taken(self, var: Var, value: Expr) -> bool:
        """Whether ``value`` reads the adjoint that ``var`` had before it was taken."""
        root, _ = self.place(var)
        name = self._names.get((root, ()))
        return name is not None and self.is_absent(var) and name in set(variables(value))

    def drop(self, var: Var) -> None:
        """Make the adjoint of ``var`` absent."""
        for cell, _ in self.leaves(var):
            self.cells.pop(cell, None)

    def absent_parts(self, var: Var) -> frozenset[Path]:
        """The largest parts of ``var`` to which nothing has contributed yet."""
        t = self.types.get(var, UNKNOWN)
        return frozenset(self._absent(var, (), t)) if var in self.slotted else frozenset()

    def _absent(self, var: Var, path: Path, t: Type) -> Iterator[Path]:
        parts = self.parts((var, path), t)
        if parts is None:
            if is_differentiable(t) and (var, path) not in self.cells:
                yield path
            return
        found = [p for key, part in parts for p in self._absent(var, (*path, key), part)]
        all_of_it = [(*path, key) for key, part in parts if is_differentiable(part)]
        yield from (path,) if found and found == all_of_it else found

    def whole(self, var: Var, without: frozenset[Path] = frozenset()) -> Bar:
        """The adjoint of ``var`` as one operand; absent leaves are zeros.

        The parts ``without`` are left out: as keys of a dict, as ``None`` elsewhere.
        """
        if var in self.storage.views:
            return Bar(self.view_bar(var), False)
        if var not in self.slotted:
            return self._cell_or_zero((var, ()))
        return self._whole(var, (), self.types.get(var, UNKNOWN), without)

    def _whole(self, var: Var, path: Path, t: Type, without: frozenset[Path] = frozenset()) -> Bar:
        if path in without:
            return Bar(NONE, True)
        parts = self.parts((var, path), t)
        if parts is None:
            return self._cell_or_zero((var, path))
        if isinstance(t, DictOf):
            parts = tuple((k, part) for k, part in parts if (*path, k) not in without)
        bars = [self._whole(var, (*path, key), part, without) for key, part in parts]
        values = tuple(b.value for b in bars)
        owned = all(b.owned for b in bars)
        match t:
            case TupleOf():
                return Bar(Tuple(values), owned)
            case FixedList():
                return Bar(List(values), owned)
            case DictOf():
                return Bar(Dict(tuple(Const(k) for k, _ in parts), values), owned)
            case Record(cls, fields):
                names = tuple(n for n, _ in fields)
                made = record(cls, tuple(zip(names, values, strict=True)))
                return Bar(self.build.temp(made), owned)
            case _:
                raise AssertionError(t)

    def _cell_or_zero(self, cell: Cell) -> Bar:
        return self.cells.get(cell) or self._zero(cell)

    def _zero(self, cell: Cell) -> Bar:
        t = self.type_of(cell)
        match t:
            case ListOf() | FixedList():
                # Among floats there may be ints, of which each may have a cotangent here.
                zeros = Call(ZERO_OF if _holds_numbers(t) else ZEROS_TREE, (self._primal(cell),))
                if cell[0] in self.tuples:
                    zeros = Call(LIST, (zeros,))
            case Scalar():
                return Bar(Const(0.0), True)
            case Static():
                return Bar(NONE, True)
            case TupleOf():
                zeros = Call(LIST, (Call(ZEROS_TREE, (self._primal(cell),)),))
            case Array():
                zeros = Call(ZEROS_LIKE, (self._primal(cell),))
            case Unknown():
                zeros = Call(ZERO_OF, (self._primal(cell),))
            case _:
                zeros = Call(ZEROS_TREE, (self._primal(cell),))
        made = self.build.temp(zeros, self.bar_name(cell).base)
        self._zeros.add(made)
        return Bar(made, True)

    def _primal(self, cell: Cell) -> Expr:
        """What ``cell`` is the adjoint of."""
        var, path = cell
        expr: Expr = self.like.get(var, var)
        t = self.types.get(var, UNKNOWN)
        for key in path:
            expr = Call(GETATTR if isinstance(t, Record) else GETITEM, (expr, Const(key)))
            t = type_at(t, (key,))
        return expr

    # --- places

    def place(self, var: Var) -> tuple[Var, bool]:
        """The root whose buffer holds ``var``'s adjoint, and whether ``var`` is a view of it."""
        root = self.storage.root(var)
        return root, root != var

    def view_bar(self, var: Var) -> Expr:
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
            return self.view_bar(var)
        return self.ensure_owned((var, ()))

    def ensure_owned(self, cell: Cell) -> Expr:
        """The owned adjoint in ``cell`` in its own variable, made from zeros if absent."""
        name = self.bar_name(cell)
        bar = self.cells.get(cell)
        if bar is None:
            self.bind(cell, self._zero(cell).value, owned=True)
        elif self._may_lose_its_array(cell):
            # Arithmetic on an array without axes gives a number, which cannot be written to.
            self.bind(cell, Call(ASARRAY if bar.owned else ARRAY, (bar.value,)), owned=True)
        elif not bar.owned:
            self.copied.add(cell)
            match self.type_of(cell):
                case Array():
                    value: Expr = Call(COPY, (bar.value,), spell=".copy")
                case ListOf() | FixedList() | TupleOf():
                    value = Call(LIST, (bar.value,))
                case Scalar():
                    value = bar.value
                case _:
                    value = Call(ADD_TREES, (NONE, bar.value))
            self.bind(cell, value, owned=True)
        elif bar.value != name:
            self.bind(cell, bar.value, owned=True)
        return name

    def _may_lose_its_array(self, cell: Cell) -> bool:
        """Whether ``cell`` is the adjoint of an array that surely or perhaps has no axes."""
        match self.type_of(cell):
            case Array(_, shape):
                return shape == ()
            case Unknown():
                return self.storage.is_buffer(cell[0])
            case _:
                return False

    # --- writing

    def bind(self, cell: Cell, value: Expr, *, owned: bool) -> None:
        """Let ``cell`` be ``value``, in its own variable."""
        name = self.bar_name(cell)
        if _holds_objects(self.type_of(cell)) and self.is_shallow(value):
            self.shallow.add(name)
        if value != name:
            self.build.assign(name, value)
        self.cells[cell] = Bar(name, owned)

    def is_shallow(self, value: Expr) -> bool:
        """Whether ``value`` is a list in which others may hold arrays, or a part of one."""
        match value:
            case Var():
                return value in self.shallow
            case Call(fn, (inner, *_)) if fn == GETITEM:
                return self.is_shallow(inner)
            case Call(fn, (inner,)) if fn == LIST:
                return not (isinstance(inner, Call) and inner.fn == ZEROS_TREE)
            case Call(fn):
                return fn in NEW_LISTS
            case Tuple(items) | List(items):
                return any(map(self.is_shallow, items))
            case _:
                return False

    def add_to(self, cell: Cell, value: Expr, *, owned: bool) -> None:
        """``cell`` gains ``value``; ``owned``: an array that is nobody else's."""
        t, bar, name = self.type_of(cell), self.cells.get(cell), self.bar_name(cell)
        if bar is None:
            if isinstance(t, (ListOf, FixedList)) and not owned:
                is_new = isinstance(value, Call) and value.fn in NEW_LISTS
                value, owned = value if is_new else Call(LIST, (value,)), True
            if isinstance(value, Const):
                self.cells[cell] = Bar(value, True)
            else:
                self.bind(cell, value, owned=owned)
        elif isinstance(t, Array) and bar.owned and bar.value == name:
            self.accumulate(name, None, value)
        elif isinstance(t, (Scalar, Array)):
            self.bind(cell, _sum(bar.value, value), owned=True)
        else:
            self.bind(cell, Call(ADD_TREES, (bar.value, value)), owned=True)

    def accumulate(self, name: Expr, index: Expr | None, value: Expr) -> None:
        """``name += value``, or ``name[index] += value``."""
        op = ADD
        match value:
            case Call(fn, (negated,)) if fn == NEG:
                op, value = SUB, negated
            case Call(fn, (real, Const(0j))) if fn == ADD:
                value = real  # what it is added to is complex already
            case _:
                pass
        self.build.add(AugAssign(name, index, op, self.build.operand(value), self.build.origin))

    # --- control flow

    def canonical(self, cell: Cell) -> None:
        """Bring ``cell`` into its own variable."""
        bar = self.cells[cell]
        if bar.value != self.bar_name(cell):
            owned = bar.owned and isinstance(bar.value, Const)
            owned = owned or isinstance(self.type_of(cell), Scalar)
            self.bind(cell, bar.value, owned=owned)

    def may_be_unbound(self, cell: Cell) -> None:
        """Note that zeros like ``cell`` are made where its variable may have no value."""
        var, path = cell
        match self.type_of(cell):
            case Scalar() | Static():
                return
            case Array(_, shape) as t if not path and None not in shape:
                like = next((v for v in self.params if self.types.get(v) == t), None)
            case _:
                like = None
        if like is None:
            self.unbound.add(var)
        else:
            self.like[var] = like

    def zero_cell(self, cell: Cell) -> None:
        """Give the absent ``cell`` an explicit zero in its own variable."""
        self.bind(cell, self._zero(cell).value, owned=True)

    def settle(self, cell: Cell) -> None:
        """Bring ``cell`` into its own variable, as an explicit zero if it is absent."""
        if cell in self.cells:
            self.canonical(cell)
        else:
            self.zero_cell(cell)


def _holds_objects(t: Type) -> bool:
    """Whether items of the list ``t`` may be known to others and changed by them."""
    match t:
        case ListOf(item):
            return item is None or has_memory(item)
        case FixedList(items):
            return any(map(has_memory, items))
        case _:
            return has_memory(t)


def _sum(old: Expr, value: Expr) -> Expr:
    if isinstance(value, Call) and value.fn == NEG:
        return Call(SUB, (old, value.args[0]))
    return Call(ADD, (old, value))


def _holds_numbers(t: Type | None) -> bool:
    """Whether ``t`` is that of a number, or of nothing but lists of such."""
    match t:
        case Scalar():
            return True
        case ListOf(item):
            return _holds_numbers(item)
        case FixedList(items):
            return all(map(_holds_numbers, items))
        case _:
            return False
