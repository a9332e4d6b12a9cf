"""The tests of parameters for ``None`` that the types of a call decide.

In ``if w is None: w = np.ones(3)`` the parameter and the new value are one variable, of a type of
which nothing is known, unless the branch that is not taken goes before types are inferred.

Accepts and returns normal IR with webs apart.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

from srcad.ir.nodes import Assign, Call, Const, Function, If, Ref, Stmt, Var
from srcad.ir.rebuild import same_or_new
from srcad.ir.walk import bound, statements
from srcad.passes.webs import separate_webs

__all__ = ["with_defaults_settled"]


def with_defaults_settled(fn: Function, is_none: Mapping[Var, bool]) -> Function:
    """``fn`` without the branches that are not taken.

    ``is_none`` says of parameters whether they are ``None``, where that is known.
    """
    known = dict(is_none)
    truth: dict[Var, bool] = {}
    out: list[Stmt] = []
    rest = list(fn.body)
    while rest:
        stmt = rest.pop(0)
        if isinstance(stmt, If) and isinstance(stmt.test, Var) and stmt.test in truth:
            rest[:0] = stmt.then if truth[stmt.test] else stmt.orelse
            continue
        for inner in statements((stmt,)):
            for var in bound(inner):
                known.pop(var, None)
                truth.pop(var, None)
        match stmt:
            case Assign(Var() as test, Call(Ref(_, f), (Var() as param, Const(None)))):
                if param in known and f in (operator.is_, operator.is_not):
                    truth[test] = known[param] is (f is operator.is_)
            case _:
                pass
        out.append(stmt)
    body = same_or_new(fn.body, out)
    return fn if body is fn.body else separate_webs(replace(fn, body=body))[0]
