"""What docs/conventions.md says of kinks and ties; refused calls; the tables of names."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy

from srcad.ir.nodes import Call, Const, Ref, Star, Tuple, Var
from srcad.plain import plain_function
from srcad.rules.binding import bind
from srcad.rules.methods import ATTRIBUTES, METHODS
from srcad.rules.reading import cotangent, tangent
from srcad.rules.table import BindError, all_rules, has_own_rule, rule_for
from srcad.runtime import unbroadcast
from tests.rules.evaluate import evaluate

RULES = [r for r in all_rules() if has_own_rule(r.fn)]  # tests add some of their own


def slope(fn: Callable[..., Any], param: str, *args: Any, **kwargs: Any) -> Any:
    """The cotangent of ``param`` for ones."""
    rule = rule_for(fn)
    assert rule is not None
    values = {p.name: p.default for p in rule.params}
    values |= dict(zip([p.name for p in rule.params], args, strict=False)) | kwargs
    y = fn(*args, **kwargs)
    env = {**values, rule.result_name: y, "g": np.ones_like(y)[()]}
    constants = {k: v for k, v in values.items() if v is None or isinstance(v, int | str)}
    texts = {evaluate_text(rule, param, env, {}), evaluate_text(rule, param, env, constants)}
    assert len(texts) == 1, "the general and the special text disagree"
    return np.array(texts.pop())


def evaluate_text(rule: Any, param: str, env: dict[str, Any], constants: dict[str, Any]) -> Any:
    x_bar = evaluate(cotangent(rule, param, constants=constants), env)
    if rule.kind == "elementwise":
        x_bar = unbroadcast(x_bar, env[param])
    return tuple(np.ravel(x_bar).tolist())


@pytest.mark.parametrize(
    ("fn", "param", "args", "expected"),
    [
        (abs, "x", (0.0,), 0.0),
        (np.abs, "x", (np.array([-2.0, 0.0, 3.0]),), [-1.0, 0.0, 1.0]),
        (np.abs, "x", (np.array([0j]),), [0.0]),
        (math.fabs, "x", (0.0,), 0.0),
        (np.float32, "x", (0.5,), 1.0),
        (np.maximum, "x", (np.array([1.0, 2.0, 3.0]), 2.0), [0.0, 0.5, 1.0]),
        (np.maximum, "y", (2.0, np.array([1.0, 2.0, 3.0])), [0.0, 0.5, 1.0]),
        (np.minimum, "x", (np.array([1.0, 2.0, 3.0]), 2.0), [1.0, 0.5, 0.0]),
        (np.fmax, "x", (np.array([2.0]), 2.0), [0.5]),
        (np.maximum, "x", (np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf])), [0.5, 0.5]),
        (np.minimum, "y", (np.array([np.inf, -np.inf]), np.array([np.inf, np.inf])), [0.5, 0.0]),
        (np.fmax, "x", (np.array([np.nan, 1.0]), np.array([1.0, np.nan])), [0.0, 1.0]),
        (np.fmin, "y", (np.array([np.nan, 1.0]), np.array([1.0, np.nan])), [1.0, 0.0]),
        (max, "x", (2.0, 2.0), 0.5),
        (min, "y", (2.0, 2.0), 0.5),
        (np.max, "x", (np.array([3.0, 1.0, 3.0]),), [0.5, 0.0, 0.5]),
        (np.min, "x", (np.array([1.0, 1.0, 1.0, 2.0]),), [1 / 3, 1 / 3, 1 / 3, 0.0]),
        (np.clip, "a", (np.array([0.0, 1.0, 1.5, 2.0, 3.0]), 1.0, 2.0), [0, 0.5, 1, 0.5, 0]),
        (np.clip, "a_max", (np.array([0.0, 3.0]), 2.0, np.array([1.0, 1.0])), [1.0, 1.0]),
        (np.clip, "a_min", (np.array([0.0, 3.0]), np.array([2.0, 2.0]), 1.0), [0.0, 0.0]),
        (np.heaviside, "y", (np.array([-1.0, 0.0, 2.0]), np.full(3, 0.5)), [0.0, 1.0, 0.0]),
        (np.linalg.norm, "x", (np.zeros(2),), [0.0, 0.0]),
        (np.std, "x", (np.ones(3),), [0.0, 0.0, 0.0]),
        (np.sinc, "x", (0.0,), 0.0),
        (np.hypot, "x", (0.0, 0.0), 0.0),
        (np.hypot, "y", (0.0, 0.0), 0.0),
        (math.hypot, "x", (0.0, 0.0), 0.0),
        (np.arctan2, "x", (0.0, 0.0), 0.0),
        (operator.pow, "x", (0.0, 0.0), 0.0),
        (operator.pow, "x", (np.array([0.0, 2.0]), 0), [0.0, 0.0]),
        (operator.pow, "x", (np.array([0.0, 2.0]), np.array([0.0, 0.0])), [0.0, 0.0]),
        (operator.pow, "x", (0.0, 1.0), 1.0),
        (operator.pow, "y", (0.0, 2.0), 0.0),
        (operator.pow, "x", (3.0, 2), 6.0),
        (operator.pow, "x", (2.0, 3), 12.0),
        (operator.pow, "x", (2.0, -1), -0.25),
        (operator.pow, "x", (4.0, 0.5), 0.25),
        (operator.pow, "x", (2.0, 5), 80.0),
        (operator.pow, "x", (2.0, 1), 1.0),
        (np.prod, "x", (np.array([2.0, 0.0, 3.0]),), [0.0, 6.0, 0.0]),
        (np.prod, "x", (np.array([0.0, 0.0, 3.0]),), [0.0, 0.0, 0.0]),
    ],
)
def test_kinks_and_ties(
    fn: Callable[..., Any], param: str, args: tuple[Any, ...], expected: Any
) -> None:
    np.testing.assert_allclose(slope(fn, param, *args), np.ravel(expected), rtol=1e-14)


def test_the_slope_of_a_root_at_zero_is_infinite() -> None:
    with np.errstate(divide="ignore"):
        assert slope(np.sqrt, "x", np.zeros(1)) == [np.inf]


X, Y = Var("x"), Var("y")


def test_bind_names_operands_by_parameter() -> None:
    rule = rule_for(np.sum)
    assert rule is not None
    assert bind(rule, (X, Const(0)), ()) == {"x": X, "axis": Const(0)}
    assert bind(rule, (X,), (("keepdims", Const(True)),)) == {"x": X, "keepdims": Const(True)}


@pytest.mark.parametrize(
    ("fn", "args", "kwargs", "message"),
    [
        (np.sum, (X,), (("where", Y),), "an argument `where`, which srcad has no derivative for"),
        (np.sum, (X, Y, X, Y), (), "called with 4 positional arguments"),
        (np.sum, (), (), "lacks its argument `x`"),
        (np.sum, (X,), (("x", Y),), "two values for its argument `x`"),
        (np.sum, (X,), (("**", Y),), "names are not known"),
        (np.sum, (Star(X),), (), "length is not known"),
        (np.tanh, (X,), (("out", Y),), "argument `out`"),
        (np.pad, (X, Const(1), Const("edge")), (), "for `mode` 'constant' only, not 'edge'"),
        (np.einsum, (Y, X), (), "needs a literal for its argument `subscripts`"),
        (max, (X,), (), "lacks its argument `y`"),
    ],
)
def test_bind_refuses(fn: Any, args: Any, kwargs: Any, message: str) -> None:
    rule = rule_for(fn)
    assert rule is not None
    with pytest.raises(BindError) as caught:
        bind(rule, args, kwargs)
    assert message in str(caught.value)


def test_a_star_parameter_takes_the_rest() -> None:
    rule = rule_for(print)
    assert rule is not None
    assert bind(rule, (X, Y), ()) == {"x": Tuple((X, Y))}


def test_einsum_with_an_ellipsis_behind_an_index_is_refused() -> None:
    rule = rule_for(np.einsum)
    assert rule is not None
    with pytest.raises(BindError):
        cotangent(rule, "a", constants={"subscripts": "i...,i->..."})


def test_the_tangent_of_a_linear_function_leaves_out_what_the_call_left_out() -> None:
    rule = rule_for(np.sum)
    assert rule is not None
    text = tangent(rule, "x", frozenset({"x", "axis"}))
    assert text == Call(Ref("np.sum", np.sum), (Var("g"),), (("axis", Var("axis")),))


def test_every_method_and_attribute_has_a_rule() -> None:
    names = {**METHODS, **ATTRIBUTES}
    assert [n for n, ref in names.items() if n != "tolist" and not _is_known(ref.value)] == []


def _is_known(fn: object) -> bool:
    return rule_for(fn) is not None or plain_function(fn) is not None


def test_every_rule_is_found_by_its_function_and_path() -> None:
    import math as math_module

    import srcad
    from srcad import runtime

    for rule in RULES:
        assert rule_for(rule.fn) is rule
        root, *names = rule.path.split(".")
        homes = {"np": np, "math": math_module, "operator": operator, "ndarray": np.ndarray}
        homes["scipy"] = scipy
        homes["srcad"] = srcad  # `stop_gradient`, where it was asked for before
        home = homes.get(root) or getattr(runtime, root, None) or getattr(np.random, root, None)
        found: Any = home or __builtins__[root]
        for name in names:
            found = getattr(found, name)
        assert found is rule.fn, rule.path


def test_rule_for_accepts_anything() -> None:
    assert rule_for([]) is None
    assert rule_for(np.zeros(2)) is None
    assert rule_for(None) is None
