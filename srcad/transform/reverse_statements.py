"""The reverse of statements without blocks: what each adds to the adjoints."""

from __future__ import annotations

import operator
from collections.abc import Mapping

from srcad.analysis.effects import makes_new
from srcad.analysis.exchanges import exchanged_names
from srcad.analysis.indices import is_basic_index, is_mask, part_type, picks_one_item
from srcad.analysis.writes import accumulates_at
from srcad.errors import UnsupportedSyntaxError
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Do,
    Expr,
    List,
    Ref,
    Star,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import map_expr
from srcad.ir.refs import APPEND, COPY, GETATTR, GETITEM, LIST_APPEND, MUL, NEG, POP
from srcad.ir.walk import variables
from srcad.rules.table import rule_for
from srcad.transform.adjoints import Bar
from srcad.transform.build import substitute
from srcad.transform.contributions import add, add_at, add_field
from srcad.transform.helpers import STORED_BAR
from srcad.transform.restoring import restore_contents
from srcad.transform.reverse_calls import reverse_call
from srcad.transform.spreading import spread_value, takes_unspread
from srcad.transform.sweep import Sweep
from srcad.transform.terms import G, Term, reduced_to, refuse_unknown_names
from srcad.types.expand import item_of_literal
from srcad.types.lattice import UNKNOWN, Array, Record, Scalar
from srcad.types.operands import operand_type

__all__ = ["reverse_statement"]


def reverse_statement(sweep: Sweep, stmt: Stmt, *, in_loop: bool) -> None:
    """Write what a statement without blocks does in reverse."""
    match stmt:
        case Assign(Var() as target, value):
            _assign(sweep, stmt, target, value)
        case Unpack() if moved := exchanged_names(stmt):
            _exchange_back(sweep, stmt, moved)
        case Unpack(targets, value):
            if id(stmt) in sweep.prepared.calls:
                reverse_call(sweep, sweep.prepared.calls[id(stmt)])
            else:
                _unpack(sweep, targets, value)
        case Store(Var() as obj, index, value):
            _store(sweep, stmt, obj, index, value)
        case AugAssign(Var() as obj, index, op, value):
            _aug_assign(sweep, stmt, obj, index, op, value)
        case Do(Call(Ref(_, fn), (Var() as xs, item))) if fn is LIST_APPEND:
            _append(sweep, stmt, xs, item, in_loop=in_loop)
        case Do() if (hit := accumulates_at(stmt)) is not None:
            call, obj = hit
            _add_at(sweep, stmt, obj, call.args[1], call.args[2])
        case _:
            return


def _assign(sweep: Sweep, stmt: Assign, target: Var, value: Expr) -> None:
    if isinstance(value, Call) and value.fn == POP:
        _reverse_pop(sweep, stmt, target, value)
        return
    if target not in sweep.prepared.active or target in sweep.storage.views:
        return
    if isinstance(value, Call) and value.fn == GETATTR:
        bar = sweep.adjoints.take(target)
        if bar is not None:
            refuse_unknown_names(value, sweep.prepared.fn.source, stmt.origin)
            _, name = value.args
            assert isinstance(name, Const)
            add_field(sweep.adjoints, value.args[0], str(name.value), bar.value, owned=bar.owned)
        return
    if isinstance(value, Call) and _makes_record(sweep, stmt, value):
        _reverse_record(sweep, target, value)
        return
    is_of_rule = isinstance(value, Call) and _has_rule(value)
    bar = sweep.adjoints.take_items(target) if is_of_rule else sweep.adjoints.take(target)
    if bar is None:
        return
    if not isinstance(value, Call):
        _check_lengths(sweep, stmt, target, value)
        add(sweep.adjoints, value, bar.value, owned=bar.owned)
        return
    terms = _new_ones_last(sweep, sweep.prepared.terms[id(stmt)], target)
    if _overwrites(sweep, terms, target) and not _is_one_twice(terms):
        # The adjoint of the new value is read after that of the old one is made.
        bar = Bar(sweep.build.temp(bar.value, "t_bar"), bar.owned)
    _contribute(sweep, terms, bar, stmt)


def _has_rule(call: Call) -> bool:
    return isinstance(call.fn, Ref) and call.fn != GETITEM and rule_for(call.fn.value) is not None


