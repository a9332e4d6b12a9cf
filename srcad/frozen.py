"""Dataclasses that nobody changes, and that are made quickly.

One derivative takes thousands of small objects: nodes, types, facts. A frozen dataclass sets each
of its fields by a call, which takes three times as long as to set it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

__all__ = ["frozen"]

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Made]) -> type[Made]:
    """Make ``cls`` a dataclass with slots that is frozen for the type checker.

    What it forbids goes unnoticed at run time but for ``python -X dev``.

    Examples
    --------
    >>> @frozen
    ... class Point:
    ...     x: int
    >>> Point(1) == Point(1), len({Point(1), Point(1)})
    (True, 1)
    """
    own_hash = "__hash__" in vars(cls)
    return dataclass(slots=True, frozen=sys.flags.dev_mode, unsafe_hash=not own_hash)(cls)
