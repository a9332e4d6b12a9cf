"""Slices and copies of lists, and lists that are joined: new lists, which nobody else has."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence, Set

from srcad.ir.nodes import Assign, Attr, Call, Expr, List, Ref, Slice, Stmt, Var

__all__ = ["is_new_list"]

Definitions = Mapping[Var, Sequence[Stmt]]


def is_new_list(
    value: Expr, defs: Definitions, params: Set[Var], lists: frozenset[Var] = frozenset()
) -> bool:
    """Whether ``value`` surely is a slice or copy of a list, or a list joined of others.

    What is sliced, copied or joined may as well be an array: each variable must have been made a
    list by all statements in ``defs`` that bind it, if ``lists`` are lists.

    Examples
    --------
    >>> a, b = Var("a"), Var("b")
    >>> joined = Call(Ref("operator.add", operator.add), (a, a))
    >>> is_new_list(joined, {a: [Assign(a, List(()))]}, frozenset())
    True
    >>> is_new_list(joined, {}, frozenset({a}))
    False
    """
    match value:
        case Call(Ref(_, fn), (Var() | Ref() as xs, Slice())) if fn is operator.getitem:
            return _is_list(xs, defs, params, lists)
        case Call(Attr(Var() | Ref() as xs, "copy"), ()):
            return _is_list(xs, defs, params, lists)
        case Call(Ref(_, fn), args) if fn is operator.add:
            return all(_is_list(a, defs, params, lists) for a in args)
        case _:
            return False


def _is_list(value: Expr, defs: Definitions, params: Set[Var], lists: frozenset[Var]) -> bool:
    match value:
        case List() | Ref(_, list()):
            return True
        case Call(Ref(_, fn)) if fn is list or fn is sorted:
            return True
        case Var():
            made = defs.get(value, ())
            known = lists | {value}
            return value in lists or (
                len(made) > 0
                and value not in params
                and all(
                    isinstance(s, Assign) and _is_list(s.value, defs, params, known) for s in made
                )
            )
        case _:
            return is_new_list(value, defs, params, lists)
