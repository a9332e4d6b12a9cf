"""Names of the objects that generated code refers to."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest
import scipy.special

from srcad.emit.namespace import Bound, bind_names
from srcad.emit.text import render
from srcad.ir.nodes import Assign, Call, Const, Expr, Function, Param, Ref, Return, Tuple, Var
from srcad.runtime import unbroadcast
from tests.emit.random_programs import SOURCE, function, op

x = Var("x")


def helper(value: object) -> object:
    return value


def result(expr: Expr, *locals_: str) -> tuple[Bound, str]:
    """How ``expr`` is bound where ``locals_`` are taken, and its text."""
    taken = [Assign(Var(name), Const(0)) for name in locals_]
    bound = bind_names(function(*taken, Return(expr), params=(x,)))
    return bound, render(bound.fn).text.splitlines()[-1].removeprefix("    return ")


@pytest.mark.parametrize(
    ("ref", "text", "imports"),
    [
        (Ref("np.tanh", np.tanh), "np.tanh", ("import numpy as np",)),
        (Ref("xp.linalg.solve", np.linalg.solve), "np.linalg.solve", ("import numpy as np",)),
        (Ref("numpy", np), "np", ("import numpy as np",)),
        (Ref("tanh", np.tanh), "tanh", ("from numpy import tanh",)),
        (Ref("math.sin", math.sin), "math.sin", ("import math",)),
        (Ref("len", len), "len", ()),
        (
            Ref("scipy.special.erf", scipy.special.erf),
            "scipy.special.erf",
            ("import scipy.special",),
        ),
        (Ref("operator.add", operator.add), "operator.add", ("import operator",)),
        (
            Ref("unbroadcast", unbroadcast),
            "unbroadcast",
            ("from srcad.runtime import unbroadcast",),
        ),
        (Ref("helper", helper), "helper", (f"from {__name__} import helper",)),
        (Ref("table", [1]), "table", ()),
    ],
)
def test_routes(ref: Ref, text: str, imports: tuple[str, ...]) -> None:
    bound, printed = result(ref)
    assert printed == text
    assert bound.imports == imports
    assert eval(text, dict(bound.globals)) is ref.value


@pytest.mark.parametrize(
    ("ref", "local", "text", "imports"),
    [
        (Ref("np.tanh", np.tanh), "np", "np_1.tanh", ("import numpy as np_1",)),
        (Ref("len", len), "len", "builtins.len", ("import builtins",)),
        (Ref("math.sin", math.sin), "math", "math_1.sin", ("import math as math_1",)),
        (
            Ref("helper", helper),
            "helper",
            "helper_1",
            (f"from {__name__} import helper as helper_1",),
        ),
        (Ref("helper", helper), "f", "helper", (f"from {__name__} import helper",)),
        (Ref("f", helper), "y", "helper", (f"from {__name__} import helper",)),
        (Ref("key", helper), "key", "helper", (f"from {__name__} import helper",)),
        (Ref("key", len), "key", "len", ()),
    ],
)
def test_locals_come_first(ref: Ref, local: str, text: str, imports: tuple[str, ...]) -> None:
    bound, printed = result(ref, local)
    assert printed == text
    assert [i for i in bound.imports if "helper" not in i or imports] == list(
        imports
    ) or not imports
    assert eval(text, dict(bound.globals)) is ref.value


def test_two_objects_of_one_name() -> None:
    first, second = object(), object()
    bound, printed = result(Tuple((Ref("thing", first), Ref("thing", second), Ref("thing", first))))
    assert printed == "thing, thing_1, thing"
    assert (bound.globals["thing"], bound.globals["thing_1"]) == (first, second)


def test_a_users_function_named_like_a_builtin() -> None:
    bound, printed = result(Tuple((Ref("sum", helper), Ref("sum", sum))))
    assert eval(f"({printed})", dict(bound.globals)) == (helper, sum)


def test_operators_need_no_name() -> None:
    bound, printed = result(op("neg", op("getitem", x, Const(0))))
    assert printed == "-x[0]"
    assert bound.globals == {}


def test_a_method_needs_no_name() -> None:
    bound, printed = result(Call(Ref("np.sum", np.sum), (x,), spell=".sum"))
    assert printed == "x.sum()"
    assert bound.imports == ()


@pytest.mark.parametrize(
    "value", [float("inf"), float("-inf"), complex(-0.0, 1), complex(math.inf, 0), np.float32(0.1)]
)
def test_numbers_without_a_literal(value: complex) -> None:
    bound, printed = result(Const(value), "np")
    found = eval(printed, dict(bound.globals))
    assert (repr(found), type(found)) == (repr(value), type(value))


def test_not_a_number() -> None:
    bound, printed = result(Const(float("nan")), "np")
    assert printed == "np_1.nan"
    assert math.isnan(eval(printed, dict(bound.globals)))


def test_defaults() -> None:
    value = [1, 2]
    params = (
        Param(x, Ref("f.__defaults__[0]", value)),
        Param(Var("y"), Const(math.inf)),
        Param(Var("z"), Const(3)),
    )
    bound = bind_names(Function("f", params, (Return(x),), SOURCE))
    assert render(bound.fn).text.startswith("def f(x=x_default, y=y_default, z=3):")
    assert bound.globals == {"x_default": value, "y_default": math.inf}


def test_imports_are_in_order() -> None:
    names = [Ref("unbroadcast", unbroadcast), Ref("np.sum", np.sum), Ref("math.pi", math.pi)]
    bound, _ = result(Tuple(tuple(names)))
    assert bound.imports == (
        "import math",
        "import numpy as np",
        "from srcad.runtime import unbroadcast",
    )
