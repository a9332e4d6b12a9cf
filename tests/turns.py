"""Checks that programs get in turn.

Every check of every program takes twenty minutes. So each program meets each kind of check, and one
of the kind: the others have their turn with its neighbours, which are often programs of its kind.
Set ``SRCAD_ALL`` in the environment to check everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

__all__ = ["EVERYTHING", "turn"]

EVERYTHING = bool(os.environ.get("SRCAD_ALL"))

Item = TypeVar("Item")


def turn(items: Iterable[Item], k: int, of: int) -> list[Item]:
    """The items whose turn it is with check ``k`` of so many."""
    return list(items) if EVERYTHING else list(items)[k::of]
