"""Which arrays are buffers: mutated in place, and known to be shared in a way that can be mirrored.

The adjoint of a buffer is a buffer too, and that of a view is the same view of it. This is only
right if the program text tells which variable is a view of which. `plan_storage` proves that, or
refuses with a `MutationError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from srcad.analysis.effects import ARITHMETIC, has_memory, runtime_name
from srcad.analysis.exchanges import with_exchanges
from srcad.analysis.lifetimes import keeps_its_name, outline_of, stays_with, untouched_after
from srcad.analysis.lists import check_lists
from srcad.analysis.mutations import (
    CalleeMutates,
    Mutations,
    check_updates_of_globals,
    find_mutations,
    global_changed,
    refusal,
    shared_global,
)
from srcad.analysis.own_items import own_items, own_unpacked
from srcad.analysis.sharing import CalleeOwn, CalleeShares, Link, links
from srcad.analysis.storage import Storage, index_variables
from srcad.analysis.updates import updated_params, with_value_updates
from srcad.errors import MutationError
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import Assign, Call, For, Function, Ref, Return, Stmt, Unpack, Var, While
from srcad.ir.places import Place, definitions, places
from srcad.ir.refs import COPY
from srcad.ir.walk import bound, mention_counts, statements, variables
from srcad.notes import notes_of
from srcad.types.lattice import UNKNOWN, Array, Scalar, Type

__all__ = ["plan_storage"]


def plan_storage(
    fn: Function,
    types: Mapping[Var, Type],
    shares: CalleeShares,
    own: CalleeOwn,
    mutates: CalleeMutates,
) -> tuple[Function, Storage]:
    """Find the buffers of ``fn``; updates of arrays that nobody shares become plain assignments.

    Raises
    ------
    MutationError
        Where it is not proved what a mutation reaches.
    """
    check_updates_of_globals(fn, types)
    found, moved = _links(fn, types, shares, own)
    updated = with_value_updates(fn, types, found)
    rebound = updated_params(fn, types)
    if updated is not fn:
        fn = updated
        found, moved = _links(fn, types, shares, own)
    mutations = find_mutations(fn, types, mutates)
    exchanged = with_exchanges(fn, _reaching(types, found, mutations))
    if exchanged is not fn:
        fn = exchanged
        found, moved = _links(fn, types, shares, own)
        mutations = find_mutations(fn, types, mutates)
    plan = _Plan(fn, types, found, moved, mutations)
    return fn, replace(plan.storage(), updated_params=rebound)


def _links(
    fn: Function, types: Mapping[Var, Type], shares: CalleeShares, own: CalleeOwn
) -> tuple[list[Link], list[Link]]:
    """All links, and apart from them those in which the origin lives on as the target alone.

    These are the links of a new array that a copy only names: ``t = x.copy(); u = t``, those of
    what is copied at once: ``t = np.diag(x); d = t.copy()``, and those of the arrays that a
    function made to the tuple in which it returned them: ``u, v = start(n)``.
    """
    found = [link for stmt in statements(fn) for link in links(stmt, types, shares)]
    counts = mention_counts(fn.body)
    kept_out = {k.target for k in found} | {p.var for p in fn.params}
    gradients = {
        s.target
        for s in statements(fn)
        if isinstance(s, Assign)
        and isinstance(s.value, Call)
        and isinstance(s.value.fn, Ref)
        and notes_of(s.value.fn.value).fresh
    }

    unpacked = own_unpacked(fn, types, own)
    copied = _copied_at_once(fn, types, counts, unpacked)

    where = places(fn.body)
    made = definitions(fn.body)

    def moves(link: Link) -> bool:
        if link.target in copied:
            return True
        is_own = (id(link.stmt), link.target) in unpacked
        if counts[link.origin] != 2 or link.origin not in made:
            return False
        if link.origin in kept_out and not is_own:
            return False
        if not _runs_once_after(where[id(made[link.origin][0])], where[id(link.stmt)]):
            return False  # it is the array of a turn before
        of_gradient = isinstance(link.stmt, Unpack) and link.origin in gradients
        return link.kind == "copy" or of_gradient or is_own

    # An Unpack is one mention for all that it binds.
    moved = list(filter(moves, found))
    return [k for k in found if k not in moved], moved


def _runs_once_after(first: Place, second: Place) -> bool:
    """Whether the second statement runs at most once for each time that the first does."""
    here: Place | None = second
    while here is not None and here.block is not first.block:
        if isinstance(here.owner, (For, While)):
            return False
        here = here.outer
    return here is not None


def _copied_at_once(
    fn: Function,
    types: Mapping[Var, Type],
    counts: Mapping[Var, int],
    unpacked: frozenset[tuple[int, Var]],
) -> set[Var]:
    """The variables that the next statement copies, and that nothing else reads.

    A tuple that is unpacked at once counts as copied if what is not copied of it is its own.
    """
    found: set[Var] = set()
    flat = statements(fn)
    for stmt, after, last in zip(flat, flat[1:], [*flat[2:], None], strict=False):
        match stmt, after:
            case Assign(Var() as t), Assign() if _copied(after) == t and counts[t] == 2:
                found.add(t)
            case Assign(Var() as t), Unpack(targets, Var() as whole) if t == whole:
                copied = _copied(last)
                own = {v for s, v in unpacked if s == id(after)}
                left = {v for v in targets if v and has_memory(types.get(v, UNKNOWN))} - own
                if copied and left == {copied} and counts[t] == counts[copied] == 2:
                    found.update((t, copied))
            case _:
                pass
    return found


def _copied(stmt: Stmt | None) -> Var | None:
    """The variable of which ``stmt`` makes a copy."""
    match stmt:
        case Assign(_, Call(Ref(_, fn) as ref, (Var() as source,))) if (
            ref == COPY or runtime_name(fn) == "copied_tree"
        ):
            return source
        case _:
            return None


class _Groups:
    """Variables in groups, of which any two may be united."""

    def __init__(self) -> None:
        self._parent: dict[Var, Var] = {}
        self._roots: tuple[int, object, set[Var]] = (0, None, set())

    def find(self, var: Var) -> Var:
        """The variable that stands for the group of ``var``."""
        while (up := self._parent.get(var, var)) != var:
            var = up
        return var

    def same(self, a: Var, b: Var) -> bool:
        return self.find(a) == self.find(b)

    def holds_one_of(self, several: Mapping[Var, object], var: Var) -> bool:
        """Whether one of ``several``, which stay what they are, is in the group of ``var``."""
        united, asked, roots = self._roots
        if asked is not several or united != len(self._parent):
            roots = set(map(self.find, several))
            self._roots = len(self._parent), several, roots
        return self.find(var) in roots

    def unite(self, a: Var, b: Var) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self._parent[b] = a

    def members(self, among: Iterable[Var]) -> dict[Var, frozenset[Var]]:
        """By variable, those of ``among`` in its group."""
        groups: dict[Var, set[Var]] = {}
        for var in among:
            groups.setdefault(self.find(var), set()).add(var)
        return {v: frozenset(group) for group in groups.values() for v in group}


def _reaching(
    types: Mapping[Var, Type], found: list[Link], mutations: Mutations
) -> Callable[[frozenset[Var]], bool]:
    """Whether variables are arrays that a mutation may reach."""
    groups = _Groups()
    for link in found:
        groups.unite(link.target, link.origin)

    def is_reached(names: frozenset[Var]) -> bool:
        return all(isinstance(types.get(v), Array) for v in names) and any(
            groups.same(v, m) for v in names for m in mutations.arrays
        )

    return is_reached


class _Plan:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        found: list[Link],
        moved: list[Link],
        mutations: Mutations,
    ) -> None:
        self.fn = fn
        self.types = types
        self.links = found
        self.moved = moved
        self.outline = outline_of(fn)
        self.mutations = mutations
        self.groups = _Groups()
        self.guarded: set[Var] = set()

    def storage(self) -> Storage:
        for link in self.links:
            if link.kind in ("view", "exchange"):
                self.groups.unite(link.target, link.origin)
        if self.mutations.arrays:
            self._join_copies()
        buffers = {v for v in self.outline.variables if self._is_mutated(v)}
        views: dict[Var, Call | Var] = {}
        for var in sorted(buffers, key=lambda v: v.name):
            self._check_role(var, views)
        self._check_loops(buffers)
        check_lists(self.outline, self.types, self.links, self.mutations.lists)
        return Storage(
            frozenset(buffers),
            views,
            self.groups.members(buffers),
            self._former_names(buffers),
            frozenset(buffers & self.outline.params),
            frozenset(),
            self._result_shares(),
            own_items(self.fn, self.types, self.links, self.outline.params),
            frozenset(self.mutations.lists),
            frozenset(self.guarded),
        )

    def _former_names(self, buffers: set[Var]) -> dict[Var, frozenset[Var]]:
        found: dict[Var, frozenset[Var]] = {}
        for link in self.moved:
            if link.target in buffers:
                found[link.target] = found.get(link.target, frozenset()) | {link.origin}
        return found

    def _is_mutated(self, var: Var) -> bool:
        return self.groups.holds_one_of(self.mutations.arrays, var)

    def _join_copies(self) -> None:
        pending = [k for k in self.links if k.kind not in ("view", "exchange")]
        grown = True
        while grown:
            grown = False
            for link in list(pending):
                a, b = self._is_mutated(link.target), self._is_mutated(link.origin)
                if not (a or b):
                    continue
                if isinstance(self.types.get(link.origin), Scalar):
                    continue
                if b and not a and self._frozen(link):
                    continue
                if link.kind == "held":
                    raise self._refusal_of(link)
                pending.remove(link)
                self.groups.unite(link.origin, link.target)
                grown = True

    def _refusal_of(self, link: Link) -> MutationError:
        changed, other = link.target, link.origin
        if self._is_mutated(link.origin):
            changed, other = link.origin, link.target
        array, copied = f"the array `{changed.base}`", f"copy it first: `{changed.base}.copy()`"
        if is_nameless(changed):
            array, copied = "an array without a name", "give it a name, and copy it: `.copy()`"
        holder = "what this makes" if is_nameless(other) else f"`{other.base}`"
        return refusal(
            self.fn,
            f"{array} is changed in place while {holder} may hold it too",
            link.stmt,
            "which array the change reaches is not proved",
            copied,
        )

    def _frozen(self, link: Link) -> bool:
        """Whether nothing mutates the origin's memory once the target holds it."""
        group = {v for v in self.outline.variables if self.groups.same(v, link.origin)}
        mutations = {id(s) for v in group for s in self.mutations.arrays.get(v, ())}
        return untouched_after(self.outline, link.stmt, group, mutations)

    def _check_role(self, var: Var, views: dict[Var, Call | Var]) -> None:
        defs = self.outline.defs.get(var, ())
        for stmt in defs:
            if (ref := shared_global(stmt, self.types)) is not None:
                raise global_changed(ref, stmt, self.fn)
        # Names that are only exchanged stay names of as many arrays.
        mine = [
            k
            for k in self.links
            if k.target == var and k.kind != "exchange" and self.groups.same(k.origin, var)
        ]
        if not mine:
            return
        first = mine[0]
        if len(defs) != 1 or var in self.outline.params or len(mine) != 1:
            raise refusal(
                self.fn,
                f"`{var.base}` may be one array or another, and one of them is changed in place",
                first.stmt,
                "which array the change reaches is not proved",
                f"copy the array where `{var.base}` gets it, for instance with `.copy()`",
            )
        parent = first.origin
        rebound = len(self.outline.defs.get(parent, ())) + (parent in self.outline.params) > 1
        if rebound and not keeps_its_name(self.outline, parent, self._views_of(var), first.stmt):
            raise refusal(
                self.fn,
                f"`{var.base}` is a view of `{parent.base}`, which is bound anew while in use",
                first.stmt,
                "the array behind the view has no name any more",
                f"give the new array another name than `{parent.base}`",
            )
        if first.kind == "maybe" and not self._is_contiguous(parent):
            self.guarded.add(var)
        stmt = first.stmt
        value = stmt.value if isinstance(stmt, Assign) else None
        if not isinstance(value, (Call, Var)):
            raise self._refusal_of(first)
        self._check_index(var, value, first)
        views[var] = value

    def _check_index(self, var: Var, value: Call | Var, link: Link) -> None:
        for index in index_variables(value):
            if not stays_with(self.outline, index, self._views_of(var), link.stmt):
                raise refusal(
                    self.fn,
                    f"`{var.base}` is a view by `{index.base}`, which is bound anew while in use",
                    link.stmt,
                    "the place of the view has no name any more",
                    f"make the view by another name for the index: `k = {index.base}`",
                )

    def _views_of(self, var: Var) -> frozenset[Var]:
        """``var`` and what is made of it without a copy."""
        found = {var}
        size = 0
        while size != len(found):
            size = len(found)
            found |= {k.target for k in self.links if k.origin in found}
        return frozenset(found)

    def _check_loops(self, buffers: AbstractSet[Var]) -> None:
        """A loop runs on over the array that its iterable named at first."""
        for loop in statements(self.fn):
            if not isinstance(loop, For):
                continue
            runs_over = buffers & set(variables(loop.iter))
            for var in sorted(runs_over, key=lambda v: v.name):
                if any(var in bound(s) for s in statements(loop.body)):
                    raise refusal(
                        self.fn,
                        f"the loop runs over `{var.base}`, which is bound anew inside it "
                        "and changed in place",
                        loop,
                        "the array that the loop runs over has no name any more",
                        f"run over a copy: `{var.base}.copy()`",
                    )

    def _is_contiguous(self, var: Var) -> bool:
        made = self.outline.defs.get(var, ())
        if len(made) != 1 or var in self.outline.params or not isinstance(made[0], Assign):
            return False
        call, t = made[0].value, self.types.get(var)
        if not (isinstance(call, Call) and isinstance(call.fn, Ref)):
            return False
        fn = call.fn.value
        if fn in (np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace):
            return all(name != "order" for name, _ in call.kwargs)
        # These keep the layout of their operands, of which one axis has but one.
        like = isinstance(fn, np.ufunc) or fn in (*ARITHMETIC, np.copy, np.array)
        return like and isinstance(t, Array) and t.ndim == 1

    def _result_shares(self) -> frozenset[Var]:
        """The parameters whose memory the result may share."""
        groups = _Groups()
        for link in self.links:
            groups.unite(link.target, link.origin)
        last = self.fn.body[-1] if self.fn.body else None
        value = last.value if isinstance(last, Return) else None
        roots = set[Var]() if value is None else {groups.find(v) for v in variables(value)}
        return frozenset(p for p in self.outline.params if groups.find(p) in roots)
