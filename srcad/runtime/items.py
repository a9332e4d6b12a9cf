"""Items of arrays and containers: what a store passes on and what an item gains."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from srcad.kinds import ARRAY
from srcad.runtime.arrays import add_at
from srcad.runtime.trees import add_trees, zero_of

__all__ = [
    "add_item",
    "as_like",
    "check_apart",
    "check_number",
    "check_view",
    "columns",
    "order_of",
    "stored_bar",
    "with_item",
    "zeros_of_item",
]


def stored_bar(x_bar: Any, i: Any) -> Any:
    """The cotangent of what ``x[i] = v`` stored: of a place stored to twice, the last one has it.

    Examples
    --------
    >>> stored_bar(np.array([1.0, 2.0]), [0, 0, 1])
    array([0., 1., 2.])
    """
    item = x_bar[i]
    if not isinstance(item, np.ndarray):
        return item
    gained = cast("np.ndarray[Any, Any]", item)
    count = cast("np.ndarray[Any, Any]", np.arange(gained.size).reshape(gained.shape))
    last = np.zeros(np.shape(x_bar), dtype=count.dtype)
    last[i] = count
    return np.where(last[i] == count, gained, 0)


def columns(*rows: Any, strict: bool = False) -> tuple[Any, ...]:
    """What ``zip`` gives, all at once.

    Examples
    --------
    >>> columns((1, 2), (3, 4))
    ((1, 3), (2, 4))
    """
    return tuple(zip(*rows, strict=strict))


def add_item(x_bar: Any, i: Any, g: Any) -> Any:
    """``x_bar`` with ``g`` added to its item ``i``; arrays, lists and dicts are updated in place.

    Examples
    --------
    >>> add_item((1.0, 2.0), 1, 0.5)
    (1.0, 2.5)
    """
    if isinstance(x_bar, np.ndarray):
        add_at(x_bar, i, g)
        return cast("np.ndarray[Any, Any]", x_bar)
    if isinstance(x_bar, tuple):
        items = list(cast("tuple[Any, ...]", x_bar))
        items[i] = add_trees(items[i], g)
        return tuple(items)
    if isinstance(x_bar, float | np.number):
        return x_bar + np.sum(g)  # of a number, every item is the number itself
    x_bar[i] = add_trees(x_bar[i], g)
    return x_bar


def as_like(g: Any, x: Any) -> Any:
    """``g`` in the dtype, and as the kind of number or array, that ``x`` is.

    Of a container ``g`` may lack parts: keys of a dict, what is ``None`` elsewhere.

    Examples
    --------
    >>> as_like(2.0, np.float32(1.0)).dtype
    dtype('float32')
    """
    if g is None:
        return None
    if isinstance(x, np.ndarray):
        dtype = cast("np.ndarray[Any, Any]", x).dtype
        if np.iscomplexobj(g) and dtype.kind != "c":
            g = np.real(g)
        return np.asarray(g, dtype=dtype)
    if isinstance(x, np.generic):
        return cast("np.generic[Any]", x).dtype.type(g)
    if isinstance(x, float) and isinstance(g, complex | np.complexfloating):
        return np.real(cast("Any", g))
    if isinstance(x, dict):
        found = cast("dict[Any, Any]", x)
        return {k: as_like(g[k], v) for k, v in found.items() if k in g}
    if isinstance(x, tuple):
        items = cast("tuple[Any, ...]", x)
        made = (as_like(a, b) for a, b in zip(g, items, strict=True))
        return cast("Any", items)._make(made) if hasattr(items, "_fields") else tuple(made)
    if isinstance(x, list):
        entries = cast("list[Any]", x)
        if len(g) != len(entries):  # the list has been used up since
            return list(g)
        return [as_like(a, b) for a, b in zip(g, entries, strict=True)]
    return g


def check_view(view: Any, of: Any) -> None:
    """Raise unless ``view`` shares the memory of ``of``, as the generated code around it relies on.

    Raises
    ------
    MutationError
        If it is a copy: NumPy decides that by the layout of the array.

    Examples
    --------
    >>> x = np.zeros(4)
    >>> check_view(x.reshape(2, 2), x)
    """
    # A number that an index picks cannot be changed in place.
    if isinstance(view, ARRAY) and view.size and not np.shares_memory(view, of):
        from srcad.errors import MutationError

        raise MutationError(
            "an array that is changed in place was reshaped, and NumPy made a copy of it",
            why="the derivative was made for a view; the layout of this array does not allow one",
            instead="change the array itself by its indices, or a surely new one: `.copy()`",
        )


def with_item(xs: Any, i: Any, v: Any) -> Any:
    """The list or dict ``xs`` with ``v`` as its item ``i``, as a new one.

    Raises
    ------
    MutationError
        If ``xs`` turns out to be an array, whose views would see the change, or ``i`` a slice.

    Examples
    --------
    >>> with_item([1.0, 2.0], 0, 5.0), with_item({"a": 1.0}, "b", 2.0)
    ([5.0, 2.0], {'a': 1.0, 'b': 2.0})
    """
    if isinstance(xs, np.ndarray):
        raise array_update()
    if isinstance(i, slice):
        raise run_update()
    made = xs.copy()
    made[i] = v
    return made


def zeros_of_item(xs: Any, i: Any, like: Any) -> Any:
    """The zero cotangent of the item ``i`` of ``xs``, or of ``like`` where a dict has none.

    Examples
    --------
    >>> zeros_of_item([[1.0], []], 0, [1.0, 2.0]), zeros_of_item({}, "a", 1.5)
    ([0.0], 0.0)
    """
    has_none = isinstance(xs, dict) and i not in xs
    return zero_of(like if has_none else xs[i])


def order_of(keys: Any, reverse: bool) -> list[int]:
    """The places of ``keys`` in the order in which `sorted` puts them.

    Examples
    --------
    >>> order_of([2.0, 3.0, 1.0, 3.0], False), order_of([2.0, 3.0, 1.0, 3.0], True)
    ([2, 0, 1, 3], [1, 3, 0, 2])
    """
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def check_number(item: Any) -> None:
    """Raise if ``item`` is changed in place by ``+=``: the code around it makes a new one.

    Raises
    ------
    MutationError
        If it is an array, a list or a dict.

    Examples
    --------
    >>> check_number(1.5)
    """
    if isinstance(item, np.ndarray | list | dict):
        raise item_update()


def array_update(**where: Any) -> Exception:
    """The refusal of ``xs[i] = y`` for an array that was taken for a list."""
    from srcad.errors import MutationError

    return MutationError(
        "what is made of a list is an array here, and an item of it is assigned",
        why="the text was read as that of a list, of which there are no views",
        instead="make the list an array first: `np.array([...]) * x`",
        **where,
    )


def run_update(**where: Any) -> Exception:
    """The refusal of ``xs[cut] = ys`` for a list and a slice that has a name."""
    from srcad.errors import MutationError

    return MutationError(
        "a run of a list's items is assigned by a slice",
        why="the list may have more items afterwards, or fewer, and where each has come from is "
        "not tracked",
        instead="put a new list together: `[*xs[:i], *ys, *xs[j:]]`",
        **where,
    )


def item_update(**where: Any) -> Exception:
    """The refusal of ``xs[i] += y`` where the item itself is changed."""
    from srcad.errors import MutationError

    return MutationError(
        "an array that is an item of a list or dict is changed in place",
        why="`xs[i] += y` changes the array for everyone who holds it",
        instead="put a new array in its place: `xs[i] = xs[i] + y`",
        **where,
    )


def check_apart(result: Any, xs: Any) -> None:
    """Nothing: where it stands, the types must show that ``result`` does not hold ``xs``.

    Examples
    --------
    >>> check_apart(1.5, [1.0])
    """
