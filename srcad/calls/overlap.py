"""Refusal of arguments that share memory, for a function that changes one of them in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.calls.trees import leaves_with_paths
from srcad.errors import MutationError
from srcad.kinds import ARRAY, PLAIN
from srcad.signature import Callee, place_of

if TYPE_CHECKING:
    from srcad.types.lattice import Type

__all__ = ["check_apart", "may_meet"]


def may_meet(types: tuple[Type, ...], outside: tuple[Any, ...]) -> bool:
    """Whether arguments of these types may share memory with each other, or with what is outside.

    Numbers, and one array beside them, never do: their calls need not be looked at.

    Examples
    --------
    >>> from srcad.types.lattice import FLOAT, INT, Array
    >>> vector = Array(np.dtype(float), (None,))
    >>> may_meet((vector, INT), ()), may_meet((vector, vector), ())
    (False, True)
    """
    from srcad.types.lattice import Array, Scalar

    arrays = [t for t in types if not isinstance(t, Scalar)]
    if len(arrays) > 1 or not all(isinstance(t, Array) for t in arrays):
        return True
    return any(isinstance(value, (ARRAY, list, tuple, dict)) for value in outside)


def check_apart(
    callee: Callee,
    params: tuple[Any, ...],
    mutates: tuple[int, ...],
    outside: tuple[Any, ...],
    verb: str,
) -> None:
    """Refuse memory that a mutated argument shares with another argument or a captured array.

    A derivative works on a copy of what the function changes in place, and in the copy the other
    name would not see the change.

    Parameters
    ----------
    callee : Callee
    params : tuple
        The values of all parameters.
    mutates : tuple of int
        The places of those that the function mutates.
    outside : tuple
        What the function reads from outside.
    verb : str

    Raises
    ------
    MutationError
    """
    if _are_apart(params, mutates, outside):
        return
    names = [p.name for p in callee.parameters]
    arrays = [
        (at, path, leaf)
        for at, value in enumerate(params)
        for path, leaf in leaves_with_paths(value, names[at])
        if isinstance(leaf, ARRAY)
    ]
    captured = [
        (-1, "an array from outside", leaf)
        for value in outside
        if isinstance(value, (ARRAY, list, tuple, dict))
        for _, leaf in leaves_with_paths(value, "")
        if isinstance(leaf, ARRAY)
    ]
    for i, (at, path, array) in enumerate(arrays):
        for j, (place, other, array_too) in enumerate([*arrays, *captured]):
            # A pair of two mutated arguments is met twice, any other once.
            if at not in mutates or i == j or not _overlap(array, array_too):
                continue
            shown = f"`{other}`" if place >= 0 else other
            raise MutationError(
                f"{verb}: `{path}` and {shown} share memory, and `{callee.name}` changes"
                f" `{path}` in place",
                **place_of(callee.fn),
                why="the derivative works on a copy of what is changed, so the other name would"
                " not see the change",
                instead=f"pass a copy: {path}.copy()",
            )


def _are_apart(params: tuple[Any, ...], mutates: tuple[int, ...], outside: tuple[Any, ...]) -> bool:
    """Whether numbers and arrays lie so that no closer look is needed."""
    arrays: list[tuple[int, Any]] = []
    for at, value in enumerate(params):
        if type(value) is ARRAY:
            arrays.append((at, value))
        elif type(value) not in PLAIN:
            return False
    for at, value in arrays:
        if at in mutates:
            for other, array in arrays:
                if other != at and np.may_share_memory(value, array):
                    return False
    return not any(isinstance(value, (ARRAY, list, tuple, dict)) for value in outside)


def _overlap(a: Any, b: Any) -> bool:
    return np.may_share_memory(a, b) and np.shares_memory(a, b)
