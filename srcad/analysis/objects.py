"""Abstract objects that may turn out to be one: a union-find forest, with parts.

An array and its views are one object. A container is an object with *parts*: one for each position
while it is only built and taken apart by constant positions (tuples), one for all otherwise
(lists). Where two objects are unified, so are their parts.
"""

from __future__ import annotations

from typing import Final

__all__ = ["EVERY", "Object", "collapse", "find", "part", "reachable", "unify"]

EVERY: Final = -1
"""The part that stands for all items of a container."""


class Object:
    """An abstract object; its parts are other such objects."""

    __slots__ = ("parent", "parts", "rank")

    def __init__(self) -> None:
        self.parent: Object | None = None
        self.parts: dict[int, Object] = {}
        self.rank = 0


def find(obj: Object) -> Object:
    """The object that stands for all that were unified with ``obj``."""
    while (parent := obj.parent) is not None:
        if parent.parent is not None:
            obj.parent = parent.parent
        obj = parent
    return obj


def unify(a: Object, b: Object) -> None:
    """Make ``a`` and ``b`` one object, and so their parts."""
    todo = [(a, b)]
    while todo:
        x, y = map(find, todo.pop())
        if x is y:
            continue
        if x.rank < y.rank:
            x, y = y, x
        x.rank += x.rank == y.rank
        y.parent = x
        parts, y.parts = y.parts, {}
        if EVERY in parts or EVERY in x.parts:
            every = x.parts.get(EVERY) or parts[EVERY]
            todo.extend((every, p) for p in (*parts.values(), *x.parts.values()))
            x.parts = {EVERY: every}
            continue
        for i, inner in parts.items():
            if i in x.parts:
                todo.append((x.parts[i], inner))
            else:
                x.parts[i] = inner


def part(obj: Object, i: int) -> Object:
    """The object at position ``i`` of ``obj``, or of any position if ``i`` is `EVERY`."""
    obj = find(obj)
    if EVERY in obj.parts:
        return obj.parts[EVERY]
    if i == EVERY:
        every = Object()
        parts = obj.parts
        obj.parts = {EVERY: every}
        for inner in parts.values():
            unify(every, inner)
        return every
    if i not in obj.parts:
        obj.parts[i] = Object()
    return obj.parts[i]


def collapse(obj: Object) -> None:
    """Make one object of ``obj`` and of all that it holds."""
    for inner in reachable(obj):
        unify(obj, inner)
    unify(obj, part(obj, EVERY))


def reachable(obj: Object) -> list[Object]:
    """``obj`` and all objects inside it, as representatives."""
    found: dict[int, Object] = {}
    todo = [obj]
    while todo:
        x = find(todo.pop())
        if id(x) not in found:
            found[id(x)] = x
            todo.extend(x.parts.values())
    return list(found.values())
