"""How an adjoint gains a value: a variable's, an item's, a field's, a whole container's."""

from __future__ import annotations

from srcad.analysis.indices import is_basic_index, is_mask, without_new_axes
from srcad.errors import TypeInferenceError
from srcad.ir.naming import is_derivative
from srcad.ir.nodes import (
    AugAssign,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    List,
    Raise,
    Ref,
    Slice,
    Star,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import ADD, ADD_AT, GETATTR, GETITEM, LEN, NEG, NONE, SUM
from srcad.ir.walk import variables
from srcad.transform.adjoints import Adjoints, Cell
from srcad.transform.filling import append
from srcad.transform.helpers import ADD_AT_ANY, ADD_ITEM, ADD_TREES, record
from srcad.transform.slots import Path, below, leaf_key, type_at
from srcad.types.containers import constant_key, field_type, is_container, item_type, parts_of
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    Record,
    Scalar,
    TupleOf,
    Type,
    Unknown,
    is_differentiable,
)
from srcad.types.operands import operand_type

__all__ = ["add", "add_at", "add_field", "add_present"]


def add(adjoints: Adjoints, operand: Expr, value: Expr, *, owned: bool) -> None:
    """``operand``'s adjoint gains ``value``; ``owned``: an array that is nobody else's."""
    if adjoints.is_zero(value):
        return
    owned = owned and not adjoints.is_shallow(value)
    match operand:
        case Var():
            if operand in adjoints.active:
                _add_var(adjoints, operand, value, owned=owned)
        case Tuple(items) | List(items):
            _add_items(adjoints, items, value, owned=owned)
        case Dict(keys, values):
            for key, item in zip(keys, values, strict=True):
                if _is_active(adjoints, item):
                    add(adjoints, item, _part(adjoints, value, key), owned=False)
        case Star(inner):
            add(adjoints, inner, value, owned=owned)
        case _:
            return


def add_present(
    adjoints: Adjoints, operand: Expr, value: Expr, absent: frozenset[Path], *, owned: bool
) -> None:
    """`add` of a ``value`` without its parts ``absent``, which are zero."""
    if () in absent:
        return
    match operand:
        case _ if not absent:
            add(adjoints, operand, value, owned=owned)
        case Tuple(items) | List(items):
            for i, item in enumerate(items):
                part = _part(adjoints, value, Const(i))
                add_present(adjoints, item, part, below(absent, i), owned=owned)
        case Dict(keys, items):
            for key, item in zip(keys, items, strict=True):
                left = below(absent, key.value if isinstance(key, Const) else key)
                if () not in left:
                    part = _part(adjoints, value, key)
                    add_present(adjoints, item, part, left, owned=owned)
        case Var() if operand in adjoints.slotted:
            t = adjoints.types.get(operand, UNKNOWN)
            _add_leaves(adjoints, operand, (), t, value, owned=owned, absent=absent)
        case Var() if operand in adjoints.active:
            _add_to_all(adjoints, (operand, ()), value)
        case _:
            return


def _add_to_all(adjoints: Adjoints, cell: Cell, value: Expr) -> None:
    """The container in ``cell`` gains ``value``, which has not all of its parts."""
    if cell not in adjoints.cells:
        adjoints.zero_cell(cell)
    adjoints.add_to(cell, value, owned=False)


def _is_active(adjoints: Adjoints, expr: Expr) -> bool:
    return any(v in adjoints.active for v in variables(expr))


def _add_items(adjoints: Adjoints, items: tuple[Expr, ...], value: Expr, *, owned: bool) -> None:
    build = adjoints.build
    value = build.operation(value)
    if isinstance(value, Call):
        if all(isinstance(i, Var) or not _is_active(adjoints, i) for i in items) and not any(
            isinstance(i, Star) for i in items
        ):
            names = tuple(
                build.names.fresh(f"{i.base}_bar")
                if isinstance(i, Var) and i in adjoints.active
                else None
                for i in items
            )
            build.add(Unpack(names, value, build.origin))
            for item, name in zip(items, names, strict=True):
                if name is not None:
                    add(adjoints, item, name, owned=owned)
            return
        value = build.temp(value)
    mine = owned and isinstance(value, (Tuple, List))
    keyed = zip(items, _keys(adjoints, items), strict=True)
    parts = [(i, _part(adjoints, value, key)) for i, key in keyed if _is_active(adjoints, i)]
    if any(isinstance(i, Star) for i in items):
        # In `ys = [*ys, y]` the adjoint of the whole has the name of that of a part.
        parts[1:] = [(item, build.temp(part)) for item, part in parts[1:]]
    for item, part in parts:
        add(adjoints, item, part, owned=mine)


