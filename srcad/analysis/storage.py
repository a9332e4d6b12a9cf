"""Which arrays are buffers: mutated in place, and known to be shared in a way that can be mirrored.

An array that the program mutates needs a buffer-style adjoint, and so does every view of it: the
adjoint of a view is the same view of the adjoint. That is only right if the program text tells
which variable is a view of which. `plan_storage` proves that, or refuses with a `MutationError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType

import numpy as np

from srcad.analysis.effects import calls_in, is_fresh, is_mutator, is_pure, mutated, runtime_name
from srcad.analysis.places import Place, definitions, exposed, following, occurrences, places
from srcad.analysis.sharing import CalleeShares, Link, links
from srcad.errors import MutationError, SrcadError
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Do,
    For,
    Function,
    Origin,
    Ref,
    Stmt,
    Store,
    Unpack,
    Var,
    While,
)
from srcad.ir.refs import LIST_APPEND, LIST_POP
from srcad.ir.walk import map_stmt, mention_counts, statements, subexpressions, variables
from srcad.rules.table import rule_for
from srcad.types.calls import bind_arguments, python_function
from srcad.types.lattice import UNKNOWN, Array, DictOf, FixedList, ListOf, Scalar, Type
from srcad.types.operands import operand_type

__all__ = ["CalleeMutates", "Storage", "accumulates_at", "plan_storage"]

CalleeMutates = Callable[[FunctionType, tuple[Type, ...]], frozenset[int]]
"""The parameters of a Python function whose objects it mutates."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The facts about memory.

    Parameters
    ----------
    buffers
        Every array variable that may share memory with a mutated array.
    views
        For each buffer that is a view or a second name of another: the expression it is, over its
        parent.
    members
        The memory class of each buffer.
    mutated_params
        The parameters whose array the function mutates, and that must be copied first.
    updated_params
        The parameters that the user's function mutates by ``x += y`` alone, which here makes a new
        array.
    result_shares
        The parameters whose memory the result may share.
    lists
        Lists that ``append`` and ``pop`` change.
    guarded
        The views of which only the running program can tell that they are no copies.
    """

    buffers: frozenset[Var]
    views: Mapping[Var, Call | Var]
    members: Mapping[Var, frozenset[Var]]
    mutated_params: frozenset[Var]
    updated_params: frozenset[Var]
    result_shares: frozenset[Var]
    lists: frozenset[Var]
    guarded: frozenset[Var]

    def with_view(self, var: Var, view: Call) -> Storage:
        """These facts, with ``var`` a new view of a buffer."""
        parent = view.args[0]
        assert isinstance(parent, Var)
        group = self.members[parent] | {var}
        members = {v: group if v in group else old for v, old in self.members.items()}
        return replace(
            self,
            buffers=self.buffers | {var},
            views={**self.views, var: view},
            members={**members, var: group},
        )

    def place_reads(self, var: Var) -> frozenset[Var]:
        """The variables that name the part of a buffer which the view ``var`` is."""
        found: set[Var] = set()
        while var in self.views:
            view = self.views[var]
            if isinstance(view, Var):
                var = view
                continue
            found.update(v for a in view.args[1:] for v in variables(a))
            found.update(v for _, a in view.kwargs for v in variables(a))
            parent = view.args[0]
            assert isinstance(parent, Var)
            var = parent
        return frozenset(found)


def writes_to_operand(call: Call) -> bool:
    """Whether a NumPy function is told to write its result into one of its operands."""
    fn = call.fn.value if isinstance(call.fn, Ref) else None
    if any(k == "out" and v != Const(None) for k, v in call.kwargs):
        return True
    if isinstance(fn, np.ufunc):
        return len(call.args) > fn.nin
    if fn is np.nan_to_num:
        copies = [v for k, v in call.kwargs if k == "copy"] or list(call.args[1:2])
        return bool(copies) and copies[0] != Const(True)
    rule = rule_for(fn)
    if rule is None or not _is_numpy(fn):
        return is_mutator(call) and not isinstance(fn, FunctionType)
    most = sum(not p.keyword_only for p in rule.params)
    return len(call.args) > most and not any(p.star for p in rule.params)


def _is_numpy(fn: object) -> bool:
    return str(getattr(fn, "__module__", "")).startswith("numpy")


def _is_harmless(fn: object) -> bool:
    """Whether a function without a rule surely leaves its operands as they are."""
    if fn in (print, str.format, format, repr, str) or isinstance(fn, type):
        return True
    module = str(getattr(fn, "__module__", None))
    owner = type(getattr(fn, "__self__", None)).__module__
    random = module.startswith("numpy.random") or owner.startswith("numpy.random")
    return (_is_numpy(fn) or module == "math") and not random


def accumulates_at(stmt: Stmt) -> tuple[Call, Var] | None:
    """The call and its first operand, if ``stmt`` is ``np.add.at`` or ``add_at`` of it."""
    match stmt:
        case Do(Call(Ref(_, fn), (Var() as obj, _, _)) as call) if (
            fn == np.add.at or runtime_name(fn) == "add_at"
        ):
            return call, obj
        case _:
            return None


def plan_storage(
    fn: Function,
    types: Mapping[Var, Type],
    shares: CalleeShares,
    mutates: CalleeMutates,
) -> tuple[Function, Storage]:
    """Find the buffers of ``fn``; updates of arrays that nobody shares become plain assignments.

    Raises
    ------
    MutationError
        Where it is not proved what a mutation reaches.
    """
    _check_updates_of_globals(fn, types)
    found = _links(fn, types, shares)
    updated = _value_updates(fn, types, found)
    rebound = _updated_params(fn, types)
    if updated is not fn:
        fn = updated
        found = _links(fn, types, shares)
    plan = _Plan(fn, types, found, mutates)
    return fn, replace(plan.storage(), updated_params=rebound)


def _check_updates_of_globals(fn: Function, types: Mapping[Var, Type]) -> None:
    defs = definitions(fn.body)
    for stmt in statements(fn.body):
        if not (isinstance(stmt, AugAssign) and isinstance(stmt.obj, Var)):
            continue
        if isinstance(types.get(stmt.obj), Scalar):
            continue
        for made in defs.get(stmt.obj, ()):
            if (ref := _shared_global(made)) is not None:
                raise global_changed(ref, stmt, fn)


def global_changed(ref: Ref, stmt: Stmt, fn: Function) -> MutationError:
    """The refusal of a change to what is not local."""
    return MutationError(
        f"`{ref.path}`, which is not local to the function, is changed in place",
        source=fn.source,
        origin=stmt.origin,
        why="a derivative must leave everything outside as it is",
        instead=f"pass it as an argument, or work on a copy: `{ref.path}.copy()`",
    )


def _links(fn: Function, types: Mapping[Var, Type], shares: CalleeShares) -> list[Link]:
    """All links but those of a new array that a copy only names: ``t = x.copy(); u = t``."""
    found = [link for stmt in statements(fn.body) for link in links(stmt, types, shares)]
    counts = mention_counts(fn.body)
    kept_out = {k.target for k in found} | {p.var for p in fn.params}
    gradients = {
        s.target
        for s in statements(fn.body)
        if isinstance(s, Assign)
        and isinstance(s.value, Call)
        and isinstance(s.value.fn, Ref)
        and getattr(s.value.fn.value, "__srcad_fresh__", False) is True
    }

    def moves(link: Link) -> bool:
        if counts[link.origin] != 2 or link.origin in kept_out:
            return False
        unpacked = isinstance(link.stmt, Unpack) and link.origin in gradients
        return link.kind == "copy" or unpacked

    # An Unpack is one mention for all that it binds.
    return [k for k in found if not moves(k)]


def _updated_params(fn: Function, types: Mapping[Var, Type]) -> frozenset[Var]:
    params = {p.var for p in fn.params}
    return frozenset(
        s.obj
        for s in statements(fn.body)
        if isinstance(s, AugAssign)
        and isinstance(s.obj, Var)
        and s.obj in params
        and not isinstance(types.get(s.obj), Scalar)
    )


# --- updates of what nobody shares ---------------------------------------------------------------


def _value_updates(fn: Function, types: Mapping[Var, Type], found: list[Link]) -> Function:
    linked = {v for link in found for v in (link.target, link.origin)}
    # A loop holds on to what it runs over.
    linked |= {v for s in statements(fn.body) if isinstance(s, For) for v in variables(s.iter)}
    stored = {
        v
        for s in statements(fn.body)
        if isinstance(s, Store) or (isinstance(s, AugAssign) and s.index is not None)
        for v in mutated(s)
    }

    def is_value(stmt: AugAssign) -> bool:
        obj = stmt.obj
        if not isinstance(obj, Var) or stmt.index is not None or obj in linked or obj in stored:
            return False
        t, v = types.get(obj, UNKNOWN), operand_type(stmt.value, types)
        if isinstance(t, Array) and isinstance(v, Array | Scalar):
            return np.result_type(t.dtype, v.dtype) == t.dtype or (
                isinstance(v, Scalar) and v.weak and v.dtype.kind <= t.dtype.kind
            )
        return not isinstance(t, Array)

    def block(stmts: Block) -> Block:
        out: list[Stmt] = []
        for stmt in stmts:
            if isinstance(stmt, AugAssign) and is_value(stmt) and isinstance(stmt.obj, Var):
                value = Call(stmt.op, (stmt.obj, stmt.value), origin=stmt.origin)
                out.append(Assign(stmt.obj, value, stmt.origin))
            else:
                out.append(map_stmt(stmt, lambda e: e, block))
        return tuple(out)

    if not any(isinstance(s, AugAssign) for s in statements(fn.body)):
        return fn
    return replace(fn, body=block(fn.body))


# --- the plan ------------------------------------------------------------------------------------


class _Plan:
    def __init__(
        self,
        fn: Function,
        types: Mapping[Var, Type],
        found: list[Link],
        mutates: CalleeMutates,
    ) -> None:
        self.fn = fn
        self.types = types
        self.places = places(fn.body)
        self.defs = definitions(fn.body)
        self.params = {p.var for p in fn.params}
        self.links = found
        self.mutates = mutates
        self._parent: dict[Var, Var] = {}
        self.mutations: dict[Var, list[Stmt]] = {}
        self.lists: set[Var] = set()
        self.guarded: set[Var] = set()

    def fail(self, message: str, stmt: Stmt | None, why: str, instead: str) -> MutationError:
        origin: Origin | None = getattr(stmt, "origin", None)
        return MutationError(
            message, source=self.fn.source, origin=origin, why=why, instead=instead
        )

    def find(self, var: Var) -> Var:
        while (up := self._parent.get(var, var)) != var:
            var = up
        return var

    def unite(self, a: Var, b: Var) -> None:
        ra, rb = self.find(a), self.find(b)
        if ra != rb:
            self._parent[rb] = ra

    def storage(self) -> Storage:
        for stmt in statements(self.fn.body):
            self._note_mutation(stmt)
        for link in self.links:
            if link.kind == "view":
                self.unite(link.target, link.origin)
        if self.mutations:
            self._join_copies()
        buffers = {v for v in self._everything() if self._is_mutated(v)}
        views: dict[Var, Call | Var] = {}
        for var in sorted(buffers, key=lambda v: v.name):
            self._check_role(var, views)
        members: dict[Var, frozenset[Var]] = {}
        groups: dict[Var, set[Var]] = {}
        for var in buffers:
            groups.setdefault(self.find(var), set()).add(var)
        for group in groups.values():
            for var in group:
                members[var] = frozenset(group)
        self._check_lists()
        return Storage(
            frozenset(buffers),
            views,
            members,
            frozenset(buffers & self.params),
            frozenset(),
            self._result_shares(),
            frozenset(self.lists),
            frozenset(self.guarded),
        )

    def _everything(self) -> set[Var]:
        return occurrences(self.fn.body) | self.params

    def _note_mutation(self, stmt: Stmt) -> None:
        match stmt:
            case Store(Var() as obj) | AugAssign(Var() as obj):
                self.mutations.setdefault(obj, []).append(stmt)
                return
            case Store(Ref() as obj) | AugAssign(Ref() as obj):
                raise self._global_changed(obj, stmt)
            case _:
                pass
        if (hit := accumulates_at(stmt)) is not None:
            self.mutations.setdefault(hit[1], []).append(stmt)
            return
        for call in calls_in(stmt):
            if isinstance(call.fn, Ref) and call.fn.value in (LIST_APPEND, LIST_POP):
                if call.args and isinstance(call.args[0], Var):
                    self.lists.add(call.args[0])
                elif call.args and isinstance(call.args[0], Ref):
                    raise self._global_changed(call.args[0], stmt)
                continue
            self._note_call(call, stmt)

    def _global_changed(self, ref: Ref, stmt: Stmt) -> MutationError:
        return global_changed(ref, stmt, self.fn)

    def _note_call(self, call: Call, stmt: Stmt) -> None:
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        if writes_to_operand(call) or fn in (setattr, delattr):
            raise self.fail(
                "srcad does not know how to undo this in-place operation",
                stmt,
                "the call writes its result into one of its arguments",
                "assign the result: `u[...] = np.multiply(u, 2.0)`",
            )
        if rule_for(fn) is not None or is_pure(call) or _is_harmless(fn):
            return
        inner = python_function(fn)
        if inner is not None:
            self._note_python(inner, call, stmt)
            return
        operands = (*call.args, *(v for _, v in call.kwargs))
        at_risk = [v for o in operands for v in variables(o) if self._can_change(v)]
        if at_risk:
            path = call.fn.path if isinstance(call.fn, Ref) else "the called function"
            raise self.fail(
                f"`{path}` may change `{at_risk[0].base}` in place",
                stmt,
                "the function has no rule and no Python source, so that nothing is known of it",
                "give it a rule with `srcad.rule`, or call it on a copy that is not used again",
            )

    def _can_change(self, var: Var) -> bool:
        t = self.types.get(var, UNKNOWN)
        return isinstance(t, Array | ListOf | FixedList | DictOf)

    def _note_python(self, inner: FunctionType, call: Call, stmt: Stmt) -> None:
        try:
            operands = bind_arguments(inner, call)
            touched = self.mutates(inner, tuple(operand_type(o, self.types) for o in operands))
        except SrcadError:
            return
        for i in sorted(touched):
            raise self.fail(
                f"`{inner.__name__}` changes its argument "
                f"`{inner.__code__.co_varnames[i]}` in place",
                stmt,
                "an array that a function mutates and calls itself with is not tracked",
                "return the new array from the function, or write its body here",
            )

    def _is_mutated(self, var: Var) -> bool:
        root = self.find(var)
        return any(self.find(m) == root for m in self.mutations)

    def _join_copies(self) -> None:
        pending = [k for k in self.links if k.kind != "view"]
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
                    self._refuse_held(link)
                pending.remove(link)
                self.unite(link.origin, link.target)
                grown = True

    def _refuse_held(self, link: Link) -> None:
        other = link.target.name if self._is_mutated(link.origin) else link.origin.name
        held = link.origin.name if self._is_mutated(link.origin) else link.target.name
        raise self.fail(
            f"the array `{held}` is changed in place while `{other}` may hold it too",
            link.stmt,
            "which array the change reaches is not proved",
            f"copy it first: `{held}.copy()`",
        )

    def _frozen(self, link: Link) -> bool:
        """Whether nothing mutates the origin's memory once the target holds it."""
        group = {v for v in self._everything() if self.find(v) == self.find(link.origin)}
        mutations = {id(s) for v in group for s in self.mutations.get(v, ())}
        return self._untouched_after(link, group, mutations)

    def _untouched_after(self, link: Link, group: set[Var], mutations: set[int]) -> bool:
        """Whether none of ``mutations``, of the memory of ``group``, can run after ``link``."""
        place: Place = self.places[id(link.stmt)]
        if isinstance(link.stmt, For) and any(
            id(s) in mutations for s in statements(link.stmt.body)
        ):
            return False
        for rest, loop in following(place):
            if any(id(s) in mutations for s in statements(rest)):
                return False
            if loop is None:
                continue
            body = loop.body if isinstance(loop, For | While) else ()
            inside = {id(s) for s in statements(body)}
            local = all(
                v not in self.params and all(id(d) in inside for d in self.defs.get(v, ()))
                for v in group
            )
            if local and not (exposed(body) & group):
                # Each turn of this loop makes the array anew.
                return True
            if any(id(s) in mutations for s in statements(body)):
                return False
        return True

    def _check_role(self, var: Var, views: dict[Var, Call | Var]) -> None:
        defs = self.defs.get(var, ())
        for stmt in defs:
            if (ref := _shared_global(stmt)) is not None:
                raise self._global_changed(ref, stmt)
        mine = [k for k in self.links if k.target == var and self.find(k.origin) == self.find(var)]
        if not mine:
            return
        first = mine[0]
        if len(defs) != 1 or var in self.params or len(mine) != 1:
            raise self.fail(
                f"`{var.base}` may be one array or another, and one of them is changed in place",
                first.stmt,
                "which array the change reaches is not proved",
                f"copy the array where `{var.base}` gets it, for instance with `.copy()`",
            )
        parent = first.origin
        rebound = len(self.defs.get(parent, ())) + (parent in self.params) > 1
        if rebound and not self._stays(parent, var, first.stmt):
            raise self.fail(
                f"`{var.base}` is a view of `{parent.base}`, which is bound anew while in use",
                first.stmt,
                "the array behind the view has no name any more",
                f"give the new array another name than `{parent.base}`",
            )
        if first.kind == "maybe" and not self._is_contiguous(parent):
            self.guarded.add(var)
        stmt = first.stmt
        value = stmt.value if isinstance(stmt, Assign) else None
        if not isinstance(value, Call | Var):
            self._refuse_held(first)
            return
        views[var] = value

    def _stays(self, parent: Var, view: Var, stmt: Stmt) -> bool:
        place = self.places[id(stmt)]
        rest = place.block[place.index + 1 :]
        uses = [i for i, s in enumerate(rest) if view in occurrences((s,))]
        inside = {id(s) for s in statements(rest)} | {id(stmt)}
        all_uses = all(
            id(s) in inside for s in statements(self.fn.body) if view in set(variables_of(s))
        )
        rebinds = [
            i
            for i, s in enumerate(rest)
            if any(id(d) == id(x) for x in statements((s,)) for d in self.defs.get(parent, ()))
        ]
        return all_uses and (not uses or all(i >= max(uses) for i in rebinds))

    def _is_contiguous(self, var: Var) -> bool:
        made = self.defs.get(var, ())
        fresh = {np.zeros, np.ones, np.empty, np.full, np.arange, np.linspace}
        return (
            len(made) == 1
            and var not in self.params
            and isinstance(made[0], Assign)
            and isinstance(made[0].value, Call)
            and isinstance(made[0].value.fn, Ref)
            and made[0].value.fn.value in fresh
        )

    def _check_lists(self) -> None:
        for link in self.links:
            t = self.types.get(link.target)
            if link.kind != "copy" or not isinstance(t, ListOf | FixedList):
                continue
            if link.target in self.lists or (
                link.origin in self.lists and not self._list_stays(link)
            ):
                raise self.fail(
                    f"the list `{link.origin.base}` has a second name, `{link.target.base}`, "
                    "and is changed",
                    link.stmt,
                    "a change through one name shows through the other",
                    "copy the list: `list(xs)`",
                )
        for var in self.lists & self.params:
            raise self.fail(
                f"the list `{var.base}` is an argument and is changed in place",
                None,
                "the caller's list must stay as it is",
                f"copy it first: `{var.base} = list({var.base})`",
            )

    def _list_stays(self, link: Link) -> bool:
        """Whether the list that a second name is given to is not changed any more."""
        changes = {
            id(s)
            for s in statements(self.fn.body)
            for call in calls_in(s)
            if isinstance(call.fn, Ref)
            and call.fn.value in (LIST_APPEND, LIST_POP)
            and call.args[0] == link.origin
        }
        return self._untouched_after(link, {link.origin}, changes)

    def _result_shares(self) -> frozenset[Var]:
        parent: dict[Var, Var] = {}

        def find(v: Var) -> Var:
            while (up := parent.get(v, v)) != v:
                v = up
            return v

        for link in self.links:
            a, b = find(link.target), find(link.origin)
            if a != b:
                parent[b] = a
        last = self.fn.body[-1] if self.fn.body else None
        value = getattr(last, "value", None)
        roots = {find(v) for v in variables(value)} if value is not None else set[Var]()
        return frozenset(p for p in self.params if find(p) in roots)


def _shared_global(stmt: Stmt) -> Ref | None:
    """The outside object of which ``stmt`` makes its target a second name, a part or a view."""
    match stmt:
        case For(_, iterable):
            found = subexpressions(iterable)
        case Assign(_, Call(Ref(path, fn), (owner, *_))) if fn is getattr:
            return owner if isinstance(owner, Ref) else Ref(path, fn)
        case Assign(_, Call(_, args) as call):
            found = () if is_fresh(call, {}) else args[:1]
        case Assign(_, value):
            found = subexpressions(value)
        case _:
            return None
    for expr in found:
        if isinstance(expr, Ref) and isinstance(expr.value, np.ndarray | list | dict):
            return expr
    return None


def variables_of(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that ``stmt`` itself reads or binds."""
    from srcad.ir.walk import bound, used

    return (*bound(stmt), *used(stmt))
