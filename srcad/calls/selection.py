"""``argnums``: which arguments of a call are differentiated."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import Any

from srcad.errors import ArgumentError
from srcad.kinds import SEQUENCE
from srcad.signature import Callee, place_of

__all__ = ["Argnums", "Selection", "check_argnums", "select"]

Argnums = int | str | tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which parameters are differentiated, and how the caller wants to see it.

    Parameters
    ----------
    wrt : tuple of int
        The places of the parameters of the function, each once.
    picks : tuple of (int, int | str | None)
        For each of the caller's ``argnums`` a place in ``wrt``, and what is picked out of that
        parameter: an item of ``*args``, a key of ``**kwargs``, or all of it.
    labels : tuple of str
        What each is called in a message.
    bare : bool
        Whether one gradient is wanted, and not a tuple of them.
    """

    wrt: tuple[int, ...]
    picks: tuple[tuple[int, int | str | None], ...]
    labels: tuple[str, ...]
    bare: bool

    @property
    def is_direct(self) -> bool:
        """Whether the picks are the differentiated parameters themselves, in order."""
        return self.picks == tuple((i, None) for i in range(len(self.wrt)))

    def several(self, made: Any) -> tuple[Any, ...]:
        """One result for each place in ``wrt``: generated code returns a single one bare."""
        return (made,) if len(self.wrt) == 1 else made

    def pick(self, per_parameter: tuple[Any, ...] | list[Any]) -> list[Any]:
        """What the caller chose, out of one value for each place in ``wrt``."""
        return [
            per_parameter[at] if item is None else per_parameter[at][item]
            for at, item in self.picks
        ]

    def arrange(self, chosen: list[Any]) -> Any:
        """``chosen``, one for each of ``argnums``, as the caller wants it."""
        return chosen[0] if self.bare else tuple(chosen)


def check_argnums(argnums: Any, verb: str) -> Argnums:
    """``argnums``, if it can be one for some function; a list becomes a tuple.

    Raises
    ------
    ArgumentError
        If it is of another type, or empty.
    """
    many: tuple[Any, ...] = tuple(argnums) if isinstance(argnums, SEQUENCE) else (argnums,)
    for one in many:
        if not _can_choose(one):
            raise ArgumentError(
                f"{verb}: argnums cannot be {one!r}",
                why="an argument is chosen by its position or its name",
                instead="argnums=0, argnums=(0, 2) or argnums='x'",
            )
    if not many:
        raise ArgumentError(
            f"{verb}: argnums is empty, so nothing is differentiated",
            instead="argnums=0, argnums=(0, 2) or argnums='x'",
        )
    plain = tuple(one if isinstance(one, str) else index(one) for one in many)
    return plain if type(argnums) in (tuple, list) else plain[0]


def _can_choose(one: Any) -> bool:
    if isinstance(one, bool | str):
        return isinstance(one, str)
    try:
        index(one)
    except TypeError:
        return False
    return True


def select(
    callee: Callee, argnums: Argnums, params: tuple[Any, ...] | None, verb: str
) -> Selection:
    """The parameters that ``argnums`` means.

    Parameters
    ----------
    callee : Callee
    argnums : int, str or tuple of these
        A negative number counts from the last positional argument.
    params : tuple or None
        The values of all parameters, if there is a call yet.
    verb : str
        For messages.

    Raises
    ------
    ArgumentError
        If there is no such argument, or one is chosen twice.
    """
    bare = not isinstance(argnums, tuple)
    found = [
        _by_name(callee, one, params, verb)
        if isinstance(one, str)
        else _by_position(callee, one, params, verb)
        for one in (argnums if isinstance(argnums, tuple) else (argnums,))
    ]
    labels = [label for *_, label in found]
    for label in labels:
        if labels.count(label) > 1:
            raise ArgumentError(
                f"{verb}: argnums={argnums!r} chooses the argument `{label}` of `{callee.name}`"
                " twice",
                **place_of(callee.fn),
                instead="choose each argument once",
            )
    wrt = tuple(sorted({place for place, *_ in found}))
    picks = tuple((wrt.index(place), item) for place, item, _ in found)
    return Selection(wrt, picks, tuple(labels), bare)


def _by_position(
    callee: Callee, n: int, params: tuple[Any, ...] | None, verb: str
) -> tuple[int, int | str | None, str]:
    places, names, star = callee.positional, [p.name for p in callee.parameters], callee.star
    already = callee.given[1]
    rest: int | None = 0
    if star is not None:
        rest = None if params is None else len(params[star]) - already
    if n < 0 and rest is not None:
        n += len(places) + rest
    if 0 <= n < len(places):
        return places[n], None, names[places[n]]
    if star is not None and rest is None:
        # Without a call there are no items yet: all of *args stands for the one that is meant.
        return star, None, f"{names[star]}[{n if n < 0 else already + n - len(places)}]"
    if star is not None and rest is not None and 0 <= n < len(places) + rest:
        item = already + n - len(places)
        return star, item, f"{names[star]}[{item}]"
    raise ArgumentError(
        f"{verb}: argnums={n if n >= 0 else n - len(places) - (rest or 0)} is out of range: "
        f"`{callee.name}` {_takes(callee, rest)}",
        **place_of(callee.fn),
        instead="count positional arguments from 0, or give the argument's name",
    )


def _takes(callee: Callee, rest: int | None) -> str:
    names = [callee.parameters[at].name for at in callee.positional]
    if rest:
        return f"was called with {len(names) + rest} positional arguments"
    many = f"{len(names)} positional argument{'' if len(names) == 1 else 's'}"
    return f"takes {many}" + (f" ({', '.join(names)})" if names else "")


def _by_name(
    callee: Callee, name: str, params: tuple[Any, ...] | None, verb: str
) -> tuple[int, int | str | None, str]:
    names = [p.name for p in callee.parameters]
    choices = names[callee.given[0] :]
    if name in choices:
        return names.index(name), None, name
    double = callee.double_star
    if double is not None and (params is None or name in params[double]):
        return double, None if params is None else name, f'{names[double]}["{name}"]'
    listing = ", ".join(f"`{n}`" for n in choices)
    raise ArgumentError(
        f"{verb}: `{callee.name}` has no argument `{name}`",
        **place_of(callee.fn),
        instead=f"one of {listing}" if listing else "a function with arguments",
    )
