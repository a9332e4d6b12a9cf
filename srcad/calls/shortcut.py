"""The short way of a call on numbers and arrays: one plain function that only does what must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from srcad.calls.compose import define
from srcad.calls.guards import MISSING
from srcad.kinds import NUMBERS

__all__ = ["Form", "likes_of", "shortcut"]


@dataclass(frozen=True, slots=True)
class Form:
    """What the text of a short way depends on.

    Parameters
    ----------
    arrays : tuple of bool
        For each argument, whether it is an array; else it is a number.
    wrt : tuple of int
        The arguments that the gradients belong to: floats, and arrays.
    bare : bool
        Whether the caller gets a single gradient, and not a tuple of it.
    value : bool
        Whether the value of the function comes before its gradients.
    functions, names : int
        How many functions and how many globals are watched.
    others : bool
        Whether anything else is.
    counting : tuple of int
        The ints that count by their value.
    """

    arrays: tuple[bool, ...]
    wrt: tuple[int, ...]
    bare: bool = True
    value: bool = False
    functions: int = 1
    names: int = 0
    others: bool = False
    counting: tuple[int, ...] = ()


def likes_of(params: tuple[Any, ...], wrt: tuple[int, ...]) -> tuple[Any, ...] | None:
    """What ``params`` must be like on the short way; ``None`` if there is none for them.

    Returns
    -------
    tuple or None
        The class of each number, the dtype and the shape of each array.

    Examples
    --------
    >>> likes_of((1.0, 2), (0,)), likes_of((1.0, 2), (1,))
    ((<class 'float'>, <class 'int'>), None)
    """
    likes: list[Any] = []
    for at, value in enumerate(params):
        cls = type(value)  # pyright: ignore[reportUnknownVariableType] - of a value of any type
        if cls is np.ndarray:
            likes.append((value.dtype, value.shape))
        elif cls is float or (cls in NUMBERS and at not in wrt):
            likes.append(cls)
        else:
            return None
    return tuple(likes)


@lru_cache(maxsize=128)
def shortcut(form: Form) -> Callable[..., Any]:
    """What makes the short way of a derivative.

    It is written out for its arguments, results and guards, since loops over them take longer than
    all the rest.

    Returns
    -------
    callable
        ``make(likes, counts, functions, names, holds, call, explain, finish)`` returns a function
        of the arguments of a call, by position and by name. It returns ``None`` where the long way
        must be taken, before it calls anything: for arguments that are not like ``likes``, those of
        `likes_of`, for ints that are not ``counts``, or if a guard does not hold. Else the
        gradients, as ``finish(out, args)`` makes them of the result of ``call`` if they are not
        plainly like their arguments and nobody else's; what it raises is given to ``explain``. The
        guards are as in `srcad.derivatives.entry.Entry`.

    Examples
    --------
    >>> def f(x, y): ...
    >>> own = f, f.__code__, f.__defaults__
    >>> make = shortcut(Form((False, False), (0,)))
    >>> short = make((float, float), (), [own], [], None, lambda x, y: x + y, None, None)
    >>> short((1.0, 2.0), {}), short((1.0, 2), {}), short((1.0,), {"y": 2.0})
    (3.0, None, None)
    """
    head: list[str] = []
    changed: list[str] = []
    for i, array in enumerate(form.arrays):
        if array:
            head.append(f"dtype{i}, shape{i} = likes[{i}]")
            changed.append(f"type(x{i}) is not ndarray")
            changed += [f"x{i}.dtype is not dtype{i}", f"x{i}.shape != shape{i}"]
        else:
            head.append(f"class{i} = likes[{i}]")
            changed.append(f"type(x{i}) is not class{i}")
    for at, i in enumerate(form.counting):
        head.append(f"count{i} = counts[{at}]")
        changed.append(f"x{i} != count{i}")
    for i in range(form.functions):
        head.append(f"f{i}, code{i}, defaults{i} = functions[{i}]")
        changed += [f"f{i}.__code__ is not code{i}", f"f{i}.__defaults__ is not defaults{i}"]
    for i in range(form.names):
        head += [f"space{i}, name{i}, value{i} = names[{i}]", f"get{i} = space{i}.get"]
        changed.append(f"get{i}(name{i}, missing) is not value{i}")
    changed += ["not holds()"] * form.others

    taken = "".join(f"x{i}, " for i in range(len(form.arrays)))
    grads = [f"g{i}" for i in form.wrt]
    found = wanted = f"({', '.join(grads)})"
    if len(grads) == 1:
        found, wanted = grads[0], grads[0] if form.bare else f"({grads[0]},)"
    if form.value:
        found, wanted = f"value, {found}", f"value, {wanted}"
    result = "out" if found == wanted else wanted
    text = f"""\
def make(likes, counts, functions, names, holds, call, explain, finish):
    {_lines(head, "", 4)}

    def short(args, kwargs):
        try:
            ({taken}) = args
        except ValueError:
            return None
        if kwargs or (
            {_lines(changed, "or ", 12)}
        ):
            return None
        try:
            out = call({taken})
        except BaseException as error:
            explain(error)
            raise
        {found} = out
        if (
            {_lines(_plain(form), "and ", 12)}
        ):
            return {result}
        return finish(out, args)

    return short
"""
    return define("make", text, {"missing": MISSING, "ndarray": np.ndarray})


def _lines(parts: list[str], link: str, indent: int) -> str:
    return f"\n{' ' * indent}{link}".join(parts)


def _plain(form: Form) -> list[str]:
    """Conditions for gradients like their arguments, in memory that nobody else holds."""
    conditions: list[str] = []
    taken = [f"x{i}" for i, array in enumerate(form.arrays) if array]
    for i in form.wrt:
        if not form.arrays[i]:
            conditions.append(f"isinstance(g{i}, float)")
            continue
        conditions += [f"type(g{i}) is ndarray", f"g{i}.base is None"]
        conditions += [f"g{i}.dtype is dtype{i}", f"g{i}.shape == shape{i}"]
        conditions += [f"g{i} is not {other}" for other in taken]
        taken.append(f"g{i}")
    return conditions
