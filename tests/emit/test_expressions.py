"""Expressions as text: parentheses where they are needed, and nowhere else."""

from __future__ import annotations

import ast
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcad.emit.expressions import constant_text, expression_text
from srcad.ir.nodes import (
    Attr,
    BoolOp,
    Call,
    Const,
    Dict,
    Expr,
    IfExp,
    List,
    Ref,
    Slice,
    Star,
    Tuple,
    Var,
)
from tests.emit.random_programs import NOTHING, op

a, b, c, k, d, x = map(Var, "abckdx")


def new_axis(array: Expr, axis: Expr) -> Call:
    return Call(Ref("np.expand_dims", np.expand_dims), (array, axis), spell="[None]")


_AST_BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "truediv": ast.Div,
    "floordiv": ast.FloorDiv,
    "mod": ast.Mod,
    "matmul": ast.MatMult,
    "pow": ast.Pow,
    "lshift": ast.LShift,
    "rshift": ast.RShift,
    "and_": ast.BitAnd,
    "or_": ast.BitOr,
    "xor": ast.BitXor,
}
_AST_COMPARE: dict[str, type[ast.cmpop]] = {
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "is_": ast.Is,
    "is_not": ast.IsNot,
}
_AST_UNARY: dict[str, type[ast.unaryop]] = {
    "neg": ast.USub,
    "pos": ast.UAdd,
    "invert": ast.Invert,
    "not_": ast.Not,
}


def as_ast(expr: Expr) -> ast.expr:
    """What Python's parser should make of ``expr``, built without any text."""
    match expr:
        case Var():
            return ast.Name(expr.name, ast.Load())
        case Const(value):
            return ast.Constant(value)
        case Attr(value, name):
            return ast.Attribute(as_ast(value), name, ast.Load())
        case Tuple(items):
            return ast.Tuple([as_ast(i) for i in items], ast.Load())
        case IfExp(test, then, orelse):
            return ast.IfExp(as_ast(test), as_ast(then), as_ast(orelse))
        case BoolOp(name, left, right):
            # `a or b or c` is one node there, and nests to the right here.
            values = [as_ast(left)]
            while isinstance(right, BoolOp) and right.op == name:
                values.append(as_ast(right.left))
                right = right.right
            kind = ast.And() if name == "and" else ast.Or()
            return ast.BoolOp(kind, [*values, as_ast(right)])
        case Call(Ref(path, _), args, ()):
            name = path.removeprefix("operator.")
            if name in _AST_BINARY:
                return ast.BinOp(as_ast(args[0]), _AST_BINARY[name](), as_ast(args[1]))
            if name in _AST_COMPARE:
                return ast.Compare(as_ast(args[0]), [_AST_COMPARE[name]()], [as_ast(args[1])])
            if name == "contains":
                return ast.Compare(as_ast(args[1]), [ast.In()], [as_ast(args[0])])
            if name == "getitem":
                return ast.Subscript(as_ast(args[0]), as_ast(args[1]), ast.Load())
            if name == "not_" and isinstance(args[0], Call):
                inner = as_ast(args[0])
                swap: dict[type[ast.cmpop], ast.cmpop] = {ast.In: ast.NotIn(), ast.Is: ast.IsNot()}
                if isinstance(inner, ast.Compare) and type(inner.ops[0]) in swap:
                    ops = [swap[type(inner.ops[0])]]
                    return ast.Compare(inner.left, ops, inner.comparators)
            if name in _AST_UNARY:
                return ast.UnaryOp(_AST_UNARY[name](), as_ast(args[0]))
            return ast.Call(ast.Name(path, ast.Load()), [as_ast(i) for i in args], [])
        case _:
            raise AssertionError(expr)


