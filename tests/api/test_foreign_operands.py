"""Operands with arithmetic of their own are refused beside what is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcad import SrcadError, check_grads, grad, jvp, vjp
from srcad.errors import UnknownFunctionError

X = np.array([0.62, -0.35, 1.1, 0.47])
MASKED: Any = np.ma.array(X, mask=[0, 1, 0, 0])
MATRIX: Any = np.ones((4, 4)).view(np.matrix)


class Scale:
    """Every operator means something else than for numbers."""

    factor = 3.0

    def __mul__(self, other):
        return other * self.factor**2

    __rmul__ = __matmul__ = __add__ = __getitem__ = __lt__ = __mul__


class Tropical(float):
    """Its sums are maxima."""

    def __add__(self, other):
        return Tropical(max(self, other))

    def __radd__(self, other):
        return Tropical(max(self, other))


class Metres(float):
    """A float by any name."""

    def __repr__(self):
        return f"{float(self)} m"


SCALE: Any = Scale()
TROPICAL: Any = Tropical(0.5)
METRES: Any = Metres(0.5)
HELD: Any = {"masked": MASKED, "list": [MASKED]}


@dataclass
class Pair:
    x: float
    y: float

    def __getitem__(self, i):
        return 7 * self.x

    def __iter__(self):
        return iter([3 * self.x, self.y])

    def __iadd__(self, other):
        return Pair(5 * self.x, other.y)

    def __lt__(self, other):
        return 2 * self.x

    def __abs__(self):
        return 2 * self.x


class Turned(NamedTuple):
    x: float
    y: float

    def __getitem__(self, i):
        return self.y


class Doubled(list):
    def __getitem__(self, i):
        return 2 * list.__getitem__(self, i)


def times_masked(x):
    return np.sum(x * MASKED)


def function_of_masked(x):
    return np.sum(np.multiply(x, HELD["masked"]))


def masked_in_a_list(x):
    return np.sum(x + HELD["list"][0])


def masked_when_it_runs(x):
    m = np.ma.masked_invalid(np.array([1.0, np.nan, 2.0, 3.0]))
    return np.sum(m * x)


def updated_by_masked(x):
    y = x.copy()
    y *= MASKED
    return np.sum(y)


def times_matrix(x):
    return np.sum(MATRIX * x.reshape(4, 1))


def times_object(x):
    return np.sum(SCALE * x)


def object_times(x):
    return np.sum(x * SCALE)


def object_at(x):
    return np.sum(SCALE @ x)


def item_by_a_number(x):
    return SCALE[x[0]] * x[1]


def order(x):
    return (SCALE < x[0]) * x[1]


def plus_number_of_its_own(x):
    return (TROPICAL + x[0]) * x[1]


def number_of_its_own_in_a_list(x):
    return (x[0] + [TROPICAL, 2.0][0]) * x[1]


@pytest.mark.parametrize(
    "f",
    [
        plus_number_of_its_own,
        number_of_its_own_in_a_list,
        times_masked,
        function_of_masked,
        masked_in_a_list,
        masked_when_it_runs,
        updated_by_masked,
        times_matrix,
        times_object,
        object_times,
        object_at,
        item_by_a_number,
        order,
    ],
)
def test_operand_that_is_global_or_made(f: Callable[..., Any]) -> None:
    with pytest.raises(UnknownFunctionError, match="does not know the arithmetic of"):
        grad(f)(X)
    with pytest.raises(UnknownFunctionError, match="does not know the arithmetic of"):
        jvp(f, (X,), (X,))


def product(x, m):
    return np.sum(m * x)


@pytest.mark.parametrize(
    ("m", "array"),
    [(MASKED, "`a.filled(0.0)`"), (MATRIX, "`np.asarray(a)`"), (SCALE, ""), (TROPICAL, "")],
    ids=["masked", "matrix", "object", "number"],
)
def test_operand_that_is_an_argument(m: Any, array: str) -> None:
    with pytest.raises(UnknownFunctionError) as refusal:
        grad(product)(X, m)
    assert array in refusal.value.instead
    assert "give a plain array" in refusal.value.instead
    assert np.array_equal(grad(product)(X, np.ones(4)), np.ones(4))


def test_numbers_of_a_class_of_ones_own() -> None:
    assert np.array_equal(grad(product)(X, METRES), np.full(4, 0.5))
    assert grad(lambda x: METRES * x + x * x)(Metres(2.0)) == 4.5
    with pytest.raises(SrcadError, match="a `Tropical`, with arithmetic of its own"):
        grad(lambda x: x + x * x)(TROPICAL)


def test_what_is_mapped_from_a_file_is_an_array(tmp_path: Any) -> None:
    m = np.memmap(tmp_path / "m", dtype=float, mode="w+", shape=(4,))
    m[:] = 2.0
    assert np.array_equal(grad(product)(X, m), np.full(4, 2.0))


def cubed(x):
    x[0] = x[1]
    return {"all": np.sum(x * x * x)}


def test_what_is_mapped_from_a_file_is_differentiated(tmp_path: Any) -> None:
    m = np.memmap(tmp_path / "m", dtype=np.float32, mode="w+", shape=(3,))
    m[:] = [1.0, 2.0, 3.0]
    ((found,),) = vjp(lambda p: cubed(p[0].copy())["all"], [m])[1](np.float32(1.0))
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    assert found.tolist() == [0.0, 24.0, 27.0]
    assert m.tolist() == [1.0, 2.0, 3.0]
    check_grads(cubed, (m,), order=2)


def by_item(a):
    return a[0] * a.y


def by_unpacking(a):
    u, v = a
    return u * v


def by_turns(a):
    total = 0.0
    for u in a:
        total += u * u
    return total


def by_order(a):
    return (a < a) * a.y


def by_update(a):
    a += a
    return a.x * a.y


def by_size(a):
    return abs(a) * a.y


@pytest.mark.parametrize("f", [by_item, by_unpacking, by_turns, by_order, by_update, by_size])
def test_record_with_operators(f: Callable[..., Any]) -> None:
    with pytest.raises(SrcadError):
        grad(f)(Pair(1.5, 2.5))
    with pytest.raises(SrcadError):
        jvp(f, (Pair(1.5, 2.5),), (Pair(1.0, 1.0),))


def first_and_last(a):
    return a[0] * a[1]


@pytest.mark.parametrize("a", [Turned(1.5, 2.5), Doubled([1.5, 2.5])], ids=["tuple", "list"])
def test_container_that_reads_its_items_otherwise(a: Any) -> None:
    with pytest.raises(SrcadError, match="cannot be differentiated"):
        grad(first_and_last)(a)


class Squared:
    """What it is multiplied by is squared."""

    def __rmul__(self, other):
        return other * other

    __mul__ = __rmul__


OBJECTS: Any = np.array([Squared(), Squared()], dtype=object)


def times_global_objects(x, _):
    return float(np.sum(x * OBJECTS))


def times_objects(x, objects):
    return float(np.sum(x * objects))


def times_an_object(x, objects):
    return (x * objects)[0]


@pytest.mark.parametrize("f", [times_global_objects, times_objects, times_an_object])
def test_array_of_objects(f: Callable[..., Any]) -> None:
    x = np.array([1.0, 2.0])
    with pytest.raises(UnknownFunctionError, match="the arithmetic of an array of objects"):
        grad(f)(x, OBJECTS)
    with pytest.raises(UnknownFunctionError, match=r"x\.astype"):
        jvp(lambda x: f(x, OBJECTS), (x,), (x,))


def chosen(x, names):
    return sum(v for v, name in zip(x, names, strict=True) if name == "a")


def test_array_of_objects_that_are_only_compared() -> None:
    found = grad(chosen)(np.array([1.0, 2.0]), np.array(["b", "a"], dtype=object))
    assert found.tolist() == [0.0, 1.0]
