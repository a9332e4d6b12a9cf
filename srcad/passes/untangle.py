"""Rewrites after which it is plainer which name is which array. None changes what is computed.

They are for a function of which `plan_storage` cannot prove what a change in place reaches:

* what follows a branch that chooses an array moves into the branch, ``v = a[:2] if c else a[2:]``;
* names that can only ever be one array become one name;
* an array that is filled, and bound anew in a loop after that, is filled under a name of its own;
* an array that is bound anew while a view of the old one is in use gets its name after that;
* a view is made by a name that the index has for it alone: ``k = i; y = x[k:]; i += 1``;
* an array whose only name is given up for another is copied: ``a, b = b, a.copy()``;
* what may share memory, and is done with before anything changes, is copied: ``np.diag(a).copy()``;
* and so is what changes, where it may be a view of what has no name: ``np.real(a * b).copy()``.

Accepts and returns normal IR with types.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from srcad.analysis.effects import mutated
from srcad.analysis.exchanges import exchanged_names
from srcad.analysis.lifetimes import outline_of, stays_with
from srcad.analysis.liveness import liveness
from srcad.analysis.outside import CalleeOutside, is_own_result
from srcad.analysis.owned import is_new
from srcad.analysis.sharing import CalleeShares, Link, links, viewed
from srcad.analysis.storage import index_variables
from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Block, Call, Expr, For, Function, If, Return, Stmt, Unpack, Var
from srcad.ir.places import definitions, exposed, occurrences, places
from srcad.ir.rebuild import copied, map_blocks, map_stmt, renamed
from srcad.ir.refs import COPY
from srcad.ir.walk import blocks, bound, may_break, mention_counts, statements, variables
from srcad.passes.own_names import with_own_names
from srcad.types.lattice import Array, Type
from srcad.types.operands import expression_type

__all__ = ["untangled"]

_MOST_BRANCHES: Final = 4
_MOST_STATEMENTS: Final = 40
"""What is written twice is no longer than that."""


def untangled(
    fn: Function,
    types: Mapping[Var, Type],
    shares: CalleeShares,
    outside: CalleeOutside,
    *,
    own_names: bool,
) -> tuple[Function, Mapping[Var, Type], frozenset[Var]]:
    """See the module; with the types, the parameters in whose place a copy is changed.

    ``own_names`` asks for names of their own for all arrays that are made and then changed. That
    costs copies, so it is the last resort.
    """
    work = _Work(fn, dict(types), shares, outside)
    if own_names:
        body = with_own_names(work.fn.body, work.types, work.another_for)
        work.fn = replace(work.fn, body=body)
    for _ in range(_MOST_BRANCHES):
        if not work.move_into_branch():
            break
    work.unite_names()
    work.name_what_is_filled()
    work.bind_later()
    work.keep_indices()
    copied = work.copy_what_moves()
    work.copy_what_is_read_at_once()
    made = replace(work.fn, body=_without_self_copies(work.fn.body))
    return made, work.types, copied


class _Work:
    def __init__(
        self,
        fn: Function,
        types: dict[Var, Type],
        shares: CalleeShares,
        outside: CalleeOutside,
    ) -> None:
        self.fn = fn
        self.types = types
        self.shares = shares
        self.outside = outside
        taken = {v.name for v in occurrences(fn.body)}
        taken |= {p.var.name for p in fn.params} | {c.name for c in fn.captures}
        self.names = Names(taken)

    def another(self, var: Var) -> Var:
        """A new variable for a value of ``var``."""
        new = self.names.fresh(var)
        if var in self.types:
            self.types[new] = self.types[var]
        return new

    def another_for(self, var: Var, call: Call) -> Var:
        """A new variable for the value of ``var`` that ``call`` makes."""
        new = self.another(var)
        made = expression_type(call, self.types)
        if isinstance(made, Array):
            self.types[new] = made
        return new

    def is_array(self, var: Var) -> bool:
        return isinstance(self.types.get(var), Array)

    def is_new(self, value: Expr) -> bool:
        if not isinstance(value, Call):
            return False
        return is_own_result(value, self.types, self.shares, self.outside)

    def links(self) -> list[Link]:
        found = (links(s, self.types, self.shares) for s in statements(self.fn.body))
        return [link for of_stmt in found for link in of_stmt]

    # --- what follows a branch moves into it

    def move_into_branch(self) -> bool:
        """Do that for the first branch that chooses an array, if there is one."""
        found = self.links()
        defs = definitions(self.fn.body)
        chosen = {
            k.target
            for k in found
            if k.kind in ("view", "maybe", "copy")
            and len(defs[k.target]) > 1
            and self.is_array(k.target)
        }
        after: dict[Var, set[Var]] = {}
        for link in found:
            after.setdefault(link.origin, set()).add(link.target)
        where = places(self.fn.body)
        for stmt in statements(self.fn.body):
            if not isinstance(stmt, If):
                continue
            here = {v for s in (*stmt.then, *stmt.orelse) for v in bound(s)} & chosen
            for var in sorted(here, key=lambda v: v.name):
                place = where[id(stmt)]
                moved = self._moved(place.block, place.index, stmt, var, _reached(var, after))
                if moved is not None:
                    self.fn = replace(self.fn, body=_with_block(self.fn.body, place.block, moved))
                    return True
        return False

    def _moved(
        self, block: Block, at: int, stmt: If, var: Var, family: AbstractSet[Var]
    ) -> Block | None:
        rest = block[at + 1 :]
        last = max((i for i, s in enumerate(rest) if family & occurrences((s,))), default=-1)
        tail, left = rest[: last + 1], rest[last + 1 :]
        if not tail or any(isinstance(s, Return) for s in tail):
            return None
        if len(statements(tail)) > _MOST_STATEMENTS:
            return None
        everywhere = mention_counts(self.fn.body)
        inside = mention_counts((stmt, *tail))
        before = block[:at]
        if everywhere[var] != inside[var]:
            # Before the branch there may be a first choice, which one side leaves as it is.
            first = next((s for s in before if var in occurrences((s,))), None)
            known = first is not None and var in bound(first) and not _binds_inside(before, var)
            if not known or everywhere[var] != inside[var] + mention_counts(before)[var]:
                return None
        in_tail = mention_counts(tail)
        local = {v for v, n in in_tail.items() if everywhere[v] == n} - exposed(tail)

        def side(branch: Block) -> Block:
            own = {v: self.another(v) for v in sorted(local, key=lambda v: v.name)}
            if any(var in bound(s) for s in branch):
                own[var] = self.another(var)
            return copied(renamed((*branch, *tail), own))

        if _binds_inside((*stmt.then, *stmt.orelse), var):
            return None
        for branch in (stmt.then, stmt.orelse):
            if any(var in bound(s) for s in branch) and var in exposed(branch):
                return None  # the old one is read first
        made = replace(stmt, then=side(stmt.then), orelse=side(stmt.orelse))
        return (*before, made, *left)

    # --- names that can only be one array

    def unite_names(self) -> None:
        """Give one name to variables that only ever hold one array."""
        parent: dict[Var, Var] = {}

        def find(v: Var) -> Var:
            while (up := parent.get(v, v)) != v:
                v = up
            return v

        made: dict[Var, list[Stmt | None]] = {p.var: [None] for p in self.fn.params}
        for stmt in statements(self.fn.body):
            match stmt:
                case Assign(Var() as target, Var() as source) if self.is_array(target):
                    a, b = find(target), find(source)
                    if a != b:
                        parent[a] = b
                case _:
                    for v in bound(stmt):
                        made.setdefault(v, []).append(stmt)
        groups: dict[Var, set[Var]] = {}
        for v in list(parent):
            groups.setdefault(find(v), {find(v)}).add(v)
        defs = definitions(self.fn.body)
        top = {id(s) for s in self.fn.body}
        names: dict[Var, Var] = {}
        for group in groups.values():
            origins = [(v, s) for v in group for s in made.get(v, ())]
            if len(origins) != 1 or all(len(defs.get(v, ())) < 2 for v in group):
                continue
            root, stmt = origins[0]
            if stmt is None or id(stmt) in top:
                names.update({v: root for v in group if v != root})
        if names:
            self.fn = replace(self.fn, body=_without_self_copies(renamed(self.fn.body, names)))

    # --- what is filled before it is bound anew

    def name_what_is_filled(self) -> None:
        """Give new arrays that are changed only before a loop or branch a name for that time."""
        self.fn = replace(self.fn, body=self._filled_apart(self.fn.body))

    def _filled_apart(self, block: Block) -> Block:
        for at, stmt in enumerate(block):
            match stmt:
                case Assign(Var() as var, Call() as call) if is_new(call, self.types):
                    rest = block[at + 1 :]
                    n = next((i for i, s in enumerate(rest) if _binds_inside((s,), var)), None)
                    if n is None or not any(var in mutated(s) for s in statements(rest[:n])):
                        continue
                    own = self.another_for(var, call)
                    named = Assign(var, own, stmt.origin)
                    filled = (replace(stmt, target=own), *renamed(rest[:n], {var: own}), named)
                    return (*block[:at], *self._filled_apart((*filled, *rest[n:])))
                case _:
                    pass
        return tuple(map_blocks(s, self._filled_apart) for s in block)

    # --- a new array gets its name once the view of the old one is done with

    def bind_later(self) -> None:
        """Do that for the arrays behind views."""
        for link in self.links():
            if link.kind in ("view", "maybe", "copy") and self.is_array(link.origin):
                where = places(self.fn.body).get(id(link.stmt))
                if where is None:  # it has been rewritten since
                    continue
                moved = self._bound_later(where.block, where.index, link)
                if moved is not None:
                    self.fn = replace(self.fn, body=_with_block(self.fn.body, where.block, moved))

    def _bound_later(self, block: Block, at: int, link: Link) -> Block | None:
        view, parent = link.target, link.origin
        rest = block[at + 1 :]
        uses = [i for i, s in enumerate(rest) if view in occurrences((s,))]
        inside = mention_counts(rest)[view] + 1
        if not uses or mention_counts(self.fn.body)[view] != inside:
            return None
        binds = [
            i
            for i, s in enumerate(rest)
            if parent in {v for t in statements((s,)) for v in bound(t)}
        ]
        last = uses[-1]
        if not binds or binds[0] >= last or not isinstance(rest[binds[0]], Assign | Unpack):
            return None
        moved = rest[binds[0] : last + 1]
        if may_break(moved) or any(isinstance(s, Return) for s in moved[:-1]):
            return None
        new = self.another(parent)
        head = _target_renamed(moved[0], parent, new)
        tail = renamed(moved[1:], {parent: new})
        end: Block = ()
        if not isinstance(tail[-1], Return):
            end = (Assign(parent, new, moved[0].origin),)
        return (*block[: at + 1], *rest[: binds[0]], head, *tail, *end, *rest[last + 1 :])

    # --- an index that is bound anew while a view by it is in use

    def keep_indices(self) -> None:
        """Give such indices names that only the view has."""
        outline = outline_of(self.fn)
        after: dict[Var, set[Var]] = {}
        for link in self.links():
            after.setdefault(link.origin, set()).add(link.target)

        def block(old: Block) -> Block:
            return tuple([s for stmt in old for s in kept(stmt)])

        def kept(stmt: Stmt) -> Block:
            match stmt:
                case Assign(Var() as view, Call() as call) if viewed(call, self.types):
                    family = frozenset(_reached(view, after))
                    lost = [
                        v
                        for v in sorted(index_variables(call), key=lambda v: v.name)
                        if not stays_with(outline, v, family, stmt)
                    ]
                    names = {v: self.another(v) for v in lost}
                    keeping = [Assign(new, old, stmt.origin) for old, new in names.items()]
                    return (*keeping, *renamed((stmt,), names)) if names else (stmt,)
                case _:
                    return (map_blocks(stmt, block),)

        self.fn = replace(self.fn, body=block(self.fn.body))

    # --- an array whose only name is given up

    def copy_what_moves(self) -> frozenset[Var]:
        """Copy arrays that only change their name; returns the parameters among them."""
        moves, alive = self._moves()
        found = self.links()
        beside = _neighbours(found, moves)
        outside = self._from_outside()
        while bad := {s for s, v in moves.items() if _reached(v, beside) & (alive[s] | outside)}:
            moves = {s: v for s, v in moves.items() if s not in bad}
            beside = _neighbours(found, moves)

        def stmt(old: Stmt) -> Stmt:
            if id(old) in moves and isinstance(old, Assign):
                return replace(old, value=Call(COPY, (old.value,), spell=".copy"))
            return map_blocks(old, lambda b: tuple(map(stmt, b)))

        if moves:
            self.fn = replace(self.fn, body=tuple(map(stmt, self.fn.body)))
        given_up = {v for moved in moves.values() for v in _reached(moved, beside)}
        return frozenset(given_up & {p.var for p in self.fn.params})

    def _from_outside(self) -> set[Var]:
        """The variables that may be an array which others than the function's names hold."""
        found: set[Var] = set()
        for stmt in statements(self.fn.body):
            match stmt:
                case Assign(_, Var()):
                    continue
                case Assign(_, Call() as call) if is_own_result(
                    call, self.types, self.shares, self.outside
                ) or viewed(call, self.types):
                    continue
                case Unpack() if exchanged_names(stmt):
                    continue
                case _:
                    found.update(bound(stmt))
        return found

    def _moves(self) -> tuple[dict[int, Var], dict[int, frozenset[Var]]]:
        """The copies of names, with what is alive or run over after each."""
        facts = liveness(self.fn)
        run_over = {
            v for s in statements(self.fn.body) if isinstance(s, For) for v in variables(s.iter)
        }
        moves: dict[int, Var] = {}
        alive: dict[int, frozenset[Var]] = {}
        for stmt, after in zip(statements(self.fn.body), facts.after, strict=True):
            match stmt:
                case Assign(Var(), Var() as source) if self.is_array(source):
                    moves[id(stmt)] = source
                    alive[id(stmt)] = facts.members(after) | run_over
                case _:
                    pass
        return moves, alive

    # --- what may share memory with an array that is changed after its last use

    def copy_what_is_read_at_once(self) -> None:
        """Do that where nothing is changed in place between the call and the last use.

        Likewise where the call has the last use of a new array, of which it may return a view.
        """
        after: dict[Var, set[Var]] = {}
        held: dict[int, Link] = {}
        origins: dict[int, set[Var]] = {}
        changed = {v for s in statements(self.fn.body) for v in mutated(s)}
        for link in self.links():
            after.setdefault(link.origin, set()).add(link.target)
            origins.setdefault(id(link.stmt), set()).add(link.origin)
            unsure = link.kind in ("held", "maybe")
            if unsure and self.is_array(link.target) and self.is_array(link.origin):
                held[id(link.stmt)] = link
        everywhere = mention_counts(self.fn.body)

        def block(old: Block) -> Block:
            new: list[Stmt] = []
            for at, stmt in enumerate(old):
                link = held.get(id(stmt))
                family = set[Var]() if link is None else _reached(link.target, after)
                if isinstance(stmt, Assign) and (
                    (family and done_with(family, old[at:]))
                    or (changed & family and given_up(origins[id(stmt)], old[:at]))
                ):
                    assert isinstance(stmt.target, Var)
                    shared = self.another(stmt.target)
                    new.append(replace(stmt, target=shared))
                    copy = Call(COPY, (shared,), spell=".copy")
                    new.append(Assign(stmt.target, copy, stmt.origin))
                else:
                    new.append(map_blocks(stmt, block))
            return tuple(new)

        def done_with(family: set[Var], rest: Block) -> bool:
            last = max(i for i, s in enumerate(rest) if family & occurrences((s,)))
            here = mention_counts(rest[: last + 1])
            if any(everywhere[v] != here[v] for v in family) or blocks(rest[last]):
                return False
            if any(mutated(s) for s in statements(rest[1:last])):
                return False
            return family.isdisjoint(mutated(rest[last]))

        def given_up(shared: set[Var], before: Block) -> bool:
            made = {s.target for s in before if isinstance(s, Assign) and self.is_new(s.value)}
            return shared <= made and all(everywhere[v] == 2 for v in shared)

        self.fn = replace(self.fn, body=block(self.fn.body))


