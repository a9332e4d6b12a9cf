"""Dataclasses and named tuples that do more than hold what they are given."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import InitVar, dataclass, field

import numpy as np
import pytest

from srcad import SrcadError, grad, hessian, jacfwd, jvp, value_and_grad, vjp


@dataclass
class Positive:
    a: float
    b: float

    def __post_init__(self):
        if self.a < 0:
            raise ValueError("negative")


@dataclass
class Doubled:
    a: float
    b: float

    def __post_init__(self):
        self.a = 2 * self.a


@dataclass
class Derived:
    a: float
    b: float = field(init=False)

    def __post_init__(self):
        self.b = 2 * self.a


@dataclass
class Scaled:
    a: float
    by: InitVar[float]
    b: float = 3.0

    def __post_init__(self, by):
        self.a = by * self.a


@dataclass(init=False)
class Both:
    a: float
    b: float

    def __init__(self, both):
        self.a = self.b = both


class Shifted(namedtuple("Pair", "a b")):
    __slots__ = ()

    def __new__(cls, a, b):
        return super().__new__(cls, a + 1.0, b)


RECORDS = [Positive(2.0, 3.0), Doubled(1.0, 3.0), Derived(2.0), Scaled(1.0, 2.0), Both(2.0)]
by_name = pytest.mark.parametrize("p", RECORDS, ids=lambda p: type(p).__name__)


def opposite(p):
    return -p.a * p.b


def in_turn(p):
    total = 0.0
    for i in range(3):
        total = total - p.a * p.b * i
    return total / 3.0


@by_name
@pytest.mark.parametrize("f", [opposite, in_turn])
def test_a_gradient_is_made_field_by_field(f, p):
    for g in (grad(f)(p), value_and_grad(f)(p)[1], vjp(f, p)[1](1.0)[0], jacfwd(f)(p)):
        assert type(g) is type(p)
        assert (g.a, g.b) == (-p.b, -p.a)


@by_name
def test_tangents(p):
    assert jvp(opposite, (p,), (p,)) == (-p.a * p.b, -2 * p.a * p.b)
    inner = hessian(opposite)(p)
    assert (inner.a.b, inner.b.a) == (-1.0, -1.0)


@dataclass
class Sum:
    a: float
    b: float


Point = namedtuple("Point", "a b")


def made_inside(x):
    p = Doubled(x, 3.0)
    return p.a * p.b


def shifted_inside(x):
    p = Shifted(x, 3.0)
    return p.a * p.b


class Tripled(Sum):
    """A property stands where a field is."""

    @property
    def a(self):
        return 3 * self.__dict__["a"]

    @a.setter
    def a(self, value):
        self.__dict__["a"] = value


class Reading(Sum):
    def __getattribute__(self, name):
        found = object.__getattribute__(self, name)
        return 3 * found if name == "a" else found


class Storing(Sum):
    def __setattr__(self, name, value):
        object.__setattr__(self, name, 3 * value)


class Making(type):
    def __call__(cls, *fields):
        return type.__call__(cls, *(3 * field for field in fields))


class Made(Sum, metaclass=Making):
    pass


class Turned(Point):
    @property
    def a(self):
        return self[1]


@pytest.mark.parametrize("cls", [Tripled, Reading, Storing, Made, Turned])
def test_one_that_reads_or_stores_its_fields_otherwise(cls):
    def f(x):
        p = cls(x, 3.0)
        return p.a * p.b

    for call in (lambda: grad(f)(2.0), lambda: jvp(f, (2.0,), (1.0,))):
        with pytest.raises(SrcadError, match="srcad does not know what `") as caught:
            call()
        assert "a property in the place of a field" in str(caught.value)


@pytest.mark.parametrize("cls", [Tripled, Reading])
def test_one_that_reads_its_fields_otherwise_is_a_constant(cls):
    p = cls(2.0, 3.0)
    for call in (lambda: grad(opposite)(p), lambda: jvp(opposite, (p,), (p,))):
        with pytest.raises(SrcadError, match=f"is a `{cls.__name__}` object"):
            call()
    assert grad(lambda x, p: x * p.a)(1.0, p) == 6.0


@pytest.mark.parametrize("f", [made_inside, shifted_inside])
def test_one_that_is_made_in_the_function(f):
    for call in (lambda: grad(f)(2.0), lambda: jvp(f, (2.0,), (1.0,))):
        with pytest.raises(SrcadError) as caught:
            call()
        assert caught.value.message.startswith("srcad does not know what `")
        assert "x, 3.0)" in str(caught.value)


def test_a_named_tuple_that_changes_what_it_is_given():
    with pytest.raises(SrcadError, match="is a `Shifted`, a kind of tuple"):
        grad(opposite)(Shifted(1.0, 3.0))


def bumped(t):
    y = np.exp(-t * t)
    y[0] += t[1]
    return y


def weighed(weights, t):
    y = bumped(t)
    return np.sum(weights * y), {"y": y, "part": [y[:2]]}


def test_an_auxiliary_result_stays_what_it_was_when_a_call_is_undone():
    weights, t = np.array([0.2, 0.3, 0.4]), np.array([0.5, -0.3, 0.8])
    gradients, aux = grad(weighed, argnums=(0, 1), has_aux=True)(weights, t)
    np.testing.assert_allclose(gradients[0], bumped(t))
    np.testing.assert_allclose(aux["y"], bumped(t))
    np.testing.assert_allclose(aux["part"][0], bumped(t)[:2])


def renamed_and_changed(t):
    y = bumped(t)
    z = y
    z[:2] -= 0.5
    return np.sum(z * z)


def test_what_a_call_returned_is_changed_under_another_name():
    t = np.array([0.5, -0.3, 0.8])
    y = np.exp(-t * t)
    z_bar = 2 * (bumped(t) - [0.5, 0.5, 0.0])
    expected = -2 * t * y * z_bar
    expected[1] += z_bar[0]
    np.testing.assert_allclose(grad(renamed_and_changed)(t), expected)


def test_an_attribute_of_which_only_the_running_program_knows() -> None:
    def either(p: Positive) -> float:
        return getattr(p, "nothing", p.a) * p.b

    p = Positive(1.0, 2.0)
    for derivative in (grad(either), lambda p: jvp(either, (p,), (p,))):
        with pytest.raises(SrcadError, match="which attribute is read here") as error:
            derivative(p)
        assert "write the name out" in str(error.value)
