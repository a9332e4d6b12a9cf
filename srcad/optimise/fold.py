"""Folding: simpler calls for the same values, and branches that are known."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from srcad.analysis.indices import is_basic_index
from srcad.analysis.memory import Memory, memory_of
from srcad.ir.names import Names
from srcad.ir.naming import is_adjoint, is_nameless, is_users
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    Function,
    If,
    List,
    Note,
    Origin,
    Ref,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.rebuild import changed, remade
from srcad.ir.refs import ADD, ADD_AT, ARANGE, GETITEM, SUB
from srcad.ir.walk import assigned_call, mention_counts, statements, variables
from srcad.optimise.algebra import Algebra
from srcad.optimise.available import NO_FACTS, Available, Merges
from srcad.optimise.placed import filled_arrays
from srcad.optimise.read_counts import ReadCounts
from srcad.optimise.recorded import recorded_values
from srcad.optimise.shifts import Shifts, is_share
from srcad.types.lattice import UNKNOWN, Array, FixedList, Scalar, TupleOf, Type, same_shape
from srcad.types.operands import expression_type, operand_type

__all__ = ["fold_calls", "fold_typed"]


def fold_calls(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """Simplify calls by algebra that keeps values, types, shapes and dtypes.

    Accepts and returns normal IR: ``1 * x`` becomes ``x``, ``a + (-b)`` becomes ``a - b``,
    ``x ** 2`` becomes ``x * x``, like terms of adjoints are joined, literals are computed, items
    of a known tuple are read directly, an ``if`` on a literal becomes its branch.
    `srcad.optimise.algebra` lists them all.
    """
    return fold_typed(fn, types, memory)[0]


def fold_typed(
    fn: Function,
    types: Mapping[Var, Type],
    memory: Memory | None = None,
    given: Mapping[Var, Call] = NO_FACTS,
) -> tuple[Function, Mapping[Var, Type]]:
    """`fold_calls`, and ``types`` with those of the temporaries that it makes.

    Some parameters may be ``given`` as values of calls on others.
    """
    if memory is None:
        memory = memory_of(fn, types)
    run = _Fold(fn, types, memory, given)
    body = run.known.walk(fn.body, run.visit)
    return (fn if body is fn.body else replace(fn, body=body)), run.types


_DEPTH: Final = 3
_OPPOSITE: Final[Mapping[object, Ref]] = {ADD.value: SUB, SUB.value: ADD}


def _shares(fn: Function) -> Mapping[Var, Stmt]:
    """The statements that make shares of items in the adjoint of a maximum."""
    calls = [(s, made) for s in statements(fn) if (made := assigned_call(s)) is not None]
    return {target: s for s, (target, call) in calls if is_share(call)}


class _Fold:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        memory: Memory,
        given: Mapping[Var, Call],
    ) -> None:
        self.fn = fn
        self.types = dict(types)
        self.known = Available(memory, self.types, given, recorded_values(fn, memory))
        self.merges = Merges(memory)
        shares = _shares(fn)
        filled = filled_arrays(fn, memory, shares) if shares else {}
        shifts = Shifts(self.types, self.known, filled)
        self._reads = ReadCounts(fn)
        self.algebra = Algebra(self.types, self.known, self._reads.once, self._reads.few, shifts)
        self._names: Names | None = None
        self.algebra.factors.in_backward = any(is_adjoint(p.var) for p in fn.params)

    def visit(self, stmt: Stmt) -> Block:
        match stmt:
            case Assign(value=Call() as call) if isinstance(stmt.target, Var):
                return self._assign(stmt, stmt.target, call)
            case AugAssign(_, _, Ref(_, op)):
                stmt = self._taken(stmt)
                opposite = _OPPOSITE.get(op)
                if opposite is not None and self._adds_nothing(stmt):
                    return ()
                return (stmt,) if opposite is None else self._added(stmt, stmt.value, opposite)
            case Do(Call(fn, (Var() as x, i, v), ())) if fn == ADD_AT and self._are_apart(i):
                stmt = self._taken(AugAssign(x, i, ADD, v, stmt.origin))
                return self._added(stmt, stmt.value, SUB)
            case Assign(Var() as target, List() | Tuple() as made):
                whole = self._whole(made)
                if whole is None or not self._may_be_one(target, whole):
                    return (stmt,)
                return (replace(stmt, value=whole),)
            case Unpack(targets, value):
                items = self._items(value)
                if items is None or not _in_turn(targets, items):
                    return (stmt,)
                pairs = zip(targets, items, strict=True)
                return tuple(Assign(t, x, stmt.origin) for t, x in pairs if t is not None)
            case Store(Var() as obj, Const(value=builtins.Ellipsis)) if not is_users(obj):
                return (self._stored(stmt, self.known.value.get(obj)),)
            case If(test, then, orelse) if (literal := self._literal(test)) is not None:
                return then if literal.value else orelse
            case Note("backward"):
                self.algebra.factors.in_backward = True
                return (stmt,)
            case _:
                return (stmt,)

    def _stored(self, stmt: Store, place: Expr | None) -> Store:
        """``x[i] = v`` for ``x[i][...] = v``, of an array ``x`` of which ``x[i]`` is a view."""
        match place:
            case Call(fn, (Var() as x, index), ()) if fn == GETITEM and not is_nameless(x):
                whole, part = (operand_type(e, self.types) for e in (x, stmt.obj))
                arrays = isinstance(whole, Array) and isinstance(part, Array) and part.ndim > 0
                if arrays and is_basic_index(index, self.types) is True:
                    return replace(stmt, obj=x, index=index)
            case _:
                pass
        return stmt

    def _items(self, value: Expr) -> tuple[Expr, ...] | None:
        """The items of a tuple that is written out, here or where it is made."""
        if isinstance(value, Var):
            value = self.known.value.get(value, value)
        return value.items if isinstance(value, Tuple) else None

    def _taken(self, stmt: AugAssign) -> AugAssign:
        """``a += b`` for ``a += b.copy()``, as NumPy minds overlaps.

        Also for ``a += 1.0 * b``, ``a += b[None]`` and ``a += np.broadcast_to(b, a.shape)``.
        """
        t = self.types.get(stmt.obj, UNKNOWN) if isinstance(stmt.obj, Var) else UNKNOWN
        if not isinstance(t, Array):
            return stmt
        plain = self.algebra.copies.copied(stmt.value) or self._spread(stmt.value)
        if plain is None and t.dtype.kind in "fc":
            plain = self.algebra.copies.once_over(stmt.value)
        if plain is None and stmt.index is None:
            plain = self.algebra.axes.without_first(stmt.value, t.ndim)
        return stmt if plain is None else replace(stmt, value=plain)

    def _spread(self, x: Expr) -> Expr | None:
        """What ``x`` is broadcast from: so it is where it is added."""
        match self.known.value.get(x) if isinstance(x, Var) else None:
            case Call(Ref(_, fn), (part, _), ()) if fn is np.broadcast_to:
                return part
            case _:
                return None

    def _adds_nothing(self, stmt: AugAssign) -> bool:
        """Whether an array is what it was; a number might become an array of zeros."""
        is_array = isinstance(stmt.obj, Var) and isinstance(self.types.get(stmt.obj), Array)
        return is_array and self.algebra.shifts.is_nothing(stmt.value)

    def _are_apart(self, index: Expr) -> bool:
        """Whether ``index``, one of ``np.arange(n)`` and others beside it, picks no item twice."""
        if isinstance(index, Var):
            index = self.known.value.get(index, index)
        counted: Type = UNKNOWN
        others: list[Array] = []
        for part in index.items if isinstance(index, Tuple) else (index,):
            t = operand_type(part, self.types)
            if not isinstance(t, (Array, Scalar)) or t.dtype.kind not in "iu":
                return False
            if isinstance(t, Array):
                made = self.known.value.get(part) if isinstance(part, Var) else None
                if isinstance(made, Call) and made.fn == ARANGE and len(made.args) == 1:
                    counted = t
                others.append(t)
        # Beside a longer one `np.arange(1)` picks a row many times.
        return all(same_shape(t, counted) for t in others)

    def _added(self, stmt: AugAssign, value: Expr, op: Ref) -> Block:
        """``x -= e`` for ``x += -e``, and the other way round."""
        opposite = self.algebra.signs.opposite(value)
        if opposite is None:
            return (stmt,)
        opposite = self._spread(opposite) or opposite
        before: list[Stmt] = []
        if isinstance(opposite, Call):
            made = self._flat(opposite, stmt.origin, before)
            opposite = self._fresh(made)
            before.append(Assign(opposite, made, _uncommented(stmt.origin)))
        return (*before, replace(stmt, op=op, value=opposite))

    def _whole(self, made: List | Tuple) -> Var | None:
        """The list or tuple that ``made`` consists of, item by item."""
        taken = [self.known.value.get(x) if isinstance(x, Var) else None for x in made.items]
        match taken[:1]:
            case [Call(Ref(_, fn), (Var() as whole, Const()))] if fn is operator.getitem:
                pass
            case _:
                return None
        kind = FixedList if isinstance(made, List) else TupleOf
        t = self.types.get(whole, UNKNOWN)
        if not (isinstance(t, kind) and len(t.items) == len(taken)):
            return None
        items = (Call(GETITEM, (whole, Const(i))) for i in range(len(taken)))
        return whole if all(x == item for x, item in zip(taken, items, strict=True)) else None

    def _may_be_one(self, made: Var, whole: Var) -> bool:
        """Whether nobody can tell two containers of the same items from one."""
        memory = self.known.memory
        roots = {memory.root(made), memory.root(whole)}
        lasting = memory.escaping | memory.outside
        return roots.isdisjoint(memory.mutated) and memory.root(whole) not in lasting

    def _literal(self, test: Expr) -> Const | None:
        if isinstance(test, Const):
            return test
        value = self.known.value.get(test) if isinstance(test, Var) else None
        return value if isinstance(value, Const) else None

    def _assign(self, stmt: Assign, target: Var, call: Call) -> Block:
        value: Expr = call
        seen: list[Expr] = [call]  # two forms may each be the other's simpler one
        while isinstance(value, Call) and not _is_nested(value):
            simpler = self.algebra.simplify(value, target)
            if simpler is None:
                break
            new = simpler.value
            if isinstance(new, Var) and not (simpler.shares or self.merges.allow(target, new)):
                own = self.algebra.copies.own(target, new)
                if own is not None and own != value:
                    value = own
                break
            if new in seen and (new != value or _spelling(new) == _spelling(value)):
                break
            seen.append(new)
            value = new
        if value is call:
            return (stmt,)
        before: list[Stmt] = []
        if isinstance(value, Call):
            value = self._flat(value, stmt.origin, before)
        return (*before, remade(stmt, value=value))

    # --- new temporaries -------------------------------------------------------------------------

    def _flat(
        self, call: Call, origin: Origin | None, before: list[Stmt], depth: int = _DEPTH
    ) -> Call:
        """``call`` in three-address form, with what it needs first appended to ``before``.

        Its operands are simplified as well, to a ``depth`` that ends what would go in circles.
        """
        plain = _uncommented(origin)

        def operand(arg: Expr) -> Expr:
            if not isinstance(arg, Call):
                return arg
            made = self._flat(arg, origin, before, depth)
            simpler = self.algebra.simplify(made) if depth else None
            if simpler is not None:
                if not isinstance(simpler.value, Call):
                    return simpler.value
                made = self._flat(simpler.value, origin, before, depth - 1)
            var = self._fresh(made)
            before.append(Assign(var, made, plain))
            return var

        return changed(call, args=tuple(map(operand, call.args)))

    def _fresh(self, made: Call) -> Var:
        if self._names is None:
            self._names = Names(p.var.name for p in self.fn.params)
            self._names.reserve(v.name for v in mention_counts(self.fn.body))
        var = self._names.fresh("t")
        self._reads.made(var)
        # Also where it is unknown: a variable of that name may have been dropped before.
        self.types[var] = expression_type(made, self.types)
        return var


def _spelling(value: Expr) -> str:
    return value.spell if isinstance(value, Call) else ""


def _uncommented(origin: Origin | None) -> Origin | None:
    """``origin`` without comments: these are printed once, with the statement itself."""
    return None if origin is None else origin.bare


def _is_nested(call: Call) -> bool:
    return Call in map(type, call.args)


def _in_turn(targets: tuple[Var | None, ...], items: tuple[Expr, ...]) -> bool:
    """Whether assigning one by one is the same as assigning all at once."""
    if len(targets) != len(items):
        return False
    made: set[Var] = set()
    for target, item in zip(targets, items, strict=True):
        if not made.isdisjoint(variables(item)):
            return False
        if target is not None:
            made.add(target)
    return True
