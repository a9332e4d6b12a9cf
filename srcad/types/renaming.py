"""Types of a call up to the names of their extents: what differs in no more is one signature.

A function is analysed and emitted once for all calls that look alike from inside. There its
arguments' extents have names of their own, in order of appearance: also those of which the caller
knows nothing, as an array has one shape while it is an argument. What is found of its result in
these names is told each caller in its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from srcad.types.lattice import (
    Array,
    Derived,
    DictOf,
    Dim,
    FixedList,
    ListOf,
    Record,
    Scalar,
    Sym,
    TupleOf,
    Type,
)
from srcad.types.layouts import is_count, product_dims, sum_dims

__all__ = ["NAMED", "canonical", "told"]

NAMED: Final = "named"
"""How an extent is `Derived` that has a number for a name, in the function that gave it alone."""

_GIVEN: Final = "given"
_Rename = Callable[[Dim], Dim]


def canonical(types: tuple[Type, ...]) -> tuple[Type, ...]:
    """``types`` as the function sees them that is called with such arguments.

    Examples
    --------
    >>> import numpy as np
    >>> def array(*shape):
    ...     return Array(np.dtype(float), shape)
    >>> canonical((array(Sym(7)), array(Sym(3), Sym(7)))) == (array(Sym(0)), array(Sym(1), Sym(0)))
    True
    >>> canonical((array(Sym(7, 1)), array(None))) == (array(Sym(0)), array(Sym(1)))
    True
    """
    if not any(map(_has_extents, types)):
        return types
    names = _Names(types)
    return tuple(_mapped(t, names.extent, names.number) for t in types)


def told(result: Type, given: tuple[Type, ...], actual: tuple[Type, ...]) -> Type:
    """``result``, of a function of parameters ``given``, where it is called with ``actual``.

    Examples
    --------
    >>> import numpy as np
    >>> def array(*shape):
    ...     return Array(np.dtype(float), shape)
    >>> less = array(Sym(0, 1), Sym(1))
    >>> told(less, (array(Sym(0), Sym(1)),), (array(Sym(4, 2), None),)) == array(Sym(4, 3), None)
    True
    >>> told(less, (array(Sym(0), Sym(1)),), (array(9, 5),)) == array(8, 5)
    True
    """
    if given == actual or not _has_extents(result):
        return result
    extents: dict[int, tuple[int, Dim]] = {}
    for given_dim, dim in _pairs(given, actual):
        match given_dim:
            case Sym(id, minus) if dim is not None:
                # The widest of those that are less than one extent tells of all others.
                if id not in extents or minus < extents[id][0]:
                    extents[id] = (minus, dim)
            case _:
                pass
    return _mapped(result, lambda d: _extent(d, extents), lambda d: _number(d, extents))


class _Names:
    """The names that the extents of ``types`` have inside the function."""

    def __init__(self, types: tuple[Type, ...]) -> None:
        extents = [d for t in types for d in _extents(t)]
        numbers = [d for t in types for d in _numbers(t)]
        bare = {d.id for d in extents if isinstance(d, Sym)}
        derived = {d for d in extents if isinstance(d, Derived)}
        # What is said of no other extent of these arguments could be said of any.
        self._atoms = {
            d
            for d in derived.difference(numbers)
            if bare.isdisjoint(_ids(d)) and derived.isdisjoint(_parts(d))
        }
        self._told = Counter(d for n in (*extents, *numbers) for d in (n, *_parts(n)))
        fixed = {i for d in (*numbers, *(derived - self._atoms)) for i in _ids(d)}
        self._least: dict[int, int] = {}
        for d in extents:
            if isinstance(d, Sym):
                least = 0 if d.id in fixed else min(d.minus, self._least.get(d.id, d.minus))
                self._least[d.id] = least
        self._named: dict[object, int] = {}
        self._count = 0

    def extent(self, dim: Dim) -> Dim:
        if dim is None:
            self._count += 1
            return Sym(self._count - 1)
        return Sym(self._name(dim)) if dim in self._atoms else self._inside(dim)

    def number(self, dim: Dim) -> Dim:
        return None if _is_name(dim) and self._told[dim] == 1 else self._inside(dim)

    def _inside(self, dim: Dim) -> Dim:
        match dim:
            case Sym(id, minus):
                return Sym(self._name(id), minus - self._least.get(id, 0))
            case Derived() if _is_name(dim):
                return Derived(_GIVEN, (self._name(dim),))
            case Derived(how, of):
                return _derived(how, tuple(map(self._inside, of)))
            case _:
                return dim

    def _name(self, of: object) -> int:
        if of not in self._named:
            self._named[of] = self._count
            self._count += 1
        return self._named[of]


def _mapped(t: Type, extent: _Rename, number: _Rename, *, alike: bool = False) -> Type:
    """``t`` with other extents and other known numbers.

    What is not known stays so where it is ``alike`` for more than one array: in items of lists.
    """

    def inner(types: Iterable[Type]) -> tuple[Type, ...]:
        return tuple(_mapped(x, extent, number, alike=alike) for x in types)

    match t:
        case Scalar(known=Sym() | Derived()):
            known = number(t.known)
            return replace(t, known=known)
        case Array(dtype, shape):
            return Array(dtype, tuple(d if d is None and alike else extent(d) for d in shape))
        case TupleOf(items):
            return TupleOf(inner(items))
        case FixedList(items):
            return FixedList(inner(items))
        case DictOf(items):
            keys = [k for k, _ in items]
            return DictOf(tuple(zip(keys, inner(x for _, x in items), strict=True)))
        case Record(cls, fields):
            names = [n for n, _ in fields]
            return Record(cls, tuple(zip(names, inner(x for _, x in fields), strict=True)))
        case ListOf(item) if item is not None:
            return ListOf(_mapped(item, extent, number, alike=True))
        case _:
            return t


# --- what a call tells ---------------------------------------------------------------------------


def _pairs(given: Iterable[Type], actual: Iterable[Type]) -> Iterator[tuple[Dim, Dim]]:
    """The extents that stand in one place, those of arrays before known numbers."""
    numbers: list[tuple[Dim, Dim]] = []
    todo = list(zip(given, actual, strict=False))
    for g, a in todo:
        match g, a:
            case Array(), Array() if g.ndim == a.ndim:
                yield from zip(g.shape, a.shape, strict=True)
            case Scalar(known=Sym(_, 0)), Scalar() if not isinstance(a.known, bool):
                if not (isinstance(a.known, int) and a.known < 0):
                    numbers.append((g.known, a.known))
            case (TupleOf(xs), TupleOf(ys)) | (FixedList(xs), FixedList(ys)):
                todo.extend(zip(xs, ys, strict=False))
            case (DictOf(xs), DictOf(ys)) | (Record(_, xs), Record(_, ys)):
                values = dict(ys)
                todo.extend((x, values[key]) for key, x in xs if key in values)
            case ListOf(x), ListOf(y) if x is not None and y is not None:
                todo.append((x, y))
            case _:
                pass
    yield from numbers


def _extent(dim: Dim, extents: dict[int, tuple[int, Dim]]) -> Dim:
    match dim:
        case Sym(id, minus) if id in extents:
            least, base = extents[id]
            # Of what is not known to be an extent itself no more is known than what is less.
            return None if minus < least and least > 0 else _less(base, minus - least)
        case Sym():
            return None
        case Derived() if _is_name(dim):
            return None
        case Derived(how, of):
            found = tuple(_extent(d, extents) for d in of)
            # A number that is less than an extent may be negative where no extent is.
            vague = any(isinstance(d, Sym) and d.minus > 0 for d in found)
            unknown = any(f is None and d is not None for f, d in zip(found, of, strict=True))
            return None if vague or unknown else _derived(how, found)
        case _:
            return dim


def _number(dim: Dim, extents: dict[int, tuple[int, Dim]]) -> Dim:
    match dim:
        case Sym(id, minus):
            least, base = extents.get(id, (0, None))
            match base:
                case int() if not least:
                    return base - minus
                case Sym(outer, less):
                    return Sym(outer, less + minus) if not least and is_count(base) else None
                case _:
                    return base if not least and not minus else None
        case _:
            return _extent(dim, extents)


def _less(base: Dim, n: int) -> Dim:
    """The extent that is ``n`` less than ``base``."""
    match base:
        case None:
            return None
        case int():
            return max(base - n, 0)
        case Sym(id, minus) if n >= 0 or minus <= 0:
            return Sym(id, minus + n)
        case Sym():
            return None
        case _ if n > 0:
            return Derived("less", (base, n))
        case _:
            return sum_dims((base, -n)) if n else base


def _derived(how: str, of: tuple[Dim, ...]) -> Dim:
    match how:
        case "sum":
            return sum_dims(of)
        case "product":
            return product_dims(of)
        case _:
            return Derived(how, of)


def _is_name(dim: Dim) -> bool:
    return isinstance(dim, Derived) and dim.how in (NAMED, _GIVEN)


# --- what is named -------------------------------------------------------------------------------


def _has_extents(t: Type) -> bool:
    return any(True for _ in _extents(t)) or any(True for _ in _numbers(t))


def _extents(t: Type) -> Iterator[Dim]:
    """The extents in ``t`` that are no literal numbers."""
    match t:
        case Array(_, shape):
            yield from (d for d in shape if not isinstance(d, int))
        case _:
            for x in _inside(t):
                yield from _extents(x)


def _numbers(t: Type) -> Iterator[Sym | Derived]:
    """What the numbers in ``t`` are known to be, where it is no literal."""
    match t:
        case Scalar(known=Sym() | Derived() as known):
            yield known
        case _:
            for x in _inside(t):
                yield from _numbers(x)


def _inside(t: Type) -> tuple[Type, ...]:
    match t:
        case TupleOf(items) | FixedList(items):
            return items
        case DictOf(items) | Record(_, items):
            return tuple(x for _, x in items)
        case ListOf(item) if item is not None:
            return (item,)
        case _:
            return ()


def _parts(dim: Dim) -> Iterator[Dim]:
    """What ``dim`` is derived from, at any depth."""
    if isinstance(dim, Derived):
        for d in dim.of:
            yield d
            yield from _parts(d)


def _ids(dim: Dim) -> Iterator[int]:
    yield from (d.id for d in (dim, *_parts(dim)) if isinstance(d, Sym))
