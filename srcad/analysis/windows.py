"""How long ``x[i:i + m]`` is, where ``i`` counts the places at which that lies inside ``x``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from srcad.types.lattice import Derived, Dim, Sym

__all__ = ["Limits", "window"]

_ONE = 1
_Sum = Counter[Dim]
"""A sum of multiples of extents and ints, by name; that of `_ONE` is a plain number."""


@dataclass(frozen=True, slots=True)
class Limits:
    """An int is ``least`` or more, and less than ``end``."""

    least: Dim
    end: Dim


def window(extent: Dim, limits: Mapping[Dim, Limits]) -> Dim:
    """``m`` for the ``extent`` of a slice that takes just so many; else ``extent`` itself.

    Parameters
    ----------
    extent : Dim
        What `srcad.types.layouts.sliced` finds.
    limits : Mapping
        Those of the ints that loops count.

    Examples
    --------
    >>> n, m, i = Sym(0), Sym(1), Derived("named", (0,))
    >>> counted = {i: Limits(0, Derived("add", (Derived("sub", (n, m)), 1)))}
    >>> window(Derived("cut", (n, i, Derived("add", (i, m)), 1)), counted) == m
    True
    >>> shorter = Derived("cut", (Sym(0, 1), i, Derived("add", (i, m)), 1))
    >>> window(shorter, counted) == shorter
    True
    """
    match extent:
        case Derived("cut", (whole, start, stop, 1)) if start is not None and stop is not None:
            pass
        case _:
            return extent
    first, end, length = _sum(start), _sum(stop), _sum(stop)
    length.subtract(first)
    behind = _sum(whole)
    behind.subtract(end)
    found = _named(length)
    inside = all(_is_never_negative(s, limits) for s in (first, behind, length))
    return found if found is not None and inside else extent


def _sum(dim: Dim) -> _Sum:
    match dim:
        case int():
            return Counter({_ONE: dim})
        case Sym(id, minus):
            # Where nothing is left, it is more than this: what fits in this fits in it.
            return Counter({Sym(id): 1, _ONE: -minus})
        case Derived("add", (a, b)):
            left = _sum(a)
            left.update(_sum(b))
            return left
        case Derived("sub", (a, b)):
            left = _sum(a)
            left.subtract(_sum(b))
            return left
        case Derived("mul", ((int() as factor, other) | (other, int() as factor))):
            return Counter({name: n * factor for name, n in _sum(other).items()})
        case _:
            return Counter({dim: 1})


def _named(total: _Sum) -> Dim:
    """The one extent, or the number, that ``total`` is, if it is one."""
    names = [name for name, n in total.items() if n and name != _ONE]
    more = total[_ONE]
    match names:
        case []:
            return more
        case [Sym(id) as name] if total[name] == 1 and more >= 0:
            return Sym(id, -more)
        case [name] if total[name] == 1 and not more:
            return name
        case _:
            return None


def _is_never_negative(total: _Sum, limits: Mapping[Dim, Limits]) -> bool:
    """Whether the least value of ``total``, by the ``limits`` of what it sums, is not negative."""
    least = Counter({name: n for name, n in total.items() if n})
    for name in [name for name in least if name in limits]:
        n = least.pop(name)
        bound = _sum(limits[name].least)
        if n < 0:
            bound = _sum(limits[name].end)
            bound[_ONE] -= 1
        least.update({other: n * m for other, m in bound.items()})
    return all(n >= 0 and (name == _ONE or isinstance(name, Sym)) for name, n in least.items() if n)
