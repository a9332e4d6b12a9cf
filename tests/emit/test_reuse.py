"""Computing into arrays that are read no more: what is written over, and above all what is not."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from srcad import grad, rule, value_and_grad
from srcad.emit.coalesce import coalesce
from srcad.emit.namespace import bind_names
from srcad.emit.renest import renest
from srcad.emit.reuse import reuse
from srcad.emit.text import render
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    Call,
    Const,
    Do,
    Expr,
    For,
    Function,
    If,
    List,
    Ref,
    Return,
    Stmt,
    Tuple,
    Var,
)
from srcad.types.lattice import FLOAT, Array, ListOf, Sym, Type
from tests.emit.random_programs import Programs, function, method, op, outcome, same
from tests.optimise import machine
from tests.optimise.machine import WHOLE, add_to, give, let, loop, push, turns, when
from tests.optimise.test_random_programs import programs, sharing, types_of

# --- random programs -----------------------------------------------------------------------------


def reused(fn: Function, types: dict[Var, Type]) -> tuple[Function, ...]:
    """``fn`` with arrays reused: as it is, nested, and with its names merged."""
    nested = renest(fn, types)
    after = reuse(nested, fn, types)
    return reuse(fn, fn, types), after, coalesce(after, types)


@pytest.mark.parametrize("start", range(0, 600, 50))
def test_random_programs_mean_the_same(start: int) -> None:
    changed = 0
    for seed in range(start, start + 50):
        made = Programs(seed)
        before = made.build()
        wanted = outcome(before)
        for after in reused(before, made.types):
            assert same(outcome(after), wanted), render(before).text + render(after).text
        changed += reuse(before, before, made.types) != before
    assert changed


def outcome_of(fn: Function) -> tuple[object, object]:
    """What ``fn`` returns, what became of its arguments, and who shares memory with whom."""
    named = bind_names(fn)
    space: dict[str, Any] = {"np": np, "operator": operator, **named.globals}
    exec(compile(render(named.fn).text, "<random program>", "exec"), space)
    x, y = np.array([0.3, -0.2, 0.7, 0.11]), np.array([-0.5, 0.4, 0.25, 0.9])
    with np.errstate(all="ignore"):
        try:
            result = space["f"](x, y)
        except (IndexError, ValueError) as error:
            result = type(error).__name__
    return result, (x, y, sharing(result, x, y))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(fn=programs())
def test_programs_with_views_and_lists_mean_the_same(fn: Function) -> None:
    wanted, left = outcome_of(fn)
    for after in reused(fn, types_of(fn)):
        got, left_after = outcome_of(after)
        assert machine.same(got, wanted), render(fn).text + render(after).text
        assert machine.same(left_after, left), render(fn).text + render(after).text


# Adjoints, so that a copy is no choice of the user's.
BARS = tuple(f"{base}_bar{n}" for base in "abct" for n in ("", "_1", "_2"))
VIEWS = ("v_bar", "w_bar")


def program_of_copies(seed: int) -> Function:
    """A program in which copies are made, views of them, and changed in place."""
    chance = random.Random(seed)

    def name() -> str:
        return chance.choice(BARS)

    def any_name() -> str:
        return chance.choice((*BARS, *VIEWS))

    def simple() -> Stmt:
        match chance.randrange(11):
            case 0 | 1 | 2 | 3:
                return let(name(), np.copy, any_name())
            case 4:
                return let(name(), name())
            case 5:
                return let(chance.choice(VIEWS), operator.getitem, name(), slice(None, None, -1))
            case 6:
                return let(name(), operator.mul, any_name(), 0.5)
            case 7:
                return let(name(), operator.add, any_name(), any_name())
            case 8:
                return push("xs", name())
            case 9:
                return add_to(any_name(), slice(0, 2), 1.0)
            case _:
                return add_to(any_name(), WHOLE, any_name())

    def body(depth: int) -> list[Stmt]:
        out: list[Stmt] = []
        for _ in range(chance.randint(2, 5)):
            match chance.randrange(6) if depth else 5:
                case 0:
                    out.append(loop("i", turns(chance.randint(0, 3)), *body(depth - 1)))
                case 1:
                    out.append(let("c", operator.gt, "i", 0))
                    out.append(when("c", body(depth - 1), body(depth - 1)))
                case 2:
                    out.append(loop(chance.choice(VIEWS), "ys", *body(0)))
                case _:
                    out.append(simple())
        return out

    start = [let("i", chance.randint(0, 1)), let("xs", []), let("ys", ["x", "y"])]
    start += [let(bar, np.sin, chance.choice("xy")) for bar in (*BARS, *VIEWS)]
    last = let("r_bar", np.copy, any_name())
    results = [any_name() for _ in range(chance.randint(0, 2))]
    return machine.function("x y", *start, *body(2), last, give(*results, "r_bar", "xs"))


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_programs_of_copies_mean_the_same(start: int) -> None:
    spared = 0
    for seed in range(start, start + 100):
        fn = program_of_copies(seed)
        types: dict[Var, Type] = dict.fromkeys(map(machine.var, ("x", "y", *BARS, *VIEWS)), VECTOR)
        types |= {
            machine.var("r_bar"): VECTOR,
            Var("xs"): ListOf(VECTOR),
            Var("ys"): ListOf(VECTOR),
        }
        wanted, left = outcome_of(fn)
        for after in reused(fn, types):
            got, left_after = outcome_of(after)
            assert machine.same(got, wanted), render(fn).text + render(after).text
            assert machine.same(left_after, left), render(fn).text + render(after).text
            spared += render(fn).text.count("copy(") - render(after).text.count("copy(")
    assert spared


# --- one case each -------------------------------------------------------------------------------

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
SINGLE = Array(np.dtype(np.float32), (Sym(1),))
MATRIX = Array(np.dtype(np.float64), (Sym(1), Sym(2)))
NUMBER = Array(np.dtype(np.float64), ())
x, y, z, a, b, u, w, xs = map(Var, ("x", "y", "z", "a", "b", "u", "w", "xs"))
t, t1, t_bar, a_bar, b_bar = map(machine.var, ("t", "t_1", "t_bar", "a_bar", "b_bar"))


def ufunc(fn: np.ufunc, *args: Expr) -> Call:
    return Call(Ref(f"np.{fn.__name__}", fn), args)


def text(*body: Stmt, params: tuple[Var, ...] = (x, y), **types: Type) -> list[str]:
    """The lines of ``body`` with arrays reused, all of them vectors but for ``types``."""
    fn = function(*body, params=params)
    known: dict[Var, Type] = {v: VECTOR for v in (x, y, z, a, b, t, u, w, t1, t_bar, a_bar, b_bar)}
    known |= {machine.var(name): kind for name, kind in types.items()}
    return [line.strip() for line in render(reuse(fn, fn, known)).text.splitlines()[1:]]


def test_a_new_array_takes_what_is_computed_from_it() -> None:
    body = (Assign(t, ufunc(np.exp, x)), Assign(t1, op("mul", t, y)), Return(t1))
    assert text(*body) == ["t = np.exp(x)", "t *= y", "return t"]


def test_a_name_of_its_own_stays() -> None:
    body = (Assign(a, ufunc(np.exp, x)), Assign(b, op("sub", y, a)), Return(b))
    assert text(*body)[1] == "b = np.subtract(y, a, out=a)"


def test_a_chain_is_done_step_by_step() -> None:
    value = op("truediv", op("mul", y, t), op("add", x, y))
    body = (Assign(t, ufunc(np.exp, x)), Return(value))
    assert text(*body) == ["t = np.exp(x)", "t *= y", "t /= x + y", "return t"]


def test_a_temporary_inside_a_function_is_written_over() -> None:
    body = (Assign(a, ufunc(np.exp, op("sub", x, y))), Return(op("matmul", a, a)))
    assert text(*body)[:2] == ["a = x - y", "np.exp(a, out=a)"]


def test_a_smaller_operand_is_worth_a_statement() -> None:
    value = op("truediv", op("sub", x, x), y)
    assert text(Assign(a, value), Return(Tuple((a, x))), x=MATRIX, y=VECTOR, a=MATRIX) == [
        "a = x - x",
        "a /= y",
        "return a, x",
    ]


def test_a_matrix_product_hides_what_a_temporary_costs() -> None:
    value = ufunc(np.tanh, op("add", op("matmul", x, x), y))
    assert len(text(Assign(a, value), Return(a), x=MATRIX, a=MATRIX)) == 2


def copied(of: Var) -> Call:
    return Call(Ref("np.copy", np.copy), (of,))


def test_a_copy_of_what_nobody_reads_any_more_is_that_array() -> None:
    changed = AugAssign(b_bar, Const(0), Ref("operator.add", operator.add), Const(1.0))
    made = Assign(t_bar, ufunc(np.exp, x))
    assert text(made, Assign(b_bar, copied(t_bar)), changed, Return(b_bar)) == [
        "b_bar = np.exp(x)",
        "b_bar[0] += 1.0",
        "return b_bar",
    ]


def test_a_copy_that_is_returned_goes() -> None:
    made = Assign(a_bar, ufunc(np.exp, x))
    assert text(made, Return(copied(a_bar)))[1] == "return a_bar"
    assert text(made, Return(Tuple((x, copied(a_bar)))))[1] == "return x, a_bar"
    unchanged(made, Return(Tuple((a_bar, copied(a_bar)))))
    unchanged(made, Assign(u, op("getitem", a_bar, Const(...))), Return(Tuple((u, copied(a_bar)))))
    unchanged(Return(copied(x)))


def test_a_copy_in_each_turn_goes() -> None:
    changed = AugAssign(b_bar, Const(0), Ref("operator.add", operator.add), Const(1.0))
    turn = For(z, y, (Assign(b_bar, copied(b_bar)), changed))
    assert text(Assign(b_bar, ufunc(np.exp, x)), turn, Return(b_bar), z=FLOAT)[1:3] == [
        "for z in y:",
        "b_bar[0] += 1.0",
    ]


def test_a_copy_of_what_a_branch_may_have_chosen_goes() -> None:
    made = Assign(t_bar, ufunc(np.exp, x)), Assign(b_bar, ufunc(np.sin, x))
    chosen = If(z, (Assign(a_bar, t_bar),), (Assign(a_bar, b_bar),))
    used = Assign(b_bar, copied(a_bar)), Return(b_bar)
    assert text(*made, chosen, *used, params=(x, z), z=FLOAT)[-2:] == [
        "b_bar = a_bar",
        "return b_bar",
    ]


@pytest.mark.parametrize(
    "body",
    [
        (Assign(b_bar, copied(x)), Return(b_bar)),  # the caller's
        (Assign(a_bar, x), Assign(b_bar, copied(a_bar)), Return(b_bar)),
        (Assign(a_bar, ufunc(np.sin, x)), Assign(b, copied(a_bar)), Return(b)),  # the user's copy
        (
            Assign(a_bar, ufunc(np.sin, x)),
            Assign(b_bar, copied(a_bar)),
            Return(Tuple((a_bar, b_bar))),
        ),
        (
            Assign(a_bar, ufunc(np.sin, x)),
            Assign(u, op("getitem", a_bar, Const(...))),
            Assign(b_bar, copied(a_bar)),
            Return(Tuple((u, b_bar))),
        ),
        (
            Assign(a_bar, ufunc(np.sin, x)),
            Assign(u, op("getitem", a_bar, Const(...))),
            Assign(b_bar, copied(u)),  # smaller than what it is a view of, perhaps
            Return(b_bar),
        ),
        (
            Assign(xs, List(())),
            Assign(a_bar, ufunc(np.sin, x)),
            Do(method("append", xs, a_bar)),
            Assign(b_bar, copied(a_bar)),
            Return(Tuple((xs, b_bar))),
        ),
        (
            Assign(a_bar, ufunc(np.sin, x)),
            For(z, y, (Assign(b_bar, copied(a_bar)),)),  # the next turn copies it again
            Return(Tuple((b_bar,))),
        ),
    ],
)
def test_a_copy_that_stays(body: tuple[Stmt, ...]) -> None:
    unchanged(*body, xs=ListOf(VECTOR), z=FLOAT)


def unchanged(*body: Stmt, params: tuple[Var, ...] = (x, y), **types: Type) -> None:
    fn = function(*body, params=params)
    plain = [line.strip() for line in render(fn).text.splitlines()[1:]]
    assert text(*body, params=params, **types) == plain


SINE = Assign(a, ufunc(np.sin, x))
TIMES = Assign(b, op("mul", a, y))


def test_an_argument_stays() -> None:
    unchanged(Assign(b, op("mul", x, y)), Return(b))


def test_what_is_read_later_stays() -> None:
    unchanged(SINE, TIMES, Return(op("matmul", a, b)))


def test_what_is_returned_stays() -> None:
    unchanged(SINE, TIMES, Return(Tuple((a, b))))


@pytest.mark.parametrize(
    "view",
    [
        op("getitem", a, Const(...)),
        Call(Ref("np.transpose", np.transpose), (a,)),
        Call(Ref("np.ravel", np.ravel), (a,)),
        Call(Ref("np.real", np.real), (a,)),
        Call(Ref("np.broadcast_to", np.broadcast_to), (a, Tuple((Const(4),)))),
    ],
)
def test_what_a_view_shows_stays(view: Call) -> None:
    unchanged(SINE, Assign(u, view), TIMES, Return(Tuple((b, u))))


def test_a_view_is_not_written_to() -> None:
    view = Call(Ref("np.transpose", np.transpose), (x,))
    unchanged(Assign(a, view), TIMES, Return(b))


@pytest.mark.parametrize("holder", [List((a,)), Tuple((Const(1), a))])
def test_what_a_container_holds_stays(holder: Expr) -> None:
    unchanged(Assign(xs, holder), SINE, Assign(xs, holder), TIMES, Return(Tuple((b, xs))))


def test_what_is_recorded_stays() -> None:
    record = Do(method("append", xs, a))
    unchanged(Assign(xs, List(())), SINE, record, TIMES, Return(Tuple((b, xs))), xs=ListOf(VECTOR))


def test_what_the_next_turn_reads_stays() -> None:
    turn = For(z, xs, (TIMES, Do(method("append", xs, b))))
    unchanged(SINE, turn, Return(xs), params=(x, y, xs), xs=ListOf(VECTOR))


def test_what_a_loop_runs_over_stays() -> None:
    turn = For(z, a, (Assign(b, op("mul", a, y)), Assign(w, b)))
    unchanged(
        Assign(w, ufunc(np.sin, y)), Assign(a, ufunc(np.sin, x)), turn, Return(w), a=VECTOR, z=FLOAT
    )
    last = For(z, a, (TIMES,))
    unchanged(SINE, last, Return(Const(0)), z=FLOAT)


def test_what_an_unknown_function_may_keep_stays() -> None:
    seen = Do(Call(Var("f"), (a,)))
    unchanged(SINE, seen, TIMES, Return(b), params=(x, y, Var("f")))


def test_two_names_of_one_array() -> None:
    unchanged(SINE, Assign(u, a), TIMES, Return(Tuple((b, u))))


def test_a_later_operand_that_reads_the_array() -> None:
    unchanged(SINE, Assign(b, op("sub", op("mul", a, y), a)), Return(b))


@pytest.mark.parametrize(
    "types",
    [
        {"a": SINGLE, "x": SINGLE},  # float32 * float64
        {"y": MATRIX, "b": MATRIX},  # the result is larger
        {"a": NUMBER, "x": NUMBER, "b": NUMBER, "y": NUMBER},  # no axes: perhaps a number
        {"a": Array(np.dtype(np.float64), (None,)), "b": Array(np.dtype(np.float64), (None,))},
    ],
)
def test_another_shape_or_precision(types: dict[str, Type]) -> None:
    unchanged(SINE, TIMES, Return(b), **types)


def test_integers_stay() -> None:
    ints = Array(np.dtype(np.int64), (Sym(1),))
    unchanged(Assign(a, op("add", x, x)), TIMES, Return(b), x=ints, a=ints, b=VECTOR)


def test_an_adjoint_does_not_go_into_a_value() -> None:
    unchanged(SINE, Assign(a_bar, op("mul", a, y)), Return(a_bar))


# --- whole gradients -----------------------------------------------------------------------------


def same_again(x: Any) -> Any:
    """Returns the very array that it is given."""
    return x


rule(same_again, "x -> y", x="g")


def through_function_of_users(x: Any, s: Any) -> Any:
    a = np.sin(x)
    b = same_again(a)
    c = a + s
    return np.sum(c * c * b)


def softmax_loss(x: Any, y: Any) -> Any:
    e = np.exp(x - y)
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum(p * p * x)


def views_alive(x: Any, y: Any) -> Any:
    a = np.exp(x)
    b = a.T
    c = a * y
    return np.sum(c * b.T) + np.sum(np.sin(c - y) * b.T)


def rescaled(x: Any, y: Any) -> Any:
    z = x * y
    z = np.tanh(z - y) / (1 + y)
    z *= y
    return np.sum(z * z)


GRADIENTS_OF: list[Callable[..., Any]] = [softmax_loss, views_alive, rescaled]


@pytest.mark.parametrize("fn", GRADIENTS_OF)
@pytest.mark.parametrize("shape", [(3, 4), (1, 4), (3, 1), (0, 4), (3, 0)])
@pytest.mark.parametrize("other", [(3, 4), (1, 1), (4,), ()])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradients_with_and_without(
    fn: Callable[..., Any], shape: tuple[int, ...], other: tuple[int, ...], dtype: type
) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(0.2, 1.0, shape).astype(dtype)
    try:
        np.broadcast_shapes(shape, other)
    except ValueError:
        pytest.skip("these do not broadcast")
    y = rng.uniform(0.2, 1.0, other).astype(dtype)
    before = x.tobytes(), y.tobytes()
    value, got = value_and_grad(fn, argnums=(0, 1))(x, y)
    plain, wanted = value_and_grad(fn, argnums=(0, 1), without="reuse")(x, y)
    assert (x.tobytes(), y.tobytes()) == before
    assert value == plain == fn(x, y)
    for g, h, of in zip(got, wanted, (x, y), strict=True):
        assert g.dtype == of.dtype and g.shape == of.shape
        np.testing.assert_allclose(g, h, rtol=1e-5 if dtype is np.float32 else 1e-12)


@pytest.mark.parametrize("fn", GRADIENTS_OF)
def test_arguments_that_share_memory(fn: Callable[..., Any]) -> None:
    x = np.random.default_rng(3).uniform(0.2, 1.0, (4, 4))
    before = x.tobytes()
    for other in (x, x.T, x[::-1]):
        got = grad(fn, argnums=(0, 1))(x, other)
        wanted = grad(fn, argnums=(0, 1), without="reuse")(x.copy(), other.copy())
        for g, h in zip(got, wanted, strict=True):
            np.testing.assert_allclose(g, h, rtol=1e-12)
        assert not any(np.shares_memory(g, x) for g in got)
        assert x.tobytes() == before


def test_what_a_function_of_the_users_was_given_stays() -> None:
    x, s = np.array([0.3, -0.4, 0.9]), np.array([1.0, 2.0, 3.0])
    gradient = grad(through_function_of_users, argnums=1)(x, s)
    np.testing.assert_allclose(gradient, 2 * (np.sin(x) + s) * np.sin(x), rtol=1e-14)