def _grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    two = ["getitem", "contains", *_AST_BINARY, *_AST_COMPARE]
    return st.one_of(
        st.builds(op, st.sampled_from(two), inner, inner),
        st.builds(op, st.sampled_from(list(_AST_UNARY)), inner),
        st.builds(BoolOp, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(IfExp, inner, inner, inner),
        st.builds(lambda e: Attr(e, "T"), inner),
        st.builds(lambda p, q: Tuple((p, q)), inner, inner),
        st.builds(lambda e: Call(Ref("np", np), (e,)), inner),
    )


ATOMS: st.SearchStrategy[Expr] = st.sampled_from([a, b, c, Const(2), Const(0.5), Const("s")])
TREES = st.recursive(ATOMS, _grow, max_leaves=12)


@settings(max_examples=700, derandomize=True, deadline=None)
@given(TREES)
def test_the_parser_sees_the_same_tree(expr: Expr) -> None:
    parsed = ast.parse(expression_text(expr), mode="eval").body
    assert ast.dump(parsed) == ast.dump(as_ast(expr))


@settings(max_examples=700, derandomize=True, deadline=None)
@given(TREES)
def test_no_parenthesis_can_be_left_out(expr: Expr) -> None:
    text = expression_text(expr)
    wanted = ast.dump(ast.parse(text, mode="eval"))
    for place, mark in enumerate(text):
        if mark == "(":
            end = _closing(text, place)
            shorter = f"{text[:place]} {text[place + 1 : end]} {text[end + 1 :]}"
            try:
                found = ast.dump(ast.parse(shorter.strip(), mode="eval"))
            except SyntaxError:
                continue
            # A tuple's own parentheses and those of a number before a dot are a matter of style.
            assert found != wanted or _is_style(text, place, end), text


def _closing(text: str, place: int) -> int:
    depth = 0
    for end in range(place, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return end
    raise AssertionError(text)


def _is_style(text: str, place: int, end: int) -> bool:
    inner = ast.parse(text[place : end + 1], mode="eval").body
    return isinstance(inner, ast.Tuple) or isinstance(inner, ast.Constant)


_NUMBERS = st.integers(-3, 3).map(Const)
_ARITHMETIC = st.recursive(
    _NUMBERS,
    lambda inner: st.one_of(
        st.builds(
            op, st.sampled_from(["add", "sub", "mul", "lt", "eq", "and_", "or_"]), inner, inner
        ),
        st.builds(op, st.sampled_from(["neg", "not_"]), inner),
        st.builds(BoolOp, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(IfExp, inner, inner, inner),
    ),
    max_leaves=15,
)


def evaluate(expr: Expr) -> object:
    match expr:
        case Const(value):
            return value
        case Call(Ref(_, fn), args):
            assert callable(fn)
            return fn(*map(evaluate, args))
        case BoolOp("and", left, right):
            return evaluate(left) and evaluate(right)
        case BoolOp(_, left, right):
            return evaluate(left) or evaluate(right)
        case IfExp(test, then, orelse):
            return evaluate(then) if evaluate(test) else evaluate(orelse)
        case _:
            raise AssertionError(expr)


@settings(max_examples=1000, derandomize=True, deadline=None)
@given(_ARITHMETIC)
def test_the_text_has_the_value_of_the_tree(expr: Expr) -> None:
    assert eval(expression_text(expr)) == evaluate(expr)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (op("mul", Const(2), op("add", a, b)), "2 * (a + b)"),
        (op("sub", a, op("sub", b, c)), "a - (b - c)"),
        (op("sub", op("sub", a, b), c), "a - b - c"),
        (op("pow", Const(-2), Const(2)), "(-2) ** 2"),
        (op("pow", a, op("neg", b)), "a ** -b"),
        (op("neg", op("pow", a, Const(2))), "-a ** 2"),
        (op("lt", op("lt", a, b), c), "(a < b) < c"),
        (op("not_", op("contains", d, k)), "k not in d"),
        (op("contains", d, k), "k in d"),
        (op("not_", op("is_", a, NOTHING)), "a is not None"),
        (op("getitem", x, Tuple((k, Slice(Const(1), Const(-1), NOTHING)))), "x[k, 1:-1]"),
        (op("getitem", x, Slice(NOTHING, NOTHING, Const(-1))), "x[::-1]"),
        (op("getitem", x, Slice(op("add", k, Const(1)), NOTHING, NOTHING)), "x[k + 1 :]"),
        (op("getitem", x, Slice(k, op("add", k, b), NOTHING)), "x[k : k + b]"),
        (op("getitem", x, Tuple(())), "x[()]"),
        (op("getitem", x, Tuple((k,))), "x[k,]"),
        (op("getitem", x, Tuple((Const(...), Const(None)))), "x[..., None]"),
        (op("getitem", op("add", a, b), Const(0)), "(a + b)[0]"),
        (Call(Ref("np.sum", np.sum), (x, Const(0)), spell=".sum"), "x.sum(0)"),
        (Call(Ref("np.sum", np.sum), (op("mul", a, b),), spell=".sum"), "(a * b).sum()"),
        (new_axis(x, Const(0)), "x[None]"),
        (new_axis(op("mul", a, b), Const(1)), "(a * b)[:, None]"),
        (new_axis(x, Const(-1)), "x[..., None]"),
        (new_axis(x, Const(-2)), "np.expand_dims(x, -2)"),
        (new_axis(x, Tuple((Const(0), Const(1)))), "np.expand_dims(x, (0, 1))"),
        (Call(Ref("np.sum", np.sum), (x,), (("axis", Const(0)),)), "np.sum(x, axis=0)"),
        (op("matmul", Call(Ref("np.transpose", np.transpose), (x,), spell="@T"), b), "x.T @ b"),
        (Call(Ref("getattr", getattr), (x, Const("name"))), "x.name"),
        (Call(Ref("getattr", getattr), (x, Const("class"))), 'getattr(x, "class")'),
        (Call(Ref("getattr", getattr), (x, Const("name"), Const(1))), 'getattr(x, "name", 1)'),
        (Attr(Const(1), "real"), "(1).real"),
        (Call(Attr(x, "f"), (Star(a),), (("**", b),)), "x.f(*a, **b)"),
        (Call(IfExp(a, b, c), ()), "(b if a else c)()"),
        (Tuple((a,)), "(a,)"),
        (Tuple(()), "()"),
        (List((a, Star(b))), "[a, *b]"),
        (Dict((Const("a"),), (b,)), '{"a": b}'),
        (Call(Ref("operator.add", operator.add), (Star(a), b)), "operator.add(*a, b)"),
        (Ref("operator.add", operator.add), "operator.add"),
        (Tuple((Slice(a, b, NOTHING),)), "(slice(a, b, None),)"),
    ],
)
def test_notation(expr: Expr, text: str) -> None:
    assert expression_text(expr) == text


def test_an_array_as_a_function_is_not_compared() -> None:
    array = np.ones(3)
    assert expression_text(op("not_", Call(Ref("table", array), (a, b)))) == "not table(a, b)"


@pytest.mark.parametrize("value", [0.1, -0.0, 1e300, 5e-324, float("inf"), float("-inf")])
def test_floats_are_exact(value: float) -> None:
    assert repr(eval(constant_text(value)[0])) == repr(value)


@pytest.mark.parametrize("real", [0.0, -0.0, 1.5, -2.0, float("inf"), float("nan")])
@pytest.mark.parametrize("imag", [0.0, -0.0, 1.5, -2.0, float("-inf"), float("nan")])
def test_complex_numbers_are_exact(real: float, imag: float) -> None:
    value = complex(real, imag)
    assert repr(eval(constant_text(value)[0])) == repr(value)


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.integers(), st.booleans(), st.none()))
def test_literals_are_exact(value: object) -> None:
    text = constant_text(value)[0]
    assert (eval(text), type(eval(text))) == (value, type(value))
