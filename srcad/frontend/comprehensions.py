"""List comprehensions, and generators and ``map`` that are consumed at once, as loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from srcad.frontend.evaluation import Evaluation
from srcad.frontend.targets import lower_target
from srcad.ir.nodes import Assign, Attr, Call, Do, Expr, For, If, List, Var

__all__ = ["comprehension", "mapped"]


def comprehension(lowering: Evaluation, node: cst.ListComp | cst.GeneratorExp) -> Expr:
    """The list that ``node`` makes; the loop that makes it goes into ``lowering.before``."""
    if lowering.names is None:
        raise lowering.refused(node, "expression statement")
    result = lowering.temp()
    lowering.before.append(Assign(result, List(()), lowering.here))
    depth = len(lowering.scopes)
    try:
        _, loop = lowering.apart(lambda: _clause(lowering, node.for_in, node.elt, result))
    finally:
        del lowering.scopes[depth:]
    lowering.before += loop
    return result


def mapped(
    lowering: Evaluation, node: cst.Call, iterable: cst.BaseExpression, of: Callable[[Expr], Expr]
) -> Expr:
    """The list of what ``of`` makes of the items of ``iterable``; the loop goes before."""
    if lowering.names is None:
        raise lowering.refused(node, "expression statement")
    result = lowering.temp()
    over = lowering.lower(iterable)
    item = lowering.names.fresh("item")

    def body() -> Expr:
        call = Call(Attr(result, "append"), (of(item),), origin=lowering.origin_of(node))
        lowering.before.append(Do(call, lowering.here))
        return call

    _, loop = lowering.apart(body)
    lowering.before.append(Assign(result, List(()), lowering.here))
    lowering.before.append(For(item, over, tuple(loop), (), lowering.here))
    return result


def _clause(
    lowering: Evaluation, clause: cst.CompFor, elt: cst.BaseExpression, result: Var
) -> Expr:
    if clause.asynchronous is not None:
        raise lowering.refused(clause, "await")
    iterable = lowering.lower(clause.iter)
    scope: dict[str, Var] = {}

    def bind(name: str) -> Var:
        # The variable is the comprehension's own: it must not overwrite one of the function.
        if name not in scope:
            assert lowering.names is not None
            clash = name in lowering.local or any(name in outer for outer in lowering.scopes)
            scope[name] = lowering.names.fresh(name) if clash else Var(name)
        return scope[name]

    target = lower_target(clause.target, bind, lowering.refused)
    lowering.scopes.append(scope)
    _, body = lowering.apart(lambda: _body(lowering, clause, clause.ifs, elt, result))
    lowering.before.append(For(target, iterable, tuple(body), (), lowering.here))
    return result


def _body(
    lowering: Evaluation,
    clause: cst.CompFor,
    tests: Sequence[cst.CompIf],
    elt: cst.BaseExpression,
    result: Var,
) -> Expr:
    if tests:
        test = lowering.lower(tests[0].test)
        _, then = lowering.apart(lambda: _body(lowering, clause, tests[1:], elt, result))
        lowering.before.append(If(test, tuple(then), (), lowering.here))
    elif clause.inner_for_in is not None:
        _clause(lowering, clause.inner_for_in, elt, result)
    else:
        item = lowering.lower(elt)
        call = Call(Attr(result, "append"), (item,), origin=lowering.origin_of(elt))
        lowering.before.append(Do(call, lowering.here))
    return result
