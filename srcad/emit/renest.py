"""Put temporaries back into the expressions that use them.

Accepts normal IR. What comes out means exactly the same and reads as written by hand: nested
expressions, ``and``, ``or`` and conditional expressions, plain ``while`` tests, patterns as loop
targets. It is no longer in normal form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from srcad.analysis.memory import Memory
from srcad.emit.order import ARRAYS, NOTHING, WORLD, Effect, Effects, evaluation_order
from srcad.emit.patterns import conditional, counted, loop_target, unused_name
from srcad.emit.widths import target_width, width_of, written_rows
from srcad.ir.naming import is_nameless, is_temporary
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    BoolOp,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    IfExp,
    Note,
    Origin,
    Ref,
    Stmt,
    Store,
    Var,
    While,
)
from srcad.ir.rebuild import changed, map_stmt, substituted
from srcad.ir.refs import GETITEM
from srcad.ir.walk import bound, expressions, statements, used, variables
from srcad.types.lattice import Scalar, Type

__all__ = ["renest"]

_WIDTH = 92
_ROW_MARGIN = 16  # a matrix that is written out has its rows on lines of their own, further in
_NO_TYPES: Mapping[Var, Type] = MappingProxyType({})


def renest(
    fn: Function,
    types: Mapping[Var, Type] = _NO_TYPES,
    memory: Memory | None = None,
    *,
    is_temp: Callable[[Var], bool] = is_temporary,
) -> Function:
    """Put the definition of each temporary that is used once into its use, where that is safe.

    A definition moves only within its block, past nothing that binds a variable it reads or writes
    to memory it may read, and never past or into what is evaluated conditionally.

    Parameters
    ----------
    fn : Function
        A function in normal form.
    types : Mapping
        The types of variables, where known: of a number it is known that nothing can mutate it.
    memory : Memory
        What may share memory in ``fn``, where known: a change of one array leaves others alone.
    is_temp : callable
        Which variables may be dissolved.

    Returns
    -------
    Function
        The same computation, nested.

    Examples
    --------
    >>> import operator
    >>> from srcad.ir.nodes import Param, Return, Source
    >>> from srcad.emit.text import render
    >>> x, t, y = Var("x"), Var("t", 0, True), Var("y")
    >>> square = Call(Ref("operator.mul", operator.mul), (x, x))
    >>> total = Call(Ref("operator.add", operator.add), (t, Const(1)))
    >>> body = (Assign(t, square), Assign(y, total), Return(y))
    >>> print(render(renest(Function("f", (Param(x),), body, Source("f.py", 1, "f")))).text, end="")
    def f(x):
        y = x * x + 1
        return y
    """
    nester = _Nester(fn, types, memory, is_temp)
    return replace(fn, body=nester.block(fn.body, 1))


@dataclass(frozen=True, slots=True)
class _Pending:
    """A definition that may still move to its use."""

    place: int
    expr: Expr
    reads: frozenset[Var]
    effect: Effect
    width: int


class _Nester:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        memory: Memory | None,
        is_temp: Callable[[Var], bool],
    ) -> None:
        self._effects = Effects(types)
        self._types = types
        self._memory = memory
        self._is_temp = is_temp
        self._unused = unused_name(fn)
        stmts = statements(fn)
        self._defined = Counter([p.var for p in fn.params] + [v for s in stmts for v in bound(s)])
        self._used = Counter([v for s in stmts for v in used(s)])

    def block(self, block: Block, depth: int) -> Block:
        """``block``, which stands ``depth`` levels deep, with its temporaries put back."""
        work = _Work(self, depth)
        for stmt in block:
            work.add(self._inside(stmt, depth))
        return work.result()

    def _inside(self, stmt: Stmt, depth: int) -> Stmt:
        """``stmt`` with its blocks nested."""
        match stmt:
            case If(test, then, orelse):
                then, orelse = self.block(then, depth + 1), self.block(orelse, depth + 1)
                return self._conditional(changed(stmt, then=then, orelse=orelse), depth)
            case For(target, iterable, body, orelse):
                body = self.block(body, depth + 1)
                orelse = self.block(orelse, depth + 1)
                if isinstance(target, Var) and not self._used[target]:
                    run = counted(iterable)
                    if run is not None:
                        turn = Var(self._unused)
                        return changed(stmt, target=turn, iter=run, body=body, orelse=orelse)
                pattern, rest = loop_target(target, body, self._dissolves, self._unused)
                return changed(stmt, target=pattern, body=rest, orelse=orelse)
            case While(header, test, body, orelse):
                # The test is evaluated where the header ends, as a last statement would be.
                *header, last = self.block((*header, Do(test)), depth + 1)
                assert isinstance(last, Do)
                body, orelse = self.block(body, depth + 1), self.block(orelse, depth + 1)
                return replace(stmt, header=tuple(header), test=last.call, body=body, orelse=orelse)
            case _:
                return stmt

    def _conditional(self, stmt: If, depth: int) -> Stmt:
        merged = conditional(stmt, self._is_temp)
        if merged is None or width_of(merged.value) > _WIDTH - 4 * depth:
            return stmt
        target = merged.target
        assert isinstance(target, Var)
        self._defined[target] -= 1
        return merged

    def _dissolves(self, var: Var) -> bool:
        return self._is_temp(var) and self._used[var] == 1 and self._defined[var] == 1

    # What a block in work asks.

    def is_temp(self, var: Var) -> bool:
        return self._is_temp(var)

    def may_move(self, var: Var) -> bool:
        return self._dissolves(var)

    def has_no_name(self, var: Var) -> bool:
        """Whether no name is lost if ``var`` is told apart from others that are called so."""
        return is_nameless(var) or (var.base == "t_bar" and self.may_move(var))

    def merged_tests(self, var: Var, test: Var) -> None:
        self._used[test] -= 1
        self._defined[var] -= 1

    def leaves_alone(self, stmt: Stmt, effect: Effect, var: Var, p: _Pending) -> bool:
        """Whether ``stmt`` changes arrays, and none that ``p``, the definition of ``var``, reads.

        What computes an array from others of the function's stays where it is: read later, they
        could not be written over in between. Sums are made step by step.
        """
        if self._memory is None or effect.writes != ARRAYS or p.effect.writes != NOTHING:
            return False
        if p.effect.reads & WORLD or any(v.base == var.base for v in p.reads if not is_nameless(v)):
            return False
        memory, objects = self._memory, [self._memory.objects(v) for v in p.reads]
        written = memory.touched(stmt)
        if not all(map(written.isdisjoint, objects)):
            return False
        is_part = isinstance(p.expr, Call) and p.expr.fn == GETITEM
        is_light = is_part or isinstance(self._types.get(var), Scalar)
        return is_light or all(memory.outside.issuperset(found) for found in objects)

    @property
    def effects(self) -> Effects:
        return self._effects


class _Work:
    """One block, statement by statement: what stands, and which definitions may still move."""

    def __init__(self, nester: _Nester, depth: int) -> None:
        self._nester = nester
        self._effects = nester.effects
        self._limit = _WIDTH - 4 * depth
        self._out: list[Stmt | None] = []
        self._pending: dict[Var, _Pending] = {}

    def result(self) -> Block:
        return tuple(stmt for stmt in self._out if stmt is not None)

    def add(self, stmt: Stmt) -> None:
        if isinstance(stmt, If):
            joined = self._joined(stmt)
            if joined is not None:
                stmt = joined
        if isinstance(stmt, Note):
            # What only the backward sweep uses belongs below its heading.
            self._out.append(stmt)
            return
        reading, read = self._effects.of_expressions(stmt), used(stmt)
        own = self._effects.of_statement(stmt) | reading
        filled, taken = self._filled(stmt, reading, read)
        moved = [self._pending.pop(var) for var in taken]
        for p in moved:
            self._out[p.place] = None
        self._out.append(filled)
        if isinstance(filled, (If, For, While)):
            self._pending.clear()
            return
        effect = own
        for p in moved:
            effect |= p.effect
        self._block_pending(stmt, filled, effect)
        if isinstance(filled, Assign) and isinstance(filled.target, Var):
            var, value = filled.target, filled.value
            if self._nester.may_move(var) and (width := width_of(value)) <= self._limit:
                known = frozenset(read).difference(taken).union(*(p.reads for p in moved))
                self._pending[var] = _Pending(len(self._out) - 1, value, known, effect, width)

    def _joined(self, stmt: If) -> Assign | None:
        """``t = a`` followed by ``if t: t = b`` as ``t = a and b``; likewise ``or``."""
        last = self._last()
        match last, stmt:
            case Assign(Var() as var, left), If(Var() as test, (Assign(target, right),), ()):
                op = "and"
            case Assign(Var() as var, left), If(Var() as test, (), (Assign(target, right),)):
                op = "or"
            case _:
                return None
        # Where the value is a variable, the test may ask that one instead.
        if var != target or test not in (var, left) or not self._nester.is_temp(var):
            return None
        if width_of(left) + width_of(right) > self._limit or var in variables(right):
            return None
        self._taken_back()
        self._nester.merged_tests(var, test)
        before = self._last()
        if test != var and isinstance(before, Assign) and before.target == test:
            self.add(self._taken_back())  # now that it is read once it may move
        return Assign(var, BoolOp(op, left, right), origin=last.origin)

    def _taken_back(self) -> Stmt:
        """The last statement, which stands there no more."""
        while (stmt := self._out.pop()) is None:
            pass
        return stmt

    def _last(self) -> Stmt | None:
        return next((stmt for stmt in reversed(self._out) if stmt is not None), None)

    def _block_pending(self, stmt: Stmt, filled: Stmt, effect: Effect) -> None:
        """Forget the definitions that may not move past ``filled``, once ``stmt``."""
        binds = bound(filled)
        if not self._pending or not (binds or effect.reads or effect.writes):
            return
        # A user's variable and its later versions are to have one name again. A reading of one that
        # moved past a binding of another would keep them apart.
        bases = {v.base for v in binds if not self._nester.has_no_name(v)}
        stay = [
            var
            for var, p in self._pending.items()
            if (p.effect.blocks(effect) and not self._nester.leaves_alone(stmt, effect, var, p))
            or any(v in binds or v.base in bases for v in p.reads)
        ]
        for var in stay:
            del self._pending[var]

    def _filled(self, stmt: Stmt, reading: Effect, read: Sequence[Var]) -> tuple[Stmt, list[Var]]:
        """``stmt`` with the definitions put in that may move there, and their variables."""
        if self._pending.keys().isdisjoint(read):
            return stmt, []
        taken = self._taken(stmt, reading)
        if not taken:
            return stmt, []
        definitions = {var: self._pending[var].expr for var in taken}
        filled = map_stmt(stmt, lambda e: substituted(e, definitions))
        if filled.origin is None:
            filled = replace(filled, origin=_origin(self._out, self._pending, taken))
        return filled, taken

    def _taken(self, stmt: Stmt, reading: Effect) -> list[Var]:
        accepted: list[Var] = []
        exprs = expressions(stmt)
        width = sum(map(width_of, exprs)) + target_width(stmt)
        rows = {v: row for row in written_rows(exprs) for v in variables(row)}
        wide = {row: width_of(row) for row in rows.values()} if rows else {}
        if not any(map(_nests, exprs)):
            # What its one call does comes after all that it reads, as does a store.
            reading = Effect()
        for var in _uses(stmt):
            p = self._pending.get(var)
            if p is None:
                continue
            later = (self._pending[v] for v in accepted if self._pending[v].place > p.place)
            row = rows.get(var)
            in_row = row is not None and wide[row] + p.width <= self._limit - _ROW_MARGIN
            if (
                (width + p.width <= self._limit or in_row)
                and not reading.blocks(p.effect)
                and not any(q.effect.blocks(p.effect) for q in later)
                and not self._is_read_before(stmt, var, p)
            ):
                accepted.append(var)
                width += p.width
                if row is not None:
                    wide[row] += p.width
        return accepted

    def _is_read_before(self, stmt: Stmt, var: Var, p: _Pending) -> bool:
        """Whether ``stmt`` reads an element before it evaluates ``var``, as in ``x[i] += var``."""
        match stmt:
            case AugAssign(_, index, _, value) if index is not None and var in variables(value):
                return self._effects.of_statement(stmt).blocks(Effect(0, p.effect.writes))
            case _:
                return False


def _uses(stmt: Stmt) -> Iterator[Var]:
    """The variables whose definition may be put into ``stmt``, as they are evaluated."""
    match stmt:
        case AugAssign(_, None, _, value):
            # In `x += e` the object must stay a name: `a[i] += e` would store it as well.
            yield from _unconditional(value)
        case AugAssign(obj, index, _, value):
            yield from _place(obj)
            yield from _unconditional(index) if index is not None else ()
            yield from _unconditional(value)
        case Store(obj, index, value):
            yield from _unconditional(value)
            yield from _place(obj)
            yield from _unconditional(index)
        case _:
            for expr in expressions(stmt):
                yield from _unconditional(expr)


def _place(obj: Expr) -> Iterator[Var]:
    if isinstance(obj, Var):
        yield obj


def _unconditional(expr: Expr) -> Iterator[Var]:
    match expr:
        case Var():
            yield expr
        case BoolOp(_, left, _):
            yield from _unconditional(left)
        case IfExp(test, _, _):
            yield from _unconditional(test)
        case _:
            for part in evaluation_order(expr):
                yield from _unconditional(part)


def _nests(expr: Expr) -> bool:
    """Whether ``expr`` evaluates something before all of its variables are."""
    match expr:
        case Var() | Const() | Ref():
            return False
        case Call():
            return any(_computes(part) for part in evaluation_order(expr))
        case _:
            return _computes(expr)


def _computes(expr: Expr) -> bool:
    if isinstance(expr, (Call, BoolOp, IfExp)):
        return True
    return any(map(_computes, evaluation_order(expr)))


def _origin(
    out: list[Stmt | None], pending: Mapping[Var, _Pending], taken: list[Var]
) -> Origin | None:
    for var in reversed(taken):
        stmt = out[pending[var].place]
        if stmt is not None and stmt.origin is not None:
            return stmt.origin
    return None
