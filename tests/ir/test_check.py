"""The checker finds each broken rule."""

from __future__ import annotations

import operator

import pytest

from srcad.errors import InternalError
from srcad.ir.check import check
from srcad.ir.nodes import (
    Assign,
    AugAssign,
    BoolOp,
    Break,
    Call,
    Const,
    Continue,
    Dict,
    Do,
    For,
    Function,
    If,
    IfExp,
    Param,
    Ref,
    Return,
    Slice,
    Source,
    Star,
    Stmt,
    Store,
    Tuple,
    Var,
    While,
)

X, Y = Var("x"), Var("y")
ADD = Ref("operator.add", operator.add)
GETITEM = Ref("operator.getitem", operator.getitem)
SUM = Call(ADD, (X, Y))
SLICE = Slice(Const(None), X, Const(None))


def _fn(*body: Stmt, params: tuple[Param, ...] = (Param(X), Param(Y))) -> Function:
    return Function("f", params, (*body, Return(X)), Source("f.py", 1, "f"))


@pytest.mark.parametrize(
    ("stmt", "rule"),
    [
        (Assign(X, Star(Y)), "a star stands"),
        (Assign(X, SLICE), "a slice stands"),
        (Assign(X, Call(ADD, (SLICE, Y))), "a slice stands"),
        (Assign(X, Dict((X,), ())), "a value for each key"),
        (Assign(X, BoolOp("xor", X, Y)), "`and` or `or`"),
        (Assign(Tuple((Const(1),)), X), "a target is a variable"),  # type: ignore[arg-type]  # wrong on purpose
        (AugAssign(Tuple((X,)), None, ADD, Y), "has a variable"),
        (Break(), "stands in a loop"),
        (If(X, (Continue(),)), "stands in a loop"),
        (For(X, Y, (), (Break(),)), "stands in a loop"),
    ],
)
def test_surface(stmt: Stmt, rule: str) -> None:
    with pytest.raises(InternalError, match=rule):
        check(_fn(stmt), "surface")


@pytest.mark.parametrize(
    ("stmt", "rule"),
    [
        (Assign(X, Call(ADD, (SUM, Y))), "holds no operation"),
        (Assign(X, BoolOp("and", X, Y)), "holds no operation"),
        (Assign(X, IfExp(X, X, Y)), "holds no operation"),
        (Assign(X, Tuple((SUM,))), "holds no operation"),
        (Assign(Tuple((X,)), Y), "the target of an assignment"),
        (Store(X, SUM, Y), "holds no operation"),
        (AugAssign(X, None, ADD, SUM), "holds no operation"),
        (Do(X), "what is done is a call"),
        (If(SUM, ()), "holds no operation"),
        (While((), SUM, ()), "holds no operation"),
        (For(Tuple((X,)), Y, ()), "the target of a loop"),
        (For(X, SUM, ()), "holds no operation"),
        (For(X, Y, (), (Do(SUM),)), "no else"),
        (While((), Y, (), (Do(SUM),)), "no else"),
        (For(X, Y, (If(X, (Continue(),)),)), "no continue"),
        (For(X, Y, (If(X, (Break(),)), Do(SUM))), "last statement of its loop"),
        (If(X, (Return(Y),)), "one return"),
    ],
)
def test_normal(stmt: Stmt, rule: str) -> None:
    check(_fn(stmt), "surface")
    with pytest.raises(InternalError, match=rule):
        check(_fn(stmt), "normal")


def test_right_programs_pass() -> None:
    loop = For(X, Call(Ref("range", range), (Y,)), (If(X, (Break(),), (Do(SUM),)),))
    store = Store(X, Tuple((SLICE, Const(...))), Y)
    check(_fn(Assign(Y, Call(GETITEM, (X, SLICE))), loop, store), "normal")


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ((Param(X), Param(X)), "different names"),
        ((Param(X, kind="keyword"), Param(Y)), "Python's order"),
        ((Param(X, kind="args"), Param(Y, kind="args")), "Python's order"),
        ((Param(X, kind="unknown"),), "Python's order"),
    ],
)
def test_parameters(params: tuple[Param, ...], rule: str) -> None:
    with pytest.raises(InternalError, match=rule):
        check(_fn(params=params), "surface")


def test_a_normal_function_ends_with_a_return() -> None:
    with pytest.raises(InternalError, match="ends with a return"):
        check(Function("f", (), (Do(SUM),), Source("f.py", 1, "f")), "normal")
