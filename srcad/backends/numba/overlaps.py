"""Where memory is shared, NumPy and Numba differ: what NumPy does is written out, or refused.

NumPy computes ``z += y`` as if ``y`` were read first, also where both are parts of one array. Numba
goes from item to item, and reads what it has just written. And ``a[1, ...]``, to NumPy a view of
one item, is to Numba a number.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any, Final

from srcad.analysis.memory import Memory, memory_of
from srcad.backends.numba.draft import Draft
from srcad.errors import SrcadError
from srcad.ir.nodes import Assign, AugAssign, Block, Call, Const, Function, Ref, Stmt, Tuple, Var
from srcad.ir.rebuild import map_blocks
from srcad.ir.refs import COPY
from srcad.ir.walk import mention_counts, statements, used
from srcad.transform.helpers import COPIED_TREE
from srcad.types.lattice import Array

__all__ = ["copy_overlapping"]

# Its signature is partly unknown to type checkers.
_GETITEM: Final[Any] = operator.getitem


def copy_overlapping(fn: Function, draft: Draft) -> Function:
    """Copy what an in-place operation reads of the array that it writes.

    Accepts and returns normal IR.

    Raises
    ------
    SrcadError
        Where a view of one item is read after its array was changed.
    """
    if not any(isinstance(s, AugAssign) for s in statements(fn)):
        return fn
    memory = memory_of(fn, draft.types)
    _check_views_of_items(fn, draft, memory)

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            match stmt:
                case AugAssign(Var() as obj, index, _, Var() as value) if not (
                    draft.is_number(value) or (index is None and value == obj)
                ):
                    if memory.objects(obj) & memory.objects(value):
                        t = draft.fresh("t", draft.type_of(value))
                        new.append(Assign(t, _copy(value, draft), stmt.origin))
                        stmt = replace(stmt, value=t)  # noqa: PLW2901
                case _:
                    pass
            new.append(map_blocks(stmt, block))
        return tuple(new)

    return replace(fn, body=block(fn.body))


def _copy(value: Var, draft: Draft) -> Call:
    if isinstance(draft.type_of(value), Array):
        return Call(COPY, (value,), spell=".copy")
    return Call(COPIED_TREE, (value,))  # Numba will know whether it is a number


def _check_views_of_items(fn: Function, draft: Draft, memory: Memory) -> None:
    mentions = mention_counts(fn.body)
    flat = statements(fn)
    for stmt, after in zip(flat, (*flat[1:], None), strict=True):
        match stmt:
            case Assign(Var() as item, Call(Ref(_, f), (Var() as array, Tuple(at)))) if (
                f is _GETITEM and Const(Ellipsis) in at
            ):
                picks_one = all(e == Const(Ellipsis) or draft.is_number(e) for e in at)
                read_at_once = after is not None and item in used(after) and mentions[item] == 2
                if not picks_one or read_at_once or not memory.objects(array) & memory.mutated:
                    continue
                raise SrcadError(
                    f"Numba makes a number of the view `{item.base}`",
                    source=fn.source,
                    origin=stmt.origin,
                    why=f"`{array.base}` is changed in place, which NumPy's view would show",
                    instead=f"read the item where it is needed: `{array.base}[i]`",
                )
            case _:
                pass
