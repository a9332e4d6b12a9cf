"""Trees of values for the tests: written apart from srcad's, so that neither vouches for itself.

A tree is a tuple, list, dict, namedtuple or dataclass of trees; all else is a leaf.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["copied", "is_float", "leaves", "paths", "same_structure", "tree_map"]


def _parts(tree: Any) -> list[tuple[str, Any]] | None:
    """The direct parts of ``tree``, each with the text that reaches it; ``None`` for a leaf."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return [(f".{name}", getattr(tree, name)) for name in tree._fields]
    if isinstance(tree, (tuple, list)):
        return [(f"[{i}]", part) for i, part in enumerate(tree)]
    if isinstance(tree, dict):
        return [(f"[{key!r}]", tree[key]) for key in sorted(tree)]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(f".{f.name}", getattr(tree, f.name)) for f in dataclasses.fields(tree)]
    return None


def paths(tree: Any) -> list[str]:
    """For each leaf, the text that reaches it from the tree: ``"[0].w['a']"``."""
    parts = _parts(tree)
    if parts is None:
        return [""]
    return [step + rest for step, part in parts for rest in paths(part)]


def leaves(tree: Any) -> list[Any]:
    """The leaves, in the order of `paths`."""
    parts = _parts(tree)
    return [tree] if parts is None else [leaf for _, part in parts for leaf in leaves(part)]


def tree_map(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """``f`` on the leaves of trees of one structure."""
    parts = _parts(tree)
    if parts is None:
        return f(tree, *others)
    siblings = [[part for _, part in _parts(other) or ()] for other in others]
    mapped = [tree_map(f, part, *(s[i] for s in siblings)) for i, (_, part) in enumerate(parts)]
    if isinstance(tree, dict):
        by_key = dict(zip(sorted(tree), mapped, strict=True))
        return {key: by_key[key] for key in tree}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*mapped)
    if isinstance(tree, (tuple, list)):
        return type(tree)(mapped)
    names = [f.name for f in dataclasses.fields(tree)]
    return dataclasses.replace(tree, **dict(zip(names, mapped, strict=True)))


def is_float(leaf: Any) -> bool:
    """Whether ``leaf`` is a real floating-point number or array."""
    return isinstance(leaf, float) or (
        isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind == "f"
    )


def copied(tree: Any) -> Any:
    """A copy that shares no array with ``tree``."""
    return tree_map(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, tree)


def same_structure(a: Any, b: Any) -> bool:
    """Whether both trees are built alike, of the same containers."""
    left, right = _parts(a), _parts(b)
    if left is None or right is None:
        return left is None and right is None
    return (
        type(a) is type(b)
        and [step for step, _ in left] == [step for step, _ in right]
        and all(same_structure(x, y) for (_, x), (_, y) in zip(left, right, strict=True))
    )
