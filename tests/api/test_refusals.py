"""What is refused, and in which words."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from srcad import (
    SrcadError,
    check_grads,
    custom_jvp,
    custom_vjp,
    grad,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    rule,
    value_and_grad,
    vjp,
)
from srcad.api import derivative_of
from srcad.errors import ArgumentError, NoSourceError
from srcad.types.lattice import Array, Static, Sym, TupleOf
from tests.api import functions as fs

FLOATS = "only a float or complex number, or an array of them, has a derivative"
SCALAR = "a gradient is that of one real number"
LIKE = "a {} has the shape and dtype of its value"


def refusal(call):
    """The refusal of ``call``: message, line shown, why, instead."""
    with pytest.raises(SrcadError) as caught:
        call()
    error = caught.value
    lines = str(error).splitlines()
    shown = [
        line.strip() for at, line in enumerate(lines) if at and lines[at - 1].startswith("  File")
    ]
    return error.message, "".join(shown), error.why, error.instead


def test_a_pass_that_does_not_exist():
    message, _, _, instead = refusal(lambda: grad(fs.square, without="zzz"))
    assert message == "grad: there is no optimisation pass 'zzz' to leave out"
    names = "common copies cuts dead fold handed_on inplace items neighbours originals".split()
    names += "records reuse shapes stores values".split()
    assert instead == f"one of {', '.join(map(repr, names))}"


def test_numbers_and_text_in_an_array():
    message, shown, why, instead = refusal(lambda: grad(fs.numbers_and_text)(0.7))
    assert message == "numbers and text in one array cannot be differentiated"
    assert 'return np.array([x, "a"])[0]' in shown
    assert why == "NumPy makes text, or objects, of the numbers in such an array"
    assert instead == "use a list or tuple, or two arrays"


@pytest.mark.parametrize(
    ("call", "message", "instead"),
    [
        (
            lambda: grad(fs.square, 1),
            "grad: argnums=1 is out of range: `square` takes 1 positional argument (x)",
            "count positional arguments from 0, or give the argument's name",
        ),
        (
            lambda: grad(fs.square, -2),
            "grad: argnums=-2 is out of range: `square` takes 1 positional argument (x)",
            "count positional arguments from 0, or give the argument's name",
        ),
        (
            lambda: grad(fs.cubic, (0, "z")),
            "grad: `cubic` has no argument `z`",
            "one of `x`, `y`, `n`",
        ),
        (
            lambda: jacrev(fs.cubic, ("x", 0)),
            "jacrev: argnums=('x', 0) chooses the argument `x` of `cubic` twice",
            "choose each argument once",
        ),
    ],
)
def test_argnums_that_do_not_fit(call, message, instead):
    said, shown, _, instead_said = refusal(call)
    assert (said, instead_said) == (message, instead)
    assert shown.startswith("def ")


@pytest.mark.parametrize("argnums", [1.5, None, True, (0, 1.0), {0}, np.array([0, 1])])
def test_argnums_of_another_type(argnums):
    message, _, why, instead = refusal(lambda: grad(fs.square, argnums))
    one = argnums[1] if isinstance(argnums, tuple) else argnums
    assert message == f"grad: argnums cannot be {one!r}"
    assert why == "an argument is chosen by its position or its name"
    assert instead == "argnums=0, argnums=(0, 2) or argnums='x'"


def test_no_argnums():
    message, *_ = refusal(lambda: grad(fs.square, ()))
    assert message == "grad: argnums is empty, so nothing is differentiated"


def test_star_argument_out_of_range(fake):
    message, *_ = refusal(lambda: grad(fs.of_many, 3)(1.0, 2.0, 3.0))
    assert message == (
        "grad: argnums=3 is out of range: `of_many` was called with 3 positional arguments"
    )


@pytest.mark.parametrize(
    ("x", "what", "instead"),
    [
        (3, "an int", "pass 3.0 in place of 3, or choose other argnums"),
        (True, "a bool", "choose other argnums"),
        ("3", "a string", "choose other argnums"),
        (None, "None", "pass a number, or choose other argnums"),
        (np.int32(3), "an integer (int32)", "pass float(x), or choose other argnums"),
        (np.bool_(True), "a bool", "choose other argnums"),
        (
            np.arange(3),
            "an integer array (int64)",
            "pass x.astype(float), or choose other argnums",
        ),
        (np.array([True]), "a bool array", "choose other argnums"),
        (np.array([1.0, None]), "an array of objects", "pass x.astype(float)"),
        (np.array(["a"]), "an array of dtype <U1", "choose other argnums"),
        (
            np.ma.masked_array([1.0]),
            "a `MaskedArray`, a kind of array that srcad does not know",
            "pass x.filled(0.0)",
        ),
        (object(), "an `object` object", "choose other argnums"),
        ({1.0}, "a `set` object", "choose other argnums"),
        (memoryview(bytearray(8)), "a `memoryview` object", "choose other argnums"),
    ],
)
@pytest.mark.parametrize("derivative", [grad, value_and_grad, jacfwd, jacrev])
def test_arguments_without_a_derivative(derivative, x, what, instead):
    df = derivative(fs.square)
    message, shown, why, instead_said = refusal(lambda: df(x))
    assert message == (
        f"{df.verb}: argument `x` of `square` is {what}, and cannot be differentiated"
    )
    assert (shown, why, instead_said) == ("def square(x):", FLOATS, instead)


def test_an_int_deep_in_a_tree():
    p = {"w": np.ones(2), "parts": [1.0, 2], "b": 3.0}
    message, _, _, instead = refusal(lambda: grad(fs.tree_loss)(p))
    assert message == (
        'grad: argument `p["parts"][1]` of `tree_loss` is an int, and cannot be differentiated'
    )
    assert instead == ("pass 2.0 in place of 2, or give it as an argument of its own, beside `p`")


def test_arguments_that_do_not_fit_the_function():
    message, shown, _, instead = refusal(lambda: grad(fs.cubic)(1.0, z=2.0))
    assert message == "the call does not fit `cubic`: got an unexpected keyword argument 'z'"
    assert shown == "def cubic(x, y=2.0, n=3):"
    assert instead == "call it with the arguments of `cubic(x, y=2.0, n=3)`"
    message, *_ = refusal(lambda: grad(fs.square)())
    assert message == "the call does not fit `square`: missing a required argument: 'x'"


@pytest.mark.parametrize(
    ("fun", "message", "instead"),
    [
        (
            3,
            "grad needs a function, not an int",
            "grad(f)(x): give the function itself, and the arguments to what grad returns",
        ),
        (
            fs.Model,
            "grad was given the class `Model`",
            "give a function that makes the object and returns a number computed from it",
        ),
        (
            np.sort_complex,
            "grad was given `np.sort_complex`, which is not written in Python",
            "write what it does in Python and NumPy, or give it a rule with srcad.rule",
        ),
        (
            math.frexp,
            "grad was given `math.frexp`, which is not written in Python",
            "write what it does in Python and NumPy, or give it a rule with srcad.rule",
        ),
        (
            np.vectorize,
            "grad was given the class `vectorize`",
            "give a function that makes the object and returns a number computed from it",
        ),
    ],
)
def test_what_is_no_function(fun, message, instead):
    said, _, _, instead_said = refusal(lambda: grad(fun))
    assert (said, instead_said) == (message, instead)


def test_kinds_of_errors():
    with pytest.raises(NoSourceError):
        grad(print)
    with pytest.raises(TypeError):
        grad(3)
    with pytest.raises(ArgumentError):
        grad(fs.square)(3)


@pytest.mark.parametrize(
    ("f", "message", "instead"),
    [
        (fs.returns_none, "grad: `returns_none` returned None", "did you forget `return`?"),
        (
            fs.returns_text,
            "grad: `returns_text` returned a string, which has no derivative",
            "return floats; what needs no derivative goes into the second half of a pair, with"
            " has_aux=True",
        ),
        (
            fs.returns_int,
            "grad: `returns_int` returned an int, which has no derivative",
            "return floats; what needs no derivative goes into the second half of a pair, with"
            " has_aux=True",
        ),
        (
            fs.returns_tuple,
            "grad: `returns_tuple` returned a tuple, not a number",
            "return one number; for a number and other results, return a pair and say"
            " has_aux=True; for all derivatives of several results, use jacrev",
        ),
        (
            fs.returns_complex,
            "grad: `returns_complex` returned a complex number",
            "return its real part or its modulus, or use vjp",
        ),
        (
            fs.vector,
            "grad: `vector` returned an array of shape (2,), not a number",
            "sum the result, e.g. np.sum(...), or use jacrev for all derivatives of an array",
        ),
    ],
)
def test_results_without_a_gradient(fake, f, message, instead):
    # An array argument: its result is unknown to the stand-in, so the value itself is looked at.
    said, shown, _, instead_said = refusal(lambda: grad(f)(np.float64(2.0)))
    assert (said, instead_said) == (message, instead)
    assert shown.startswith(f"def {f.__name__}")


@pytest.fixture(autouse=True)
def unknown_results(request):
    if "fake" in request.fixturenames:
        from srcad.types.lattice import UNKNOWN

        request.getfixturevalue("fake").result = UNKNOWN


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            Array(np.dtype(float), (Sym(0), Sym(1, 1))),
            "grad: `total` returned an array of shape (2, 2), not a number",
        ),
        (
            Array(np.dtype(float), (None,)),
            "grad: `total` returned an array with 1 axis, not a number",
        ),
        (
            Array(np.dtype(int), ()),
            "grad: `total` returned an array of dtype int64, which has no derivative",
        ),
        (Static(None), "grad: `total` returned None"),
    ],
)
def test_results_known_not_to_be_numbers(fake, result, message):
    fake.result = result
    assert refusal(lambda: grad(fs.total)(np.ones((2, 3))))[0] == message


def test_results_that_are_no_pair(fake):
    fake.result = Array(np.dtype(float), ())
    message, _, why, instead = refusal(lambda: grad(fs.no_pair, has_aux=True)(np.float64(1.0)))
    assert message == (
        "grad: has_aux=True, and `no_pair` returned an array of dtype float64, not a pair"
    )
    assert why == (
        "with has_aux=True the function returns (value, aux), and value is differentiated"
    )
    assert instead == "return a tuple of two, or leave has_aux out"
    fake.result = TupleOf((Static("a"),) * 3)
    message, *_ = refusal(lambda: grad(fs.no_pair, has_aux=True)(np.float64(1.0)))
    assert message == "grad: has_aux=True, and `no_pair` returned a tuple of length 3, not a pair"


X = np.ones(3)


@pytest.mark.parametrize(
    ("tangent", "message", "why", "instead"),
    [
        (
            np.ones(2),
            "jvp: the tangent of `x` has shape (2,), and its value has shape (3,)",
            LIKE.format("tangent"),
            "pass an array of shape (3,)",
        ),
        (
            np.ones(3, np.float32),
            "jvp: the tangent of `x` is float32, and its value is float64",
            LIKE.format("tangent"),
            "pass it as float64, e.g. np.asarray(tangent, np.float64)",
        ),
        (
            np.arange(3),
            "jvp: the tangent of `x` is an array of dtype int64",
            LIKE.format("tangent"),
            "pass floats of shape (3,)",
        ),
        (
            1,
            "jvp: the tangent of `x` is an int",
            LIKE.format("tangent"),
            "pass 1.0",
        ),
        (
            [1.0, 1.0, 1.0],
            "jvp: the tangent of `x` should be an ndarray, not a list of length 3",
            "a tangent has the structure of its value",
            "give a tangent for each number of the value, in the same containers",
        ),
        (
            None,
            "jvp: the tangent of `x` is None",
            LIKE.format("tangent"),
            "pass floats of shape (3,)",
        ),
    ],
)
def test_tangents(fake, tangent, message, why, instead):
    said = refusal(lambda: jvp(fs.total, (X,), (tangent,)))
    assert (said[0], said[2], said[3]) == (message, why, instead)


def test_tangent_in_a_tree(fake):
    p = {"w": X, "parts": [1.0, 2.0], "b": 3.0}
    t = {"b": 3.0, "w": X, "parts": [1.0, X]}
    message, *_ = refusal(lambda: jvp(fs.tree_loss, (p,), (t,)))
    assert message == (
        'jvp: the tangent of `p`["parts"][1] has shape (3,), and its value has shape ()'
    )


def test_cotangents(fake):
    _, pullback = vjp(fs.vector, np.float64(2.0))
    message, _, why, instead = refusal(lambda: pullback(np.ones(3)))
    assert message == "vjp: the cotangent has shape (3,), and its value has shape (2,)"
    assert (why, instead) == (LIKE.format("cotangent"), "pass an array of shape (2,)")
    _, pullback = vjp(fs.returns_tuple, 2.0)
    message, _, why, _ = refusal(lambda: pullback(1.0))
    assert message == "vjp: the cotangent should be a tuple of length 2, not a float"
    assert why == "a cotangent has the structure of its value"


def test_numbers_as_tangents_and_cotangents(fake):
    _, value_dot = jvp(fs.square, (np.float32(2.0),), (1.0,))
    assert value_dot.dtype == np.float32
    _, pullback = vjp(fs.square, np.float64(2.0))
    assert pullback(1.0)[0] == pytest.approx(4.0)
    assert pullback(np.array(1.0))[0] == pytest.approx(4.0)


def test_shape_of_the_call():
    message, _, _, instead = refusal(lambda: jvp(fs.square, 2.0, 1.0))
    assert message == "jvp: primals must be a tuple, not a float"
    assert instead == "(primal,)"
    message, _, _, instead = refusal(lambda: hvp(fs.square, (2.0,), 1.0))
    assert (message, instead) == ("hvp: tangents must be a tuple, not a float", "(tangent,)")
    message, *_ = refusal(lambda: jvp(fs.cubic, (2.0, 1.0), (1.0,)))
    assert message == "jvp: 2 primals and 1 tangents"
    message, *_ = refusal(lambda: jvp(fs.cubic, (), ()))
    assert message == "jvp: there are no primals, so nothing is differentiated"
    message, *_ = refusal(lambda: vjp(fs.cubic))
    assert message == "vjp: there are no primals, so nothing is differentiated"


def test_options():
    message, _, _, instead = refusal(lambda: grad(fs.square, backend="torch"))
    assert (message, instead) == ("grad: there is no backend 'torch'", "'numpy' or 'numba'")
    assert refusal(lambda: derivative_of(fs.square, mode="up"))[0] == "there is no mode 'up'"
    assert refusal(lambda: check_grads(fs.square, (1.0,), modes=("up",)))[0] == (
        "check_grads: there is no mode 'up'"
    )
    assert refusal(lambda: check_grads(fs.square, (1.0,), order=0))[0] == "check_grads: order=0"


def test_complex_jacobians(fake):
    message, *_ = refusal(lambda: jacfwd(fs.square)(1j))
    assert message == "jacfwd: an argument of `square` is complex"


def test_jacobians_of_trees_are_not_differentiated_again(fake):
    message, *_ = refusal(
        lambda: jacfwd(jacfwd(fs.tree_loss))({"w": X, "parts": [1.0, 2.0], "b": 1.0})
    )
    assert message == (
        "jacfwd of `tree_loss` cannot be differentiated itself: its argument is a container"
    )


def test_custom_derivatives():
    f = custom_vjp(fs.square)
    assert (f(3.0), f.fun, repr(f)) == (9.0, fs.square, "<custom_vjp square>")
    message, _, why, instead = refusal(f.halves)
    assert message == "`square` is a custom_vjp that has no derivative yet"
    assert why == "defvjp was never called"
    assert instead == "square.defvjp(...), after the function's definition"
    message, _, _, instead = refusal(lambda: f.defvjp(fs.square, lambda saved: saved))
    assert message == ("custom_vjp.defvjp: `<lambda>` takes 1 arguments, and will be called with 2")
    message, *_ = refusal(lambda: custom_vjp(fs.square, nondiff_argnums=(1,)))
    assert message == (
        "custom_vjp: nondiff_argnums=1 is out of range: `square` takes 1 positional arguments"
    )
    g = custom_jvp(fs.cubic)
    message, *_ = refusal(lambda: g.defjvps(None))
    assert message == "custom_jvp.defjvps: 1 given, and `cubic` takes 3 arguments"
    message, *_ = refusal(lambda: g.defjvp(lambda primals: primals))
    assert message == "custom_jvp.defjvp: `<lambda>` takes 1 arguments, and will be called with 2"
    message, *_ = refusal(lambda: rule(fs.square, "x -> y", kind="magic", x="g"))
    assert message == "rule: there is no kind 'magic'"


def log_of_determinant(z):
    return np.linalg.slogdet(z)[1]


def test_the_phase_of_a_complex_determinant():
    z = np.eye(2) + 0.5j
    for call in (lambda: grad(log_of_determinant)(z), lambda: jvp(log_of_determinant, (z,), (z,))):
        message, *_, why, _ = refusal(call)
        assert message == "srcad has no derivative of `np.linalg.slogdet` of a complex matrix"
        assert why == "the phase of the determinant has a derivative too"


def diagonals(x):
    return np.sum(np.einsum("i...,i...->i...", x, x))


def filled_down_columns(x):
    return np.sum(np.ravel(x, "F"))


def weighted_percentile(x):
    return np.sum(np.percentile(x, 30, weights=np.ones(3), method="inverted_cdf"))


def summed_as_floats(x):
    return np.sum(np.sum(x, 1, float))


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (diagonals, "has a derivative for at most four operands, and where `...` comes first"),
        (filled_down_columns, "np.ravel is called with 2 positional arguments"),
        (
            weighted_percentile,
            "of the arguments of np.percentile, srcad knows `a`, `q`, `axis`, `method`, `keepdims`",
        ),
        (summed_as_floats, "np.sum is called with 3 positional arguments"),
    ],
)
def test_calls_that_a_rule_is_not_right_for(f, why):
    message, shown, said, _ = refusal(lambda: grad(f)(np.ones((2, 2))))
    assert message.startswith("srcad has no derivative for this call of `np.")
    assert shown.startswith("return np.sum(")
    assert why in said


def test_refusals_pickle():
    with pytest.raises(ArgumentError) as caught:
        grad(fs.square)(3)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_the_whole_text():
    with pytest.raises(ArgumentError) as caught:
        grad(fs.square)(3)
    number = fs.square.__code__.co_firstlineno
    assert str(caught.value) == (
        "grad: argument `x` of `square` is an int, and cannot be differentiated\n"
        f'  File "{fs.__file__}", line {number}, column 1, in square\n'
        "    def square(x):\n"
        "    ^^^^^^^^^^^^^^\n"
        f"Why: {FLOATS}\n"
        "Instead: pass 3.0 in place of 3, or choose other argnums"
    )


def test_strict_zip_of_unequal_lists():
    def chain(ws, bs, x):
        for w, b in zip(ws, bs, strict=True):
            x = w * x + b
        return x

    message, shown, why, instead = refusal(lambda: grad(chain)([1.0, 2.0], [3.0], 0.5))
    assert message == "a strict `zip` runs over lists of unequal length"
    assert shown == "for w, b in zip(ws, bs, strict=True):"
    assert why == "Python raises a ValueError at the end of the shorter one"
    assert instead == "give lists of one length, or leave `strict=True` out"

    def written_out(x):
        return sum([a * b for a, b in zip((x, 2.0), [x], strict=True)])

    assert refusal(lambda: grad(written_out)(0.5))[0] == message


def test_an_array_made_of_the_argument_is_refused_without_a_warning() -> None:
    def alone(x):
        return np.array([x])

    with pytest.raises(SrcadError, match=r"`alone` returned an array of shape \(1,\)"):
        grad(alone)(1.0)
