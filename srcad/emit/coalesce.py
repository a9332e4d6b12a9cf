"""Give the versions of a variable one name again, where their lives do not overlap."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from srcad.analysis.liveness import liveness
from srcad.emit.updates import as_update
from srcad.ir.names import Names
from srcad.ir.naming import is_nameless, is_record, is_users, same_name
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
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import changed, map_expr, map_stmt, remade
from srcad.ir.refs import APPEND, NOT, POP
from srcad.ir.walk import ATOMIC, bound, expressions, parts, statements, used
from srcad.kinds import among
from srcad.types.lattice import UNKNOWN, Array, ListOf, Scalar, Type, Unknown

__all__ = ["coalesce"]

_NO_TYPES: Mapping[Var, Type] = MappingProxyType({})
_NO_NAMES: Mapping[Var, Var] = MappingProxyType({})


def coalesce(
    fn: Function,
    types: Mapping[Var, Type] = _NO_TYPES,
    *,
    keep: frozenset[str] = frozenset(),
    called: Mapping[Var, Var] = _NO_NAMES,
) -> Function:
    """Merge variables of one base (``x``, ``x_1``, ...) that are never alive at the same time.

    Copies that come to read ``x = x`` vanish; ``x = x + e``, where ``x`` is a number, becomes
    ``x += e``, and so do items that the user updated. The numbers of what remains close up: ``t``,
    ``t_1``, not ``t_7``, ``t_23``.

    Parameters
    ----------
    fn : Function
        A function in normal form, or re-nested. Parameters keep their names.
    types : Mapping
        The types of the variables, where they are known. Of variables that the user did not name,
        only those of like type are merged, so that a compiler can give each one type.
    keep : frozenset of str
        The user's names: versions of these are merged whatever their types are, as the user did.
    called : Mapping
        Names that variables are to have if these are free.

    Returns
    -------
    Function
        The same computation with fewer variables.

    Examples
    --------
    >>> from srcad.ir.nodes import Const, Param, Return, Source
    >>> x, x_1 = Var("x"), Var("x", 1)
    >>> double = Call(Ref("operator.mul", operator.mul), (Const(2), x))
    >>> body = (Assign(x_1, double), Return(x_1))
    >>> coalesce(Function("f", (Param(x),), body, Source("f.py", 1, "f"))).body[-1]
    Return(value=Var(base='x', n=0), origin=None)
    """
    recorded, restored = _recorded(fn)
    classes = _classes(fn, types, keep, restored, called)
    names = _names(fn, classes, recorded, called)
    numbers = frozenset(
        names[members[0]]
        for members in classes
        if all(isinstance(types.get(v), Scalar) for v in members)
    )
    body = _Renaming(names, numbers, types).block(fn.body)
    params = tuple(p if names[p.var] is p.var else replace(p, var=names[p.var]) for p in fn.params)
    return replace(fn, params=params, body=body)


# --- which variables become one ------------------------------------------------------------------


def _classes(
    fn: Function,
    types: Mapping[Var, Type],
    keep: frozenset[str],
    restored: list[tuple[Var, Var]],
    called: Mapping[Var, Var],
) -> list[tuple[Var, ...]]:
    """The variables of ``fn``, in the order of their first binding, grouped as they become one.

    What is ``restored`` is to have the name under which it was recorded. A name that is ``called``
    elsewhere ``t_2`` stands for that value alone.
    """
    order = _in_order(fn)
    overlaps = _overlaps(fn, order)
    bits = {var: 1 << k for k, var in enumerate(order)}
    together = _together(restored, overlaps, bits, types)
    placed: set[Var] = set()
    families: dict[tuple[str, bool, Var | None], list[list[Var]]] = {}
    masks: dict[tuple[str, bool, Var | None], list[int]] = {}
    for var in sorted(order, key=lambda v: v.n):
        if var in placed:
            continue
        group = together.get(var, [var])
        placed.update(group)
        mask = own = 0
        for member in group:
            mask |= overlaps[member]
            own |= bits[member]
        alone = var if var in called and is_nameless(var) else None
        name = (var.base, is_users(var), alone)
        mine, taken = families.setdefault(name, []), masks.setdefault(name, [])
        for k, members in enumerate(mine):
            if mask & taken[k]:
                continue
            users = var.base in keep and is_users(var)
            if users or _alike(types.get(var), types.get(members[0])):
                members.extend(group)
                taken[k] |= own
                break
        else:
            mine.append(list(group))
            taken.append(own)
    return [tuple(members) for family in families.values() for members in family]


def _recorded(fn: Function) -> tuple[dict[Var, Var], list[tuple[Var, Var]]]:
    """By list of records the variable that is recorded, and each that is restored with that one.

    Where what is recorded has no name, it is the variable that is restored first.
    """
    recorded: dict[Var, Var] = {}
    lists: set[Var] = set()
    restored: list[tuple[Var, Var]] = []
    for stmt in statements(fn):
        match stmt:
            case Do(Call(fn=appended, args=(Var() as records, value))) if (
                appended == APPEND and is_record(records)
            ):
                lists.add(records)
                if isinstance(value, Var):
                    recorded.setdefault(records, value)
            case Assign(Var() as var, Call(fn=taken, args=(Var() as records,))) if (
                taken == POP and records in lists
            ):
                restored.append((var, recorded.setdefault(records, var)))
            case _:
                pass
    return recorded, restored


def _together(
    pairs: list[tuple[Var, Var]],
    overlaps: Mapping[Var, int],
    bits: Mapping[Var, int],
    types: Mapping[Var, Type],
) -> dict[Var, list[Var]]:
    """What is restored and what was recorded, in one group where they may have one name."""
    groups: dict[Var, list[Var]] = {}
    for restored, recorded in pairs:
        if not same_name(restored, recorded):
            continue
        a, b = groups.get(restored, [restored]), groups.get(recorded, [recorded])
        if recorded in a or not _alike(types.get(restored), types.get(recorded)):
            continue
        if any(overlaps[v] & bits[w] for v in a for w in b):
            continue
        both = [*b, *a]
        groups.update((v, both) for v in both)
    return groups


def _in_order(fn: Function) -> list[Var]:
    seen = dict.fromkeys(p.var for p in fn.params)
    for stmt in statements(fn):
        for var in bound(stmt):
            seen.setdefault(var)
        for var in used(stmt):
            seen.setdefault(var)
    return list(seen)


def _overlaps(fn: Function, order: list[Var]) -> dict[Var, int]:
    """For each variable the mask of those that hold another value while it is alive."""
    facts = liveness(fn)
    bits = {var: 1 << k for k, var in enumerate(order)}
    overlaps: dict[Var, int] = dict.fromkeys(order, 0)
    # Only variables of one base can become one. Liveness numbers them in an order of its own.
    of_bit = {bit: var for var, bit in facts.bits.items()}
    relatives: dict[str, int] = {}
    for var, bit in facts.bits.items():
        relatives[var.base] = relatives.get(var.base, 0) | bit

    def bind(var: Var, alive: int, together: tuple[Var, ...], copied: Expr | None) -> None:
        near = alive & relatives.get(var.base, 0)
        while near:
            bit = near & -near
            near ^= bit
            if (other := of_bit[bit]) not in (var, copied):
                overlaps[var] |= bits[other]
                overlaps[other] |= bits[var]
        for other in together:
            if same_name(other, var) and other != var:
                overlaps[var] |= bits[other]

    entry = tuple(p.var for p in fn.params)
    for var in entry:
        bind(var, facts.before[0] if facts.before else 0, entry, None)
    for number, stmt in enumerate(statements(fn)):
        targets = bound(stmt)
        copied = stmt.value if isinstance(stmt, Assign) and isinstance(stmt.value, Var) else None
        for var in targets:
            bind(var, facts.at_binding[number], targets, copied)
    return overlaps


def _alike(a: Type | None, b: Type | None) -> bool:
    match a, b:
        case Array(), Array():
            return a.dtype == b.dtype and a.ndim == b.ndim
        case Scalar(), Scalar():
            return a.dtype == b.dtype
        case (ListOf(), None | Unknown()) | (None | Unknown(), ListOf()):
            return True
        case ListOf(x), ListOf(y):
            return Unknown() in (x, y) or _alike(x, y)
        case _:
            return (a or UNKNOWN) == (b or UNKNOWN)


# --- what they are called ------------------------------------------------------------------------


def _names(
    fn: Function,
    classes: list[tuple[Var, ...]],
    recorded: Mapping[Var, Var],
    called: Mapping[Var, Var],
) -> dict[Var, Var]:
    """What each variable is called; the records of ``t_2`` are ``t_saved_2``, if that is free."""
    params = {p.var for p in fn.params}
    names: dict[Var, Var] = {}
    taken = _global_names(fn) | {v.name for v in params}
    renumbered: list[tuple[Var, ...]] = []
    records: list[tuple[Var, ...]] = []
    for members in classes:
        given = next((called[v] for v in members if v in called), None)
        if given is not None and given.name not in taken and params.isdisjoint(members):
            taken.add(given.name)
            names.update(dict.fromkeys(members, given))
    for members in classes:
        if members[0] in names:
            continue
        if members[0] in recorded:
            records.append(members)
            continue
        fixed = next((v for v in members if v in params), None)
        if fixed is None and members[0].n == 0 and members[0].name not in taken:
            fixed = members[0]
        if fixed is None:
            renumbered.append(members)
        else:
            taken.add(fixed.name)
            names.update(dict.fromkeys(members, fixed))
    fresh = Names(taken)
    for members in renumbered:
        names.update(dict.fromkeys(members, fresh.fresh(members[0])))
    taken.update(v.name for v in names.values())
    others: list[tuple[Var, ...]] = []
    for members in records:
        name = replace(members[0], n=names[recorded[members[0]]].n)
        if name.name in taken:
            others.append(members)
        else:
            taken.add(name.name)
            names.update(dict.fromkeys(members, name))
    fresh.reserve(taken)
    for members in others:
        names.update(dict.fromkeys(members, fresh.fresh(members[0])))
    return names


def _global_names(fn: Function) -> set[str]:
    """The names under which ``fn`` reaches what is not its own."""
    names = {capture.name for capture in fn.captures} | {fn.name}
    for stmt in statements(fn):
        _collect_roots(expressions(stmt), names)
    return names


def _collect_roots(exprs: tuple[Expr, ...], names: set[str]) -> None:
    for expr in exprs:
        if isinstance(expr, Ref):
            names.add(expr.path.partition(".")[0])
        elif type(expr) not in ATOMIC:
            _collect_roots(parts(expr), names)


# --- rewriting -----------------------------------------------------------------------------------

# The stubs leave the types of some of these functions open.
_op: Any = operator
_IN_PLACE = frozenset[object]({_op.add, _op.sub, _op.mul, _op.truediv, _op.floordiv})
_COMMUTATIVE = frozenset[object]({_op.add, _op.mul})
_UNEQUAL: Ref = Ref("operator.ne", _op.ne)


class _Renaming:
    def __init__(
        self, names: Mapping[Var, Var], numbers: frozenset[Var], types: Mapping[Var, Type]
    ) -> None:
        self._names = names
        self._numbers = numbers
        self._types = types

    def block(self, block: Block) -> Block:
        return tuple(new for stmt in block for new in self._statement(stmt))

    def _expr(self, expr: Expr) -> Expr:
        return self._names[expr] if isinstance(expr, Var) else map_expr(expr, self._expr)

    def _statement(self, stmt: Stmt) -> Iterator[Stmt]:
        if isinstance(stmt, Store):
            stmt = as_update(stmt, self._types)
        stmt = map_stmt(stmt, self._expr, self.block)
        match stmt:
            case Assign(target, value):
                target = self._expr(target)
                assert isinstance(target, (Var, Tuple))
                if target != value:
                    yield self._in_place(Assign(target, value, stmt.origin))
            case Unpack(targets, _):
                names = tuple(None if t is None else self._names[t] for t in targets)
                yield remade(stmt, targets=names)
            case For(target, _, _, _):
                target = self._expr(target)
                assert isinstance(target, (Var, Tuple))
                yield changed(stmt, target=target)
            case If(Var(), (), ()):
                pass
            case If():
                stmt = _turned_round(stmt)
                yield changed(stmt, test=self._plainly(stmt.test))
            case _:
                yield stmt

    def _plainly(self, test: Expr) -> Expr:
        """``c`` for ``not not c``, and of numbers ``a != b`` for ``not a == b``."""
        match test:
            case Call(fn, (Call(inner, (x,), ()),), ()) if fn == inner == NOT:
                return self._plainly(x)
            case Call(fn, (Call(Ref(_, compare), (a, b), ()) as equal,), ()) if (
                fn == NOT and compare is _op.eq and self._is_number(a) and self._is_number(b)
            ):
                return replace(equal, fn=_UNEQUAL)
            case _:
                return test

    def _is_number(self, expr: Expr) -> bool:
        if isinstance(expr, Const):
            return isinstance(expr.value, int | float)
        return isinstance(expr, Var) and expr in self._numbers

    def _in_place(self, stmt: Assign) -> Stmt:
        """``x = x + e`` as ``x += e`` for a number: for an array that would mean something else."""
        match stmt:
            case Assign(Var() as x, Call(Ref() as op, (left, right), ())) if x in self._numbers:
                if left == x and among(op.value, _IN_PLACE):
                    return AugAssign(x, None, op, right, origin=stmt.origin)
                if right == x and among(op.value, _COMMUTATIVE):
                    return AugAssign(x, None, op, left, origin=stmt.origin)
            case _:
                pass
        return stmt


def _turned_round(stmt: If) -> If:
    """``if not c: b`` for ``if c: pass`` ``else: b``, and ``if c: b else: a`` for that on not c."""
    test, then, orelse = stmt.test, stmt.then, stmt.orelse
    if not orelse or (len(orelse) == 1 and isinstance(orelse[0], If) and then):
        return stmt  # what reads as `elif` stays
    match test:
        case Call(fn, (opposite,), ()) if fn == NOT:
            return replace(stmt, test=opposite, then=orelse, orelse=then)
        case _ if then:
            return stmt
        case _:
            return replace(stmt, test=Call(NOT, (test,)), then=orelse, orelse=())