def _keys(adjoints: Adjoints, items: tuple[Expr, ...]) -> list[Expr]:
    """Where each of ``items`` is in the whole: an index, a slice for ``*xs`` of unknown length."""
    stars = [i for i, item in enumerate(items) if isinstance(item, Star)]
    if not stars:
        return [Const(i) for i in range(len(items))]
    keys: list[Expr] = []
    here: Expr = Const(0)
    for i, item in enumerate(items):
        after = i + 1 - len(items)
        if i > stars[-1]:
            keys.append(Const(i - len(items)))
            continue
        size = Call(LEN, (item.value,)) if isinstance(item, Star) else Const(1)
        end: Expr = Const(after) if after else NONE
        if i < stars[-1]:
            end = adjoints.build.temp(Call(ADD, (here, size))) if i >= stars[0] else Const(i + 1)
        start = NONE if here == Const(0) else here
        keys.append(Slice(start, end, NONE) if isinstance(item, Star) else here)
        here = end
    return keys


def _part(adjoints: Adjoints, value: Expr, key: Expr) -> Expr:
    match value, key:
        case ((Tuple(items) | List(items)), Const(i)) if isinstance(i, int):
            return items[i]
        case Dict(keys, values), _:
            return dict(zip(keys, values, strict=True))[key]
        case Call(), _:
            return Call(GETITEM, (adjoints.build.temp(value), key))
        case _:
            return Call(GETITEM, (value, key))


def _add_var(adjoints: Adjoints, var: Var, value: Expr, *, owned: bool) -> None:
    if var in adjoints.storage.views:
        _add_view(adjoints, var, value)
    elif var in adjoints.slotted:
        t = adjoints.types.get(var, UNKNOWN)
        _add_leaves(adjoints, var, (), t, value, owned=owned)
    else:
        adjoints.add_to((var, ()), value, owned=owned)


def _add_leaves(
    adjoints: Adjoints,
    var: Var,
    path: Path,
    t: Type,
    value: Expr,
    *,
    owned: bool,
    absent: frozenset[Path] = frozenset(),
) -> None:
    parts = adjoints.parts((var, path), t)
    if parts is None:
        if absent:
            _add_to_all(adjoints, (var, path), value)
        elif is_differentiable(t) and not adjoints.is_zero(value):
            adjoints.add_to((var, path), value, owned=owned)
        return
    if isinstance(value, Call):
        value = adjoints.build.temp(value)
    for i, (key, part) in enumerate(parts):
        left = below(absent, key)
        if () in left or not is_differentiable(part):
            continue
        if isinstance(t, Record) and isinstance(value, Var):
            inner: Expr = Call(GETATTR, (value, Const(key)))
        elif isinstance(t, Record) and isinstance(value, Tuple):
            inner = value.items[i]  # that of a named tuple, as rules are given it
        else:
            inner = _part(adjoints, value, Const(key))
        _add_leaves(adjoints, var, (*path, key), part, inner, owned=owned, absent=left)


def _add_view(adjoints: Adjoints, var: Var, value: Expr) -> None:
    view = adjoints.storage.views[var]
    build = adjoints.build
    if adjoints.is_taken(var, value):
        value = build.temp(value, "t_bar")  # `y = y_1 + w`, where w has the array that y was
    value = build.operand(value)
    if isinstance(view, Call) and view.fn == GETITEM:
        parent = view.args[0]
        assert isinstance(parent, Var)
        bar = adjoints.ensure_buffer(parent)
        build.add(AugAssign(bar, view.args[1], ADD, value, build.origin))
        return
    bar = adjoints.view_bar(var)
    if isinstance(view, Var):
        root, is_view = adjoints.place(view)
        if not is_view:
            adjoints.add_to((root, ()), value, owned=False)
            return
    build.add(AugAssign(bar, None, ADD, value, build.origin))


