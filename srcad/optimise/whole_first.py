"""An adjoint starts as the array that is added to all of it, not as zeros with items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from srcad.analysis.effects import makes_new
from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.writes import accumulates_at
from srcad.ir.naming import is_derivative, is_temporary
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Expr, Function, Ref, Stmt, Var
from srcad.ir.rebuild import map_blocks, renamed, same_or_new
from srcad.ir.refs import ADD, ADDING, COPY, ZEROS, refers_to
from srcad.ir.walk import assigned_call, bound, inside, mention_counts, mentioned, statements, used
from srcad.kinds import among
from srcad.types.lattice import UNKNOWN, Type, same_shape

__all__ = ["wholes_first"]


def wholes_first(fn: Function, types: Mapping[Var, Type], memory: Memory | None = None) -> Function:
    """``b = e; b[i] += v`` for ``b`` made of zeros, ``b[i] += v`` and ``b += e``.

    Accepts and returns normal IR. All are in one block, in which nothing else reads ``b`` before
    its sum with ``e``, which is an array like it.
    """
    if not any(_zeros(stmt) for stmt in statements(fn)):
        return fn
    run = _Run(fn, types, memory_of(fn, types) if memory is None else memory)
    body = run.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


def _zeros(stmt: Stmt) -> Var | None:
    """The adjoint that ``stmt`` makes of zeros."""
    match stmt:
        case Assign(Var() as b, Call(Ref(_, fn))) if among(fn, ZEROS) and is_derivative(b):
            return b
        case _:
            return None


def _gains(stmt: Stmt, b: Var) -> bool:
    """Whether ``stmt`` does nothing with ``b`` but to add to items of it."""
    match stmt:
        case AugAssign(obj, index, op, _) if obj == b and index is not None:
            return refers_to(op, ADDING) and used(stmt).count(b) == 1
        case _:
            found = accumulates_at(stmt)
            return found is not None and found[1] == b and used(stmt).count(b) == 1


def _total(stmt: Stmt, b: Var) -> tuple[Var, Var] | None:
    """``y`` and ``e`` of ``y = b + e``; ``y`` is ``b`` itself in ``b += e``."""
    match stmt:
        case AugAssign(Var() as y, None, op, Var() as e) if y == b != e and op == ADD:
            return y, e
        case Assign(Var() as y, Call(op, (Var() as x, Var() as z), ())) if op == ADD:
            return (y, z) if x == b != z else (y, x) if z == b != x else None
        case _:
            return None


@dataclass(slots=True)
class _Made:
    """Where an adjoint was made of zeros, and where items of it were added to since."""

    at: int
    gains: list[int]


class _Run:
    def __init__(self, fn: Function, types: Mapping[Var, Type], memory: Memory) -> None:
        self._types = types
        self._memory = memory
        self._fn = fn
        self._counts: Counter[Var] | None = None

    @property
    def _mentions(self) -> Counter[Var]:
        self._counts = self._counts or mention_counts(self._fn.body)
        return self._counts

    def block(self, block: Block) -> Block:
        out: list[Stmt | None] = []
        made: dict[Var, _Made] = {}
        for old in block:
            stmt = map_blocks(old, self.block)
            for b in [b for b in made if b in mentioned(stmt)]:
                if _gains(stmt, b):
                    made[b].gains.append(len(out))
                    continue
                found = made.pop(b)
                total = _total(stmt, b) if found.gains else None
                if total is not None and self._may_move(out, found, b, *total):
                    self._moved(out, found, b, *total, stmt)
                    break
            else:
                out.append(stmt)
                if (b := _zeros(stmt)) is not None:
                    made[b] = _Made(len(out) - 1, [])
        return same_or_new(block, [s for s in out if s is not None])

    def _may_move(self, out: list[Stmt | None], made: _Made, b: Var, y: Var, e: Var) -> bool:
        """Whether what is done to ``b`` may be done to ``e`` as well, where both have been made."""
        alike = same_shape(self._types.get(b, UNKNOWN), self._types.get(e, UNKNOWN))
        if not alike or self._types.get(b) != self._types.get(e):
            return False
        if y != b and self._mentions[b] != 2 + len(made.gains):
            return False
        for at in made.gains:
            stmt = out[at]
            assert stmt is not None
            reads = set(used(stmt)) - {b}
            objects = {o for v in reads for o in self._memory.objects(v)}
            between = [s for i, s in enumerate(out) if i > at and i not in made.gains and s]
            for inner in (i for s in between for i in (s, *inside(s))):
                if not reads.isdisjoint(bound(inner)):
                    return False
                if not self._memory.touched(inner).isdisjoint(objects):
                    return False
        return True

    def _moved(
        self, out: list[Stmt | None], made: _Made, b: Var, y: Var, e: Var, stmt: Stmt
    ) -> None:
        gains = [s for at in made.gains if (s := out[at]) is not None]
        for at in (made.at, *made.gains):
            out[at] = None
        at = self._only_made(out, e, y)
        if at is None:
            out.append(Assign(y, Call(COPY, (e,), spell=".copy"), stmt.origin))
        else:
            # Besides being made it may have taken over the gains of another.
            out[at:] = [s and renamed((s,), {e: y})[0] for s in out[at:]]
        out += renamed(tuple(gains), {b: y})

    def _only_made(self, out: list[Stmt | None], e: Var, y: Var) -> int | None:
        """Where in this block ``e``, which nobody else knows, is made and may be called ``y``."""
        for at in range(len(out) - 1, -1, -1):
            stmt = out[at]
            if stmt is None:
                continue
            if e in bound(stmt):
                return at if makes_new(self._value(out, at, e), self._types) else None
            if y in mentioned(stmt):
                return None
        return None

    def _value(self, out: list[Stmt | None], end: int, e: Var) -> Expr:
        """The call that makes ``e`` for one reader alone, with that which makes its operand."""
        for stmt in reversed(out[: end + 1]):
            made = assigned_call(stmt) if stmt is not None else None
            if made is not None and made[0] == e:
                call = made[1]
                if self._mentions[e] != 2 or not is_temporary(e):
                    return e
                match call.args:
                    case (Var() as x, *others):
                        return replace(call, args=(self._value(out, end, x), *others))
                    case _:
                        return call
        return e
