"""Facts about calls, checked on every rule's own samples and on what the calls really do."""

from __future__ import annotations

import operator
import random

import numpy as np
import pytest

from srcad import runtime
from srcad.analysis.effects import (
    is_fresh,
    is_mutator,
    is_opaque,
    is_pure,
    may_share,
    mutated,
)
from srcad.analysis.memory import memory_of
from srcad.ir.nodes import Call, Const, Do, Ref, Unpack, Var
from srcad.ir.walk import bound, statements
from srcad.notes import note
from srcad.rules.table import Rule, all_rules
from srcad.types.lattice import FLOAT, Array, Sym, TupleOf
from srcad.types.of_value import DimTable, type_of
from tests.optimise.machine import (
    WHOLE,
    add_to,
    call,
    function,
    give,
    let,
    loop,
    pop,
    push,
    store,
    var,
)

VECTOR = Array(np.dtype(np.float64), (Sym(1),))
X, Y = Var("x"), Var("y")


def leaves(value: object) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return leaves(list(value.values()))
    return []


def overlap(a: object, b: object) -> bool:
    return any(np.shares_memory(p, q) for p in leaves(a) for q in leaves(b))


def held(value: object) -> object:
    """A copy of a sample's argument that owns its memory."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [held(v) for v in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(held(v) for v in value)
    return value


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.path)
def test_what_a_result_shares_is_declared(rule: Rule) -> None:
    for sample in rule.samples():
        args = [held(a) for a in sample.args]
        kwargs = {k: held(v) for k, v in sample.kwargs.items()}
        names = [Var(f"a{i}") for i in range(len(args))]
        keywords = {k: Var(f"k_{k}") for k in kwargs}
        made = Call(Ref(rule.path, rule.fn), tuple(names), tuple(keywords.items()))
        if not is_pure(made):
            continue
        before = [[leaf.copy() for leaf in leaves(a)] for a in args]
        with np.errstate(all="ignore"):
            result = rule.fn(*args, **kwargs)
        values = [*zip(names, args, strict=True), *((keywords[k], kwargs[k]) for k in kwargs)]
        shared = {name for name, value in values if overlap(result, value)}
        assert shared <= set(may_share(made))
        dims = DimTable()
        types = {name: type_of(value, dims) for name, value in values}
        assert not (shared and is_fresh(made, types))
        for old, new in zip(before, args, strict=True):
            assert all(np.array_equal(p, q, equal_nan=True) for p, q in zip(old, leaves(new)))


@pytest.mark.parametrize(
    "fn", [np.tanh, operator.add, operator.getitem, len, range, ValueError, np.float32]
)
def test_pure(fn: object) -> None:
    assert is_pure(call(fn, "x", "y"))
    assert not is_mutator(call(fn, "x", "y"))
    assert mutated(let("z", fn, "x", "y")) == ()


@pytest.mark.parametrize("fn", [open, random.random, np.random.normal, test_pure, next])
def test_opaque(fn: object) -> None:
    assert is_opaque(call(fn, "x", "y"))
    assert mutated(let("z", fn, "x", "y")) == (X, Y)


@pytest.mark.parametrize(
    "fn",
    [list.append, list.pop, dict.update, np.copyto, np.add.at, runtime.add_at, runtime.add_item],
)
def test_mutators_change_their_first_operand(fn: object) -> None:
    assert is_mutator(call(fn, "x", "y"))
    assert not is_pure(call(fn, "x", "y"))
    assert mutated(Do(call(fn, "x", "y"))) == (X,)


def test_printing_is_an_effect_that_changes_nothing() -> None:
    assert not is_pure(call(print, "x"))
    assert not is_opaque(call(print, "x"))
    assert mutated(Do(call(print, "x"))) == ()


def test_out_is_what_a_ufunc_writes_to() -> None:
    out = Call(Ref("np.add", np.add), (X, X), (("out", Y),))
    assert is_mutator(out)
    assert mutated(Do(out)) == (Y,)
    assert not is_fresh(out, {X: VECTOR, Y: VECTOR})
    assert is_pure(Call(Ref("np.add", np.add), (X, X), (("out", Const(None)),)))


def test_a_generated_half_is_pure_but_may_hand_back_what_it_got() -> None:
    def half(x: object) -> object:
        return x

    note(half, pure=True)
    assert is_pure(call(half, "x"))
    assert may_share(call(half, "x")) == (X,)


def test_stores_change_their_object() -> None:
    assert mutated(store("x", 0, "y")) == (X,)
    assert mutated(add_to("x", WHOLE, "y")) == (X,)


# --- memory --------------------------------------------------------------------------------------


def together(*body: object, **types: object) -> set[frozenset[str]]:
    fn = function("x y", *body, give(0))
    memory = memory_of(fn, {var(k): t for k, t in types.items()})
    groups: list[tuple[set[str], set[int]]] = []
    for v in [p.var for p in fn.params] + [v for s in statements(fn.body) for v in bound(s)]:
        names, objects = {v.name}, set(memory.objects(v))
        for group in [g for g in groups if g[0] & names or g[1] & objects]:
            groups.remove(group)
            names, objects = names | group[0], objects | group[1]
        groups.append((names, objects))
    return {frozenset(names) for names, _ in groups}


def test_views_and_copies_are_one_class_and_results_another() -> None:
    found = together(
        let("a", operator.getitem, "x", slice(1, None)),
        let("b", "a"),
        let("c", np.tanh, "b"),
        let("d", np.reshape, "c", -1),
        **dict.fromkeys(("x", "y", "a", "b", "c", "d"), VECTOR),
    )
    assert found == {frozenset("xyab"), frozenset("cd")}


def test_what_goes_through_a_list_comes_out_of_it() -> None:
    found = together(
        let("xs", []),
        let("a", np.tanh, "x"),
        push("xs", "a"),
        pop("b", "xs"),
        loop("c", "xs", let("e", np.sin, "c")),
        **dict.fromkeys(("x", "y", "a", "b", "c", "e"), VECTOR),
    )
    assert found == {frozenset("xy"), frozenset({"xs", "a", "b", "c"}), frozenset("e")}


def test_items_of_a_tuple_stay_apart() -> None:
    body = (
        let("a", np.sin, "x"),
        let("b", np.cos, "x"),
        let("p", ("a", "b")),
        Unpack((var("c"), var("d")), var("p")),
    )
    types = {var(n): VECTOR for n in "xyabcd"} | {var("p"): TupleOf((VECTOR, VECTOR))}
    memory = memory_of(function("x y", *body, give(0)), types)
    assert memory.root(var("c")) == memory.root(var("a")) != memory.root(var("b"))
    assert memory.objects(var("p")) >= memory.objects(var("a")) | memory.objects(var("b"))


def test_an_append_changes_the_list_and_not_what_it_holds() -> None:
    a, xs = let("a", np.sin, "x"), let("xs", [])
    memory = memory_of(function("x", a, xs, push("xs", "a"), give("xs")), {var("a"): VECTOR})
    assert memory.mutated == {memory.root(var("xs"))}
    assert memory.objects(var("a")).isdisjoint(memory.mutated)
    assert memory.objects(var("a")) <= memory.escaping


def test_what_an_unknown_function_gets_is_out_of_sight() -> None:
    body = (let("a", np.sin, "x"), Do(call(test_pure, "a")))
    memory = memory_of(function("x", *body, give("a")), {X: VECTOR, var("a"): VECTOR})
    assert memory.objects(var("a")) <= memory.outside & memory.mutated


def test_numbers_have_no_memory() -> None:
    memory = memory_of(function("x", let("a", "x"), give("a")), {X: FLOAT, var("a"): FLOAT})
    assert memory.objects(var("a")) == frozenset()
