"""Attributes of live objects that were read while a function was looked at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Lookup"]


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """``owner.name`` was read.

    Parameters
    ----------
    owner
        An object or a class; modules are watched by the names that a function reads.
    name
        The attribute.
    baked
        Whether the value stands in the generated text. Otherwise the text reads the attribute when
        it runs, and only the type of its value counts.
    """

    owner: object
    name: str
    baked: bool