def _check_lengths(sweep: Sweep, stmt: Assign, target: Var, value: Expr) -> None:
    """Refuse ``ys = [*ys, *xs]``: the adjoint is cut by a length that is overwritten by then."""
    items = value.items if isinstance(value, (Tuple, List)) else ()
    stars = [item for item in items if isinstance(item, Star)]
    if any(target in set(variables(star)) for star in stars[:-1]):
        raise UnsupportedSyntaxError(
            f"srcad cannot tell how long `{target.base}` was before this line",
            source=sweep.prepared.fn.source,
            origin=stmt.origin,
            why="the derivative takes the new list apart again, and its name is that of the old"
            " one",
            instead="append the items one by one, or give the new list a name of its own",
        )


def _contribute(sweep: Sweep, terms: tuple[Term, ...], bar: Bar, stmt: Assign) -> None:
    values = [substitute(t.value, {G: bar.value}) for t in terms]
    if isinstance(stmt.value, Call) and isinstance(stmt.target, Var):
        types = sweep.prepared.types_at(stmt)
        unspread = [takes_unspread(t, stmt.value, stmt.target, types) for t in terms]
        number = _spread_number(sweep, bar) if any(unspread) else None
        if number is not None:
            both = zip(terms, values, unspread, strict=True)
            values = [substitute(t.value, {G: number}) if of else v for t, v, of in both]
    if isinstance(bar.value, Tuple):
        values = [_with_items(v) for v in values]
    passed_on = sum(not makes_new(v, sweep.types) for v in values)
    if _is_one_twice(terms):
        # x * x, x + x: one term twice.
        terms, values = terms[:1], [Call(MUL, (Const(2), values[0]))]
    for term, value in zip(terms, values, strict=True):
        owned = makes_new(value, sweep.types) or (
            value == bar.value and bar.owned and passed_on == 1
        )
        if term.index is not None:
            add_at(sweep.adjoints, term.operand, term.index, value, owned=owned)
        else:
            add(sweep.adjoints, term.operand, value, owned=owned and not term.joint)


def _spread_number(sweep: Sweep, bar: Bar) -> Expr | None:
    """The number that ``bar`` is everywhere."""
    number = spread_value(bar.value, sweep.build.out)
    cell = sweep.adjoints.cell_named(number) if number is not None else None
    if cell is None or number is None:
        return number
    # Its variable may gain something before it is read.
    is_number = isinstance(sweep.adjoints.type_of(cell), Scalar)
    return sweep.build.temp(number, "t_bar") if is_number else None


def _with_items(expr: Expr) -> Expr:
    """``expr`` with the items of tuples that are written out in it in their places."""
    match expr:
        case Call(fn, (Tuple() as items, index), ()) if fn == GETITEM:
            return item_of_literal(items, index) or expr
        case _:
            return map_expr(expr, _with_items)


def _new_ones_last(sweep: Sweep, terms: tuple[Term, ...], target: Var) -> tuple[Term, ...]:
    """``terms``, first those that add to what there is: others may take the place of the adjoint.

    Last comes that of the old value of ``target``, whose adjoint has the name of the new one's.
    """

    def place(term: Term) -> tuple[bool, bool]:
        active = [v for v in variables(term.operand) if v in sweep.prepared.active]
        return _is_of(sweep, term, target), any(map(sweep.adjoints.is_absent, active))

    return tuple(sorted(terms, key=place))


def _is_of(sweep: Sweep, term: Term, target: Var) -> bool:
    """Whether a term is that of ``target``, or of what had its array before."""
    return any(sweep.adjoints.place(v)[0] == target for v in variables(term.operand))


def _overwrites(sweep: Sweep, terms: tuple[Term, ...], target: Var) -> bool:
    """Whether a term before the last makes ``target``'s adjoint another than it was."""
    own = [t for t in terms[:-1] if _is_of(sweep, t, target)]
    return len(own) > 1 or any(t.value != G for t in own)


def _is_one_twice(terms: tuple[Term, ...]) -> bool:
    return len(terms) == 2 and terms[0] == terms[1] and terms[0].index is None


def _makes_record(sweep: Sweep, stmt: Assign, call: Call) -> bool:
    is_class = isinstance(call.fn, Ref) and isinstance(call.fn.value, type)
    return is_class and id(stmt) not in sweep.prepared.terms


