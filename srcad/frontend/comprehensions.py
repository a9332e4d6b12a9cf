"""Comprehensions, and generators and ``map`` that are consumed at once, as loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from srcad.frontend.combined import for_loop
from srcad.frontend.evaluation import Evaluation
from srcad.frontend.targets import lower_target
from srcad.ir.nodes import (
    Assign,
    Attr,
    Block,
    Break,
    Call,
    Const,
    Dict,
    Do,
    Expr,
    For,
    If,
    List,
    Origin,
    Store,
    Tuple,
    Var,
)
from srcad.ir.refs import DICT, NONE

__all__ = ["comprehension", "dict_comprehension", "dict_of", "dict_of_run", "mapped"]


@dataclass(frozen=True, slots=True)
class _Into:
    """What becomes of the items.

    ``decides`` is ``None`` where ``result`` is the list of them. ``any`` and ``all`` stop at the
    first item that decides, for the calls after it may change something: there ``decides`` is the
    truth value of that item, and ``result`` is what they give.
    """

    result: Var
    decides: bool | None

    def start(self, lowering: Evaluation) -> None:
        value = List(()) if self.decides is None else Const(not self.decides)
        lowering.before.append(Assign(self.result, value, lowering.here))

    def take(self, lowering: Evaluation, item: Expr, origin: Origin | None) -> None:
        if self.decides is None:
            call = Call(Attr(self.result, "append"), (item,), origin=origin)
            lowering.before.append(Do(call, lowering.here))
        else:
            set_result = Assign(self.result, Const(self.decides), lowering.here)
            self._stop(lowering, item, (set_result, Break(lowering.here)))

    def after_a_loop(self, lowering: Evaluation) -> None:
        """Leave the loop around one in which it was decided."""
        if self.decides is not None:
            self._stop(lowering, self.result, (Break(lowering.here),))

    def _stop(self, lowering: Evaluation, test: Expr, stop: Block) -> None:
        then, orelse = (stop, ()) if self.decides else ((), stop)
        lowering.before.append(If(test, then, orelse, lowering.here))


def comprehension(
    lowering: Evaluation,
    node: cst.ListComp | cst.SetComp | cst.GeneratorExp,
    consumer: object = list,
) -> Expr:
    """The list that ``node`` makes; the loop that makes it goes into ``lowering.before``.

    For ``any`` and ``all`` as the ``consumer`` it is what they give.
    """
    into = _into(lowering, node, consumer)
    elt = node.elt

    def take() -> None:
        into.take(lowering, lowering.lower(elt), lowering.origin_of(elt))

    _loops(lowering, node.for_in, take, lambda: into.after_a_loop(lowering))
    return into.result


def dict_comprehension(lowering: Evaluation, node: cst.DictComp) -> Expr:
    """The dict that ``node`` makes, likewise: a copy of the one that is filled, which it owns."""
    return dict_of(lowering, node, node.for_in, node.key, node.value)


def dict_of(
    lowering: Evaluation,
    node: cst.BaseExpression,
    for_in: cst.CompFor,
    key: cst.BaseExpression,
    value: cst.BaseExpression,
) -> Expr:
    """The dict ``{key: value for_in}`` that ``node`` makes."""

    def fill(filled: Var) -> None:
        def take() -> None:
            name, item = lowering.in_order(
                (lambda: lowering.lower(key), lambda: lowering.lower(value))
            )
            lowering.before.append(Store(filled, name, item, lowering.here))

        _loops(lowering, for_in, take, lambda: None)

    return _filled(lowering, node, fill)


def dict_of_run(lowering: Evaluation, node: cst.BaseExpression, pairs: Expr) -> Expr:
    """The dict of ``pairs``, which a loop can run over, that ``node`` makes."""

    def fill(filled: Var) -> None:
        assert lowering.names is not None
        key, item = lowering.names.fresh("key"), lowering.names.fresh("item")
        body = (Store(filled, key, item, lowering.here),)
        lowering.before.append(For(Tuple((key, item)), pairs, body, (), lowering.here))

    return _filled(lowering, node, fill)


def _filled(lowering: Evaluation, node: cst.BaseExpression, fill: Callable[[Var], None]) -> Expr:
    if lowering.names is None:
        raise lowering.refused(node, "expression statement")
    filled = lowering.temp()
    lowering.before.append(Assign(filled, Dict((), ()), lowering.here))
    fill(filled)
    return Call(DICT, (filled,), origin=lowering.origin_of(node))


def mapped(
    lowering: Evaluation,
    node: cst.Call,
    over: Expr,
    of: Callable[[Expr], Expr],
    consumer: object,
) -> Expr:
    """The list of what ``of`` makes of the items of ``over``, as `comprehension` makes one."""
    into = _into(lowering, node, consumer)
    assert lowering.names is not None
    item = lowering.names.fresh("item")

    def body() -> Expr:
        into.take(lowering, of(item), lowering.origin_of(node))
        return into.result

    _, loop = lowering.apart(body)
    lowering.before.append(For(item, over, tuple(loop), (), lowering.here))
    return into.result


def _into(lowering: Evaluation, node: cst.BaseExpression, consumer: object) -> _Into:
    if lowering.names is None:
        raise lowering.refused(node, "expression statement")
    into = _Into(lowering.temp(), consumer is any if consumer in (any, all) else None)
    into.start(lowering)
    return into


def _loops(
    lowering: Evaluation,
    clause: cst.CompFor,
    take: Callable[[], None],
    after_a_loop: Callable[[], None],
) -> None:
    """The loops of ``clause`` around ``take``, which uses an item.

    ``after_a_loop`` is what follows each loop in another.
    """
    depth = len(lowering.scopes)

    def nested(clause: cst.CompFor, tests: Sequence[cst.CompIf]) -> Expr:
        if tests:
            test = lowering.lower(tests[0].test)
            _, then = lowering.apart(lambda: nested(clause, tests[1:]))
            lowering.before.append(If(test, tuple(then), (), lowering.here))
        elif clause.inner_for_in is not None:
            loop(clause.inner_for_in)
            after_a_loop()
        else:
            take()
        return NONE

    def loop(clause: cst.CompFor) -> Expr:
        iterable = _opened(lowering, clause)
        target = lower_target(clause.target, _binder(lowering), lowering.refused)
        _, body = lowering.apart(lambda: nested(clause, clause.ifs))
        lowering.before += for_loop(lowering, target, iterable, tuple(body), (), lowering.here)
        return NONE

    try:
        _, made = lowering.apart(lambda: loop(clause))
    finally:
        del lowering.scopes[depth:]
    lowering.before += made


def _opened(lowering: Evaluation, clause: cst.CompFor) -> Expr:
    """What the loop of ``clause`` runs over; what follows is in a scope of its own."""
    if clause.asynchronous is not None:
        raise lowering.refused(clause, "await")
    iterable = lowering.lower(clause.iter)
    lowering.scopes.append({})
    return iterable


def _binder(lowering: Evaluation) -> Callable[[str], Var]:
    """Variables for the innermost scope: they must not overwrite those of the function."""
    *outer, scope = lowering.scopes

    def bind(name: str) -> Var:
        if name not in scope:
            assert lowering.names is not None
            clash = name in lowering.local or any(name in other for other in outer)
            scope[name] = lowering.names.fresh(Var(name)) if clash else Var(name)
        return scope[name]

    return bind
