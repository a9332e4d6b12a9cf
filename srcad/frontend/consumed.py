"""What computes its items when asked, and is asked for all of them at once: runs of items.

A generator expression, ``map(f, xs)`` and ``zip(xs, ys)`` give their items once. Where the place
takes them all, as in ``sum(...)`` or ``a, b = ...``, they are the list of them; `functools.reduce`
is a loop of its own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Final

import libcst as cst
import numpy as np

from srcad.frontend.comprehensions import comprehension, dict_of, dict_of_run, mapped
from srcad.frontend.evaluation import Evaluation
from srcad.ir.nodes import Assign, Attr, Call, Const, Expr, For, Ref, Slice, Star, Var
from srcad.ir.refs import COLUMNS, GETITEM, NONE

__all__ = ["argument", "decided", "dict_of_pairs", "items_of_run", "joined_texts", "reduced"]

_ARRAY: Final = np.fromiter
_CONSUMERS: Final = (
    *(sum, max, min, any, all, tuple, list, set, sorted),
    *(math.fsum, math.prod, _ARRAY),
)


def decided(lowering: Evaluation, node: cst.Call) -> Expr | None:
    """``any`` or ``all`` of a run: the item that decides is the last."""
    if len(node.args) != 1:
        return None
    value = node.args[0].value
    if not isinstance(value, cst.GeneratorExp) and not _calls(lowering, value, map):
        return None
    fn = _consumer(lowering, node)
    return _run(lowering, value, fn) if fn in (any, all) else None


def argument(lowering: Evaluation, value: cst.BaseExpression, call: cst.Call) -> Expr:
    """An argument of ``call``: a run is a list if it is consumed at once."""
    fn = _consumer(lowering, call) if _is_run(lowering, value) else None
    is_first = fn is not None and call.args[0].value is value
    takes_more = fn is _ARRAY or (fn is sum and len(call.args) == 2)
    if is_first and (takes_more or all(a.keyword is not None for a in call.args[1:])):
        return _run(lowering, value, list)
    return lowering.function(value)


def joined_texts(lowering: Evaluation, node: cst.Call) -> Expr | None:
    """``", ".join(...)`` of a run, which takes all items at once; ``None`` for another call."""
    match node.func, node.args:
        case cst.Attribute(value=cst.SimpleString() as between, attr=cst.Name("join")), [arg]:
            items = None if arg.star else items_of_run(lowering, arg.value)
        case _:
            return None
    if items is None:
        return None
    held = lowering.atom(items, arg.value)
    origin = lowering.origin_of(node)
    return Call(Attr(lowering.lower(between), "join"), (held,), origin=origin)


def items_of_run(lowering: Evaluation, value: cst.BaseExpression) -> Expr | None:
    """The items of ``value``, which are unpacked; ``None`` if it is no run."""
    return _run(lowering, value, list) if _is_run(lowering, value) else None


def reduced(lowering: Evaluation, node: cst.Call) -> Expr | None:
    """``functools.reduce(f, xs, start)`` as a loop; ``None`` for another call."""
    named = isinstance(node.func, cst.Name | cst.Attribute)
    if not named or lowering.names is None or len(node.args) not in (2, 3):
        return None
    if lowering.function(node.func) != _REDUCE or any(a.keyword or a.star for a in node.args):
        return None
    fn = lowering.function(node.args[0].value)
    if not isinstance(fn, Ref | Var):
        raise lowering.refused(node, "map", name="reduce")
    over, *starts = node.args[1:]
    iterable = items_of_run(lowering, over.value) or lowering.lower(over.value)
    if starts:
        iterable, start = lowering.in_order(
            (lambda: iterable, lambda: lowering.lower(starts[0].value))
        )
        rest = iterable
    else:
        origin = lowering.origin_of(over.value)
        first = lowering.atom(iterable, over.value)
        start = Call(GETITEM, (first, Const(0)), origin=origin)
        rest = Call(GETITEM, (first, Slice(Const(1), NONE, NONE)), origin=origin)
    total, item = lowering.names.fresh("total"), lowering.names.fresh("item")
    lowering.before.append(Assign(total, start, lowering.here))

    def step() -> Expr:
        made = lowering.applied(node, fn, (total, item), ())
        lowering.before.append(Assign(total, made, lowering.here))
        return total

    _, body = lowering.apart(step)
    lowering.before.append(For(item, rest, tuple(body), (), lowering.here))
    return total


def dict_of_pairs(lowering: Evaluation, node: cst.Call) -> Expr | None:
    """``dict(zip(keys, values))`` and the like as a loop; ``None`` for another call."""
    if len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
        return None
    if not isinstance(node.func, cst.Name) or lowering.function(node.func) != Ref("", dict):
        return None
    match node.args[0].value:
        case (
            cst.GeneratorExp(elt=cst.Tuple(elements=pair), for_in=for_in)
            | cst.ListComp(elt=cst.Tuple(elements=pair), for_in=for_in)
        ) if _is_pair(pair):
            return dict_of(lowering, node, for_in, pair[0].value, pair[1].value)
        case cst.List(elements=rows) | cst.Tuple(elements=rows):
            pairs = [e.value.elements for e in rows if isinstance(e.value, cst.Tuple | cst.List)]
            if len(pairs) < len(rows) or not all(map(_is_pair, pairs)):
                return None
            return lowering.lower(cst.Dict([cst.DictElement(k.value, v.value) for k, v in pairs]))
        case value if _calls(lowering, value, zip) or _calls(lowering, value, enumerate):
            pairs = lowering.lower(value)
            unpacked = isinstance(pairs, Call) and any(isinstance(a, Star) for a in pairs.args)
            return None if unpacked else dict_of_run(lowering, node, pairs)
        case _:
            return None


def _is_pair(elements: Sequence[cst.BaseElement]) -> bool:
    return len(elements) == 2 and all(isinstance(e, cst.Element) for e in elements)


_REDUCE: Final = Ref("functools.reduce", functools.reduce)


def _is_run(lowering: Evaluation, value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.GeneratorExp) or any(_calls(lowering, value, f) for f in _RUNS)


_RUNS: Final = (map, zip, enumerate, reversed)


def _calls(lowering: Evaluation, value: cst.BaseExpression, fn: object) -> bool:
    """Whether ``value`` is a call of the builtin ``fn`` that can be written as a loop."""
    match value:
        case cst.Call(func=cst.Name(), args=args):
            if lowering.function(value.func) != Ref("", fn):
                return False
            plain = not any(a.keyword or a.star for a in args)
            return plain and len(args) == 2 if fn is map else bool(args)
        case _:
            return False


def _run(lowering: Evaluation, value: cst.BaseExpression, consumer: object) -> Expr:
    """What ``consumer`` gets, or gives, of a run."""
    if isinstance(value, cst.GeneratorExp):
        return comprehension(lowering, value, consumer)
    assert isinstance(value, cst.Call)
    if not _calls(lowering, value, map):
        return _zipped(lowering, value, consumer)
    function, iterable = value.args
    fn = lowering.function(function.value)
    if not isinstance(fn, Ref | Var):
        raise lowering.refused(value, "map", name="map")
    over = lowering.lower(iterable.value)
    return mapped(lowering, value, over, lambda i: lowering.applied(value, fn, (i,), ()), consumer)


def _zipped(lowering: Evaluation, value: cst.Call, consumer: object) -> Expr:
    made = lowering.lower(value)
    assert isinstance(made, Call)
    if any(isinstance(a, Star) for a in made.args):
        return Call(COLUMNS, made.args, made.kwargs, origin=made.origin)
    return mapped(lowering, value, made, lambda item: item, consumer)


def _consumer(lowering: Evaluation, call: cst.Call) -> object | None:
    """The function that ``call`` calls, if that consumes its argument at once."""
    fn = lowering.function(call.func)
    return next((f for f in _CONSUMERS if isinstance(fn, Ref) and fn.value is f), None)
