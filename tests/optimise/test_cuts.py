"""Parts of what was joined or stacked, taken by indices."""

from __future__ import annotations

import numpy as np
import pytest

from srcad import runtime
from srcad.emit.text import render
from srcad.ir.nodes import Call, Const, Function, List, Ref, Store, Tuple, Unpack
from srcad.optimise.cuts import cut_by_slices
from srcad.types.lattice import Array, FixedList, Sym, Type
from tests.optimise.machine import function, give, run, same, var

DTYPE = np.dtype(float)


def vector(extent: int | Sym) -> Array:
    return Array(DTYPE, (extent,))


WHOLE, PART, OTHER = vector(Sym(0)), vector(Sym(1)), vector(Sym(2))
A, B, C = np.arange(2.0), np.arange(3.0), np.arange(5.0)


def cut(*targets: str | None, parts: str, axis: int = 0, more: tuple[Store, ...] = ()) -> Function:
    names = tuple(None if t is None else var(t) for t in targets)
    operands = List(tuple(var(p) for p in parts.split()))
    value = Call(Ref("split_like", runtime.split_like), (var("g"), operands, Const(axis)))
    given = Tuple(tuple(n for n in names if n is not None))
    return function("g a b", Unpack(names, value), *more, give(given))


def text_after(fn: Function, types: dict[str, Type], *args: object) -> list[str]:
    after, _ = cut_by_slices(fn, {var(n): t for n, t in types.items()})
    assert same(run(after, *args), run(fn, *args))
    return [line.strip() for line in render(after).text.splitlines()[1:-1]]


@pytest.mark.parametrize(
    ("targets", "parts", "types", "lines"),
    [
        (("x", "y"), "a b", {"a": PART, "b": OTHER}, ["n = len(a)", "x = g[:n]", "y = g[n:]"]),
        (("x", "y"), "a b", {"a": vector(2), "b": OTHER}, ["x = g[:2]", "y = g[2:]"]),
        ((None, "y"), "a b", {"a": PART, "b": OTHER}, ["t = len(a)", "y = g[t:]"]),
        (("x", None), "a b", {"a": PART, "b": OTHER}, ["t = len(a)", "x = g[:t]"]),
        ((None, "y"), "a b", {"a": FixedList(()), "b": OTHER}, ["_, y = split_like(g, [a, b], 0)"]),
    ],
)
def test_parts_of_a_vector(
    targets: tuple[str | None, ...], parts: str, types: dict[str, Type], lines: list[str]
) -> None:
    fn = cut(*targets, parts=parts)
    assert text_after(fn, {"g": WHOLE, **types}, C, A, B) == lines


def test_columns_are_rows_of_the_other_axis() -> None:
    g = np.arange(6.0).reshape(2, 3)
    types = {"g": Array(DTYPE, (Sym(0), 3)), "a": PART, "b": Array(DTYPE, (Sym(0), 2))}
    fn = cut("x", "y", parts="a b", axis=-1)
    lines = text_after(fn, types, g, np.zeros(2), np.zeros((2, 2)))
    assert lines == ["x = g[:, 0]", "y = g[:, 1:]"]


def test_parts_of_another_precision_are_cast() -> None:
    single = Array(np.dtype(np.float32), (Sym(1),))
    fn = cut("x", "y", parts="a b")
    types = {"g": WHOLE, "a": single, "b": OTHER}
    lines = text_after(fn, types, C, A.astype(np.float32), B)
    assert lines == ["x, y = split_like(g, [a, b], 0)"]


def test_parts_do_not_follow_a_later_change() -> None:
    change = Store(var("g"), Const(0), Const(7.0))
    fn = cut("x", "y", parts="a b", more=(change,))
    types = {"g": WHOLE, "a": PART, "b": OTHER}
    assert cut_by_slices(fn, {var(n): t for n, t in types.items()})[0] == fn


def test_what_was_stacked_is_unpacked() -> None:
    stack = Call(Ref("unstack", runtime.unstack), (var("g"), Const(0)))
    fn = function("g a b", Unpack((var("x"), var("y")), stack), give(Tuple((var("x"), var("y")))))
    g = np.arange(6.0).reshape(2, 3)
    lines = text_after(fn, {"g": Array(DTYPE, (2, Sym(0)))}, g, A, B)
    assert lines == ["x, y = g"]
