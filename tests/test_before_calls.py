"""The text shown before any call: there is one for the whole corpus, and it is right when run."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from srcad import grad, hessian, jacfwd, jacrev, value_and_grad, vjp
from srcad.api import derivative_of
from srcad.calls.unwrap import unwrap
from srcad.errors import MutationError, UnknownFunctionError, UnsupportedSyntaxError
from tests.differences import inner, inner_magnitude
from tests.test_programs import PROGRAMS, Case, case_of
from tests.trees import copied, is_float, leaves, tree_map
from tests.turns import turn

REFUSED = {
    "loss_of_a_model": "the fields of a record are known by its class",
    "namedtuple_state": "the fields of a record are known by its class",
    "dataclass_argument": "the fields of a record are known by its class",
    "dataclass_rebuilt": "the fields of a record are known by its class",
    "replaced_in_named_tuples": "the fields of a record are known by its class",
    "fields_used_by_turns": "the fields of a record are known by its class",
    "steps_with_ghost_cells": "what is exchanged may be rows, which are views, or numbers",
    "joined_and_changed_in_turns": "what is changed in place must be known to be an array",
    "joined_again_with_a_view": "what is changed in place must be known to be an array",
    "messages_on_a_graph": "what is changed in place must be known to be an array",
    "slices_that_have_names": "what is changed in place must be known to be an array",
    "velocities_of_a_star": "the fields of a record are known by its class",
    "layers_as_objects": "a loop over a dict is written out, key by key",
    "pairs_of_a_dict_and_places_afterwards": "a loop over a dict is written out, key by key",
    "dict_iteration": "a loop over a dict is written out, key by key",
    **dict.fromkeys(
        [
            *("steps_of_a_dict", "momentum_in_dicts", "dict_without_a_key", "dicts_in_dicts"),
            *("formatted_keys", "dict_filled_in_branches", "dict_made_anew_in_a_loop"),
            *("dict_kept_by_a_loop", "totals_in_a_dict", "dicts_of_helpers", "dicts_by_zip"),
        ],
        "a loop over a dict is written out, key by key",
    ),
    "dataclasses_taken_apart": "the fields of a record are known by its class",
    "dicts_merged": "the keys of a dict are known by its type",
    "dict_read_by_runtime_keys": "a loop over a dict is written out, key by key",
    "noise_without_a_generator": "a parameter may be None, or a generator",
    "parameters_in_a_copied_dict": "a dict is copied item by item",
    "dict_copied_again_in_an_inner_loop": "a dict is copied item by item",
    "arguments_exchanged": "after an exchange either name must be known to be an array",
    "bucket_with_a_limited_share": "what is updated may be an array that the dict holds",
    **dict.fromkeys(
        ["forces_with_a_filled_diagonal", "diagonal_filled_by_a_vector"],
        "only of what is surely square it is known where its diagonal is",
    ),
    "shallow_water_by_fluxes": "its columns are views only of what is known to be an array",
    "likelihood_of_what_a_robot_sees": "what a dict holds may be no array",
    "layers_of_held_functions": "it may run over fewer functions than there are",
    "activations_by_their_names": "which function is called follows from the name",
    "kernel_of_a_name": "which function is called follows from the name",
    "projected_by_name": "which function is called follows from the name",
    "rows_until_one_is_large": "its columns are views only of what is known to be an array",
}
OTHER_AXES = {
    "attention_to_all_tokens_so_far": "a table of tokens is multiplied as one of them is",
    "diagonal_and_products_read_before_the_change": "a row may be changed in place likewise",
    "ufuncs_of_all_pairs": "of numbers there is but one pair",
    "two_arguments_changed_in_turn": "arithmetic of arrays without axes gives numbers",
    "row_views_in_loop": "rows of numbers do as well",
    "numbered_rows_changed": "of one axis the rows are numbers, which are bound anew",
    "rows_beside_those_below": "of one axis the rows are numbers, which are bound anew",
    "rows_with_weights_of_a_list": "of one axis the rows are numbers, which are bound anew",
    **dict.fromkeys(
        [
            *("sum_takes_the_name_of_its_part", "product_takes_the_name_of_its_factor"),
            "changed_argument_whose_name_another_kind_takes",
        ],
        "an update of a number changes no other name of it",
    ),
    "attitudes_by_a_gyroscope": "of one axis the rows are numbers",
    "scalar_becomes_array_in_place": "a row may be changed in place where a number is rebound",
    "parts_of_what_may_have_fewer_axes": "of one axis the rows are numbers, which are bound anew",
}
# Their texts name objects that no global holds, so they cannot be pasted.
NAMELESS = {"light_of_a_galaxy", "objects_called", "partials", "private_names"}
# Before a call, what is unpacked into a display is taken for a list.
LISTS = {"array_unpacked_twice_into_an_array", "arrays_chained_in_a_generator"}
SHOWN = [n for n in PROGRAMS if n not in REFUSED and n not in NAMELESS | LISTS]
SCALAR = [n for n in turn(SHOWN, 0, 2) if case_of(n).is_scalar]


def function_of(text: str, fn: Any, name: str) -> Any:
    """The function ``name`` of ``text``, pasted after ``import numpy as np`` where ``fn`` is."""
    callee = unwrap(fn)
    cells = inspect.getclosurevars(callee.fn).nonlocals
    space = {**callee.fn.__globals__, **cells, "np": np}
    exec(compile(text, "shown", "exec"), space)
    return space[name]


def run(case: Case, mode: str) -> tuple[str, Any]:
    derivative = derivative_of(case.p.fn, mode=mode, argnums=case.p.argnums)
    text = derivative.source
    name = re.findall(r"^def (\w+)\(", text, re.MULTILINE)[-1]
    args = derivative.callee.bind(copied(case.args), {})
    tangents = copied(case.v) if mode == "forward" else ()
    before = [a.tobytes() for a in leaves(args) if isinstance(a, np.ndarray)]
    made = function_of(text, case.p.fn, name)(*args, *tangents)
    assert [a.tobytes() for a in leaves(args) if isinstance(a, np.ndarray)] == before
    return text, made


def filled(gradient: Any, like: Any) -> Any:
    """``gradient`` with zeros of the right kind for what has none."""

    def leaf(x: Any, g: Any) -> Any:
        if not is_float(x):
            return None
        g = 0.0 if g is None else g
        if isinstance(x, np.ndarray):
            return np.broadcast_to(np.asarray(g, x.dtype), x.shape)
        return type(x)(g)

    if gradient is None:
        return tree_map(lambda x: leaf(x, None), like)
    return tree_map(leaf, like, gradient)


@pytest.mark.parametrize("name", SCALAR)
def test_gradient(name: str) -> None:
    case = case_of(name)
    if name not in OTHER_AXES:
        _, made = run(case, "reverse")
        made = made if len(case.diff) > 1 else (made,)
        case.check(tuple(map(filled, made, case.diff)))


@pytest.mark.parametrize("name", turn(SHOWN, 1, 2))
def test_tangent(name: str) -> None:
    case = case_of(name)
    if name in OTHER_AXES:
        return
    _, (_, y_dot) = run(case, "forward")
    found = float(y_dot) if case.is_scalar else inner(y_dot, case.weights)
    terms = 0.0 if case.is_scalar else inner_magnitude(y_dot, case.weights)
    assert abs(found - case.first.value) <= case.bound(case.first, terms)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    p = PROGRAMS[name]
    kinds = (UnsupportedSyntaxError, MutationError, UnknownFunctionError)
    with pytest.raises(kinds) as caught:
        print(grad(p.fn, argnums=p.argnums).source)
    assert "before any call no types are known: `source_for(...)`" in caught.value.instead
    assert grad(p.fn, argnums=p.argnums).source_for(*case_of(name).args)


@pytest.mark.parametrize("name", OTHER_AXES)
def test_what_is_assumed_wrongly_is_said(name: str) -> None:
    text = grad(PROGRAMS[name].fn).source
    axes = case_of(name).args[0].ndim
    assert text.startswith("# Before any call it is assumed:\n# `")
    assert f"with {axes} ax" not in text.partition("def ")[0]


@dataclass
class Wave:
    height: float
    phase: np.ndarray


def annotated(wave: Wave, x: np.ndarray, n: int):
    for _ in range(n):
        x[1:] += wave.height * x[:-1]
    return np.sum(np.sin(x + wave.phase))


def test_annotations_count() -> None:
    derivative = grad(annotated, argnums=(0, 1))
    text = derivative.source
    head = text.partition("def ")[0]
    assert "# `wave` is a Wave, as annotated." in head
    assert "# `n` is an int, as annotated." in head
    assert "# `x` is a float64 array with 1 axis." in head
    args = (Wave(0.3, np.array([0.1, 0.2, 0.3])), np.array([1.0, 2.0, -1.0]), 2)
    made, x_bar = function_of(text, annotated, "annotated_grad")(*args)
    wave_bar, x_bar_too = derivative(*args)
    assert np.allclose(x_bar, x_bar_too)
    assert np.allclose(made.phase, wave_bar.phase)
    assert np.isclose(made.height, wave_bar.height)


def test_a_call_runs_no_assumption() -> None:
    def smooth(u, k):
        u[1:] = k * u[:-1]
        return np.sum(u * u)

    derivative = grad(smooth)
    assert "with 1 axis" in derivative.source
    u = np.arange(6.0).reshape(2, 3)
    made = derivative(u, 0.5)
    assert np.allclose(made, [[2 * 1.25 * v for v in u[0]], [0.0] * 3])
    assert "assumed" not in derivative.source


def cubed(x):
    return np.sum(x * x * x)


def pulls(x):
    _, pullback = vjp(cubed, x)
    (g,) = pullback(1.0)
    return np.sum(g * g)


def test_a_text_with_a_pullback_stands_alone() -> None:
    x = np.array([0.5, 2.0])
    for text in (grad(pulls).source, grad(pulls).source_for(x)):
        space = {"np": np}
        exec(compile(text, "shown", "exec"), space)
        assert np.allclose(space["pulls_grad"](x), 36 * x**3)


@pytest.mark.parametrize("make", [jacfwd, jacrev, hessian, value_and_grad])
def test_every_kind_has_a_text(make: Any) -> None:
    compile(make(cubed).source, "shown", "exec")
