"""Products of arrays: dot, matmul, outer, einsum and their kin. All are linear in each factor."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from string import ascii_letters
from typing import Any

import numpy as np

from srcad import runtime
from srcad.rules.declare import linear
from srcad.rules.samples import array, of
from srcad.rules.table import BindError, Sample
from srcad.types.lattice import Array, Dim, FixedList, Scalar, Static, TupleOf, Type
from srcad.types.shapes import (
    axes_of,
    broadcast,
    dtype_of,
    elementwise_type,
    is_known,
    known_value,
    matmul_type,
    probe,
    shape_of,
)

__all__: list[str] = []

# Their signatures are partly unknown to type checkers.
op: Any = operator


def _pairs(*shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[Sample, ...]:
    return tuple(of(array(*a), array(*b, seed=1)) for a, b in shapes)


def _vector(v: Type, **other: Type) -> Type:
    return Array(np.result_type(dtype_of(v), *map(dtype_of, other.values())), (None,))


linear(
    op.matmul,
    "a, b -> c",
    a="matmul_bar_a(g, a, b)",
    b="matmul_bar_b(g, a, b)",
    at_rank={
        (2, 2): {"a": "g @ b.T", "b": "a.T @ g"},
        (2, 1): {"a": "np.outer(g, b)", "b": "a.T @ g"},
        (1, 2): {"a": "b @ g", "b": "np.outer(a, g)"},
        (1, 1): {"a": "g * b", "b": "g * a"},
    },
    aliases=(np.matmul,),
    result=matmul_type,
    samples=lambda: (
        *_pairs(((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 2)), ((3,), (3,))),
        *_pairs(((2, 3, 4), (4, 2)), ((2, 1, 3, 4), (5, 4, 2)), ((4,), (2, 4, 3))),
        *_pairs(((2, 3, 4), (4,)), ((1, 3, 4), (2, 4, 5)), ((3, 4), (2, 4, 5))),
        of(array(2, 3) + 1j * array(2, 3, seed=2), array(3, 2) - 0.5j),
    ),
)


def _dot_type(a: Type, b: Type) -> Type:
    m, n = shape_of(a), shape_of(b)
    if not m or not n:
        return elementwise_type(np.multiply, a, b)
    dtype = dtype_of(probe(np.dot, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,))))
    shape = m[:-1] + (n[:-2] + n[-1:] if len(n) > 1 else ())
    return Array(dtype, shape) if shape else Scalar(dtype, False)


linear(
    np.dot,
    "a, b -> c",
    a="dot_bar_a(g, a, b)",
    b="dot_bar_b(g, a, b)",
    at_rank={
        (2, 2): {"a": "np.dot(g, b.T)", "b": "np.dot(a.T, g)"},
        (2, 1): {"a": "np.outer(g, b)", "b": "np.dot(a.T, g)"},
        (1, 2): {"a": "np.dot(b, g)", "b": "np.outer(a, g)"},
        (1, 1): {"a": "g * b", "b": "g * a"},
    },
    result=_dot_type,
    samples=lambda: (
        *_pairs(((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 2)), ((3,), (3,))),
        *_pairs(((2, 3, 4), (4, 2)), ((2, 3), (4, 3, 2)), ((3,), (4, 3, 2)), ((2, 2, 3), (3,))),
        of(1.5, array(3)),
        of(array(2, 3), 0.5),
    ),
)


def _inner_type(a: Type, b: Type) -> Type:
    m, n = shape_of(a), shape_of(b)
    if not m or not n:
        return elementwise_type(np.multiply, a, b)
    dtype = dtype_of(probe(np.inner, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,))))
    return Array(dtype, m[:-1] + n[:-1]) if len(m) + len(n) > 2 else Scalar(dtype, False)


linear(
    np.inner,
    "a, b -> c",
    a="inner_bar(g, a, b)",
    b="inner_bar_b(g, a, b)",
    at_rank={
        (1, 1): {"a": "g * b", "b": "g * a"},
        (2, 2): {"a": "g @ b", "b": "g.T @ a"},
    },
    result=_inner_type,
    samples=lambda: (
        *_pairs(((3,), (3,)), ((2, 3), (4, 3)), ((2, 3), (3,)), ((3,), (2, 3))),
        *_pairs(((2, 4, 3), (5, 3))),
        of(1.5, array(3)),
    ),
)


def _flat(t: Type) -> Dim:
    from srcad.types.layouts import product_dims

    return product_dims(shape_of(t))


linear(
    np.outer,
    "a, b -> c",
    a="np.reshape(np.dot(g, np.ravel(b)), np.shape(a))",
    b="np.reshape(np.dot(np.ravel(a), g), np.shape(b))",
    at_rank={(1, 1): {"a": "g @ b", "b": "a @ g"}},
    result=lambda a, b: Array(
        dtype_of(probe(np.outer, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,)))),
        (_flat(a), _flat(b)),
    ),
    samples=lambda: _pairs(((3,), (2,)), ((2, 3), (2,)), ((2,), (2, 2))),
)
linear(
    runtime.convolved,
    "a, v -> c",
    a="correlated(g, v)",
    v="correlated(g, a)",
    result=_vector,
    samples=lambda: _pairs(((4,), (2,)), ((2,), (3,))),
)
linear(
    runtime.correlated,
    "t, v -> a",
    t="convolved(g, v)",
    v="correlated(t, g)",
    result=_vector,
    samples=lambda: _pairs(((4,), (2,)), ((3,), (3,))),
)
linear(
    np.vdot,
    "a, b -> c",
    a="np.conj(g * np.reshape(b, np.shape(a)))",
    b="g * np.conj(np.reshape(a, np.shape(b)))",
    real={
        "a": "g * np.reshape(b, np.shape(a))",
        "b": "g * np.reshape(a, np.shape(b))",
    },
    result=lambda a, b: Scalar(
        dtype_of(probe(np.vdot, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,)))), False
    ),
    samples=lambda: (
        *_pairs(((3,), (3,)), ((2, 3), (6,))),
        of(array(3) + 1j * array(3, seed=1), array(3, seed=2) - 0.5j),
    ),
)


linear(
    np.cross,
    "a, b -> c",
    a="unbroadcast(np.cross(b, g), a)",
    b="unbroadcast(np.cross(g, a), b)",
    result=lambda a, b: elementwise_type(np.multiply, a, b),
    samples=lambda: _pairs(((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3))),
)

# --- tensordot and einsum ------------------------------------------------------------------------


def _kept(shape: tuple[Dim, ...], axes: Type) -> tuple[Dim, ...]:
    """``shape`` without ``axes``; without extents if it is only known how many axes there are."""
    if isinstance(axes, (TupleOf, FixedList)) and not is_known(axes):
        return (None,) * (len(shape) - len(axes.items))
    gone = {*axes_of(axes, len(shape))}
    return tuple(d for k, d in enumerate(shape) if k not in gone)


def _tensordot_type(a: Type, b: Type, axes: Type) -> Type:
    m, n = shape_of(a), shape_of(b)
    if isinstance(axes, (TupleOf, FixedList)) and len(axes.items) == 2:
        shape = _kept(m, axes.items[0]) + _kept(n, axes.items[1])
    elif isinstance(known := known_value(axes), int):
        shape = m[: len(m) - known] + n[known:]
    else:
        raise LookupError("the axes are not known")
    dtype = dtype_of(probe(np.inner, Array(dtype_of(a), (1,)), Array(dtype_of(b), (1,))))
    return Array(dtype, shape)


linear(
    np.tensordot,
    "a, b, axes=2 -> c",
    a="tensordot_bar_a(g, a, b, axes)",
    b="tensordot_bar_b(g, a, b, axes)",
    result=_tensordot_type,
    samples=lambda: (
        of(array(2, 3), array(3, 4), 1),
        of(array(2, 3, 4), array(4, 3, 2), ((1, 2), (1, 0))),
        of(array(2, 3), array(2, 3, 2)),
        of(array(2), array(3), 0),
        of(array(2, 3, 4), array(3, 5), (1, 0)),
    ),
)

_OPERANDS = "abcd"


def _einsum_known(known: Mapping[str, object], real: bool) -> Mapping[str, str]:
    """For each operand the transposed product, which is an einsum again."""
    del real
    parts = _parsed(known.get("subscripts"))
    if parts is None:
        raise BindError(
            "np.einsum has a derivative for at most four operands, and where `...` comes first"
        )
    terms, out = parts
    return {name: _transposed(terms, out, k) for k, name in enumerate(_OPERANDS[: len(terms)])}


_REST = "."
"""Stands for ``...``, the axes that have no letter."""


def _parsed(subscripts: object) -> tuple[list[str], str] | None:
    if not isinstance(subscripts, str):
        return None
    left, arrow, out = subscripts.replace(" ", "").replace("...", _REST).partition("->")
    if not arrow:
        once = sorted(c for c in {*left} if left.count(c) == 1 and c not in (",", _REST))
        out = "".join([_REST] * (_REST in left) + once)
    terms = left.split(",")
    # Elsewhere than in front, axes that were broadcast could not be summed away.
    first = all(_REST not in term[1:] for term in (*terms, out)) or len(terms) == 1
    return (terms, out) if len(terms) <= len(_OPERANDS) and first else None


def _transposed(terms: list[str], out: str, k: int) -> str:
    name, term = _OPERANDS[k], terms[k]
    if _REST not in term and any(_REST in t for t in terms):
        term = _REST + term
    others = [i for i in range(len(terms)) if i != k]
    seen = {*out, *(c for i in others for c in terms[i])}
    # An index that nothing else has was summed over: ones spread the cotangent over it. One that
    # stands twice was a diagonal: an identity matrix puts the cotangent there.
    fresh = (c for c in ascii_letters if c not in out and all(c not in t for t in terms))
    indices, factors = [out, *(terms[i] for i in others)], ["g", *(_OPERANDS[i] for i in others)]
    wanted = ""
    for axis, c in enumerate(term):
        if c == _REST:
            wanted += c
            continue
        at = axis if _REST not in term[:axis] else axis - len(term)
        extent = f"np.shape({name})[{at}]"
        if c in wanted:
            new = next(fresh)
            indices.append(c + new)
            factors.append(f"np.eye({extent})")
            wanted += new
            continue
        if c not in seen:
            indices.append(c)
            factors.append(f"np.ones({extent})")
        wanted += c
    subscripts = f"{','.join(indices)}->{wanted}".replace(_REST, "...")
    return f"unbroadcast(np.einsum('{subscripts}', {', '.join(factors)}), {name})"


def _einsum_type(subscripts: Type, optimize: Type, **operands: Type) -> Type:
    del optimize  # says in which order they are multiplied
    given = [t for t in operands.values() if t != Static(None)]
    parts = _parsed(known_value(subscripts))
    if parts is None:
        raise LookupError("the subscripts are not known")
    terms, out = parts
    if len(terms) != len(given):
        raise LookupError("there are more operands than subscripts, or fewer")
    extents: dict[str, Dim] = {}
    rest: tuple[Dim, ...] = ()
    for term, t in zip(terms, given, strict=True):
        before, dots, after = term.partition(_REST)
        shape, n = shape_of(t), len(shape_of(t)) - len(after)
        if n < len(before) or (n > len(before) and not dots):
            raise LookupError("an operand has more axes than subscripts, or fewer")
        rest = broadcast(rest, shape[len(before) : n])
        for c, d in zip(before + after, shape[: len(before)] + shape[n:], strict=True):
            extents[c] = broadcast((extents[c],), (d,))[0] if c in extents else d
    dtype = np.result_type(*map(dtype_of, given))
    dims = tuple(d for c in out for d in (rest if c == _REST else (extents[c],)))
    return Array(dtype, dims) if dims else Scalar(dtype, False)


# Never read: the subscripts are always known, so `_einsum_known` writes the text.
_UNREAD: dict[str, Any] = dict.fromkeys(_OPERANDS, "the_subscripts_are_not_known")

linear(
    np.einsum,
    "subscripts, a, b=None, c=None, d=None, /, *, optimize=False -> z",
    **_UNREAD,
    only={"subscripts": ()},
    at_constant=_einsum_known,
    result=_einsum_type,
    samples=lambda: (
        of("ij,jk->ik", array(2, 3), array(3, 4)),
        of("ij->ji", array(2, 3)),
        of("ij->i", array(2, 3)),
        of("ii->i", array(3, 3)),
        of("ii->", array(3, 3)),
        of("ij,j", array(2, 3), array(3)),
        of("i,i->", array(3), array(3, seed=1)),
        of("bi,ij,bj->b", array(2, 3), array(3, 3), array(2, 3, seed=1)),
        of("i,j,k,k->ij", array(2), array(3), array(2, seed=1), array(2, seed=2)),
        of("...ij,...jk", array(2, 2, 3), array(3, 4)),
        of("...i,ij->...j", array(2, 2, 3), array(3, 4)),
        of("i,...i,...->...", array(3), array(2, 3), array(1)),
        of("...ii->...", array(2, 3, 3)),
        of("ij,jk->ik", array(2, 3), array(3, 4), optimize=True),
        of("i...j->j...", array(2, 3, 4)),
    ),
)
