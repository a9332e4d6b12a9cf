"""To be recorded: what the forward sweep must save so that the backward sweep finds what it reads.

The backward sweep runs the statements in reverse and undoes each one's effect on what is still
needed, so that at the reverse of a statement every needed variable has the value it had there. A
variable is saved

* *before* a statement that overwrites it while its value is needed by the reverse of something
  earlier (the TBR analysis of Hascoët, Naumann and Pascual, 2005);
* *at the end* of a loop's body, or of a branch inside a loop, if it is local to that block;
* not at all, where nothing before it reads what is overwritten (`srcad.analysis.moving_on`);
* not at all, where it is cheap and can be computed again from what is there anyway;
* not at all, where it is the same in every turn (`srcad.analysis.steady`).

Outside loops nothing is overwritten, since each web has a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from srcad.analysis.exchanges import exchanged_names
from srcad.analysis.moving_on import MovingOn
from srcad.analysis.reads import NOTHING, Reads
from srcad.analysis.recomputation import Recomputation, choose_recomputation
from srcad.analysis.steady import steady_variables
from srcad.analysis.storage import Storage
from srcad.analysis.writes import touched, written
from srcad.ir.nodes import Block, For, If, Stmt, Unpack, Var, While
from srcad.ir.places import definitions, exposed, mentions
from srcad.ir.walk import blocks, bound, statements, used
from srcad.types.lattice import UNKNOWN, Type, is_of_one_shape

__all__ = ["BlockKey", "Records", "block_key", "find_records"]

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
    undone
        The exchanges of names that the reverse must undo.
    again
        By statement: those to run again before the reverse of that statement.
    """

    before: Mapping[int, frozenset[Var]]
    contents: frozenset[int]
    at_end: Mapping[BlockKey, tuple[Var, ...]]
    undone: frozenset[int]
    again: Mapping[int, tuple[Stmt, ...]]


def find_records(
    body: Block,
    params: frozenset[Var],
    reads: Mapping[int, Reads],
    controls: Mapping[int, Reads],
    types: Mapping[Var, Type],
    storage: Storage,
    active: frozenset[Var],
    *,
    apart: bool = False,
    lasting: bool = False,
) -> Records:
    """Find what ``body`` must record.

    Parameters
    ----------
    body, params
        A function's body, as `transform.prepare` leaves it, and its parameters.
    reads
        By statement, the variables that its reverse reads: of a loop those of its iterable, of an
        `If` those of its test.
    types, storage, active
        Facts about the variables.
    apart
        Whether the sweeps become functions of their own, so that the body is like a loop's: what
        is local to it is gone when the backward sweep starts.
    lasting
        Whether time may pass between the sweeps, in which the user may change objects.
    """
    known = dict(reads)
    # A half of its own is called even if the loop has no turn: what is handed over must be there.
    steady = frozenset[Var]() if apart else steady_variables(body, params, types, storage)
    while True:
        again = choose_recomputation(body, known, types, storage, apart=apart, lasting=lasting)
        records = _Recording(body, params, known, again, types, storage, active, steady).run()
        more = _controls_of_records(body, records, known, controls)
        if not more:
            return records
        known = {**known, **more}


def _controls_of_records(
    body: Block, records: Records, reads: Mapping[int, Reads], controls: Mapping[int, Reads]
) -> dict[int, Reads]:
    """The branches and loops around records, with what their reverse reads, if that is new."""
    found: dict[int, Reads] = {}
    holding: set[int] = set()  # the statements with a record in them, inner ones first
    for stmt in reversed(statements(body)):
        records_here = (
            records.before.get(id(stmt))
            or id(stmt) in records.contents
            or id(stmt) in records.undone
            or any(block_key(stmt, which) in records.at_end for which in ("then", "orelse", "body"))
        )
        if not (records_here or any(id(s) in holding for b in blocks(stmt) for s in b)):
            continue
        holding.add(id(stmt))
        if (wanted := controls.get(id(stmt))) is not None:
            new = reads.get(id(stmt), NOTHING) | wanted
            if new != reads.get(id(stmt), NOTHING):
                found[id(stmt)] = new
    return found


