"""Loops that move on: writes into places that nothing before them reads.

In ``for i in range(1, n): y[i] = f(y[i - 1])`` each turn reads what an earlier one wrote, and never
what a later one writes over. So the reverse finds it where it is, and nothing is recorded. Where
the loop has another inside it, turns that are one by the outer variable are told apart by the
inner: a table filled row by row.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.storage import Storage
from srcad.analysis.writes import written
from srcad.ir.nodes import Assign, Block, Call, Const, Expr, For, Ref, Stmt, Tuple, Var, While
from srcad.ir.places import Defs, exposed
from srcad.ir.refs import GETITEM
from srcad.ir.walk import blocks, statements, used
from srcad.types.lattice import Scalar, SliceOf, Type
from srcad.types.operands import operand_type

__all__ = ["MovingOn"]

_Offsets = Mapping[int, int]
"""By axis: by how much an index along it differs from the loop's variable."""

_Place = tuple[Var, Expr | None]
"""A variable, and the index of a part of it; ``None`` for all of it."""


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop over a range: the sign of its step, and the least value of its variable.

    ``order`` numbers the statements inside; those of loops inside are ``repeated`` in each turn.
    """

    stmt: For
    step: int
    least: int
    order: Mapping[int, int]
    repeated: frozenset[int]
    exposed: frozenset[Var]

    @property
    def target(self) -> Var:
        return _target(self.stmt)


class MovingOn:
    """Tells of a write whether what it overwrites is read by no reverse of anything before it.

    Parameters
    ----------
    body
        A function's body, as `transform.prepare` leaves it.
    reads
        By statement, what its reverse reads, without what is computed again for it.
    again
        By statement, what is computed again before its reverse.
    types, storage, defs
        Facts about the variables.
    """

    def __init__(
        self,
        body: Block,
        reads: Mapping[int, Reads],
        again: Mapping[int, tuple[Stmt, ...]],
        types: Mapping[Var, Type],
        storage: Storage,
        defs: Defs,
    ) -> None:
        self.body = body
        self.reads = reads
        self.again = again
        self.types = types
        self.storage = storage
        self.defs = defs

    def spares(self, write: Stmt) -> bool:
        """Whether the old contents of what ``write`` changes need no record."""
        part = written(write)
        found = self._loops_around(write)
        if part is None or found is None:
            return False
        loops, before = found
        group = self.storage.memory(part[0])
        if sum(v not in self.storage.views for v in group) != 1:
            return False
        if self._offsets(*part, loops[0]) is None or any(self._needs(s, group) for s in before):
            return False
        return all(
            self._is_clear(stmt, read, write, part, loops)
            for stmt in statements(loops[0].stmt.body)
            for read in self._needs(stmt, group)
        )

    def _is_clear(
        self, stmt: Stmt, read: _Place, write: Stmt, part: _Place, loops: list[_Loop]
    ) -> bool:
        """Whether ``write``, which changes ``part``, never changes ``read`` after ``stmt`` runs."""
        for loop, inner in zip(loops, [*loops[1:], None], strict=True):
            mine, theirs = self._offsets(*part, loop), self._offsets(*read, loop)
            if mine is None or theirs is None:
                return False
            ahead = [(mine[a] - theirs[a]) * loop.step for a in mine.keys() & theirs.keys()]
            if any(by > 0 for by in ahead):
                return True
            if 0 not in ahead:
                return False
            # Both meet in one turn of this loop only.
            is_apart = inner is not None and id(stmt) not in inner.order
            if is_apart or id(write) not in loop.repeated:
                return loop.order[id(stmt)] > loop.order[id(write)]
        return False

    def _needs(self, stmt: Stmt, group: frozenset[Var]) -> list[_Place]:
        """The places in the memory of ``group`` that the reverse of ``stmt`` reads."""
        found: list[_Place] = []
        found += ((v, None) for v in self.reads.get(id(stmt), NOTHING).contents & group)
        for again in self.again.get(id(stmt), ()):
            match again:
                case Assign(Var() as target) if target in self.storage.views:
                    pass  # it reads where the array is, not what is in it
                case Assign(_, Call(fn, (Var() as base, index))) if fn == GETITEM:
                    found += ((base, index),) if base in group else ()
                case _:
                    found += ((v, None) for v in used(again) if v in group)
        return found

    # --- places ----------------------------------------------------------------------------------

    def _offsets(self, var: Var, index: Expr | None, loop: _Loop) -> _Offsets | None:
        """The offsets of ``var[index]`` within the array that ``var`` is or is a view of."""
        while var in self.storage.views:
            view = self.storage.views[var]
            if not self._is_of_this_turn(var, loop):
                return None
            if isinstance(view, Var):
                var = view
                continue
            if view.fn != GETITEM or not isinstance(view.args[0], Var):
                return None
            var, index = view.args[0], view.args[1]
            if var in self.storage.views:
                return None
        if index is None:
            return None
        offsets: dict[int, int] = {}
        for axis, item in enumerate(index.items if isinstance(index, Tuple) else (index,)):
            t = operand_type(item, self.types)
            if not (isinstance(t, SliceOf) or (isinstance(t, Scalar) and t.dtype.kind in "iu")):
                return None
            offset = self._offset(item, loop)
            # A negative index counts from behind.
            if offset is not None and loop.least + offset >= 0:
                offsets[axis] = offset
        return offsets or None

    def _offset(self, expr: Expr, loop: _Loop) -> int | None:
        """``c`` if ``expr`` is the loop's variable plus ``c``."""
        if not isinstance(expr, Var):
            return None
        if expr == loop.target:
            return 0
        if not self._is_of_this_turn(expr, loop):
            return None
        match self.defs[expr][0]:
            case Assign(_, Var() as value):
                return self._offset(value, loop)
            case Assign(_, Call(Ref(_, fn), (a, b), ())) if fn in (operator.add, operator.sub):
                if fn is operator.add and isinstance(a, Const):
                    a, b = b, a
                base = self._offset(a, loop)
                if base is None or not isinstance(b, Const) or type(b.value) is not int:
                    return None
                return base + b.value if fn is operator.add else base - b.value
            case _:
                return None

    def _is_of_this_turn(self, var: Var, loop: _Loop) -> bool:
        defs = self.defs.get(var, ())
        return len(defs) == 1 and id(defs[0]) in loop.order and var not in loop.exposed

    # --- loops -----------------------------------------------------------------------------------

    def _loops_around(self, write: Stmt) -> tuple[list[_Loop], list[Stmt]] | None:
        """The loops around ``write``, from the outermost, and all statements before it.

        They end where one is no loop over a known range.
        """
        outermost = next((s for s in self.body if _is_inside(write, s)), None)
        loops: list[_Loop] = []
        around: Stmt | None = outermost
        while isinstance(around, For) and (loop := self._loop(around)) is not None:
            loops.append(loop)
            inside = statements(around.body)
            around = next(
                (s for s in inside if isinstance(s, (For, While)) and _is_inside(write, s)), None
            )
        if outermost is None or not loops:
            return None
        place = next(i for i, s in enumerate(self.body) if s is outermost)
        return loops, [*statements(self.body[:place]), outermost]

    def _loop(self, stmt: For) -> _Loop | None:
        span = self._span(stmt)
        if span is None or len(self.defs.get(_target(stmt), ())) != 1:
            return None
        inside = statements(stmt.body)
        inner = [s for s in inside if isinstance(s, (For, While))]
        return _Loop(
            stmt,
            *span,
            {id(s): n for n, s in enumerate(inside)},
            frozenset(id(s) for o in inner for b in blocks(o) for s in statements(b)),
            frozenset(exposed(stmt.body)),
        )

    def _span(self, loop: For) -> tuple[int, int] | None:
        """The sign of the step, and the least value of the target."""
        match loop.iter:
            case Call(Ref(_, fn), args, ()) if fn is range:
                pass
            case _:
                return None
        known = [self._int(a) for a in args]
        start = 0 if len(args) == 1 else known[0]
        step = known[2] if len(args) > 2 else 1
        if step is None or step == 0:
            return None
        if step > 0:
            return None if start is None else (1, start)
        stop = known[1]
        return None if stop is None else (-1, stop + 1)

    def _int(self, expr: Expr) -> int | None:
        t = operand_type(expr, self.types)
        return t.known if isinstance(t, Scalar) and type(t.known) is int else None


def _is_inside(write: Stmt, stmt: Stmt) -> bool:
    body = stmt.body if isinstance(stmt, (For, While)) else ()
    return any(s is write for s in statements(body))


def _target(loop: For) -> Var:
    assert isinstance(loop.target, Var), "the normal form has no other"
    return loop.target
