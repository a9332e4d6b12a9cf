"""Which variables may share memory, and which of it a statement may change.

What the caller passes, what globals name and what unknown functions were given is one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from srcad.analysis.effects import is_opaque, is_pure, mutated
from srcad.analysis.objects import Object, collapse, find, reachable
from srcad.analysis.points_to import PointsTo
from srcad.ir.nodes import AugAssign, Function, Return, Stmt, Store, Tuple, Var
from srcad.ir.walk import call_of, statements, variables
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["Memory", "memory_of"]


class Memory:
    """What may share memory with what in one function; made by `memory_of`.

    Objects are named by integers, which mean nothing else.

    Attributes
    ----------
    outside : frozenset of int
        The objects that live on after the call.
    """

    __slots__ = (
        "_changes",
        "_escaping",
        "_fn",
        "_holders",
        "_inside",
        "_mutated",
        "_names",
        "_points",
        "_reach",
        "_touched",
        "outside",
    )

    def __init__(self, points: PointsTo, fn: Function, changes: _Changes) -> None:
        self._points = points
        self._fn = fn
        self._names: dict[Object, int] = {}
        self._reach: dict[Var, frozenset[int]] = {}
        self._inside: dict[Object, frozenset[int]] = {}
        self._holders: dict[int, set[Var]] | None = None
        # By identity, which is safe as the statement is kept with its change.
        self._touched: dict[int, frozenset[int]] = {}
        self._changes = changes
        self._mutated: frozenset[int] | None = None
        self._escaping: frozenset[int] | None = None
        self.outside = self._reached(points.outside)

    def followed(self, fn: Function, types: Mapping[Var, Type]) -> Memory:
        """The memory of ``fn``, made of this one's function by a rewrite; this one is used up.

        Of what the rewrite removed it says what held before.
        """
        self._points.types = types
        self._points.block(fn.body)
        return Memory(self._points, fn, self._changes)

    def anew(self, fn: Function, types: Mapping[Var, Type]) -> Memory:
        """The memory of ``fn``, by a look at all of it; only what statements change is known."""
        return _found(fn, types, self._changes)

    @property
    def mutated(self) -> frozenset[int]:
        """The objects that a statement of the function may change."""
        if self._mutated is None:
            self._mutated = _NOTHING.union(*map(self.touched, statements(self._fn)))
        return self._mutated

    @property
    def escaping(self) -> frozenset[int]:
        """The objects that the function returns."""
        if self._escaping is None:
            returned = [s.value for s in self._fn.body if isinstance(s, Return)]
            self._escaping = _NOTHING.union(
                *[self.objects(v) for expr in returned for v in variables(expr)]
            )
        return self._escaping

    @property
    def inward(self) -> frozenset[int]:
        """The objects that the function made and that its backward half alone will see."""
        last = self._fn.body[-1]
        if not (self._fn.hands_over and isinstance(last, Return) and isinstance(last.value, Tuple)):
            return _NOTHING
        *shown, kept = [
            _NOTHING.union(*map(self.objects, variables(item))) for item in last.value.items
        ]
        return kept.difference(self.outside, *shown)

    def objects(self, var: Var) -> frozenset[int]:
        """The objects that ``var`` is or holds; none for an immutable value."""
        found = self._reach.get(var)
        if found is None:
            obj = self._points.objects.get(var)
            found = self._reach[var] = _NOTHING if obj is None else self._reached(obj)
        return found

    def root(self, var: Var) -> int | None:
        """The object that ``var`` itself is; ``None`` for an immutable value."""
        obj = self._points.objects.get(var)
        return None if obj is None else self._name(find(obj))

    def holders(self, obj: int) -> set[Var]:
        """The variables that are or hold ``obj``."""
        if self._holders is None:
            named: dict[Object, list[Var]] = {}
            for var, own in self._points.objects.items():
                if own is not None:
                    named.setdefault(find(own), []).append(var)
            self._holders = {}
            for own, names in named.items():
                for held in self._reached(own):
                    self._holders.setdefault(held, set()).update(names)
        return self._holders.get(obj, set())

    def touched(self, stmt: Stmt) -> frozenset[int]:
        """The objects that ``stmt`` itself may mutate."""
        known = self._touched.get(id(stmt))
        if known is None:
            found = self._changes.get(id(stmt))
            if found is None:
                found = self._changes[id(stmt)] = _change(stmt), stmt
            change = found[0]
            known = _NOTHING if change is None else self._touches(change)
            self._touched[id(stmt)] = known
        return known

    def _name(self, obj: Object) -> int:
        return self._names.setdefault(obj, len(self._names))

    def _reached(self, obj: Object) -> frozenset[int]:
        obj = find(obj)
        found = self._inside.get(obj)
        if found is None:
            inside = reachable(obj) if obj.parts else (obj,)
            found = self._inside[obj] = frozenset(map(self._name, inside))
        return found

    def _touches(self, change: _Change) -> frozenset[int]:
        if change.inside:
            held = _NOTHING.union(*map(self.objects, change.of))
            return held | self.outside if change.outside else held
        return frozenset(r for v in change.of if (r := self.root(v)) is not None)


class _Change(NamedTuple):
    """What a statement may mutate: the objects that variables are, or also all ``inside`` them."""

    of: tuple[Var, ...]
    inside: bool = False
    outside: bool = False


_Changes = dict[int, tuple[_Change | None, Stmt]]
"""By identity; the statement is kept, so that no other gets its identity."""


def _change(stmt: Stmt) -> _Change | None:
    if (call := call_of(stmt)) is not None:
        if is_pure(call):
            return None
        of, opaque = mutated(stmt), is_opaque(call)
        return _Change(of, inside=opaque, outside=opaque) if of or opaque else None
    match stmt:
        case Store(obj) | AugAssign(obj) if not isinstance(obj, Var):
            return _Change(mutated(stmt), inside=True, outside=True)
        case AugAssign(_, index):
            # ``xs[i] += g`` mutates the array that a list holds.
            return _Change(mutated(stmt), inside=index is not None)
        case Store():
            return _Change(mutated(stmt))
        case _:
            return None


_NOTHING: Final[frozenset[int]] = frozenset()


def memory_of(fn: Function, types: Mapping[Var, Type] | None = None) -> Memory:
    """The `Memory` of ``fn``; ``types`` make it sharper.

    The parameters may share memory with each other: a caller may pass one array twice.
    """
    return _found(fn, types if types is not None else {}, {})


def _found(fn: Function, types: Mapping[Var, Type], changes: _Changes) -> Memory:
    b = PointsTo(types)
    outside = b.outside
    for param in fn.params:
        b.unify(outside, b.var(param.var))
        if not isinstance(b.type(param.var), (Array, Scalar)):
            collapse(outside)
    b.block(fn.body)
    return Memory(b, fn, changes)