def _reverse_record(sweep: Sweep, target: Var, call: Call) -> None:
    t = sweep.types.get(target, UNKNOWN)
    assert isinstance(t, Record), "only records are made by calling a class"
    names = [n for n, _ in t.fields]
    given = {**dict(zip(names, call.args, strict=False)), **dict(call.kwargs)}
    fields = sweep.adjoints.take_fields(target)
    if fields is None:
        bar = sweep.adjoints.take(target)
        values = () if bar is None else [Call(GETATTR, (bar.value, Const(n))) for n in given]
        fields = [(n, Bar(value, False)) for n, value in zip(given, values, strict=False)]
    for name, bar in fields:
        if name in given:
            add(sweep.adjoints, given[name], bar.value, owned=bar.owned)


def _unpack(sweep: Sweep, targets: tuple[Var | None, ...], value: Expr) -> None:
    for i, target in enumerate(targets):
        if target is None or target not in sweep.prepared.active or target in sweep.storage.views:
            continue
        bar = sweep.adjoints.take(target)
        if bar is None:
            continue
        if isinstance(value, Var):
            add_at(sweep.adjoints, value, Const(i), bar.value, owned=bar.owned)


def _exchange_back(sweep: Sweep, stmt: Unpack, moved: Mapping[Var, Var]) -> None:
    adjoints, build = sweep.adjoints, sweep.build
    before = tuple(v for v in stmt.targets if v is not None)
    after = tuple(moved[v] for v in before)
    active = all(v in sweep.prepared.active for v in before)
    if active and not all(map(adjoints.is_absent, before)):
        # Each has a buffer of its own, so their cells stay what they are.
        bars = {v: adjoints.ensure_buffer(v) for v in before}
        names = tuple(adjoints.bar_name((v, ())) for v in before)
        build.add(Unpack(names, Tuple(tuple(bars[v] for v in after)), build.origin))
    if id(stmt) in sweep.records.undone:
        build.add(Unpack(before, Tuple(after), build.origin))


def _store(sweep: Sweep, stmt: Store, obj: Var, index: Expr, value: Expr) -> None:
    restore_contents(sweep, stmt)
    if obj not in sweep.prepared.active or sweep.adjoints.is_absent(obj):
        return
    bar = sweep.adjoints.ensure_buffer(obj)
    if sweep.is_active(value):
        item: Expr = Call(GETITEM, (bar, index))
        if _is_number(sweep, stmt, value, obj, index):
            item = Call(GETITEM, (item, Tuple(())))
        elif is_basic_index(index, sweep.types) is not True and not is_mask(index, sweep.types):
            item = Call(STORED_BAR, (bar, index))
        elif not picks_one_item(obj, index, sweep.types) and not is_mask(index, sweep.types):
            item = Call(COPY, (item,), spell=".copy")
        kept = sweep.build.temp(item, "t_bar")
        sweep.build.add(Store(bar, index, Const(0), sweep.build.origin))
        _add_reduced(sweep, stmt, value, kept, obj, index, owned=True)
        return
    sweep.build.add(Store(bar, index, Const(0), sweep.build.origin))


def _aug_assign(
    sweep: Sweep, stmt: AugAssign, obj: Var, index: Expr | None, op: Ref, value: Expr
) -> None:
    restore_contents(sweep, stmt)
    if obj not in sweep.prepared.active or sweep.adjoints.is_absent(obj):
        return
    if not sweep.is_active(value):
        return
    if index is None:
        item: Expr = sweep.adjoints.whole(obj).value
    else:
        bar = _subscriptable(sweep, obj, index)
        item = Call(GETITEM, (bar, index))
        if is_basic_index(index, sweep.types) is not True and not is_mask(index, sweep.types):
            item = Call(STORED_BAR, (bar, index))
    if op.value is operator.sub:
        item = Call(NEG, (item,))
    elif _is_number(sweep, stmt, value, obj, index):
        whole = _subscriptable(sweep, obj, Tuple(())) if index is None else item
        item = Call(GETITEM, (whole, Tuple(())))
    elif _would_alias(sweep, value, obj, index):
        item = _copied(sweep, item, obj, index)
    _add_reduced(sweep, stmt, value, item, obj, index)


def _add_at(sweep: Sweep, stmt: Stmt, obj: Var, index: Expr, value: Expr) -> None:
    restore_contents(sweep, stmt)
    if obj not in sweep.prepared.active or sweep.adjoints.is_absent(obj):
        return
    item: Expr = Call(GETITEM, (_subscriptable(sweep, obj, index), index))
    if _would_alias(sweep, value, obj, index):
        item = Call(COPY, (item,), spell=".copy")
    _add_reduced(sweep, stmt, value, item, obj, index)