def add_at(
    adjoints: Adjoints, operand: Expr, index: Expr, value: Expr, *, owned: bool = False
) -> None:
    """``operand[index]``'s adjoint gains ``value``."""
    if isinstance(operand, (Tuple, List, Dict)):
        raise AssertionError("an item of a literal is that item")
    if not isinstance(operand, Var) or operand not in adjoints.active:
        return
    types, build = adjoints.types, adjoints.build
    t = types.get(operand, UNKNOWN)
    if adjoints.is_taken(operand, value):
        # `u = u[::-1]`: the new adjoint of u is made while the old one is still to be read.
        value = build.temp(value, "t_bar")
    if operand in adjoints.slotted or isinstance(t, Record):
        constant = constant_key(operand_type(index, types))
        key = leaf_key(t, constant)
        if key not in dict(parts_of(t) or ()):
            # The primal raises this too, but what only the value needs is not computed here.
            build.add(Raise(_missing(t, index, constant), build.origin))
        elif operand in adjoints.slotted:
            _add_leaves(adjoints, operand, (key,), type_at(t, (key,)), value, owned=owned)
        else:
            add_field(adjoints, operand, str(key), value, owned=owned)
        return
    if isinstance(t, Scalar):
        # ``s[None]``, ``s[...]`` of a NumPy number
        _add_var(adjoints, operand, Call(SUM, (build.operand(value),)), owned=True)
        return
    if isinstance(t, Unknown) and operand in adjoints.storage.views:
        bar = adjoints.view_bar(operand)
        build.add(Do(Call(ADD_AT_ANY, (bar, index, build.operand(value))), build.origin))
        return
    if isinstance(t, Unknown):
        bar = adjoints.ensure_owned((operand, ()))
        value = build.operand(value)
        adjoints.bind((operand, ()), Call(ADD_ITEM, (bar, index, value)), owned=True)
        return
    if is_container(t):
        item = item_type(t, operand_type(index, types))
        if not is_differentiable(item):
            return  # less may be known of the variable that it was read into
        cell = (operand, ())
        if adjoints.filling.get(cell) == index and append(adjoints, cell, item, value, owned=owned):
            return
        bar = adjoints.ensure_owned(cell)
        plus = ADD if isinstance(item, (Scalar, Array)) else ADD_TREES
        old = Call(GETITEM, (bar, index))
        gained = _gained_in_part(adjoints, old, item, value)
        new = build.temp(Call(plus, (old, value))) if gained is None else gained
        build.add(Store(bar, index, new, build.origin))
        return
    back = without_new_axes(operand, index, types)
    if back is not None:
        if isinstance(value, Call) and value.fn == NEG:
            gained = Call(NEG, (Call(GETITEM, (value.args[0], back)),))
        else:
            gained = Call(GETITEM, (value, back))
        _add_var(adjoints, operand, gained, owned=owned)
        return
    bar = adjoints.ensure_buffer(operand)
    basic = is_basic_index(index, types)
    if basic or is_mask(index, types):
        adjoints.accumulate(bar, index, value)
        return
    fn = ADD_AT if basic is False else ADD_AT_ANY
    build.add(Do(Call(fn, (bar, index, build.operand(value))), build.origin))


def _gained_in_part(adjoints: Adjoints, old: Expr, t: Type, value: Expr) -> Expr | None:
    """The tuple ``old`` with ``value`` added, if there are parts of it to which that adds zeros."""
    if not (isinstance(t, TupleOf) and isinstance(value, Tuple)):
        return None
    if not all(isinstance(part, (Array, Scalar)) for part in t.items):
        return None
    gains = [None if v == Const(0.0) or adjoints.is_zero(v) else v for v in value.items]
    if None not in gains:
        return None
    bases = [v.base if isinstance(v, Var) and is_derivative(v) else "t_bar" for v in value.items]
    parts = tuple(map(adjoints.build.names.fresh, bases))
    adjoints.build.add(Unpack(parts, old, adjoints.build.origin))
    both = zip(parts, gains, strict=True)
    return Tuple(tuple(p if gain is None else Call(ADD, (p, gain)) for p, gain in both))


def _missing(t: Type, index: Expr, key: object) -> Expr:
    """The error of an item that there is not; ``key`` is the value of the index."""
    if isinstance(t, DictOf):
        return Call(Ref("KeyError", KeyError), (index,))
    kind = "list" if isinstance(t, FixedList) else "tuple"
    if isinstance(key, int):
        return Call(Ref("IndexError", IndexError), (Const(f"{kind} index out of range"),))
    text = f"{kind} indices must be integers or slices, not {type(key).__name__}"
    return Call(Ref("TypeError", TypeError), (Const(text),))


def add_field(
    adjoints: Adjoints, operand: Expr, name: str, value: Expr, *, owned: bool = False
) -> None:
    """``operand.name``'s adjoint gains ``value``."""
    if not isinstance(operand, Var):
        return
    build = adjoints.build
    t = adjoints.types.get(operand, UNKNOWN)
    if operand in adjoints.slotted:
        part = (field_type(t, name) or UNKNOWN) if isinstance(t, Record) else UNKNOWN
        _add_leaves(adjoints, operand, (name,), part, value, owned=owned)
        return
    if not isinstance(t, Record):
        raise TypeInferenceError(
            f"srcad cannot tell what `{operand.base}.{name}` is a field of",
            origin=build.origin,
            why="the type of the object is not known",
            instead="give the value to a function of its own as an argument",
        )
    cell = (operand, ())
    value = build.temp(value) if adjoints.is_taken(operand, value) else value
    if cell not in adjoints.cells:
        adjoints.zero_cell(cell)
    value = build.operand(value)
    fields = tuple((n, value if n == name else NONE) for n, _ in t.fields)
    adjoints.add_to(cell, record(t.cls, fields), owned=False)
