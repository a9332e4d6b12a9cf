"""The short way of a call on floats: one plain function with nothing in it but what must be."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from srcad.compose import define
from srcad.generation import MISSING

__all__ = ["shortcut"]


@lru_cache(maxsize=128)
def shortcut(
    count: int,
    gradients: int,
    *,
    bare: bool,
    value: bool,
    functions: int = 1,
    names: int = 0,
    others: bool = False,
) -> Callable[..., Any]:
    """What makes the short way of a derivative.

    It is written out for its numbers of arguments, results and guards, since loops over them take
    longer than all the rest.

    Parameters
    ----------
    count : int
        How many arguments there are.
    gradients : int
        How many gradients the generated function returns.
    bare : bool
        Whether the caller gets a single gradient, and not a tuple of it.
    value : bool
        Whether the value of the function comes before its gradients.
    functions, names : int
        How many functions and how many globals are watched.
    others : bool
        Whether anything else is.

    Returns
    -------
    callable
        ``make(functions, names, holds, call, explain, finish)`` returns a function of ``count``
        arguments. It returns ``None`` where the long way must be taken, before it calls anything:
        for other arguments than floats, or if a guard does not hold. Else the gradients, as
        ``finish(out, args)`` makes them of the result of ``call`` if they are not floats; what it
        raises is given to ``explain``. The guards are as in `srcad.derivative.Entry`.

    Examples
    --------
    >>> def f(x, y): ...
    >>> own = f, f.__code__, f.__defaults__
    >>> make = shortcut(2, 1, bare=True, value=False)
    >>> short = make([own], [], None, lambda x, y: x + y, None, None)
    >>> short(1.0, 2.0), short(1.0, 2)
    (3.0, None)
    """
    taken = ", ".join(f"x{i}" for i in range(count))
    given = f"({taken},)" if count == 1 else f"({taken})"
    lines: list[str] = []
    changed = [f"type(x{i}) is not float" for i in range(count)]
    for i in range(functions):
        lines.append(f"f{i}, code{i}, defaults{i} = functions[{i}]")
        changed += [f"f{i}.__code__ is not code{i}", f"f{i}.__defaults__ is not defaults{i}"]
    for i in range(names):
        lines += [f"space{i}, name{i}, value{i} = names[{i}]", f"get{i} = space{i}.get"]
        changed.append(f"get{i}(name{i}, missing) is not value{i}")
    changed += ["not holds()"] * others
    grads = [f"g{i}" for i in range(gradients)]
    found = wanted = f"({', '.join(grads)})"
    if gradients == 1:
        found, wanted = grads[0], grads[0] if bare else f"({grads[0]},)"
    if value:
        found, wanted = f"value, {found}", f"value, {wanted}"
    result = "out" if found == wanted else wanted
    unless = "\n            or ".join(changed)
    floats = " and ".join(f"isinstance({g}, float)" for g in grads)
    text = f"""\
def make(functions, names, holds, call, explain, finish):
    {"; ".join(lines)}

    def short({taken}):
        if (
            {unless}
        ):
            return None
        try:
            out = call({taken})
        except BaseException as error:
            explain(error)
            raise
        {found} = out
        return {result} if {floats} else finish(out, {given})

    return short
"""
    return define("make", text, {"missing": MISSING})