def _neighbours(found: list[Link], without: Mapping[int, Var]) -> dict[Var, set[Var]]:
    """By variable, those that it shares memory with by a statement that is not ``without``."""
    beside: dict[Var, set[Var]] = {}
    for link in found:
        if id(link.stmt) not in without:
            beside.setdefault(link.origin, set()).add(link.target)
            beside.setdefault(link.target, set()).add(link.origin)
    return beside


def _reached(var: Var, after: Mapping[Var, AbstractSet[Var]]) -> set[Var]:
    """``var``, and what may share its memory by what is made of it."""
    found, pending = {var}, [var]
    while pending:
        for target in after.get(pending.pop(), ()):
            if target not in found:
                found.add(target)
                pending.append(target)
    return found


def _binds_inside(block: Block, var: Var) -> bool:
    """Whether a block inside a statement of ``block`` binds ``var``."""
    top = {id(s) for s in block}
    return any(var in bound(s) for s in statements(block) if id(s) not in top)


def _target_renamed(stmt: Stmt, var: Var, new: Var) -> Stmt:
    match stmt:
        case Assign():
            return replace(stmt, target=new)
        case Unpack(targets, _):
            return replace(stmt, targets=tuple(new if t == var else t for t in targets))
        case _:
            raise AssertionError("only these bind a variable and have no block")


def _with_block(body: Block, old: Block, new: Block) -> Block:
    """``body`` with ``new`` in the place of the block ``old``."""
    if body is old:
        return new
    return tuple(map_blocks(s, lambda b: _with_block(b, old, new)) for s in body)


def _without_self_copies(block: Block) -> Block:
    return tuple(
        map_stmt(s, lambda e: e, _without_self_copies)
        for s in block
        if not (isinstance(s, Assign) and s.target == s.value)
    )
