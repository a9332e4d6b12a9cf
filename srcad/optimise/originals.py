"""Copies that are read only as long as the original is what it was: the original does as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from srcad.analysis.memory import Memory, memory_of
from srcad.analysis.owned import is_float_array, is_new
from srcad.ir.naming import is_users, standing
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Function, Stmt, Store, Var
from srcad.ir.rebuild import map_blocks, renamed, same_or_new
from srcad.ir.refs import GETITEM, LIST_APPEND, LIST_POP, refers_to
from srcad.ir.walk import bound, call_of, mention_counts, statements, used, variables
from srcad.optimise.copies import copied_array
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type

__all__ = ["Readers", "read_originals"]

_OF_LISTS: Final = frozenset({LIST_APPEND, LIST_POP})


def read_originals(
    fn: Function, types: Mapping[Var, Type], memory: Memory | None = None
) -> Function:
    """Read ``a`` in place of ``b = a.copy()``.

    Accepts and returns normal IR. All that reads ``b`` stands in one block or in loops there, makes
    something new of it, or adds it to another array, and comes before ``a`` is changed or bound
    anew. The user's own copies stay.
    """
    if not any(_copied(s, types) for s in statements(fn)):
        return fn
    if memory is None:
        memory = memory_of(fn, types)
    body = _Run(Readers(types, memory, mention_counts(fn.body))).block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


def _copied(stmt: Stmt, types: Mapping[Var, Type]) -> tuple[Var, Var] | None:
    both = copied_array(stmt)
    if both is None or both[0] is both[1] or is_users(both[0]):
        return None
    return both if all(is_float_array(types.get(v, UNKNOWN)) for v in both) else None


def _is_made_in(var: Var, block: list[Stmt]) -> bool:
    return any(isinstance(s, Assign) and s.target == var for s in block)


@dataclass(frozen=True, slots=True)
class Readers:
    """Finds the statements that read a variable of which another is as good."""

    types: Mapping[Var, Type]
    memory: Memory
    mentions: Counter[Var]

    def last(self, b: Var, a: Var, after: Sequence[Stmt]) -> int | None:
        """Where in ``after``, the rest of the block, ``b`` is read last, which is ``a`` there.

        ``None`` if the value of ``b`` is also needed elsewhere, if somebody may hold on to it, or
        if ``a`` is bound anew or its memory is changed before.
        """
        left, until = self.mentions[b] - 1, 0
        objects = self.memory.objects(a)
        if not objects or not left:
            return None
        for i, stmt in enumerate(after):
            inside = statements((stmt,))
            reads = sum(used(s).count(b) for s in inside)
            if len(inside) > 1:
                if not all(self._only_reads(s, b) for s in inside if b in used(s)):
                    return None
            elif reads and not self._only_reads(stmt, b):
                part = _part_of(b, stmt)
                end = None if part is None else self.last(part, a, after[i + 1 :])
                if end is None:
                    return None
                until = max(until, i + 1 + end)
            if any(a in bound(s) or b in bound(s) for s in inside):
                return None
            changing = [s for s in inside if not self.memory.touched(s).isdisjoint(objects)]
            if not all(map(_changes_a_list, changing)):
                return None
            left -= reads
            if not left:
                return max(i, until)
        return None

    def _only_reads(self, stmt: Stmt, b: Var) -> bool:
        match stmt:
            case Assign(Var() as target, Call() as call):
                takes_number = call.fn == GETITEM and isinstance(self.types.get(target), Scalar)
                return is_new(call, self.types) or takes_number
            case AugAssign(Var() as obj, _, _, value) | Store(Var() as obj, _, value):
                # A list would keep the array itself.
                return value == b and obj != b and isinstance(self.types.get(obj), Array)
            case _:
                return False


def _changes_a_list(stmt: Stmt) -> bool:
    """Whether what ``stmt`` changes is the list of a record, and no array."""
    call = call_of(stmt)
    return call is not None and refers_to(call.fn, _OF_LISTS)


def _part_of(b: Var, stmt: Stmt) -> Var | None:
    """The variable for which ``stmt`` takes a part of ``b``."""
    match stmt:
        case Assign(Var() as part, Call(fn, (whole, index))) if fn == GETITEM and whole == b:
            return None if is_users(part) or b in variables(index) else part
        case _:
            return None


class _Run:
    def __init__(self, readers: Readers) -> None:
        self.readers = readers
        self.types = readers.types
        self.mentions = readers.mentions

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        rest = list(block)
        while rest:
            stmt = rest.pop(0)
            pair = _copied(stmt, self.types)
            if pair is not None and (end := self.readers.last(*pair, rest)) is not None:
                b, a = pair
                if self._better_name(b, a, out, rest):
                    out = list(renamed(tuple(out), {a: b}))
                    rest = list(renamed(tuple(rest), {a: b}))
                    self.mentions[b] += self.mentions.pop(a) - 2
                else:
                    rest[: end + 1] = renamed(tuple(rest[: end + 1]), {b: a})
                    self.mentions[a] += self.mentions.pop(b) - 2
                continue
            out.append(map_blocks(stmt, self.block))
        return same_or_new(block, out)

    def _better_name(self, b: Var, a: Var, before: list[Stmt], after: list[Stmt]) -> bool:
        """Whether ``a``, a temporary of this block, may have the name ``b`` from the beginning."""
        if standing(a) >= standing(b) or b in mention_counts(tuple(before)):
            return False
        inside = mention_counts((*before, *after))
        return inside[a] + 1 == self.mentions[a] and _is_made_in(a, before)
