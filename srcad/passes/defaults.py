"""The tests of parameters for ``None`` that the types of a call decide.

In ``if w is None: w = np.ones(3)`` the parameter and the new value are one variable, of a type of
which nothing is known, unless the branch that is not taken goes before types are inferred.

Accepts and returns normal IR with webs apart.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

from srcad.ir.nodes import Assign, Block, Call, Const, Function, If, Ref, Stmt, Var
from srcad.ir.walk import bound, same_or_new, statements
from srcad.passes.webs import separate_webs

__all__ = ["with_defaults_settled"]


def with_defaults_settled(fn: Function, is_none: Mapping[Var, bool]) -> Function:
    """``fn`` without the branches that are not taken.

    ``is_none`` says of parameters whether they are ``None``, where that is known.
    """
    known = dict(is_none)
    body = _settled(fn.body, known)
    return fn if body is fn.body else separate_webs(replace(fn, body=body))[0]


def _settled(block: Block, known: dict[Var, bool]) -> Block:
    """``block`` with the tests of ``known`` variables decided; what it binds is known no more."""
    out: list[Stmt] = []
    truth: dict[Var, bool] = {}
    for stmt in block:
        if isinstance(stmt, If) and isinstance(stmt.test, Var) and stmt.test in truth:
            out.extend(_settled(stmt.then if truth[stmt.test] else stmt.orelse, known))
            continue
        for inner in statements((stmt,)):
            for var in bound(inner):
                known.pop(var, None)
                truth.pop(var, None)
        match stmt:
            case Assign(Var() as test, Call(Ref(_, fn), (Var() as param, Const(None)))):
                if param in known and fn in (operator.is_, operator.is_not):
                    truth[test] = known[param] is (fn is operator.is_)
            case _:
                pass
        out.append(stmt)
    return same_or_new(block, out)
