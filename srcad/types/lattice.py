"""The abstract types: what srcad knows of a value before the program runs.

They form a lattice under `join`; `Unknown` is its top. A type is a promise: if the inference says
two dimensions are the same symbol, they are equal at run time, whatever the arguments are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

__all__ = [
    "BOOL",
    "FLOAT",
    "INT",
    "UNKNOWN",
    "Array",
    "Derived",
    "DictOf",
    "Dim",
    "FixedList",
    "ListOf",
    "Living",
    "Partial",
    "Record",
    "Scalar",
    "SliceOf",
    "Static",
    "Sym",
    "TupleOf",
    "Type",
    "Unknown",
    "is_differentiable",
    "is_of_one_shape",
    "join",
    "join_all",
    "may_be_sequence",
    "ndim_of",
    "same_shape",
    "without_extents",
]


@dataclass(frozen=True, slots=True)
class Sym:
    """The extent ``max(n - minus, 0)`` of an axis; ``id`` names ``n`` within one signature.

    ``minus`` may be less than zero.
    """

    id: int
    minus: int = 0


@dataclass(frozen=True, slots=True)
class Derived:
    """An extent that follows from others in a way of which no more is known: `how`, from `of`.

    Two that are equal are the same extent: both depend on nothing else.
    """

    how: str
    of: tuple[int | Sym | Derived | None, ...]


Dim = int | Sym | Derived | None
"""An axis' extent: a literal number, a symbol, what follows from these, or unknown (``None``)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number. ``weak``: a Python number, which does not raise an array's precision (NEP 50).

    ``known`` is the value of an int or bool, where it is known: a literal or, for an int, the
    extent that it is.
    """

    dtype: np.dtype
    weak: bool = True
    known: int | bool | Sym | Derived | None = None


@dataclass(frozen=True, slots=True)
class Array:
    dtype: np.dtype
    shape: tuple[Dim, ...]

    @property
    def ndim(self) -> int:
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class TupleOf:
    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class FixedList:
    """A list of known length."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of unknown length. ``item`` is ``None`` for a list that is still empty."""

    item: Type | None


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict with known, constant keys, in order."""

    items: tuple[tuple[object, Type], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass or namedtuple instance; ``cls`` is its class."""

    cls: type
    fields: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class Static:
    """A value known beforehand: a string, ``None``, a function, a module, a dtype."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Living(Static):
    """A `Static` object that defines equality and no hash: it is the very object that counts."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Living) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Partial(Static):
    """A `functools.partial`, with the keywords that it had: they are a dict, which may change."""

    keywords: tuple[tuple[str, object], ...]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Partial) or self.value is not other.value:
            return False
        mine, its = dict(self.keywords), dict(other.keywords)
        return mine.keys() == its.keys() and all(v is its[k] for k, v in mine.items())

    def __hash__(self) -> int:
        return id(self.value)


