"""Records in arrays: a list that grows by one number a turn costs Numba three times an array.

Where the loop's trip count is known beforehand, turn ``i`` writes item ``i`` of an array of that
length. Elsewhere the array doubles when it is full. Only the records that srcad made are rewritten:
each is popped as often as it was appended to, so no item is read that was not written.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from srcad.backends.numba.draft import Draft, call, plus
from srcad.ir.nodes import (
    Assign,
    Block,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Ref,
    Stmt,
    Store,
    Tuple,
    Var,
    While,
)
from srcad.ir.rebuild import map_stmt
from srcad.ir.refs import LIST_APPEND, LIST_POP
from srcad.ir.walk import blocks, bound, may_break, statements, used
from srcad.types.lattice import BOOL, Array, Scalar, Sym, Type, join_all

__all__ = ["Uses", "record_uses", "store_in_arrays"]

_FIRST_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """A statement, and the block it stands in with the loop or branch around that, outwards."""

    stmt: Stmt
    block: Block
    around: tuple[tuple[Stmt, Block], ...]


@dataclass(slots=True)
class Uses:
    """Where a list is made, appended to, popped and asked whether it is empty."""

    made: list[Place] = field(default_factory=list[Place])
    pushed: list[Place] = field(default_factory=list[Place])
    popped: list[Place] = field(default_factory=list[Place])
    tested: list[Place] = field(default_factory=list[Place])
    escapes: bool = False


def store_in_arrays(fn: Function, draft: Draft, users: frozenset[str]) -> Function:
    """Keep the records of numbers in arrays.

    Accepts and returns normal IR. Lists named as in ``users``, and lists that are used for anything
    but append and pop, stay what they are.
    """
    found = record_uses(fn.body)
    rewriting = _Rewriting(draft, frozenset(v for s in statements(fn) for v in used(s)))
    groups: dict[tuple[int, ...], list[Var]] = {}
    for var, uses in found.items():
        t = _item_type(uses, draft)
        if uses.escapes or var.name in users or len(uses.made) != 1 or t is None:
            continue
        if not uses.pushed or not uses.popped:
            continue
        rewriting.items[var] = t
        if not rewriting.by_turn(var, uses):
            groups.setdefault(_group(var, uses), []).append(var)
    for members in groups.values():
        rewriting.by_count(members, found)
    return replace(fn, body=rewriting.block(fn.body)) if rewriting.items else fn


def record_uses(body: Block) -> dict[Var, Uses]:
    """The lists that ``body`` makes empty, and all that it does with them."""
    found: dict[Var, Uses] = {}
    for place in _places(body, ()):
        match place.stmt:
            case Assign(Var() as var, List(())):
                found.setdefault(var, Uses()).made.append(place)
                continue
            case Do(Call(Ref(_, f), (Var() as var, item))) if f is LIST_APPEND:
                found.setdefault(var, Uses()).pushed.append(place)
                reads = [item] if isinstance(item, Var) else []
            case Assign(Var(), Call(Ref(_, f), (Var() as var,))) if f is LIST_POP:
                found.setdefault(var, Uses()).popped.append(place)
                reads = []
            case While((), Var() as var, _, ()):
                found.setdefault(var, Uses()).tested.append(place)
                reads = []
            case stmt:
                reads = list(used(stmt))
        for var in (*reads, *bound(place.stmt)):
            found.setdefault(var, Uses()).escapes = True
    return {var: uses for var, uses in found.items() if uses.made}


def _places(block: Block, around: tuple[tuple[Stmt, Block], ...]) -> Iterator[Place]:
    for stmt in block:
        yield Place(stmt, block, around)
        for inner in blocks(stmt):
            yield from _places(inner, ((stmt, block), *around))


def _item_type(uses: Uses, draft: Draft) -> Type | None:
    """The type of what is recorded, if it is a number."""
    types: list[Type] = []
    for place in uses.pushed:
        assert isinstance(place.stmt, Do)
        assert isinstance(place.stmt.call, Call)
        types.append(draft.type_of(place.stmt.call.args[1]))
    t = join_all(tuple(types))
    return t if isinstance(t, Scalar) and t.dtype.kind in "fciub" else None


def _group(var: Var, uses: Uses) -> tuple[int, ...]:
    """Equal for records that are as long as each other at all times, so that one count does."""
    if len(uses.pushed) == len(uses.popped) == 1:
        return tuple(id(p.block) for p in (uses.made[0], uses.pushed[0], uses.popped[0]))
    return (id(uses),)


class _Rewriting:
    """The replacement of each statement that touches a record."""

    def __init__(self, draft: Draft, read: frozenset[Var]) -> None:
        self.draft = draft
        self._read_vars = read
        self.items: dict[Var, Type] = {}
        self._instead: dict[int, tuple[Stmt, ...]] = {}
        self._targets: dict[int, Var] = {}
        self._tests: dict[int, Var] = {}

    def block(self, block: Block) -> Block:
        """``block`` with everything replaced."""
        out: list[Stmt] = []
        for stmt in block:
            if id(stmt) in self._instead:
                out += self._instead[id(stmt)]
                continue
            new = map_stmt(stmt, _same, self.block)
            if isinstance(new, For) and id(stmt) in self._targets:
                new = replace(new, target=self._targets[id(stmt)])
            if isinstance(new, While) and id(stmt) in self._tests:
                test = self.draft.fresh("t", BOOL)
                more = call(operator.gt, "operator.gt", self._tests[id(stmt)], Const(0))
                new = replace(new, header=(Assign(test, more),), test=test)
            out.append(new)
        return tuple(out)

    # --- one item for each turn of a loop

    def by_turn(self, var: Var, uses: Uses) -> bool:
        """Index ``var`` by the turn of its loops; ``False`` if they have no number known before."""
        if len(uses.pushed) != 1 or len(uses.popped) != 1 or uses.tested:
            return False
        made, push, pop = uses.made[0], uses.pushed[0], uses.popped[0]
        first, second = _loop_of(push, made.block), _loop_of(pop, made.block)
        if first is None or second is None:
            return False
        run = _same_run(first, second)
        places = [next(i for i, s in enumerate(made.block) if s is x) for x in (first, second)]
        between = made.block[places[0] : places[1] + 1]
        if run is None or _binds(between, {v for v in run if isinstance(v, Var)}):
            return False
        start, stop = run
        head: list[Stmt] = []
        span = stop if start == Const(0) else self.draft.temp(_difference(stop, start), head)
        size = self._not_negative(span, head)
        self._instead[id(made.stmt)] = (*head, self._empty(var, size, made.stmt))
        at = self._at(first, start)
        self._instead[id(push.stmt)] = (*at[0], self._write(var, push.stmt, at[1]))
        at = self._at(second, start)
        self._instead[id(pop.stmt)] = (*at[0], self._read(var, pop.stmt, at[1]))
        return True

    def _not_negative(self, span: Expr, head: list[Stmt]) -> Expr:
        match span, self.draft.type_of(span):
            case Const(int(n)), _:
                return Const(max(n, 0))
            case _, Scalar(known=Sym(minus=0)):
                return span
            case _:
                return self.draft.temp(call(max, "max", span, Const(0)), head)

    def _at(self, loop: For, start: Expr) -> tuple[list[Stmt], Var]:
        """The number of the loop's turn."""
        assert isinstance(loop.target, Var)
        turn = self._targets.get(id(loop), loop.target)
        if turn.base.strip("_") == "" and turn not in self._read_vars:
            turn = self._targets[id(loop)] = self.draft.fresh("k")
        if start == Const(0):
            return [], turn
        head: list[Stmt] = []
        return head, self.draft.temp(_difference(turn, start), head)

    # --- a count beside the array

    def by_count(self, members: list[Var], found: Mapping[Var, Uses]) -> None:
        """Keep ``members``, which are always of one length, with a count of their items."""
        count = self.draft.fresh("n_saved")
        uses = [found[v] for v in members]
        first = _in_order([u.made[0] for u in uses])[0]
        head: list[Stmt] = []
        most = self._most(uses[0], first, head)
        size = Const(_FIRST_LENGTH) if most is None else most
        pairs = list(zip(members, uses, strict=True))
        for var, u in pairs:
            made = u.made[0].stmt
            self._instead[id(made)] = (self._empty(var, size, made),)
            for place in u.pushed:
                self._instead[id(place.stmt)] = (self._write(var, place.stmt, count),)
            for place in u.popped:
                self._instead[id(place.stmt)] = (self._read(var, place.stmt, count),)
            for place in u.tested:
                self._tests[id(place.stmt)] = count
        self._instead[id(first)] = (*head, Assign(count, Const(0)), *self._instead[id(first)])
        one_each = len(members) > 1
        pushes = [u.pushed for u in uses] if one_each else [[p] for p in uses[0].pushed]
        pops = [u.popped for u in uses] if one_each else [[p] for p in uses[0].popped]
        for places in [[p for ps in pushes for p in ps]] if one_each else pushes:
            order = _in_order(places)
            room = self._room(count, members) if most is None else ()
            self._instead[id(order[0])] = (*room, *self._instead[id(order[0])])
            self._instead[id(order[-1])] = (*self._instead[id(order[-1])], plus(count, 1))
        for places in [[p for ps in pops for p in ps]] if one_each else pops:
            last = _in_order(places)[0]
            self._instead[id(last)] = (plus(count, -1), *self._instead[id(last)])

    def _most(self, uses: Uses, first: Stmt, head: list[Stmt]) -> Expr | None:
        """How many items there can be at most, if the loops around tell that before they run."""
        block = uses.made[0].block
        if len(uses.pushed) != 1:
            return None
        after = block[next(i for i, s in enumerate(block) if s is first) :]
        trips: list[Expr] = []
        for loop, outside in uses.pushed[0].around:
            if isinstance(loop, For):
                trip = None if may_break(loop.body) else self._trips(loop.iter, after, head)
                if trip is None:
                    return None
                trips.append(trip)
            elif isinstance(loop, While):
                return None
            if outside is block:
                break
        size: Expr = Const(1)
        for trip in reversed(trips):
            product = call(operator.mul, "operator.mul", size, trip)
            size = trip if size == Const(1) else self.draft.temp(product, head)
        return size

    def _trips(self, run: Expr, after: Block, head: list[Stmt]) -> Expr | None:
        """The length of ``run``, if nothing of ``after`` changes it."""
        match run:
            case Call(Ref(_, f), args) if f is range and 0 < len(args) < 3:
                if _binds(after, {v for v in args if isinstance(v, Var)}):
                    return None
                span = args[-1]
                if len(args) > 1:
                    span = self.draft.temp(_difference(span, args[0]), head)
                return self._not_negative(span, head)
            case Call(Ref(_, f), (inner,)) if f is enumerate or f is reversed:
                return self._trips(inner, after, head)
            case Call(Ref(_, f), (inner, *_)) if f is zip:
                return self._trips(inner, after, head)
            case Var() if isinstance(self.draft.type_of(run), Array) and not _binds(after, {run}):
                return self.draft.temp(call(len, "len", run), head)
            case _:
                return None

    def _room(self, count: Var, members: list[Var]) -> Block:
        size, full = self.draft.fresh("t"), self.draft.fresh("t", BOOL)
        longer = tuple(
            Assign(v, call(np.concatenate, "np.concatenate", Tuple((v, v)))) for v in members
        )
        return (
            Assign(size, call(len, "len", members[0])),
            Assign(full, call(operator.eq, "operator.eq", count, size)),
            If(full, longer),
        )

    # --- the statements themselves

    def _empty(self, var: Var, size: Expr, made: Stmt) -> Stmt:
        t = self.items[var]
        assert isinstance(t, Scalar)
        self.draft.types[var] = Array(t.dtype, (None,))
        kwargs: tuple[tuple[str, Expr], ...] = ()
        if t.dtype != np.float64:
            kwargs = (("dtype", Ref(f"np.{t.dtype.type.__name__}", t.dtype.type)),)
        return Assign(var, Call(Ref("np.empty", np.empty), (size,), kwargs), made.origin)

    def _write(self, var: Var, push: Stmt, at: Var) -> Stmt:
        assert isinstance(push, Do)
        assert isinstance(push.call, Call)
        return Store(var, at, push.call.args[1], push.origin)

    def _read(self, var: Var, pop: Stmt, at: Var) -> Stmt:
        assert isinstance(pop, Assign)
        return replace(pop, value=call(operator.getitem, "operator.getitem", var, at))


