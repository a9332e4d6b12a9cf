"""Which variables may share memory, and which of it a statement may change.

What the caller passes, what globals name and what unknown functions were given is one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from srcad.analysis.effects import calls_in, is_opaque, is_pure, mutated
from srcad.analysis.objects import Object, collapse, find, reachable
from srcad.analysis.points_to import PointsTo
from srcad.ir.nodes import AugAssign, Expr, Function, Return, Stmt, Store, Var
from srcad.ir.walk import bound, statements, variables
from srcad.types.lattice import Array, Scalar, Type

__all__ = ["Memory", "memory_classes", "memory_of"]


class Memory:
    """What may share memory with what in one function; made by `memory_of`.

    Objects are named by integers, which mean nothing else. ``mutated`` are those that a statement
    may change, ``outside`` those that live on after the call, ``escaping`` those that it returns.
    """

    __slots__ = (
        "_fn",
        "_reach",
        "_reachers",
        "_root",
        "_touched",
        "escaping",
        "mutated",
        "outside",
    )

    def __init__(
        self,
        reach: Mapping[Var, frozenset[int]],
        root: Mapping[Var, int],
        outside: frozenset[int],
        escaping: frozenset[int],
        fn: Function,
    ) -> None:
        self._reach = reach
        self._root = root
        reachers: dict[int, set[Var]] = {}
        for var, objs in reach.items():
            for obj in objs:
                reachers.setdefault(obj, set()).add(var)
        self._reachers = reachers
        self.outside = outside
        self.escaping = escaping
        # By identity, which is safe as long as the statements live: that is why ``fn`` is kept.
        self._fn = fn
        self._touched: dict[int, frozenset[int]] = {}
        for stmt in statements(fn.body):
            self._touched[id(stmt)] = self._touches(stmt)
        self.mutated: frozenset[int] = _NOTHING.union(*self._touched.values())

    def objects(self, var: Var) -> frozenset[int]:
        """The objects that ``var`` is or holds; none for an immutable value."""
        return self._reach.get(var, _NOTHING)

    def root(self, var: Var) -> int | None:
        """The object that ``var`` itself is; ``None`` for an immutable value."""
        return self._root.get(var)

    def holders(self, obj: int) -> set[Var]:
        """The variables that are or hold ``obj``."""
        return self._reachers.get(obj, set())

    def touched(self, stmt: Stmt) -> frozenset[int]:
        """The objects that ``stmt`` itself may mutate."""
        known = self._touched.get(id(stmt))
        return self._touches(stmt) if known is None else known

    def _touches(self, stmt: Stmt) -> frozenset[int]:
        calls = calls_in(stmt)
        if calls and is_pure(calls[0]):
            return _NOTHING
        changed = mutated(stmt)
        match stmt:
            case Store() | AugAssign() if not isinstance(stmt.obj, Var):
                return self._all(changed) | self.outside
            case AugAssign(_, index) if index is not None:
                return self._all(changed)  # ``xs[i] += g`` mutates the array that a list holds
            case _ if calls and is_opaque(calls[0]):
                return self._all(changed) | self.outside
            case _:
                pass
        if not changed:
            return _NOTHING
        return frozenset(r for v in changed if (r := self.root(v)) is not None)

    def _all(self, changed: tuple[Var, ...]) -> frozenset[int]:
        return frozenset(o for v in changed for o in self.objects(v))


_NOTHING: Final[frozenset[int]] = frozenset()


def memory_of(fn: Function, types: Mapping[Var, Type] | None = None) -> Memory:
    """The `Memory` of ``fn``; ``types`` make it sharper.

    The parameters may share memory with each other: a caller may pass one array twice.
    """
    b = PointsTo(types if types is not None else {})
    outside = b.outside
    for param in fn.params:
        b.unify(outside, b.var(param.var))
        if not isinstance(b.type(param.var), Array | Scalar):
            collapse(outside)
    b.block(fn.body)
    returned = [stmt.value for stmt in fn.body if isinstance(stmt, Return)]
    return _freeze(b, fn, returned)


def _freeze(b: PointsTo, fn: Function, returned: list[Expr]) -> Memory:
    escaping = [obj for expr in returned for v in variables(expr) if (obj := b.var(v)) is not None]
    number: dict[int, int] = {}
    alive: list[Object] = []

    def name(obj: Object) -> int:
        if id(obj) not in number:
            alive.append(obj)
            number[id(obj)] = len(number)
        return number[id(obj)]

    reached: dict[int, frozenset[int]] = {}

    def reach(obj: Object) -> frozenset[int]:
        obj = find(obj)
        own = name(obj)
        if own not in reached:
            inside = map(name, reachable(obj)) if obj.parts else (own,)
            reached[own] = frozenset(inside)
        return reached[own]

    held = {v: obj for v, obj in b.objects.items() if obj is not None}
    of_var = {v: reach(obj) for v, obj in held.items()}
    roots = {v: name(find(obj)) for v, obj in held.items()}
    outside = reach(b.outside)
    out = frozenset(o for obj in escaping for o in reach(obj))
    return Memory(of_var, roots, outside, out, fn)


def memory_classes(fn: Function, types: Mapping[Var, Type] | None = None) -> Mapping[Var, Var]:
    """Map every variable to the representative of those with which it may share memory.

    Coarser than `memory_of`: a container and all that it holds are in one class.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad.ir.nodes import Assign, Call, Param, Ref, Return, Source
    >>> x, y, z = Var("x"), Var("y"), Var("z")
    >>> body = (Assign(y, x), Assign(z, Call(Ref("np.tanh", np.tanh), (y,))), Return(z))
    >>> classes = memory_classes(Function("f", (Param(x),), body, Source("f.py", 1, "f")))
    >>> classes[y] == classes[x], classes[z] == classes[x]
    (True, False)
    """
    memory = memory_of(fn, types)
    first: dict[int, Var] = {}
    parent: dict[Var, Var] = {}

    def find(v: Var) -> Var:
        while parent[v] != v:
            v = parent[v]
        return v

    order = [p.var for p in fn.params]
    order.extend(v for stmt in statements(fn.body) for v in bound(stmt))
    for var in dict.fromkeys(order):
        parent[var] = var
        for obj in sorted(memory.objects(var)):
            if obj in first:
                parent[find(var)] = find(first[obj])
            else:
                first[obj] = var
    return {v: find(v) for v in parent}