@dataclass(frozen=True, slots=True)
class SliceOf:
    """A slice inside an index, by the types of its parts (`Static` ``None`` for an absent one)."""

    start: Type
    stop: Type
    step: Type


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known; or no more than that it may be a list or tuple, or an array or number."""

    may_be_sequence: bool = field(default=False, compare=False)


Type = Scalar | Array | TupleOf | FixedList | ListOf | DictOf | Record | Static | SliceOf | Unknown

UNKNOWN = Unknown()
FLOAT = Scalar(np.dtype(np.float64))
INT = Scalar(np.dtype(np.int64))
BOOL = Scalar(np.dtype(np.bool_))


def join(a: Type, b: Type) -> Type:
    """The least type that covers both.

    Examples
    --------
    >>> join(INT, FLOAT) == FLOAT
    True
    """
    if a == b:
        return b if may_be_sequence(b) else a
    match a, b:
        case Scalar(), Scalar():
            if a.dtype == b.dtype and a.weak == b.weak:
                return Scalar(a.dtype, a.weak)
            if a.weak == b.weak:
                return Scalar(np.result_type(a.dtype, b.dtype), a.weak)
            # A strong and a weak number differ in how they promote, so neither covers the other.
            return UNKNOWN if _promotes(a, b) else Scalar(np.result_type(a.dtype, b.dtype), False)
        case Array(), Array() if a.dtype == b.dtype and a.ndim == b.ndim:
            return Array(
                a.dtype, tuple(x if x == y else None for x, y in zip(a.shape, b.shape, strict=True))
            )
        case TupleOf(xs), TupleOf(ys) if len(xs) == len(ys):
            return TupleOf(tuple(map(join, xs, ys)))
        case FixedList(xs), FixedList(ys) if len(xs) == len(ys):
            return FixedList(tuple(map(join, xs, ys)))
        case FixedList() | ListOf(), FixedList() | ListOf():
            return ListOf(_join_items(_item(a), _item(b)))
        case DictOf(xs), DictOf(ys) if [k for k, _ in xs] == [k for k, _ in ys]:
            return DictOf(tuple((k, join(x, y)) for (k, x), (_, y) in zip(xs, ys, strict=True)))
        case Record(), Record() if a.cls is b.cls:
            return Record(
                a.cls,
                tuple((n, join(x, y)) for (n, x), (_, y) in zip(a.fields, b.fields, strict=True)),
            )
        case _:
            return _PERHAPS_A_SEQUENCE if may_be_sequence(a) or may_be_sequence(b) else UNKNOWN


_PERHAPS_A_SEQUENCE = Unknown(may_be_sequence=True)


def may_be_sequence(t: Type) -> bool:
    """Whether a value of type ``t`` is known to be a list or tuple, or to be one at times."""
    if isinstance(t, Unknown):
        return t.may_be_sequence
    return isinstance(t, (TupleOf, FixedList, ListOf))


def join_all(types: tuple[Type, ...]) -> Type | None:
    """`join` of all of ``types``; ``None`` for none."""
    return reduce(join, types) if types else None


def _promotes(a: Scalar, b: Scalar) -> bool:
    # np.float64 beside a Python float: both are double precision and both are `float`; for float32
    # arrays they differ, so the join must not pretend to know.
    return np.result_type(a.dtype, b.dtype) not in (np.dtype(np.float64), np.dtype(np.complex128))


def _item(t: FixedList | ListOf) -> Type | None:
    return join_all(t.items) if isinstance(t, FixedList) else t.item


def _join_items(a: Type | None, b: Type | None) -> Type | None:
    if a is None or b is None:
        return a if b is None else b
    return join(a, b)


def ndim_of(t: Type) -> int | None:
    """The number of axes: 0 for a scalar, ``None`` where unknown."""
    match t:
        case Scalar():
            return 0
        case Array():
            return t.ndim
        case _:
            return None


def same_shape(a: Type, b: Type) -> bool:
    """Whether ``a`` and ``b`` surely have one shape, so that neither is broadcast."""
    match a, b:
        case Scalar(), Scalar():
            return True
        case Array(), Array():
            return a.ndim == b.ndim and all(
                x is not None and x == y for x, y in zip(a.shape, b.shape, strict=True)
            )
        case Scalar(), Array() as array:
            return array.shape == ()
        case Array() as array, Scalar():
            return array.shape == ()
        case _:
            return False


def is_of_one_shape(t: Type) -> bool:
    """Whether all values of this type have one structure, and their arrays one shape.

    Examples
    --------
    >>> x = Array(np.dtype(float), (Sym(0),))
    >>> is_of_one_shape(TupleOf((x, FLOAT))), is_of_one_shape(ListOf(x))
    (True, False)
    """
    match t:
        case Scalar() | Static():
            return True
        case Array():
            return None not in t.shape
        case TupleOf(items) | FixedList(items):
            return all(map(is_of_one_shape, items))
        case DictOf(items) | Record(_, items):
            return all(is_of_one_shape(x) for _, x in items)
        case _:
            return False


def without_extents(t: Type) -> Type:
    """``t`` without what is known of extents and of the values of numbers.

    Examples
    --------
    >>> without_extents(TupleOf((Array(np.dtype(float), (Sym(0, 1), 3)), Scalar(np.dtype(int)))))
    TupleOf(items=(Array(dtype=dtype('float64'), shape=(None, None)), \
Scalar(dtype=dtype('int64'), weak=True, known=None)))
    """
    match t:
        case Scalar():
            return Scalar(t.dtype, t.weak)
        case Array():
            return Array(t.dtype, (None,) * t.ndim)
        case TupleOf(items):
            return TupleOf(tuple(map(without_extents, items)))
        case FixedList(items):
            return FixedList(tuple(map(without_extents, items)))
        case ListOf(item):
            return ListOf(None if item is None else without_extents(item))
        case DictOf(items):
            return DictOf(tuple((k, without_extents(x)) for k, x in items))
        case Record(cls, fields):
            return Record(cls, tuple((name, without_extents(x)) for name, x in fields))
        case _:
            return t


def is_differentiable(t: Type) -> bool:
    """Whether a value of this type may hold a float or complex number, and so have a derivative."""
    match t:
        case Scalar() | Array():
            return t.dtype.kind in "fc"
        case TupleOf() | FixedList():
            return any(map(is_differentiable, t.items))
        case ListOf(item):
            return item is None or is_differentiable(item)
        case DictOf(items) | Record(_, items):
            return any(is_differentiable(x) for _, x in items)
        case Static() | SliceOf():
            return False
        case Unknown():
            return True
