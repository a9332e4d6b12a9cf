"""Trees of values: tuples, lists, dicts, namedtuples and dataclasses, nested as one likes.

A thin layer over `optree`. Dataclasses are opened here, one instance at a time, because registering
their classes with `optree` would keep those classes alive for ever.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, cast

from srcad.kinds import holds_plainly, is_container
from srcad.runtime.records import with_fields

__all__ = ["Structure", "difference", "flatten", "leaves_with_paths", "tree_map"]

NAMESPACE = "srcad"


def _optree() -> Any:
    # Imported when first needed: a program of numbers and arrays alone never pays for it.
    return importlib.import_module("optree")


@dataclass(frozen=True, slots=True)
class Structure:
    """The shape of a tree: what is left of it when its leaves are taken out.

    Parameters
    ----------
    spec : optree.PyTreeSpec
        The part that `optree` knows.
    opened : tuple
        For each leaf of ``spec`` that is a dataclass instance: its position, the instance and the
        structures of its fields.
    size : int
        The number of leaves.
    """

    spec: Any
    opened: tuple[tuple[int, Any, tuple[Structure, ...]], ...]
    size: int

    def unflatten(self, leaves: list[Any]) -> Any:
        """The tree of this structure with ``leaves``, which are in the order of `flatten`."""
        if len(leaves) != self.size:
            raise ValueError(f"{self.size} leaves wanted, {len(leaves)} given")
        if not self.opened:
            return _optree().tree_unflatten(self.spec, leaves)
        inside = {at: (value, parts) for at, value, parts in self.opened}
        outer: list[Any] = []
        start = 0
        for at in range(self.spec.num_leaves):
            if at not in inside:
                outer.append(leaves[start])
                start += 1
                continue
            value, parts = inside[at]
            named: dict[str, Any] = {}
            for field, part in zip(_fields(value), parts, strict=True):
                named[field] = part.unflatten(leaves[start : start + part.size])
                start += part.size
            outer.append(with_fields(value, named))
        return _optree().tree_unflatten(self.spec, outer)


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of ``tree``, and its structure; ``None`` is a leaf.

    Parameters
    ----------
    tree : object
        Nested tuples, lists, dicts, namedtuples and dataclasses. A dict's leaves come in the order
        of its sorted keys.

    Returns
    -------
    leaves : list
    structure : Structure

    Examples
    --------
    >>> leaves, structure = flatten({"a": (1.0, [2.0]), "b": 3.0})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> structure.unflatten([4.0, 5.0, 6.0])
    {'a': (4.0, [5.0]), 'b': 6.0}
    """
    outer, spec = _optree().tree_flatten(tree, none_is_leaf=True, namespace=NAMESPACE)
    if not any(map(_is_record, outer)):
        return outer, Structure(spec, (), len(outer))
    leaves: list[Any] = []
    opened: list[tuple[int, Any, tuple[Structure, ...]]] = []
    for at, leaf in enumerate(outer):
        if not _is_record(leaf):
            leaves.append(leaf)
            continue
        parts: list[Structure] = []
        for field in _fields(leaf):
            inner, structure = flatten(getattr(leaf, field))
            leaves += inner
            parts.append(structure)
        opened.append((at, leaf, tuple(parts)))
    return leaves, Structure(spec, tuple(opened), len(leaves))


def tree_map(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree of ``f(leaf, ...)``; ``others`` have the structure of ``tree``.

    Examples
    --------
    >>> tree_map(lambda x, y: x + y, [1.0, (2.0,)], [3.0, (4.0,)])
    [4.0, (6.0,)]
    """
    leaves, structure = flatten(tree)
    rest = [flatten(other)[0] for other in others]
    return structure.unflatten([f(*xs) for xs in zip(leaves, *rest, strict=True)])


def leaves_with_paths(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each leaf of ``tree`` with the expression that reaches it from a variable called ``name``.

    Examples
    --------
    >>> list(leaves_with_paths({"w": [1.0, 2.0]}, "p"))
    [('p["w"][0]', 1.0), ('p["w"][1]', 2.0)]
    """
    inner = _children(tree)
    if inner is None:
        yield name, tree
        return
    for step, child in inner:
        yield from leaves_with_paths(child, name + step)


def difference(wanted: Any, given: Any, name: str) -> str:
    """Where the structure of ``given`` first departs from that of ``wanted``; empty if nowhere.

    Examples
    --------
    >>> difference((1.0, [2.0]), (1.0, [2.0, 3.0]), "t")
    't[1] should be a list of length 1, not a list of length 2'
    >>> difference(1.0, 2.0, "t")
    ''
    """
    inner, other = _children(wanted), _children(given)
    if inner is None and other is None:
        return ""
    if inner is None or other is None or type(wanted) is not type(given):
        return f"{name} should be {_kind(wanted)}, not {_kind(given)}"
    steps, others = dict(inner), dict(other)
    if steps.keys() != others.keys():
        return f"{name} should be {_kind(wanted)}, not {_kind(given)}"
    for step, child in inner:
        found = difference(child, others[step], name + step)
        if found:
            return found
    return ""


def _children(tree: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container with the text that reaches each, or ``None`` for a leaf."""
    match tree:
        case tuple() | list() | dict() if not is_container(tree):
            return None
        case tuple() if _names(tree):
            names = _names(tree)
            return [(f".{n}", x) for n, x in zip(names, cast("tuple[Any, ...]", tree), strict=True)]
        case tuple() | list():
            return [(f"[{i}]", x) for i, x in enumerate(cast("list[Any]", tree))]
        case dict():
            items = cast("Mapping[Any, Any]", tree).items()
            return [(f"[{_key(k)}]", x) for k, x in items]
        case _ if _is_record(tree):
            return [(f".{n}", getattr(tree, n)) for n in _fields(tree)]
        case _:
            return None


def _names(tree: Any) -> tuple[str, ...]:
    """The fields of a namedtuple; none for anything else."""
    return getattr(tree, "_fields", ())


def _key(key: object) -> str:
    if not isinstance(key, str):
        return repr(key)
    quoted = repr(key)
    return f'"{key}"' if quoted[0] == "'" and '"' not in quoted else quoted


def _kind(tree: Any) -> str:
    name = type(tree).__name__
    article = "an" if name[0].lower() in "aeiou" or name == "ndarray" else "a"
    match tree:
        case None:
            return "None"
        case dict():
            keys = ", ".join(map(_key, cast("dict[Any, Any]", tree)))
            return f"a dict with the keys {keys}" if keys else "an empty dict"
        case tuple() | list() if not _names(tree):
            return f"{article} {name} of length {len(cast('list[Any]', tree))}"
        case _:
            return f"{article} {name}"


def _is_record(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type) and holds_plainly(type(value))


def _fields(value: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(value))
