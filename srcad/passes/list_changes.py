"""Methods that move the items of a list, and ``del xs[i]``, as the list that they leave.

``xs.insert(i, v)`` is ``xs = [*xs[:i], v, *xs[i:]]``, and ``v = xs.pop(0)`` is ``v = xs[0]`` with
``xs = xs[1:]``. `srcad.passes.item_stores` knows which lists may be told so.
"""

from __future__ import annotations

from typing import Final

from srcad.ir.names import Names
from srcad.ir.nodes import Assign, Attr, Call, Const, Do, Expr, List, Ref, Slice, Star, Stmt, Var
from srcad.ir.refs import DELETE, GETITEM, LEN, NONE, REFILL

__all__ = ["CHANGES", "as_new_list", "changed_list"]

CHANGES: Final = frozenset({"clear", "insert", "remove", "reverse", "sort", DELETE, REFILL})
"""The methods that change a list and return nothing, `append` and `extend` apart."""

_ARGUMENTS: Final = {
    **{"clear": 0, "insert": 2, "remove": 1, "reverse": 0, "sort": 0},
    **{DELETE: 1, REFILL: 1},
}
_SORTED: Final = Ref("sorted", sorted)


def changed_list(stmt: Stmt) -> Var | None:
    """The variable that ``stmt`` changes as a list, if it is one that `as_new_list` knows."""
    match stmt:
        case Do(Call(Attr(Var() as xs, name), args, kwargs)) if name in CHANGES:
            known = len(args) == _ARGUMENTS[name] and (not kwargs or name == "sort")
            return xs if known and not any(isinstance(a, Star) for a in args) else None
        case Assign(_, Call(Attr(Var() as xs, "pop"), (Const(int()) | Var(),), ())):
            return xs
        case Do(Call(Attr(Var() as xs, "pop"), (Const(int()) | Var(),), ())):
            return xs
        case _:
            return None


def as_new_list(stmt: Stmt, names: Names) -> list[Stmt]:
    """The statements that bind the variable to the list that ``stmt`` leaves."""
    origin = stmt.origin
    match stmt:
        case Do(Call(Attr(Var() as xs, "clear"))):
            return [Assign(xs, List(()), origin)]
        case Do(Call(Attr(Var() as xs, "reverse"))):
            return [Assign(xs, _part(xs, NONE, NONE, Const(-1), stmt), origin)]
        case Do(Call(Attr(Var() as xs, "sort"), _, kwargs)):
            return [Assign(xs, Call(_SORTED, (xs,), kwargs, origin=origin), origin)]
        case Do(Call(Attr(Var() as xs, name), (items,))) if name == REFILL:
            return [Assign(xs, items, origin)]
        case Do(Call(Attr(Var() as xs, "remove"), (item,))):
            at = names.fresh("at")
            found = Assign(at, Call(Attr(xs, "index"), (item,), origin=origin), origin)
            return [found, *_without(xs, at, names, stmt)]
        case Do(Call(Attr(Var() as xs, _), (Slice() as part,))):
            return _without_part(xs, part, names, stmt)
        case Do(Call(Attr(Var() as xs, "insert"), (Const(0), item))):
            return [Assign(xs, List((item, Star(xs))), origin)]
        case Do(Call(Attr(Var() as xs, "insert"), (at, item))):
            before, after = names.fresh("before"), names.fresh("after")
            return [
                Assign(before, _part(xs, NONE, at, NONE, stmt), origin),
                Assign(after, _part(xs, at, NONE, NONE, stmt), origin),
                Assign(xs, List((Star(before), item, Star(after))), origin),
            ]
        case Assign(target, Call(Attr(Var() as xs, "pop"), (at,))):
            held = target if isinstance(target, Var) and target != at else names.fresh("t")
            taken = [Assign(held, Call(GETITEM, (xs, at), origin=origin), origin)]
            renamed = [] if held == target else [Assign(target, held, origin)]
            return [*taken, *_without(xs, at, names, stmt), *renamed]
        case Do(Call(Attr(Var() as xs, _), (at,))):
            read = Assign(names.fresh("t"), Call(GETITEM, (xs, at), origin=origin), origin)
            return [read, *_without(xs, at, names, stmt)]
        case _:
            raise AssertionError(stmt)


def _without(xs: Var, at: Expr, names: Names, stmt: Stmt) -> list[Stmt]:
    """``xs`` bound to the list of its items but that at ``at``."""
    origin = stmt.origin
    if at == Const(0):
        return [Assign(xs, _part(xs, Const(1), NONE, NONE, stmt), origin)]
    if at == Const(-1):
        return [Assign(xs, _part(xs, NONE, Const(-1), NONE, stmt), origin)]
    before, after = names.fresh("before"), names.fresh("after")
    made: list[Stmt] = [Assign(before, _part(xs, NONE, at, NONE, stmt), origin)]
    match at:
        case Const(int() as k):
            made.append(Assign(after, _part(xs, Const(k + 1), NONE, NONE, stmt), origin))
        case _:  # may be -1, of which `at + 1` is the first
            rest = names.fresh("rest")
            made.append(Assign(rest, _part(xs, at, NONE, NONE, stmt), origin))
            made.append(Assign(after, _part(rest, Const(1), NONE, NONE, stmt), origin))
    return [*made, Assign(xs, List((Star(before), Star(after))), origin)]


def _without_part(xs: Var, part: Slice, names: Names, stmt: Stmt) -> list[Stmt]:
    """``xs`` bound to the list of its items but those of ``part``, which has no step."""
    origin = stmt.origin
    if part.stop == NONE:
        return [Assign(xs, _part(xs, NONE, part.start, NONE, stmt), origin)]
    if part.start == NONE:
        return [Assign(xs, _part(xs, part.stop, NONE, NONE, stmt), origin)]
    before, gone, rest, after = map(names.fresh, ("before", "gone", "rest", "after"))
    count = names.fresh("count")
    return [
        Assign(before, _part(xs, NONE, part.start, NONE, stmt), origin),
        Assign(gone, _part(xs, part.start, part.stop, NONE, stmt), origin),
        Assign(count, Call(LEN, (gone,), origin=origin), origin),
        Assign(rest, _part(xs, part.start, NONE, NONE, stmt), origin),
        Assign(after, _part(rest, count, NONE, NONE, stmt), origin),
        Assign(xs, List((Star(before), Star(after))), origin),
    ]


def _part(xs: Var, start: Expr, stop: Expr, step: Expr, stmt: Stmt) -> Call:
    return Call(GETITEM, (xs, Slice(start, stop, step)), origin=stmt.origin)
