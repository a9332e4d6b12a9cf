"""Which variables may share memory: a points-to analysis by unification (Steensgaard's).

Every variable stands for an abstract object. An array and its views are one object. A container is
an object with *parts*: one for each position while it is only built and taken apart by constant
positions (tuples), one for all otherwise (lists). Two objects that some statement may make one are
unified; so the analysis ignores the order of statements, is conservative, and near linear.

What the caller passes, what globals name and what unknown functions were given is one object, too.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Final

from srcad.analysis.effects import (
    ARITHMETIC,
    calls_in,
    has_memory,
    is_mutator,
    is_opaque,
    may_share,
    mutated,
    operands_of,
    shares_nothing,
)
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Block,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    Function,
    List,
    Ref,
    Return,
    Slice,
    Stmt,
    Store,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.walk import blocks, bound, statements, variables
from srcad.types.lattice import UNKNOWN, Array, DictOf, FixedList, ListOf, Scalar, TupleOf, Type

__all__ = ["Memory", "is_mutable", "memory_classes", "memory_of"]

_EVERY: Final = -1  # the part that stands for all items of a container


def is_mutable(value: object) -> bool:
    """Whether a live object that a program names may be changed by it.

    Examples
    --------
    >>> is_mutable([1.0]), is_mutable(1.0), is_mutable(len)
    (True, False, False)
    """
    immutable = isinstance(value, str | bytes | bool | int | float | complex | type | ModuleType)
    return not (value is None or immutable or callable(value))


class _Object:
    """An abstract object in the union-find forest; its parts are other such objects."""

    __slots__ = ("parent", "parts", "rank")

    def __init__(self) -> None:
        self.parent: _Object | None = None
        self.parts: dict[int, _Object] = {}
        self.rank = 0


def _find(obj: _Object) -> _Object:
    while (parent := obj.parent) is not None:
        if parent.parent is not None:
            obj.parent = parent.parent
        obj = parent
    return obj


def _unify(a: _Object, b: _Object) -> None:
    todo = [(a, b)]
    while todo:
        x, y = map(_find, todo.pop())
        if x is y:
            continue
        if x.rank < y.rank:
            x, y = y, x
        x.rank += x.rank == y.rank
        y.parent = x
        parts, y.parts = y.parts, {}
        if _EVERY in parts or _EVERY in x.parts:
            every = x.parts.get(_EVERY) or parts[_EVERY]
            todo.extend((every, p) for p in (*parts.values(), *x.parts.values()))
            x.parts = {_EVERY: every}
            continue
        for i, part in parts.items():
            if i in x.parts:
                todo.append((x.parts[i], part))
            else:
                x.parts[i] = part


def _part(obj: _Object, i: int) -> _Object:
    obj = _find(obj)
    if _EVERY in obj.parts:
        return obj.parts[_EVERY]
    if i == _EVERY:
        every = _Object()
        parts = obj.parts
        obj.parts = {_EVERY: every}
        for part in parts.values():
            _unify(every, part)
        return every
    if i not in obj.parts:
        obj.parts[i] = _Object()
    return obj.parts[i]


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
        changed = mutated(stmt)
        match stmt:
            case Store() | AugAssign() if not isinstance(stmt.obj, Var):
                return self._all(changed) | self.outside
            case AugAssign(_, index) if index is not None:
                return self._all(changed)  # ``xs[i] += g`` mutates the array that a list holds
            case Assign(_, Call() as call) | Unpack(_, Call() as call) | Do(Call() as call):
                if is_opaque(call):
                    return self._all(changed) | self.outside
            case _:
                pass
        if not changed:
            return _NOTHING
        return frozenset(r for v in changed if (r := self.root(v)) is not None)

    def _all(self, changed: tuple[Var, ...]) -> frozenset[int]:
        return frozenset(o for v in changed for o in self.objects(v))


_NOTHING: Final[frozenset[int]] = frozenset()


class _Builder:
    """Collects the unifications of one function."""

    def __init__(self, types: Mapping[Var, Type]) -> None:
        self.types = types
        self.objects: dict[Var, _Object] = {}
        self.outside = _Object()

    def var(self, var: Var) -> _Object | None:
        """The object of ``var``; ``None`` if it is immutable and holds nothing that is not."""
        obj = self.objects.get(var)
        if obj is None and has_memory(self.types.get(var, UNKNOWN)):
            obj = self.objects[var] = _Object()
        return obj

    def value(self, expr: Expr) -> _Object | None:
        """The object that an operand or a call yields."""
        match expr:
            case Var():
                return self.var(expr)
            case Const() | Slice():
                return None
            case Ref(_, value):
                return self.outside if is_mutable(value) else None
            case Tuple(items):
                return self._container(list(enumerate(items)))
            case List(items) | Dict(_, items):
                return self._container([(_EVERY, item) for item in items])
            case _:
                return self._unknown(expr)

    def _container(self, items: Iterable[tuple[int, Expr]]) -> _Object:
        made = _Object()
        for i, item in items:
            self.unify(_part(made, i), self.value(item))
        return made

    def _unknown(self, expr: Expr) -> _Object:
        made = _Object()
        for var in variables(expr):
            self.unify(made, self.var(var))
        _unify(made, _part(made, _EVERY))
        return made

    def unify(self, a: _Object | None, b: _Object | None) -> None:
        if a is not None and b is not None:
            _unify(a, b)

    def type(self, expr: Expr) -> Type:
        return self.types.get(expr, UNKNOWN) if isinstance(expr, Var) else UNKNOWN

    # --- statements ------------------------------------------------------------------------------

    def block(self, block: Block) -> None:
        for stmt in block:
            self.stmt(stmt)
            for inner in blocks(stmt):
                self.block(inner)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Assign(Var() as target, value):
                made = self.var(target)
                if isinstance(value, Call):
                    self.call(made, target, value)
                elif made is not None:
                    self.unify(made, self.value(value))
            case Unpack(targets, value):
                whole = self._called(value)
                for i, target in enumerate(targets):
                    if target is not None and (obj := self.var(target)) is not None:
                        self._item(obj, whole, i, self.type(value))
            case For(Var() as target, iterable, _, _):
                if (obj := self.var(target)) is not None:
                    self.unify(obj, self.element(iterable))
            case Store(obj, _, value):
                self._store(obj, value)
            case AugAssign(obj, index, _, value):
                self._augment(obj, index, value)
            case _:
                for call in calls_in(stmt):
                    self.call(None, None, call)

    def _called(self, value: Expr) -> _Object | None:
        if not isinstance(value, Call):
            return self.value(value)
        made = _Object()
        self.call(made, None, value)
        return made

    def _item(self, obj: _Object, whole: _Object | None, i: int, t: Type) -> None:
        if whole is None:
            return
        if not isinstance(t, Array):
            _unify(obj, _part(whole, i))
        if not isinstance(t, TupleOf | FixedList | ListOf | DictOf):
            _unify(obj, whole)

    def _store(self, obj: Expr, value: Expr) -> None:
        if isinstance(obj, Var) and isinstance(self.type(obj), Array):
            return  # an array copies what is stored into it
        whole = self.value(obj)
        if whole is not None and (stored := self.value(value)) is not None:
            _unify(_part(whole, _EVERY), stored)

    def _augment(self, obj: Expr, index: Expr | None, value: Expr) -> None:
        if isinstance(self.type(obj), Array) or (whole := self.value(obj)) is None:
            return
        if (added := self.value(value)) is None:
            return
        if index is None:
            _unify(_part(whole, _EVERY), _part(added, _EVERY))
        else:
            _unify(whole, added)
            _collapse(whole)

    def element(self, iterable: Expr) -> _Object | None:
        """The object that one turn of a loop over ``iterable`` yields."""
        match iterable:
            case Call(Ref(_, fn), args) if fn is range:
                del args
                return None
            case Call(Ref(_, fn), args) if fn is reversed:
                return self.element(args[0])
            case Call(Ref(_, fn), args) if fn is enumerate:
                made = _Object()
                self.unify(_part(made, 1), self.element(args[0]))
                return made
            case Call(Ref(_, fn), args) if fn is zip:
                made = _Object()
                for i, arg in enumerate(args):
                    self.unify(_part(made, i), self.element(arg))
                return made
            case Tuple() | List():
                whole = self.value(iterable)
                return None if whole is None else _part(whole, _EVERY)
            case Var():
                whole = self.var(iterable)
                if whole is None or isinstance(self.type(iterable), Array):
                    return whole
                made = _part(whole, _EVERY)
                if not isinstance(self.type(iterable), TupleOf | FixedList | ListOf):
                    _unify(made, whole)
                return made
            case _:
                return self._unknown(iterable)

    # --- calls -----------------------------------------------------------------------------------

    def call(self, made: _Object | None, target: Var | None, call: Call) -> None:
        """Unify for ``made = call``."""
        fn = call.fn.value if isinstance(call.fn, Ref) else None
        operands = tuple(
            dict.fromkeys(
                v for part in (*call.args, *(x for _, x in call.kwargs)) for v in variables(part)
            )
        )
        if is_mutator(call):
            self._mutator(fn, made, call)
        elif is_opaque(call):
            self._smash(self.outside, (*variables(call.fn), *operands))
            self.unify(made, self.outside)
        elif made is None or shares_nothing(
            fn, tuple(self.types.get(v, UNKNOWN) for v in operands)
        ):
            return
        elif fn is operator.getitem and len(call.args) == 2:
            self._getitem(made, call.args[0], call.args[1])
        elif fn in ARITHMETIC:
            for v in operands:
                if (obj := self.var(v)) is not None and not isinstance(self.types.get(v), Array):
                    _unify(_part(made, _EVERY), _part(obj, _EVERY))
        else:
            self._shared(made, target, may_share(call))

    def _shared(self, made: _Object, target: Var | None, shared: tuple[Var, ...]) -> None:
        is_array = target is not None and isinstance(self.types.get(target), Array)
        known = [v for v in shared if self.var(v) is not None]
        if is_array and all(isinstance(self.types.get(v), Array) for v in known):
            for v in known:
                self.unify(made, self.var(v))
        else:
            self._smash(made, tuple(known))

    def _smash(self, made: _Object | None, operands: tuple[Var, ...]) -> None:
        """One object for all of these and for everything inside them."""
        whole = made if made is not None else _Object()
        for v in operands:
            self.unify(whole, self.var(v))
        _collapse(whole)

    def _mutator(self, fn: object, made: _Object | None, call: Call) -> None:
        if not call.args or (xs := self.value(call.args[0])) is None:
            return
        is_array = isinstance(self.type(call.args[0]), Array)
        if _is(fn, list, "append") and len(call.args) == 2:
            self.unify(_part(xs, _EVERY), self.value(call.args[1]))
        elif _is(fn, list, "pop"):
            self.unify(made, _part(xs, _EVERY))
        elif is_array:
            self.unify(made, xs)
        else:
            self._smash(made, operands_of(call))

    def _getitem(self, made: _Object, of: Expr, index: Expr) -> None:
        whole, t = self.value(of), self.type(of)
        if whole is None:
            return
        if isinstance(t, Array):
            _unify(made, whole)
            return
        is_slice = isinstance(index, Slice)
        if isinstance(index, Const) and isinstance(index.value, int) and index.value >= 0:
            _unify(made, _part(whole, index.value))
        elif is_slice:
            _unify(_part(made, _EVERY), _part(whole, _EVERY))
        else:
            _unify(made, _part(whole, _EVERY))
        if not isinstance(t, TupleOf | FixedList | ListOf | DictOf):
            _unify(made, whole)


def _is(fn: object, home: type, name: str) -> bool:
    return fn is getattr(home, name)


def _collapse(obj: _Object) -> None:
    """Make one object of ``obj`` and of all that it holds."""
    for inner in _reachable(obj):
        _unify(obj, inner)
    _unify(obj, _part(obj, _EVERY))


def _reachable(obj: _Object) -> list[_Object]:
    """``obj`` and all objects inside it, as representatives."""
    found: dict[int, _Object] = {}
    todo = [obj]
    while todo:
        x = _find(todo.pop())
        if id(x) not in found:
            found[id(x)] = x
            todo.extend(x.parts.values())
    return list(found.values())


def memory_of(fn: Function, types: Mapping[Var, Type] | None = None) -> Memory:
    """The `Memory` of ``fn``; ``types`` make it sharper.

    The parameters may share memory with each other: a caller may pass one array twice.
    """
    b = _Builder(types if types is not None else {})
    outside = b.outside
    for param in fn.params:
        b.unify(outside, b.var(param.var))
        if not isinstance(b.type(param.var), Array | Scalar):
            _collapse(outside)
    b.block(fn.body)
    returned = [stmt.value for stmt in fn.body if isinstance(stmt, Return)]
    return _freeze(b, fn, returned)


def _freeze(b: _Builder, fn: Function, returned: list[Expr]) -> Memory:
    escaping = [obj for expr in returned for v in variables(expr) if (obj := b.var(v)) is not None]
    number: dict[int, int] = {}
    alive: list[_Object] = []

    def name(obj: _Object) -> int:
        if id(obj) not in number:
            alive.append(obj)
            number[id(obj)] = len(number)
        return number[id(obj)]

    reached: dict[int, frozenset[int]] = {}

    def reach(obj: _Object) -> frozenset[int]:
        own = name(_find(obj))
        if own not in reached:
            reached[own] = frozenset(map(name, _reachable(obj)))
        return reached[own]

    of_var = {v: reach(obj) for v, obj in b.objects.items()}
    roots = {v: name(_find(obj)) for v, obj in b.objects.items()}
    outside = reach(b.outside)
    out = frozenset(o for obj in escaping for o in reach(obj))
    return Memory(of_var, roots, outside, out, fn)


def memory_classes(fn: Function, types: Mapping[Var, Type] | None = None) -> Mapping[Var, Var]:
    """Map every variable to the representative of those with which it may share memory.

    Coarser than `memory_of`: a container and all that it holds are in one class.

    Examples
    --------
    >>> import numpy as np
    >>> from srcad.ir.nodes import Param, Source
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