def _loop_of(place: Place, block: Block) -> For | None:
    """The loop of ``block`` that runs ``place`` once in each of its turns."""
    if not place.around:
        return None
    loop, outside = place.around[0]
    if outside is not block or not isinstance(loop, For) or loop.orelse or may_break(loop.body):
        return None
    if not isinstance(loop.target, Var) or _binds(loop.body, {loop.target}):
        return None
    return loop


def _same_run(first: For, second: For) -> tuple[Expr, Expr] | None:
    """Start and stop, if ``second`` runs through the range of ``first`` backwards, by ones."""
    match second.iter:
        case Call(Ref(_, f), (inner,)) if f is reversed and inner == first.iter:
            pass
        case _:
            return None
    match first.iter:
        case Call(Ref(_, f), (stop,)) if f is range:
            return Const(0), stop
        case Call(Ref(_, f), (start, stop)) if f is range:
            return start, stop
        case _:
            return None


def _binds(block: Block, variables: set[Var]) -> bool:
    return any(v in variables for s in statements(block) for v in bound(s))


def _difference(a: Expr, b: Expr) -> Call:
    return call(operator.sub, "operator.sub", a, b)


def _in_order(places: list[Place]) -> list[Stmt]:
    """The statements of ``places``, which are in one block, as they follow each other there."""
    chosen = {id(p.stmt) for p in places}
    return [s for s in places[0].block if id(s) in chosen]


def _same(expr: Expr) -> Expr:
    return expr
