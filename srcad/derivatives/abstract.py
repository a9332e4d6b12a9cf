"""What a derivative asks of abstract types; imported with the first call: types take time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.calls.checks import check_pair, check_scalar
from srcad.calls.keys import counts_of
from srcad.calls.trees import flatten
from srcad.errors import OutputError
from srcad.signature import Callee, place_of
from srcad.types.lattice import (
    Array,
    DictOf,
    Dim,
    Scalar,
    Static,
    Sym,
    TupleOf,
    Type,
    Unknown,
)
from srcad.types.of_value import DimTable, type_of
from srcad.types.returned import is_real

__all__ = ["is_number", "stand_ins", "types_of"]


def types_of(
    params: tuple[Any, ...],
    named: Callable[[], frozenset[int]] = frozenset,
    counting: tuple[int, ...] = (),
) -> tuple[Type, ...]:
    """The type of each parameter; equal extents are one symbol across all of them.

    Parameters
    ----------
    params : tuple
        The values.
    named : callable, optional
        Finds the extents that are no symbols; see `srcad.construction.extents`.
    counting : tuple of int, optional
        The places of the parameters that are extents; see `srcad.construction.counts`.

    Examples
    --------
    >>> x, n, k = types_of((np.ones(4), 4, 7), counting=(1,))
    >>> x.shape == (Sym(0),), n.known, k.known
    (True, Sym(id=0, minus=0), None)
    """
    dims = DimTable()
    types = _types(params, dims, counting)
    literal = dims.extents & named() if dims.extents else None
    return _types(params, DimTable(frozenset(literal)), counting) if literal else types


def _types(params: tuple[Any, ...], dims: DimTable, counting: tuple[int, ...]) -> tuple[Type, ...]:
    types = [type_of(value, dims) for value in params]
    for at, n in zip(counting, counts_of(params, counting), strict=True):
        plain = types[at]
        if n is not None and n >= 0 and isinstance(plain, Scalar):
            types[at] = Scalar(plain.dtype, plain.weak, *dims.shape((n,)))
    return tuple(types)


def stand_ins(types: tuple[Type, ...] | None) -> tuple[Any, ...] | None:
    """Values that have as many items as ``types`` say, for `select`."""
    if types is None:
        return None
    made: list[Any] = []
    for t in types:
        match t:
            case TupleOf(items):
                made.append((None,) * len(items))
            case DictOf(items):
                made.append({k: None for k, _ in items})
            case _:
                made.append(None)
    return tuple(made)


def _value_type(result: Type, callee: Callee, verb: str, has_aux: bool) -> Type | None:
    """The type of the differentiated value, or ``None`` where only a call can tell."""
    if not has_aux:
        return result
    match result:
        case TupleOf((value, _)):
            return value
        case Unknown():
            return None
        case _:
            check_pair(_example(result), callee, verb)
            return None


def is_number(
    result: Type,
    params: tuple[Any, ...],
    types: tuple[Type, ...],
    callee: Callee,
    verb: str,
    has_aux: bool,
) -> bool:
    """Whether the differentiated value is one real number, as far as its type can tell.

    Parameters
    ----------
    result : Type
        What the function returns: a pair, with ``has_aux``.
    params, types : tuple
        The arguments and their types, for the extents in a message, if there are any yet.
    callee, verb, has_aux
        Of the derivative.

    Returns
    -------
    bool
        ``False`` where only a call can tell.

    Raises
    ------
    OutputError
        If it surely is none.
    """
    match _value_type(result, callee, verb, has_aux):
        case value if is_real(value):
            return True
        case (Scalar() | Array(_, ()) | Static(None)) as value:
            check_scalar(_example(value), callee, verb)
        case Array() as value:
            raise OutputError(
                f"{verb}: `{callee.name}` returned an array"
                f" {_extents(value, params, types)}, not a number",
                **place_of(callee.fn),
                why="a gradient is that of one real number",
                instead="sum the result, e.g. np.sum(...), or use jacrev for all derivatives of"
                " an array",
            )
        case _:
            pass
    return False


def _example(result: Type) -> Any:
    """Some value of a type, for a message."""
    match result:
        case Scalar(dtype, weak):
            return dtype.type(0).item() if weak else dtype.type(0)
        case Array(dtype, shape):
            return np.zeros([n if isinstance(n, int) else 2 for n in shape], dtype)
        case Static(value):
            return value
        case TupleOf(items):
            return tuple(map(_example, items))
        case _:
            return result


def _extents(result: Array, params: tuple[Any, ...], types: tuple[Type, ...]) -> str:
    """The shape of ``result`` in words, with the extents of this call where they are known."""
    extents: dict[int, int] = {}
    dims = DimTable()
    for leaf in flatten(params)[0]:
        shape = getattr(leaf, "shape", ())
        for n, dim in zip(shape, dims.shape(shape), strict=True):
            if isinstance(dim, Sym):
                extents[dim.id] = n
    for n, t in zip(params, types, strict=True):
        if isinstance(t, Scalar) and isinstance(t.known, Sym):
            extents[t.known.id] = int(n)

    def known_extent(dim: Dim) -> int | None:
        if isinstance(dim, Sym):
            return max(extents[dim.id] - dim.minus, 0) if dim.id in extents else None
        return dim if isinstance(dim, int) else None

    known = list(map(known_extent, result.shape))
    if any(n is None for n in known):
        return f"with {len(known)} ax{'is' if len(known) == 1 else 'es'}"
    return f"of shape {tuple(known)}"
