"""The types of what containers hold: items by index or key, fields, elements in turn."""

from __future__ import annotations

from typing import cast

from srcad.types.lattice import (
    INT,
    UNKNOWN,
    Array,
    DictOf,
    FixedList,
    ListOf,
    Record,
    Scalar,
    SliceOf,
    Static,
    TupleOf,
    Type,
    join_all,
)

__all__ = [
    "constant_key",
    "element_type",
    "field_type",
    "is_container",
    "item_count",
    "item_type",
    "parts_of",
    "with_item",
]

Container = TupleOf | FixedList | ListOf | DictOf | Record


def is_container(t: Type) -> bool:
    """Whether ``t`` is a tuple, list, dict, namedtuple or dataclass."""
    return isinstance(t, Container)


def item_count(t: Type | None) -> int | None:
    """How many items a tuple or list of type ``t`` has; ``None`` where that is not known."""
    return len(t.items) if isinstance(t, (TupleOf, FixedList)) else None


def constant_key(index: Type) -> object:
    """The index or key that ``index`` surely is, or `LookupError`."""
    match index:
        case Static(value):
            return value
        case Scalar(_, _, known) if isinstance(known, int):
            return int(known)
        case TupleOf(items):
            return tuple(map(constant_key, items))
        case _:
            raise LookupError("the index is not a constant")


def item_type(container: Type, index: Type) -> Type:
    """The type of ``container[index]``; `Unknown` where it cannot be told."""
    match container, index:
        case ((TupleOf(items) | FixedList(items)), SliceOf(start, stop, step)):
            try:
                cut = slice(*(cast("int | None", constant_key(p)) for p in (start, stop, step)))
                kept = items[cut]
            except (LookupError, TypeError, ValueError):
                return ListOf(join_all(items)) if isinstance(container, FixedList) else UNKNOWN
            return type(container)(kept)
        case ListOf(), SliceOf():
            return container
        case ListOf(item), _:
            return UNKNOWN if item is None else item
        case _:
            pass
    parts = _parts(container)
    if parts is None:
        return UNKNOWN
    try:
        return parts[constant_key(index)]
    except (LookupError, TypeError):
        return join_all(tuple(parts.values())) or UNKNOWN


def _parts(container: Type) -> dict[object, Type] | None:
    match container:
        case TupleOf(items) | FixedList(items):
            n = len(items)
            return {k: t for i, t in enumerate(items) for k in (i, i - n)}
        case DictOf(items):
            return dict(items)
        case Record(cls, fields) if issubclass(cls, tuple):
            n = len(fields)
            return {k: t for i, (_, t) in enumerate(fields) for k in (i, i - n)}
        case _:
            return None


def parts_of(t: Type) -> tuple[tuple[object, Type], ...] | None:
    """The keys and types of the items of a container of fixed structure; ``None`` for others."""
    match t:
        case TupleOf(items) | FixedList(items):
            return tuple(enumerate(items))
        case DictOf(items) | Record(_, items):
            return items
        case _:
            return None


def field_type(record: Record, name: str) -> Type | None:
    """The type of a field, or ``None`` if there is none of that name."""
    return dict(record.fields).get(name)


def with_item(container: Type, item: Type) -> Type:
    """The type of a list after ``item`` was appended."""
    match container:
        case FixedList(items):
            return ListOf(join_all((*items, item)))
        case ListOf(old):
            return ListOf(item if old is None else join_all((old, item)))
        case _:
            return UNKNOWN


def element_type(iterable: Type) -> Type:
    """The type of what iterating over ``iterable`` gives."""
    match iterable:
        case Array(dtype, shape) if shape:
            return Array(dtype, shape[1:]) if len(shape) > 1 else Scalar(dtype, False)
        case TupleOf(items) | FixedList(items):
            return join_all(items) or UNKNOWN
        case ListOf(item):
            return UNKNOWN if item is None else item
        case Record(cls, fields) if issubclass(cls, tuple):
            return join_all(tuple(t for _, t in fields)) or UNKNOWN
        case Static(range()):
            return INT
        case _:
            return UNKNOWN