class _Recording:
    def __init__(
        self,
        body: Block,
        params: frozenset[Var],
        reads: Mapping[int, Reads],
        again: Recomputation,
        types: Mapping[Var, Type],
        storage: Storage,
        active: frozenset[Var],
        steady: frozenset[Var],
    ) -> None:
        self.active = active
        self.steady = steady
        self.body = body
        self.params = params
        self.recomputed = again
        self.types = types
        self.storage = storage
        self.defs = definitions(body)
        self._inside = mentions(body)
        self._carried = self._kept_on(body)
        self.before: dict[int, set[Var]] = {}
        self.contents: set[int] = set()
        self.undone: set[int] = set()
        self.at_end: dict[BlockKey, set[Var]] = {}
        self._moving_on = MovingOn(body, reads, again.again, types, storage, self.defs)

    def _kept_on(self, body: Block) -> frozenset[Var]:
        """What a turn of a loop makes and something after it reads: each turn's has its shape."""
        found: set[Var] = set()
        for stmt in statements(body):
            if isinstance(stmt, (For, While)):
                mine = {id(s) for s in statements((stmt,))}
                open_ = frozenset[Var]().union(*map(exposed, blocks(stmt)))
                made = {v for block in blocks(stmt) for s in statements(block) for v in bound(s)}
                found |= {v for v in made if v in open_ or not self._inside[v] <= mine}
        return frozenset(found)

    def run(self) -> Records:
        self._block(self.body, None, "body", NOTHING, in_loop=False)
        order = {v: i for i, v in enumerate(self._inside)}
        return Records(
            {k: frozenset(v) for k, v in self.before.items() if v},
            frozenset(self.contents),
            {
                k: tuple(sorted(v, key=lambda x: order.get(x, 0)))
                for k, v in self.at_end.items()
                if v
            },
            frozenset(self.undone),
            self.recomputed.again,
        )

    def _block(
        self, block: Block, owner: Stmt | None, which: str, tbr: Reads, *, in_loop: bool
    ) -> Reads:
        for stmt in block:
            tbr = self._stmt(stmt, tbr, in_loop=in_loop)
        if in_loop and owner is not None:
            local = self._local(tbr.names - self.steady, block)
            if local:
                self.at_end.setdefault(block_key(owner, which), set()).update(local)
                held = self._held(tbr.values & local)
                # A list has one name: the next turn changes another list.
                tbr = tbr.without(local).forgetting(local & self.storage.lists) | held
        return tbr

    def _held(self, names: frozenset[Var]) -> Reads:
        """The need for the memory of arrays that are saved as objects and may yet be written to."""
        memory = frozenset(filter(self.storage.is_buffer, names))
        return Reads(memory=memory) if memory else NOTHING

    def _local(self, names: frozenset[Var], block: Block) -> frozenset[Var]:
        """Those of ``names`` that are mentioned in ``block`` only, and made there first."""
        mine = {id(s) for s in statements(block)}
        inside = frozenset(v for v in names if v in self.defs and self._inside[v] <= mine)
        return inside - exposed(block) if inside else inside

    def _stmt(self, stmt: Stmt, tbr: Reads, *, in_loop: bool) -> Reads:
        mine = self.recomputed.reads.get(id(stmt), NOTHING).without(self.recomputed.targets)
        match stmt:
            case If(_, then, orelse):
                a = self._block(then, stmt, "then", tbr, in_loop=in_loop)
                b = self._block(orelse, stmt, "orelse", tbr, in_loop=in_loop)
                return a | b | mine
            case For() | While():
                return self._loop(stmt, tbr, mine)
            case Unpack() if moved := exchanged_names(stmt):
                return self._exchange(stmt, moved, tbr)
            case _:
                pass
        targets = frozenset(bound(stmt))
        old = mine.only(frozenset(used(stmt)))
        names = tbr.names | old.names
        overwritten = {v for v in targets if v in names or self._changes_shape(v)} - self.steady
        if not in_loop:
            overwritten -= {v for v in targets if self._is_first(stmt, v)}
        if overwritten:
            self.before.setdefault(id(stmt), set()).update(overwritten)
        changed = touched(stmt)
        needed = tbr.contents | mine.contents
        if (
            changed is not None
            and self.storage.memory(changed) & needed
            and not (in_loop and self._moving_on.spares(stmt))
        ):
            self.contents.add(id(stmt))
        new = mine.without(old.names).only(targets)
        if id(stmt) in self.contents and changed is not None and written(stmt) is None:
            # What is popped from a list is put back.
            new |= Reads(targets)
        kept = self._held((tbr.values | old.values) & frozenset(overwritten))
        return (tbr | mine).without(targets) | new | kept

    def _is_first(self, stmt: Stmt, var: Var) -> bool:
        """Whether ``stmt``, outside loops, binds ``var`` when it has no value yet."""
        return self.defs[var][0] is stmt and var not in self.params

    def _exchange(self, stmt: Unpack, moved: Mapping[Var, Var], tbr: Reads) -> Reads:
        """What was needed is needed still, under its new name: the reverse exchanges them back."""
        if tbr.names & moved.keys() or any(self._changes_shape(v) for v in moved):
            self.undone.add(id(stmt))
        return tbr.renamed(moved)

    def _changes_shape(self, var: Var) -> bool:
        """Whether a zero adjoint of ``var`` may need an array that ``var`` no longer is."""
        t = self.types.get(var, UNKNOWN)
        values = len(self.defs.get(var, ())) + (var in self.params) + (var in self._carried)
        return var in self.active and values >= 2 and not is_of_one_shape(t)

    def _loop(self, stmt: For | While, tbr: Reads, mine: Reads) -> Reads:
        head = tbr
        targets = frozenset(bound(stmt))
        while True:
            end = self._block(stmt.body, stmt, "body", head.without(targets), in_loop=True)
            grown = head | end.without(targets)
            if grown == head:
                return head | mine
            head = grown
