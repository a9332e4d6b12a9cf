"""The abstract type of a live value."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import fields, is_dataclass
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np

from srcad.generators import GENERATORS
from srcad.kinds import (
    ARRAYS,
    counts_plainly,
    equals_itself_only,
    is_hashable,
    reads_plainly,
)
from srcad.types.lattice import (
    BOOL,
    FLOAT,
    INT,
    UNKNOWN,
    Array,
    DictOf,
    Dim,
    FixedList,
    Living,
    Partial,
    Record,
    Scalar,
    SliceOf,
    Static,
    Sym,
    TupleOf,
    Type,
)

__all__ = ["DimTable", "type_of"]

_COMPLEX = Scalar(np.dtype(np.complex128))
_PLAIN: dict[type, Type] = {float: FLOAT, complex: _COMPLEX, type(None): Static(None)}


class DimTable:
    """Gives each distinct extent one symbol, in order of first appearance; an extent of 1 stays 1.

    Parameters
    ----------
    literal : frozenset of int
        Other extents that stay what they are. The symbols of the rest do not depend on them.

    Examples
    --------
    >>> dims = DimTable()
    >>> dims.shape((3, 1, 4)) == (Sym(0), 1, Sym(1)), dims.shape((4,)) == (Sym(1),)
    (True, True)
    >>> DimTable(frozenset({3})).shape((3, 4)) == (3, Sym(1))
    True
    """

    __slots__ = ("_dims", "_literal")

    def __init__(self, literal: frozenset[int] = frozenset()) -> None:
        self._literal = literal
        self._dims: dict[int, Dim] = {}

    @property
    def extents(self) -> Set[int]:
        """The distinct extents so far, apart from 1."""
        return self._dims.keys()

    def shape(self, shape: tuple[int, ...]) -> tuple[Dim, ...]:
        """The symbolic form of ``shape``."""
        return tuple(1 if n == 1 else self._dim(n) for n in shape)

    def _dim(self, n: int) -> Dim:
        found = self._dims.get(n)
        if found is None:
            found = self._dims[n] = n if n in self._literal else Sym(len(self._dims))
        return found


def type_of(value: object, dims: DimTable | None = None, known: bool | None = None) -> Type:
    """The abstract type of ``value``.

    Parameters
    ----------
    value : object
        Any live value.
    dims : DimTable, optional
        Names the extents of arrays. Without it ``value`` is a constant: extents are literal.
    known : bool, optional
        Whether the values of ints and bools are part of the type; by default only for a constant.

    Returns
    -------
    Type
        `Static` for what is no number, array or container; `Unknown` for what is not hashable.

    Examples
    --------
    >>> type_of(2.0) == FLOAT, type_of(2).known, type_of("ij").value
    (True, 2, 'ij')
    """
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain
    if type(value) is int and dims is None and known is None:
        return _int_type(value)
    if isinstance(value, np.ndarray):
        return _array(cast("np.ndarray[Any, Any]", value), dims)
    if known is None:
        known = dims is None
    match value:
        case int() | float() | complex() if not counts_plainly(value):
            return UNKNOWN
        case np.generic():
            return _strong(cast("np.generic[Any]", value), known)
        case bool():
            return Scalar(BOOL.dtype, True, value) if known else BOOL
        case int():
            return _int_type(value) if known else INT
        case float():
            return FLOAT
        case complex():
            return _COMPLEX
        case tuple() | list() | dict() if reads_plainly(value):
            return _container(cast("tuple[object, ...] | list[object]", value), dims, known)
        case slice():
            cut = cast("slice[object, object, object]", value)
            return SliceOf(*(type_of(v, dims, known) for v in (cut.start, cut.stop, cut.step)))
        case _ if isinstance(value, GENERATORS):
            return Record(type(value), ())
        case _ if is_dataclass(value) and not isinstance(value, type):
            return Record(
                type(value),
                tuple(
                    (f.name, type_of(getattr(value, f.name), dims, known)) for f in fields(value)
                ),
            )
        case partial():
            bound = cast("partial[object]", value)
            return Partial(bound, tuple(bound.keywords.items()))
        case _:
            if is_hashable(value):
                return Living(value) if equals_itself_only(value) else Static(value)
            return Living(value) if _is_namespace(value) else UNKNOWN


@lru_cache(maxsize=1024)
def _int_type(value: int) -> Scalar:
    return Scalar(INT.dtype, True, value)


def _array(value: np.ndarray[Any, Any], dims: DimTable | None) -> Type:
    if value.dtype.kind not in "biufc" or type(value) not in ARRAYS:
        return UNKNOWN
    return Array(value.dtype, value.shape if dims is None else dims.shape(value.shape))


def _strong(value: np.generic[Any], known: bool) -> Type:
    if value.dtype.kind not in "biufc":
        return Static(value)
    is_int = known and value.dtype.kind in "bi"
    return Scalar(value.dtype, False, value.item() if is_int else None)


def _container(
    value: tuple[object, ...] | list[object] | dict[object, object],
    dims: DimTable | None,
    known: bool,
) -> Type:
    if isinstance(value, dict):
        if not all(isinstance(k, (str, int)) for k in value):
            return UNKNOWN
        return DictOf(tuple((k, type_of(v, dims, known)) for k, v in value.items()))
    items = tuple(type_of(v, dims, known) for v in value)
    if isinstance(value, list):
        return FixedList(items)
    names: tuple[str, ...] | None = getattr(value, "_fields", None)
    if names is None:
        return TupleOf(items)
    return Record(type(value), tuple(zip(names, items, strict=True)))


def _is_namespace(value: object) -> bool:
    """Whether ``value`` has attributes and no items, as `types.SimpleNamespace`."""
    return hasattr(value, "__dict__") and not any(
        hasattr(type(value), name) for name in ("__getitem__", "__iter__", "__len__", "__array__")
    )
