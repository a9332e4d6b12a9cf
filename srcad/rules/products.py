"""Products of arrays: dot, matmul, outer, einsum and their kin. All are linear in each factor."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import numpy as np

from srcad import runtime
from srcad.rules.declare import linear
from srcad.rules.samples import array, of
from srcad.rules.table import Sample
from srcad.types.lattice import Array, Dim, Scalar, Static, TupleOf, Type
from srcad.types.shapes import (
    broadcast,
    dtype_of,
    elementwise_type,
    known_value,
    matmul_type,
    probe,
    shape_of,
)

__all__: list[str] = []


def _pairs(*shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[Sample, ...]:
    return tuple(of(array(*a), array(*b, seed=1)) for a, b in shapes)


linear(
    operator.matmul,
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
    result=lambda a, b: matmul_type(a, b),
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


# --- tensordot and einsum ------------------------------------------------------------------------


def _tensordot_type(a: Type, b: Type, axes: Type) -> Type:
    known = known_value(axes)
    m, n = shape_of(a), shape_of(b)
    if isinstance(known, int):
        shape = m[: len(m) - known] + n[known:]
    elif isinstance(known, tuple) and len(known) == 2:
        gone: list[set[int]] = []
        for part, ndim in zip(known, (len(m), len(n)), strict=True):
            listed = part if isinstance(part, tuple) else (part,)
            gone.append({k % ndim for k in listed if isinstance(k, int)})
        shape = tuple(d for k, d in enumerate(m) if k not in gone[0])
        shape += tuple(d for k, d in enumerate(n) if k not in gone[1])
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
    """The transposed product, where each index of the operand is in the result or another operand."""
    del real
    subscripts = known.get("subscripts")
    if not isinstance(subscripts, str) or "." in subscripts or "->" not in subscripts:
        return {}
    left, _, out = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    texts: dict[str, str] = {}
    for k, term in enumerate(terms[: len(_OPERANDS)]):
        others = [i for i in range(len(terms)) if i != k]
        seen = {*out, *(c for i in others for c in terms[i])}
        if len({*term}) == len(term) and seen >= {*term}:
            source = ",".join([out, *(terms[i] for i in others)])
            names = "".join(f", {_OPERANDS[i]}" for i in others)
            name = _OPERANDS[k]
            texts[name] = f"unbroadcast(np.einsum('{source}->{term}', g{names}), {name})"
    return texts


def _einsum_type(subscripts: Type, **operands: Type) -> Type:
    text = known_value(subscripts)
    given = [t for t in operands.values() if t != Static(None)]
    if not isinstance(text, str) or "." in text or "->" not in text:
        raise LookupError("the subscripts are not known")
    left, _, out = text.replace(" ", "").partition("->")
    extents: dict[str, Dim] = {}
    for term, t in zip(left.split(","), given, strict=True):
        for c, d in zip(term, shape_of(t), strict=True):
            extents[c] = broadcast((extents[c],), (d,))[0] if c in extents else d
    dtype = np.result_type(*map(dtype_of, given))
    return Array(dtype, tuple(extents[c] for c in out)) if out else Scalar(dtype, False)


linear(
    np.einsum,
    "subscripts, a, b=None, c=None, d=None, / -> z",
    **{
        x: f"einsum_transpose(g, subscripts, {k}, *operands_given(a, b, c, d))"
        for k, x in enumerate(_OPERANDS)
    },
    at_constant=_einsum_known,
    result=_einsum_type,
    samples=lambda: (
        of("ij,jk->ik", array(2, 3), array(3, 4)),
        of("ij->ji", array(2, 3)),
        of("ij->i", array(2, 3)),
        of("ii->i", array(3, 3)),
        of("ii->", array(3, 3)),
        of("i,i->", array(3), array(3, seed=1)),
        of("bi,ij,bj->b", array(2, 3), array(3, 3), array(2, 3, seed=1)),
        of("i,j,k,k->ij", array(2), array(3), array(2, seed=1), array(2, seed=2)),
    ),
)
