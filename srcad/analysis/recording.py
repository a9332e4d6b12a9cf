"""To be recorded: what the forward sweep must save so that the backward sweep finds what it reads.

The backward sweep runs the statements in reverse and undoes each one's effect on what is still
needed, so that at the reverse of a statement every needed variable has the value it had there. A
variable is saved

* *before* a statement that overwrites it while its value is needed by the reverse of something
  earlier (the TBR analysis of Hascoët, Naumann and Pascual, 2005);
* *at the end* of a loop's body, or of a branch inside a loop, if it is local to that block;
* not at all, where it is cheap and can be computed again from what is there anyway.

Outside loops nothing is overwritten, since each web has a name of its own.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from srcad.analysis.places import definitions, exposed, places
from srcad.analysis.sharing import viewed
from srcad.analysis.storage import Storage, accumulates_at
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Do,
    For,
    If,
    List,
    Ref,
    Stmt,
    Store,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import LIST_APPEND, LIST_POP
from srcad.ir.walk import blocks, bound, statements, subexpressions, used
from srcad.types.containers import is_container
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type

__all__ = ["BlockKey", "Reads", "Records", "block_key", "find_records"]

BlockKey = tuple[int, str]
"""A block: the ``id`` of the statement that owns it, and which of its blocks it is."""


def block_key(owner: Stmt | None, which: str) -> BlockKey:
    """The key of a block of ``owner``; ``None`` is the function."""
    return (0 if owner is None else id(owner), which)


@dataclass(frozen=True, slots=True)
class Records:
    """What to save where.

    Parameters
    ----------
    before
        By statement: the variables whose value is saved before it and restored in its reverse.
    contents
        The statements that overwrite memory whose old contents are needed.
    at_end
        By block: the local variables saved at its end and restored at the start of its reverse.
    again
        By statement: those to run again before the reverse of that statement.
    """

    before: Mapping[int, frozenset[Var]]
    contents: frozenset[int]
    at_end: Mapping[BlockKey, tuple[Var, ...]]
    again: Mapping[int, tuple[Stmt, ...]]


@dataclass(frozen=True, slots=True)
class Reads:
    """What the reverse of a statement reads.

    Of ``values`` it reads what is in them; of ``objects`` the object only, its shape or its place
    in memory, whatever has been written into it since; of ``memory`` what is in it, by another
    name.
    """

    values: frozenset[Var] = frozenset()
    objects: frozenset[Var] = frozenset()
    memory: frozenset[Var] = frozenset()

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.values | other.values, self.objects | other.objects, self.memory | other.memory
        )

    @property
    def names(self) -> frozenset[Var]:
        """All variables that have to be bound to what they were."""
        return self.values | self.objects

    @property
    def contents(self) -> frozenset[Var]:
        """All variables whose memory has to hold what it held."""
        return self.values | self.memory

    def without(self, names: frozenset[Var]) -> Reads:
        """These reads but for ``names``; memory outlives the name it had."""
        return Reads(self.values - names, self.objects - names, self.memory)

    def only(self, names: frozenset[Var]) -> Reads:
        """These reads as far as they are of ``names``."""
        return Reads(self.values & names, self.objects & names, self.memory & names)


_NOTHING: Final = Reads()


def find_records(
    body: Block,
    reads: Mapping[int, Reads],
    controls: Mapping[int, Reads],
    types: Mapping[Var, Type],
    storage: Storage,
    active: frozenset[Var],
) -> Records:
    """Find what ``body`` must record.

    Parameters
    ----------
    body
        A function's body, as `transform.prepare` leaves it.
    reads
        By statement, the variables that its reverse reads: of a loop those of its iterable, of an
        `If` those of its test.
    types, storage, active
        Facts about the variables.
    """
    known = dict(reads)
    while True:
        records = _Recording(body, known, types, storage, active).run()
        more = _controls_of_records(body, records, known, controls)
        if not more:
            return records
        known = {**known, **more}


def _controls_of_records(
    body: Block, records: Records, reads: Mapping[int, Reads], controls: Mapping[int, Reads]
) -> dict[int, Reads]:
    """The branches and loops around records, with what their reverse reads, if that is new."""
    found: dict[int, Reads] = {}

    def has_records(stmt: Stmt) -> bool:
        inside = records.before.get(id(stmt)) or id(stmt) in records.contents
        for inner in blocks(stmt):
            # No short cut: the branches and loops further in have to be looked at as well.
            inside = any([has_records(s) for s in inner]) or inside
        if any(block_key(stmt, which) in records.at_end for which in ("then", "orelse", "body")):
            inside = True
        if inside and (wanted := controls.get(id(stmt))) is not None:
            new = reads.get(id(stmt), _NOTHING) | wanted
            if new != reads.get(id(stmt), _NOTHING):
                found[id(stmt)] = new
        return bool(inside)

    for stmt in body:
        has_records(stmt)
    return found


_CHEAP: Final[frozenset[Callable[..., Any]]] = frozenset(
    {
        operator.add,
        operator.sub,
        operator.mul,
        vars(operator)["truediv"],
        vars(operator)["floordiv"],
        operator.mod,
        operator.neg,
        operator.invert,
        operator.not_,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
        operator.eq,
        operator.ne,
        operator.is_,
        operator.is_not,
        operator.getitem,
        builtins.abs,
        operator.abs,
        len,
        getattr,
        int,
        float,
        min,
        max,
        np.shape,
        np.ndim,
        math.floor,
    }
)


class _Recording:
    def __init__(
        self,
        body: Block,
        reads: Mapping[int, Reads],
        types: Mapping[Var, Type],
        storage: Storage,
        active: frozenset[Var],
    ) -> None:
        self.active = active
        self.body = body
        self.reads = dict(reads)
        self.types = types
        self.storage = storage
        self.defs = definitions(body)
        self.places = places(body)
        self.before: dict[int, set[Var]] = {}
        self.contents: set[int] = set()
        self.at_end: dict[BlockKey, set[Var]] = {}
        self.again: dict[int, list[Stmt]] = {}
        self.recomputed: set[Var] = set()
        self._inside: dict[Var, set[int]] = {}
        for stmt in statements(body):
            for var in (*bound(stmt), *used(stmt)):
                self._inside.setdefault(var, set()).add(id(stmt))

    def run(self) -> Records:
        self._choose_recomputation(self.body, in_loop=False)
        self._block(self.body, None, "body", _NOTHING, in_loop=False)
        order = {v: i for i, v in enumerate(self._inside)}
        return Records(
            {k: frozenset(v) for k, v in self.before.items() if v},
            frozenset(self.contents),
            {
                k: tuple(sorted(v, key=lambda x: order.get(x, 0)))
                for k, v in self.at_end.items()
                if v
            },
            {k: tuple(v) for k, v in self.again.items()},
        )

    # --- what is computed again

    def _choose_recomputation(self, block: Block, *, in_loop: bool) -> None:
        for stmt in block:
            inner = in_loop or isinstance(stmt, For | While)
            for b in blocks(stmt):
                self._choose_recomputation(b, in_loop=inner)
        if in_loop:
            self._recompute_in(block)

    def _recompute_in(self, block: Block) -> None:
        needs = [self._reads_within(stmt) for stmt in block]
        exposed_here = exposed(block)
        mine = {id(s) for s in statements(block)}
        for d in range(len(block) - 1, -1, -1):
            stmt = block[d]
            targets = bound(stmt)
            if not targets or not self._is_cheap(stmt):
                continue
            if any(
                len(self.defs.get(v, ())) != 1 or v in exposed_here or not self._inside[v] <= mine
                for v in targets
            ):
                continue
            last = max(
                (e for e in range(d, len(block)) if any(v in needs[e].names for v in targets)),
                default=-1,
            )
            if last < 0:
                continue
            sources = frozenset(used(stmt))
            if not self._unchanged(sources, block[d + 1 : last + 1]):
                continue
            by_value = any(v in n.values for n in needs for v in targets)
            found = Reads(sources) if by_value else self._sources(stmt, sources)
            needs[last] = (needs[last] | found).without(frozenset(targets))
            key = id(block[last])
            self.reads[key] = self.reads.get(key, _NOTHING) | found
            self.again.setdefault(key, []).insert(0, stmt)
            self.recomputed.update(targets)

    def _sources(self, stmt: Stmt, names: frozenset[Var]) -> Reads:
        """What running ``stmt`` again reads: of the array behind a view the object only."""
        value = getattr(stmt, "value", None)
        view = viewed(value, self.types) if isinstance(value, Call) else None
        held = frozenset[Var]() if view is None else frozenset({view[0]})
        return Reads(names - held, held)

    def _reads_within(self, stmt: Stmt) -> Reads:
        out = self.reads.get(id(stmt), _NOTHING)
        for inner in blocks(stmt):
            for s in inner:
                out = out | self._reads_within(s)
        return out

    def _is_cheap(self, stmt: Stmt) -> bool:
        match stmt:
            case Assign(Var() as target, Call(Ref(_, fn)) as call):
                view = viewed(call, self.types)
                if view is not None:
                    return view[1] == "view"
                if fn is np.square or fn is vars(operator)["pow"]:
                    # A square is one product; any other power is dear.
                    squares = fn is np.square or call.args[1:] in ((Const(2),), (Const(2.0),))
                    return squares and isinstance(self.types.get(target), Scalar)
                try:
                    if fn not in _CHEAP:
                        return False
                except TypeError:
                    return False
                if fn in (operator.getitem, getattr):
                    base = call.args[0]
                    t = self.types.get(base, UNKNOWN) if isinstance(base, Var) else UNKNOWN
                    is_number = isinstance(self.types.get(target), Scalar)
                    return is_container(t) or (isinstance(t, Array) and is_number)
                return isinstance(self.types.get(target), Scalar) or fn in (np.shape, len)
            case Assign(Var(), value) if not isinstance(value, Call):
                # A list that is written out is a new one each time.
                return not any(isinstance(e, List | Dict) for e in subexpressions(value))
            case Unpack(_, Var()):
                return True
            case _:
                return False

    def _unchanged(self, sources: frozenset[Var], between: Block) -> bool:
        for stmt in statements(between):
            if any(v in sources for v in bound(stmt)):
                return False
            touched = self._touched(stmt)
            if touched is not None and (self._memory(touched) & sources):
                return False
        return True

    # --- what is saved

    def _memory(self, var: Var) -> frozenset[Var]:
        return self.storage.members.get(var, frozenset({var}))

    def _touched(self, stmt: Stmt) -> Var | None:
        """The variable whose contents ``stmt`` changes."""
        match stmt:
            case Store(Var() as obj) | AugAssign(Var() as obj):
                return obj
            case Do(Call(Ref(_, fn), (Var() as obj, *_))) | Assign(
                _, Call(Ref(_, fn), (Var() as obj,))
            ) if fn in (LIST_APPEND, LIST_POP):
                return obj
            case _:
                hit = accumulates_at(stmt)
                return None if hit is None else hit[1]

    def _block(
        self, block: Block, owner: Stmt | None, which: str, tbr: Reads, *, in_loop: bool
    ) -> Reads:
        for stmt in block:
            tbr = self._stmt(stmt, tbr, in_loop=in_loop)
        if in_loop and owner is not None:
            local = frozenset(v for v in tbr.names if self._is_local(v, block))
            if local:
                self.at_end.setdefault(block_key(owner, which), set()).update(local)
                tbr = tbr.without(local) | self._held(tbr.values & local)
        return tbr

    def _held(self, names: frozenset[Var]) -> Reads:
        """The need for the memory of arrays that are saved as objects and may yet be written to."""
        return Reads(memory=names & self.storage.buffers)

    def _is_local(self, var: Var, block: Block) -> bool:
        inside = self._inside.get(var, set())
        if not all(id(d) in inside for d in self.defs.get(var, ())) or not self.defs.get(var):
            return False
        mine = {id(s) for s in statements(block)}
        return inside <= mine and var not in exposed(block)

    def _stmt(self, stmt: Stmt, tbr: Reads, *, in_loop: bool) -> Reads:
        mine = self.reads.get(id(stmt), _NOTHING).without(frozenset(self.recomputed))
        match stmt:
            case If(_, then, orelse):
                a = self._block(then, stmt, "then", tbr, in_loop=in_loop)
                b = self._block(orelse, stmt, "orelse", tbr, in_loop=in_loop)
                return a | b | mine
            case For() | While():
                return self._loop(stmt, tbr, mine)
            case _:
                pass
        targets = frozenset(bound(stmt))
        old = mine.only(frozenset(used(stmt)))
        needed = tbr.names | old.names
        overwritten = {v for v in targets if v in needed or self._changes_shape(v)}
        if overwritten:
            self.before.setdefault(id(stmt), set()).update(overwritten)
        touched = self._touched(stmt)
        if touched is not None and (self._memory(touched) & (tbr.contents | mine.contents)):
            self.contents.add(id(stmt))
        new = mine.without(old.names).only(targets)
        kept = self._held((tbr.values | old.values) & frozenset(overwritten))
        return (tbr | mine).without(targets) | new | kept

    def _changes_shape(self, var: Var) -> bool:
        """Whether a zero adjoint of ``var`` may need an array that ``var`` no longer is."""
        t = self.types.get(var, UNKNOWN)
        if var not in self.active or len(self.defs.get(var, ())) < 2 or isinstance(t, Scalar):
            return False
        return not (isinstance(t, Array) and None not in t.shape)

    def _loop(self, stmt: For | While, tbr: Reads, mine: Reads) -> Reads:
        head = tbr
        targets = frozenset(bound(stmt))
        while True:
            end = self._block(stmt.body, stmt, "body", head.without(targets), in_loop=True)
            grown = head | end.without(targets)
            if grown == head:
                return head | mine
            head = grown
