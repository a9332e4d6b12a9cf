"""Functions whose derivative is zero or does not exist: tests, shapes, indices."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from srcad.rules.declare import constant
from srcad.rules.samples import array, of
from srcad.runtime import order_of, places_of_quantile
from srcad.types.lattice import (
    UNKNOWN,
    Array,
    DictOf,
    Dim,
    FixedList,
    ListOf,
    Scalar,
    Static,
    TupleOf,
    Type,
)
from srcad.types.layouts import int_type, product_dims
from srcad.types.shapes import (
    axes_of,
    broadcast,
    elementwise_type,
    known_value,
    made,
    reduced_type,
    shape_of,
)

__all__: list[str] = []

# Their signatures are partly unknown to type checkers.
op: Any = operator

_BOOL = Scalar(np.dtype(bool))
_INT = Scalar(np.dtype(np.int64))


def _each(fn: Callable[..., Any], n: int, *arguments: Any) -> None:
    """An elementwise function of ``n`` numbers whose slope is zero."""
    names = "xy"[:n]

    def result(**types: Type) -> Type:
        return elementwise_type(fn, *(types[name] for name in names))

    given = arguments or ((0.7, 1.5)[:n], (array(2, 3), array(3))[:n])
    constant(
        fn,
        f"{', '.join(names)}, / -> z",
        result=cast("Callable[..., Type]", result),
        samples=lambda: tuple(of(*a) for a in given),
    )


for _fn in (
    op.lt,
    op.le,
    op.gt,
    op.ge,
    op.eq,
    op.ne,
    op.floordiv,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.floor_divide,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
):
    _each(_fn, 2)
for _fn in (
    np.floor,
    np.ceil,
    np.trunc,
    np.rint,
    np.sign,
    np.signbit,
    np.isnan,
    np.isinf,
    np.isfinite,
    np.logical_not,
    np.spacing,
):
    _each(_fn, 1)
_TESTS = (math.isnan, math.isinf, math.isfinite)
for _fn in (math.floor, math.ceil, math.trunc, *_TESTS, math.ulp, int, bool):
    _each(_fn, 1, (0.7,))
for _fn in (op.and_, op.or_, op.xor):
    _each(_fn, 2, (6, 3), (array(3) > 0, array(3) < 1))
for _fn in (op.lshift, op.rshift, np.bitwise_and, np.bitwise_or, np.gcd, math.gcd):
    _each(_fn, 2, (6, 3))
for _fn in (op.invert, np.invert):
    _each(_fn, 1, (np.array([True, False]),), (5,))


def _test(t: Type) -> Callable[..., Type]:
    def result(**types: Type) -> Type:
        del types
        return t

    return result


for _fn in (op.is_, op.is_not):
    constant(_fn, "x, y -> z", result=_test(_BOOL), samples=lambda: (of(None, None),))
constant(op.not_, "x -> y", result=_test(_BOOL), samples=lambda: (of(1.5), of(())))
constant(op.truth, "x -> y", result=_test(_BOOL), samples=lambda: (of(1.5),))
constant(op.contains, "d, k -> y", result=_test(_BOOL), samples=lambda: (of({"w": 1.0}, "w"),))
constant(isinstance, "x, cls -> y", result=_test(_BOOL), samples=lambda: (of(1.5, float),))
constant(callable, "x -> y", result=_test(_BOOL), samples=lambda: (of(abs),))
constant(hasattr, "x, name -> y", result=_test(_BOOL), samples=lambda: (of(1.5, "shape"),))


# --- rounding ------------------------------------------------------------------------------------


def _rounded(x: Type, decimals: Type) -> Type:
    del decimals
    return elementwise_type(np.round, x)


def _to_one_digit(x: float) -> float:
    return round(x, 1)


def _builtin_round(x: Type, ndigits: Type) -> Type:
    if ndigits == Static(None):
        return elementwise_type(round, x)
    return elementwise_type(_to_one_digit, x)


constant(
    np.round,
    "x, decimals=0 -> y",
    aliases=(np.around,),
    result=_rounded,
    samples=lambda: (of(array(3)), of(array(3), 1), of(0.7)),
)
constant(
    round, "x, ndigits=None -> y", result=_builtin_round, samples=lambda: (of(0.7), of(0.74, 1))
)


# --- shapes --------------------------------------------------------------------------------------


def _dtype_type(x: Type) -> Type:
    match x:
        case Scalar(dtype) | Array(dtype):
            return Static(dtype)
        case _:
            return UNKNOWN


def _shape(x: Type) -> Type:
    return TupleOf(tuple(map(int_type, shape_of(x))))


def _size(x: Type, axis: Type) -> Type:
    shape = shape_of(x)
    if axis == Static(None):
        return int_type(product_dims(shape))
    (k,) = axes_of(axis, len(shape))
    return int_type(shape[k])


def _len(x: Type) -> Type:
    match x:
        case Array(_, (first, *_)):
            return int_type(first)
        case TupleOf(items) | FixedList(items) | DictOf(items):
            return int_type(len(items))
        case Static(str() | bytes() as text):
            return int_type(len(text))
        case _:
            return _INT


_cls: Any
for _cls, _xs in ((list, [2, 1, 2]), (tuple, (2, 1, 2))):
    constant(
        _cls.index,
        "xs, x, /, start=0, stop=9223372036854775807 -> i",
        result=lambda xs, x, start, stop: _INT,
        samples=lambda xs=_xs: (of(xs, 1), of(xs, 2, 1)),
    )
    constant(
        _cls.count, "xs, x, / -> n", result=lambda xs, x: _INT, samples=lambda xs=_xs: (of(xs, 2),)
    )
constant(
    order_of,
    "keys, reverse -> places",
    result=lambda keys, reverse: ListOf(_INT),
    samples=lambda: (of([0.5, 0.2, 0.7], False), of([0.5, 0.2, 0.7], True)),
)
constant(
    places_of_quantile,
    "n, q, method -> places",
    result=lambda n, q, method: made(Scalar(np.dtype(float), False), shape_of(q)),
    samples=lambda: (of(5, 0.3, "hazen"), of(5, np.array([0.3, 0.9]), "lower")),
)
constant(
    np.shape, "x -> y", result=_shape, samples=lambda: (of(array(2, 3)), of(1.5), of(array(1, 4)))
)


def _broadcast_shapes(shapes: Type) -> TupleOf:
    given: list[tuple[Dim, ...]] = []
    for shape in shapes.items if isinstance(shapes, TupleOf) else ():
        sizes = shape.items if isinstance(shape, TupleOf) else (shape,)
        given.append(tuple(map(_extent, sizes)))
    return TupleOf(tuple(map(int_type, broadcast(*given))))


def _extent(t: Type) -> Dim:
    if isinstance(t, Scalar) and not isinstance(t.known, bool):
        return t.known
    raise LookupError(f"{t} is no extent")


def _open_mesh(args: Type) -> Type:
    """The places of ``np.ix_``, an axis for each of ``args``."""
    if not isinstance(args, TupleOf):
        return UNKNOWN
    given = [t.dtype if isinstance(t, Array) else np.dtype(np.int64) for t in args.items]
    made = [d if d.kind in "iu" else np.dtype(np.int64) for d in given]
    return TupleOf(tuple(Array(d, (None,) * len(made)) for d in made))


constant(
    np.ix_,
    "*args -> places",
    result=_open_mesh,
    shares=("args",),
    samples=lambda: (of([0, 2], [1]), of(np.array([True, False]), [1, 2], [0])),
)
constant(
    np.broadcast_shapes,
    "*shapes -> shape",
    result=_broadcast_shapes,
    samples=lambda: (of((2, 3), (3,)),),
)
constant(
    np.ndim,
    "x -> y",
    result=lambda x: int_type(len(shape_of(x))),
    samples=lambda: (of(array(2, 3)),),
)
constant(
    np.size,
    "x, axis=None -> y",
    result=_size,
    samples=lambda: (of(array(2, 3)), of(array(2, 3), 1), of(array(4)), of(1.5)),
)
constant(len, "x -> y", result=_len, samples=lambda: (of(array(2, 3)), of((1.0, 2)), of([])))
constant(np.result_type, "x -> y", samples=lambda: (of(array(2)),), result=_dtype_type)
constant(np.iscomplexobj, "x -> y", result=_test(_BOOL), samples=lambda: (of(array(2)),))
constant(np.isscalar, "x -> y", result=_test(_BOOL), samples=lambda: (of(1.5),))


# --- reductions without a derivative -------------------------------------------------------------


def _sorted_indices(x: Type, axis: Type) -> Type:
    known_value(axis)
    return Array(np.dtype(np.int64), shape_of(x))


def _plain_reduction(fn: Callable[..., Any], signature: str) -> None:
    def result(**types: Type) -> Type:
        return reduced_type(fn, types["x"], types["axis"], types.get("keepdims"))

    constant(
        fn,
        signature,
        result=cast("Callable[..., Type]", result),
        samples=lambda: (of(array(2, 3)), of(array(2, 3), axis=0), of(array(4), axis=-1)),
    )


def _one_of_each(A: Type, tol: Type, hermitian: Type) -> Type:
    del tol, hermitian
    *batch, _, _ = shape_of(A) if len(shape_of(A)) > 1 else (None, None)
    return Array(np.dtype(int), tuple(batch)) if batch else Scalar(np.dtype(int), False)


constant(
    np.linalg.matrix_rank,
    "A, tol=None, hermitian=False -> y",
    result=_one_of_each,
    samples=lambda: (of(array(3, 2)), of(array(2, 3, 3))),
)
for _fn in (np.all, np.any, np.count_nonzero):
    _plain_reduction(_fn, "x, axis=None, *, keepdims=False -> y")
for _fn in (np.argmax, np.argmin):
    _plain_reduction(_fn, "x, axis=None, *, keepdims=False -> y")
constant(
    np.argsort,
    "x, axis=-1 -> y",
    result=_sorted_indices,
    samples=lambda: (of(array(2, 3)), of(array(2, 3), 0)),
)
constant(
    np.searchsorted,
    "a, v, side='left' -> i",
    result=lambda a, v, side: made(Scalar(_INT.dtype, False), shape_of(v)),
    samples=lambda: (of(np.sort(array(4)), 0.2), of(np.sort(array(4)), array(3))),
)
for _fn in (np.array_equal, np.array_equiv):
    constant(_fn, "x, y -> z", result=_test(_BOOL), samples=lambda: (of(array(2), array(2)),))
constant(
    np.allclose,
    "x, y, rtol=1e-05, atol=1e-08 -> z",
    result=_test(_BOOL),
    samples=lambda: (of(array(2), array(2)),),
)
constant(np.may_share_memory, "x, y -> z", samples=lambda: (of(array(2), array(2)),))


# --- where in an array ----------------------------------------------------------------------------


constant(
    np.argpartition,
    "a, kth, axis=-1 -> i",
    result=lambda a, kth, axis: _sorted_indices(a, axis),
    samples=lambda: (of(array(4), 2), of(array(2, 3), 1, 0)),
)
constant(
    np.digitize,
    "x, bins, right=False -> i",
    result=lambda x, bins, right: made(Scalar(_INT.dtype, False), shape_of(x)),
    samples=lambda: (of(array(3), np.sort(array(4))), of(0.3, np.sort(array(4)))),
)
for _fn in (np.nanargmax, np.nanargmin):
    _plain_reduction(_fn, "x, axis=None, *, keepdims=False -> y")
for _fn in (np.isneginf, np.isposinf, np.isreal, np.iscomplex):
    constant(
        _fn,
        "x -> y",
        result=lambda x: made(Scalar(_BOOL.dtype, False), shape_of(x)),
        samples=lambda: (of(array(3)), of(array(2, 3))),
    )
constant(
    np.isclose,
    "a, b, rtol=1e-05, atol=1e-08 -> y",
    result=lambda a, b, rtol, atol: elementwise_type(np.less, a, b),
    samples=lambda: (of(array(3), array(3)), of(array(2, 3), 0.5)),
)
constant(
    math.isclose,
    "a, b, *, rel_tol=1e-09, abs_tol=0.0 -> y",
    result=_test(_BOOL),
    samples=lambda: (of(0.7, 0.7), of(0.7, 0.8, abs_tol=0.2)),
)
constant(
    np.isin,
    "element, test_elements -> y",
    result=lambda element, test_elements: made(_BOOL, shape_of(element)),
    samples=lambda: (of(array(3), array(2)), of(array(2, 3), [1.0, 2.0])),
)


# --- the limits of types --------------------------------------------------------------------------


def _limits(dtype: object) -> Static:
    try:
        return Static(np.finfo(np.dtype(cast("Any", dtype))))
    except (TypeError, ValueError) as error:  # of no float type
        raise LookupError(dtype) from error


constant(
    np.finfo,
    "dtype -> y",
    result=lambda dtype: _limits(known_value(dtype)),
    samples=lambda: (of(np.float32), of(float)),
)


# --- Python --------------------------------------------------------------------------------------

constant(range, "a, b=None, c=None, / -> y", samples=lambda: (of(3), of(1, 4), of(9, 1, -2)))
for _name in ("type", "str", "repr", "print"):
    constant(getattr(builtins, _name), "*x -> y", samples=lambda: (of(""),))
for _fn in (all, any):
    constant(_fn, "x -> y", result=_test(_BOOL), samples=lambda: (of([True, False]),))