def _is_number(sweep: Sweep, stmt: Stmt, value: Expr, obj: Var, index: Expr | None) -> bool:
    """Whether ``value`` is a number, and its place ``obj[index]`` an array without axes."""
    types = sweep.prepared.types_at(stmt)
    part = part_type(obj, index, types)
    is_number = isinstance(operand_type(value, types), Scalar)
    return is_number and isinstance(part, Array) and part.shape == ()


def _subscriptable(sweep: Sweep, obj: Var, index: Expr) -> Expr:
    """The adjoint of ``obj`` as something that has items; of no axes, it may be a number."""
    t = sweep.types.get(obj, UNKNOWN)
    has_axes = t.shape != () if isinstance(t, Array) else index not in (Const(...), Tuple(()))
    return sweep.adjoints.whole(obj).value if has_axes else sweep.adjoints.ensure_buffer(obj)


def _copied(sweep: Sweep, item: Expr, obj: Var, index: Expr | None) -> Call:
    """A copy of ``item``, which is a part of the adjoint of ``obj``."""
    # The adjoint of an array without axes may have become a number, which has no such method.
    number = index is None and _is_array(sweep, obj, index)
    return Call(COPY, (item,), spell="" if number else ".copy")


def _would_alias(sweep: Sweep, operand: Expr, obj: Var, index: Expr | None) -> bool:
    """Whether the adjoint of ``operand`` would become a part of a buffer, not a sum with it."""
    if not isinstance(operand, Var):
        return False
    if isinstance(sweep.types.get(operand), Scalar) and not _is_array(sweep, obj, index):
        return False
    return operand not in sweep.storage.views and sweep.adjoints.is_absent(operand)


def _is_array(sweep: Sweep, obj: Var, index: Expr | None) -> bool:
    """Whether ``obj[index]`` may be an array without axes, which is no number of its own."""
    if index is None:
        t = sweep.types.get(obj, UNKNOWN)
        return not isinstance(t, Array) or t.shape == ()
    parts = index.items if isinstance(index, Tuple) else (index,)
    return Const(Ellipsis) in parts


def _add_reduced(
    sweep: Sweep,
    stmt: Stmt,
    operand: Expr,
    value: Expr,
    obj: Var,
    index: Expr | None,
    *,
    owned: bool = False,
) -> None:
    """Add ``value``, shaped as ``obj[index]``, to the adjoint of what was broadcast into it."""
    reduced = value
    if id(stmt) not in sweep.prepared.fitting:
        types = sweep.prepared.types_at(stmt)
        part = part_type(obj, index, types)
        reduced = reduced_to(value, operand, operand_type(operand, types), part)
    add(sweep.adjoints, operand, reduced, owned=owned and reduced == value)


def _append(sweep: Sweep, stmt: Stmt, xs: Var, item: Expr, *, in_loop: bool) -> None:
    active = xs in sweep.prepared.active
    if active and not in_loop and sweep.adjoints.is_absent(xs):
        # From here on the adjoint has to be as long as the list was.
        sweep.adjoints.ensure_owned((xs, ()))
    restore_contents(sweep, stmt)
    if not active or sweep.adjoints.is_absent(xs):
        return
    bar = sweep.adjoints.ensure_owned((xs, ()))
    value = Call(POP, (bar,), spell=".pop")
    if sweep.is_active(item):
        add(sweep.adjoints, item, sweep.build.temp(value, "t_bar"), owned=False)
    else:
        sweep.build.temp(value)


def _reverse_pop(sweep: Sweep, stmt: Assign, target: Var, call: Call) -> None:
    xs = call.args[0]
    assert isinstance(xs, Var)
    active = xs in sweep.prepared.active
    if active and sweep.adjoints.is_absent(xs):
        # Zeros for the items that are left, before the last one is back.
        sweep.adjoints.ensure_owned((xs, ()))
    restore_contents(sweep, stmt)
    if not active:
        sweep.adjoints.drop(target)  # a constant was bound
        return
    bar = sweep.adjoints.whole(target)
    sweep.adjoints.drop(target)
    stack = sweep.adjoints.ensure_owned((xs, ()))
    value = sweep.build.operand(bar.value)
    sweep.build.add(Do(Call(APPEND, (stack, value), spell=".append"), sweep.build.origin))
