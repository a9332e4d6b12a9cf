"""The functions of `srcad.runtime` that derivatives call."""

from __future__ import annotations

from typing import Final

from srcad import runtime
from srcad.ir.nodes import Call, Expr, Ref
from srcad.runtime.records import is_plainly_made

__all__ = [
    "ADD_AT_ANY",
    "ADD_ITEM",
    "ADD_TREES",
    "AS_LIKE",
    "BROADCAST_LIKE",
    "CHECK_VIEW",
    "COPIED_TREE",
    "NEW_LISTS",
    "STORED_BAR",
    "STRIDED_LIKE",
    "UNBROADCAST",
    "ZEROS_OF_ITEM",
    "ZEROS_TREE",
    "ZERO_OF",
    "record",
]

ADD_AT_ANY: Final = Ref("add_at", runtime.add_at)
ADD_ITEM: Final = Ref("add_item", runtime.add_item)
ADD_TREES: Final = Ref("add_trees", runtime.add_trees)
AS_LIKE: Final = Ref("as_like", runtime.as_like)
BROADCAST_LIKE: Final = Ref("broadcast_like", runtime.broadcast_like)
CHECK_VIEW: Final = Ref("check_view", runtime.check_view)
COPIED_TREE: Final = Ref("copied_tree", runtime.copied_tree)
NEW_LISTS: Final = (Ref("sum_bars", runtime.sum_bars), Ref("unstack", runtime.unstack))
"""Those that return lists which nobody else holds."""

STORED_BAR: Final = Ref("stored_bar", runtime.stored_bar)
STRIDED_LIKE: Final = Ref("strided_like", runtime.strided_like)
UNBROADCAST: Final = Ref("unbroadcast", runtime.unbroadcast)
ZERO_OF: Final = Ref("zero_of", runtime.zero_of)
ZEROS_OF_ITEM: Final = Ref("zeros_of_item", runtime.zeros_of_item)
ZEROS_TREE: Final = Ref("zeros_like_tree", runtime.zeros_like_tree)


def record(cls: type, fields: tuple[tuple[str, Expr], ...]) -> Call:
    """The call that makes a dataclass or named tuple of just these fields."""
    made = Ref(cls.__name__, cls)
    if is_plainly_made(cls):
        return Call(made, (), fields)
    return Call(Ref("record_of", runtime.record_of), (made,), fields)
