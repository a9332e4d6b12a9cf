"""Lists that ``append`` and ``pop`` change: each must have one name, and be the function's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from srcad.analysis.effects import calls_in
from srcad.analysis.lifetimes import Outline, untouched_after
from srcad.analysis.mutations import refusal
from srcad.analysis.sharing import Link
from srcad.ir.naming import is_nameless
from srcad.ir.nodes import (
    Assign,
    Call,
    Const,
    Dict,
    Do,
    For,
    List,
    Ref,
    Star,
    Stmt,
    Tuple,
    Unpack,
    Var,
)
from srcad.ir.refs import APPEND, GETATTR, GETITEM, LIST_APPEND, LIST_POP
from srcad.ir.walk import statements, used, variables
from srcad.types.lattice import FixedList, ListOf, Type

__all__ = ["check_lists"]


def check_lists(
    outline: Outline,
    types: Mapping[Var, Type],
    links: Sequence[Link],
    changed: AbstractSet[Var],
) -> None:
    """Raise a `MutationError` unless all ``changed`` lists are such lists."""
    for link in links:
        t = types.get(link.target)
        if link.kind != "copy" or not isinstance(t, (ListOf, FixedList)):
            continue
        if _is_just_made(outline, link):
            continue
        if not all(_stays(outline, link, xs) for xs in (link.origin, link.target) if xs in changed):
            second = "" if is_nameless(link.target) else f", `{link.target.base}`,"
            raise refusal(
                outline.fn,
                f"the list `{link.origin.base}` has a second name{second} and is changed",
                link.stmt,
                "a change through one name shows through the other",
                "copy the list: `list(xs)`",
            )
    for link in links:
        if link.kind == "held" and _is_item(link, types, changed) and not _kept(outline, link):
            inner = link.origin if link.origin in changed else link.target
            what = "a list" if is_nameless(inner) else f"the list `{inner.base}`"
            raise refusal(
                outline.fn,
                f"{what} is an item of a container, and is changed",
                link.stmt,
                "a change of the list shows through the container",
                "put it in when it is full, or a copy; take a copy out: `list(xs)`",
            )
    for var in changed & outline.params:
        raise refusal(
            outline.fn,
            f"the list `{var.base}` is an argument and is changed in place",
            None,
            "the caller's list must stay as it is",
            f"copy it first: `{var.base} = list({var.base})`",
        )


def _is_item(link: Link, types: Mapping[Var, Type], changed: AbstractSet[Var]) -> bool:
    """Whether a changed list is put into a container, or read out of one."""
    match link.stmt:
        case Assign(_, (Tuple() | List()) as made) if all(
            link.origin not in variables(item) or item == Star(link.origin) for item in made.items
        ):
            return False  # only its items are put in
        case Assign(_, Tuple() | List() | Dict()) | Do():
            return link.origin in changed and _is_list(link.origin, types)
        case Assign(_, Call() as call) if _makes_object(call):
            return link.origin in changed and _is_list(link.origin, types)
        case Assign(_, Call(fn, (_, Const() | Var()))) if fn in (GETITEM, GETATTR):
            return link.target in changed and _is_list(link.target, types)
        case For() | Unpack(_, Var()):
            return link.target in changed and _is_list(link.target, types)
        case _:
            return False


def _is_just_made(outline: Outline, link: Link) -> bool:
    """Whether a list gets its one name, as what a comprehension makes: till then it only grew."""
    made = outline.defs.get(link.origin, ())
    return (
        link.origin not in outline.params
        and bool(made)
        and all(isinstance(d, Assign) and isinstance(d.value, List) for d in made)
        and all(
            s is link.stmt or link.origin not in used(s) or _grows(s, link.origin)
            for s in statements(outline.fn)
        )
        and _stays(outline, link, link.origin)
    )


def _grows(stmt: Stmt, xs: Var) -> bool:
    match stmt:
        case Do(Call(fn, (list_, item))) if fn == APPEND:
            return list_ == xs and xs not in variables(item)
        case _:
            return False


def _kept(outline: Outline, link: Link) -> bool:
    """Whether a list is put into a container and not changed any more."""
    match link.stmt:
        case Do(Call(_, (xs, _))) if xs == link.origin:
            return False  # into itself
        case Do() | Assign(_, Tuple() | List() | Dict()):
            return _stays(outline, link, link.origin)
        case Assign(_, Call() as call) if _makes_object(call):
            return _stays(outline, link, link.origin)
        case _:
            return False


def _makes_object(call: Call) -> bool:
    """Whether ``call`` makes an object of a class, which holds what it is given."""
    cls = call.fn.value if isinstance(call.fn, Ref) else None
    return isinstance(cls, type) and cls.__module__ != "builtins"


def _is_list(var: Var, types: Mapping[Var, Type]) -> bool:
    return isinstance(types.get(var), (ListOf, FixedList))


def _stays(outline: Outline, link: Link, xs: Var) -> bool:
    """Whether what has the name ``xs``, one of the two of ``link``, is not changed any more."""
    changes = {
        id(s)
        for s in statements(outline.fn)
        for call in calls_in(s)
        if isinstance(call.fn, Ref)
        and call.fn.value in (LIST_APPEND, LIST_POP)
        and call.args[0] == xs
    }
    return untouched_after(outline, link.stmt, {xs}, changes)
